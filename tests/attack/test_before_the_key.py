"""What a peer without a key may have the server store, and how long it may take (L14, L15, L18)."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeAlias

import pytest

from hoarfrost.server import request_protocol
from hoarfrost.server.limits import turns, wrong_keys
from tests.e2e.talk import PATIENCE_S, connect, talk
from tests.support.server import RealServer, running_server

Streams: TypeAlias = tuple[asyncio.StreamReader, asyncio.StreamWriter]

HEAD = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n"
FAR_TOO_MUCH = 8 * 1024 * 1024


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealServer]:
    with running_server(tmp_path_factory.mktemp("data"), engines=("tone",)) as server:
        yield server


@asynccontextmanager
async def raw(
    server: RealServer,
) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """Open a TCP connection."""
    host, _, port = server.address.rpartition(":")
    async with asyncio.timeout(PATIENCE_S):
        reader, writer = await asyncio.open_connection(host, int(port))
        try:
            yield reader, writer
        finally:
            writer.close()


async def status(reader: asyncio.StreamReader) -> int:
    """Return the status of the next answer, whose length is given."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
    length = int(head.split("content-length: ")[1].split("\r\n")[0])
    await reader.readexactly(length)
    return int(head.split(" ", 2)[1])


@pytest.mark.parametrize(
    ("begin", "rest"),
    [
        pytest.param(HEAD, b"X-Aaaaaaa: bbbbbbb\r\n", id="headers"),
        pytest.param(HEAD + b"X: ", b"a" * 20, id="header"),
        pytest.param(b"GET /", b"a" * 20, id="URL"),
        pytest.param(HEAD + b"Upgrade: websocket\r\nConnection: Upgrade\r\nX: ", b"a" * 20),
        pytest.param(HEAD + b"\r\n" + HEAD, b"X-Aaaaaaa: bbbbbbb\r\n", id="second request"),
    ],
)
async def test_a_head_without_end(server: RealServer, begin: bytes, rest: bytes) -> None:
    """After 16 KiB of a head comes 431 and the close, whatever else is sent."""
    async with raw(server) as (reader, writer):
        if begin.count(b"GET") == 2:
            writer.write(begin[: len(HEAD) + 2])
            assert await status(reader) == 200
            begin = HEAD
        n_sent, answer = 0, b""
        writer.write(begin)
        try:
            while n_sent < FAR_TOO_MUCH and not reader.at_eof():
                writer.write(rest * 3000)
                n_sent += len(rest) * 3000
                await writer.drain()
                await asyncio.sleep(0)
            answer = await reader.read()
        except ConnectionError:  # it had closed with our bytes unread
            return
        assert n_sent < FAR_TOO_MUCH, "expected the end of patience, got none"
        assert answer[:12] in {b"HTTP/1.1 431", b""}


async def test_a_head_a_little_too_large_is_told(server: RealServer) -> None:
    """A head of a byte more than 16 KiB is 431, one of 16 KiB is answered."""
    room = request_protocol.HEAD_LIMIT - len(HEAD) - len(b"X: \r\n\r\n")
    for extra, expected in ((0, 200), (1, 431)):
        async with raw(server) as (reader, writer):
            writer.write(HEAD + b"X: " + b"a" * (room + extra) + b"\r\n\r\n")
            assert await status(reader) == expected


@pytest.mark.parametrize("size", [1, 3, 7, 100])
async def test_heads_may_come_in_any_pieces(server: RealServer, size: int) -> None:
    """Three pipelined requests, cut anywhere, get three answers in order."""
    requests = (HEAD + b"\r\n") * 2 + b"GET /nothing HTTP/1.1\r\nHost: localhost\r\n\r\n"
    async with raw(server) as (reader, writer):
        for start in range(0, len(requests), size):
            writer.write(requests[start : start + size])
            await writer.drain()
        assert [await status(reader) for _ in range(3)] == [200, 200, 404]


async def test_pipelined_requests_are_answered_in_order(server: RealServer) -> None:
    """Hundreds of requests sent in one go are as many answers, and others are heard meanwhile."""
    n_requests = 300
    async with raw(server) as (reader, writer), connect(server) as socket:
        writer.write((HEAD + b"\r\n") * n_requests)
        await socket.send("alpha<EOS>")
        assert [await status(reader) for _ in range(n_requests)] == [200] * n_requests
        assert await socket.recv()


