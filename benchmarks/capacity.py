"""How many callers are carried well, and what happens when more come.

A search by `hoarfrost.loadtest`: each trial is a run of its own on the same server, which admits or
refuses as it does in service. What the engine's throughput would allow with no server stands
beside the number found.
"""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from benchmarks.measure import Figure
from benchmarks.serving import MAX_CALLERS, Served, run_until_complete
from hoarfrost.loadtest.figures import Figures
from hoarfrost.loadtest.plan import Plan, Scenario
from hoarfrost.loadtest.run import warm_up
from hoarfrost.loadtest.search import Search
from hoarfrost.loadtest.targets import parse_targets
from hoarfrost.loadtest.trials import Trial, run_trial, search_capacity

TARGETS: Final = "success:1.00,underrun:0,ttfa:p99@500ms,refused:0"
TRIALS: Final = 8
"""A number that misses twice is too many: with fewer there is hardly a search."""

OVER: Final = 1.5
"""As many times the number found come to see who is refused."""

LISTENERS_WANTED: Final = 30
SHARE_WANTED: Final = 0.9
"""Or this share of what the engine's throughput allows, if that is less."""

CONVERSATIONS_A_LISTENER: Final = 2
"""That are wanted: 60 where 30 listeners are."""

TALKING: Final = 0.3
ARRIVALS: Final = 1.0
"""Conversations that begin a second. Of callers it has not heard yet a server believes that they
listen all the time."""

_GROWTH: Final = 1.25
"""The search begins at the number that is wanted, so there is no need for doubling."""


@dataclass(frozen=True, slots=True)
class Found:
    """What a search came to.

    Attributes:
        n_callers: The highest number that met the targets below any that did not; 0 for none.
        n_met: How often it was met.
        n_trials: How many runs there were.
        at_best: The figures of the last run with that many; None if there was none.
        beyond: The figures with more callers than that; None likewise.
    """

    n_callers: int
    n_met: int
    n_trials: int
    at_best: Figures | None
    beyond: Figures | None


def measure(
    served: Served,
    scenario: Scenario,
    raw_pace: float,
    *,
    seconds: float,
    n_trials: int = TRIALS,
    tell: Callable[[str], None],
) -> list[Figure]:
    """Search, go beyond, and return figures.

    Args:
        served: The server, which nobody else uses.
        scenario: What the callers do: listen without a pause, or converse.
        raw_pace: Seconds of audio that the engine makes a second with no server.
        seconds: How long a trial is measured.
        n_trials: The most trials.
        tell: Told of each trial.
    """
    first = wanted(scenario, raw_pace)
    found = run_until_complete(_search(served, scenario, first, seconds, n_trials, tell))
    return figures(scenario, found, raw_pace)


async def _search(
    served: Served,
    scenario: Scenario,
    first: int,
    seconds: float,
    n_trials: int,
    tell: Callable[[str], None],
) -> Found:
    search = Search(min(first, MAX_CALLERS), MAX_CALLERS, max_trials=n_trials, growth=_GROWTH)
    is_continuous = scenario is Scenario.CONTINUOUS
    plan = Plan(
        scenario=scenario,
        duration_s=seconds,
        arrivals=None if is_continuous else ARRIVALS,
        rate_hz=served.subject.rate_hz,
        talking=TALKING,
        interrupted=0.0 if is_continuous else 0.2,
    )
    clock = time.perf_counter
    learnt = await warm_up(plan, served.dial, clock)
    trials, _ = await search_capacity(
        plan,
        served.dial,
        learnt,
        clock,
        search=search,
        targets=parse_targets(TARGETS),
        tell=lambda trial: tell(_line(trial)),
    )
    best = search.highest_met
    if not best:
        return Found(0, 0, len(trials), None, None)
    beyond, _ = await run_trial(
        replace(plan, callers=max(best + 1, round(OVER * best))),
        *(served.dial, learnt, clock),
        targets=(),
        number=len(trials),
    )
    met = [trial.figures for trial in trials if trial.callers == best and trial.is_met]
    return Found(best, len(met), len(trials), met[-1], beyond.figures)


def _line(trial: Trial) -> str:
    missed = ", ".join(each.target.text for each in trial.verdicts if not each.is_met)
    return f"{trial.callers} callers: {f'missed {missed}' if missed else 'met'}"


def wanted(scenario: Scenario, raw_pace: float) -> int:
    """Return how many callers are to be carried; whole ones, and one at least."""
    n_listeners = min(LISTENERS_WANTED, math.floor(SHARE_WANTED * raw_pace))
    is_continuous = scenario is Scenario.CONTINUOUS
    return max(n_listeners * (1 if is_continuous else CONVERSATIONS_A_LISTENER), 1)


def figures(scenario: Scenario, found: Found, raw_pace: float) -> list[Figure]:
    """Return what was found, what was wanted, and what happened beyond."""
    is_continuous = scenario is Scenario.CONTINUOUS
    n_wanted = wanted(scenario, raw_pace)
    allowed = raw_pace if is_continuous else raw_pace / TALKING
    told = [
        Figure("callers carried", found.n_callers, ""),
        Figure(f"met in so many of {found.n_trials} trials", found.n_met, ""),
        Figure("callers that the engine's throughput would allow", allowed, ""),
        Figure("carried, of these", found.n_callers / allowed, "x"),
        Figure(
            f"wanted ({n_wanted}) to carried",
            n_wanted / found.n_callers if found.n_callers else float("inf"),
            "x",
            1.0,
        ),
    ]
    if found.at_best is not None:
        ttfa = found.at_best.latencies.ttfa
        told += [
            Figure("their first audio, p50", ttfa.at(50) or 0.0, "ms"),
            Figure("their first audio, p99", ttfa.at(99) or 0.0, "ms"),
            Figure("time in which they hear speech", (found.at_best.listening or 0.0) * 100, "%"),
            Figure("the tester's lag, p99", found.at_best.strain.lag_ms.at(99) or 0.0, "ms"),
        ]
    if found.beyond is not None:
        told += _figures_beyond(found.beyond)
    return told


def _figures_beyond(beyond: Figures) -> list[Figure]:
    n_callers, ttfa = beyond.n_callers, beyond.latencies.ttfa
    n_let_in = n_callers - beyond.n_callers_refused
    return [
        # All of them let in would be no admission at all.
        Figure(f"{n_callers} callers: never refused", n_let_in, "", n_callers - 1),
        Figure(f"{n_callers} callers: underruns of those let in", beyond.gaps.n_underruns, "", 0),
        Figure(f"{n_callers} callers: failures of those let in", beyond.n_failed, "", 0),
        Figure(f"{n_callers} callers: first audio, p99", ttfa.at(99) or 0.0, "ms"),
    ]
