"""Three plots, as SVG without script and without fonts of their own.

In: figures and records. Out: SVG elements for the page, coloured by its style sheet. Invariant: the
same input gives the same bytes; the number of elements is bounded.

A chart library was weighed: pygal is LGPL and links a script unless told not to, Plotly and Bokeh
are megabytes of script, matplotlib of dependencies. Three fixed plots are less code than any of
them would need to be made to look like the page.
"""

import html
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from hoarfrost.loadtest.findings import count_callers, show_milliseconds
from hoarfrost.loadtest.percentiles import Distribution
from hoarfrost.loadtest.records import Journal
from hoarfrost.loadtest.trials import Trial

WIDTH: Final = 720
_LEFT, _RIGHT, _TOP, _BOTTOM = 64, 16, 28, 40
_PLOT_HEIGHT: Final = 220
_ROW_HEIGHT: Final = 9
MAX_ROWS: Final = 60
"""Callers on the timeline; the first ones stand for the rest."""

MAX_MARKS: Final = 6000
"""Elements of the timeline: half a megabyte."""

_CURVE_POINTS: Final = 200


@dataclass(frozen=True, slots=True)
class Axis:
    """Where values lie on the paper.

    Attributes:
        low: The value at ``begin``.
        high: The value at ``end``; above ``low``.
        begin: Where it begins, in SVG units.
        end: Where it ends.
        is_log: Whether equal distances are equal ratios; then ``low`` is above 0.
        is_whole: Whether only whole numbers are labelled.
    """

    low: float
    high: float
    begin: float
    end: float
    is_log: bool = False
    is_whole: bool = False

    def place(self, value: float) -> float:
        """Return where a value lies; what is outside lies on the edge."""
        value = min(max(value, self.low), self.high)
        if self.is_log:
            share = math.log(value / self.low) / math.log(self.high / self.low)
        else:
            share = (value - self.low) / (self.high - self.low)
        return self.begin + share * (self.end - self.begin)

    def ticks(self) -> Iterator[float]:
        """Yield round values to be labelled: 1, 2 and 5 times powers of ten."""
        if self.is_log:
            exponent = math.floor(math.log10(self.low))
            while 10**exponent <= self.high:
                for digit in (1, 2, 5):
                    value = digit * 10.0**exponent
                    if self.low <= value <= self.high:
                        yield value
                exponent += 1
            return
        step = _round_step((self.high - self.low) / 6)
        step = max(step, 1.0) if self.is_whole else step
        value = math.ceil(self.low / step) * step
        while value <= self.high + step * 1e-9:
            yield value
            value += step


def plot_distribution(series: Sequence[tuple[str, Distribution]]) -> str:
    """Plot which share of turns had waited no longer than so many milliseconds."""
    known = [
        (name, [(ms, percent) for percent, ms in distribution.curve(_CURVE_POINTS)])
        for name, distribution in series
    ]
    values = [ms for _, points in known for ms, _ in points if math.isfinite(ms)]
    if not values:
        return _nothing("no turn had any audio")
    across = Axis(*_round_log(min(values), max(values)), _LEFT, WIDTH - _RIGHT, is_log=True)
    up = Axis(0, 100, _TOP + _PLOT_HEIGHT, _TOP)
    parts = [*_grid(across, up, "milliseconds (logarithmic)", "% of turns")]
    for number, (name, points) in enumerate(known):
        finite = [(ms, percent) for ms, percent in points if math.isfinite(ms)]
        parts.append(_path(_steps(finite, across, up), f"line s{number}", name))
    parts += _legend([name for name, _ in known])
    return _svg(_TOP + _PLOT_HEIGHT + _BOTTOM, "Distribution of the time to first audio", parts)


def plot_capacity(trials: Sequence[Trial], limit_ms: float | None = None) -> str:
    """Plot the time to first audio against the number of callers; hollow marks missed a target."""
    points = sorted(trials, key=lambda trial: trial.callers)
    names = ("p50", "p99")
    rows = [
        [(trial, trial.figures.latencies.ttfa.at(percent)) for trial in points]
        for percent in (50, 99)
    ]
    values = [ms for row in rows for _, ms in row if ms is not None and math.isfinite(ms)]
    values += [limit_ms] if limit_ms else []
    if not values:
        return _nothing("no trial had any audio")
    most = max(trial.callers for trial in trials)
    across = Axis(0, max(1, most * 1.05), _LEFT, WIDTH - _RIGHT, is_whole=True)
    up = Axis(*_round_log(min(values), max(values)), _TOP + _PLOT_HEIGHT, _TOP, is_log=True)
    parts = [*_grid(across, up, "callers", "ms (logarithmic)")]
    if limit_ms:
        y = up.place(limit_ms)
        parts.append(f'<path class="limit" d="M{_LEFT} {y:.1f}H{WIDTH - _RIGHT}"/>')
    for number, row in enumerate(rows):
        shown = [(trial, ms) for trial, ms in row if ms is not None]
        places = [(across.place(trial.callers), up.place(ms)) for trial, ms in shown]
        # The line goes through the last trial of each number: the one that decided about it.
        parts.append(_path(dict(places).items(), f"line s{number}", names[number]))
        for (x, y), (trial, ms) in zip(places, shown, strict=True):
            kind = "met" if trial.is_met else "missed"
            told = (
                f"{count_callers(trial.callers)}, {names[number]} {show_milliseconds(ms)}, {kind}"
            )
            parts.append(
                f'<circle class="mark s{number} {kind}" cx="{x:.1f}" cy="{y:.1f}" r="4">'
                f"<title>{told}</title></circle>"
            )
    parts += _legend(names)
    return _svg(_TOP + _PLOT_HEIGHT + _BOTTOM, "Time to first audio against callers", parts)


