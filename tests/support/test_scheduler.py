"""The scheduler for virtual time that other tests stand on."""

import asyncio
from collections.abc import Generator

import pytest

from hoarfrost.render import Packet
from hoarfrost.session.scheduler import Work
from tests.support.scheduler import VirtualScheduler
from tests.support.virtual_time import run_virtually


def work(*names: str) -> Work:
    """Return work that gives a packet for each name."""

    def steps() -> Generator[Packet, None, None]:
        for name in names:
            yield Packet(name.encode(), 0.0)

    return Work(steps())


def now() -> float:
    return asyncio.get_running_loop().time()


def test_step_takes_its_time_and_gives_its_packet() -> None:
    """Each step takes the time that was told, the last one too, which gives None."""

    async def do() -> list[tuple[float, bytes | None]]:
        scheduler, job = VirtualScheduler(0.5), work("a", "b")
        outcome: list[tuple[float, bytes | None]] = []
        for _ in range(3):
            packet = await scheduler.step(job, 0.0)
            outcome.append((now(), packet and packet.data))
        assert scheduler.n_steps == 3
        return outcome

    assert run_virtually(do()) == [(0.5, b"a"), (1.0, b"b"), (1.5, None)]


def test_earliest_deadline_is_first_and_one_step_runs_at_a_time() -> None:
    """Of the steps that wait, the one due first runs when the one under way has ended."""

    async def do() -> list[tuple[float, str]]:
        scheduler = VirtualScheduler(1.0)
        done: list[tuple[float, str]] = []

        async def ask(name: str, due: float) -> None:
            await scheduler.step(work(name), due)
            done.append((now(), name))

        async with asyncio.TaskGroup() as group:
            for name, due in [("under way", 9.0), ("late", 8.0), ("soon", 1.0), ("also soon", 1.0)]:
                group.create_task(ask(name, due))
        assert scheduler.dues == [9.0, 8.0, 1.0, 1.0]
        return done

    expected = [(1.0, "under way"), (2.0, "soon"), (3.0, "also soon"), (4.0, "late")]
    assert run_virtually(do()) == expected


def test_failure_reaches_the_awaiter() -> None:
    """What a step raises is raised where it is awaited."""

    def fail() -> Generator[Packet, None, None]:
        raise ZeroDivisionError
        yield

    async def do() -> None:
        await VirtualScheduler().step(Work(fail()), 0.0)

    with pytest.raises(ZeroDivisionError):
        run_virtually(do())


def test_abandoned_work_is_dropped() -> None:
    """A waiting step of work that was abandoned takes no time, and whoever awaits it gets None."""

    async def do() -> None:
        scheduler = VirtualScheduler(1.0)
        under_way, job, after = work("a"), work("b"), work("c")
        steps = [scheduler.step(each, 0.0) for each in (under_way, job, after)]
        job.abandon()
        assert await steps[1] is None
        assert now() == 1.0
        assert await steps[2] == Packet(b"c", 0.0)
        assert now() == 2.0
        assert scheduler.n_steps == 2

    run_virtually(do())


def test_step_under_way_is_not_done_if_abandoned() -> None:
    """A step whose work was abandoned meanwhile takes its time and does nothing."""

    async def do() -> None:
        scheduler, job = VirtualScheduler(1.0), work("a")
        future = scheduler.step(job, 0.0)
        job.abandon()
        assert await future is None
        assert (now(), scheduler.n_steps) == (1.0, 0)

    run_virtually(do())


def test_callers_take_turns() -> None:
    """The order is the real scheduler's own, with its turns between callers."""

    async def do() -> None:
        scheduler = VirtualScheduler(1.0)
        callers = ["", "crowd", "crowd", "alone"]
        steps = [scheduler.step(work(caller), 0.0, caller=caller) for caller in callers]
        await steps[3]
        assert now() == 3.0
        await asyncio.gather(*steps)
        assert scheduler.callers == callers

    run_virtually(do())
