"""The plots."""

import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hoarfrost.loadtest.percentiles import Distribution
from hoarfrost.loadtest.plots import (
    MAX_MARKS,
    MAX_ROWS,
    Axis,
    plot_capacity,
    plot_distribution,
    plot_timeline,
)
from hoarfrost.loadtest.records import CallRecord, Journal, TurnRecord
from tests.loadtest.sample import bad_figures, sample_figures, sample_journal, sample_trial

TICKS = [
    (Axis(0, 10, 0, 100), [0, 2, 4, 6, 8, 10]),
    (Axis(0, 1, 0, 100), [0, 0.2, 0.4, 0.6, 0.8, 1.0]),
    (Axis(0, 37, 0, 100), [0, 10, 20, 30]),
    (Axis(0, 2, 0, 100, is_whole=True), [0, 1, 2]),
    (Axis(0, 60, 0, 100, is_whole=True), [0, 10, 20, 30, 40, 50, 60]),
    (Axis(0.8, 120, 0, 100, is_log=True), [1, 2, 5, 10, 20, 50, 100]),
]


@pytest.mark.parametrize(("axis", "ticks"), TICKS)
def test_ticks_are_round(axis: Axis, ticks: list[float]) -> None:
    """One, two and five times powers of ten, inside the axis."""
    assert list(axis.ticks()) == pytest.approx(ticks)


@given(st.floats(0.1, 1e4), st.floats(1.1, 1e4), st.booleans(), st.floats(0, 1))
def test_an_axis_keeps_order_and_edges(
    low: float, ratio: float, is_log: bool, share: float
) -> None:
    """Its ends lie at its ends, what is outside on the edge, and more lies further."""
    axis = Axis(low, low * ratio, 50, 250, is_log)
    value = low + share * (low * ratio - low)
    assert axis.place(low) == axis.place(low / 2) == 50
    assert axis.place(low * ratio) == pytest.approx(250)
    assert axis.place(low * ratio * 2) == pytest.approx(250)
    assert 50 <= axis.place(value) <= 250 + 1e-6
    assert all(low <= tick <= low * ratio * (1 + 1e-6) for tick in axis.ticks())


def test_a_distribution_rises_to_the_share_that_had_audio() -> None:
    """Two of four turns never had any: the curve ends at half the height."""
    values = Distribution((10.0, 20.0, math.inf, math.inf))
    plot = plot_distribution([("first byte", values)])
    [path] = re.findall(r'<path class="line s0" d="(M[^"]*L[^"]*)"', plot)
    heights = [float(y) for y in re.findall(r" ([\d.]+)", path)]
    assert heights[0] == 248  # the axis
    assert heights[-1] == 138  # half of 220 above it
    assert heights == sorted(heights, reverse=True)


def test_a_curve_of_many_turns_is_bounded() -> None:
    """However many turns there were, a few hundred points show them."""
    values = Distribution.of(float(n + 1) for n in range(5000))
    assert len(plot_distribution([("first byte", values), ("first sound", values)])) < 30_000


def test_without_audio_there_is_nothing_to_plot() -> None:
    """Then it says so."""
    never = Distribution((math.inf,))
    assert "Nothing to plot" in plot_distribution([("first byte", never)])
    assert "Nothing to plot" in plot_distribution([("first byte", Distribution())])


def test_trials_are_marked_by_how_they_went() -> None:
    """Each trial has its marks in order of callers, hollow where a target was missed."""
    trials = [sample_trial(figures) for figures in (bad_figures(8), sample_figures(4))]
    plot = plot_capacity(trials, 500.0)
    told = re.findall(r"<title>(\d+ callers, [^<]*)</title>", plot)
    assert told == [
        "4 callers, p50 20 ms, met",
        "8 callers, p50 800 ms, missed",
        "4 callers, p99 90 ms, met",
        "8 callers, p99 never, missed",
    ]
    assert 'class="limit"' in plot
    assert 'class="limit"' not in plot_capacity(trials)


def test_a_number_tried_twice_has_two_marks_and_one_place_on_the_line() -> None:
    """The line goes through its last trial, which decided about it."""
    tried = [(4, 90.0), (8, 700.0), (8, 120.0)]
    trials = [sample_trial(sample_figures(n, slowest_ms)) for n, slowest_ms in tried]
    plot = plot_capacity(trials)
    assert plot.count('<circle class="mark s1') == 3
    [line] = re.findall(r'<path class="line s1" d="M([^"]*L[^"]*)"', plot)
    marks = re.findall(r'<circle class="mark s1 \w+" cx="([\d.]+)" cy="([\d.]+)"', plot)
    assert line.split("L") == [" ".join(marks[0]), " ".join(marks[2])]


def test_a_timeline_shows_what_happened() -> None:
    """Connections, speech, an underrun, an interruption, a failure and a refusal."""
    plot = plot_timeline(sample_journal(), 3)
    kinds = re.findall(r'<rect class="(\w+)"', plot)
    assert kinds == [
        *("open", "open", "speech", "bad", "speech", "broken", "bad", "refused"),
    ]


def test_a_timeline_is_bounded() -> None:
    """It shows the first callers, and no more marks than a page can hold."""
    turns = [
        TurnRecord(caller=n % 100, sent_at=n, first_byte_at=n, heard_until=n + 0.5)
        for n in range(20_000)
    ]
    calls = [CallRecord(n, 0.0, 0.1, 20_000.0) for n in range(100)]
    plot = plot_timeline(Journal(1.0, 2.0, turns=turns, calls=calls), 100)
    assert plot.count("<rect") == MAX_MARKS
    assert plot.count('class="open"') == MAX_ROWS


def test_a_run_without_calls_has_a_timeline_too() -> None:
    """An empty one."""
    assert "<rect" not in plot_timeline(Journal(0.0, 1.0), 1)
