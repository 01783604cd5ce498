"""G.711 A-law, one byte a sample, without a header: what telephony carries outside North America.

In: float samples. Out: one byte a sample. Invariant: each byte is what ITU-T G.711 (table 1a/1b)
gives for the sample's 16-bit value.
"""

import numpy as np
from numpy.typing import NDArray

from hoarfrost.audio.pcm import quantize
from hoarfrost.audio.stage import Samples

_EVEN_BITS = 0x55
"""The bits that G.711 inverts on the line."""


def _code_every_sample() -> NDArray[np.uint8]:
    """Return the A-law byte of each 16-bit sample, indexed by the sample's bits as uint16."""
    linear16 = np.arange(1 << 16, dtype=np.uint16).view(np.int16)
    # A-law is defined on 13 bits; the shift rounds towards minus infinity, as Sun's reference does.
    linear13 = linear16.astype(np.int32) >> 3
    magnitude = np.where(linear13 < 0, ~linear13, linear13)
    segment = np.maximum(np.frexp(magnitude)[1] - 5, 0)
    # The first two segments have steps of the same size.
    step = (magnitude >> np.maximum(segment, 1)) & 0x0F
    sign = np.where(linear13 < 0, 0x00, 0x80)
    codes: NDArray[np.uint8] = ((sign | segment << 4 | step) ^ _EVEN_BITS).astype(np.uint8)
    return codes


_CODES = _code_every_sample()


class AlawEncoder:
    """An `Encoder` for headerless A-law at any sample rate. Holds nothing back."""

    def feed(self, samples: Samples) -> bytes:
        """Return one byte for each sample."""
        return _CODES[quantize(samples).view(np.uint16)].tobytes()

    def flush(self) -> bytes:
        """Return nothing: every sample has left already."""
        return b""
