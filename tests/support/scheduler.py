"""A scheduler for virtual time: one worker, whose every step takes as long as it is told."""

import asyncio
from typing import TypeAlias

from hoarfrost.render import Packet
from hoarfrost.session.scheduler import Work
from hoarfrost.session.step_queue import StepQueue
from hoarfrost.units import Seconds

_Future: TypeAlias = "asyncio.Future[Packet | None]"


class VirtualScheduler:
    """Does what `hoarfrost.session.scheduler.Scheduler` does, in its order, without threads.

    Attributes:
        n_steps: Steps done so far.
        dues: The deadline that came with each step asked for, in order.
        callers: Whose each of them was.
    """

    def __init__(self, step_s: Seconds = 0.02) -> None:
        self.n_steps = 0
        self.dues: list[Seconds] = []
        self.callers: list[str] = []
        self._step_s = step_s
        self._waiting: StepQueue[tuple[Work, _Future]] = StepQueue()
        self._is_working = False

    def step(self, work: Work, due: Seconds, *, caller: str = "") -> _Future:
        """Have a step done, after those that come first."""
        loop = asyncio.get_running_loop()
        future: _Future = loop.create_future()
        self.dues.append(due)
        self.callers.append(caller)
        self._waiting.put((work, future), due, caller=caller, now=loop.time())
        if not self._is_working:
            self._begin()
        return future

    def _begin(self) -> None:
        loop = asyncio.get_running_loop()
        while (job := self._waiting.take(loop.time())) is not None:
            work, future = job
            if not work.is_abandoned:
                self._is_working = True
                loop.call_later(self._step_s, self._end, work, future)
                return
            if not future.done():
                future.set_result(None)

    def _end(self, work: Work, future: _Future) -> None:
        self._is_working = False
        self.n_steps += not work.is_abandoned
        try:
            packet = work.step()
        except Exception as error:  # noqa: BLE001 -- as the real one: handed to whoever awaits it
            if not future.done():
                future.set_exception(error)
        else:
            if not future.done():
                future.set_result(packet)
        self._begin()
