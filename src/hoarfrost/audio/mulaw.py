"""G.711 µ-law, one byte a sample, without a header: what telephony carries.

In: float samples. Out: one byte a sample. Invariant: each byte is what ITU-T G.711 (table 2a/2b)
gives for the sample's 16-bit value.
"""

import numpy as np
from numpy.typing import NDArray

from hoarfrost.audio.pcm import quantize
from hoarfrost.audio.stage import Samples

# G.711 in 14-bit units. Adding the bias makes the eight segments of the curve begin at powers of
# two: 33 becomes 32 + 1, the last decision value 8159 becomes 8192.
_BIAS = 33
_CLIP = 8158


def _code_every_sample() -> NDArray[np.uint8]:
    """Return the µ-law byte of each 16-bit sample, indexed by the sample's bits as uint16."""
    linear16 = np.arange(1 << 16, dtype=np.uint16).view(np.int16)
    # µ-law is defined on 14 bits; the shift rounds towards minus infinity, as Sun's reference does.
    linear14 = linear16.astype(np.int32) >> 2
    magnitude = np.minimum(np.abs(linear14), _CLIP) + _BIAS
    segment = np.frexp(magnitude)[1] - 6
    step = (magnitude >> (segment + 1)) & 0x0F
    sign = np.where(linear14 < 0, 0x80, 0x00)
    codes: NDArray[np.uint8] = (~(sign | segment << 4 | step) & 0xFF).astype(np.uint8)
    return codes


_CODES = _code_every_sample()


class MulawEncoder:
    """An `Encoder` for headerless µ-law at any sample rate. Holds nothing back."""

    def feed(self, samples: Samples) -> bytes:
        """Return one byte for each sample."""
        return _CODES[quantize(samples).view(np.uint16)].tobytes()

    def flush(self) -> bytes:
        """Return nothing: every sample has left already."""
        return b""
