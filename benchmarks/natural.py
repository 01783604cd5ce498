"""What the natural voice costs on one core: streamed, in one shot, and beside espeak-ng.

All ways take turns in every round, pinned to one core, so that they feel the same noise; the speed
of a plain Fourier transform, measured in the same turns, says how much of the core was ours.
Every round says other words, so that no way lives on its caches.
"""

import contextlib
import os
import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from benchmarks.measure import Figure, spread
from hoarfrost.engines.espeak import EspeakEngine
from hoarfrost.engines.natural import NaturalEngine
from hoarfrost.engines.natural.windows import ONE_SHOT
from hoarfrost.synthesis.engine import Engine, SynthesisRequest
from hoarfrost.synthesis.voice import Voice

PLACES: Final = (
    "Boston", "Denver", "Dallas", "Dublin", "London", "Munich", "Venice", "Geneva", "Warsaw",
    "Vienna", "Lisbon", "Madrid", "Naples", "Prague", "Moscow", "Tucson", "Austin", "Newark",
    "Oxford", "Berlin",
)  # fmt: skip
TEXTS: Final = {
    2: "Your parcel from {} is here now.",
    4: "The next train to {} leaves from platform four in about twenty minutes.",
    12: "If you would like to change the delivery address in {}, please tell me the new street and "
    "the number, and I will make sure that the parcel reaches you before the end of the week, or "
    "else the money comes back to you without a question.",
}
"""By the seconds that they last, about."""
ROUNDS: Final = len(PLACES)

_FIRST_AUDIO_MS: Final = 15
_LONGEST_STEP_MS: Final = 20
_TIMES_REAL_TIME: Final = 90

_STREAMED: Final = "streamed"
_ONE_SHOT: Final = "one shot"
_ESPEAK: Final = "espeak-ng"


@dataclass(frozen=True, slots=True)
class Take:
    """One text spoken once; all in seconds.

    Attributes:
        first: Wall time to the first samples.
        wall: Wall time of it all.
        cpu: CPU time of it all.
        longest_step: CPU time of the longest step.
        speech: What it lasts when played.
    """

    first: float
    wall: float
    cpu: float
    longest_step: float
    speech: float


def run() -> list[Figure]:
    """Measure everything on one core."""
    with one_core(), contextlib.ExitStack() as engines:
        made: dict[str, Engine] = {
            _STREAMED: NaturalEngine(),
            _ONE_SHOT: NaturalEngine(schedule=ONE_SHOT),
            _ESPEAK: EspeakEngine(),
        }
        for engine in made.values():
            engines.callback(engine.close)
        ways = {
            name: (engine, next(v for v in engine.voices() if v.language.startswith("en")))
            for name, engine in made.items()
        }
        for engine, voice in ways.values():
            take(engine, voice, "Ready.")
        transforms: list[float] = []
        takes: dict[tuple[str, int], list[Take]] = {(w, n): [] for n in TEXTS for w in ways}
        order = list(ways)
        for place in PLACES:
            transforms.append(_transform_seconds())
            for seconds, text in TEXTS.items():
                for name in order:
                    takes[name, seconds].append(take(*ways[name], text.format(place)))
            order = [*order[1:], order[0]]
    return _figures(takes, transforms)


def take(engine: Engine, voice: Voice, text: str) -> Take:
    """Have a text spoken, and time it."""
    request = SynthesisRequest(voice=voice, text=text, language=voice.language)
    n_samples, first, longest = 0, 0.0, 0.0
    wall, cpu = time.perf_counter(), time.process_time()
    before = cpu
    for chunk in engine.synthesize(request):
        now = time.process_time()
        longest, before = max(longest, now - before), now
        if not n_samples and chunk.samples.size:
            first = time.perf_counter() - wall
        n_samples += chunk.samples.size
    return Take(
        first=first,
        wall=time.perf_counter() - wall,
        cpu=time.process_time() - cpu,
        longest_step=longest,
        speech=n_samples / voice.rate_hz,
    )


def _figures(takes: dict[tuple[str, int], list[Take]], transforms: list[float]) -> list[Figure]:
    figures = [Figure("a transform of 1024 samples", statistics.median(transforms) * 1e6, "µs")]
    for (name, seconds), each in takes.items():
        what = f"{name}, {seconds} s"
        speech = sum(t.speech for t in each)
        first = spread(f"{what}: first audio", [t.first for t in each])
        if (name, seconds) == (_STREAMED, 4):
            first[0] = Figure(first[0].what, first[0].value, "ms", _FIRST_AUDIO_MS)
        figures += [
            *first,
            Figure(f"{what}: × real time by CPU", speech / sum(t.cpu for t in each), "x"),
            Figure(f"{what}: × real time by wall", speech / sum(t.wall for t in each), "x"),
            Figure(
                f"{what}: longest step, CPU",
                statistics.median(t.longest_step for t in each) * 1000,
                "ms",
                _LONGEST_STEP_MS if name == _STREAMED else None,
            ),
        ]
    cost = {
        name: sum(t.cpu for n in TEXTS for t in takes[name, n])
        / sum(t.speech for n in TEXTS for t in takes[name, n])
        for name in (_STREAMED, _ONE_SHOT, _ESPEAK)
    }
    first_of = {n: statistics.median(t.first for t in takes[_STREAMED, n]) for n in TEXTS}
    return [
        *figures,
        *(
            Figure(
                f"{name}: CPU for a second of speech",
                seconds * 1000,
                "ms",
                1000 / _TIMES_REAL_TIME if name == _STREAMED else None,
            )
            for name, seconds in cost.items()
        ),
        Figure("CPU, streamed to one shot", cost[_STREAMED] / cost[_ONE_SHOT], "x", 1.35),
        Figure("first audio, a text of 12 s to one of 2 s", first_of[12] / first_of[2], "x", 1.5),
    ]


def _transform_seconds() -> float:
    """Return what a real transform of 1024 samples takes: one thread, no memory to speak of."""
    rows, n = np.ones((16, 1024), np.float32), 20
    before = time.process_time()
    for _ in range(n):
        np.fft.rfft(rows)
    return (time.process_time() - before) / (n * len(rows))


@contextlib.contextmanager
def one_core() -> Iterator[None]:
    """Keep this process on one core, where the system lets it."""
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    allowed = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {max(allowed)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, allowed)
