"""How often a request is made again, and after how long."""

import time
from collections.abc import Callable
from typing import Final

from hoarfrost.units import Seconds
from hoarfrost.voices.faults import Unreachable
from hoarfrost.voices.source import Lost

DELAYS: Final[tuple[Seconds, ...]] = (1.0, 2.0, 4.0, 8.0)
"""Pauses between attempts: five in all."""

LONGEST_WAIT: Final[Seconds] = 60.0
"""A server that asks to come back later than this is taken at its word: not now."""


class Patience:
    """Waits between attempts, longer each time, and gives up after the last.

    Args:
        sleep: Waits so many seconds.
    """

    def __init__(self, sleep: Callable[[Seconds], None] = time.sleep) -> None:
        self._sleep = sleep
        self._n_lost = 0

    def renew(self) -> None:
        """Begin to count anew: the last attempt brought something."""
        self._n_lost = 0

    def wait(self, lost: Lost) -> None:
        """Wait for the next attempt.

        Raises:
            Unreachable: If there is to be none.
        """
        if self._n_lost == len(DELAYS):
            raise Unreachable(f"{lost} ({self._n_lost + 1} attempts)") from lost
        pause = max(DELAYS[self._n_lost], lost.retry_after or 0.0)
        if pause > LONGEST_WAIT:
            raise Unreachable(f"{lost}; it asks to come back in {pause:.0f} s") from lost
        self._n_lost += 1
        self._sleep(pause)
