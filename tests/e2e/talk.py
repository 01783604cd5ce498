"""The least a client does: connect, send, and listen until the server closes."""

import asyncio
import socket
from dataclasses import dataclass

import websockets
from websockets.asyncio.client import ClientConnection

from tests.support.server import RealServer

PATIENCE_S = 30
"""A generous bound on whatever a test waits for."""

RATE_HZ = 8000
SPEECH = {"speaker": "tone", "audioFormat": "pcm", "samplingRate": RATE_HZ}


@dataclass(frozen=True, slots=True)
class Heard:
    """What came back, and how it ended."""

    audio: bytes
    code: int | None
    reason: str

    @property
    def n_samples(self) -> int:
        return len(self.audio) // 2


def connect(
    server: RealServer,
    *,
    key: str | None = None,
    sock: socket.socket | None = None,
    **options: object,
) -> websockets.connect:
    """Connect with these options on top of PCM at 8 kHz, spoken by ``tone``."""
    headers = server.headers if key is None else {"Authorization": f"Bearer {key}"}
    return websockets.connect(
        server.url(**(SPEECH | options)),
        additional_headers=headers,
        max_size=None,
        max_queue=None,  # else frames that a test does not read hold up the closing handshake
        proxy=None,
        sock=sock,
    )


async def listen(socket: ClientConnection) -> Heard:
    """Join all audio until the end, whatever it is."""
    audio = b""
    try:
        async for frame in socket:
            assert isinstance(frame, bytes), "expected binary frames only, got a text frame"
            audio += frame
    except websockets.ConnectionClosedError:
        pass
    return Heard(audio, socket.close_code, socket.close_reason or "")


async def talk(server: RealServer, *messages: str | bytes, **options: object) -> Heard:
    """Send messages one after the other, then listen until the server closes."""
    async with connect(server, **options) as socket:
        for message in messages:
            await socket.send(message)
        return await listen(socket)


async def until_open(server: RealServer, n_connections: int) -> None:
    """Wait until no more than so many connections are left."""
    async with asyncio.timeout(PATIENCE_S):
        # The server runs in a thread of its own, with nothing that this loop could wait for.
        while server.services.limit.n_open > n_connections:  # noqa: ASYNC110 -- see above
            await asyncio.sleep(0.01)
