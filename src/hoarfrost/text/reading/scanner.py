"""The scanner: finds the token that begins at each place of a sentence, class by class.

In: a sentence in its text. Out: `Token` values in order, not overlapping; what lies between them is
white space and marks. Invariant: every letter and digit lies in a token, and the work is linear:
each class looks no further than it is long, and what one has claimed is not looked at again.

The classes are asked in the order of the registries below, the most telling first: a telephone
number before a range, a date before a fraction, money before a measure.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Final, TypeAlias

from hoarfrost.text.reading.abbreviations import WRITTEN_OUT, read_abbreviation
from hoarfrost.text.reading.acronyms import read_acronym
from hoarfrost.text.reading.addresses import STREETS, read_address
from hoarfrost.text.reading.codes import read_code, read_mixed
from hoarfrost.text.reading.context import Context, Reader, Token, TokenClass
from hoarfrost.text.reading.dates import read_date
from hoarfrost.text.reading.interjections import is_possible, read_interjection
from hoarfrost.text.reading.internet import read_internet, read_version
from hoarfrost.text.reading.measures import read_measure
from hoarfrost.text.reading.money import read_money
from hoarfrost.text.reading.numbers import digits
from hoarfrost.text.reading.phonemes import OPENER, read_phonemes
from hoarfrost.text.reading.plain import SIMPLE, read_plain
from hoarfrost.text.reading.quantities import read_quantity
from hoarfrost.text.reading.roman import read_roman
from hoarfrost.text.reading.signs import read_letter_and_sign, read_sign
from hoarfrost.text.reading.telephone import read_iban, read_telephone
from hoarfrost.text.reading.times import read_time
from hoarfrost.text.tables import words

Gate: TypeAlias = Callable[[str], bool]

_WINDOW: Final = 32
"""Characters that a class's gate looks at: fewer than what tells any of them from the others."""


def _has(characters: str) -> Gate:
    """Return the gate of a class that needs one of these characters near its beginning."""
    wanted = frozenset(characters)
    return lambda window: not wanted.isdisjoint(window)


def _begins(characters: str) -> Gate:
    """Return the gate of a class that begins with one of these characters."""
    wanted = frozenset(characters)
    return lambda window: window[0] in wanted


_has_digit: Final = _has("0123456789")
_MANY_DIGITS: Final = re.compile(r"[+(]{0,2}(?:\d\D{0,3}){4}|\d{3}[-\u2011 .][A-Z]|\d-\d-\d")
_TIME: Final = re.compile(
    r"\d{1,4}(?:[:.]\d|\s?[AaPp]\.?\s?[Mm]|\s?[\u2010-\u2014-]|\s?h(?:ou)?rs)"
)
_CAPITALS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_HUMPS: Final = re.compile(r"[a-z]{0,6}[A-Z]")
_CURRENCIES: Final = "$€£¥￥₹₽₩₺₴₫₪₱₦฿₿¢"

NUMBERS: Final[Sequence[tuple[Reader, Gate | None]]] = (
    (read_internet, _has("@/\\.")),
    (read_telephone, lambda window: _MANY_DIGITS.match(window) is not None),
    (read_version, _has(".")),
    (read_money, _has(f"{_CURRENCIES}ABCDEGHIJKMNPRSTUZkp")),
    (read_date, _has("/.-\u2010\u2011\u2012\u2013JFMASOND")),
    (read_time, lambda window: _TIME.match(window) is not None),
    (read_code, None),
    (read_address, _has(_CAPITALS)),
    (read_measure, None),
    (read_mixed, _has(_CAPITALS)),
    (read_quantity, None),
)
"""Classes of what begins with a digit; each with a gate, a test at little cost of the next
`_WINDOW` characters that says when it need not be asked."""

WORDS: Final[Sequence[tuple[Reader, Gate | None]]] = (
    (read_internet, _has("@/\\.:")),
    (read_interjection, None),
    (read_money, _has_digit),
    (read_date, _begins("JFMASONDTWQHt")),
    (read_time, _begins("nmNM")),
    (read_version, _begins("vV")),
    (read_roman, _begins("MDCLXVI")),
    (read_iban, _has_digit),
    (read_address, None),
    (read_abbreviation, None),
    (read_letter_and_sign, lambda window: not (window[:3].isalpha() and window[0].isascii())),
    (read_code, _has_digit),
    (read_mixed, _has("0123456789₀₁₂₃₄₅₆₇₈₉")),
    (read_acronym, lambda window: _HUMPS.match(window) is not None),
    (read_plain, None),
)
"""Classes of what begins with a letter, with their gates."""

SIGNS: Final[Sequence[Reader]] = (
    read_internet,
    read_telephone,
    read_money,
    read_code,
    read_measure,
    read_quantity,
    read_sign,
)
"""Classes of what begins with anything else."""

