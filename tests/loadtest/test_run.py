"""Warm-up, runs and searches against a virtual server."""

import asyncio
from dataclasses import replace

import pytest

from hoarfrost.loadtest.line import NotOpened, Refused
from hoarfrost.loadtest.plan import Plan, Scenario
from hoarfrost.loadtest.run import N_TAKES, N_WARM_UP_TEXTS, Unusable, WarmUp, warm_up
from hoarfrost.loadtest.search import Search
from hoarfrost.loadtest.sentences import REPLIES
from hoarfrost.loadtest.targets import DEFAULT_TARGETS, parse_targets
from hoarfrost.loadtest.trials import Trial, search_capacity
from tests.loadtest.virtual_server import MS_PER_LETTER, RATE_HZ, VirtualServer, n_samples_of
from tests.support.virtual_time import run_virtually

PLAN = Plan(rate_hz=RATE_HZ, jitter_ms=0.0)

UNUSABLE = [
    ({"is_mute": True}, "no audio"),
    ({"says": "hello"}, "text frame"),
    ({"closes": 1011}, "closed 1011"),
    ({"closes": 1000}, "no audio"),
]


def warmed_up(server: VirtualServer, plan: Plan = PLAN) -> WarmUp:
    async def run() -> WarmUp:
        return await warm_up(plan, server.dial, asyncio.get_running_loop().time)

    return run_virtually(run())


def searched(server: VirtualServer, plan: Plan, search: Search) -> list[Trial]:
    async def run() -> list[Trial]:
        clock = asyncio.get_running_loop().time
        learnt = await warm_up(plan, server.dial, clock)
        trials, _ = await search_capacity(
            plan,
            server.dial,
            learnt,
            clock,
            search=search,
            targets=parse_targets(DEFAULT_TARGETS),
            tell=lambda trial: None,
        )
        return trials

    return run_virtually(run())


def test_the_warm_up_learns_the_pace_and_the_replies() -> None:
    """One caller at a time: a few texts to their end, then each reply twice on one connection."""
    server = VirtualServer()
    learnt = warmed_up(server)
    assert learnt.pace.ms_per_letter == pytest.approx(MS_PER_LETTER)
    assert set(learnt.alone) == set(REPLIES)
    for text, takes in learnt.alone.items():
        assert [take.n_bytes for take in takes] == [2 * n_samples_of(text)] * N_TAKES
    assert learnt.is_reproducible is True
    assert server.most_open == 1
    assert server.n_dialled == N_WARM_UP_TEXTS + len(REPLIES)


def test_without_clears_no_reply_is_tried() -> None:
    """What is not compared need not be known."""
    learnt = warmed_up(VirtualServer(), replace(PLAN, scenario=Scenario.BURST))
    assert (learnt.alone, learnt.is_reproducible) == ({}, None)


@pytest.mark.parametrize(("fault", "failure"), UNUSABLE)
def test_a_server_that_does_not_speak_is_not_loaded(fault: dict[str, object], failure: str) -> None:
    """What goes wrong with a single caller is told at once."""
    with pytest.raises(Unusable, match=rf"got a failure: {failure}$"):
        warmed_up(VirtualServer(**fault))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("fault", "error"), [({"is_down": True}, NotOpened), ({"room": 0}, Refused)]
)
def test_a_server_that_takes_no_caller_is_not_loaded(
    fault: dict[str, object], error: type[Exception]
) -> None:
    """Nor is one that is not there, or full."""
    with pytest.raises(error):
        warmed_up(VirtualServer(**fault))  # type: ignore[arg-type]


def test_a_search_finds_what_a_server_carries() -> None:
    """A server that slows down above six callers at once carries six continuous listeners."""
    plan = replace(PLAN, scenario=Scenario.CONTINUOUS, callers=1, duration_s=15)
    search = Search(1, 32)
    trials = searched(VirtualServer(slows_above=6), plan, search)
    assert search.best == 6
    assert [trial.is_met for trial in trials] == [trial.callers <= 6 for trial in trials]
    assert all(trial.figures.gaps.n_underruns for trial in trials if not trial.is_met)


def test_callers_who_are_refused_are_not_carried() -> None:
    """A server that refuses the fifth carries four, however well it serves them."""
    plan = replace(PLAN, scenario=Scenario.CONTINUOUS, callers=1, duration_s=15)
    search = Search(1, 16)
    trials = searched(VirtualServer(room=4), plan, search)
    assert search.best == 4
    missed = [trial for trial in trials if not trial.is_met]
    assert missed
    for trial in missed:
        assert trial.figures.success == 1.0
        assert [verdict.target.name for verdict in trial.verdicts if not verdict.is_met] == [
            "refused"
        ]


def test_a_trial_that_is_too_short_is_run_for_longer() -> None:
    """Where no turn began in the measured time, nothing is known, and that is no miss."""
    plan = replace(PLAN, scenario=Scenario.CONTINUOUS, callers=1, duration_s=2, seed=3)
    search = Search(1, 1)
    trials = searched(VirtualServer(), plan, search)
    assert search.best == 1
    assert all(trial.figures.latencies.ttfa.n for trial in trials)


def test_what_cannot_be_measured_is_missed_in_the_end() -> None:
    """A figure that no length of trial gives ends the search, with a trial that says so."""
    plan = replace(PLAN, scenario=Scenario.CONTINUOUS, callers=1, duration_s=1)
    search = Search(1, 4)

    async def run() -> list[Trial]:
        server = VirtualServer()
        clock = asyncio.get_running_loop().time
        learnt = await warm_up(plan, server.dial, clock)
        trials, _ = await search_capacity(
            plan,
            server.dial,
            learnt,
            clock,
            search=search,
            targets=parse_targets("stale:p99@30ms"),
            tell=lambda trial: None,
        )
        return trials

    trials = run_virtually(run())
    assert [trial.is_too_short for trial in trials] == [True, True]
    assert search.best == 0
