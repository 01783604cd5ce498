"""The servers that are compared, and how a caller of each is served: text in, audio out.

Each caller has all of its text at once, as the peers want it. What is timed is the same for all:
from sending the text until the first byte of audio is here. Our callers and wyoming-piper's have
their connection open by then, as their protocols mean it; piper's HTTP server closes after every
answer, so its callers connect anew, within the time (about a millisecond on loopback).
"""

import asyncio
import contextlib
import json
import shutil
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeAlias

import httpx
import websockets

from benchmarks.environment import environment
from benchmarks.processes import HOST, START_TIMEOUT_S, free_port, listening

OURS: Final = "hoarfrost"
OWN_VOICE: Final = "hoarfrost, its own voice"
HTTP: Final = "piper http"
WYOMING: Final = "wyoming-piper"
_OWN_SPEAKER: Final = "heart"
_BYTES_A_SAMPLE: Final = 2
_SPEECH_TIMEOUT_S: Final = 120.0


@dataclass(frozen=True, slots=True)
class Take:
    """One text spoken to one caller; all in seconds.

    Attributes:
        first_audio: From sending the text to the first byte of audio.
        speech: What all of the audio lasts when played.
    """

    first_audio: float
    speech: float


Ready: TypeAlias = Callable[[], Awaitable[Take]]
"""Sends the text and listens to the end."""


@dataclass(frozen=True, slots=True)
class Contender:
    """A running server, and a way to call it.

    Attributes:
        name: What it is called in the report.
        pid: Its process.
        prepare: Opens what a caller has open before it speaks a text.
    """

    name: str
    pid: int
    prepare: Callable[[str], contextlib.AbstractAsyncContextManager[Ready]]


@contextlib.contextmanager
def contenders(voice: Path, scratch: Path) -> Iterator[list[Contender]]:
    """Start all servers with a Piper voice; end them.

    Args:
        voice: The model; its configuration lies beside it.
        scratch: An empty folder.
    """
    python = environment("peers", ["--require-hashes", "-r", "requirements/peers.txt"])
    rate_hz = json.loads(voice.with_name(f"{voice.name}.json").read_text("utf-8"))["audio"][
        "sample_rate"
    ]
    voices = scratch / "voices"  # ours keeps the cut voice beside it
    voices.mkdir()
    for path in (voice, voice.with_name(f"{voice.name}.json")):
        shutil.copy(path, voices)
    with contextlib.ExitStack() as running:

        def start(module: str, *arguments: str | Path, of: str | Path, port: int) -> int:
            command = [of, "-m", module, *arguments]
            return running.enter_context(listening(command, port, folder=voices))

        ports = [free_port() for _ in range(3)]
        ours = start(
            # No peer refuses anybody, so here ours does not either.
            *("hoarfrost", "serve", "--no-auth", "--no-admission", "--port", str(ports[0])),
            *("--data-dir", scratch, "--engines", "natural", "--no-access-log"),
            of=sys.executable,
            port=ports[0],
        )
        http = start(
            *("piper.http_server", "--host", HOST, "--port", str(ports[1])),
            *("--model", voices / voice.name),
            of=python,
            port=ports[1],
        )
        wyoming = start(
            *("wyoming_piper", "--uri", f"tcp://{HOST}:{ports[2]}"),
            *("--voice", voice.stem, "--data-dir", voices),
            of=python,
            port=ports[2],
        )
        yield [
            Contender(OURS, ours, lambda text: _ours(ports[0], voice.stem.lower(), rate_hz, text)),
            Contender(HTTP, http, lambda text: _http(ports[1], rate_hz, text)),
            Contender(WYOMING, wyoming, lambda text: _wyoming(ports[2], rate_hz, text)),
            Contender(OWN_VOICE, ours, lambda text: _ours(ports[0], _OWN_SPEAKER, 22_050, text)),
        ]


async def take(contender: Contender, text: str, *, after_s: float = 0.0) -> Take:
    """Have a text spoken by one caller.

    Args:
        contender: Who is to speak.
        text: The text.
        after_s: When the caller sends it, counted from now; the connection is opened at once.

    Raises:
        RuntimeError: If there is no sound.
    """
    loop = asyncio.get_running_loop()
    begin = loop.time() + after_s
    async with contender.prepare(text) as ready, asyncio.timeout(after_s + _SPEECH_TIMEOUT_S):
        await asyncio.sleep(begin - loop.time())
        taken = await ready()
    if not taken.speech:
        raise RuntimeError(f"expected sound of {contender.name}, got none")
    return taken


