"""What is made of half an hour's load."""

import pytest

from benchmarks.measure import Figure
from benchmarks.soak import Crowd, Vanished, figures, settled, split, state
from tests.benchmarks.measured import figures_of

MIB = 1024 * 1024
CROWD = Crowd(5, 2, 1)


@pytest.mark.parametrize(
    ("n_callers", "crowd"),
    [
        (3, Crowd(1, 1, 1)),
        (8, Crowd(5, 2, 1)),
        (40, Crowd(24, 12, 4)),
        (48, Crowd(30, 14, 4)),
    ],
)
def test_split(n_callers: int, crowd: Crowd) -> None:
    """A tenth vanish, a third of the others redial, and there is one of each kind at least."""
    assert split(n_callers) == crowd
    assert crowd.n_clearing + crowd.n_redialling + crowd.n_vanishing == n_callers


@pytest.mark.parametrize(
    ("resident", "compared"),
    [
        ([1, 2], (1, 2)),
        ([90, 100, 100, 100, 103], (100, 103)),  # the first fifth does not count
        ([9] * 5 + [10] * 3 + [99] + [10] * 12 + [11] * 4, (10, 11)),  # nor does a single peak
    ],
)
def test_settled(resident: list[int], compared: tuple[float, float]) -> None:
    """Medians of a fifth of the time after the warm-up, and of the last fifth, are compared."""
    assert settled(resident) == compared


def test_settled_too_soon() -> None:
    """From one sample no growth can be told."""
    with pytest.raises(
        RuntimeError, match="expected 2 samples of memory or more to compare, got 1"
    ):
        settled([100])


def test_figures() -> None:
    """Everybody's failures, refusals and underruns count, and memory by its growth."""
    measured = [
        figures_of(n_turns=50, failures={"stalled": 2}, n_refusals=1, ttfa=(10, 20), n_cleared=4),
        figures_of(n_turns=30, n_underruns=3, ttfa=(5,), n_redials=6, n_excess_bytes=2),
    ]
    told = figures(CROWD, measured, Vanished(7, 1, 1), [100 * MIB] * 5 + [103 * MIB])
    by_name = {figure.what: figure for figure in told}
    assert {what: figure.value for what, figure in by_name.items()} == {
        "callers": 8,
        "turns": 80,
        "interruptions by <CLEAR>": 4,
        "interruptions by a new connection": 6,
        "connections left in mid-speech": 7,
        "failures": 3,
        "underruns": 3,
        "refusals": 2,
        "old bytes after the new turn's first": 2,
        "first audio, p50": 10,
        "first audio, p99": 20,
        "resident memory after the warm-up": 100,
        "resident memory at the end": 103,
        "resident memory, the most": 103,
        "growth after the warm-up": pytest.approx(3),
    }
    assert [figure.what for figure in told if not figure.is_met] == [
        "failures",
        "underruns",
        "refusals",
        "old bytes after the new turn's first",
        "growth after the warm-up",
    ]


def test_figures_when_all_went_well() -> None:
    """A run without a fault, with memory that grows by less than 2 %, meets all targets."""
    resident = [100 * MIB] * 5 + [101 * MIB]
    told = figures(CROWD, [figures_of(n_turns=9, ttfa=(10,))], Vanished(4), resident)
    assert [figure for figure in told if not figure.is_met] == []
    assert Figure("failures", 0, "", 0) in told


def test_state() -> None:
    """The line of a minute is read off the server's metrics."""
    scraped = """\
# TYPE hoarfrost_connections gauge
hoarfrost_connections 31.0
# TYPE hoarfrost_load gauge
hoarfrost_load 0.715
# TYPE hoarfrost_free_callers gauge
hoarfrost_free_callers{kind="typical"} 9.0
# TYPE hoarfrost_interruptions_total counter
hoarfrost_interruptions_total 12.0
# TYPE hoarfrost_underruns_total counter
hoarfrost_underruns_total 0.0
# TYPE hoarfrost_failures_total counter
hoarfrost_failures_total 1.0
"""
    assert state(3, 231 * MIB, scraped) == (
        "minute 3: 231.0 MiB, 31 connections, load 0.71, 12 cleared, "
        "by the server's own count 0 underruns and 1 failures"
    )
