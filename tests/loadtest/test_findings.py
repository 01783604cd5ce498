"""A report in words."""

import math
from dataclasses import replace

import pytest

from hoarfrost.loadtest.findings import (
    conclusion,
    facts,
    show_measured,
    show_number,
    warnings,
)
from hoarfrost.loadtest.percentiles import Distribution
from hoarfrost.loadtest.report import Capacity
from hoarfrost.loadtest.targets import Target, Verdict
from tests.loadtest.sample import bad_figures, sample_figures, sample_report

NUMBERS = [
    (None, "-"),
    (math.inf, "never"),
    (0.0, "0"),
    (0.01234, "0.0123"),
    (9.876, "9.88"),
    (99.96, "100"),
    (123.4, "123"),
    (12345.6, "12346"),
]

CONCLUSIONS = [
    (Capacity(12, 12, is_capped=False), "12 callers meet success:1.00,ttfa:p99@500ms,underrun:0"),
    (
        Capacity(200, 200, is_capped=True),
        "200 callers meet success:1.00,ttfa:p99@500ms,underrun:0 (the most that was to be tried)",
    ),
    (
        Capacity(0, 0, is_capped=False),
        "not even one caller meets success:1.00,ttfa:p99@500ms,underrun:0",
    ),
    (
        Capacity(None, 9, is_capped=False),
        "not settled within 1 trials: 9 callers met success:1.00,ttfa:p99@500ms,underrun:0 at "
        "least once",
    ),
]

SHOWN = [
    ("success", 1.0, "1.0000"),
    ("success", None, "-"),
    ("underrun", 3, "3"),
    ("rtf", 0.25, "0.25"),
    ("ttfa", 42.0, "42 ms"),
    ("ttfa", math.inf, "never"),
    ("stale", None, "-"),
]


@pytest.mark.parametrize(("value", "text"), NUMBERS)
def test_numbers_have_three_digits_that_count(value: float | None, text: str) -> None:
    """Nothing measured is a dash, what never came is said so."""
    assert show_number(value) == text


@pytest.mark.parametrize(("capacity", "line"), CONCLUSIONS)
def test_what_a_search_found(capacity: Capacity, line: str) -> None:
    """The number, or why there is none."""
    assert conclusion(sample_report(capacity=capacity)) == line


@pytest.mark.parametrize(("name", "measured", "text"), SHOWN)
def test_a_verdict_has_the_unit_of_its_target(name: str, measured: float | None, text: str) -> None:
    """Shares and counts have none, times have milliseconds."""
    verdict = Verdict(Target(name, 1.0, None, ""), measured, None, is_met=True)
    assert show_measured(verdict) == text


def test_the_facts_of_a_good_run() -> None:
    """What went well takes few lines, and a good run has one warning: that it was short."""
    assert list(facts(sample_figures())) == [
        "success      100.00% of 20 turns",
        "underruns    0, heard by 0 callers, 0 ms in all",
        "after CLEAR  640 old bytes, after 1 of 5 interruptions",
        "             5 of 5 next turns as if alone, to the byte; 0 bytes too many",
        "throughput   3.5 s of audio a second; callers heard speech 31% of the time",
        "tester       0.2 ms late at p99, 5% of a core",
    ]
    assert list(warnings(sample_report())) == [
        "p99 of 3 turns is their largest value; run longer",
    ]


def test_a_target_that_was_not_measured_is_told() -> None:
    """It counts as missed, and the reader learns that nothing is known."""
    figures = sample_figures()
    silent = replace(figures, latencies=replace(figures.latencies, ttfa=Distribution()))
    assert list(warnings(sample_report(silent))) == [
        "ttfa:p99@500ms was not measured: too few turns; raise --duration or --callers",
    ]


def test_the_facts_of_a_bad_run() -> None:
    """Each thing that went wrong has its line, and what makes the figures doubtful a warning."""
    assert list(facts(bad_figures())) == [
        "success      80.00% of 20 turns",
        "             3 failed: closed 1011",
        "             1 failed: no audio",
        "refused      6 times, 2 of 8 callers, Retry-After 1 to 5 s",
        "underruns    9, heard by 3 callers, 4200 ms in all",
        "after CLEAR  640 old bytes, after 1 of 5 interruptions",
        "             1280 bytes more than the words ever took alone (the server does not repeat "
        "itself to the byte), in 5 turns",
        "redialled    3 times to interrupt",
        "throughput   3.5 s of audio a second; callers heard speech 31% of the time",
        "tester       50 ms late at p99, 97% of a core",
    ]
    assert list(warnings(sample_report(bad_figures()))) == [
        "the tester was a bottleneck: latencies are partly its own; give it more processor",
        "p99 of 3 turns is their largest value; run longer",
        "gaps that are not counted, since the tester's text came too slowly: 4; raise "
        "--tokens-per-second",
        "320 bytes of audio came when no text had been sent",
        "2 frames ended inside a sample: clients play that as noise",
    ]
