"""What a class of tokens sees: the text around a place, inside its sentence.

In: a sentence within a text, and which English is spoken. Out: matches and neighbours. Invariant:
nothing looks further than `REACH` characters, so that the work stays linear in the text.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Final, TypeAlias

REACH: Final = 64
"""How far a class looks for what decides, in characters: some ten words."""

_LAST_WORD: Final = re.compile(r"(\S+)\s*\Z")
_NEXT_WORD: Final = re.compile(r"[\s\"'“‘(\[]{0,4}([^\s.,;:!?\"”’)\]]+(?:['’]\w+)?)")
_AROUND: Final = "\"'“”‘’()[]{},;:!?*_"


class Variety(StrEnum):
    """Which English is read."""

    AMERICAN = "en-US"
    BRITISH = "en-GB"


class TokenClass(StrEnum):
    """What a token was taken for."""

    PLAIN = "plain"
    ABBREVIATION = "abbreviation"
    ACRONYM = "acronym"
    ADDRESS = "address"
    CARDINAL = "cardinal"
    CODE = "code"
    DATE = "date"
    DECADE = "decade"
    DECIMAL = "decimal"
    FRACTION = "fraction"
    INTERJECTION = "interjection"
    INTERNET = "internet"
    LEXICON = "lexicon"
    MEASURE = "measure"
    MONEY = "money"
    ORDINAL = "ordinal"
    PHONEMES = "phonemes"
    RANGE = "range"
    ROMAN = "roman"
    SCRIPT = "script"
    SIGN = "sign"
    TELEPHONE = "telephone"
    TIME = "time"
    VERSION = "version"


@dataclass(frozen=True, slots=True)
class Token:
    """A stretch of text that is said as one thing.

    Attributes:
        start: Offset of its first character in the text.
        end: Offset after its last one.
        kind: Its class.
        spoken: The words said for it, parted by spaces; "" if it is silent. A capital letter by
            itself is the name of the letter (``P M``); the article is ``a``.
        phonemes: IPA that is to be said instead, or "".
    """

    start: int
    end: int
    kind: TokenClass
    spoken: str
    phonemes: str = ""


@dataclass(frozen=True)
class Context:
    """A sentence, and the English that it is read in.

    Attributes:
        text: The whole text.
        start: Where the sentence begins.
        end: Where it ends, its marks included.
        variety: Which English.
    """

    text: str
    start: int
    end: int
    variety: Variety = Variety.AMERICAN

    @property
    def british(self) -> bool:
        """Whether British English is read."""
        return self.variety is Variety.BRITISH

    @cached_property
    def is_shouted(self) -> bool:
        """Whether the sentence has several words and all are in capitals."""
        words = re.findall(r"[^\W\d_]{2,}", self.text[self.start : self.end])
        n_capital = sum(word.isupper() for word in words)
        return len(words) > 2 and n_capital * 4 > len(words) * 3

    def match(self, pattern: re.Pattern[str], at: int) -> re.Match[str] | None:
        """Match a pattern that begins at ``at`` and ends within the sentence."""
        return pattern.match(self.text, at, self.end)

    def char(self, at: int) -> str:
        """Return the character at ``at``, "" outside of the sentence."""
        return self.text[at] if self.start <= at < self.end else ""

    def behind(self, at: int, reach: int = REACH) -> str:
        """Return the text of the sentence before ``at``, as far as it is looked at."""
        return self.text[max(self.start, at - reach) : at]

    def ahead(self, at: int, reach: int = REACH) -> str:
        """Return the text of the sentence from ``at`` on, as far as it is looked at."""
        return self.text[at : min(self.end, at + reach)]

    def word_before(self, at: int) -> str:
        """Return the word before ``at`` without the quotes and brackets around it, or ""."""
        found = _LAST_WORD.search(self.behind(at))
        return found[1].strip(_AROUND) if found else ""

    def word_after(self, at: int) -> str:
        """Return the word after ``at``, or "" if the sentence ends or pauses there."""
        found = _NEXT_WORD.match(self.text, at, min(self.end, at + REACH))
        return found[1].rstrip(_AROUND) if found else ""


Reader: TypeAlias = Callable[[Context, int], Token | None]
"""A class: returns the token that begins at an offset, None if none of its kind does."""
