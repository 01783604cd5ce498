"""Half an hour of people who interrupt, hang up and come back: does anything give way or pile up?

Three kinds of callers at once, together at four fifths of what the server can carry: some break in
with ``<CLEAR>``, some by closing the connection and calling again, and some vanish in mid-speech
without a close. The server's resident memory is read all the while (Linux).
"""

import asyncio
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import httpx
import websockets
from prometheus_client.parser import text_string_to_metric_families

from benchmarks.capacity import CONVERSATIONS_A_LISTENER, TALKING
from benchmarks.measure import Figure, resident_bytes, stolen_seconds
from benchmarks.processes import HOST
from benchmarks.serving import MAX_CALLERS, PIPER, Served, run_until_complete, serving, subject
from hoarfrost.loadtest.call import FLUSH
from hoarfrost.loadtest.figures import Figures, summarize
from hoarfrost.loadtest.percentiles import Distribution
from hoarfrost.loadtest.plan import InterruptBy, Plan
from hoarfrost.loadtest.run import run_load, warm_up
from hoarfrost.loadtest.turn import PATIENCE

MINUTES: Final = 30.0
LOAD: Final = 0.8
"""Of the conversations that the server can carry."""

LEAST_CALLERS: Final = 3
INTERRUPTED: Final = 0.3
WARM_UP_SHARE: Final = 0.2
"""Of the time, before memory counts as settled."""

GROWTH_PERCENT_AT_MOST: Final = 2.0
SAMPLE_INTERVAL_S: Final = 10.0
MINUTE: Final = 60.0

_LONGEST_LISTENING_S: Final = 3.0
_MEAN_ABSENCE_S: Final = 6.0
_MIB: Final = 1024 * 1024

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Crowd:
    """How many callers there are of each kind."""

    n_clearing: int
    n_redialling: int
    n_vanishing: int


@dataclass(slots=True)
class Vanished:
    """What those who vanish have met with.

    Attributes:
        n_calls: Calls that were left in mid-speech.
        n_refusals: Calls that were not let in.
        n_failures: Calls without audio.
    """

    n_calls: int = 0
    n_refusals: int = 0
    n_failures: int = 0


@dataclass(slots=True)
class Watch:
    """What was seen of the server.

    Attributes:
        resident: Bytes of memory, one sample after another at even intervals.
    """

    resident: list[int] = field(default_factory=list)


def run(
    minutes: float = MINUTES, n_callers: int | None = None, *, voice: str = PIPER, tell: Tell
) -> Iterator[tuple[str, list[Figure]]]:
    """Load a server for so long; yield figures.

    Args:
        minutes: How long, at most an hour.
        n_callers: How many; None for four fifths of what the server says it can carry.
        voice: One of `benchmarks.serving.VOICES`.
        tell: Told a line a minute.
    """
    with tempfile.TemporaryDirectory() as scratch:
        what = subject(voice, Path(scratch))
        with serving(what) as served:
            if n_callers is None:
                n_callers = round(LOAD * CONVERSATIONS_A_LISTENER * served.free_listeners())
            crowd = split(min(max(n_callers, LEAST_CALLERS), MAX_CALLERS))
            before = stolen_seconds()
            measured, vanished, watch = run_until_complete(
                _soak(served, crowd, minutes * MINUTE, tell)
            )
            stolen = (stolen_seconds() - before) / (minutes * MINUTE)
    title = f"{what.title}: {minutes:g} minutes"
    yield (
        title,
        [
            *figures(crowd, measured, vanished, watch.resident),
            Figure("taken by the machine's host, of one core", stolen * 100, "%"),
        ],
    )


