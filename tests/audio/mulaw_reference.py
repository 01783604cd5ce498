"""G.711 µ-law read off the standard's table, to check the encoder against.

Written from the decision values of ITU-T G.711, table 2a, with a search instead of arithmetic, so
that it shares no step with the code under test.
"""

from bisect import bisect_right
from itertools import accumulate, pairwise

DECISION_VALUES = [
    0,
    *accumulate([1, *[2] * 15, *(2 << s for s in range(1, 8) for _ in range(16))]),
]
"""x1 … x128 in 14-bit units: steps of 2 (the first is 1) in segment 1, doubling to 256 in 8."""

OUTPUT_VALUES = [0, *((a + b) // 2 for a, b in pairwise(DECISION_VALUES[1:]))]
"""y0 … y127: the middle of each interval, and 0 for the first."""


def encode(sample: int) -> int:
    """Return the byte of a 16-bit sample, its two lowest bits cut off first."""
    linear14 = sample >> 2
    interval = min(bisect_right(DECISION_VALUES, abs(linear14)) - 1, 127)
    return (0x7F if linear14 < 0 else 0xFF) - interval


def decode(code: int) -> int:
    """Return the 16-bit sample that a byte stands for."""
    magnitude = OUTPUT_VALUES[0x7F - (code & 0x7F)] * 4
    return magnitude if code & 0x80 else -magnitude
