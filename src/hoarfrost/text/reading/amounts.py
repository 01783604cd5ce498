"""Amounts: what stands before a unit, a currency, a percent sign or nothing.

In: a place in a sentence. Out: an `Amount`: signs, groups of thousands, decimals, mixed fractions,
a scale (``1.2M``), a range of two. Invariant: an amount never ends inside of a longer number.
"""

import re
from dataclasses import dataclass
from typing import Final

from hoarfrost.text.reading.context import Context
from hoarfrost.text.reading.numbers import cardinal, decimal, digits, ordinal

HYPHENS: Final = "-\u2010\u2011\u2012\u2013\u2014\u2212"
DASHES: Final = re.escape(HYPHENS)
"""The same as ranges of a regular expression."""
_MINUS: Final = "-\u2212\u2011\u2013"
_NUMBER: Final = re.compile(
    r"(?P<whole>\d{1,3}(?:,\d{3}){1,5}(?![\d])|\d{1,2}(?:,\d{2}){1,4},\d{3}(?!\d)"
    r"|\d{1,3}(?:\.\d{3}){2,5}(?![\d.])|\d{1,3}(?:[\u00a0\u202f\u2009]\d{3}){1,5}(?!\d)"
    r"|\d+|(?=\.\d))(?:\.(?P<part>\d+))?(?!\.\d|,\d{3}(?!\d))"
)
_VULGAR: Final = {
    "½": (1, 2), "⅓": (1, 3), "⅔": (2, 3), "¼": (1, 4), "¾": (3, 4), "⅕": (1, 5), "⅖": (2, 5),
    "⅗": (3, 5), "⅘": (4, 5), "⅙": (1, 6), "⅚": (5, 6), "⅐": (1, 7), "⅛": (1, 8), "⅜": (3, 8),
    "⅝": (5, 8), "⅞": (7, 8), "⅑": (1, 9), "⅒": (1, 10),
}  # fmt: skip
VULGAR: Final = "".join(_VULGAR)
_FRACTION: Final = re.compile(
    rf"(?P<vulgar>[{VULGAR}])|(?P<over>\d{{1,4}})[/\u2044](?P<under>\d{{1,4}})(?![\d/]|[.,]\d)"
)
_MIXED: Final = re.compile(
    rf"(?P<whole>\d{{1,4}})(?:(?P<space>[ \u00a0{DASHES}])(?=\d{{1,2}}[/\u2044]\d)"
    rf"|[ ]?(?=[{VULGAR}]))"
)
_SCALE: Final = re.compile(
    r"(?:(?P<short>[kKMBT]|bn|mn|tn|Bn|Mn|Tn|mm|mil|[mb](?=illion))(?![\w²³/]|['’]\w)"
    r"|\s?(?P<long>hundred|thousand|million|billion|trillion)s?(?!\w))"
)
_SCALE_NAMES: Final = {
    "k": "thousand", "m": "million", "mn": "million", "mm": "million", "mil": "million",
    "b": "billion", "bn": "billion", "t": "trillion", "tn": "trillion",
}  # fmt: skip
_TO: Final = re.compile(rf"\s?[{DASHES}]\s?(?=[\d.$€£¥₹~{VULGAR}])|\s(?:to|and)\s(?=[\d.])")
_SUPERSCRIPTS: Final = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")
_EXPONENT: Final = re.compile(
    r"(?P<e>[eE](?P<exponent>[+\-\u2212\u2011\u2013]?\d{1,3})(?!\w))"
    r"|\^\(?(?P<caret>[\-\u2212\u2011\u2013]?\d{1,3})\)?|(?P<super>⁻?[⁰¹²³⁴⁵⁶⁷⁸⁹]{1,3})"
)


@dataclass(frozen=True, slots=True)
class Amount:
    """A number that something may be counted in.

    Attributes:
        end: Offset after it.
        spoken: Its words, sign included.
        is_one: Whether what it counts is said in the singular.
        is_plain: Whether it is a bare whole number, of digits only.
        is_fraction: Whether it is a fraction without a whole number (``3/8``).
        has_scale: Whether it has a scale (``1.2M``).
        scale: The scale's words, or "".
    """

    end: int
    spoken: str
    is_one: bool = False
    is_plain: bool = False
    is_fraction: bool = False
    has_scale: bool = False
    scale: str = ""