@pytest.mark.parametrize(
    "begun",
    [
        pytest.param(HEAD, id="head"),
        pytest.param(b"\r\n", id="blank line"),
        pytest.param(b"POST /voices HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nab", id="body"),
    ],
)
async def test_a_later_request_that_does_not_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, begun: bytes
) -> None:
    """The time for a request holds for each one of a connection, its body included."""
    monkeypatch.setattr(request_protocol, "REQUEST_PATIENCE", 0.3)
    monkeypatch.setattr(request_protocol, "BODY_PATIENCE", 0.3)
    with running_server(tmp_path, engines=("tone",)) as server:
        async with raw(server) as (reader, writer):
            writer.write(HEAD + b"\r\n")
            assert await status(reader) == 200
            writer.write(begun)

            async def drip() -> None:
                while True:
                    await asyncio.sleep(0.1)
                    writer.write(begun[:1] if begun == b"\r\n" else b"a")

            dripping = asyncio.create_task(drip())
            await reader.read()  # until it is closed
            dripping.cancel()


@pytest.mark.parametrize(
    "framing", [b"Content-Length: 99999999\r\n\r\n", b"Transfer-Encoding: chunked\r\n\r\n"]
)
async def test_a_body_that_nobody_wants(server: RealServer, framing: bytes) -> None:
    """It is answered at once, and the connection closed when much of it has come."""
    async with raw(server) as (reader, writer):
        writer.write(b"POST /voices HTTP/1.1\r\nHost: x\r\n" + framing)
        assert await status(reader) == 405
        n_sent = 0
        with contextlib.suppress(ConnectionError):
            while not reader.at_eof():
                writer.write(b"1\r\na\r\n" * 1000)
                n_sent += 6000
                assert n_sent < FAR_TOO_MUCH, "expected the close, got none"
                await writer.drain()
                await asyncio.sleep(0)


async def test_the_oldest_connection_gives_way(tmp_path: Path) -> None:
    """With all places of an address taken by those who say nothing, newcomers are answered."""
    with running_server(tmp_path, engines=("tone",), max_pending_per_address=3) as server:
        async with connect(server) as inside, raw(server) as (oldest, _):
            for _ in range(20):
                async with raw(server) as (reader, writer):
                    writer.write(HEAD)
                    async with raw(server), raw(server):
                        pass
                    writer.write(b"\r\n")
                    await reader.read(1)
            assert await oldest.read() == b""
            await inside.send("alpha<EOS>")
            assert await inside.recv()  # who is inside is not counted, and stays


async def test_who_has_a_key_is_not_slowed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Requests with a right key take nothing from the allowance of their address."""
    monkeypatch.setattr(request_protocol, "REQUEST_COST", 300.0)  # of 500
    with running_server(tmp_path, engines=("tone",)) as server:
        waited: list[object] = []
        ask = turns.Turns.ask
        monkeypatch.setattr(
            turns.Turns, "ask", lambda self, piece: (waited.append(piece), ask(self, piece))
        )
        for _ in range(6):
            assert (await talk(server, "alpha<EOS>")).code == 1000
        assert not waited
        for _ in range(3):
            async with raw(server) as (reader, writer):
                writer.write(HEAD + b"\r\n")
                assert await status(reader) == 200
        assert waited


async def test_wrong_keys_wait(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After some wrong keys the answer waits, or gives way to newcomers; a right key never does."""
    monkeypatch.setattr(wrong_keys, "BURST", 1.0)
    monkeypatch.setattr(wrong_keys, "MAX_WAIT", 3600.0)
    monkeypatch.setattr(wrong_keys, "RATE", 0.001)
    upgrade = (
        b"GET /ws?speaker=tone HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n"
        b"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nAuthorization: Bearer wrong\r\n\r\n"
    )
    with running_server(tmp_path, engines=("tone",), max_pending=3) as server:
        async with raw(server) as (first, writer):
            writer.write(upgrade)
            assert await status(first) == 401
        async with raw(server) as (second, writer):
            writer.write(upgrade)
            answer = asyncio.create_task(second.read(1))
            assert (await talk(server, "alpha<EOS>")).code == 1000
            assert not answer.done()
            async with contextlib.AsyncExitStack() as stack:
                for _ in range(3):
                    await stack.enter_async_context(raw(server))
                assert (await talk(server, "alpha<EOS>")).code == 1000
            with contextlib.suppress(ConnectionError):
                assert await answer == b""
