"""The grammar of targets, and how figures are held against them."""

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hoarfrost.loadtest.figures import Figures
from hoarfrost.loadtest.percentiles import Distribution
from hoarfrost.loadtest.targets import DEFAULT_TARGETS, NAMES, Target, judge, parse_targets
from tests.loadtest.sample import sample_figures

GOOD = [
    ("success:1.00", Target("success", 1.0, None, "success:1.00")),
    ("success:.5", Target("success", 0.5, None, "success:.5")),
    ("refused:0", Target("refused", 0.0, None, "refused:0")),
    ("underrun:0", Target("underrun", 0.0, None, "underrun:0")),
    ("ttfa:p99@500ms", Target("ttfa", 500.0, 99.0, "ttfa:p99@500ms")),
    ("ttfa:p99.9@1.5s", Target("ttfa", 1500.0, 99.9, "ttfa:p99.9@1.5s")),
    ("ttfa_audible:p50@120ms", Target("ttfa_audible", 120.0, 50.0, "ttfa_audible:p50@120ms")),
    ("stale:p99@30ms", Target("stale", 30.0, 99.0, "stale:p99@30ms")),
    ("rtf:p50@0.2", Target("rtf", 0.2, 50.0, "rtf:p50@0.2")),
]

BAD = [
    ("", "expected NAME:LIMIT, got ''"),
    ("success", "expected NAME:LIMIT, got 'success'"),
    ("success:1,,underrun:0", "expected NAME:LIMIT, got ''"),
    ("speed:1", f"expected one of {', '.join(NAMES)}, got 'speed'"),
    ("success:1.5", "expected success:SHARE from 0 to 1, got 'success:1.5'"),
    ("success:-1", "expected a number as the limit, got 'success:-1'"),
    ("success:nan", "expected a number as the limit, got 'success:nan'"),
    ("refused:1e9", "expected a number as the limit, got 'refused:1e9'"),
    ("underrun:0.5", "expected underrun:COUNT, a whole number, got 'underrun:0.5'"),
    ("underrun:²", "expected underrun:COUNT, a whole number, got 'underrun:²'"),
    ("ttfa:500ms", "expected ttfa:pNUMBER@LIMIT, got 'ttfa:500ms'"),
    ("ttfa:p99@500", "expected a limit such as 500ms or 0.5s, got 'ttfa:p99@500'"),
    ("ttfa:p0@5ms", "expected a percentile above p0, at most p100, got 'ttfa:p0@5ms'"),
    ("ttfa:p101@5ms", "expected a percentile above p0, at most p100, got 'ttfa:p101@5ms'"),
    ("rtf:p50@0.2s", "expected a number as the limit, got 'rtf:p50@0.2s'"),
    (",".join(["underrun:0"] * 21), "expected at most 20, got 21"),
]

ttfa = Distribution.of(float(n) for n in range(1, 101))
JUDGED = [
    ("success:0.97", 0.98, None, True),
    ("success:0.99", 0.98, None, False),
    ("refused:0", 0.1, None, False),
    ("refused:0.1", 0.1, None, True),
    ("underrun:3", 3, None, True),
    ("underrun:2", 3, None, False),
    ("ttfa:p50@50ms", 50.0, 100, True),
    ("ttfa:p50@49ms", 50.0, 100, False),
    ("ttfa:p99@0.099s", 99.0, 100, True),
    ("ttfa_audible:p99@10s", math.inf, 1, False),
    ("stale:p99@30ms", None, 0, False),
    ("rtf:p100@0.5", 0.5, 2, True),
]


@pytest.mark.parametrize(("text", "target"), GOOD)
def test_a_target_is_read(text: str, target: Target) -> None:
    """Names, percentiles and limits; times become milliseconds."""
    assert parse_targets(text) == (target,)
    assert parse_targets(f" {text} ,underrun:0")[0] == target


@pytest.mark.parametrize(("text", "message"), BAD)
def test_what_is_no_target_is_told(text: str, message: str) -> None:
    """The first fault is told, with what was expected."""
    with pytest.raises(ValueError, match=r"^targets: ") as error:
        parse_targets(text)
    assert str(error.value) == f"targets: {message}"


@given(st.text())
def test_any_text_is_read_or_refused(text: str) -> None:
    """Nothing but a ValueError ever comes of a wrong text."""
    try:
        targets = parse_targets(text)
    except ValueError:
        return
    assert all(target.name in NAMES for target in targets)


def test_the_default_is_in_the_grammar() -> None:
    """What is demanded when nothing was said can be read."""
    assert [target.name for target in parse_targets(DEFAULT_TARGETS)] == [
        *("success", "ttfa", "underrun"),
    ]


def figures() -> Figures:
    base = sample_figures()
    return replace(
        base,
        n_callers=10,
        n_turns=100,
        failures={"stalled": 2},
        n_callers_refused=1,
        latencies=replace(
            base.latencies,
            ttfa=ttfa,
            ttfa_audible=Distribution((math.inf,)),
            rtf=Distribution((0.1, 0.5)),
        ),
        gaps=replace(base.gaps, n_underruns=3),
        interruptions=replace(base.interruptions, stale=Distribution()),
    )


@pytest.mark.parametrize(("text", "measured", "n", "is_met"), JUDGED)
def test_figures_are_held_against_targets(
    text: str, measured: float | None, n: int | None, is_met: bool
) -> None:
    """At least for success, at most for all else; what was not measured is not met."""
    [verdict] = judge(parse_targets(text), figures())
    assert (verdict.measured, verdict.n, verdict.is_met) == (measured, n, is_met)


def test_nothing_tried_is_no_success() -> None:
    """Without a turn there is no share of them."""
    [verdict] = judge(parse_targets("success:0"), replace(figures(), n_turns=0, failures={}))
    assert (verdict.measured, verdict.is_met) == (None, False)
