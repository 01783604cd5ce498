"""The servers that are compared, all with the same Piper voice, and how each is started.

Every one of them has the voice in a folder of its own, as some keep what they make of it beside it.
"""

import asyncio
import contextlib
import json
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, TypeAlias

import httpx
import websockets

from benchmarks import clients
from benchmarks.clients import Ready, Take
from benchmarks.environment import environment
from benchmarks.processes import HOST, START_TIMEOUT_S, free_port, listening
from benchmarks.voice import config_of

OURS: Final = "hoarfrost"
OWN_VOICE: Final = "hoarfrost, its own voice"
HTTP: Final = "piper http"
WYOMING: Final = "wyoming-piper"
WINDOWED: Final = "streaming-vits"
CARRIED: Final = "streaming-vits, carried"
PACED: Final = "piper-tts-server"
IN_ONE_PIECE: Final = (HTTP, WYOMING, PACED)
"""Those that run the stock model over a sentence, or over all of the text, before it is heard."""
PEERS: Final = (*IN_ONE_PIECE, WINDOWED, CARRIED)

_OWN_SPEAKER: Final = "heart"
_OWN_RATE_HZ: Final = 24_000
_SPEECH_TIMEOUT_S: Final = 180.0
_LOCKED: Final = ("--no-deps", "--require-hashes", "-r", "requirements/peers.txt")
_TORCH: Final = "torch==2.13.0"
_SERVERS: Final = Path(__file__).parent / "peer_servers"

Prepare: TypeAlias = Callable[[str], contextlib.AbstractAsyncContextManager[Ready]]
"""Opens what a caller has open before it speaks a text."""


@dataclass(frozen=True, slots=True)
class Contender:
    """A running server, and a way to call it.

    Attributes:
        name: What it is called in the report.
        pid: Its process.
        prepare: How it is called.
        prepare_unpaced: The same, with audio as fast as it is made; None where that is no other.
    """

    name: str
    pid: int
    prepare: Prepare
    prepare_unpaced: Prepare | None = None

    def unpaced(self) -> "Contender":
        """Return it, called for audio as fast as it is made."""
        return replace(self, prepare=self.prepare_unpaced or self.prepare)


@contextlib.contextmanager
def contenders(voice: Path, scratch: Path) -> Iterator[list[Contender]]:
    """Start all servers with a Piper voice; end them.

    Args:
        voice: The model; its configuration lies beside it.
        scratch: An empty folder.
    """
    with contextlib.ExitStack() as running:
        start = _Start(voice, scratch, environment("peers", _LOCKED), running)
        # These measure the machine when they start: before the others have something to do.
        vits = [start.streaming_vits(), start.streaming_vits(is_carried=True)]
        peers = [start.piper_http(), start.wyoming(), *vits, start.piper_tts_server()]
        ours, *own_voice = start.hoarfrost()
        yield [ours, *peers, *own_voice]


class _Start:
    """Starts one server or another.

    Args:
        voice: The model.
        scratch: Where copies of it go.
        python: Which has the peers.
        running: Ends them.
    """

    def __init__(
        self, voice: Path, scratch: Path, python: Path, running: contextlib.ExitStack
    ) -> None:
        self._voice = voice
        self._scratch = scratch
        self._python = python
        self._running = running
        self._rate_hz = int(json.loads(config_of(voice).read_text("utf-8"))["audio"]["sample_rate"])

    def hoarfrost(self) -> list[Contender]:
        model, port, rate_hz = self._copy("ours/voices"), free_port(), self._rate_hz
        pid = self._run(
            # No peer refuses anybody, so here ours does not either.
            *("-m", "hoarfrost", "serve", "--no-auth", "--no-admission", "--port", str(port)),
            *("--data-dir", model.parent.parent, "--engines", "natural", "--no-access-log"),
            port=port,
            python=sys.executable,
        )
        speaker = model.stem.lower()
        return [
            Contender(OURS, pid, lambda text: clients.hoarfrost(port, speaker, rate_hz, text)),
            Contender(
                OWN_VOICE,
                pid,
                lambda text: clients.hoarfrost(port, _OWN_SPEAKER, _OWN_RATE_HZ, text),
            ),
        ]

    def piper_http(self) -> Contender:
        model, port, rate_hz = self._copy("piper"), free_port(), self._rate_hz
        command = ("-m", "piper.http_server", "--host", HOST, "--port", str(port))
        pid = self._run(*command, "--model", model, port=port)
        return Contender(HTTP, pid, lambda text: clients.piper_http(port, rate_hz, text))

    def wyoming(self) -> Contender:
        model, port, rate_hz = self._copy("wyoming"), free_port(), self._rate_hz
        command = ("-m", "wyoming_piper", "--uri", f"tcp://{HOST}:{port}", "--voice", model.stem)
        pid = self._run(*command, "--data-dir", model.parent, port=port)
        return Contender(WYOMING, pid, lambda text: clients.wyoming(port, rate_hz, text))

    def streaming_vits(self, *, is_carried: bool = False) -> Contender:
        name, option = (CARRIED, ("--carried",)) if is_carried else (WINDOWED, ())
        model, port, rate_hz = self._copy(name), free_port(), self._rate_hz
        if is_carried:
            # torch first, by its exact version: the packages after it would fetch its largest build
            python = environment("carried", [_TORCH], _LOCKED)
            export = (python, "-W", "ignore", _SERVERS / "export_carried_decoder.py", model)
            subprocess.run(export, check=True, stdout=subprocess.DEVNULL)
        pid = self._run(
            *(_SERVERS / "serve_streaming_vits.py", model, str(port), *option), port=port
        )
        return Contender(name, pid, lambda text: clients.line_to_samples(port, rate_hz, text))

    def piper_tts_server(self) -> Contender:
        model, port, rate_hz = self._copy("piper-tts-server"), free_port(), self._rate_hz
        command = (_SERVERS / "serve_piper_tts_server.py", model.parent, model.stem)
        pid = self._run(*command, str(rate_hz), str(port), port=port)

        def prepare(*, is_paced: bool) -> Prepare:
            return lambda text: clients.piper_tts_server(port, rate_hz, text, is_paced=is_paced)

        return Contender(PACED, pid, prepare(is_paced=True), prepare(is_paced=False))

    def _copy(self, folder: str) -> Path:
        copied = self._scratch / folder / self._voice.name
        copied.parent.mkdir(parents=True)
        shutil.copy(self._voice, copied)
        shutil.copy(config_of(self._voice), config_of(copied))
        return copied

    def _run(self, *command: str | Path, port: int, python: str | Path | None = None) -> int:
        whole = [python or self._python, *command]
        return self._running.enter_context(listening(whole, port, folder=self._scratch))


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
