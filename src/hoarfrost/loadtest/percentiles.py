"""Percentiles that are values which really occurred.

In: measured values, infinite ones included. Out: the value at a nearest rank. Invariant: never
interpolated, so a p99 of fewer than 100 values is the largest of them; always read it with ``n``.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

_ROUNDING = 1e-9
"""Taken off a rank before it is rounded up: 99.9 % of 1000 is 999, not the float just above it."""


@dataclass(frozen=True, slots=True)
class Distribution:
    """Values in ascending order.

    Attributes:
        ranked: What was measured; infinity stands for what never came.
    """

    ranked: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        if any(a > b for a, b in zip(self.ranked, self.ranked[1:], strict=False)):
            raise ValueError("ranked: expected values in ascending order")

    @classmethod
    def of(cls, values: Iterable[float]) -> Self:
        """Return the distribution of values in any order."""
        return cls(tuple(sorted(values)))

    @property
    def n(self) -> int:
        """How many values there are."""
        return len(self.ranked)

    def at(self, percent: float) -> float | None:
        """Return the smallest value that ``percent`` % of all values do not exceed.

        The nearest-rank method: rank ⌈percent / 100 · n⌉. None if there are no values.

        Raises:
            ValueError: If ``percent`` is not above 0 and at most 100.
        """
        if not 0 < percent <= 100:
            raise ValueError(f"percent: expected more than 0 and at most 100, got {percent}")
        if not self.ranked:
            return None
        rank = math.ceil(percent * self.n / 100 - _ROUNDING)
        return self.ranked[max(rank, 1) - 1]

    def curve(self, n_points: int) -> list[tuple[float, float]]:
        """Return at most ``n_points`` pairs of a percentage and the value at it, ascending."""
        if not self.ranked:
            return []
        n_steps = min(n_points, self.n)
        percents = (100 * step / n_steps for step in range(1, n_steps + 1))
        return [
            (percent, self.ranked[math.ceil(percent * self.n / 100 - _ROUNDING) - 1])
            for percent in percents
        ]
