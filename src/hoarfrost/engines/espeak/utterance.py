"""What a listener gets of a request: no dead air before it, little after it, chunks that grow.

In: the audio of the pieces one after the other, with their words. Out: `PcmChunk` after `PcmChunk`.
Invariant: marks count samples of what came out.
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from hoarfrost.audio.stage import Samples
from hoarfrost.engines.espeak.words import Word, find_audible
from hoarfrost.espeak import RATE_HZ
from hoarfrost.espeak.reading import Reading
from hoarfrost.synthesis.engine import PcmChunk, WordMark
from hoarfrost.units import samples_in

LEAD = samples_in(2, RATE_HZ)
"""Kept before the first audible sample, so that its attack is whole."""

TAIL = samples_in(300, RATE_HZ)
"""The longest silence after the last audible sample, at natural speed: the library's own pause
after a full stop. It leaves 340 ms after an exclamation mark."""

_CHUNK_SIZES = tuple(samples_in(duration_ms, RATE_HZ) for duration_ms in (25, 50, 100, 200))
"""The first chunks small for an early start; the later ones large, to cost little downstream."""


class Utterance:
    """One request's audio, on its way out.

    Args:
        reading: The text of which the pieces are parts.
        gain: What samples are multiplied with: 16-bit amplitudes in, about [-1, 1] out.
        is_trimmed: Whether the silence at both ends is as it should be already.
    """

    def __init__(self, reading: Reading, *, gain: float, is_trimmed: bool) -> None:
        self._reading = reading
        self._gain = np.float32(gain)
        self._tail = None if is_trimmed else TAIL
        self._n_fed = 0
        # Samples cut off the front; not known before the first sound.
        self._n_cut: int | None = 0 if is_trimmed else None
        self._n_given = 0
        self._waiting: list[Samples] = []
        self._n_waiting = 0
        self._silence: Samples = np.zeros(0, np.float32)
        self._marks: deque[WordMark] = deque()
        self._goes_on = False  # the last of them, in what is spoken next
        self._sizes = iter(_CHUNK_SIZES)
        self._size = next(self._sizes)

    @property
    def n_fed(self) -> int:
        """How many samples were fed: where the next piece begins."""
        return self._n_fed

    def add(self, samples: NDArray[np.int16] | Samples) -> None:
        """Take audio of 16-bit amplitudes."""
        self._n_fed += len(samples)
        audible = find_audible(samples)
        if not len(audible):
            self._silence = np.concatenate((self._silence, samples), dtype=np.float32)
            if self._n_cut is None:
                self._silence = self._silence[-LEAD:]
            return
        if self._n_cut is None:
            lead = np.concatenate((self._silence, samples[: audible[0]]), dtype=np.float32)
            self._silence = lead[-LEAD:]
            self._n_cut = self._n_fed - len(samples) + int(audible[0]) - len(self._silence)
            samples, audible = samples[audible[0] :], audible - audible[0]
        end = int(audible[-1]) + 1
        self._queue(self._silence)
        self._queue(samples[:end])
        self._silence = samples[end:].astype(np.float32)

    def mark(self, word: Word, *, text_start: int, sample_start: int) -> None:
        """Take a word of a piece, before or after its audio.

        Args:
            word: With offsets in the piece.
            text_start: Where the piece begins in the reading's text.
            sample_start: Where it begins in the audio that is added.
        """
        mark = WordMark(
            text_start=self._reading.sources[text_start + word.text_start],
            text_end=self._reading.ends[text_start + word.text_end - 1],
            sample_start=round(word.sample_start) + sample_start,
            sample_end=round(word.sample_end) + sample_start,
        )
        if self._marks and mark.text_start < self._marks[-1].text_end:  # of one written word
            self._marks[-1] = replace(self._marks[-1], sample_end=mark.sample_end)
        else:
            self._marks.append(mark)
        self._goes_on = self._is_part(text_start + word.text_end, mark)

    def _is_part(self, end: int, mark: WordMark) -> bool:
        """Tell whether what is spoken after ``end`` is of the same written word as ``mark``."""
        following = end
        while self._reading.text[following : following + 1].isspace():
            following += 1
        sources = self._reading.sources
        return following < len(sources) and sources[following] < mark.text_end

    def ready(self) -> Iterator[PcmChunk]:
        """Yield the chunks that are full."""
        while self._n_waiting >= self._size:
            yield self._give(self._size)
            self._size = next(self._sizes, self._size)

    def flush(self) -> Iterator[PcmChunk]:
        """End the request: yield all that was held back but silence that lasts too long."""
        if self._n_cut is not None:
            self._queue(self._silence[: self._tail])
        yield from self.ready()
        if self._n_waiting:
            yield self._give(self._n_waiting)

    def _queue(self, samples: NDArray[np.int16] | Samples) -> None:
        self._waiting.append(samples.astype(np.float32) * self._gain)
        self._n_waiting += len(samples)

    def _give(self, n_samples: int) -> PcmChunk:
        waiting = np.concatenate(self._waiting)
        self._waiting = [waiting[n_samples:]]
        self._n_waiting -= n_samples
        self._n_given += n_samples
        return PcmChunk(waiting[:n_samples], tuple(self._due_marks()))

    def _due_marks(self) -> Iterator[WordMark]:
        """Yield the marks of the words that have begun; at the end, all of them.

        The last one waits if what is spoken next is of the same written word.
        """
        cut = self._n_cut or 0
        while self._marks:
            mark = self._marks[0]
            start = max(mark.sample_start - cut, 0)
            is_open = self._goes_on and len(self._marks) == 1
            if self._n_waiting and (start >= self._n_given or is_open):
                return
            self._marks.popleft()
            end = max(mark.sample_end - cut, start)
            yield replace(mark, sample_start=start, sample_end=end)
