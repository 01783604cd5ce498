"""Numbers by themselves: cardinals, years, decades, ordinals, fractions, ranges, scores."""

import re
from typing import Final

from hoarfrost.text.reading.amounts import DASHES, VULGAR, Amount, range_after, read_amount
from hoarfrost.text.reading.context import Context, Token, TokenClass
from hoarfrost.text.reading.letters import spelled
from hoarfrost.text.reading.measures import NUMBERED_PLACE
from hoarfrost.text.reading.numbers import (
    FIRST_YEAR,
    LAST_YEAR,
    cardinal,
    digits,
    in_pairs,
    ordinal,
    year,
)
from hoarfrost.text.tables import words

_ORDINAL: Final = re.compile(
    rf"(?P<number>\d{{1,3}}(?:,\d{{3}})+|\d{{1,9}})(?:st|nd|rd|th|ST|ND|RD|TH|ˢᵗ|ⁿᵈ|ʳᵈ|ᵗʰ)s?(?![\w'’])"
    rf"(?:\s?[{DASHES}]\s?(?P<until>\d{{1,9}})(?:st|nd|rd|th)(?!\w))?"
)
_DECADE: Final = re.compile(r"(?P<mark>['’])?(?P<number>\d{2}|\d{4})['’]?s(?!\w)")
_DECADES: Final = (
    "", "tens", "twenties", "thirties", "forties", "fifties", "sixties", "seventies", "eighties",
    "nineties",
)  # fmt: skip
_YEAR: Final = re.compile(r"(?P<year>\d{4})(?![\w%]|[.,:/]\d|,\d{3})")
_YEARS: Final = re.compile(
    rf"(?P<first>\d{{4}})\s?[{DASHES}/]\s?(?P<second>\d{{4}}|\d\d)(?![\w%]|[.,:/-]\d)"
)
_SHORT_YEAR: Final = re.compile(r"['’](?P<year>\d\d)(?!\w)")
_OUT_OF: Final = re.compile(r"(?P<one>\d{1,3}(?:\.\d)?)\s?/\s?(?P<other>5|10|100)(?![\d/]|\.\d)")
_RATED: Final = re.compile(
    r"\b(?:rated?|rating|scored?|score|got|gave|stars?|grade|mark)\b[^.]{0,24}\Z", re.IGNORECASE
)
_NAMED: Final = {
    "24/7/365": "twenty four seven three sixty five", "24/7": "twenty four seven",
    "24x7": "twenty four seven",
    "50/50": "fifty fifty", "9/11": "nine eleven",
    "20/20": "twenty twenty", "7/11": "seven eleven", "401k": "four oh one K",
    "401(k)": "four oh one K", "1040EZ": "ten forty E Z",
}  # fmt: skip
_OVER: Final = re.compile(
    r"(?P<one>\d{2,3})\s?/\s?(?P<other>\d{2,3})"
    r"(?P<unit>\s?mm\s?Hg)?(?![\w%/]|[.,]\d)"
)
_PRESSURE: Final = re.compile(
    r"\b(?:bp|pressure|systolic|diastolic|reading|hypertension)\b[^.]{0,24}\Z", re.IGNORECASE
)
_NAMED_PATTERN: Final = re.compile("|".join(map(re.escape, _NAMED)))
_TIMES: Final = re.compile(
    r"(?P<one>\d{1,5}(?:\.\d+)?)\s?(?P<sign>[x×X])\s?(?P<other>\d{1,5}(?:\.\d+)?)(?:\s?[x×]\s?(?P<third>\d{1,5}(?:\.\d+)?))?(?![\w])"
)
_MULTIPLE: Final = re.compile(
    rf"(?P<one>\d{{1,4}}(?:\.\d+)?)(?:\s?[{DASHES}]\s?(?P<other>\d{{1,4}}))?\s?[xX×](?![\w])"
)
_LETTERED: Final = re.compile(r"(?P<number>\d{1,4})(?P<letters>[GKDPpi]|[A-Z]{1,3})(?![\w'’]|\.\w)")
_UNIT_NAME: Final = re.compile(r"(?P<number>\d{1,4})(?P<letter>[A-Z])(?!\w)")
_GENERATIONS: Final = re.compile(r"[2-6]G(?!\w)")
_RESOLUTION: Final = re.compile(r"(?P<number>\d{3,4})(?P<letter>[pi])(?!\w)")
_K: Final = re.compile(
    r"(?P<number>[2458]|10|15)K\s(?=(?:run|race|tv|video|monitor|display|resolution|screen|camera|ultra|footage|walk)s?\b)",
    re.IGNORECASE,
)
_COMPANY: Final = re.compile(
    r"3M(?=['’]s|\s(?:Company|Co|Corp|tape|stock|products?|employees|shares|adhesive|mask)\b|[.,;]|$)"
)
_YEAR_WORDS: Final = words("""
    in since by from of until till before after around year during spring summer fall autumn
    winter early late mid circa early, est established © copyright between class
""")
_NOT_COUNTED: Final = words("""
    is was has does this as its us elections olympics models series finals games sales
    always perhaps it's plus vs versus sees his various gas news towards besides across
""")
_COMPOUND: Final = re.compile(
    rf"(?P<number>\d{{1,4}}(?:,\d{{3}})*(?:\.\d+)?)(?P<words>(?:[{DASHES}](?:[a-z]{{2,}}|of|to))+)(?![\w])"
)
_SCORE: Final = re.compile(
    rf"(?P<one>\d{{1,3}})[{DASHES}](?P<other>\d{{1,3}})(?![\w%°]|[.,:/]\d|[{DASHES}]\d)"
)
_PLUS: Final = re.compile(r"\+(?![\w+])(?!\s?\d)")
_PERCENT_WORD: Final = re.compile(r"\s?(?:percent|per cent)\b")


