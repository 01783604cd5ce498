"""How much is done at a time: the windows of a sentence's sound, the stretches of its tokens.

In: lengths. Out: counts. Invariant: the counts add up to the length; none is 0. They depend on the
sentence alone, so that its samples do not depend on how they are fetched.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from typing import Final


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


@dataclass(frozen=True, slots=True)
class Schedule:
    """How a sentence is cut up.

    Attributes:
        frames: Frames to sound in the first window, in the second, and so on; the last number is
            the most that any window has.
        whole_tokens: A sentence of at most so many tokens goes through the text graph at once.
        first_tokens: Of a longer one, the first stretch ends after so many tokens or soon after.
        first_context: The first stretch is given to the text graph with so many tokens more; its
            length decides how soon there is sound.
        more_tokens: The following stretches have at most so many, but for the last one.
        token_context: They are given to the text graph with so many tokens more on each side; the
            last one with as many as a full one has on both sides together.
    """

    frames: tuple[int, ...]
    whole_tokens: int
    first_tokens: int
    first_context: int
    more_tokens: int
    token_context: int

    def window(self, index: int, n_left: int | None = None, *, n_last: int = 1) -> int:
        """Return how many frames a window is to sound.

        Args:
            index: The window's, from 0.
            n_left: The frames that the sentence has left, once that is known: all of them are
                returned for its last window, and the longest windows share them evenly, so that
                none is small for nothing.
            n_last: The last window has at least so many of them, for it brings out all that the
                ones before had to hold back.
        """
        most = self.frames[-1]
        wanted = self.frames[min(index, len(self.frames) - 1)]
        if n_left is None:
            return wanted
        n_before = n_left - n_last
        if wanted < most:
            return wanted if n_before >= wanted + wanted // 4 else n_left
        n_windows = ceil(n_left / most)
        if n_left // n_windows >= n_last:
            return ceil(n_left / n_windows)
        return ceil(n_before / ceil(n_before / most)) if n_before > most // 4 else n_left

    def stretches(self, breaks: Sequence[int], n_tokens: int) -> list[Stretch]:
        """Cut a sentence's tokens into stretches, between words.

        Args:
            breaks: Where a stretch may begin, rising.
            n_tokens: Their number.
        """
        if n_tokens <= self.whole_tokens:
            return [Stretch(0, n_tokens, 0, n_tokens)]
        first = min((b for b in breaks if b >= self.first_tokens), default=n_tokens)
        stop = min(first, self.first_tokens + self.first_context, n_tokens)
        found = [Stretch(0, stop, 0, min(n_tokens, stop + self.first_context))]
        while found[-1].stop < n_tokens:
            found.append(self._following(found[-1].stop, breaks, n_tokens))
        return found

    def _following(self, start: int, breaks: Sequence[int], n_tokens: int) -> Stretch:
        """Return the stretch from ``start``, which is not the first: the rest, if that is little.

        The text graph is given all of what comes before it, too, as far as that makes it no longer
        than a stretch in the middle: so what follows the first stretch of a sentence of common
        length is read as in one piece.
        """
        most = self.more_tokens + 2 * self.token_context
        if n_tokens - start <= self.more_tokens + self.token_context:
            return Stretch(start, n_tokens, max(0, n_tokens - most), n_tokens)
        target = start + self.more_tokens
        stop = max((place for place in breaks if start < place <= target), default=target)
        return Stretch(start, stop, max(0, start - self.token_context), stop + self.token_context)


_ENDLESS: Final = 1 << 30
ONE_SHOT: Final = Schedule((_ENDLESS,), _ENDLESS, _ENDLESS, 0, _ENDLESS, 0)
"""A sentence at once: what streaming is measured against."""
