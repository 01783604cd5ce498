"""Hoarfrost against the open-source servers of the same voice: first audio and throughput.

All servers run on this machine at the same time and take turns: in each round every one of them
serves the same callers the same texts, and waits while the others do. The callers of a round start
at random moments within a second, the same moments for every server.
"""

import asyncio
import random
import statistics
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Final

from benchmarks import voice
from benchmarks.clients import Take
from benchmarks.contenders import (
    IN_ONE_PIECE,
    OURS,
    PEERS,
    Contender,
    contenders,
    take,
    wait_for_voice,
)
from benchmarks.measure import Figure, quantile
from benchmarks.natural import PLACES
from benchmarks.plot import Point, plot_first_audio
from benchmarks.processes import tree_cpu_seconds
from hoarfrost.loadtest.machine import describe_machine

CALLERS: Final = (1, 4, 8, 16)
TAKES: Final = 40
"""Texts spoken by each server, for each number of callers."""
ROUNDS_AT_LEAST: Final = 2
THROUGHPUT_ROUNDS: Final = 2
STAGGER_S: Final = 1.0

SHORT: Final = "Your parcel is in {} now."
"""About 2 s."""
LONG: Final = (
    "If you would like to change the delivery address in {}, please tell me the new street and the "
    "number, and I will make sure that the parcel reaches you before the end of the week."
)
"""About 12 s."""
THREE_SENTENCES: Final = (
    "Good morning, and thank you for calling the station in {}. The next train to the coast leaves "
    "from platform four in about twenty minutes, and there are still some seats. If you would "
    "rather travel later, I can look up the evening trains."
)
"""About 15 s."""


@dataclass(frozen=True, slots=True)
class Target:
    """What our first audio is held to, for a number of callers.

    Attributes:
        p50_ms: The median at most.
        p99_ms: The 99th percentile at most; None for no bound.
        share: Our median at most this share of the fastest peer's that has no sound before it has
            made a sentence or all of the text.
    """

    p50_ms: float
    p99_ms: float | None
    share: float


TARGETS: Final[Mapping[int, Target]] = {
    1: Target(p50_ms=40, p99_ms=None, share=1 / 4),
    8: Target(p50_ms=120, p99_ms=250, share=1 / 20),
}
SHARE_OF_ANY: Final = 1.0
"""Our median at most this share of the fastest peer's, one that streams included."""
LONG_TO_SHORT_AT_MOST: Final = 2.0


@dataclass(slots=True)
class Tally:
    """What one server did in all rounds of one measurement; times in seconds."""

    takes: list[Take] = field(default_factory=list)
    wall: float = 0.0
    cpu: float = 0.0

    @property
    def first_audio(self) -> list[float]:
        """Time to first audio of every text."""
        return [each.first_audio for each in self.takes]

    @property
    def speech(self) -> float:
        """How much audio there was."""
        return sum(each.speech for each in self.takes)


