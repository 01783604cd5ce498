"""Token buckets: how much somebody may do at once, and from then on.

In: costs, and the moment they arise. Out: whether, and for how long, there is nothing left.
Invariant: over any time t no more than ``burst + rate * t`` is spent without being told.
"""

from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

from hoarfrost.units import Seconds

MAX_ADDRESSES: Final = 4096
"""Addresses that are remembered; the one that came longest ago is forgotten for a new one."""


@dataclass(slots=True)
class Allowance:
    """A token bucket, full at first.

    Attributes:
        burst: What it holds at most.
        rate: What flows in, a second.
    """

    burst: float
    rate: float
    _debt: float = 0.0
    _at: Seconds = 0.0

    def spend(self, cost: float, now: Seconds) -> None:
        """Take out so much, also where so much is not there; or give it back, if it is negative.

        Nobody comes to owe more than another ``burst``: who stops is soon even again.
        """
        self._debt = min(max(0.0, self._owed(now) + cost), 2 * self.burst)
        self._at = now

    def wait(self, now: Seconds) -> Seconds:
        """Return how long until something is left; 0 while there is."""
        return max(0.0, (self._owed(now) - self.burst) / self.rate)

    def wait_for(self, cost: float, now: Seconds) -> Seconds:
        """Return how long until so much is left; 0 when it is."""
        return max(0.0, (self._owed(now) + cost - self.burst) / self.rate)

    def is_spent(self, now: Seconds) -> bool:
        """Return whether nothing is left."""
        return self._owed(now) > self.burst

    def _owed(self, now: Seconds) -> float:
        return max(0.0, self._debt - (now - self._at) * self.rate)


class Allowances:
    """Allowance of each address, all alike.

    Args:
        burst: As in `Allowance`.
        rate: As in `Allowance`.
    """

    def __init__(self, burst: float, rate: float) -> None:
        self._burst = burst
        self._rate = rate
        self._of: OrderedDict[str, Allowance] = OrderedDict()

    def of(self, address: str) -> Allowance:
        """Return the allowance of an address, a full one if it is new or forgotten."""
        allowance = self._of.get(address)
        if allowance is None:
            if len(self._of) >= MAX_ADDRESSES:
                self._of.popitem(last=False)
            allowance = self._of[address] = Allowance(self._burst, self._rate)
        self._of.move_to_end(address)
        return allowance
