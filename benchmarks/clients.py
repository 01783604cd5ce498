"""How a caller of each server is served: text in, audio out.

Each caller has all of its text at once, as the peers want it. What is timed is the same for all:
from sending the text until the first byte of audio is here. Callers have their connection open by
then where the protocol means it; those of the two HTTP servers connect anew, within the time (about
a millisecond on loopback).
"""

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import httpx
import websockets

from benchmarks.processes import HOST

_BYTES_A_SAMPLE: Final = 2


@dataclass(frozen=True, slots=True)
class Take:
    """One text spoken to one caller; all in seconds.

    Attributes:
        first_audio: From sending the text to the first byte of audio.
        speech: What all of the audio lasts when played.
        starved: For how long a player is silent in all that begins with the first byte and goes on
            whenever there is more.
    """

    first_audio: float
    speech: float
    starved: float = 0.0


Ready: TypeAlias = Callable[[], Awaitable[Take]]
"""Sends the text and listens to the end."""


class Clock:
    """Counts the audio of one caller, and notes when it comes."""

    def __init__(self, rate_hz: int) -> None:
        self._rate_hz = rate_hz
        self._began = time.perf_counter()
        self._first: float | None = None
        self._n_bytes = 0
        self._starved = 0.0

    def count(self, n_bytes: int) -> None:
        """Note that so many bytes of audio have come."""
        now = time.perf_counter() - self._began
        if not n_bytes:
            return
        if self._first is None:
            self._first = now
        else:
            self._starved = max(self._starved, now - self._first - self._speech)
        self._n_bytes += n_bytes

    @property
    def _speech(self) -> float:
        return self._n_bytes / _BYTES_A_SAMPLE / self._rate_hz

    def taken(self) -> Take:
        """Return what has been noted; first audio is infinite if there was none."""
        first = self._first if self._first is not None else float("inf")
        return Take(first, self._speech, self._starved)


@contextlib.asynccontextmanager
async def hoarfrost(port: int, speaker: str, rate_hz: int, text: str) -> AsyncIterator[Ready]:
    """Call over ``/ws``: the first binary frame is the first audio."""
    url = f"ws://{HOST}:{port}/ws?speaker={speaker}&audioFormat=pcm&samplingRate={rate_hz}"
    async with websockets.connect(url, compression=None, max_size=None, proxy=None) as socket:

        async def ready() -> Take:
            clock = Clock(rate_hz)
            await socket.send(f"{text}<EOS>")
            async for frame in socket:
                clock.count(len(frame))
            return clock.taken()

        yield ready


@contextlib.asynccontextmanager
async def piper_http(port: int, rate_hz: int, text: str) -> AsyncIterator[Ready]:
    """Call piper's HTTP server: what lies behind the WAV header is audio."""
    async with _posting(port, "synthesize", {"text": text}) as post:

        async def ready() -> Take:
            clock = Clock(rate_hz)
            head: bytearray | None = bytearray()
            async for piece in post():
                if head is None:
                    clock.count(len(piece))
                    continue
                head += piece
                if (start := audio_start(head)) is not None:
                    clock.count(len(head) - start)
                    head = None
            return clock.taken()

        yield ready


@contextlib.asynccontextmanager
async def piper_tts_server(
    port: int, rate_hz: int, text: str, *, is_paced: bool
) -> AsyncIterator[Ready]:
    """Call piper-tts-server: all of the body is audio, in frames of 20 ms.

    Args:
        port: Where it listens.
        rate_hz: Of its samples.
        text: To be spoken.
        is_paced: Whether it is to send no faster than the audio is played.
    """
    request = {"text": text, "paced": is_paced}
    async with _posting(port, "synthesize/stream", request) as post:

        async def ready() -> Take:
            clock = Clock(rate_hz)
            async for piece in post():
                clock.count(len(piece))
            return clock.taken()

        yield ready


@contextlib.asynccontextmanager
async def _posting(
    port: int, path: str, request: dict[str, Any]
) -> AsyncIterator[Callable[[], AsyncIterator[bytes]]]:
    """Yield what posts a request and gives the body as it comes."""
    url = f"http://{HOST}:{port}/{path}"
    async with httpx.AsyncClient(trust_env=False, timeout=None) as client:  # noqa: S113  take() has one

        async def post() -> AsyncIterator[bytes]:
            async with client.stream("POST", url, json=request) as answer:
                answer.raise_for_status()
                async for piece in answer.aiter_raw():
                    yield piece

        yield post


def audio_start(head: bytes | bytearray) -> int | None:
    """Return where a WAV file's samples start; None if that lies beyond these bytes."""
    name = head.find(b"data", 12)  # after RIFF, size, WAVE
    return name + 8 if 0 <= name <= len(head) - 8 else None


@contextlib.asynccontextmanager
async def wyoming(port: int, rate_hz: int, text: str) -> AsyncIterator[Ready]:
    """Call wyoming-piper: the payload of each `audio-chunk` is audio."""
    async with _connected(port) as (reader, writer):

        async def ready() -> Take:
            clock = Clock(rate_hz)
            request = {"type": "synthesize", "data": {"text": text}}
            writer.write(json.dumps(request).encode() + b"\n")
            kind = ""
            while kind != "audio-stop":
                kind, payload = await read_event(reader)
                if kind == "error":
                    raise RuntimeError("expected speech of wyoming-piper, got an error")
                clock.count(len(payload) if kind == "audio-chunk" else 0)
            return clock.taken()

        yield ready


async def read_event(reader: asyncio.StreamReader) -> tuple[str, bytes]:
    """Read an event of the Wyoming protocol: a line of JSON, then data and payload as it says.

    Raises:
        asyncio.IncompleteReadError: If the connection ends first.
    """
    header = json.loads(await reader.readuntil())
    await reader.readexactly(header.get("data_length") or 0)
    return str(header["type"]), await reader.readexactly(header.get("payload_length") or 0)


@contextlib.asynccontextmanager
async def line_to_samples(port: int, rate_hz: int, text: str) -> AsyncIterator[Ready]:
    """Call the server around streaming-vits: a line of text out, samples in until the end."""
    async with _connected(port) as (reader, writer):

        async def ready() -> Take:
            clock = Clock(rate_hz)
            writer.write(text.encode() + b"\n")
            while piece := await reader.read(1 << 16):
                clock.count(len(piece))
            return clock.taken()

        yield ready


@contextlib.asynccontextmanager
async def _connected(
    port: int,
) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    reader, writer = await asyncio.open_connection(HOST, port)
    try:
        yield reader, writer
    finally:
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()
