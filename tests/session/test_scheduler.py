"""The scheduler's real threads, held and let go by events: nothing here waits for a clock."""

import asyncio
import threading
import time
from collections.abc import Callable, Generator, Iterator

import pytest

from hoarfrost.render import Packet
from hoarfrost.session.scheduler import Load, Scheduler, Work
from hoarfrost.units import Milliseconds, Seconds

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


@pytest.fixture
def clock() -> Clock:
    """The clock of the scheduler's threads."""
    return Clock()


@pytest.fixture
def scheduler(clock: Clock) -> Iterator[Scheduler]:
    """A scheduler with one thread, for which time stands still."""
    scheduler = Scheduler(1, clock=clock)
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


async def order_of(
    scheduler: Scheduler, *asked: tuple[str, Seconds, str], meanwhile: Callable[[], object] = int
) -> list[str]:
    """Return the order in which steps are done that wait for the only thread all at once."""
    gate, done = Gate(), []
    under_way = scheduler.step(Closable(gate.hold).work, at(0))
    await gate.entered()
    waiting = [
        scheduler.step(
            Closable(lambda name=name: done.append(name)).work, at(seconds), caller=caller
        )
        for name, seconds, caller in asked
    ]
    meanwhile()
    gate.is_open.set()
    await asyncio.gather(under_way, *waiting)
    return done


async def test_new_speech_is_before_speech_that_is_well_ahead(scheduler: Scheduler) -> None:
    """Who has nothing to hear is first, by when it was asked for; then who runs dry first."""
    asked = [("later", 90, ""), ("soon", 60, ""), ("new", 0, ""), ("older", -5, "")]
    names = await order_of(scheduler, *asked, ("oldest", float("-inf"), ""))
    assert names == ["oldest", "older", "new", "soon", "later"]


async def test_who_runs_dry_is_first(scheduler: Scheduler, clock: Clock) -> None:
    """As time passes, listeners who run dry come before new speech, but no more than three."""
    asked = [("new", 0, ""), *[(f"dry {n}", 10 * n, "") for n in (4, 3, 2, 1)]]
    names = await order_of(scheduler, *asked, meanwhile=lambda: setattr(clock, "now", 1040.0))
    assert names == ["dry 1", "dry 2", "dry 3", "new", "dry 4"]


async def test_callers_take_turns(scheduler: Scheduler) -> None:
    """A caller who asks for one step waits for one of a caller who asks for fifty."""
    asked = [(f"crowd {n}", 0, "crowd") for n in range(50)]
    names = await order_of(scheduler, *asked, ("alone", 0, "alone"))
    assert names.index("alone") == 1
    assert len(set(names)) == 51


async def test_moment_must_be_one(scheduler: Scheduler) -> None:
    """A moment that cannot be compared is refused, before it spoils everybody's order."""
    with pytest.raises(ValueError, match="due: expected a moment, got nan"):
        scheduler.step(Closable().work, float("nan"))


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
        while scheduler.load().n_waiting:  # noqa: ASYNC110 -- there is no event to wait for
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


async def test_load_tells_what_there_is_to_do(scheduler: Scheduler) -> None:
    """Threads at work, steps that wait, and the sums of what was done can be read at any time."""
    assert scheduler.load() == Load(n_workers=1)
    gate = Gate()
    steps = [scheduler.step(Closable(gate.hold).work, at(0)) for _ in range(3)]
    await gate.entered()
    held = scheduler.load()
    assert held == Load(n_workers=1, n_busy=1, n_waiting=2, n_started=1)
    gate.is_open.set()
    await asyncio.gather(*steps)
    done = scheduler.load()
    assert (done.n_busy, done.n_waiting, done.n_started) == (0, 0, 3)
    assert done.busy_s > 0


@pytest.mark.parametrize(
    ("due_in", "late_s"),
    [
        pytest.param(0, 5.0, id="new speech: since it was asked for"),
        pytest.param(-9, 5.0, id="a later step of new speech: since this step was"),
        pytest.param(2, 3.0, id="a listener who has run dry: since then"),
        pytest.param(60, 0.0, id="a listener with much to hear: not at all"),
    ],
)
async def test_load_tells_how_late_steps_began(
    scheduler: Scheduler, clock: Clock, due_in: Seconds, late_s: Seconds
) -> None:
    """A step is late from when it was both due and asked for until it begins."""
    await order_of(
        scheduler, ("", due_in, ""), meanwhile=lambda: setattr(clock, "now", clock.now + 5)
    )
    # Between the test's clock and the loop's lie a few instructions, or a busy machine.
    assert scheduler.load().late_s == pytest.approx(late_s, abs=1.0)


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
