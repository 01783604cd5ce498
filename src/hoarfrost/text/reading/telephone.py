"""Telephone numbers, payment cards and other numbers in groups: digit by digit.

Groups are what tells: three, three and four digits; four times four; anything after a plus; groups
that begin with a zero; and whatever stands after *call*, *dial*, *phone* and the like.
"""

import re
from typing import Final

from hoarfrost.text.reading.context import Context, Token, TokenClass
from hoarfrost.text.reading.letters import spelled
from hoarfrost.text.reading.numbers import digits

_GAP: Final = r"[ .\u00a0\u202f\u2009\u2010\u2011\u2012\u2013-]"
_END: Final = r"(?![\w%]|[.,:/]\d|-\d)"
_NANP: Final = re.compile(
    rf"(?:\+?(?P<country>1){_GAP}?)?(?:\((?P<bracketed>\d{{3}})\)\s?|(?P<area>\d{{3}}){_GAP})"
    rf"(?P<exchange>\d{{3}}){_GAP}(?P<line>\d{{4}}){_END}"
)
_WORDED: Final = re.compile(rf"(?P<digits>(?:1{_GAP})?\d{{3}}{_GAP})(?P<word>[A-Z]{{3,10}}){_END}")
_LOCAL: Final = re.compile(rf"\d{{3}}[-\u2011]\d{{4}}{_END}")
_PLUS: Final = re.compile(rf"\+\(?\d(?:{_GAP}?[()]{{0,2}}{_GAP}?\d){{6,16}}{_END}")
_ZERO: Final = re.compile(
    rf"(?=(?:\D{{0,3}}\d){{7,16}})\(?0\d{{1,5}}(?:\)\s?|{_GAP}/?{_GAP}?|/)\d{{2,8}}(?:{_GAP}?\d{{2,8}}){{0,5}}{_END}"
)
_CARD: Final = re.compile(
    rf"\d{{4}}(?:[ \u00a0\u2011-]\d{{4}}){{2,3}}(?:[ \u00a0-]\d{{1,3}})?{_END}"
    rf"|3[47]\d\d[ -]\d{{6}}[ -]\d{{5}}{_END}"
)
_SINGLE: Final = re.compile(rf"\d(?:[-\u2011]\d){{2,}}{_END}")
_SECURITY: Final = re.compile(rf"\d{{3}}[-\u2011]\d{{2}}[-\u2011]\d{{4}}{_END}")
_IBAN: Final = re.compile(r"[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,4})?(?!\w)")
_GROUPS: Final = re.compile(rf"\d{{2,6}}(?:{_GAP}\d{{2,6}}){{1,6}}{_END}")
_CALL: Final = re.compile(
    r"\b(?:call(?:ing)?|dial(?:ing)?|phone|telephone|tel|fax|mobile|cell|text|sms|ring|whatsapp|reach"
    r"|hotline|helpline|number)\b[.:]?(?:\s(?:us|me|him|her|them|it|is|at|on|number|now|to|:|the|or))"
    r"{0,4}[:\s]*$",
    re.IGNORECASE,
)
_MASKED: Final = re.compile(r"[xX*•]{3,}[ -]?(?=\d{2,4}\b)")


def read_telephone(ctx: Context, at: int) -> Token | None:
    """Read a number that is known by its groups."""
    for pattern in (_NANP, _SECURITY, _CARD, _PLUS, _WORDED, _ZERO, _SINGLE):
        found = ctx.match(pattern, at)
        if found is not None:
            return Token(at, found.end(), TokenClass.TELEPHONE, _words(found))
    if (local := ctx.match(_LOCAL, at)) is not None:
        return Token(at, local.end(), TokenClass.TELEPHONE, digits(local[0]))
    groups = ctx.match(_GROUPS, at)
    if groups is not None and _CALL.search(ctx.behind(at)):
        return Token(at, groups.end(), TokenClass.TELEPHONE, digits(groups[0]))
    return None


def read_iban(ctx: Context, at: int) -> Token | None:
    """Read an international bank account number, letter by letter and digit by digit."""
    found = ctx.match(_IBAN, at)
    if found is None or sum(c.isdigit() for c in found[0]) < 8:
        return None
    return Token(at, found.end(), TokenClass.CODE, spelled(found[0], british=ctx.british))


def _words(found: re.Match[str]) -> str:
    groups = found.groupdict()
    if groups.get("word"):
        return f"{_toll_free(groups['digits'])} {groups['word'].lower()}"
    if groups.get("exchange"):
        area = groups["bracketed"] or groups["area"]
        first = digits(groups["country"] or "")
        is_free = bool(first) and area.endswith("00") and area[0] == "8"
        code = "eight hundred" if is_free else digits(area)
        said = f"{first} {code} {digits(groups['exchange'])} {digits(groups['line'])}".strip()
        return f"plus {said}" if found[0].startswith("+") else said
    return f"plus {digits(found[0])}" if found[0].startswith("+") else digits(found[0])


def _toll_free(text: str) -> str:
    bare = "".join(c for c in text if c.isdecimal())
    if bare.endswith("00") and bare[-3] != "0":
        first = digits(bare[:-3])
        return f"{first} {digits(bare[-3])} hundred".strip()
    return digits(bare)
