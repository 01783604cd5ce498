"""The event loop's turns: connections that ask for more than their allowance share a rate.

In: callbacks, each one piece of a connection's work. Out: the same, one after the other. Invariant:
all of them together do no more than `RATE` units a second, so they never fill the loop, however
many they are; and none is served twice while another waits.
"""

from asyncio import AbstractEventLoop, TimerHandle
from collections import deque
from collections.abc import Callable
from typing import Final, TypeAlias

from hoarfrost.units import Seconds

RATE: Final = 1000.0
"""Units a second. A unit is a message: 50 to 100 us of the loop, so a tenth of it at most."""

Piece: TypeAlias = Callable[[], float]
"""Does one piece of work; returns what it cost, in units."""


class Turns:
    """A queue of pieces of work, served at a rate.

    Args:
        loop: Where they are done.
        rate: Units a second.
    """

    def __init__(self, loop: AbstractEventLoop, rate: float = RATE) -> None:
        self._loop = loop
        self._rate = rate
        self._waiting: deque[Piece] = deque()
        self._timer: TimerHandle | None = None
        self._free_at: Seconds = 0.0

    def ask(self, piece: Piece) -> None:
        """Have a piece of work done when its turn comes, never at once."""
        self._waiting.append(piece)
        self._arm()

    def _arm(self) -> None:
        if self._timer is None and self._waiting:
            at = max(self._free_at, self._loop.time())
            self._timer = self._loop.call_at(at, self._serve)

    def _serve(self) -> None:
        piece = self._waiting.popleft()
        cost = 1.0
        try:
            cost = piece()
        finally:
            self._free_at = max(self._free_at, self._loop.time()) + cost / self._rate
            self._timer = None  # not before: what it asks for meanwhile waits for its cost
            self._arm()
