"""Other languages than English: what espeak-ng does not do by itself.

In: a sentence. Out: tokens, most of them as they are written: numbers and times stay the business
of the phonemizer. German, Spanish and French have tables (`german`, `spanish`, `french`) of
abbreviations, ordinals and the names of signs; every language has its marks told from its words.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from types import MappingProxyType
from typing import Final, TypeAlias

from hoarfrost.text.reading import french, german, spanish
from hoarfrost.text.reading.context import Context, Token, TokenClass
from hoarfrost.text.reading.phonemes import OPENER, read_phonemes

_BRACKETS: Final = "（［【「『《〈"
_OPENING: Final = frozenset(f"\"'“‘„«‹([{{<¿¡*_`-–—•…{_BRACKETS}")
_CLOSING: Final = "\"'”’“»›)]}>*_`）］】」』》〉"
_TRAILING: Final = frozenset(_CLOSING + ".!?…。！？｡．؟۔।॥։።။,;:，；：、､،؛-")
_TOKEN: Final = re.compile(r"[^\s—–]+(?:[–](?=\d)[^\s—–]+)?")
_HAN: Final = "\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_BORDER: Final = re.compile(
    r"(?<=[a-z]{2})[.!?](?=[A-Z][a-z])|(?<=\w),(?=[A-Za-z]{2})|(?<=\w)\.{2,}(?=\w)"
    rf"|[。！？｡，；：、､۔।॥։።။]+[{re.escape(_CLOSING)}]*(?=[\w{_BRACKETS}])"
    rf"|(?<=[{_HAN}])(?=[\w{_BRACKETS}])|(?<=\w)(?=[{_HAN}])"
)
"""Between two words that no white space parts: ``done.Next``, ``one,two``, Chinese characters."""

_Reader: TypeAlias = Callable[[Context, int], Token | None]


@dataclass(frozen=True, slots=True)
class _Language:
    """What is known of a language.

    Attributes:
        readers: Its classes, in the order they are asked.
        signs: What signs are called.
    """

    readers: tuple[_Reader, ...]
    signs: Mapping[str, str]


_LANGUAGES: Final[Mapping[str, _Language]] = MappingProxyType(
    {
        "de": _Language((german.read_ordinal, german.read_abbreviation), german.SIGNS),
        "es": _Language((spanish.read_ordinal, spanish.read_abbreviation), spanish.SIGNS),
        "fr": _Language((french.read_ordinal, french.read_abbreviation), french.SIGNS),
    }
)
_SPELLED_SIGNS: Final = MappingProxyType(
    {"\u2024": ".", "\u2010": "-", "\uff3f": "_", "\u2215": "/", "\u2236": ":"}
)
_UNKNOWN: Final = _Language((), _SPELLED_SIGNS)


def scan_foreign(ctx: Context, language: str) -> Iterator[Token]:
    """Yield the tokens of a sentence in another language than English."""
    known = _LANGUAGES.get(language, _UNKNOWN)
    at = ctx.start
    while (found := _TOKEN.search(ctx.text, at, ctx.end)) is not None:
        start = _without_opening(ctx, found.start(), found.end())
        given_at = ctx.text.find(OPENER, start, found.end())
        if given_at >= 0 and (given := read_phonemes(ctx, given_at)) is not None:
            for low, high in _parts(ctx.text, start, given_at):
                yield from _as_written(ctx, low, high, known)
            yield given
            at = given.end
            continue
        token = next(filter(None, (reader(ctx, start) for reader in known.readers)), None)
        if token is not None:
            yield token
            at = token.end
            continue
        at = found.end()
        for low, high in _parts(ctx.text, start, at):
            yield from _as_written(ctx, low, high, known)


def _without_opening(ctx: Context, start: int, end: int) -> int:
    text = ctx.text
    while start < end and text[start] in _OPENING:
        if text[start] in "-–" and text[start + 1 : start + 2].isdigit():
            break
        if text[start] == "'" and text[start + 1 : end].isalpha():
            break
        start += 1
    return start


def _parts(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    token = text[start:end]
    if "@" in token or "/" in token or token.lower().startswith("www."):
        yield start, end
        return
    places = sorted({found.end() for found in _BORDER.finditer(token)})
    yield from pairwise([start, *(start + place for place in places), end])


def _as_written(ctx: Context, start: int, end: int, known: _Language) -> Iterator[Token]:
    """Yield a word, without the marks around it; a full stop inside of the sentence is its own."""
    text = ctx.text
    start = _without_opening(ctx, start, end)
    last = end
    while end > start and text[end - 1] in _TRAILING:
        end -= 1
    if end == start:
        return
    is_abbreviated = text[end:last] == "." and text[end - 1].isalnum()
    if is_abbreviated and text[last : ctx.end].strip("\"'”’»)]} \n"):
        end = last
    written = text[start:end]
    if written in known.signs:
        yield Token(start, end, TokenClass.SIGN, known.signs[written])
    elif any(map(str.isalnum, written)):
        yield Token(start, end, TokenClass.PLAIN, _spoken(ctx, written, start, known))


def _spoken(ctx: Context, written: str, start: int, known: _Language) -> str:
    if written.endswith(".") and written[:-1].isalpha():
        return written[:-1]  # espeak-ng ends a sentence at a full stop before a capital
    # "3. Oktober" is an ordinal to espeak-ng only before a small letter.
    if not known.readers and re.fullmatch(r"\d+\.", ctx.word_before(start)):
        return written[0].lower() + written[1:]
    return written
