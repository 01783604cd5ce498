"""What the report says of a search for the capacity."""

import pytest

from benchmarks.capacity import Found, figures
from benchmarks.measure import Figure
from hoarfrost.loadtest.plan import Scenario
from tests.benchmarks.measured import figures_of

AT_BEST = figures_of(n_callers=24, ttfa=(20, 40))
BEYOND = figures_of(n_callers=36, n_callers_refused=10, n_refusals=14, ttfa=(30, 60))
FOUND = Found(24, 2, 6, AT_BEST, BEYOND)


def by_name(figures: list[Figure]) -> dict[str, Figure]:
    return {figure.what: figure for figure in figures}


@pytest.mark.parametrize(
    ("scenario", "raw_pace", "allowed", "wanted"),
    [
        (Scenario.CONTINUOUS, 30.9, 30.9, 27),
        (Scenario.CONTINUOUS, 0.8, 0.8, 1),
        (Scenario.CONTINUOUS, 90.0, 90.0, 30),
        (Scenario.CONVERSATION, 30.0, 100.0, 54),
        (Scenario.CONVERSATION, 90.0, 300.0, 60),
    ],
)
def test_wanted(scenario: Scenario, raw_pace: float, allowed: float, wanted: int) -> None:
    """Thirty listeners are wanted or what the engine can do, and twice as many conversations."""
    told = by_name(figures(scenario, FOUND, raw_pace))
    assert told["callers that the engine's throughput would allow"].value == pytest.approx(allowed)
    assert told["carried, of these"].value == pytest.approx(24 / allowed)
    figure = told[f"wanted ({wanted}) to carried"]
    assert figure.value == pytest.approx(wanted / 24)
    assert figure.target == 1


def test_beyond() -> None:
    """Beyond capacity somebody must be refused, and nobody who is let in may suffer."""
    told = by_name(figures(Scenario.CONTINUOUS, FOUND, 20.0))
    assert told["36 callers: never refused"] == Figure("36 callers: never refused", 26, "", 35)
    assert all(figure.is_met for figure in told.values())


def test_beyond_gone_wrong() -> None:
    """All let in, and stuttering, is what admission is to prevent."""
    beyond = figures_of(n_callers=36, n_underruns=5, failures={"stalled": 1})
    told = figures(Scenario.CONTINUOUS, Found(24, 1, 6, AT_BEST, beyond), 20.0)
    assert [figure.what for figure in told if not figure.is_met] == [
        "36 callers: never refused",
        "36 callers: underruns of those let in",
        "36 callers: failures of those let in",
    ]


def test_nobody_carried() -> None:
    """If not even one caller was served well, the target is missed and nothing else told."""
    told = figures(Scenario.CONVERSATION, Found(0, 0, 3, None, None), 20.0)
    assert [figure.what for figure in told if not figure.is_met] == ["wanted (36) to carried"]
    assert len(told) == 5