def read_quantity(ctx: Context, at: int) -> Token | None:
    """Read a number that no other class has claimed."""
    for reader in (
        _named,
        _lettered,
        _ordinal,
        _decade,
        _years,
        _out_of,
        _over,
        _times,
        _compound,
        _year_alone,
    ):
        token = reader(ctx, at)
        if token is not None:
            return token
    return _amount(ctx, at)


def _named(ctx: Context, at: int) -> Token | None:
    found = ctx.match(_NAMED_PATTERN, at)
    if found is None or ctx.char(found.end()).isalnum():
        return None
    return Token(at, found.end(), TokenClass.CARDINAL, _NAMED[found[0]])


def _lettered(ctx: Context, at: int) -> Token | None:
    """Read ``5G``, ``1080p``, ``4K video``, ``4B``; scales (``3M users``) are amounts."""
    for pattern in (_GENERATIONS, _COMPANY):
        if (name := ctx.match(pattern, at)) is not None and (
            pattern is _GENERATIONS or not ctx.behind(at).rstrip()[-1:].isdigit()
        ):
            if pattern is _COMPANY and ctx.char(name.end()) in ("", ".", ",", ";"):
                continue
            said = f"{cardinal(name[0][:-1])} {name[0][-1]}"
            return Token(at, name.end(), TokenClass.CODE, said)
    if (lines := ctx.match(_RESOLUTION, at)) is not None:
        said = f"{in_pairs(lines['number'])} {lines['letter'].upper()}"
        return Token(at, lines.end(), TokenClass.CODE, said)
    if (lines := ctx.match(_K, at)) is not None:
        return Token(at, lines.end() - 1, TokenClass.CODE, f"{cardinal(lines['number'])} K")
    unit = ctx.match(_UNIT_NAME, at)
    if unit is not None and NUMBERED_PLACE.search(ctx.behind(at, 16)):
        said = f"{in_pairs(unit['number'])} {spelled(unit['letter'], british=ctx.british)}"
        return Token(at, unit.end(), TokenClass.CODE, said)
    found = ctx.match(_LETTERED, at)
    if found is None or found["letters"] in (
        "K",
        "M",
        "B",
        "T",
        "ST",
        "ND",
        "RD",
        "TH",
        "BN",
        "MM",
    ):
        return None
    letters = spelled(found["letters"], british=ctx.british)
    number = found["number"]
    said = in_pairs(number) if len(number) > 2 else cardinal(number)
    return Token(at, found.end(), TokenClass.CODE, f"{said} {letters}")


