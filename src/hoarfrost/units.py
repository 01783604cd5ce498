"""The quantities that cross module borders, and the few conversions between them.

In: plain numbers. Out: plain numbers. Invariant: every conversion from time to samples rounds in
one place, here, so that two modules never disagree by a sample.
"""

from typing import TypeAlias

SampleRate: TypeAlias = int
"""Samples per second (Hz)."""

Milliseconds: TypeAlias = float
"""A duration in milliseconds."""

Seconds: TypeAlias = float
"""A duration, or a moment on whatever monotonic clock the caller uses, in seconds."""

Speed: TypeAlias = float
"""A factor on the rate of speech: 1.0 as it comes, above 1.0 faster, below 1.0 slower."""

SLOWEST: Speed = 0.25
FASTEST: Speed = 4.0
"""Speech stays intelligible between these; what is asked for beyond them is clamped."""


def samples_in(duration_ms: Milliseconds, rate_hz: SampleRate) -> int:
    """Return how many samples last ``duration_ms`` at ``rate_hz``, rounded to the nearest."""
    return round(duration_ms * rate_hz / 1000)


def duration_of(n_samples: int, rate_hz: SampleRate) -> Milliseconds:
    """Return how long ``n_samples`` last at ``rate_hz``."""
    return n_samples * 1000 / rate_hz
