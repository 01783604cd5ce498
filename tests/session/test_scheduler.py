"""The scheduler's real threads, held and let go by events: nothing here waits for a clock."""

import asyncio
import threading
from collections.abc import Callable, Generator, Iterator

import pytest

from hoarfrost.render import Packet
from hoarfrost.session.scheduler import Scheduler, Work

PATIENCE_S = 10
"""How long a broken scheduler hangs before its test fails; a working one never waits so long."""

Steps = Generator[Packet, None, None]


def packet(name: str) -> Packet:
    return Packet(name.encode(), 0.0)


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
        self.work = Work(self._run())

    def _run(self) -> Steps:
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


@pytest.fixture
def scheduler() -> Iterator[Scheduler]:
    """A scheduler with one thread."""
    scheduler = Scheduler(1)
    yield scheduler
    scheduler.close()


@pytest.mark.parametrize("n_workers", [0, -1])
def test_there_must_be_a_thread(n_workers: int) -> None:
    """No threads at all are refused, since nothing would ever be done."""
    with pytest.raises(ValueError, match=f"n_workers: expected 1 or more, got {n_workers}"):
        Scheduler(n_workers)


async def test_steps_give_packets_then_none(scheduler: Scheduler) -> None:
    """Each step gives the next packet; when there is none, None."""
    work = Work(packet(name) for name in "ab")
    outcome = [await scheduler.step(work, 0.0) for _ in range(4)]
    assert outcome == [packet("a"), packet("b"), None, None]


async def test_steps_run_on_the_scheduler_s_threads(scheduler: Scheduler) -> None:
    """No step runs on the event loop's thread."""
    threads: list[str] = []
    job = Closable(lambda: threads.append(threading.current_thread().name))
    await scheduler.step(job.work, 0.0)
    assert threads == ["synthesis-0"]


async def test_earliest_deadline_is_first(scheduler: Scheduler) -> None:
    """Of the steps that wait, the one whose listener runs dry first is done first."""
    gate, done = Gate(), []
    under_way = scheduler.step(Closable(gate.hold).work, 9.0)
    await gate.entered()
    dues = [5.0, 1.0, float("-inf"), 3.0, 1.0]
    waiting = [
        scheduler.step(Closable(lambda name=name: done.append(name)).work, due)
        for name, due in enumerate(dues)
    ]
    gate.is_open.set()
    await asyncio.gather(under_way, *waiting)
    assert [dues[name] for name in done] == sorted(dues)
    assert done == [2, 1, 4, 3, 0]  # of two that are due together, the one asked for first


async def test_threads_work_side_by_side() -> None:
    """With two threads, two steps are under way at once."""
    scheduler = Scheduler(2)
    both = threading.Barrier(2)
    jobs = [Closable(lambda: both.wait(PATIENCE_S)) for _ in range(2)]
    await asyncio.gather(*(scheduler.step(job.work, 0.0) for job in jobs))
    scheduler.close()


async def test_one_work_is_driven_by_one_thread_at_a_time() -> None:
    """A generator is never entered by two threads, even when a caller asks for too much."""
    scheduler = Scheduler(2)
    gate, second = Gate(), Gate()
    second.is_open.set()
    job = Closable(gate.hold, second.hold)
    steps = [scheduler.step(job.work, 0.0), scheduler.step(job.work, 0.0)]
    await gate.entered()
    async with asyncio.timeout(PATIENCE_S):
        # Until the other thread has taken the second step as well.
        while scheduler._jobs:  # noqa: ASYNC110 -- the heap has no event to wait for
            await asyncio.sleep(0)
    assert not second.is_entered.is_set()
    gate.is_open.set()
    assert await asyncio.gather(*steps) == [packet("1"), packet("2")]
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


async def test_abandoned_step_that_waits_is_not_done(scheduler: Scheduler) -> None:
    """Work that is abandoned before its turn comes is passed over."""
    gate = Gate()
    under_way = scheduler.step(Closable(gate.hold).work, 0.0)
    await gate.entered()
    job = Closable(lambda: pytest.fail("expected no step"))
    future = scheduler.step(job.work, 1.0)
    job.work.abandon()
    future.cancel()
    gate.is_open.set()
    await under_way
    await scheduler.step(Closable(lambda: None).work, 2.0)
    assert job.n_done == 0


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


async def test_closing_ends_the_threads_after_the_step_under_way() -> None:
    """Close waits for the step under way; steps that wait fail, so nobody waits for ever."""
    scheduler = Scheduler(1)
    gate = Gate()
    under_way = scheduler.step(Closable(gate.hold).work, 0.0)
    await gate.entered()
    waiting = scheduler.step(Closable(lambda: pytest.fail("expected no step")).work, 1.0)
    closing = asyncio.create_task(asyncio.to_thread(scheduler.close))
    with pytest.raises(RuntimeError, match="expected an open scheduler"):
        await waiting
    assert not closing.done()
    gate.is_open.set()
    await closing
    assert await under_way == packet("1")
    assert not any(thread.is_alive() for thread in scheduler._threads)


async def test_closed_scheduler_takes_nothing() -> None:
    """A step asked for after close is refused at once; closing again is harmless."""
    scheduler = Scheduler(1)
    scheduler.close()
    scheduler.close()
    with pytest.raises(RuntimeError, match="expected an open scheduler, got a closed one"):
        scheduler.step(Closable(lambda: None).work, 0.0)


def test_event_loop_that_is_gone_is_harmless() -> None:
    """A step that ends after its event loop was closed closes its work; the thread goes on."""
    scheduler = Scheduler(1)
    gate = Gate()
    job = Closable(gate.hold, lambda: pytest.fail("expected no second step"))

    async def leave() -> None:
        scheduler.step(job.work, 0.0)
        await gate.entered()

    asyncio.run(leave())
    gate.is_open.set()
    assert job.is_closed.wait(PATIENCE_S)

    async def use() -> Packet | None:
        return await scheduler.step(Closable(lambda: None).work, 0.0)

    assert asyncio.run(use()) == packet("1")
    scheduler.close()
