"""An event loop whose clock jumps: hours of waiting take no time, and every run is the same.

The clock stands still while anything can run; when all wait, it jumps to the next timer. When no
timer is left, nothing can ever happen again, and that is an error rather than a test that hangs.
"""

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any, TypeVar

from hoarfrost.units import Seconds

T = TypeVar("T")


class Stalled(Exception):
    """Every task waits for something that cannot happen any more."""


class _Selector(selectors.SelectSelector):
    """Never waits: what it was asked to wait is added to the clock."""

    now: Seconds = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if not ready:
            if timeout is None:
                raise Stalled("expected a timer or a task that can run, got none")
            self.now += timeout
        return ready


class VirtualTimeLoop(asyncio.SelectorEventLoop):
    """An asyncio event loop over a virtual clock that begins at 0.

    Attributes:
        failures: What asyncio had to report, such as an exception that nobody looked at.
    """

    def __init__(self) -> None:
        self._clock = _Selector()
        super().__init__(self._clock)
        self.failures: list[dict[str, Any]] = []
        self.set_exception_handler(lambda _loop, context: self.failures.append(context))

    def time(self) -> Seconds:
        return self._clock.now


def run_virtually(coroutine: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine to its end in virtual time.

    Raises:
        Stalled: If it waits for something that cannot happen.
        AssertionError: If it leaves tasks behind, or asyncio had anything to report.
    """
    loops: list[VirtualTimeLoop] = []

    def make_loop() -> VirtualTimeLoop:
        loops.append(VirtualTimeLoop())
        return loops[0]

    with asyncio.Runner(loop_factory=make_loop) as runner:
        result = runner.run(_leaving_nothing(coroutine))
    assert not loops[0].failures, loops[0].failures
    return result


async def _leaving_nothing(coroutine: Coroutine[Any, Any, T]) -> T:
    result = await coroutine
    leaked = asyncio.all_tasks() - {asyncio.current_task()}
    assert not leaked, f"expected no task to be left, got {leaked}"
    return result
