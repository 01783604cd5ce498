"""The scheduler's real threads: their order, their load, their end."""

import asyncio
import threading
from collections.abc import Callable, Generator, Iterator

import pytest

from hoarfrost.render import Packet
from hoarfrost.session.scheduler import Load, Scheduler, Work
from hoarfrost.units import Seconds
from tests.session.gates import PATIENCE_S, Clock, Closable, Gate, at, packet


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


async def test_closing_is_bounded_whatever_a_step_does() -> None:
    """A step that does not end is left to the process: its thread is named, and closing returns."""
    is_begun, may_end = threading.Event(), threading.Event()

    def stuck() -> Generator[Packet, None, None]:
        is_begun.set()
        may_end.wait()
        yield Packet(b"", 0.0)

    scheduler = Scheduler(2)
    step = scheduler.step(Work(stuck()), 0.0)
    await asyncio.to_thread(is_begun.wait)
    assert len(scheduler.close(timeout=0.01)) == 1
    may_end.set()
    assert scheduler.close() == []
    assert await step is not None
