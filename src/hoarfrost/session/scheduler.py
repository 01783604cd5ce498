"""Where CPU work runs: a few threads that take, of all steps asked for, the most urgent one.

In: `Work` (a generator of packets) and the moment its listener runs dry. Out: a future of the next
packet. Invariant: a piece of work is driven by one thread at a time, one step at a time, and work
that was abandoned is not driven any more.
"""

import asyncio
import contextlib
import heapq
import itertools
import threading
from collections.abc import Generator
from dataclasses import dataclass, field

from hoarfrost.render import Packet
from hoarfrost.units import Seconds


class Work:
    """A generator of packets that any thread may drive.

    Args:
        steps: Driven by `next`; closed when done or abandoned.
    """

    def __init__(self, steps: Generator[Packet, None, None]) -> None:
        self._steps = steps
        self._driving = threading.Lock()
        self.is_abandoned = False

    def step(self) -> Packet | None:
        """Do one step, on the calling thread; return None when there is nothing left to do."""
        with self._driving:
            packet = None if self.is_abandoned else next(self._steps, None)
        if self.is_abandoned:
            self._close_unless_driven()
            return None
        return packet

    def abandon(self) -> None:
        """Have no further step done: at once, or when the step under way ends."""
        self.is_abandoned = True
        self._close_unless_driven()

    def _close_unless_driven(self) -> None:
        # Whoever fails to get the lock here is not needed: its holder looks at is_abandoned after
        # letting go of it.
        if self._driving.acquire(blocking=False):
            try:
                # Nobody waits for abandoned work, so nobody is to be hit by the way it ends.
                with contextlib.suppress(Exception):
                    self._steps.close()
            finally:
                self._driving.release()


@dataclass(order=True, slots=True)
class _Job:
    due: Seconds
    number: int
    work: Work = field(compare=False)
    future: "asyncio.Future[Packet | None]" = field(compare=False)


class Scheduler:
    """Worker threads over one heap of steps, the earliest deadline first.

    One thread a core is enough: steps do not wait. The heap holds at most one step a session.

    Args:
        n_workers: How many threads.
    """

    def __init__(self, n_workers: int) -> None:
        if n_workers < 1:
            raise ValueError(f"n_workers: expected 1 or more, got {n_workers}")
        self._jobs: list[_Job] = []
        self._numbers = itertools.count()
        self._is_closed = False
        self._changed = threading.Condition()
        self._threads = [
            threading.Thread(target=self._run, name=f"synthesis-{n}", daemon=True)
            for n in range(n_workers)
        ]
        for thread in self._threads:
            thread.start()

    def step(self, work: Work, due: Seconds) -> "asyncio.Future[Packet | None]":
        """Have a step done; the future gives its packet, or None when the work is done.

        Args:
            work: No step of it may be outstanding.
            due: When the listener runs dry; what is due sooner is done sooner.
        """
        future: asyncio.Future[Packet | None] = asyncio.get_running_loop().create_future()
        with self._changed:
            if self._is_closed:
                raise RuntimeError("expected an open scheduler, got a closed one")
            heapq.heappush(self._jobs, _Job(due, next(self._numbers), work, future))
            self._changed.notify()
        return future

    def close(self) -> None:
        """Stop the threads after the steps under way; the futures of steps that wait fail."""
        with self._changed:
            self._is_closed = True
            jobs, self._jobs = self._jobs, []
            self._changed.notify_all()
        for job in jobs:
            _answer(job, None, RuntimeError("expected an open scheduler, got one that closes"))
        for thread in self._threads:
            thread.join()

    def _run(self) -> None:
        while True:
            with self._changed:
                while not self._jobs and not self._is_closed:
                    self._changed.wait()
                if self._is_closed:
                    return
                job = heapq.heappop(self._jobs)
            _do(job)


def _do(job: _Job) -> None:
    packet, error = None, None
    try:
        packet = job.work.step()
    except Exception as caught:  # noqa: BLE001 -- handed to whoever awaits the step
        error = caught
    except BaseException as caught:  # noqa: BLE001 -- a panic of native code must not end the thread
        error = RuntimeError(f"expected a packet, got {type(caught).__name__}")
        error.__cause__ = caught
    _answer(job, packet, error)


def _answer(job: _Job, packet: Packet | None, error: Exception | None) -> None:
    # Nobody waits for abandoned work, and its event loop may be gone.
    if not job.work.is_abandoned:
        try:
            job.future.get_loop().call_soon_threadsafe(_settle, job.future, packet, error)
        except RuntimeError:  # the loop was closed in between
            job.work.abandon()


def _settle(
    future: "asyncio.Future[Packet | None]", packet: Packet | None, error: Exception | None
) -> None:
    if future.cancelled():
        return
    if error is None:
        future.set_result(packet)
    else:
        future.set_exception(error)