_SIGN_BEFORE_NUMBER: Final = frozenset("+-\u2212\u2013\u2011.±")
_CURRENCY: Final = frozenset("$€£¥￥₹₽₩₺₴₫₪₱₦฿₿~<>≤≥≈±")
_SPECIAL: Final = frozenset("#@/~'’(")
_VULGAR: Final = frozenset("½⅓⅔¼¾⅕⅖⅗⅘⅙⅚⅐⅛⅜⅝⅞⅑⅒")
_NAMES: Final = words("""
    jan feb mar apr may jun jul aug sep oct nov dec mon tue wed thu fri sat sun
""")
_LOOKED_AT: Final = (
    frozenset(WRITTEN_OUT)
    | STREETS
    | words("""
    noon midnight bldg mt rm fl rs kr apt ste
""")
)
"""Words that a class may claim, in small letters."""
_FIGURE: Final = re.compile(r"\d+")
_SPLIT_NUMBER: Final = re.compile(r"\d+")


def scan(ctx: Context) -> Iterator[Token]:
    """Yield the tokens of a sentence."""
    at = ctx.start
    while at < ctx.end:
        token = read_at(ctx, at)
        if token is None:
            at += 1
            continue
        if token.spoken or token.kind is not TokenClass.SIGN:
            yield token if _FIGURE.search(token.spoken) is None else _in_words(token)
        at = token.end


def _in_words(token: Token) -> Token:
    """Say the figures that a class has left: circled numbers, and digits of other scripts."""
    said = _FIGURE.sub(lambda found: f" {digits(found[0])} ", token.spoken)
    return replace(token, spoken=" ".join(said.split()))


def read_at(ctx: Context, at: int) -> Token | None:
    """Return the token that begins at ``at``; None if there stands white space or a mark."""
    char = ctx.text[at]
    if char.isspace():
        return None
    if char.isalpha():
        return _read_word(ctx, at)
    if char.isdecimal() or char in _VULGAR:
        return _first(NUMBERS, ctx, at) or _read_digits(ctx, at)
    if char in '.,;:!?"”“)]}':
        is_point = char == "." and ctx.char(at + 1).isalnum() and not ctx.char(at - 1).isalnum()
        if not is_point and ctx.text[at : at + 2] != "!=":
            return None
    if char == OPENER:
        return read_phonemes(ctx, at)
    return _read_sign(ctx, at)


def _read_word(ctx: Context, at: int) -> Token | None:
    simple = ctx.match(SIMPLE, at)
    if simple is not None and _is_plain(ctx, simple):
        return Token(at, simple.end(), TokenClass.PLAIN, simple[0])
    return _first(WORDS, ctx, at) or Token(at, at + 1, TokenClass.SCRIPT, "")


def _first(classes: Sequence[tuple[Reader, Gate | None]], ctx: Context, at: int) -> Token | None:
    """Return the token of the first class that has one at ``at``."""
    window = ctx.text[at : at + _WINDOW]
    for reader, gate in classes:
        if gate is None or gate(window):
            token = reader(ctx, at)
            if token is not None:
                return token
    return None


def _is_plain(ctx: Context, simple: re.Match[str]) -> bool:
    """Tell whether a word can be nothing else than what it is, before any class is asked."""
    word, end = simple[0], simple.end()
    small = word.lower()
    if len(word) == 1 or (word[0] != small[0] and small[:3] in _NAMES) or is_possible(small):
        return False
    if small == "the":
        return not ctx.char(end + 1).isdecimal()
    return small not in _LOOKED_AT


def _read_digits(ctx: Context, at: int) -> Token:
    """Read digits that no class knows, ``7abc`` say: the digits, and then the letters."""
    found = ctx.match(_SPLIT_NUMBER, at)
    assert found is not None  # noqa: S101  # a digit stands there
    return Token(at, found.end(), TokenClass.CARDINAL, digits(found[0]))


def _read_sign(ctx: Context, at: int) -> Token | None:
    char = ctx.text[at]
    before = ctx.char(at - 1)
    following = ctx.char(at + 1)
    if char in _SIGN_BEFORE_NUMBER and before.isalnum():
        readers: Sequence[Reader] = (read_sign,)
    elif char in _SIGN_BEFORE_NUMBER or char in _CURRENCY or char in _SPECIAL:
        if char in "-\u2013\u2011" and not (
            following.isdecimal() or following in ".$€£¥₹" or following.isspace()
        ):
            readers = (read_sign,)
        else:
            readers = SIGNS
    else:
        readers = (read_sign,)
    for reader in readers:
        token = reader(ctx, at)
        if token is not None and (token.spoken or token.kind is not TokenClass.PLAIN):
            return token
    if char.isalnum():  # superscripts, circled numbers
        return Token(at, at + 1, TokenClass.SCRIPT, digits(char) if char.isdecimal() else "")
    return None
