"""Loud peaks bent instead of cut off.

A voice at -20 dBFS has a peak near full scale once in thousands of sentences; an encoder would clip
it. Invariant: each sample depends on itself alone, so windows stay equal to one shot.
"""

from typing import Final

import numpy as np

from hoarfrost.audio.stage import Samples

KNEE: Final = 0.8
"""Below it, -1.9 dBFS, nothing is changed."""


def limit(samples: Samples) -> Samples:
    """Return the samples with those beyond the knee bent towards full scale, which none reaches.

    Args:
        samples: float32, shape (n,).
    """
    level = np.abs(samples)
    if not samples.size or float(level.max()) <= KNEE:
        return samples
    bent = KNEE + (1 - KNEE) * np.tanh((level - KNEE) / (1 - KNEE))
    return np.where(level > KNEE, np.copysign(bent, samples), samples).astype(np.float32)
