"""WAV as a stream: a header of 44 bytes that tells no length, then PCM.

In: samples. Out: bytes. Invariant: the header comes with the first samples, once, and what follows
is that of `hoarfrost.audio.pcm`. The sizes are 0xFFFFFFFF, which readers take for "to the end".
"""

import struct
from typing import Final

from hoarfrost.audio.pcm import PcmEncoder
from hoarfrost.audio.stage import Samples
from hoarfrost.units import SampleRate

UNKNOWN_SIZE: Final = 0xFFFFFFFF
_PCM: Final = 1
_BYTES_PER_SAMPLE: Final = 2


def wav_header(rate_hz: SampleRate) -> bytes:
    """Return the header of mono 16-bit PCM of unknown length (RIFF, 44 bytes)."""
    byte_rate = rate_hz * _BYTES_PER_SAMPLE
    fmt = struct.pack("<HHIIHH", _PCM, 1, rate_hz, byte_rate, _BYTES_PER_SAMPLE, 16)
    riff = b"RIFF" + struct.pack("<I", UNKNOWN_SIZE) + b"WAVE"
    return riff + b"fmt " + struct.pack("<I", 16) + fmt + b"data" + struct.pack("<I", UNKNOWN_SIZE)


class WavEncoder:
    """Encoder of one stream.

    Args:
        rate_hz: Sample rate.
        begins: Whether the stream begins here; if not, it has its header already.
    """

    def __init__(self, rate_hz: SampleRate, *, begins: bool = True) -> None:
        self._pcm = PcmEncoder()
        self._header = wav_header(rate_hz) if begins else b""

    def feed(self, samples: Samples) -> bytes:
        """Return the bytes of samples: float32, shape (n,), in [-1, 1]."""
        data = self._pcm.feed(samples)
        if not data:
            return b""
        header, self._header = self._header, b""
        return header + data

    def flush(self) -> bytes:
        """Return what is left: nothing, but the header of a stream without any samples."""
        header, self._header = self._header, b""
        return header + self._pcm.flush()