def _ordinal(ctx: Context, at: int) -> Token | None:
    found = ctx.match(_ORDINAL, at)
    if found is None:
        return None
    said = ordinal(found["number"].replace(",", ""), british=ctx.british)
    if found[0].endswith("s") and found["until"] is None and not found[0].lower().endswith("st"):
        said = f"{said}s"
    if found["until"]:
        said = f"{said} to {ordinal(found['until'], british=ctx.british)}"
    return Token(at, found.end(), TokenClass.ORDINAL, said)


def _decade(ctx: Context, at: int) -> Token | None:
    found = ctx.match(_DECADE, at)
    if found is None:
        return None
    century, tens = divmod(int(found["number"]), 100)
    if len(found["number"]) == 2 and (tens % 10 or tens == 0):
        return None
    if tens % 10:
        return None
    if not tens:
        said = "two thousands" if century == 20 else f"{cardinal(century)} hundreds"
        if century % 10 == 0 and century != 20:
            said = f"{cardinal(century * 100)}s"
    else:
        said = f"{cardinal(century) if century else ''} {_DECADES[tens // 10]}".strip()
    return Token(at, found.end(), TokenClass.DECADE, said)


def _years(ctx: Context, at: int) -> Token | None:
    short = ctx.match(_SHORT_YEAR, at)
    if short is not None:
        number = int(short["year"])
        said = f"oh {cardinal(number)}" if 0 < number < 10 else cardinal(number)
        return Token(at, short.end(), TokenClass.DATE, said)
    found = ctx.match(_YEARS, at)
    if found is None:
        return None
    first, second = int(found["first"]), int(found["second"])
    if not FIRST_YEAR <= first <= LAST_YEAR:
        return None
    if len(found["second"]) == 2:
        if second <= first % 100:
            return None
        said = f"oh {cardinal(second)}" if second < 10 else cardinal(second)
    else:
        said = (
            year(second, british=ctx.british)
            if FIRST_YEAR <= second <= LAST_YEAR
            else cardinal(second)
        )
    return Token(at, found.end(), TokenClass.RANGE, f"{year(first, british=ctx.british)} to {said}")


def _year_alone(ctx: Context, at: int) -> Token | None:
    found = ctx.match(_YEAR, at)
    if found is None:
        return None
    before = ctx.word_before(at).lower()
    if not (1000 if before == "year" else FIRST_YEAR) <= int(found["year"]) <= LAST_YEAR:
        return None
    if range_after(ctx, found.end()) is not None:
        return None
    after = ctx.word_after(found.end()) if ctx.char(found.end()) == " " else ""
    counts = (
        after.isalpha() and after.islower() and after.endswith("s") and after not in _NOT_COUNTED
    )
    counts = counts or after in ("people", "men", "women", "children", "percent", "or", "more")
    if counts and before not in _YEAR_WORDS and not before[:1].isdigit():
        return None
    number = int(found["year"])
    return Token(at, found.end(), TokenClass.DATE, year(number, british=ctx.british))


def _out_of(ctx: Context, at: int) -> Token | None:
    found = ctx.match(_OUT_OF, at)
    if found is None or float(found["one"]) > int(found["other"]):
        return None
    after = ctx.word_after(found.end())
    if found["other"] == "100" and float(found["one"]) < 10:
        return None
    is_rated = _RATED.search(ctx.behind(at)) is not None or after in (
        "stars",
        "star",
        "rating",
        "points",
    )
    if not is_rated and (
        found["other"] == "5"
        or (
            after.isalpha()
            and after.islower()
            and after not in ("and", "for", "on", "in", "is", "would", "but")
        )
    ):
        return None
    one, _, part = found["one"].partition(".")
    first = f"{cardinal(one)} point {digits(part)}" if part else cardinal(one)
    said = f"{first} out of {cardinal(found['other'])}"
    return Token(at, found.end(), TokenClass.RANGE, said)


