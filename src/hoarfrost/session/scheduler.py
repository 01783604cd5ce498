"""Where CPU work runs: a few threads that do, of all steps asked for, the one that comes first.

In: `Work` (a generator of packets), when its playback buffer is empty, and whose it is. Out: a
future of the next packet. Invariant: a piece of work is driven by one thread at a time, one step at
a time, and work that was abandoned is not driven any more. What comes first: `step_queue`.
"""

import asyncio
import contextlib
import math
import threading
import time
from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import TypeAlias

from hoarfrost.render import Packet
from hoarfrost.session.step_queue import StepQueue
from hoarfrost.units import Milliseconds, Seconds

Meter: TypeAlias = Callable[[Seconds, Milliseconds], None]
"""Told, on the thread that did a step, how long that took and how much audio came of it."""


class Work:
    """A generator of packets that any thread may drive.

    Args:
        steps: Driven by `next`; closed when done or abandoned.
        meter: Called after each step that did not fail. May not raise or block.
    """

    def __init__(self, steps: Generator[Packet, None, None], *, meter: Meter | None = None) -> None:
        self._steps = steps
        self._meter = meter
        self._driving = threading.Lock()
        self.is_abandoned = False

    def step(self) -> Packet | None:
        """Do one step, on the calling thread; return None when there is nothing left to do."""
        with self._driving:
            packet = None if self.is_abandoned else self._next()
        if self.is_abandoned:
            self._close_unless_driven()
            return None
        return packet

    def abandon(self) -> None:
        """Have no further step done: at once, or when the step under way ends."""
        self.is_abandoned = True
        self._close_unless_driven()

    def _next(self) -> Packet | None:
        began_at = time.perf_counter()
        packet = next(self._steps, None)
        if self._meter is not None:
            audio_ms = 0.0 if packet is None else packet.duration_ms
            self._meter(time.perf_counter() - began_at, audio_ms)
        return packet

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


@dataclass(frozen=True, slots=True)
class Load:
    """What a scheduler does and did.

    Attributes:
        n_workers: Its threads.
        n_busy: Of these, at work on a step now.
        n_waiting: Steps that wait for a thread now.
        n_started: Steps begun so far.
        busy_s: The time that ended steps took, summed.
        late_s: The time that steps waited from when they were both due and asked for until they
            began, summed over the steps begun; of new speech that is all its waiting.
    """

    n_workers: int
    n_busy: int = 0
    n_waiting: int = 0
    n_started: int = 0
    busy_s: Seconds = 0.0
    late_s: Seconds = 0.0


@dataclass(frozen=True, slots=True)
class _Job:
    work: Work
    future: "asyncio.Future[Packet | None]"
    late_from: Seconds


class Scheduler:
    """Worker threads that do one step at a time each.

    One thread a core is enough: steps do not wait. At most one step a session waits here. A step
    of abandoned work is dropped when its turn comes, at the latest when it would have been due.

    Args:
        n_workers: How many threads.
        clock: Tells the threads the time, in seconds from anywhere.
    """

    def __init__(self, n_workers: int, *, clock: Callable[[], Seconds] = time.monotonic) -> None:
        if n_workers < 1:
            raise ValueError(f"n_workers: expected 1 or more, got {n_workers}")
        self._clock = clock
        self._waiting: StepQueue[_Job] = StepQueue()
        self._is_closed = False
        self._changed = threading.Condition()
        self._n_busy = self._n_started = 0
        self._busy_s = self._late_s = 0.0
        self._threads = [
            threading.Thread(target=self._run, name=f"synthesis-{n}", daemon=True)
            for n in range(n_workers)
        ]
        for thread in self._threads:
            thread.start()

    def step(
        self, work: Work, due: Seconds, *, caller: str = ""
    ) -> "asyncio.Future[Packet | None]":
        """Have a step done; the future gives its packet, or None when the work is done.

        Args:
            work: No step of it may be outstanding.
            due: When the playback buffer is empty, by the event loop's clock; for one who has
                nothing to hear, when the speech was asked for.
            caller: Whose it is: callers take turns where not all can be served.

        Raises:
            RuntimeError: If the scheduler is closed.
        """
        if math.isnan(due):
            raise ValueError("due: expected a moment, got nan")
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Packet | None] = loop.create_future()
        # Threads cannot ask the loop for its time.
        now = self._clock()
        due = now + (due - loop.time())
        with self._changed:
            if self._is_closed:
                raise RuntimeError("expected an open scheduler, got a closed one")
            job = _Job(work, future, late_from=max(due, now))
            self._waiting.put(job, due, caller=caller, now=now)
            self._changed.notify()
        return future

    def load(self) -> Load:
        """Return what there is to do, and what was done so far."""
        with self._changed:
            return Load(
                n_workers=len(self._threads),
                n_busy=self._n_busy,
                n_waiting=len(self._waiting),
                n_started=self._n_started,
                busy_s=self._busy_s,
                late_s=self._late_s,
            )

    def close(self, *, timeout: Seconds | None = None) -> list[str]:
        """Stop the threads after the steps under way; the futures of steps that wait fail.

        Args:
            timeout: How long to wait for those steps; None for as long as they take.

        Returns:
            The names of the threads that are still at work, which end with the process.
        """
        with self._changed:
            self._is_closed = True
            self._changed.notify_all()
            while (job := self._waiting.take(math.inf)) is not None:
                _answer(job, None, RuntimeError("expected an open scheduler, got one that closes"))
        deadline = math.inf if timeout is None else time.monotonic() + timeout
        for thread in self._threads:
            left = deadline - time.monotonic()
            thread.join(None if left == math.inf else max(left, 0.0))
        return [thread.name for thread in self._threads if thread.is_alive()]

    def _run(self) -> None:
        while (job := self._begin()) is not None:
            began_at = time.perf_counter()
            packet, error = _do(job.work)
            with self._changed:
                self._n_busy -= 1
                self._busy_s += time.perf_counter() - began_at
            _answer(job, packet, error)

    def _begin(self) -> _Job | None:
        """Wait for a step to do, and return it; None when there will be no more."""
        with self._changed:
            while not self._is_closed:
                now = self._clock()
                job = self._waiting.take(now)
                if job is None:
                    self._changed.wait()
                elif job.work.is_abandoned:
                    _answer(job, None, None)
                else:
                    self._n_busy += 1
                    self._n_started += 1
                    self._late_s += max(0.0, now - job.late_from)
                    return job
        return None


def _do(work: Work) -> tuple[Packet | None, Exception | None]:
    try:
        return work.step(), None
    except Exception as error:  # noqa: BLE001 -- handed to whoever awaits the step
        return None, error
    except BaseException as panic:  # noqa: BLE001 -- of native code: must not end the thread
        failure = RuntimeError(f"expected a packet, got {type(panic).__name__}")
        failure.__cause__ = panic
        return None, failure


def _answer(job: _Job, packet: Packet | None, error: Exception | None) -> None:
    if job.work.is_abandoned:  # then nobody asks how it ended
        packet = error = None
    try:
        job.future.get_loop().call_soon_threadsafe(_settle, job.future, packet, error)
    except RuntimeError:  # the loop is closed: nobody waits any more
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
