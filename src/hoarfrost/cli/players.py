"""Programs that play audio: finds one on this machine and gives it the audio as it comes."""

import shutil
import subprocess
import tempfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import IO, Final

from hoarfrost.cli.failures import Failure
from hoarfrost.cli.riff import WavWriter
from hoarfrost.cli.sinks import FileSink, Shape, Sink
from hoarfrost.units import SampleRate

_RAW: Final[Mapping[str, Callable[[SampleRate], list[str]]]] = {
    "paplay": lambda rate: ["--raw", "--format=s16le", "--channels=1", f"--rate={rate}"],
    "aplay": lambda rate: ["-q", "-t", "raw", "-f", "S16_LE", "-c", "1", "-r", f"{rate}"],
    "play": lambda rate: f"-q -t raw -e signed-integer -b 16 -L -c 1 -r {rate} -".split(),
    "pw-play": lambda rate: f"--raw --format s16 --channels 1 --rate {rate} -".split(),
}
"""Take raw PCM from their standard input: PulseAudio's, ALSA's, SoX's and PipeWire's player."""

_WAV: Final[Mapping[str, list[str]]] = {
    "ffplay": ["-nodisp", "-autoexit", "-loglevel", "error", "-i", "-"],
    "mpv": ["--no-terminal", "--no-video", "-"],
}
"""Take a WAV stream from their standard input."""

_FILE: Final = "afplay"
"""macOS's own; reads only files, so it begins when the speech is complete."""

PLAYERS: Final = (*_RAW, *_WAV, _FILE)
"""All that are looked for; the first one found is used."""


def open_player(rate_hz: SampleRate) -> Sink:
    """Return a sink that is heard.

    Args:
        rate_hz: Of the audio, which is mono PCM.

    Raises:
        Failure: If there is no player.
    """
    for name, arguments in _RAW.items():
        if shutil.which(name):
            return StreamPlayer([name, *arguments(rate_hz)], rate_hz, is_wav=False)
    for name, options in _WAV.items():
        if shutil.which(name):
            return StreamPlayer([name, *options], rate_hz, is_wav=True)
    if shutil.which(_FILE):
        return FilePlayer([_FILE], rate_hz)
    raise Failure(
        f"expected a program that plays audio ({', '.join(PLAYERS)}), found none; "
        "write a file with -o hello.wav instead"
    )


class StreamPlayer:
    """A program that plays its standard input."""

    def __init__(self, command: list[str], rate_hz: SampleRate, *, is_wav: bool) -> None:
        self._command = command
        self._rate_hz = rate_hz
        self._is_wav = is_wav
        self._process: subprocess.Popen[bytes] | None = None
        self._target: IO[bytes] | WavWriter

    def write(self, data: bytes) -> None:
        """Play audio; blocks while the player has enough.

        Raises:
            Failure: If the player has given up.
        """
        try:
            if self._process is None:
                self._process = subprocess.Popen(  # noqa: S603 -- a fixed list, without a shell
                    self._command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL
                )
                stdin = _stdin_of(self._process)
                self._target = WavWriter(stdin, "pcm", self._rate_hz) if self._is_wav else stdin
            self._target.write(data)
            _stdin_of(self._process).flush()
        except BrokenPipeError:
            raise Failure(
                f"{self._command[0]} ended before the speech did; try -o hello.wav"
            ) from None

    def finish(self) -> None:
        """Return when everything has been heard.

        Raises:
            Failure: If the player failed.
        """
        if self._process is not None:
            with suppress(BrokenPipeError):  # its status tells more
                _stdin_of(self._process).close()
            _expect_success(self._command[0], self._process.wait())

    def abandon(self) -> None:
        """Fall silent."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            with suppress(BrokenPipeError):
                _stdin_of(self._process).close()


class FilePlayer:
    """A program that plays a file."""

    def __init__(self, command: list[str], rate_hz: SampleRate) -> None:
        self._command = command
        self._folder = tempfile.TemporaryDirectory(prefix="hoarfrost-")
        self._path = Path(self._folder.name) / "speech.wav"
        self._file = FileSink(str(self._path), Shape("pcm", is_wav=True), rate_hz)

    def write(self, data: bytes) -> None:
        """Keep audio for later."""
        self._file.write(data)

    def finish(self) -> None:
        """Play everything, and return when it has been heard.

        Raises:
            Failure: If the player failed.
        """
        with self._folder:
            self._file.finish()
            if self._path.exists():
                command = [*self._command, str(self._path)]
                _expect_success(command[0], subprocess.run(command, check=False).returncode)  # noqa: S603 -- as above

    def abandon(self) -> None:
        """Forget what there is."""
        self._file.abandon()
        self._folder.cleanup()


def _stdin_of(process: subprocess.Popen[bytes]) -> IO[bytes]:
    assert process.stdin is not None  # noqa: S101 -- for the type checker: it is a pipe
    return process.stdin


def _expect_success(name: str, status: int) -> None:
    if status:
        raise Failure(f"{name} failed with status {status}; try -o hello.wav")
