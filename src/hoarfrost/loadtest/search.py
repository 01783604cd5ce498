"""How the highest number of callers that meets the targets is found.

In: whether a trial met them. Out: how many callers to try next. Invariant: it ends within its
number of trials, tries nothing above its cap, and names a number only if that was met twice.

Doubling (or a smaller factor) until a number is too many, then halving the interval, then
confirming. Load is noisy, and so is a machine: what was met or missed once may have been chance. So
a number is too many when it was missed twice, and carried when it was met twice; at most three
trials decide about one.
"""

from typing import Final

DEFAULT_MAX_TRIALS: Final = 24
PRECISION: Final = 0.05
"""The search stops when the interval is within this share of its lower end, or one caller."""

DECISIVE: Final = 2
"""How often a number must have been met, or missed, to be settled."""


class Search:
    """A search for a number of callers.

    Args:
        first: Where to begin.
        cap: The most to try.
        max_trials: The most trials.
        growth: By how much a number that was met is multiplied for the next; above 1.

    Attributes:
        trials: What was tried, in order, with whether it met the targets.
    """

    def __init__(
        self, first: int, cap: int, *, max_trials: int = DEFAULT_MAX_TRIALS, growth: float = 2.0
    ) -> None:
        if not 1 <= first <= cap:
            raise ValueError(f"callers: expected 1 to {cap}, the most to try, got {first}")
        if max_trials < DECISIVE:
            raise ValueError(f"max-trials: expected {DECISIVE} or more, got {max_trials}")
        self.trials: list[tuple[int, bool]] = []
        self._first = first
        self._cap = cap
        self._max_trials = max_trials
        self._growth = growth

    @property
    def next_callers(self) -> int | None:
        """How many callers to try next; None when the search is over."""
        if len(self.trials) >= self._max_trials or self.best is not None:
            return None
        return self._proposal()

    def tell(self, *, is_met: bool) -> None:
        """Take in how the trial that was proposed went."""
        callers = self.next_callers
        if callers is None:
            raise RuntimeError("expected a search that goes on, got one that is over")
        self.trials.append((callers, is_met))

    @property
    def best(self) -> int | None:
        """The number that was found and confirmed; 0 if not even one caller is served so."""
        low, high = self._bounds()
        if high == 1:
            return 0
        is_settled = low == self._cap or (high is not None and high - low <= self._step(low))
        return low if low and is_settled and self._count(low, is_met=True) >= DECISIVE else None

    @property
    def is_capped(self) -> bool:
        """Whether the cap itself was met, so that the truth may be higher."""
        return self.best == self._cap

    @property
    def highest_met(self) -> int:
        """The highest number that was met, confirmed or not, below any that is too many."""
        return self._bounds()[0]

    def _proposal(self) -> int:
        low, high = self._bounds()
        last, is_met = self.trials[-1] if self.trials else (0, True)
        if not is_met and last != high:
            return last  # missed once: that may have been chance
        if high is None:
            more = max(low + 1, round(self._growth * low)) if low else self._first
            return self._cap if low == self._cap else min(self._cap, more)
        if high - low <= self._step(low):
            return max(low, 1)  # confirm it
        return (low + high) // 2

    def _bounds(self) -> tuple[int, int | None]:
        """Return the highest number met below the lowest that is too many, and that one."""
        tried = {callers for callers, _ in self.trials}
        too_many = [callers for callers in tried if self._count(callers, is_met=False) >= DECISIVE]
        high = min(too_many, default=None)
        met = [
            callers
            for callers in tried
            if self._count(callers, is_met=True) and (high is None or callers < high)
        ]
        return max(met, default=0), high

    def _count(self, callers: int, *, is_met: bool) -> int:
        return self.trials.count((callers, is_met))

    @staticmethod
    def _step(low: int) -> int:
        return max(1, int(low * PRECISION))
