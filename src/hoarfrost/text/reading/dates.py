"""Dates: ``Jan 5``, ``5 May 2024``, ``4/23/2021``, ``2024-01-15T10:30Z``, ``Mon-Fri``, ``Q3 2024``.

American English puts the month first and says "january fifth", British English the day: "the fifth
of January"; figures between slashes are read in that order too, unless they allow but the other.
"""

import re
from typing import Final

from hoarfrost.text.reading.amounts import DASHES, HYPHENS
from hoarfrost.text.reading.context import Context, Token, TokenClass
from hoarfrost.text.reading.numbers import cardinal, ordinal, two_digits, year
from hoarfrost.text.reading.times import clock_words
from hoarfrost.text.tables import words

MONTHS: Final = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip
_MONTH_NUMBERS: Final = {
    **{name.lower(): number for number, name in enumerate(MONTHS, 1)},
    **{name[:3].lower(): number for number, name in enumerate(MONTHS, 1)},
    "sept": 9,
}  # fmt: skip
_DAYS: Final = {
    "mon": "Monday", "tue": "Tuesday", "tues": "Tuesday", "wed": "Wednesday", "weds": "Wednesday",
    "thu": "Thursday", "thur": "Thursday", "thurs": "Thursday", "fri": "Friday",
    "sat": "Saturday", "sun": "Sunday",
}  # fmt: skip
_WORD_DAYS: Final = ("mon", "sat", "sun", "wed")
"""Those that are words or names too."""
_BEFORE_DAYS: Final = words("""
    on this next last every by until till each from since and or
""")

_MONTH: Final = (
    r"(?P<month>(?:Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec|JAN|FEB|MAR|APR|JUN|JUL|AUG|SEPT?"
    r"|OCT|NOV|DEC)(?P<stop>\.)?|January|February|March|April|May|June|July|August|September"
    r"|October|November|December)"
)
_DAY_NUMBER: Final = r"(?P<day>0?[1-9]|[12]\d|3[01])(?P<suffix>st|nd|rd|th)?"
_YEAR: Final = r"(?:,?\s(?P<year>(?:1[0-9]|20)\d\d)(?![\d:,.]\d|\d)|\s?['’](?P<short>\d\d)(?!\d))?"
_MONTH_FIRST: Final = re.compile(
    rf"{_MONTH}\s?{_DAY_NUMBER}(?:\s?[{DASHES}]\s?(?P<until>[1-9]|[12]\d|3[01])(?:st|nd|rd|th)?)?"
    rf"(?![\d/]|[:.,]\d|\w|\s?%){_YEAR}"
)
_DAY_FIRST: Final = re.compile(
    rf"(?P<the>the\s)?{_DAY_NUMBER}(?:\s?[{DASHES}]\s?(?P<until>[1-9]|[12]\d|3[01])(?:st|nd|rd|th)?)?"
    rf"[\s{DASHES}](?P<of>of\s)?{_MONTH}(?![\w-]){_YEAR}"
)
_MONTH_ALONE: Final = re.compile(rf"{_MONTH}(?![\w'’])(?:{_YEAR})")
_MONTHS_RANGE: Final = re.compile(
    rf"{_MONTH}\s?[{DASHES}]\s?(?P<until>[A-Z][a-z]{{2,8}})\b\.?{_YEAR}"
)
_DAY_NAME: Final = re.compile(r"(?P<day>[A-Z][a-z]{2,4}|[A-Z]{3})\b(?P<stop>\.)?")
_DAY_RANGE: Final = re.compile(
    rf"(?P<from>[A-Z][a-z]{{2,8}})\.?\s?[{DASHES}/]\s?(?P<to>[A-Z][a-z]{{2,8}})\b"
)
_ISO: Final = re.compile(
    r"(?P<year>\d{4})(?P<mark>[-/\u2011])(?P<month>0[1-9]|1[0-2])(?P=mark)(?P<day>0[1-9]|[12]\d|3[01])"
    r"(?:[T ](?P<hour>[01]\d|2[0-4]):(?P<minute>[0-5]\d)(?::(?P<second>[0-5]\d)(?:[.,]\d{1,9})?)?"
    r"(?:(?P<zulu>Z)|(?P<offset>[+-])(?P<oh>\d\d):?(?P<om>\d\d)?)?)?(?![\w]|[-.]\d)"
)
_NUMERIC: Final = re.compile(
    r"(?P<first>0?[1-9]|[12]\d|3[01])(?P<mark>[/.\u2011-])(?P<second>0?[1-9]|[12]\d|3[01])"
    r"(?P=mark)(?P<year>\d{4}|\d\d)(?![\d/-]|\.\d)"
)
_SHORT: Final = re.compile(
    r"(?P<first>0?[1-9]|[12]\d|3[01])/(?P<second>0?[1-9]|[12]\d|3[01])(?![\d/.%]|\.\d)"
)
_DATE_WORDS: Final = re.compile(
    r"\b(?:on|by|until|till|since|due|dated?|deadline|born|before|after|from|"
    r"mon|tue|tues|wed|thu|thurs|fri|sat|sun|monday|tuesday|wednesday|thursday|friday|saturday|"
    r"sunday)\b[\s,:.]*(?:the\s)?$",
    re.IGNORECASE,
)
_QUARTER: Final = re.compile(
    r"(?P<kind>Q|H)(?P<number>[1-4])(?:\s?['’]?(?P<year>20\d\d|\d\d))?(?!\w)"
)
_FISCAL: Final = re.compile(r"FY\s?['’]?(?P<year>(?:19|20)\d\d|\d\d)(?!\w)")