def read_amount(ctx: Context, at: int, *, scales: bool = True) -> Amount | None:
    """Return the amount that begins at ``at``, sign included.

    Args:
        ctx: The sentence.
        at: Where it begins.
        scales: Whether ``1.2M`` is a number.
    """
    sign = ""
    char = ctx.char(at)
    if char and char in "+±" + _MINUS:
        sign = {"+": "plus ", "±": "plus or minus "}.get(char, "minus ")
        at += 1
        at += ctx.char(at) == " " and char == "±"
    amount = _mixed(ctx, at) or _fraction(ctx, at) or _number(ctx, at, scales=scales)
    if amount is None:
        return None
    if not sign:
        return amount
    return Amount(
        amount.end, sign + amount.spoken, is_one=amount.is_one, has_scale=amount.has_scale,
        scale=amount.scale,
    )  # fmt: skip


def _number(ctx: Context, at: int, *, scales: bool) -> Amount | None:
    found = ctx.match(_NUMBER, at)
    if found is None or not found[0]:
        return None
    end, whole, part = found.end(), found["whole"], found["part"]
    if part is None and not whole:
        return None
    spoken = number_words(whole, part, british=ctx.british)
    power = ctx.match(_EXPONENT, end)
    if power is not None:
        return Amount(power.end(), f"{spoken} {_power(power)}")
    if scales and (scale := ctx.match(_SCALE, end)) is not None:
        name = scale["long"] or _SCALE_NAMES[scale["short"].lower()]
        return Amount(scale.end(), f"{spoken} {name}", has_scale=True, scale=name)
    is_plain = part is None and whole.isdecimal()
    return Amount(end, spoken, is_one=whole == "1" and part is None, is_plain=is_plain)


def number_words(whole: str, part: str | None, *, british: bool = False) -> str:
    """Return the words for a number: its whole part, in groups or not, and its decimals."""
    bare = "".join(c for c in whole if c.isdecimal())
    if part is not None:
        return decimal(bare, part, british=british)
    is_code = bare == whole and (bare[0] == "0" and len(bare) > 1)
    if is_code or len(bare) > 18 or (bare == whole and len(bare) > 9 and not bare.endswith("000")):
        return digits(bare)
    return cardinal(bare, british=british)


def _power(found: re.Match[str]) -> str:
    if found["e"]:
        exponent = found["exponent"]
        return f"times ten to the {_signed(exponent)}"
    raw = (found["caret"] or found["super"]).translate(_SUPERSCRIPTS)
    if raw in ("2", "3"):
        return "squared" if raw == "2" else "cubed"
    return f"to the power of {_signed(raw)}"


def _signed(text: str) -> str:
    minus = "minus " if text[0] in _MINUS else ""
    return minus + cardinal(text.lstrip("+" + _MINUS))


def _mixed(ctx: Context, at: int) -> Amount | None:
    found = ctx.match(_MIXED, at)
    if found is None:
        return None
    fraction = _FRACTION.match(ctx.text, found.end(), ctx.end)
    if fraction is None:
        return None
    over, under = _parts(fraction)
    if not 0 < over < under:
        return None
    article = "a" if over == 1 and under in (2, 4) else ""
    said = fraction_words(over, under, british=ctx.british)
    if article:
        said = "a " + said.split(" ", 1)[1]
    return Amount(fraction.end(), f"{cardinal(found['whole'], british=ctx.british)} and {said}")


def _fraction(ctx: Context, at: int) -> Amount | None:
    found = ctx.match(_FRACTION, at)
    if found is None:
        return None
    over, under = _parts(found)
    if found["vulgar"] is None and not (0 < over <= 100 and 1 < under <= 1000):
        return None
    spoken = fraction_words(over, under, british=ctx.british)
    return Amount(found.end(), spoken, is_one=over <= under, is_fraction=True)


def _parts(found: re.Match[str]) -> tuple[int, int]:
    if found["vulgar"]:
        return _VULGAR[found["vulgar"]]
    return int(found["over"]), int(found["under"])


def fraction_words(over: int, under: int, *, british: bool = False) -> str:
    """Return a fraction: (3, 8) → "three eighths"."""
    many = over != 1
    if under == 2:
        name = "halves" if many else "half"
    elif under == 4:
        name = "quarters" if many else "quarter"
    elif under <= 20 or under in (32, 64, 100, 1000):
        name = ordinal(under, british=british) + ("s" if many else "")
    else:
        return f"{cardinal(over, british=british)} over {cardinal(under, british=british)}"
    return f"{cardinal(over, british=british)} {name}"


def range_after(ctx: Context, end: int) -> int | None:
    """Return where the second amount of a range begins, if one goes on at ``end``."""
    found = ctx.match(_TO, end)
    if found is None or found[0].strip() in ("to", "and"):
        return None
    return found.end()
