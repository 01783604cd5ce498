"""Numbers in words: cardinals, ordinals, years, digits, decimals.

In: integers, or digits as they were written. Out: words parted by single spaces, without hyphens.
Invariant: whatever the digits, something is said; what is too long for a name is said digit by
digit. British English says *and* before the last two digits.
"""

from typing import Final

from hoarfrost.text.tables import in_order

_ONES: Final = in_order("""
    zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen
    fifteen sixteen seventeen eighteen nineteen
""")
_TENS: Final = in_order("""
    zero ten twenty thirty forty fifty sixty seventy eighty ninety
""")
_SCALES: Final = ("", "thousand", "million", "billion", "trillion", "quadrillion")
_ORDINALS: Final = {
    "one": "first", "two": "second", "three": "third", "five": "fifth", "eight": "eighth",
    "nine": "ninth", "twelve": "twelfth",
}  # fmt: skip
_LONGEST: Final = 18
"""Digits of the longest number that has a name."""

FIRST_YEAR: Final = 1100
LAST_YEAR: Final = 2099
"""Four digits between these are a year, unless something says otherwise."""


def cardinal(number: int | str, *, british: bool = False) -> str:
    """Return how many: 1299 → "one thousand two hundred ninety nine".

    Args:
        number: Not negative; as digits, they may be of any script.
        british: Whether *and* stands before the last two digits.
    """
    if isinstance(number, str):
        number = number.lstrip("0") or "0"
        if len(number) > _LONGEST:
            return digits(number)
        number = int(number)
    if number < 1000:
        return _below_thousand(number, british=british)
    groups: list[str] = []
    for scale in _SCALES:
        number, group = divmod(number, 1000)
        if group:
            said = _below_thousand(group, british=british)
            if british and not scale and group < 100:
                said = f"and {said}"
            groups.append(f"{said} {scale}".rstrip())
        if not number:
            break
    return " ".join(reversed(groups))


def _below_thousand(number: int, *, british: bool) -> str:
    hundreds, rest = divmod(number, 100)
    if not hundreds:
        return _below_hundred(rest)
    said = f"{_ONES[hundreds]} hundred"
    if not rest:
        return said
    return f"{said} and {_below_hundred(rest)}" if british else f"{said} {_below_hundred(rest)}"


def _below_hundred(number: int) -> str:
    if number < 20:
        return _ONES[number]
    tens, ones = divmod(number, 10)
    return f"{_TENS[tens]} {_ONES[ones]}" if ones else _TENS[tens]


def ordinal(number: int | str, *, british: bool = False) -> str:
    """Return which one: 23 → "twenty third"."""
    *before, last = cardinal(number, british=british).split()
    if last in _ORDINALS:
        last = _ORDINALS[last]
    else:
        last = f"{last[:-1]}ieth" if last.endswith("y") else f"{last}th"
    return " ".join([*before, last])


def digits(text: str, *, zero: str = "zero") -> str:
    """Return the digits of a text one by one."""
    return " ".join(zero if int(c) == 0 else _ONES[int(c)] for c in text if c.isdecimal())


def year(number: int, *, british: bool = False) -> str:
    """Return a year of three or four digits: 1998 → "nineteen ninety eight"."""
    century, rest = divmod(number, 100)
    if number % 1000 < 10:
        return cardinal(number, british=british)
    if not rest:
        return f"{_below_hundred(century)} hundred"
    return f"{_below_hundred(century)} {two_digits(rest)}"


def two_digits(number: int) -> str:
    """Return the minutes of a time or the end of a year: 5 → "oh five"."""
    return f"oh {_ONES[number]}" if 0 < number < 10 else _below_hundred(number)


def in_pairs(text: str) -> str:
    """Return a number that names a house, a flight or a road: 1234 → "twelve thirty four"."""
    if len(text) < 3 or len(text) > 4 or text[0] == "0":
        return cardinal(text) if len(text) < 3 and text[0] != "0" else digits(text)
    first, rest = int(text[:-2]), int(text[-2:])
    if not rest:
        return cardinal(text) if first % 10 == 0 else f"{_below_hundred(first)} hundred"
    return f"{_below_hundred(first)} {two_digits(rest)}"


def decimal(whole: str, part: str, *, british: bool = False) -> str:
    """Return a number with a fraction: ("12", "50") → "twelve point five zero"."""
    said = cardinal(whole, british=british) if whole else ""
    return f"{said} point {digits(part)}".strip()