def split(n_callers: int) -> Crowd:
    """Return so many callers as a crowd: a tenth vanish, a third of the others redial."""
    n_vanishing = max(1, n_callers // 10)
    n_redialling = max(1, (n_callers - n_vanishing) // 3)
    return Crowd(n_callers - n_vanishing - n_redialling, n_redialling, n_vanishing)


async def _soak(
    served: Served, crowd: Crowd, seconds: float, tell: Tell
) -> tuple[list[Figures], Vanished, Watch]:
    clearing, redialling = (
        Plan(
            callers=n_callers,
            duration_s=seconds,
            seed=seed,
            rate_hz=served.subject.rate_hz,
            talking=TALKING,
            interrupted=INTERRUPTED,
            interrupt_by=way,
        )
        for seed, (n_callers, way) in enumerate(
            [(crowd.n_clearing, InterruptBy.CLEAR), (crowd.n_redialling, InterruptBy.RECONNECT)]
        )
    )
    clock = time.perf_counter
    learnt = await warm_up(clearing, served.dial, clock)
    vanished, watch = Vanished(), Watch()
    async with asyncio.TaskGroup() as tasks:
        watching = tasks.create_task(_watch(served, watch, tell))
        async with asyncio.TaskGroup() as callers:
            loads = [
                callers.create_task(run_load(plan, served.dial, learnt, clock))
                for plan in (clearing, redialling)
            ]
            for number in range(crowd.n_vanishing):
                chance = random.Random(f"vanishing/{number}")  # noqa: S311 -- no secret
                callers.create_task(_vanish(served, chance, clock() + seconds, vanished))
        watching.cancel()
    return [summarize(load.result()) for load in loads], vanished, watch


async def _vanish(served: Served, chance: random.Random, until: float, vanished: Vanished) -> None:
    """Have something said, hang up in the middle of it without a word, again and again."""
    texts = Plan().texts
    while (left := until - time.perf_counter()) > 0:
        await asyncio.sleep(min(left, chance.expovariate(1 / _MEAN_ABSENCE_S)))
        try:
            socket = await websockets.connect(
                served.destination.address, compression=None, max_size=None, proxy=None
            )
        except websockets.InvalidStatus:
            vanished.n_refusals += 1
            continue
        with suppress(websockets.ConnectionClosed):
            await socket.send(texts.long_turn(chance) + FLUSH)
        try:
            async with asyncio.timeout(PATIENCE):
                await socket.recv()
        except (TimeoutError, websockets.ConnectionClosed):
            vanished.n_failures += 1
        await asyncio.sleep(chance.uniform(0, _LONGEST_LISTENING_S))
        socket.transport.abort()  # no close frame; what was not read is reset
        await socket.wait_closed()
        vanished.n_calls += 1


async def _watch(served: Served, watch: Watch, tell: Tell) -> None:
    """Read the server's memory at even intervals, and say how it is once a minute."""
    every = round(MINUTE / SAMPLE_INTERVAL_S)
    began = time.perf_counter()
    async with httpx.AsyncClient(
        base_url=f"http://{HOST}:{served.port}", trust_env=False, timeout=PATIENCE
    ) as client:
        while True:
            due = began + (len(watch.resident) + 1) * SAMPLE_INTERVAL_S
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            watch.resident.append(resident_bytes(served.pid))
            if len(watch.resident) % every == 0:
                scraped = (await client.get("/metrics")).raise_for_status().text
                tell(state(len(watch.resident) // every, watch.resident[-1], scraped))


def state(minute: int, resident: int, scraped: str) -> str:
    """Return a line on the server: its memory, and what it says of itself.

    Args:
        minute: Which minute has passed.
        resident: Bytes of memory.
        scraped: Its metrics, as text.
    """
    values = {
        sample.name: sample.value
        for family in text_string_to_metric_families(scraped)
        for sample in family.samples
        if not sample.labels
    }
    return (
        f"minute {minute}: {resident / _MIB:.1f} MiB, "
        f"{values['hoarfrost_connections']:.0f} connections, load {values['hoarfrost_load']:.2f}, "
        f"{values['hoarfrost_interruptions_total']:.0f} cleared, by the server's own count "
        f"{values['hoarfrost_underruns_total']:.0f} underruns and "
        f"{values['hoarfrost_failures_total']:.0f} failures"
    )


def settled(resident: Sequence[int]) -> tuple[float, float]:
    """Return the memory just after the warm-up, and at the end.

    Each is the median over a fifth of the time that counts, as single samples swing with the
    speech that is under way.

    Raises:
        RuntimeError: If there are too few samples to tell.
    """
    counted = resident[int(len(resident) * WARM_UP_SHARE) :]
    if len(counted) < 2:
        raise RuntimeError(f"expected 2 samples of memory or more to compare, got {len(counted)}")
    fifth = max(1, len(counted) // 5)
    return statistics.median(counted[:fifth]), statistics.median(counted[-fifth:])


def figures(
    crowd: Crowd, measured: Sequence[Figures], vanished: Vanished, resident: Sequence[int]
) -> list[Figure]:
    """Return what happened to all callers, and to the server's memory."""
    ttfa = Distribution.of(ms for each in measured for ms in each.latencies.ttfa.ranked)
    broken = [each.interruptions for each in measured]
    n_failures = sum(each.n_failed for each in measured) + vanished.n_failures
    n_refusals = sum(each.n_refusals for each in measured) + vanished.n_refusals
    before, after = settled(resident)
    growth = (after / before - 1) * 100
    return [
        Figure("callers", crowd.n_clearing + crowd.n_redialling + crowd.n_vanishing, ""),
        Figure("turns", sum(each.n_turns for each in measured), ""),
        Figure("interruptions by <CLEAR>", sum(each.n_cleared for each in broken), ""),
        Figure("interruptions by a new connection", sum(each.n_redials for each in broken), ""),
        Figure("connections left in mid-speech", vanished.n_calls, ""),
        Figure("failures", n_failures, "", 0),
        Figure("underruns", sum(each.gaps.n_underruns for each in measured), "", 0),
        Figure("refusals", n_refusals, "", 0),
        Figure(
            "old bytes after the new turn's first", sum(b.n_excess_bytes for b in broken), "", 0
        ),
        Figure("first audio, p50", ttfa.at(50) or 0.0, "ms"),
        Figure("first audio, p99", ttfa.at(99) or 0.0, "ms"),
        Figure("resident memory after the warm-up", before / _MIB, "MiB"),
        Figure("resident memory at the end", after / _MIB, "MiB"),
        Figure("resident memory, the most", max(resident) / _MIB, "MiB"),
        Figure("growth after the warm-up", growth, "%", GROWTH_PERCENT_AT_MOST),
    ]
