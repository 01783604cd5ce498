"""From the words of a sentence to phonemes, each with the word it belongs to.

In: a `Sentence`. Out: symbols of the voice. Invariant: every symbol of a word is owned by that
word; marks and spaces belong to none.

The package's own front end reads the words: its part-of-speech tagger, its dictionary, its network
for words that are in none. It sees the sentence as a whole, because words change with their
neighbours (*the* apple, I *read*); what was to be written out has been written out before.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from hoarfrost.engines.natural.reading import Ending, Sentence, Word
from hoarfrost.engines.natural.utterance import NO_WORD

_CACHE: Final = 512
"""Sentences whose phonemes are kept, half a megabyte: a server says the same ones again."""
_MARKS: Final = ",;:"
_ENDINGS: Final[Mapping[Ending, str]] = {Ending.FALL: ".", Ending.RISE: "?", Ending.STRESS: "!"}
_GAP: Final = " "
_NO_CASE: Final = "’"

Given = tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True)
class Line:
    """A sentence in symbols.

    Attributes:
        symbols: One character each.
        owners: The index of each one's word in the sentence, or `NO_WORD`.
    """

    symbols: str
    owners: tuple[int, ...]


class FrontEnd:
    """A reader of sentences, for voices of one accent.

    Args:
        converter: The package's ``G2P``.
        token: The package's class of tokens.
        given: Says for a word how it is pronounced, in the voice's symbols; None to look it up.
    """

    def __init__(
        self, converter: Any, token: Any, given: Callable[[Word], str | None] | None = None
    ) -> None:
        self._converter = converter
        self._token = token
        self._given = given or (lambda _word: None)
        self._symbols_of = lru_cache(_CACHE)(self._read)

    def line(self, sentence: Sentence) -> Line:
        """Return a sentence in symbols, with the marks that shape its melody."""
        words: list[str] = []
        given: list[tuple[int, str]] = []
        for n, clause in enumerate(sentence.clauses):
            for word in clause:
                if (symbols := self._given(word)) is not None:
                    given.append((len(words), symbols))
                words.append(word.spoken.replace(_NO_CASE, "'"))
            is_last = n == len(sentence.clauses) - 1
            words.append(_ENDINGS[sentence.ending] if is_last else _mark(clause))
        places = [n for n, text in enumerate(words)]
        marks = frozenset(_places_of_marks(sentence))
        parts = self._symbols_of(tuple(words), marks, tuple(given))
        symbols: list[str] = []
        owners: list[int] = []
        n_words = 0
        for place in places:
            is_mark = place in marks
            part = parts[place]
            if not is_mark and part and symbols:
                symbols.append(_GAP)
                owners.append(NO_WORD)
            symbols += part
            owners += [NO_WORD if is_mark else n_words] * len(part)
            n_words += not is_mark
        return Line("".join(symbols), tuple(owners))

    def _read(
        self, words: tuple[str, ...], marks: frozenset[int], given: Given
    ) -> tuple[str, ...]:
        """Return the symbols of each word; the words of a sentence stand side by side."""
        known = dict(given) | {place: words[place] for place in marks}
        tokens, owners = [], []
        pairs = [
            (place, text)
            for place, word in enumerate(words)
            for text in ([word] if place in known else self._split(word))
        ]
        tags = self._converter.tagger([text.strip() for _, text in pairs]) if pairs else []
        for (place, text), tag in zip(pairs, tags, strict=True):
            ends = text.endswith(_GAP) or place in known
            token = self._token(text.strip(), tag, _GAP if ends else "")
            if place in known:
                token.phonemes, token.rating = known[place], 5
            tokens.append(token)
            if ends:
                owners.append(place)
        parts = [""] * len(words)
        chunk = 0
        for token in self._converter.phonemize_tokens(tokens):
            place = owners[min(chunk, len(owners) - 1)]
            parts[place] += (token.phonemes or "") + (_GAP if token.whitespace else "")
            chunk += bool(token.whitespace)
        return tuple(part.strip() for part in parts)

    def _split(self, word: str) -> list[str]:
        """Return the tokens of a word; those that end what is written together, with a space."""
        return [
            text + (_GAP if n == len(pieces) - 1 else "")
            for chunk in word.split()
            if (pieces := self._converter.tokenizer.split(chunk))
            for n, text in enumerate(pieces)
        ]


def _mark(clause: tuple[Word, ...]) -> str:
    mark = clause[-1].mark
    return mark if mark in _MARKS and mark else ","


def _places_of_marks(sentence: Sentence) -> list[int]:
    places, n = [], -1
    for clause in sentence.clauses:
        n += len(clause) + 1
        places.append(n)
    return places
