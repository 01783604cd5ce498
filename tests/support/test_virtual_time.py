"""The virtual clock that other tests stand on."""

import asyncio
import time

import pytest

from tests.support.virtual_time import Stalled, run_virtually


def now() -> float:
    return asyncio.get_running_loop().time()


def test_waiting_takes_no_time_and_the_clock_shows_it() -> None:
    """A wait of a day is over at once, and the clock has moved by exactly a day."""

    async def wait() -> float:
        await asyncio.sleep(86_400)
        return now()

    before = time.monotonic()
    assert run_virtually(wait()) == 86_400
    assert time.monotonic() - before < 10


def test_timers_fire_in_order_at_their_moment() -> None:
    """Each timer fires at its own moment, the earliest first, whatever the order of making."""

    async def record() -> list[float]:
        fired: list[float] = []

        async def wait(delay_s: float) -> None:
            await asyncio.sleep(delay_s)
            fired.append(now())

        await asyncio.gather(wait(2.5), wait(0.25), wait(1.0))
        return fired

    assert run_virtually(record()) == [0.25, 1.0, 2.5]


def test_clock_stands_still_while_tasks_run() -> None:
    """Work that does not wait takes no virtual time."""

    async def spin() -> float:
        for _ in range(100):
            await asyncio.sleep(0)
        return now()

    assert run_virtually(spin()) == 0


def test_waiting_for_what_cannot_happen_is_an_error() -> None:
    """A future that nobody will ever settle raises instead of hanging."""

    async def wait_forever() -> None:
        await asyncio.get_running_loop().create_future()

    with pytest.raises(Stalled, match="expected a timer"):
        run_virtually(wait_forever())


def test_leaked_task_is_an_error() -> None:
    """A task that outlives the coroutine is reported, and cancelled."""
    endings: list[str] = []

    async def linger() -> None:
        try:
            await asyncio.sleep(1)
        finally:
            endings.append("cancelled")

    async def leak() -> None:
        endings.append("began")
        leak.task = asyncio.create_task(linger())  # type: ignore[attr-defined]
        await asyncio.sleep(0)

    with pytest.raises(AssertionError, match="expected no task to be left"):
        run_virtually(leak())
    assert endings == ["began", "cancelled"]


def test_failing_callback_is_an_error() -> None:
    """What asyncio would only have logged fails the test."""

    def fail() -> None:
        raise ValueError("from a callback")

    async def call() -> None:
        asyncio.get_running_loop().call_soon(fail)
        await asyncio.sleep(0)

    with pytest.raises(AssertionError, match="from a callback"):
        run_virtually(call())


def test_exception_reaches_the_caller() -> None:
    """What the coroutine raises comes out unchanged."""

    async def fail() -> None:
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        run_virtually(fail())
