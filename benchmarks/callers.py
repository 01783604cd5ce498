"""Many callers at once, on the voice of the package and on a Piper voice of real size.

Every part has a server of its own, started anew, so that none lives on what another one taught it.
The callers are those of `hoarfrost bench`, in this process and on the same cores.
"""

import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final

from benchmarks import capacity, doubt, throughput
from benchmarks.measure import Figure
from benchmarks.peers import callers_in_words
from benchmarks.serving import VOICES, Served, Subject, run_until_complete, serving, subject
from hoarfrost.loadtest.figures import Figures, summarize
from hoarfrost.loadtest.percentiles import Distribution
from hoarfrost.loadtest.plan import MAX_DURATION, Plan, Scenario
from hoarfrost.loadtest.run import run_load, warm_up

CALLERS: Final = (1, 8, 16)
SECONDS: Final = 20.0

CONVERSATION: Final = "conversation"
INTERRUPTION: Final = "interruption"
THROUGHPUT: Final = "throughput"
CAPACITY: Final = "capacity"
DOUBT: Final = "doubt"
PARTS: Final = (CONVERSATION, INTERRUPTION, THROUGHPUT, CAPACITY, DOUBT)

MANNERS: Final[dict[str, dict[str, float]]] = {
    CONVERSATION: {"talking": 0.3, "interrupted": 0.2},
    INTERRUPTION: {"talking": 0.5, "interrupted": 1.0},
}
"""By part, how people talk: as they do, and so that every turn shows how an interruption takes
effect."""

_TITLES: Final = {CONVERSATION: "in conversation", INTERRUPTION: "interrupted in every turn"}

LONGER: Final = 3
"""So many times longer than a trial are conversations measured: there are few turns in one."""

TTFA_TARGETS_MS: Final[dict[int, tuple[float, float | None]]] = {1: (40, None), 8: (120, 250)}
"""By number of callers, the most that p50 and p99 may be."""

STALE_TARGETS_MS: Final[dict[int, float]] = {8: 30}
"""By number of callers, the most that p99 may be."""


def run(
    callers: Sequence[int] = CALLERS,
    parts: Sequence[str] = PARTS,
    *,
    voices: Sequence[str] = VOICES,
    seconds: float = SECONDS,
    n_trials: int = capacity.TRIALS,
    tell: Callable[[str], None],
) -> Iterator[tuple[str, list[Figure]]]:
    """Measure; yield a titled list of figures after another.

    Args:
        callers: Numbers of callers in conversation, one measurement each.
        parts: Some of `PARTS`.
        voices: Some of `hoarfrost`'s and Piper's, by `VOICES`.
        seconds: How long a trial of a search lasts; other measurements are a few times as long.
        n_trials: The most trials of a search.
        tell: Told of each trial.
    """
    with tempfile.TemporaryDirectory() as scratch:
        for name in voices:
            what = subject(name, Path(scratch))
            for title, figures in _measure_latency(what, callers, parts, seconds):
                yield f"{what.title}: {title}", figures
            if not {THROUGHPUT, CAPACITY}.isdisjoint(parts):
                # None of its callers is in a hurry, so none need be refused.
                with serving(what, is_open=True) as served:
                    figures, raw_pace = throughput.measure(served, seconds)
                yield f"{what.title}: throughput", figures
            if CAPACITY in parts:
                for scenario in (Scenario.CONTINUOUS, Scenario.CONVERSATION):
                    with serving(what) as served:
                        figures = capacity.measure(
                            *(served, scenario, raw_pace),
                            seconds=seconds,
                            n_trials=n_trials,
                            tell=tell,
                        )
                    yield f"{what.title}: capacity, {scenario.value}", figures


def _measure_latency(
    what: Subject, callers: Sequence[int], parts: Sequence[str], seconds: float
) -> Iterator[tuple[str, list[Figure]]]:
    if DOUBT in parts:
        with serving(what) as served:
            yield "first audio when the end of the text is in doubt", doubt.measure(served)
    for part in (CONVERSATION, INTERRUPTION):
        if part in parts:
            with serving(what) as served:
                for n_callers in callers:
                    title = f"{_TITLES[part]}, {callers_in_words(n_callers)}"
                    yield title, _converse(served, n_callers, seconds, **MANNERS[part])


def _converse(
    served: Served, n_callers: int, seconds: float, *, talking: float, interrupted: float
) -> list[Figure]:
    # One caller takes few turns; it is given the time for some more.
    wanted_s = LONGER * seconds * max(1.0, 4 / n_callers)
    plan = Plan(
        callers=n_callers,
        duration_s=min(wanted_s, MAX_DURATION),
        rate_hz=served.subject.rate_hz,
        talking=talking,
        interrupted=interrupted,
    )
    return conversation_figures(run_until_complete(_run(plan, served)))


async def _run(plan: Plan, served: Served) -> Figures:
    clock = time.perf_counter
    learnt = await warm_up(plan, served.dial, clock)
    return summarize(await run_load(plan, served.dial, learnt, clock))


def conversation_figures(measured: Figures) -> list[Figure]:
    """Return what callers in conversation heard, held to the targets for their number."""
    n_callers = measured.n_callers
    ttfa, broken = measured.latencies.ttfa, measured.interruptions
    p50_ms, p99_ms = TTFA_TARGETS_MS.get(n_callers, (None, None))
    told = [
        Figure("first audio, p50", _at(ttfa, 50), "ms", p50_ms),
        Figure("first audio, p99", _at(ttfa, 99), "ms", p99_ms),
        Figure("of so many turns", ttfa.n, ""),
        Figure("stale audio after <CLEAR>, p50", _at(broken.stale, 50), "ms"),
        Figure(
            "stale audio after <CLEAR>, p99",
            _at(broken.stale, 99),
            "ms",
            STALE_TARGETS_MS.get(n_callers),
        ),
        Figure("of so many interruptions while audio was coming", broken.stale.n, ""),
        Figure("old bytes after the new turn's first", broken.n_excess_bytes, "", 0),
    ]
    if broken.is_reproducible:
        n_other = broken.n_compared - broken.n_identical
        what = f"of {broken.n_compared} new turns, not as the same words alone"
        told.append(Figure(what, n_other, "", 0))
    return [
        *told,
        Figure("underruns", measured.gaps.n_underruns, "", 0),
        Figure("turns that failed", measured.n_failed, "", 0),
        Figure("refusals", measured.n_refusals, "", 0),
        Figure("the tester's lag, p99", _at(measured.strain.lag_ms, 99), "ms"),
    ]


def _at(values: Distribution, percent: float) -> float:
    """Return a percentile; infinity where nothing was measured, so that no target is met by it."""
    value = values.at(percent)
    return float("inf") if value is None else value