def run(
    callers: Sequence[int] = CALLERS, n_takes: int = TAKES, *, plot: Path | None = None
) -> Iterator[tuple[str, list[Figure]]]:
    """Measure everything; yield a titled list of figures after another.

    Args:
        callers: Numbers of callers at a time, one measurement each.
        n_takes: Texts that each server speaks in each measurement, about.
        plot: Where to write a picture of first audio against callers; None for nowhere.
    """
    points: dict[str, list[Point]] = {}
    model = voice.find()
    with (
        tempfile.TemporaryDirectory() as scratch,
        contenders(model, Path(scratch)) as servers,
        asyncio.Runner() as runner,
    ):
        runner.run(_warm_up(servers))
        for n_callers in callers:
            n_rounds = max(ROUNDS_AT_LEAST, round(n_takes / n_callers))
            tallies = runner.run(_rounds(servers, THREE_SENTENCES, n_callers, n_rounds))
            title = f"first audio, three sentences, {callers_in_words(n_callers)}"
            for name, tally in tallies.items():
                points.setdefault(name, []).append(point(n_callers, tally))
            yield title, first_audio_figures(tallies, TARGETS.get(n_callers))
            tallies = runner.run(_throughput_rounds(servers, n_callers))
            title = f"throughput, {callers_in_words(n_callers)}, starting at once"
            yield title, throughput_figures(tallies)
        if plot is not None:
            caption = f"three sentences, sent at once; {describe_machine()}"
            plot.write_text(plot_first_audio(points, caption), encoding="utf-8")
        n_rounds = max(ROUNDS_AT_LEAST, n_takes // 2)
        short = runner.run(_rounds(servers, SHORT, 1, n_rounds))
        long = runner.run(_rounds(servers, LONG, 1, n_rounds))
        yield "first audio, one sentence, one caller", length_figures(short, long)


async def _warm_up(servers: Sequence[Contender]) -> None:
    for server in servers:
        await wait_for_voice(server, THREE_SENTENCES.format("Hull"))
        await take(server, SHORT.format("York"))


async def _throughput_rounds(servers: Sequence[Contender], n_callers: int) -> dict[str, Tally]:
    """Let everyone start at once, and nobody be held to the pace at which audio is played."""
    unpaced = [server.unpaced() for server in servers]
    return await _rounds(unpaced, THREE_SENTENCES, n_callers, THROUGHPUT_ROUNDS, stagger_s=0.0)


def callers_in_words(n_callers: int) -> str:
    """Return ``one caller``, ``8 callers``."""
    return "one caller" if n_callers == 1 else f"{n_callers} callers"


async def _rounds(
    servers: Sequence[Contender],
    text: str,
    n_callers: int,
    n_rounds: int,
    *,
    stagger_s: float = STAGGER_S,
) -> dict[str, Tally]:
    """Let the servers take turns; each round's callers say something that none has said before."""
    tallies = {server.name: Tally() for server in servers}
    starts = random.Random(n_callers)  # noqa: S311  the same in every run, that is the point
    places = (place if not i else f"{place} {i}" for i in count() for place in PLACES)
    for number in range(n_rounds):
        offsets = [starts.uniform(0, stagger_s) if n_callers > 1 else 0.0 for _ in range(n_callers)]
        said = [text.format(next(places)) for _ in range(n_callers)]
        first = number % len(servers)  # nobody always comes after the same one
        for server in (*servers[first:], *servers[:first]):
            tally = tallies[server.name]
            cpu, began = tree_cpu_seconds(server.pid), time.perf_counter()
            tally.takes += await asyncio.gather(
                *(take(server, words, after_s=at) for words, at in zip(said, offsets, strict=True))
            )
            tally.wall += time.perf_counter() - began
            tally.cpu += tree_cpu_seconds(server.pid) - cpu
    return tallies


def point(n_callers: int, tally: Tally) -> Point:
    """Return a server's first audio with so many callers, to be plotted."""
    return Point(n_callers, _p50_ms(tally), quantile(tally.first_audio, 0.99) * 1000)


def first_audio_figures(tallies: Mapping[str, Tally], target: Target | None) -> list[Figure]:
    """Return quantiles of every server, and how our median compares with the fastest peers'."""
    figures = []
    for name, tally in tallies.items():
        held = target if name == OURS else None
        seconds = tally.first_audio
        figures += [
            Figure(f"{name}, p50", _p50_ms(tally), "ms", held.p50_ms if held else None),
            Figure(f"{name}, p90", quantile(seconds, 0.9) * 1000, "ms"),
            Figure(
                f"{name}, p99", quantile(seconds, 0.99) * 1000, "ms", held.p99_ms if held else None
            ),
            Figure(
                f"{name}, player starved, p50",
                statistics.median(each.starved for each in tally.takes) * 1000,
                "ms",
            ),
        ]
    share = {
        peers: _p50_ms(tallies[OURS]) / min(_p50_ms(tallies[name]) for name in peers)
        for peers in (IN_ONE_PIECE, PEERS)
    }
    return [
        *figures,
        Figure(
            "hoarfrost to the fastest peer that speaks in one piece, p50",
            share[IN_ONE_PIECE],
            "x",
            target.share if target else None,
        ),
        Figure("hoarfrost to the fastest peer, p50", share[PEERS], "x", SHARE_OF_ANY),
    ]


def length_figures(short: Mapping[str, Tally], long: Mapping[str, Tally]) -> list[Figure]:
    """Return each server's first audio of a short and a long sentence, and their ratio."""
    figures = []
    for name in short:
        low, high = _p50_ms(short[name]), _p50_ms(long[name])
        target = LONG_TO_SHORT_AT_MOST if name == OURS else None
        figures += [
            Figure(f"{name}, {_length(short[name])}, p50", low, "ms"),
            Figure(f"{name}, {_length(long[name])}, p50", high, "ms"),
            Figure(f"{name}, long to short", high / low, "x", target),
        ]
    return figures


def throughput_figures(tallies: Mapping[str, Tally]) -> list[Figure]:
    """Return how much audio each server makes in a second of the clock and of the CPU."""
    return [
        figure
        for name, tally in tallies.items()
        for figure in (
            Figure(f"{name}, audio a second", tally.speech / tally.wall, "s"),
            Figure(f"{name}, audio a CPU second", tally.speech / tally.cpu, "s"),
        )
    ]


def _p50_ms(tally: Tally) -> float:
    return statistics.median(tally.first_audio) * 1000


def _length(tally: Tally) -> str:
    return f"{tally.speech / len(tally.takes):.0f} s"
