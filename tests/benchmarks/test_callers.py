"""What the report says of callers in conversation."""

import math

from benchmarks.callers import conversation_figures
from benchmarks.measure import Figure
from tests.benchmarks.measured import figures_of


def by_name(figures: list[Figure]) -> dict[str, Figure]:
    return {figure.what: figure for figure in figures}


def test_conversation() -> None:
    """First audio and stale audio are held to what was promised for that number of callers."""
    measured = figures_of(ttfa=(50, 130, 240), stale=(1, 2, 31), n_compared=5, n_identical=5)
    told = by_name(conversation_figures(measured))
    assert told["first audio, p50"] == Figure("first audio, p50", 130, "ms", 120)
    assert told["first audio, p99"] == Figure("first audio, p99", 240, "ms", 250)
    assert told["of so many turns"].value == 3
    assert told["stale audio after <CLEAR>, p50"].value == 2
    missed = [what for what, figure in told.items() if not figure.is_met]
    assert missed == ["first audio, p50", "stale audio after <CLEAR>, p99"]


def test_conversation_gone_wrong() -> None:
    """Old audio in a new turn, underruns, failures and refusals are never met."""
    measured = figures_of(
        n_callers=16,
        ttfa=(9000,),
        n_excess_bytes=4,
        n_compared=5,
        n_identical=3,
        is_reproducible=True,
        n_underruns=1,
        failures={"no audio": 2},
        n_refusals=1,
    )
    missed = {f.what: f.value for f in conversation_figures(measured) if not f.is_met}
    assert missed == {
        "old bytes after the new turn's first": 4,
        "of 5 new turns, not as the same words alone": 2,
        "underruns": 1,
        "turns that failed": 2,
        "refusals": 1,
    }


def test_conversation_not_measured() -> None:
    """What was never measured meets no target."""
    told = by_name(conversation_figures(figures_of(n_callers=8)))
    assert told["first audio, p99"].value == math.inf
    assert not told["stale audio after <CLEAR>, p99"].is_met
