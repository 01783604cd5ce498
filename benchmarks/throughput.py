"""How much of the engine's throughput arrives through the server.

The same texts are spoken twice, in turns: by threads that drive the engine in this process and do
nothing else, one a core, and by the server for four callers a core who ask for all at once and read
as fast as they can. These callers are simulated on the same cores, so that what they take counts
against the server. CPU time is the server's own (Linux).
"""

import asyncio
import random
import statistics
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

from benchmarks.measure import Figure, cpu_seconds
from benchmarks.serving import Served, driving, run_until_complete
from hoarfrost.loadtest.line import CLEAN_CLOSE, LineClosed
from hoarfrost.loadtest.texts import Texts
from hoarfrost.server.settings import usable_cores
from hoarfrost.synthesis.engine import SynthesisRequest
from hoarfrost.synthesis.registry import Engines
from hoarfrost.synthesis.voice import Voice

CALLERS_A_WORKER: Final = 4
ROUNDS: Final = 3
SHARE_AT_LEAST: Final = 0.9
BYTES_A_SAMPLE: Final = 2
LONGEST_TEXT: Final = 60_000
"""Characters; a server takes 64 KiB of text not yet spoken."""

_TRIED_SENTENCES: Final = 6
Passage = Sequence[str]
"""The sentences of one caller's text."""


@dataclass(frozen=True, slots=True)
class Pass:
    """All passages spoken once.

    Attributes:
        speech: Seconds of audio.
        wall: Seconds that it took.
        cpu: CPU seconds that it took.
    """

    speech: float
    wall: float
    cpu: float

    @property
    def pace(self) -> float:
        """Seconds of audio made a second."""
        return self.speech / self.wall


def measure(served: Served, seconds: float) -> tuple[list[Figure], float]:
    """Return figures, and how much audio the engine makes a second without a server.

    Args:
        served: The server, which nobody else uses and which lets in everybody.
        seconds: How long the passes of each way take together, about.
    """
    n_workers = usable_cores()
    alone, through = [], []
    with driving(served.subject) as (engines, voice):
        passages = _passages(engines, voice, n_workers, seconds / ROUNDS)
        run_until_complete(_speak(served, [passage[:1] for passage in passages]))
        for number in range(ROUNDS):
            for turn in range(2):
                if (number + turn) % 2:
                    through.append(run_until_complete(_speak(served, passages)))
                else:
                    alone.append(drive(engines, voice, passages, n_workers))
    return figures(alone, through), pace_of(alone)


def pace_of(passes: Sequence[Pass]) -> float:
    """Return the median of how much audio was made a second."""
    return statistics.median(each.pace for each in passes)


def figures(alone: Sequence[Pass], through: Sequence[Pass]) -> list[Figure]:
    """Return what both ways gave, and how they compare."""
    speech = [sum(each.speech for each in way) for way in (alone, through)]
    cpu_ms = [
        sum(each.cpu for each in way) / said * 1000
        for way, said in zip((alone, through), speech, strict=True)
    ]
    return [
        Figure("audio a second, the engine in-process", pace_of(alone), "s"),
        Figure("audio a second, through the server", pace_of(through), "s"),
        Figure("its share", pace_of(through) / pace_of(alone), "x"),
        Figure(
            "the engine to the server", pace_of(alone) / pace_of(through), "x", 1 / SHARE_AT_LEAST
        ),
        Figure("CPU for a second of speech, the engine in-process", cpu_ms[0], "ms"),
        Figure("CPU for a second of speech, the server", cpu_ms[1], "ms"),
        Figure("audio of the same texts, the server to the engine", speech[1] / speech[0], "x"),
    ]


def drive(engines: Engines, voice: Voice, passages: Sequence[Passage], n_workers: int) -> Pass:
    """Have passages spoken by so many threads, each by one at a time."""

    def speak(passage: Passage) -> int:
        requests = (SynthesisRequest(voice, text, voice.language) for text in passage)
        return sum(len(c.samples) for request in requests for c in engines.synthesize(request))

    with ThreadPoolExecutor(n_workers) as workers:
        began, cpu = time.perf_counter(), time.process_time()
        n_samples = sum(workers.map(speak, passages))
        wall = time.perf_counter() - began
        return Pass(n_samples / voice.rate_hz, wall, time.process_time() - cpu)


def _passages(engines: Engines, voice: Voice, n_workers: int, wall: float) -> list[Passage]:
    """Return a passage a caller; all of them keep the workers busy for so many seconds, about."""
    chance = random.Random(1)  # noqa: S311  the same in every run, that is the point
    texts, n_callers = Texts(), CALLERS_A_WORKER * n_workers
    tried = [[texts.sentence(chance) for _ in range(_TRIED_SENTENCES)] for _ in range(n_workers)]
    drive(engines, voice, tried, n_workers)  # loads the voice
    taken = drive(engines, voice, tried, n_workers)
    n_sentences = round(wall / taken.wall * n_workers * _TRIED_SENTENCES / n_callers)
    passages: list[Passage] = []
    for _ in range(n_callers):
        passage = [texts.sentence(chance) for _ in range(max(1, n_sentences))]
        while len(" ".join(passage)) > LONGEST_TEXT:
            passage.pop()
        passages.append(passage)
    return passages


async def _speak(served: Served, passages: Sequence[Passage]) -> Pass:
    lines = await asyncio.gather(*(served.dial() for _ in passages))

    async def listen(number: int) -> int:
        n_bytes = 0
        await lines[number].send(" ".join(passages[number]) + "<EOS>")
        try:
            while True:
                n_bytes += len(await lines[number].receive())
        except LineClosed as closed:
            if closed.code != CLEAN_CLOSE:
                raise
        return n_bytes

    began, cpu = time.perf_counter(), cpu_seconds(served.pid)
    n_bytes = sum(await asyncio.gather(*map(listen, range(len(lines)))))
    wall, cpu = time.perf_counter() - began, cpu_seconds(served.pid) - cpu
    await asyncio.gather(*(line.close() for line in lines))
    return Pass(n_bytes / BYTES_A_SAMPLE / served.subject.rate_hz, wall, cpu)
