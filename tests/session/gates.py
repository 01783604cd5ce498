"""Steps on the scheduler's real threads, held and let go by events: nothing waits for a clock."""

import asyncio
import threading
from collections.abc import Callable, Generator

from hoarfrost.render import Packet
from hoarfrost.session.scheduler import Work
from hoarfrost.units import Seconds

PATIENCE_S = 10
"""How long a broken scheduler hangs before its test fails; a working one never waits so long."""

Steps = Generator[Packet, None, None]


def packet(name: str) -> Packet:
    return Packet(name.encode(), 0.0)


def iter_packets(*names: str) -> Steps:
    """Return steps that give a packet for each name."""
    return (packet(name) for name in names)


def at(seconds: Seconds) -> Seconds:
    """Return a moment, so many seconds from now, by the clock that deadlines are told in."""
    return asyncio.get_running_loop().time() + seconds


class Gate:
    """A step that says when a thread is in it, and stays there until it is let go."""

    def __init__(self) -> None:
        self.is_entered = threading.Event()
        self.is_open = threading.Event()

    def hold(self) -> None:
        """Stay here until the gate is open."""
        self.is_entered.set()
        assert self.is_open.wait(PATIENCE_S)

    async def entered(self) -> None:
        """Wait until a thread is in the gate."""
        assert await asyncio.to_thread(self.is_entered.wait, PATIENCE_S)


class Closable:
    """Steps that say when they were closed, and on which thread."""

    def __init__(self, *steps: Callable[[], object]) -> None:
        self.is_closed = threading.Event()
        self.n_done = 0
        self._steps = steps
        self.work = Work(self.steps())

    def steps(self) -> Steps:
        """Return them, to be driven."""
        try:
            for step in self._steps:
                step()
                self.n_done += 1
                yield packet(str(self.n_done))
        finally:
            self.is_closed.set()

    async def closed(self) -> None:
        """Wait until the steps were closed."""
        assert await asyncio.to_thread(self.is_closed.wait, PATIENCE_S)


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> Seconds:
        return self.now
