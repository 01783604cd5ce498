"""A scheduler for virtual time: one worker, whose every step takes as long as it is told."""

import asyncio
import heapq
import itertools
from typing import TypeAlias

from hoarfrost.render import Packet
from hoarfrost.session.scheduler import Work
from hoarfrost.units import Seconds

_Future: TypeAlias = "asyncio.Future[Packet | None]"


class VirtualScheduler:
    """Does what `hoarfrost.session.scheduler.Scheduler` does, without threads.

    Attributes:
        n_steps: Steps done so far.
        dues: The deadline that came with each step asked for, in order.
    """

    def __init__(self, step_s: Seconds = 0.02) -> None:
        self.n_steps = 0
        self.dues: list[Seconds] = []
        self._step_s = step_s
        self._jobs: list[tuple[Seconds, int, Work, _Future]] = []
        self._numbers = itertools.count()
        self._is_working = False

    def step(self, work: Work, due: Seconds) -> _Future:
        """Have a step done, after those that are due sooner."""
        future: _Future = asyncio.get_running_loop().create_future()
        self.dues.append(due)
        heapq.heappush(self._jobs, (due, next(self._numbers), work, future))
        if not self._is_working:
            self._begin()
        return future

    def _begin(self) -> None:
        _, _, work, future = heapq.heappop(self._jobs)
        self._is_working = True
        asyncio.get_running_loop().call_later(self._step_s, self._end, work, future)

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
        if self._jobs:
            self._begin()
