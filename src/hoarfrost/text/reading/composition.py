"""What is spoken, as one text again: for engines that read text themselves.

In: a text and its sentences. Out: a `SpokenText`, in which every character knows the characters of
the text it stands for. Invariant: where a sentence ends, a mark and white space stand, so that
whoever reads it pauses there.
"""

from collections.abc import Callable, Sequence
from typing import Final

from hoarfrost.text.brackets import LINE_BREAKS
from hoarfrost.text.reading.sentences import Sentence, Word

_MARKS: Final = frozenset(".,;:!?…—–-()'\"“”‘’«»„¿¡\u00a0。！？，、；：।॥؟،؛۔「」『』（）")
"""Marks between words that are passed on where signs have been read."""
_ENDS: Final = frozenset(".!?…。！？।॥؟۔።։")


class SpokenText:
    """A text of spoken words.

    Args:
        text: What was read.
        sentences: What `read_sentences` made of it.
        signs_are_read: Whether all signs have been read, so that those which are left are silent.
        say: Gives what is written down for a word.

    Attributes:
        text: The words as they are spoken, with the marks that stood between them.
        starts: For each character, the offset of the first character of what was read that it
            stands for; never decreasing.
        ends: For each character, the offset after the last one.
    """

    def __init__(
        self,
        text: str,
        sentences: Sequence[Sentence],
        *,
        signs_are_read: bool,
        say: Callable[[Word], str],
    ) -> None:
        self._source = text
        self._signs_are_read = signs_are_read
        self._parts: list[str] = []
        self.starts: list[int] = []
        self.ends: list[int] = []
        at = 0
        for number, sentence in enumerate(sentences):
            for word in sentence.words:
                self._add_gap(at, word.start)
                self._add_word(word, say(word))
                at = word.end
            has_next = number + 1 < len(sentences)
            end = next(sentences[number + 1].words).start if has_next else len(text)
            self._add_end(at, end, has_next=has_next)
            at = end
        self.text = "".join(self._parts)

    def _add(self, written: str, start: int, end: int) -> None:
        self._parts.append(written)
        self.starts += [start] * len(written)
        self.ends += [end] * len(written)

    def _add_word(self, word: Word, said: str) -> None:
        if said == word.written:
            self._copy(word.start, word.end)
            return
        self._add(said, word.start, word.end)

    def _copy(self, start: int, end: int) -> None:
        self._parts.append(self._source[start:end])
        self.starts += range(start, end)
        self.ends += range(start + 1, end + 1)

    def _add_gap(self, start: int, end: int) -> None:
        """Pass on what stands between two words; a sign that is silent parts them."""
        for at in range(start, end):
            char = self._source[at]
            is_kept = not self._signs_are_read or char in _MARKS or char.isspace()
            self._add(char if is_kept else " ", at, at + 1)

    def _add_end(self, start: int, end: int, *, has_next: bool) -> None:
        """Pass on what stands after a sentence, with a mark and a space where they lack."""
        gap = self._source[start:end]
        place = max(start, 1)
        has_break = any(char in LINE_BREAKS for char in gap)
        if (has_next or has_break) and self._parts and not any(char in _ENDS for char in gap):
            self._add(".", place - 1, place)
        self._add_gap(start, end)
        if has_next and not any(char.isspace() for char in gap):
            self._add(" ", max(end, 1) - 1, max(end, 1))