def read_date(ctx: Context, at: int) -> Token | None:
    """Read a date that begins at ``at``."""
    char = ctx.char(at)
    if char.isdecimal() or ctx.text.startswith("the ", at):
        return _iso(ctx, at) or _numeric(ctx, at) or _day_first(ctx, at)
    return (
        _days(ctx, at)
        or _months(ctx, at)
        or _month_first(ctx, at)
        or _quarter(ctx, at)
        or _month_alone(ctx, at)
    )


def date_words(ctx: Context, month: int, day: int, year_digits: str | None = None) -> str:
    """Return a date as it is said."""
    said = f"{MONTHS[month - 1]} {ordinal(day)}"
    if ctx.british:
        said = f"the {ordinal(day)} of {MONTHS[month - 1]}"
    return f"{said} {_year(ctx, year_digits)}".rstrip()


def _year(ctx: Context, year_digits: str | None) -> str:
    if not year_digits:
        return ""
    number = int(year_digits)
    if len(year_digits) == 2:
        number += 2000 if number < 50 else 1900
    return year(number, british=ctx.british)


def _number_of(found: re.Match[str]) -> int:
    return _MONTH_NUMBERS[found["month"].rstrip(".").lower()]


def _month_first(ctx: Context, at: int) -> Token | None:
    found = ctx.match(_MONTH_FIRST, at)
    if found is None:
        return None
    if found["month"] == "May" and found["suffix"] is None and _is_verb(ctx, at, found):
        return None
    month, day = _number_of(found), int(found["day"])
    if found["until"]:
        said = f"{MONTHS[month - 1]} {ordinal(day)} to {ordinal(int(found['until']))}"
        if ctx.british:
            said = (
                f"the {ordinal(day)} to the {ordinal(int(found['until']))} of {MONTHS[month - 1]}"
            )
        said = f"{said} {_year(ctx, found['year'])}".rstrip()
    elif ctx.british:
        said = f"{MONTHS[month - 1]} the {ordinal(day)} {_year(ctx, found['year'])}".rstrip()
    else:
        said = date_words(ctx, month, day, found["year"] or found["short"])
    return Token(at, found.end(), TokenClass.DATE, said)


def _is_verb(ctx: Context, at: int, found: re.Match[str]) -> bool:
    """Tell "May 5 people come?" from the fifth of May."""
    after = ctx.word_after(found.end())
    return not ctx.behind(at).strip() and after.isalpha() and after.islower() and after not in (
        "at", "and", "to", "is", "was", "for", "from", "in", "or", "through", "works",
    )  # fmt: skip


def _day_first(ctx: Context, at: int) -> Token | None:
    found = ctx.match(_DAY_FIRST, at)
    if found is None:
        return None
    month = found["month"]
    if month in ("May", "March") and not (found["suffix"] or found["of"] or found["year"]):
        after = ctx.word_after(found.end())
        if after[:1].isupper():
            return None
    number = _number_of(found)
    day = ordinal(int(found["day"]))
    if found["until"]:
        day = f"{day} to the {ordinal(int(found['until']))}"
    has_article = found["the"] or ctx.word_before(at).lower() == "the"
    the = "the " if found["the"] or not has_article else ""
    said = f"{the}{day} of {MONTHS[number - 1]} {_year(ctx, found['year'] or found['short'])}"
    return Token(at, found.end(), TokenClass.DATE, said.rstrip())


def _months(ctx: Context, at: int) -> Token | None:
    found = ctx.match(_MONTHS_RANGE, at)
    if found is None or found["until"].lower() not in _MONTH_NUMBERS:
        return None
    first, second = _number_of(found), _MONTH_NUMBERS[found["until"].lower()]
    said = f"{MONTHS[first - 1]} to {MONTHS[second - 1]} {_year(ctx, found['year'])}".rstrip()
    return Token(at, found.end(), TokenClass.DATE, said)


