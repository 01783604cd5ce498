"""WAV files, written as the audio comes.

In: raw audio of the wire. Out: a RIFF file. Invariant: whenever the writing stops, what is there
can be played: the lengths are put in at the end where the file can be rewound, and say "unknown"
(all bits set, as other programs that stream do it) where it cannot.

Layout after "Multimedia Programming Interface and Data Specifications 1.0" (IBM and Microsoft,
1991) and its revision of 1994 for formats other than PCM.
"""

import os
import struct
import sys
from typing import IO, Final, Literal, TypeAlias

from hoarfrost.units import SampleRate

if sys.platform != "win32":
    import fcntl

WavFormat: TypeAlias = Literal["pcm", "mulaw"]

UNKNOWN_LENGTH: Final = 0xFFFFFFFF

_TAGS: Final = {"pcm": 1, "mulaw": 7}
_SAMPLE_BYTES: Final = {"pcm": 2, "mulaw": 1}


class WavWriter:
    """Wraps raw mono audio into a WAV file.

    Args:
        file: Where to write; is not closed.
        audio_format: ``pcm`` (signed 16-bit little-endian) or ``mulaw`` (G.711, one byte a sample).
        rate_hz: Samples per second.
    """

    def __init__(self, file: IO[bytes], audio_format: WavFormat, rate_hz: SampleRate) -> None:
        self._file = file
        self._format: WavFormat = audio_format
        self._rate_hz = rate_hz
        self._n_bytes = 0
        # Standard output may be a file that others have written to before.
        self._start = file.tell() if _can_be_rewound(file) else None
        self._file.write(wav_header(audio_format, rate_hz, None))

    def write(self, data: bytes) -> None:
        """Append audio."""
        self._file.write(data)
        self._n_bytes += len(data)

    def finish(self) -> None:
        """Put the lengths in, if the file can be rewound; leave it at its end."""
        if self._start is None:
            return
        if self._n_bytes % 2:
            self._file.write(b"\0")  # chunks begin at even offsets; not counted in the length
        end = self._file.tell()
        self._file.seek(self._start)
        self._file.write(wav_header(self._format, self._rate_hz, self._n_bytes))
        self._file.seek(end)


def _can_be_rewound(file: IO[bytes]) -> bool:
    """Return whether what was written can be written over: not in a pipe, nor behind ``>>``."""
    if not file.seekable():
        return False
    if sys.platform == "win32":
        return True
    try:
        return not fcntl.fcntl(file.fileno(), fcntl.F_GETFL) & os.O_APPEND
    except OSError:  # in memory, without a descriptor
        return True


def wav_header(audio_format: WavFormat, rate_hz: SampleRate, n_bytes: int | None) -> bytes:
    """Return all that comes before the audio.

    Args:
        audio_format: As for `WavWriter`.
        rate_hz: Samples per second.
        n_bytes: Bytes of audio; None if that is not known, or too much for 32 bits to say.
    """
    width = _SAMPLE_BYTES[audio_format]
    form = struct.pack(
        "<HHIIHH", _TAGS[audio_format], 1, rate_hz, rate_hz * width, width, width * 8
    )
    fact = b""
    if audio_format != "pcm":  # other formats also say how long their extension is, and the length
        form += struct.pack("<H", 0)
        n_samples = UNKNOWN_LENGTH if n_bytes is None else min(n_bytes // width, UNKNOWN_LENGTH)
        fact = struct.pack("<4sII", b"fact", 4, n_samples)
    chunks = struct.pack("<4s4sI", b"WAVE", b"fmt ", len(form)) + form + fact
    riff_length = data_length = UNKNOWN_LENGTH
    if n_bytes is not None and len(chunks) + 8 + n_bytes + n_bytes % 2 < UNKNOWN_LENGTH:
        riff_length = len(chunks) + 8 + n_bytes + n_bytes % 2
        data_length = n_bytes
    return (
        struct.pack("<4sI", b"RIFF", riff_length)
        + chunks
        + struct.pack("<4sI", b"data", data_length)
    )
