"""Silence of an exact length."""

from collections.abc import Iterator

import numpy as np

from hoarfrost.audio.stage import Samples

_BLOCK: Samples = np.zeros(4096, dtype=np.float32)
_BLOCK.flags.writeable = False


def silence(n_samples: int) -> Iterator[Samples]:
    """Yield ``n_samples`` zeros in blocks: float32, shape (n,) with n at most 4096, read-only.

    The blocks are views of one array, so that a pause of ten seconds takes no memory before it is
    encoded.

    Raises:
        ValueError: If ``n_samples`` is negative.
    """
    if n_samples < 0:
        raise ValueError(f"n_samples: expected 0 or more, got {n_samples}")
    return (_BLOCK[: n_samples - start] for start in range(0, n_samples, _BLOCK.size))