async def wait_for_voice(contender: Contender, text: str) -> None:
    """Have a text spoken, until it is: a server may still be busy with the voice."""
    until = time.monotonic() + START_TIMEOUT_S
    while True:
        try:
            await take(contender, text)
        except (websockets.InvalidStatus, httpx.HTTPError, OSError):
            if time.monotonic() > until:
                raise
            await asyncio.sleep(0.5)
        else:
            return


class _Clock:
    """Counts the audio of one caller, and notes when it begins."""

    def __init__(self, rate_hz: int) -> None:
        self._rate_hz = rate_hz
        self._began = time.perf_counter()
        self._first: float | None = None
        self._n_bytes = 0

    def count(self, n_bytes: int) -> None:
        self.reach(self._n_bytes + n_bytes)

    def reach(self, n_bytes: int) -> None:
        if n_bytes and self._first is None:
            self._first = time.perf_counter() - self._began
        self._n_bytes = n_bytes

    def taken(self) -> Take:
        speech = self._n_bytes / _BYTES_A_SAMPLE / self._rate_hz
        return Take(self._first if self._first is not None else float("inf"), speech)


@contextlib.asynccontextmanager
async def _ours(port: int, speaker: str, rate_hz: int, text: str) -> AsyncIterator[Ready]:
    url = f"ws://{HOST}:{port}/ws?speaker={speaker}&audioFormat=pcm&samplingRate={rate_hz}"
    async with websockets.connect(url, compression=None, max_size=None, proxy=None) as socket:

        async def ready() -> Take:
            clock = _Clock(rate_hz)
            await socket.send(f"{text}<EOS>")
            async for frame in socket:
                clock.count(len(frame))
            return clock.taken()

        yield ready


@contextlib.asynccontextmanager
async def _http(port: int, rate_hz: int, text: str) -> AsyncIterator[Ready]:
    url = f"http://{HOST}:{port}/synthesize"
    async with httpx.AsyncClient(trust_env=False, timeout=None) as client:  # noqa: S113  take() has one

        async def ready() -> Take:
            clock = _Clock(rate_hz)
            received, start = bytearray(), None
            async with client.stream("POST", url, json={"text": text}) as answer:
                answer.raise_for_status()
                async for piece in answer.aiter_raw():
                    received += piece
                    if start is None:
                        start = audio_start(received)
                    if start is not None:
                        clock.reach(len(received) - start)
            return clock.taken()

        yield ready


def audio_start(head: bytes | bytearray) -> int | None:
    """Return where a WAV file's samples start; None if that lies beyond these bytes."""
    name = head.find(b"data", 12)  # after RIFF, size, WAVE
    return name + 8 if 0 <= name <= len(head) - 8 else None


@contextlib.asynccontextmanager
async def _wyoming(port: int, rate_hz: int, text: str) -> AsyncIterator[Ready]:
    reader, writer = await asyncio.open_connection(HOST, port)

    async def ready() -> Take:
        clock = _Clock(rate_hz)
        request = {"type": "synthesize", "data": {"text": text}}
        writer.write(json.dumps(request).encode() + b"\n")
        kind = ""
        while kind != "audio-stop":
            kind, payload = await read_event(reader)
            if kind == "error":
                raise RuntimeError("expected speech of wyoming-piper, got an error")
            clock.count(len(payload) if kind == "audio-chunk" else 0)
        return clock.taken()

    try:
        yield ready
    finally:
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()


async def read_event(reader: asyncio.StreamReader) -> tuple[str, bytes]:
    """Read an event of the Wyoming protocol: a line of JSON, then data and payload as it says.

    Raises:
        asyncio.IncompleteReadError: If the connection ends first.
    """
    header = json.loads(await reader.readuntil())
    await reader.readexactly(header.get("data_length") or 0)
    return str(header["type"]), await reader.readexactly(header.get("payload_length") or 0)
