"""What a caller with a key may do to the server and to others."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.flooder import Target, frame
from hoarfrost.server import uvicorn_protocols
from tests.e2e.talk import PATIENCE_S, connect, listen
from tests.support.server import RealServer, running_server


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealServer]:
    with running_server(tmp_path_factory.mktemp("data"), engines=("tone",)) as server:
        yield server


def target(server: RealServer) -> Target:
    host, _, port = server.address.rpartition(":")
    return Target(host, int(port), server.key)


async def test_pings_of_a_peer_that_reads_nothing_cost_little(server: RealServer) -> None:
    """Of pings whose pongs are not read, only the latest is owed; no queue of pongs grows."""
    reader, writer = await target(server).upgrade()
    n_pings = 2000
    for n in range(n_pings):
        writer.write(frame(0x9, b"%016d" % n + b"x" * 100))
    writer.write(frame(0x1, b"<EOS>"))
    answered = b""
    async with asyncio.timeout(PATIENCE_S):
        while b"\x88\x02\x03\xe8" not in answered:  # the close, 1000
            answered += await reader.read(65536)
    assert b"%016d" % (n_pings - 1) in answered
    writer.close()


async def test_a_message_in_fragments_without_end(server: RealServer) -> None:
    """Thousands of fragments, most of them empty, are still one message."""
    reader, writer = await target(server).upgrade()
    fragments = [b"<", *[b""] * 1500, b"EO", *[b""] * 300, b"S>"]
    for n, fragment in enumerate(fragments):
        opcode = 0x0 if n else 0x1
        writer.write(frame(opcode, fragment, is_last=n == len(fragments) - 1))
    async with asyncio.timeout(PATIENCE_S):
        assert await reader.readexactly(4) == b"\x88\x02\x03\xe8"
    writer.close()


async def test_a_text_by_the_letter_is_spoken_whole(server: RealServer) -> None:
    """A client that sends a long text in single letters, faster than is allowed, loses nothing."""
    text = "alpha bravo charlie. " * 60
    async with connect(server) as whole, connect(server) as letters:
        await whole.send(text)
        await whole.send("<EOS>")
        for letter in text:
            await letters.send(letter)
        await letters.send("<EOS>")
        assert await listen(letters) == await listen(whole)


async def test_a_flood_is_closed_in_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who sends more than is allowed without a pause is closed 1008 after a while."""
    monkeypatch.setattr(uvicorn_protocols, "FLOOD_PATIENCE", 0.2)
    with running_server(tmp_path, engines=("tone",)) as server:
        async with connect(server) as socket:

            async def flood() -> None:
                while True:
                    await socket.send("<CLEAR>")
                    await asyncio.sleep(0)  # a socket that takes all does not wait in `send`

            flooding = asyncio.create_task(flood())
            async with asyncio.timeout(PATIENCE_S):
                heard = await listen(socket)
            flooding.cancel()
            await asyncio.gather(flooding, return_exceptions=True)
        assert heard.code == 1008
        assert heard.reason == "429: expected at most 200 messages a second"
