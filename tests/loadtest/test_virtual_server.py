"""The virtual server itself: what the tests above believe of it."""

import asyncio

import pytest

from hoarfrost.loadtest.line import LineClosed, Refused
from tests.loadtest.virtual_server import RATE_HZ, VirtualLine, VirtualServer, n_samples_of
from tests.support.virtual_time import run_virtually


async def everything(line: VirtualLine) -> tuple[list[tuple[float, int]], int]:
    """Take in all that comes: when, how many samples; and the close code."""
    heard = []
    try:
        while True:
            message = await line.receive()
            assert isinstance(message, bytes)
            heard.append((asyncio.get_running_loop().time(), len(message) // 2))
    except LineClosed as closed:
        return heard, closed.code


def test_it_speaks_sentences_in_exact_time() -> None:
    """Each after its delay, in chunks of 100 ms, and closes cleanly after <EOS>."""

    async def run() -> tuple[list[tuple[float, int]], int]:
        line = await VirtualServer(delay=0.5, chunk_every=0.02).dial()
        for message in ("abc. ", "de", "f", "<EOS>"):
            await line.send(message)
        return await everything(line)

    heard, code = run_virtually(run())
    assert code == 1000
    assert [n for _, n in heard] == [800, 800, 320, 800, 640]
    assert sum(n for _, n in heard) == n_samples_of("abc. ") + n_samples_of("def")
    assert [at for at, _ in heard] == pytest.approx([0.5, 0.52, 0.54, 1.04, 1.06])
    assert RATE_HZ == 8000


def test_it_forgets_when_it_is_cleared() -> None:
    """Old audio comes for as long as it was told, then nothing but the next text's."""

    async def run(stale: float) -> list[tuple[float, int]]:
        line = await VirtualServer(delay=0.1, chunk_every=0.1, stale=stale).dial()
        hearing = asyncio.create_task(everything(line))
        await line.send("abcdefghijklmnopqrs. And more. ")
        await asyncio.sleep(0.35)
        await line.send("<CLEAR>")
        await asyncio.sleep(1.0)
        await line.send("x.<EOS>")
        await line.send("<EOS>")
        return (await hearing)[0]

    assert [round(at, 2) for at, _ in run_virtually(run(0.0))][:3] == [0.1, 0.2, 0.3]
    assert len([at for at, _ in run_virtually(run(0.0)) if 0.35 < at < 1.4]) == 0
    assert len([at for at, _ in run_virtually(run(0.25)) if 0.35 < at < 1.4]) == 2


def test_it_takes_only_as_many_as_it_has_room_for() -> None:
    """A line that is closed makes room again."""

    async def run() -> None:
        server = VirtualServer(room=1, retry_after=2.0)
        line = await server.dial()
        with pytest.raises(Refused) as refused:
            await server.dial()
        assert refused.value.retry_after == 2.0
        await line.close()
        with pytest.raises(LineClosed):
            await line.send("more")
        await (await server.dial()).close()
        await asyncio.sleep(0)

    run_virtually(run())
