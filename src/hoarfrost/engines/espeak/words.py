"""From what the library reports to one mark a word.

In: the text, samples and word events as they come. Out: `Word` values in order, each word once.
Invariant: every word with a letter or digit, between the first and the last that the library
reports, gets its time.

The library reports a number or an abbreviation several times, and words that it joins ("in the")
only once; those share the time by their length. Chinese is reported by the syllable; other scripts
that put no spaces between words by the clause.
"""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hoarfrost.audio.stage import Samples
from hoarfrost.espeak import WordEvent

_AUDIBLE = 33
"""Amplitude from which a sample counts as heard: -60 dB of full scale (16 bits)."""


@dataclass(frozen=True, slots=True)
class Word:
    """A word and its time, in samples of the stream that the tracker was fed.

    Attributes:
        text_start: Offset of its first character in the tracker's text.
        text_end: Offset after its last character.
        sample_start: Where it begins.
        sample_end: Where it ends: after its last audible sample.
    """

    text_start: int
    text_end: int
    sample_start: float
    sample_end: float


@dataclass(frozen=True, slots=True)
class _Token:
    """White space to white space."""

    start: int
    end: int
    has_letters: bool
    is_splittable: bool


class WordTracker:
    """Follows one call's audio through its text."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = tuple(_tokens(text))
        self._token_at = _index_tokens(self._tokens, len(text))
        self._current: tuple[int, int] | None = None  # token, and where in the text its part begins
        self._current_sample = 0
        self._n_samples = 0
        self._audible_end = 0

    def feed(
        self, samples: NDArray[np.int16], events: tuple[WordEvent, ...] = ()
    ) -> Iterator[Word]:
        """Take samples and what begins in them; yield the words that ended meanwhile."""
        start = self._n_samples
        for event in events:
            self._hear(samples[: max(event.sample - start, 0)], start)
            yield from self._begin(event)
        self._hear(samples, start)
        self._n_samples = start + len(samples)

    def flush(self) -> Iterator[Word]:
        """End the call: yield the words that were not over yet."""
        if self._current is not None:
            yield from self._share(len(self._tokens), self._text_end(len(self._tokens), None))
        self._current = None

    def _hear(self, samples: NDArray[np.int16], start: int) -> None:
        audible = find_audible(samples[max(self._audible_end - start, 0) :])
        if len(audible):
            self._audible_end = max(self._audible_end, start) + int(audible[-1]) + 1

    def _begin(self, event: WordEvent) -> Iterator[Word]:
        if not 0 <= event.position < len(self._text):
            return
        index = self._token_at[event.position]
        token = self._tokens[index]
        part = _base(self._text, event.position, token) if token.is_splittable else token.start
        if self._current is None or (index, part) > self._current:
            if self._current is not None:
                yield from self._share(index, self._text_end(index, part))
            self._current = (index, part)
            self._current_sample = event.sample

    def _text_end(self, next_index: int, next_part: int | None) -> int:
        """Return where the text of the current part ends."""
        assert self._current is not None  # noqa: S101  # callers have a current part
        index, _ = self._current
        if next_index == index and next_part is not None:
            return next_part
        return self._tokens[index].end

    def _share(self, next_index: int, text_end: int) -> Iterator[Word]:
        """Yield the current part and the words after it that have no event of their own."""
        assert self._current is not None  # noqa: S101  # callers have a current part
        index, part = self._current
        spoken = [_without_marks(self._text, part, text_end)]
        spoken += [
            _without_marks(self._text, token.start, token.end)
            for token in self._tokens[index + 1 : next_index]
            if token.has_letters
        ]
        start = float(self._current_sample)
        end = max(float(self._audible_end), start)
        n_letters = sum(word_end - word_start for word_start, word_end in spoken)
        n_before = 0
        for word_start, word_end in spoken:
            n_until = n_before + word_end - word_start
            yield Word(
                word_start,
                word_end,
                start + (end - start) * (n_before / n_letters),
                start + (end - start) * (n_until / n_letters),
            )
            n_before = n_until


def find_audible(samples: NDArray[np.int16] | Samples) -> NDArray[np.intp]:
    """Return the places of the samples, of 16-bit amplitudes, that are heard."""
    return np.flatnonzero((samples >= _AUDIBLE) | (samples <= -_AUDIBLE))


def _tokens(text: str) -> Iterator[_Token]:
    start = 0
    for position in range(len(text) + 1):
        if position == len(text) or text[position].isspace():
            if position > start:
                word = text[start:position]
                yield _Token(
                    start,
                    position,
                    has_letters=any(character.isalnum() for character in word),
                    is_splittable=any(_is_unspaced(character) for character in word),
                )
            start = position + 1


def _index_tokens(tokens: tuple[_Token, ...], n_characters: int) -> list[int]:
    """Return for each character its token; white space belongs to the one after it."""
    indices: list[int] = []
    for index, token in enumerate(tokens):
        indices += [index] * (token.end - len(indices))
    return indices + [max(len(tokens) - 1, 0)] * (n_characters - len(indices))


def _is_unspaced(character: str) -> bool:
    """Say whether a character is of a script that puts no spaces between words."""
    code = ord(character)
    return 0x0E00 <= code < 0x1100 or 0x3040 <= code < 0xA000 or 0x20000 <= code < 0x32000


def _base(text: str, position: int, token: _Token) -> int:
    """Return the character of the token at the position, or that a mark there stands on."""
    position = min(position, token.end - 1)
    while position > token.start and unicodedata.category(text[position]).startswith("M"):
        position -= 1
    return max(position, token.start)


def _without_marks(text: str, start: int, end: int) -> tuple[int, int]:
    """Return the range without the punctuation around the word, unless there is nothing else."""
    first, last = start, end
    while first < last and unicodedata.category(text[first]).startswith("P"):
        first += 1
    while last > first and unicodedata.category(text[last - 1]).startswith("P"):
        last -= 1
    return (first, last) if first < last else (start, end)
