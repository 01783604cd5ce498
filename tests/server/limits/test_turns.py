"""The loop's turns are shared."""

import asyncio

from hoarfrost.server.limits.turns import Turns
from tests.support.virtual_time import run_virtually


def test_all_together_keep_the_rate() -> None:
    """However many ask, no more is done in a second than the rate says, each in turn."""
    run_virtually(_keep_the_rate())


async def _keep_the_rate() -> None:
    loop = asyncio.get_running_loop()
    turns = Turns(loop, rate=100)
    done: list[tuple[str, float]] = []
    began = loop.time()

    def ask(name: str) -> None:
        def piece() -> float:
            done.append((name, loop.time() - began))
            ask(name)
            return 10.0

        turns.ask(piece)

    for name in "abc":
        ask(name)
    await asyncio.sleep(0.95)
    assert [name for name, _ in done] == list("abcabcabca")
    assert all(abs(at - n * 0.1) < 0.01 for n, (_, at) in enumerate(done))


def test_a_defect_of_one_is_not_the_end_of_all() -> None:
    """A piece that raises does not keep the next one waiting."""
    run_virtually(_one_is_broken())


async def _one_is_broken() -> None:
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda *_: None)
    turns = Turns(loop)
    done = asyncio.Event()

    def broken() -> float:
        raise ValueError

    def sound() -> float:
        done.set()
        return 0.0

    turns.ask(broken)
    turns.ask(sound)
    await asyncio.wait_for(done.wait(), 1)
