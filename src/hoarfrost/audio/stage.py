"""The contract of everything that samples pass through on their way to the wire.

Invariant, tested for every stage over every chunk size: what the `feed` calls and the final
`flush` return, joined, does not depend on how the samples were cut into chunks.
"""

from typing import Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

Samples: TypeAlias = NDArray[np.float32]
"""float32, shape (n,), mono, in [-1, 1] (engines may overshoot: encoders clip)."""


class Stage(Protocol):
    """Samples in, samples out: a resampler, say."""

    def feed(self, samples: Samples) -> Samples:
        """Take samples; return those that are ready, maybe none."""
        ...

    def flush(self) -> Samples:
        """End the stream: return what was held back, and be ready for a new stream."""
        ...


class Encoder(Protocol):
    """Samples in, bytes of one wire format out. The bytes of successive streams can be joined."""

    def feed(self, samples: Samples) -> bytes:
        """Take samples; return the bytes that are ready, maybe none, always whole samples."""
        ...

    def flush(self) -> bytes:
        """End the stream: return what was held back, and be ready for a new stream."""
        ...