def plot_timeline(journal: Journal, n_callers: int) -> str:
    """Plot what each caller heard when: connections, speech, and what went wrong."""
    n_rows = min(n_callers, MAX_ROWS)
    ends = [call.closed_at for call in journal.calls] + [turn.sent_at for turn in journal.turns]
    across = Axis(0, max([1.0, *ends]), _LEFT, WIDTH - _RIGHT)
    height = n_rows * _ROW_HEIGHT
    up = Axis(0, n_rows, _TOP, _TOP + height, is_whole=True)
    parts = [*_grid(across, up, "seconds", "caller")]
    parts += (
        f'<path class="limit" d="M{across.place(moment):.1f} {_TOP}v{height}"/>'
        for moment in (journal.measured_from, journal.measured_until)
    )
    bars = (bar for bar in _bars(journal) if bar.caller < n_rows)
    parts += (bar.drawn(across) for bar, _ in zip(bars, range(MAX_MARKS), strict=False))
    return _svg(_TOP + height + _BOTTOM, "What each caller heard", parts)


@dataclass(frozen=True, slots=True)
class _Bar:
    """A stretch of a caller's time."""

    kind: str
    caller: int
    begins: float
    ends: float
    inset: float = 0.5

    def drawn(self, across: Axis) -> str:
        x, y = across.place(self.begins), _TOP + self.caller * _ROW_HEIGHT + self.inset
        width, height = max(across.place(self.ends) - x, 0.8), _ROW_HEIGHT - 2 * self.inset
        return (
            f'<rect class="{self.kind}" x="{x:.1f}" y="{y:.1f}" '
            f'width="{width:.1f}" height="{height:g}"/>'
        )


def _bars(journal: Journal) -> Iterator[_Bar]:
    """Yield what the timeline shows, what lies below first."""
    for call in journal.calls:
        yield _Bar("open", call.caller, call.opened_at, call.closed_at, inset=3)
    for turn in journal.turns:
        if turn.first_byte_at is not None and turn.heard_until is not None:
            yield _Bar("speech", turn.caller, turn.first_byte_at, turn.heard_until, inset=1.5)
        for gap in turn.gaps:
            yield _Bar("bad", turn.caller, gap.at, gap.at + gap.lasted)
        if turn.interruption is not None:
            yield _Bar("broken", turn.caller, turn.interruption.at, turn.interruption.at)
        if turn.failure is not None:
            yield _Bar("bad", turn.caller, turn.sent_at, turn.sent_at + 0.2)
    for refusal in journal.refusals:
        yield _Bar("refused", refusal.caller, refusal.at, refusal.at + 0.1)


def _grid(across: Axis, up: Axis, x_label: str, y_label: str) -> Iterator[str]:
    bottom, top = max(up.begin, up.end), min(up.begin, up.end)
    for value in across.ticks():
        x = across.place(value)
        yield f'<path class="grid" d="M{x:.1f} {top}V{bottom}"/>'
        yield f'<text x="{x:.1f}" y="{bottom + 15}" text-anchor="middle">{value:g}</text>'
    for value in up.ticks():
        y = up.place(value)
        yield f'<path class="grid" d="M{across.begin} {y:.1f}H{across.end}"/>'
        yield f'<text x="{across.begin - 6}" y="{y + 4:.1f}" text-anchor="end">{value:g}</text>'
    yield f'<text x="{across.end}" y="{bottom + 32}" text-anchor="end">{x_label}</text>'
    yield f'<text x="{across.begin - 6}" y="{top - 10}" text-anchor="start">{y_label}</text>'


def _legend(names: Iterable[str]) -> Iterator[str]:
    for number, name in enumerate(names):
        x, y = _LEFT + 150 + number * 200, _TOP - 14
        yield f'<path class="line s{number}" d="M{x} {y}h18"/>'
        yield f'<text x="{x + 24}" y="{y + 4}">{html.escape(name)}</text>'


def _steps(
    points: Iterable[tuple[float, float]], across: Axis, up: Axis
) -> Iterator[tuple[float, float]]:
    """Yield the corners of a distribution: flat up to each value, and up there."""
    y = up.place(0)
    for value, percent in points:
        x = across.place(value)
        yield x, y
        y = up.place(percent)
        yield x, y


def _path(places: Iterable[tuple[float, float]], kind: str, name: str) -> str:
    line = "L".join(f"{x:.1f} {y:.1f}" for x, y in places)
    return f'<path class="{kind}" d="M{line}"><title>{html.escape(name)}</title></path>'


def _svg(height: float, title: str, parts: Iterable[str]) -> str:
    return (
        f'<svg viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{html.escape(title)}">'
        + "".join(parts)
        + "</svg>"
    )


def _nothing(reason: str) -> str:
    return f"<p>Nothing to plot: {html.escape(reason)}.</p>"


def _round_step(rough: float) -> float:
    """Return the next of 1, 2 and 5 times a power of ten."""
    power = 10.0 ** math.floor(math.log10(rough))
    return next(digit * power for digit in (1, 2, 5, 10) if digit * power >= rough * (1 - 1e-9))


def _round_log(least: float, most: float) -> tuple[float, float]:
    """Return a range on a logarithmic axis around values, of at least a factor of ten."""
    least = max(least, 0.1) * 0.8
    return least, max(most * 1.25, least * 10)
