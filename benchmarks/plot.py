"""First audio against callers, for several servers, as a picture for the page.

In: quantiles. Out: an SVG file that needs nothing else: no script, no font, no style sheet. Its
colours are of middling lightness, so that it can be read on light and on dark pages alike, whatever
the reader's system says.
"""

import html
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from hoarfrost.loadtest.plots import Axis

WIDTH: Final = 760
HEIGHT: Final = 400
_LEFT, _RIGHT, _TOP, _BOTTOM = 62, 190, 46, 46
_LABEL_HEIGHT: Final = 17
_TEXT_COLOUR: Final = "#757b84"
_COLOURS: Final = (
    *("#3b82f6", "#0d9488", "#d97706", "#c026d3"),
    *("#dc2626", "#65a30d", "#64748b", "#8b5cf6"),
)
"""In order of the servers; at least 3 : 1 on white and on GitHub's dark page."""


@dataclass(frozen=True, slots=True)
class Point:
    """First audio of one server.

    Attributes:
        n_callers: With so many callers at a time.
        p50_ms: The median.
        p99_ms: The 99th percentile.
    """

    n_callers: int
    p50_ms: float
    p99_ms: float


def plot_first_audio(series: Mapping[str, Sequence[Point]], caption: str) -> str:
    """Return a picture: a line for each server's medians, a thin one for its 99th percentiles.

    Args:
        series: By server, at least one point each.
        caption: What is measured, and on what; stands below the title.

    Raises:
        ValueError: If there is nothing to plot.
    """
    points = [point for each in series.values() for point in each]
    if not points:
        raise ValueError("series: expected points, got none")
    callers = sorted({point.n_callers for point in points})
    values = [ms for point in points for ms in (point.p50_ms, point.p99_ms)]
    across = Axis(callers[0], max(callers[-1], 2 * callers[0]), _LEFT, WIDTH - _RIGHT, is_log=True)
    up = Axis(0.8 * min(values), 1.25 * max(values), HEIGHT - _BOTTOM, _TOP, is_log=True)
    parts = [*_frame(caption), *_grid(callers, across, up)]
    for (name, each), colour in zip(series.items(), _COLOURS, strict=False):
        parts += _lines(name, sorted(each, key=lambda p: p.n_callers), colour, across, up)
    parts += _labels(series, across, up)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
        f'width="{WIDTH}" height="{HEIGHT}" role="img" aria-labelledby="title" '
        f'font-family="system-ui, sans-serif" font-size="12" fill="{_TEXT_COLOUR}">\n'
        + "\n".join(parts)
        + "\n</svg>\n"
    )


def _frame(caption: str) -> Iterator[str]:
    title = "Time to first audio against callers"
    yield f'<title id="title">{title}</title>'
    yield f'<text x="{_LEFT}" y="16" font-size="14" font-weight="600">{title}</text>'
    yield f'<text x="{_LEFT}" y="33">{html.escape(caption)}</text>'
    yield f'<text x="{_LEFT}" y="{HEIGHT - 8}">callers at a time (thick: median, thin: p99)</text>'
    yield f'<text x="{_LEFT - 8}" y="{_TOP - 8}" text-anchor="end">ms</text>'


def _grid(callers: Sequence[int], across: Axis, up: Axis) -> Iterator[str]:
    grid = f'stroke="{_TEXT_COLOUR}" stroke-opacity="0.3" fill="none"'
    for value in up.ticks():
        y = up.place(value)
        yield f'<path {grid} d="M{_LEFT} {y:.1f}H{WIDTH - _RIGHT}"/>'
        yield f'<text x="{_LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{value:,g}</text>'
    for n_callers in callers:
        x = across.place(n_callers)
        yield f'<path {grid} d="M{x:.1f} {_TOP}V{HEIGHT - _BOTTOM}"/>'
        yield (
            f'<text x="{x:.1f}" y="{HEIGHT - _BOTTOM + 16}" text-anchor="middle">{n_callers}</text>'
        )


def _lines(
    name: str, points: Sequence[Point], colour: str, across: Axis, up: Axis
) -> Iterator[str]:
    p99 = [(across.place(p.n_callers), up.place(p.p99_ms)) for p in points]
    p50 = [(across.place(p.n_callers), up.place(p.p50_ms)) for p in points]
    stroke = f'stroke="{colour}" fill="none" stroke-linejoin="round"'
    yield f'<path {stroke} stroke-width="1" d="{_path(p99)}"/>'
    yield f'<path {stroke} stroke-width="2.5" d="{_path(p50)}"/>'
    for (x, y), point in zip(p50, points, strict=True):
        told = (
            f"{name}, callers: {point.n_callers}, "
            f"p50 {point.p50_ms:,.0f} ms, p99 {point.p99_ms:,.0f} ms"
        )
        yield (
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{colour}">'
            f"<title>{html.escape(told)}</title></circle>"
        )


def _path(places: Sequence[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in places)


def _labels(series: Mapping[str, Sequence[Point]], across: Axis, up: Axis) -> Iterator[str]:
    """Yield the names at the ends of their lines, the lower ones moved down where they collide."""
    ends = [
        (up.place(last.p50_ms), name, colour)
        for (name, points), colour in zip(series.items(), _COLOURS, strict=False)
        for last in [max(points, key=lambda p: p.n_callers)]
    ]
    lowest = float("-inf")
    for y, name, colour in sorted(ends):
        lowest = max(y, lowest + _LABEL_HEIGHT)
        x = across.end + 12
        yield f'<text x="{x}" y="{lowest + 4:.1f}" fill="{colour}">{html.escape(name)}</text>'
