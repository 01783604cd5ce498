"""A measured figure, what it is held against, and how a list of them is shown."""

import json
import os
import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from hoarfrost.loadtest.machine import describe_machine
from hoarfrost.loadtest.percentiles import Distribution


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of a report.

    Attributes:
        what: What was measured.
        value: The figure, in ``unit``.
        unit: Its unit; ``x`` for a ratio.
        target: The most it may be; None when it is only there to be read.
    """

    what: str
    value: float
    unit: str
    target: float | None = None

    @property
    def is_met(self) -> bool:
        """Whether the figure is at most its target."""
        return self.target is None or self.value <= self.target


def quantile(values: Sequence[float], share: float) -> float:
    """Return the value that ``share`` of the values do not exceed (nearest rank).

    Raises:
        ValueError: If there are no values.
    """
    value = Distribution.of(values).at(share * 100)
    if value is None:
        raise ValueError("values: expected some, got none")
    return value


def spread(what: str, seconds: Sequence[float]) -> list[Figure]:
    """Return median and 99th percentile of durations, in milliseconds."""
    return [
        Figure(f"{what}, p50", statistics.median(seconds) * 1000, "ms"),
        Figure(f"{what}, p99", quantile(seconds, 0.99) * 1000, "ms"),
    ]


def cpu_seconds(pid: int) -> float:
    """Return the CPU time of a process so far, all threads, in nanosecond resolution (Linux)."""
    total = 0
    for task in Path(f"/proc/{pid}/task").iterdir():
        total += int((task / "schedstat").read_text().split()[0])
    return total / 1e9


def resident_bytes(pid: int) -> int:
    """Return the memory of a process that is not shared with others (Linux)."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Rss:"):
            return int(line.split()[1]) * 1024
    raise RuntimeError("expected a line Rss in smaps_rollup, got none")


def stolen_seconds() -> float:
    """Return for how long the host has kept this machine's cores to itself, all of them together.

    Of a virtual machine on Linux; 0 where nothing is known.
    """
    try:
        ticks = int(Path("/proc/stat").read_text(encoding="ascii").split("\n", 1)[0].split()[8])
    except (OSError, IndexError):
        return 0.0
    return ticks / os.sysconf("SC_CLK_TCK")


def show(title: str, figures: Sequence[Figure]) -> None:
    """Print figures as a table."""
    table = Table(title=title, title_justify="left")
    table.add_column("measured")
    table.add_column("figure", justify="right")
    table.add_column("at most", justify="right")
    table.add_column("")
    for figure in figures:
        target = "" if figure.target is None else f"{figure.target:g} {figure.unit}"
        verdict = "" if figure.target is None else ("met" if figure.is_met else "MISSED")
        table.add_row(figure.what, f"{figure.value:.2f} {figure.unit}", target, verdict)
    Console().print(table)


def to_json(title: str, figures: Sequence[Figure]) -> str:
    """Return the same as one JSON object."""
    return json.dumps(
        {"title": title, "on": describe_machine(), "figures": [asdict(f) for f in figures]}
    )