def _over(ctx: Context, at: int) -> Token | None:
    """Read ``120/80``: blood pressure, which is no fraction; shares (``60/40``) have no word."""
    found = ctx.match(_OVER, at)
    if found is None:
        return None
    one, other = int(found["one"]), int(found["other"])
    pair = in_pairs(found["one"]), in_pairs(found["other"])
    if one + other == 100 and one >= other:
        return Token(at, found.end(), TokenClass.RANGE, " ".join(pair))
    is_pressure = 70 <= one <= 260 and 40 <= other <= 160 and other < one
    if not is_pressure or (one <= 100 and _PRESSURE.search(ctx.behind(at, 40)) is None):
        return None
    unit = " millimeters of mercury" if found["unit"] else ""
    return Token(at, found.end(), TokenClass.RANGE, f"{' over '.join(pair)}{unit}")


def _times(ctx: Context, at: int) -> Token | None:
    found = ctx.match(_TIMES, at)
    if found is not None and found[0][:2].lower() != "0x":
        ahead = ctx.ahead(found.end(), 4).lstrip()
        is_product = found["sign"] == "×" and not found["third"] and " " in found[0] and not ahead
        joint = (
            "times"
            if is_product or ahead.startswith("=") or re.search(r"=\s?\Z", ctx.behind(at, 4))
            else "by"
        )
        numbers = [found[group] for group in ("one", "other", "third") if found[group]]
        said = f" {joint} ".join(_dimension(number) for number in numbers)
        return Token(at, found.end(), TokenClass.RANGE, said)
    found = ctx.match(_MULTIPLE, at)
    if found is None or (ctx.char(found.end() - 2) == " " and found[0][-1] not in "x×"):
        return None
    one, _, part = found["one"].partition(".")
    said = f"{cardinal(one)} point {digits(part)}" if part else cardinal(one)
    if found["other"]:
        said = f"{said} to {cardinal(found['other'])}"
    return Token(at, found.end(), TokenClass.RANGE, f"{said} times")


def _dimension(text: str) -> str:
    whole, _, part = text.partition(".")
    if part:
        return f"{cardinal(whole)} point {digits(part)}"
    return in_pairs(whole) if len(whole) == 4 else cardinal(whole)


def _compound(ctx: Context, at: int) -> Token | None:
    """Read ``5-year-old``, ``24-hour``: the hyphens only join."""
    found = ctx.match(_COMPOUND, at)
    if found is None:
        return None
    amount = read_amount(ctx, at)
    if amount is None or amount.end > found.end("number"):
        return None
    words = re.split(rf"[{DASHES}]", found["words"])
    said = " ".join([amount.spoken, *filter(None, words)])
    return Token(at, found.end(), TokenClass.CARDINAL, said)


def _amount(ctx: Context, at: int) -> Token | None:
    amount = read_amount(ctx, at)
    if amount is None:
        return None
    end, spoken = amount.end, amount.spoken
    if ctx.char(end).isalpha() and amount.is_plain:
        return None
    kind = _kind_of(ctx, at, amount)
    second_at = range_after(ctx, end)
    if second_at is not None and ctx.char(second_at) not in "$€£¥₹~":
        second = read_amount(ctx, second_at)
        if second is not None and _is_range(ctx, at, end, second_at, second):
            first = spoken
            spoken, end, kind = f"{first} to {second.spoken}", second.end, TokenClass.RANGE
            amount = second
    if (plus := ctx.match(_PLUS, end)) is not None:
        spoken, end = f"{spoken} plus", plus.end()
    return Token(at, end, kind, spoken)


def _is_range(ctx: Context, at: int, end: int, second_at: int, second: Amount) -> bool:
    """Tell ``5-10`` from ``5 - 3``: a difference has spaces, and falls or stands in a sum."""
    if ctx.char(second.end).isalpha() and second.is_plain:
        return False
    if not ctx.char(end).isspace():
        return True
    around = ctx.behind(at, 16) + ctx.ahead(second.end, 16)
    if re.search(r"[=+×÷*<>]", around):
        return False
    first = re.fullmatch(r"\d+", ctx.text[at:end])
    other = re.fullmatch(r"\d+", ctx.text[second_at : second.end])
    return not (first and other and int(first[0]) > int(other[0]))


def _kind_of(ctx: Context, at: int, amount: Amount) -> TokenClass:
    written = ctx.text[at : amount.end]
    if any(char in VULGAR or char in "/\u2044" for char in written):
        return TokenClass.FRACTION
    return TokenClass.DECIMAL if "." in written else TokenClass.CARDINAL
