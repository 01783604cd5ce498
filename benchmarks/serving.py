"""A voice, served by a real `hoarfrost serve` and driven by hand, so that both can be compared.

The server has no keys and its connections are not the limit; all else is as it comes, admission
included unless said otherwise. It is ready, with the voice loaded and its cost measured, before
anybody calls.
"""

import asyncio
import contextlib
import json
import shutil
import sys
import time
from collections.abc import Coroutine, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final, TypeVar

import httpx

from benchmarks import voice
from benchmarks.processes import HOST, START_TIMEOUT_S, free_port, listening
from hoarfrost.loadtest.line import Destination, Dial, SocketLine
from hoarfrost.loadtest.machine import loop_factory, make_room
from hoarfrost.synthesis.registry import Engines, load_engines
from hoarfrost.synthesis.voice import Voice

PIPER: Final = "piper"
HEART: Final = "heart"
VOICES: Final = (PIPER, HEART)
MAX_CALLERS: Final = 400
"""That are tried; the tester shares the cores with the server."""

_HEART_RATE_HZ: Final = 24_000
_SPARE_CONNECTIONS: Final = 600
_POLL_S: Final = 0.2

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Subject:
    """A voice to be measured with.

    Attributes:
        title: What it is called in the report.
        speaker: What the server knows it by.
        rate_hz: Its own sample rate, which is asked for: nothing is resampled.
        data_dir: The server's folder; voices lie in ``voices``.
    """

    title: str
    speaker: str
    rate_hz: int
    data_dir: Path


@dataclass(frozen=True, slots=True)
class Served:
    """A server that is ready to speak.

    Attributes:
        subject: With which voice.
        port: Where it listens, on loopback.
        pid: Its process.
    """

    subject: Subject
    port: int
    pid: int

    @property
    def destination(self) -> Destination:
        """Where to call, asking for the voice as it is."""
        query = {
            "speaker": self.subject.speaker,
            "audioFormat": "pcm",
            "samplingRate": str(self.subject.rate_hz),
        }
        return Destination(f"ws://{HOST}:{self.port}/ws", query)

    @property
    def dial(self) -> Dial:
        """Opens a line to it."""
        return partial(SocketLine.dial, self.destination)

    def free_listeners(self) -> int:
        """Return how many callers it says there is room for who listen without a pause."""
        return int(_readiness(self.port).json()["free_callers"]["continuous"])


def subject(name: str, scratch: Path) -> Subject:
    """Return what to measure with; a Piper voice is copied, as its cut is kept beside it.

    Args:
        name: One of `VOICES`.
        scratch: A folder, kept for as long as the subject is used.
    """
    data_dir = scratch / name
    voices = data_dir / "voices"
    voices.mkdir(parents=True)
    if name == HEART:
        return Subject("the voice of the package", HEART, _HEART_RATE_HZ, data_dir)
    model = voice.find()
    config = voice.config_of(model)
    for path in (model, config):
        shutil.copy(path, voices)
    rate_hz = json.loads(config.read_text("utf-8"))["audio"]["sample_rate"]
    return Subject("a Piper voice", model.stem.lower(), rate_hz, data_dir)


@contextlib.contextmanager
def serving(what: Subject, *, is_open: bool = False) -> Iterator[Served]:
    """Start a server, wait until it is ready, end it.

    Args:
        what: With which voice.
        is_open: Whether it lets in everybody, rather than those it can carry.

    Raises:
        RuntimeError: If it does not get ready.
    """
    make_room(MAX_CALLERS + _SPARE_CONNECTIONS)  # before: the server inherits it
    port = free_port()
    command = (
        *(sys.executable, "-m", "hoarfrost", "serve", "--no-auth", "--port", str(port)),
        *("--data-dir", what.data_dir, "--preload", what.speaker, "--no-access-log"),
        *("--max-connections", str(MAX_CALLERS + _SPARE_CONNECTIONS)),
        "--no-admission" if is_open else "--admission",
    )
    # So that what it says of its free capacity is about this voice.
    settings = what.data_dir / "hoarfrost.toml"
    settings.write_text(f'default_speaker = "{what.speaker}"\n', encoding="utf-8")
    with listening(command, port, folder=what.data_dir) as pid:
        until = time.monotonic() + START_TIMEOUT_S
        while not _readiness(port).is_success:
            if time.monotonic() > until:
                raise RuntimeError("expected a server that gets ready, it was not in time")
            time.sleep(_POLL_S)
        yield Served(what, port, pid)


def _readiness(port: int) -> httpx.Response:
    return httpx.get(f"http://{HOST}:{port}/readyz", trust_env=False, timeout=START_TIMEOUT_S)


@contextlib.contextmanager
def driving(what: Subject) -> Iterator[tuple[Engines, Voice]]:
    """Load the same engine in this process, to be driven by hand; release it."""
    engines = load_engines(["natural"], {"natural": {"voices_dir": str(what.data_dir / "voices")}})
    try:
        yield engines, next(each for each in engines.voices() if each.name == what.speaker)
    finally:
        engines.close()


def run_until_complete(main: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine on the fastest event loop there is: the tester must not be the bottleneck."""
    with asyncio.Runner(loop_factory=loop_factory()) as runner:
        return runner.run(main)
