"""How much is done at a time: the schedule of windows, and of stretches of a long sentence.

In: lengths. Out: counts. Invariant: the counts add up to the length; none is 0.

Figures: one core of an Ice Lake server at 2.8 GHz. A call of the decoder graph costs 1.3 ms and
0.06 ms a frame, the sound of a frame 0.025 ms, the text graph 0.07 ms a token. So the first window
is short, later ones grow until the fixed cost is small, and no step takes more than about 15 ms.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

FIRST_FRAMES: Final = 8
MOST_FRAMES: Final = 128
"""11.6 ms of speech each, at 256 samples a frame and 22 050 Hz."""

_WHOLE_TOKENS: Final = 72
_FIRST_TOKENS: Final = 40
_MORE_TOKENS: Final = 110
TOKEN_CONTEXT: Final = 18
"""Tokens on each side after which the text graph's answer no longer changes: 12 for its
convolutions over tokens, and the fewest that hold the 9 frames of those over frames."""


def window_frames() -> Iterator[int]:
    """Yield the frames to sound in each window, without end."""
    n = FIRST_FRAMES
    while True:
        yield n
        n = min(n * 4 if n == FIRST_FRAMES else n * 2, MOST_FRAMES)


@dataclass(frozen=True, slots=True)
class Stretch:
    """Tokens to be given to the text graph at once.

    Attributes:
        start: First token wanted.
        stop: Token after the last one wanted.
        low: First token given, for context.
        high: Token after the last one given.
    """

    start: int
    stop: int
    low: int
    high: int


def stretches(breaks: list[int], n_tokens: int) -> list[Stretch]:
    """Cut a sentence's tokens into stretches, between words.

    Depends on the sentence alone, so that the sound does not depend on how it is fetched.

    Args:
        breaks: Where a stretch may begin, rising.
        n_tokens: Their number.
    """
    if n_tokens <= _WHOLE_TOKENS:
        return [Stretch(0, n_tokens, 0, n_tokens)]
    found: list[Stretch] = []
    start = 0
    while start < n_tokens:
        target = start + (_MORE_TOKENS if start else _FIRST_TOKENS)
        places = [place for place in breaks if start < place <= target]
        stop = n_tokens if n_tokens <= target else max(places, default=target)
        found.append(
            Stretch(start, stop, max(0, start - TOKEN_CONTEXT), min(n_tokens, stop + TOKEN_CONTEXT))
        )
        start = stop
    return found
