"""Plain words: what is said as it is written, once its letters are those of English.

Words of other scripts are silent in English, but for those that have a usual romanisation (Greek,
Cyrillic); identifiers are parted at their underscores, compounds stay whole.
"""

import re
import unicodedata
from typing import Final

from hoarfrost.text.characters import UNSPACED
from hoarfrost.text.reading.context import Context, Token, TokenClass
from hoarfrost.text.reading.letters import letter, romanised, spelled
from hoarfrost.text.reading.numbers import cardinal, digits

MARKS: Final = (
    r"\s!-/:-@\[-`{-~\u00a1-\u00a9\u00b2\u00b3\u00b9\u2070-\u209f\u00ab\u00ac\u00ae-\u00b1\u00b4\u00b6-\u00b8\u00bb\u00bf\u00d7\u00f7"
    r"\u2010-\u205e\u20a0-\u20cf\u2190-\u23ff\u2500-\u2bff\u3000-\u3004\u3008-\u3020\uff01-\uff0f"
    r"\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65\u060c\u061b\u061f\u06d4\u0964\u0965\u0589\u1362"
)
"""Characters that are no part of a word, as ranges of a regular expression."""

WORD: Final = re.compile(
    rf"[{UNSPACED}](?:[\u0300-\u036f\ufe00-\ufe0f])?"
    rf"|[^{MARKS}{UNSPACED}]+(?:['’ʼ`´][^{MARKS}{UNSPACED}]+)*"
    rf"(?:[-\u2010\u2011_][^{MARKS}{UNSPACED}\d]+(?:['’ʼ][^{MARKS}{UNSPACED}]+)*)*"
)
SIMPLE: Final = re.compile(r"[A-Za-z][a-z]*(?=[\s,;:!?)\"”]|\.(?:\s|\Z)|\Z)")
"""A word that needs no second look, if it is no abbreviation or unit."""

_APOSTROPHES: Final = re.compile("[’‘ʼ`´′]")
_SPLIT: Final = re.compile(r"[-\u2010\u2011_]")
_DIGIT: Final = re.compile(r"\d")
_RUNS: Final = re.compile(r"\d+|[^\W\d_]+(?:['’][^\W\d_]+)?")
_FULL_CAPITALS: Final = re.compile(r"[A-Z]{2,4}\Z")


def read_plain(ctx: Context, at: int) -> Token | None:
    """Read a word as it is written."""
    found = ctx.match(WORD, at)
    if found is None:
        return None
    end = found.end()
    while end > at + 1 and unicodedata.category(ctx.text[end - 1]) == "Cf":
        end -= 1  # a soft hyphen, a direction mark: no part of the word as it is seen
    word = ctx.text[at:end]
    said = plain_words(word, british=ctx.british)
    foreign = bool(word) and not said
    return Token(at, end, TokenClass.SCRIPT if foreign else TokenClass.PLAIN, said)


def plain_words(word: str, *, british: bool = False) -> str:
    """Return what is said for a word without digits."""
    word = unicodedata.normalize("NFC", word)
    if word.isascii() and word.isalpha():
        return word
    if _DIGIT.search(word):
        return " ".join(filter(None, (_run(run, british=british) for run in _RUNS.findall(word))))
    parts = _SPLIT.split(_APOSTROPHES.sub("'", word))
    said = [_part(part, british=british) for part in parts if part]
    joint = " " if "_" in word or any(" " in part or len(part) < 2 for part in said) else "-"
    return joint.join(filter(None, said)).strip("'-")


def _run(run: str, *, british: bool) -> str:
    """Say the letters or the digits of a name that mixes them, ``mp3`` or ``web3``."""
    if run.isdecimal():
        return cardinal(run) if len(run) <= 2 and run[0] != "0" else digits(run)
    if run.isascii() and (len(run) < 3 or not any(c in "aeiouyAEIOUY" for c in run)):
        return spelled(run, british=british)
    return plain_words(run, british=british)


def _part(part: str, *, british: bool) -> str:
    if part.isascii():
        if len(part) == 1 and part.isalpha() and part.isupper():
            return letter(part, british=british)
        if _FULL_CAPITALS.match(part) and not any(c in "AEIOUY" for c in part):
            return " ".join(letter(char, british=british) for char in part)
        return part
    return romanised(part)
