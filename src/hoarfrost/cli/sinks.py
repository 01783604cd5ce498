"""Where spoken audio goes: a file, standard output, or a program that plays it.

In: raw audio of the wire. Invariant: nothing is touched before the first audio, so a command that
fails leaves an older file alone; and what was written before a failure can be played.
"""

import sys
from contextlib import nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final, Literal, Protocol, TypeAlias

from hoarfrost.cli.failures import Misuse
from hoarfrost.cli.riff import WavWriter
from hoarfrost.units import SampleRate

STANDARD_OUTPUT: Final = "-"

AudioFormat: TypeAlias = Literal["pcm", "mulaw", "mp3"]

_BY_SUFFIX: Final[dict[str, tuple[AudioFormat, ...]]] = {
    ".wav": ("pcm", "mulaw"),
    ".mp3": ("mp3",),
    ".pcm": ("pcm",),
    ".raw": ("pcm", "mulaw"),
    ".ulaw": ("mulaw",),
    ".mulaw": ("mulaw",),
}
"""By a file's suffix, the formats that it may hold; the first one if nothing was said."""


class Sink(Protocol):
    """Takes audio as it comes."""

    def write(self, data: bytes) -> None:
        """Take audio; block for as long as there is no room for it."""
        ...

    def finish(self) -> None:
        """Return when all of the audio is where it should be."""
        ...

    def abandon(self) -> None:
        """Stop in the middle, and release everything. Harmless after `finish`."""
        ...


@dataclass(frozen=True, slots=True)
class Shape:
    """What is to be written.

    Attributes:
        audio_format: The format to ask for on the wire.
        is_wav: Whether a WAV header goes before it.
    """

    audio_format: AudioFormat
    is_wav: bool


def choose_shape(output: str | None, asked: str | None) -> Shape:
    """Return what to write.

    Args:
        output: A file's name, ``-``, or None for playing.
        asked: ``wav``, ``pcm``, ``mulaw`` or ``mp3``; None if nothing was said.

    Raises:
        Misuse: If the two do not go together.
    """
    suffix = "" if output in (None, STANDARD_OUTPUT) else Path(output or "").suffix.lower()
    allowed = _BY_SUFFIX.get(suffix)
    wire: AudioFormat | None = None if asked is None else _wire_format(asked)
    if output is None:
        if wire not in (None, "pcm"):
            raise Misuse(f"--format: expected pcm for playing, got {asked}; or give -o FILE")
        return Shape("pcm", is_wav=False)
    if allowed is None:
        if asked is None and output != STANDARD_OUTPUT:
            raise Misuse(
                f"-o: expected a name that ends in {', '.join(_BY_SUFFIX)}, or - or --format, "
                f"got {output}"
            )
        return Shape(wire or "pcm", is_wav=asked in (None, "wav"))
    if wire is not None and (wire not in allowed or (asked == "wav") > (suffix == ".wav")):
        raise Misuse(f"--format: expected {' or '.join(allowed)} for {suffix}, got {asked}")
    return Shape(wire or allowed[0], is_wav=suffix == ".wav")


def _wire_format(asked: str) -> AudioFormat:
    match asked:
        case "wav" | "pcm":
            return "pcm"
        case "mulaw":
            return "mulaw"
        case "mp3":
            return "mp3"
        case _:
            raise Misuse(f"--format: expected wav, pcm, mulaw or mp3, got {asked}")


class FileSink:
    """A file, or standard output.

    Args:
        output: The file's name, or ``-``.
        shape: What is written to it.
        rate_hz: Of the audio.
    """

    def __init__(self, output: str, shape: Shape, rate_hz: SampleRate) -> None:
        self._output = output
        self._shape = shape
        self._rate_hz = rate_hz
        self._file: IO[bytes] | None = None
        self._wav: WavWriter | None = None
        if output == STANDARD_OUTPUT and sys.stdout.isatty():
            raise Misuse("-o: expected a file or a pipe for audio, got the terminal")

    def write(self, data: bytes) -> None:
        """Take audio; a pipe gets it at once."""
        if self._file is None:
            self._file = self._open()
            if self._shape.is_wav and self._shape.audio_format != "mp3":
                self._wav = WavWriter(self._file, self._shape.audio_format, self._rate_hz)
        if self._wav is None:
            self._file.write(data)
        else:
            self._wav.write(data)
        if self._output == STANDARD_OUTPUT:
            self._file.flush()

    def finish(self) -> None:
        """Complete the file; standard output stays open."""
        if self._file is None:
            return
        file, self._file = self._file, None
        with nullcontext() if self._output == STANDARD_OUTPUT else file:
            if self._wav is not None:
                self._wav.finish()
            file.flush()

    def abandon(self) -> None:
        """Complete the file with what there is."""
        with suppress(OSError):  # a better error is on its way already
            self.finish()

    def _open(self) -> IO[bytes]:
        if self._output == STANDARD_OUTPUT:
            return sys.stdout.buffer
        return Path(self._output).open("wb")
