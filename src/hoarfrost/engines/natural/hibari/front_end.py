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

from hoarfrost.engines.natural.hibari.symbols import UnknownSound, from_ipa
from hoarfrost.engines.natural.utterance import NO_WORD
from hoarfrost.text.reading.sentences import Ending, Sentence, Word

_CACHE: Final = 512
"""Sentences whose phonemes are kept, half a megabyte: a server says the same ones again."""
_MARKS: Final = (",", ";", ":")
_ENDINGS: Final[Mapping[Ending, str]] = {Ending.FALL: ".", Ending.RISE: "?", Ending.STRESS: "!"}
_GAP: Final = " "
_SURE: Final = 5
"""The converter's rating of a pronunciation that somebody gave."""
_LETTER_A: Final = "ˈA"


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
            By default as the word's own phonemes say.
    """

    def __init__(
        self, converter: Any, token: Any, given: Callable[[Word], str | None] | None = None
    ) -> None:
        self._converter = converter
        self._token = token
        self._given = given or given_symbols
        self._symbols_of = lru_cache(_CACHE)(self._read)

    def line(self, sentence: Sentence) -> Line:
        """Return a sentence in symbols, with the marks that shape its melody."""
        parts = _parts(sentence, self._given)
        symbols, owners = "", list[int]()
        n_words = 0
        for part, sounds in zip(parts, self._symbols_of(parts), strict=True):
            owner = NO_WORD
            if not part.is_mark:
                owner, n_words = n_words, n_words + 1
                if sounds and symbols:
                    symbols += _GAP
                    owners.append(NO_WORD)
            symbols += sounds
            owners += [owner] * len(sounds)
        return Line(symbols, tuple(owners))

    def _read(self, parts: tuple["_Part", ...]) -> tuple[str, ...]:
        """Return the symbols of each part of a sentence."""
        pieces = [
            (place, text)
            for place, part in enumerate(parts)
            for text in (self._split(part.text) if part.symbols is None else [part.text + _GAP])
        ]
        tags = self._converter.tagger([text.strip() for _, text in pieces])
        tokens, owners = [], []
        for (place, text), tag in zip(pieces, tags, strict=True):
            ends = text.endswith(_GAP)
            token = self._token(text.strip(), tag, _GAP if ends else "")
            if (symbols := parts[place].symbols) is not None:
                token.phonemes, token.rating = symbols, _SURE
            tokens.append(token)
            if ends:
                owners.append(place)
        sounds = [""] * len(parts)
        n_ended = 0  # of what is written together; the converter may join tokens in it
        for token in self._converter.phonemize_tokens(tokens):
            place = owners[min(n_ended, len(owners) - 1)]
            sounds[place] += (token.phonemes or "") + (_GAP if token.whitespace else "")
            n_ended += bool(token.whitespace)
        return tuple(each.strip() for each in sounds)

    def _split(self, word: str) -> list[str]:
        """Return the tokens of a word; those that end what is written together, with a space."""
        return [
            text + (_GAP if n == len(pieces) - 1 else "")
            for chunk in word.split()
            if (pieces := self._converter.tokenizer.split(chunk))
            for n, text in enumerate(pieces)
        ]


def given_symbols(word: Word) -> str | None:
    """Return the symbols of a word's own phonemes; None if it has none that the voice can say."""
    try:
        return from_ipa(word.phonemes) if word.phonemes else None
    except UnknownSound:  # a lexicon may be for several languages: the word is read instead
        return None


@dataclass(frozen=True, slots=True)
class _Part:
    """A word or a mark.

    Attributes:
        text: As it is read.
        symbols: How it is pronounced, if that is known already.
        is_mark: Whether it is a mark.
    """

    text: str
    symbols: str | None = None
    is_mark: bool = False


def _parts(sentence: Sentence, given: Callable[[Word], str | None]) -> tuple[_Part, ...]:
    """Return a sentence's words, and a mark after every clause."""
    parts: list[_Part] = []
    for clause in sentence.clauses:
        for word in clause:
            symbols = given(word)
            if symbols is None and word.spoken == "A" and parts:
                symbols = _LETTER_A  # not the article: that has a capital only at the start
            parts.append(_Part(word.spoken.replace("’", "'") or _GAP, symbols))
        mark = clause[-1].mark if clause[-1].mark in _MARKS else ","
        parts.append(_Part(mark, mark, is_mark=True))
    mark = _ENDINGS[sentence.ending]
    parts[-1] = _Part(mark, mark, is_mark=True)
    return tuple(parts)
