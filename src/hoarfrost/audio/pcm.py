"""Signed 16-bit samples, little-endian, without a header: what ``audioFormat=pcm`` sends.

In: float samples. Out: two bytes a sample. Invariant: samples that came from 16-bit audio, divided
by 32768, leave as the same 16-bit numbers.
"""

import numpy as np
from numpy.typing import NDArray

from hoarfrost.audio.stage import Samples

FULL_SCALE = 32768
"""The 16-bit number that 1.0 stands for; a power of two, so that scaling is exact."""


def quantize(samples: Samples) -> NDArray[np.int16]:
    """Return 16-bit samples: int16, shape (n,), native byte order.

    Each sample is multiplied by 32768 and rounded to the nearest integer, halves to the even one;
    what lies outside is clipped to -32768 and 32767. There is no dither: its noise would cost a
    µ-law or MP3 listener more than it gives, and silence stays exactly silent.
    """
    scaled = np.rint(samples * FULL_SCALE)
    scaled.clip(-FULL_SCALE, FULL_SCALE - 1, out=scaled)
    return scaled.astype(np.int16)


class PcmEncoder:
    """An `Encoder` for headerless 16-bit PCM. Holds nothing back."""

    def feed(self, samples: Samples) -> bytes:
        """Return two bytes for each sample."""
        return quantize(samples).astype("<i2", copy=False).tobytes()

    def flush(self) -> bytes:
        """Return nothing: every sample has left already."""
        return b""
