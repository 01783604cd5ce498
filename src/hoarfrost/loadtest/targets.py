"""What a server is held to, in a compact grammar.

::

    targets  = target *("," target)
    target   = "success:" share          at least: of the turns tried, those that went well
             | "refused:" share          at most: of the callers, those refused at least once
             | "underrun:" count         at most
             | latency ":" percentile "@" limit
    latency  = "ttfa" | "ttfa_audible" | "stale"     limit: milliseconds or seconds, 500ms, 0.5s
             | "rtf"                                 limit: a plain number
    percentile = "p" number above 0 and at most 100

In: a text, and `Figures`. Out: a `Verdict` each. Invariant: what was not measured is not met.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from hoarfrost.loadtest.figures import Figures
from hoarfrost.loadtest.percentiles import Distribution

DEFAULT_TARGETS: Final = "success:1.00,ttfa:p99@500ms,underrun:0"
_MAX_TARGETS: Final = 20

_NUMBER: Final = r"(\d+(?:\.\d+)?|\.\d+)"
_PERCENTILE: Final = re.compile(rf"p{_NUMBER}@(.+)", re.ASCII)
_DURATION: Final = re.compile(rf"{_NUMBER}(ms|s)", re.ASCII)
_PLAIN: Final = re.compile(_NUMBER, re.ASCII)

_LATENCIES: Final[Mapping[str, Callable[[Figures], Distribution]]] = {
    "ttfa": lambda figures: figures.latencies.ttfa,
    "ttfa_audible": lambda figures: figures.latencies.ttfa_audible,
    "stale": lambda figures: figures.interruptions.stale,
    "rtf": lambda figures: figures.latencies.rtf,
}
_SHARES: Final = ("success", "refused")
NAMES: Final = (*_SHARES, "underrun", *_LATENCIES)


@dataclass(frozen=True, slots=True)
class Target:
    """One thing that is demanded.

    Attributes:
        name: One of `NAMES`.
        limit: The least for ``success``, the most for all others; times are in milliseconds.
        percent: Which percentile; None where there is none.
        text: How it was written.
    """

    name: str
    limit: float
    percent: float | None
    text: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a target was met.

    Attributes:
        target: Which.
        measured: The figure that counts; infinite if it never came, None if it was not measured.
        n: How many values a percentile is of; None for other figures.
        is_met: Whether it is.
    """

    target: Target
    measured: float | None
    n: int | None
    is_met: bool


def parse_targets(text: str) -> tuple[Target, ...]:
    """Read targets.

    Raises:
        ValueError: If they are not in the grammar; the first fault is told.
    """
    items = [item.strip() for item in text.split(",")]
    if len(items) > _MAX_TARGETS:
        raise ValueError(f"targets: expected at most {_MAX_TARGETS}, got {len(items)}")
    return tuple(map(_parse, items))


def judge(targets: Sequence[Target], figures: Figures) -> tuple[Verdict, ...]:
    """Hold figures against targets."""
    return tuple(_judge(target, figures) for target in targets)


def _parse(item: str) -> Target:
    name, colon, rest = item.partition(":")
    if not colon:
        raise ValueError(f"targets: expected NAME:LIMIT, got {item!r}")
    if name in _LATENCIES:
        match = _PERCENTILE.fullmatch(rest)
        if match is None:
            raise ValueError(f"targets: expected {name}:pNUMBER@LIMIT, got {item!r}")
        percent = float(match[1])
        if not 0 < percent <= 100:
            raise ValueError(f"targets: expected a percentile above p0, at most p100, got {item!r}")
        limit = _plain(item, match[2]) if name == "rtf" else _milliseconds(item, match[2])
        return Target(name, limit, percent, item)
    if name in _SHARES:
        share = _plain(item, rest)
        if share > 1:
            raise ValueError(f"targets: expected {name}:SHARE from 0 to 1, got {item!r}")
        return Target(name, share, None, item)
    if name == "underrun":
        if not (rest.isascii() and rest.isdigit()):
            raise ValueError(f"targets: expected underrun:COUNT, a whole number, got {item!r}")
        return Target(name, float(rest), None, item)
    raise ValueError(f"targets: expected one of {', '.join(NAMES)}, got {name!r}")


def _plain(item: str, text: str) -> float:
    if not _PLAIN.fullmatch(text):
        raise ValueError(f"targets: expected a number as the limit, got {item!r}")
    return float(text)


def _milliseconds(item: str, text: str) -> float:
    match = _DURATION.fullmatch(text)
    if match is None:
        raise ValueError(f"targets: expected a limit such as 500ms or 0.5s, got {item!r}")
    return float(match[1]) * (1000 if match[2] == "s" else 1)


def _judge(target: Target, figures: Figures) -> Verdict:
    measured: float | None
    match target.name:
        case "success":
            measured = figures.success
            is_met = measured is not None and measured >= target.limit
            return Verdict(target, measured, None, is_met)
        case "refused":
            return Verdict(target, figures.refused, None, figures.refused <= target.limit)
        case "underrun":
            count = figures.gaps.n_underruns
            return Verdict(target, count, None, count <= target.limit)
        case _:
            distribution = _LATENCIES[target.name](figures)
            measured = distribution.at(target.percent or 100)
            is_met = measured is not None and measured <= target.limit
            return Verdict(target, measured, distribution.n, is_met)
