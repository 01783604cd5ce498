"""Work on the scheduler's real threads: failed, abandoned, metered."""

import asyncio
import threading
import time
from collections.abc import Iterator

import pytest

from hoarfrost.render import Packet
from hoarfrost.session.scheduler import Scheduler, Work
from hoarfrost.units import Milliseconds, Seconds
from tests.session.gates import Closable, Gate, Steps, at, iter_packets, packet


@pytest.fixture
def scheduler() -> Iterator[Scheduler]:
    """A scheduler with one thread."""
    scheduler = Scheduler(1)
    yield scheduler
    scheduler.close()


async def test_failure_reaches_the_awaiter(scheduler: Scheduler) -> None:
    """What a step raises is raised where it is awaited, and the thread goes on."""

    def fail() -> None:
        raise ZeroDivisionError("mine")

    with pytest.raises(ZeroDivisionError, match="mine"):
        await scheduler.step(Closable(fail).work, 0.0)
    assert await scheduler.step(Closable(lambda: None).work, 0.0) == packet("1")


@pytest.mark.parametrize("panic", [SystemExit, KeyboardInterrupt, BaseException])
async def test_thread_survives_a_panic(scheduler: Scheduler, panic: type[BaseException]) -> None:
    """An exception that would end a thread, or the server, is an ordinary failure of its work."""

    def fail() -> None:
        raise panic

    with pytest.raises(RuntimeError, match=f"expected a packet, got {panic.__name__}") as caught:
        await scheduler.step(Closable(fail).work, 0.0)
    assert isinstance(caught.value.__cause__, panic)
    assert await scheduler.step(Closable(lambda: None).work, 0.0) == packet("1")


async def test_abandoning_idle_work_closes_it_at_once(scheduler: Scheduler) -> None:
    """Between steps, abandoned work is closed on the spot, and its further steps give None."""
    job = Closable(lambda: None, lambda: None)
    await scheduler.step(job.work, 0.0)
    job.work.abandon()
    assert job.is_closed.is_set()
    assert job.work.step() is None
    assert job.n_done == 1


async def test_abandoning_during_a_step_closes_the_work_after_it(scheduler: Scheduler) -> None:
    """The step under way is finished, the abandoner does not wait for it, and no other follows."""
    gate = Gate()
    job = Closable(gate.hold, lambda: pytest.fail("expected no second step"))
    future = scheduler.step(job.work, 0.0)
    await gate.entered()
    job.work.abandon()
    future.cancel()
    assert not job.is_closed.is_set()
    gate.is_open.set()
    await job.closed()
    assert job.n_done == 1


async def test_abandoned_step_that_waits_is_dropped(scheduler: Scheduler) -> None:
    """Work that is abandoned before its turn comes is passed over; whoever awaits it gets None."""
    gate = Gate()
    under_way = scheduler.step(Closable(gate.hold).work, at(0))
    await gate.entered()
    job = Closable(lambda: pytest.fail("expected no step"))
    future = scheduler.step(job.work, at(60))
    job.work.abandon()
    gate.is_open.set()
    await under_way
    assert await future is None
    assert job.n_done == 0
    assert scheduler.load().n_started == 1


async def test_failure_of_abandoned_work_is_told_to_nobody(scheduler: Scheduler) -> None:
    """A step that fails after its work was abandoned counts as one that gave nothing."""
    gate = Gate()

    def fail() -> None:
        gate.hold()
        raise ZeroDivisionError

    job = Closable(fail)
    future = scheduler.step(job.work, at(0))
    await gate.entered()
    job.work.abandon()
    gate.is_open.set()
    assert await future is None


class Tally:
    """A meter that keeps what it was told, and on which thread."""

    def __init__(self) -> None:
        self.audio_ms: list[Milliseconds] = []
        self.costs_s: list[Seconds] = []
        self.threads: set[str] = set()

    def __call__(self, cost_s: Seconds, audio_ms: Milliseconds) -> None:
        self.audio_ms.append(audio_ms)
        self.costs_s.append(cost_s)
        self.threads.add(threading.current_thread().name)


async def test_meter_is_told_of_each_step(scheduler: Scheduler) -> None:
    """Each step's time and audio are metered where it was done, the last one's too."""
    tally = Tally()
    work = Work((Packet(b"", duration_ms) for duration_ms in (93.0, 0.0, 350.0)), meter=tally)
    while await scheduler.step(work, at(0)) is not None:
        pass
    assert tally.audio_ms == [93.0, 0.0, 350.0, 0.0]
    assert all(cost_s >= 0 for cost_s in tally.costs_s)
    assert tally.threads == {"synthesis-0"}


async def test_meter_counts_the_time_of_the_step_alone(scheduler: Scheduler) -> None:
    """What is metered is not more than what passed while the step was under way."""
    tally, gate = Tally(), Gate()
    asked_at = time.perf_counter()
    work = Work(Closable(gate.hold).steps(), meter=tally)
    future = scheduler.step(work, at(0))
    await gate.entered()
    entered_at = time.perf_counter()
    let_go_at = time.perf_counter()
    gate.is_open.set()
    await future
    [cost_s] = tally.costs_s
    assert let_go_at - entered_at <= cost_s <= time.perf_counter() - asked_at


async def test_what_was_not_done_is_not_metered(scheduler: Scheduler) -> None:
    """Neither a step that fails nor one that is dropped tells anything of the voice's cost."""
    tally = Tally()

    def fail() -> Steps:
        raise ZeroDivisionError
        yield

    with pytest.raises(ZeroDivisionError):
        await scheduler.step(Work(fail(), meter=tally), at(0))
    dropped = Work(iter_packets("a"), meter=tally)
    dropped.abandon()
    assert await scheduler.step(dropped, at(0)) is None
    assert tally.audio_ms == []


async def test_work_that_ends_badly_hits_nobody(scheduler: Scheduler) -> None:
    """What an engine raises while it is being closed does not reach whoever abandoned it."""

    def steps() -> Steps:
        try:
            yield packet("a")
        finally:
            raise ZeroDivisionError

    work = Work(steps())
    await scheduler.step(work, 0.0)
    work.abandon()
    assert work.step() is None


async def test_cancelled_future_is_left_alone(scheduler: Scheduler) -> None:
    """A step whose awaiter has left is done, and its outcome dropped without a sound."""
    gate, failures = Gate(), []
    asyncio.get_running_loop().set_exception_handler(lambda _loop, what: failures.append(what))
    job = Closable(gate.hold)
    future = scheduler.step(job.work, 0.0)
    await gate.entered()
    future.cancel()
    gate.is_open.set()
    await scheduler.step(Closable(lambda: None).work, 1.0)
    assert job.n_done == 1
    assert future.cancelled()
    assert failures == []