def _month_alone(ctx: Context, at: int) -> Token | None:
    """Read "Jan." or "Dec 2023": a full stop or a year must show that it is no name or word."""
    found = ctx.match(_MONTH_ALONE, at)
    if found is None:
        return None
    name = found["month"].rstrip(".")
    short = found["year"] or found["short"]
    if name in MONTHS and not found["short"]:
        return None
    if not (short or found["stop"] or ctx.behind(at).endswith(("in ", "since ", "until ", "by "))):
        return None
    if name in ("Mar", "Jan") and not short and not found["stop"]:
        return None
    end = found.end()
    if found["stop"] and not short and ctx.ahead(end).strip("\"'”’) \n") == "":
        end -= 1
    said = f"{MONTHS[_number_of(found) - 1]} {_year(ctx, short)}".rstrip()
    return Token(at, end, TokenClass.DATE, said)


def _days(ctx: Context, at: int) -> Token | None:
    both = ctx.match(_DAY_RANGE, at)
    if both is not None:
        first, second = _full_day(both["from"]), _full_day(both["to"])
        if first and second:
            joint = "to" if both[0][len(both["from"]) :].strip(". ")[0] in HYPHENS else "and"
            return Token(at, both.end(), TokenClass.DATE, f"{first} {joint} {second}")
    found = ctx.match(_DAY_NAME, at)
    if found is None or (name := _DAYS.get(found["day"].lower())) is None:
        return None
    end, written = found.end(), found["day"]
    if written.isupper() and written.lower() in _WORD_DAYS:
        return None
    if found["stop"] and ctx.ahead(end).strip("\"'”’) \n") == "":
        end -= 1
    if written.lower() in _WORD_DAYS and not found["stop"] and not _is_day(ctx, at, end):
        return None
    return Token(at, end, TokenClass.DATE, name)


def _full_day(written: str) -> str:
    lower = written.lower()
    full = _DAYS.get(lower, "")
    return full or (written if written in _DAYS.values() else "")


def _is_day(ctx: Context, at: int, end: int) -> bool:
    after = ctx.word_after(end)
    has_number = after[:1].isdigit() or after.rstrip(".").lower() in _MONTH_NUMBERS
    listed = ctx.char(end) == "," and bool(
        re.match(r",\s(?:\d|[A-Z][a-z]{2}\b)", ctx.ahead(end, 6))
    )
    return has_number or listed or ctx.word_before(at).lower() in _BEFORE_DAYS or after == "at"


def _iso(ctx: Context, at: int) -> Token | None:
    found = ctx.match(_ISO, at)
    if found is None:
        return None
    said = date_words(ctx, int(found["month"]), int(found["day"]), found["year"])
    if found["hour"]:
        said = f"{said} {clock_words(found['hour'], found['minute'], found['second'])}"
    if found["zulu"]:
        said = f"{said} U T C"
    elif found["offset"]:
        sign = "plus" if found["offset"] == "+" else "minus"
        minutes = f" {two_digits(int(found['om']))}" if found["om"] and int(found["om"]) else ""
        said = f"{said} U T C {sign} {cardinal(found['oh'])}{minutes}"
    return Token(at, found.end(), TokenClass.DATE, said)


def _numeric(ctx: Context, at: int) -> Token | None:
    found = ctx.match(_NUMERIC, at)
    short = None
    if found is None:
        short = ctx.match(_SHORT, at)
        if short is None or not _is_short_date(ctx, at, short):
            return None
        found = short
    first, second = int(found["first"]), int(found["second"])
    day, month = (
        (first, second)
        if ctx.british or (short is None and found["mark"] == ".")
        else (second, first)
    )
    if month > 12:
        day, month = month, day
    if month > 12:
        return None
    digits = None if short is not None else found["year"]
    return Token(at, found.end(), TokenClass.DATE, date_words(ctx, month, day, digits))


def _is_short_date(ctx: Context, at: int, found: re.Match[str]) -> bool:
    """Tell ``12/25`` from a fraction: by its size, or by the word before it."""
    first, second = int(found["first"]), int(found["second"])
    if max(first, second) > 31 or min(first, second) > 12 or found[0] in ("24/7", "9/11"):
        return False
    if _DATE_WORDS.search(ctx.behind(at, 24)) is not None:
        return True
    return (
        first <= 12 and second > 16 and second % first != 0 and second not in (20, 32)
    ) or found[0] == "12/25"


def _quarter(ctx: Context, at: int) -> Token | None:
    fiscal = ctx.match(_FISCAL, at)
    if fiscal is not None:
        return Token(
            at, fiscal.end(), TokenClass.DATE, f"fiscal year {_fiscal(ctx, fiscal['year'])}"
        )
    found = ctx.match(_QUARTER, at)
    if found is None:
        return None
    name = f"{found['kind']} {cardinal(found['number'])}"
    said = f"{name} {_year(ctx, found['year'])}".rstrip() if found["year"] else name
    return Token(at, found.end(), TokenClass.DATE, said)


def _fiscal(ctx: Context, digits: str) -> str:
    return cardinal(digits) if len(digits) == 2 else _year(ctx, digits)
