"""Measures: an amount and a unit, with a space between or not, and rates (``10 mg/kg``)."""

import re
from typing import Final

from hoarfrost.text.reading.amounts import DASHES, HYPHENS, Amount, range_after, read_amount
from hoarfrost.text.reading.context import Context, Token, TokenClass
from hoarfrost.text.reading.numbers import cardinal
from hoarfrost.text.reading.units import AMBIGUOUS, COUNTED, UNCOUNTED, in_british, plural
from hoarfrost.text.tables import words

_UNITS: Final = "|".join(sorted(map(re.escape, [*COUNTED, *UNCOUNTED]), key=len, reverse=True))
_UNIT: Final = re.compile(
    rf"(?P<gap>[ \u00a0\u202f{DASHES}]?)(?P<unit>{_UNITS})(?P<power>[²³]|\^[23])?(?![\w°%²³^'’])"
)
_PER: Final = re.compile(
    rf"\s?/\s?(?P<amount>\d{{1,4}}\s?(?![°º℃℉%‰]))?(?P<unit>{_UNITS}|[a-z]{{3,12}}|day|d)(?P<power>[²³]|\^[23])?(?!\w)"
)
_FEET: Final = re.compile(
    r"(?P<feet>\d{1,3})\s?['′’]\s?(?:(?P<inches>\d{1,2}(?:\.\d+)?)(?:\s?(?:\"|″|”|''|′′|’’)|(?![\w:.,]\d|\w)))?"
)
_INCHES: Final = re.compile(r"\s?(?:″|''|′′)|\"(?=\s?(?:x|×|[a-z]|[.,;:]|$))")
_LONE_FEET: Final = re.compile(r"\s?′(?!\w)|'(?=\s(?:tall|wide|long|deep|high)\b)")
_DEGREES: Final = re.compile(
    r"\s?[°º]\s?(?:(?P<minutes>\d{1,2})\s?[′'’]\s?(?:(?P<seconds>\d{1,2}(?:\.\d+)?)\s?(?:[″\"”]|''))?\s?)?"
    r"(?P<side>[NSEW](?![\w.]))?"
)
_SIDES: Final = {"N": "north", "S": "south", "E": "east", "W": "west"}
NUMBERED_PLACE: Final = re.compile(
    r"\b(?:apt|apartment|unit|suite|ste|room|rm|gate|seat|row|flat|block|section|class|bus|terminal|"
    r"platform|exhibit|form|channel|exit|line|floor|track|desk|booth|aisle|bay|door|hall|pier|table)"
    r"\.?\s#?(?:\d{1,4})?\Z",
    re.IGNORECASE,
)
"""Before a number, maybe with a letter, that is a name: ``gate 12A``."""
_SIZE_WORDS: Final = words("""
    wide long tall deep high thick across diameter x by and or apart away per each of above
    below from square to off shorter longer taller higher lower ahead behind
""")
_DECADE: Final = re.compile(
    r"(?:\b[12]\d\d0|['’]\d0|\b(?:the|her|his|their|my|our|your|early|late|mid)[\s-]"
    r"(?:early |late |mid-)?\d0)\Z",
    re.IGNORECASE,
)
_COUNTED_NOUNS: Final = re.compile(r"[a-z]{2,}s\b|[a-z]*people\b")


def read_measure(ctx: Context, at: int) -> Token | None:
    """Read ``5 km``, ``6'2"``, ``5-10 kg``, ``90°``, ``72 °F``, ``100 km/h``, ``10%``."""
    amount = read_amount(ctx, at, scales=False)
    if amount is None:
        return None
    if (heights := _feet_and_inches(ctx, at)) is not None:
        return heights
    angle = ctx.match(_DEGREES, amount.end)
    if angle is not None and (angle["minutes"] or angle["side"]):
        return _angle(ctx, at, amount, angle)
    spoken, end, last = amount.spoken, amount.end, amount
    first_unit = _unit_after(ctx, amount)
    second_at = range_after(ctx, first_unit.end() if first_unit else amount.end)
    if second_at is not None and ctx.char(second_at) not in "$€£¥₹~":
        second = read_amount(ctx, second_at, scales=False)
        if second is not None and _unit_after(ctx, second) is not None:
            # "10%-15%": the unit is said once if it is the same.
            spoken, end, last = f"{spoken} to {second.spoken}", second.end, second
            first_unit = _unit_after(ctx, second)
            last = Amount(second.end, spoken)
    if first_unit is None:
        return _angle_or_inches(ctx, at, amount)
    return _with_unit(ctx, at, last if last.end == end else amount, spoken, first_unit)


def _with_unit(
    ctx: Context, at: int, amount: Amount, spoken: str, unit: re.Match[str]
) -> Token | None:
    end = unit.end()
    symbol = unit["unit"]
    is_adjective = unit["gap"] in HYPHENS and unit["gap"] != ""
    is_one = amount.is_one or is_adjective
    said = f"{spoken} {_name(unit, is_one=is_one)}"
    if amount.is_fraction and amount.is_one and symbol in COUNTED and ctx.word_after(end) == "of":
        said = f"{spoken} {_name(unit, is_one=True)}"
    while (per := ctx.match(_PER, end)) is not None:
        name = COUNTED.get(per["unit"]) or UNCOUNTED.get(per["unit"]) or per["unit"]
        name = "day" if name == "d" else name
        count = f"{cardinal(per['amount'].strip())} " if per["amount"] else ""
        power = _power_word(per["power"])
        said = f"{said} per {count}{power}{plural(name) if count and power == '' else name}"
        end = per.end()
    if ctx.british:
        said = in_british(said)
    if ctx.char(end) == "." and _belongs(ctx, symbol, end):
        end += 1
    return Token(at, end, TokenClass.MEASURE, said)


def _belongs(ctx: Context, symbol: str, end: int) -> bool:
    """Tell whether the full stop at ``end`` belongs to the unit: the sentence goes on after it."""
    return symbol.isalpha() and ctx.ahead(end + 1).strip("\"'”’) \n") != ""


def _unit_after(ctx: Context, amount: Amount) -> re.Match[str] | None:
    found = ctx.match(_UNIT, amount.end)
    if found is None:
        return None
    symbol, gap = found["unit"], found["gap"]
    if symbol.isupper() and not gap and NUMBERED_PLACE.search(ctx.behind(found.start(), 24)):
        return None
    if symbol == "B" or (symbol == "A" and gap) or (symbol in "K" and not gap):
        return None
    if symbol not in AMBIGUOUS or found["power"]:
        return found
    return found if _is_unit(ctx, amount, found, symbol, gap) else None


def _is_unit(ctx: Context, amount: Amount, found: re.Match[str], symbol: str, gap: str) -> bool:
    """Tell whether a symbol that is a word or a letter too is a unit here."""
    after = ctx.word_after(found.end())
    if symbol == "in":
        ends = not after or after.lower() in _SIZE_WORDS
        behind = ctx.behind(found.start())
        follows_feet = re.search(r"(?:\bft|feet|foot|['′’])\W{0,2}\d{1,2}$", behind) is not None
        return (
            gap == "" or ends or follows_feet or (amount.is_fraction and after not in ("a", "the"))
        )
    if symbol == "s" and not gap and _DECADE.search(ctx.behind(found.start())):
        return False
    if symbol == "m" and not gap and _COUNTED_NOUNS.match(after):
        return False  # "5m users" are millions
    if symbol in ("st", "pt", "pts", "mo", "ct", "min", "cal", "bar", "ac", "gr", "kn", "MP"):
        return symbol in ("min", "cal", "MP", "mo", "pts", "bar") or (gap == "" and symbol != "st")
    if symbol in ("mile", "miles") or gap == "":
        return symbol != "t" or gap == ""
    # One letter after a space.
    return symbol in "gmhLl" or (symbol in "sWVJN" and not after)


def _name(unit: re.Match[str], *, is_one: bool) -> str:
    symbol = unit["unit"]
    power = _power_word(unit["power"])
    if symbol in UNCOUNTED:
        name = UNCOUNTED[symbol]
        if is_one and name.startswith("degrees"):
            name = "degree" + name[len("degrees") :]
        elif is_one and name.endswith(" hours"):
            name = name[:-1]
        return power + name
    name = COUNTED[symbol]
    return power + (name if is_one else plural(name))


def _power_word(power: str | None) -> str:
    return {None: "", "²": "square ", "^2": "square "}.get(power, "cubic ")


def _feet_and_inches(ctx: Context, at: int) -> Token | None:
    found = ctx.match(_FEET, at)
    if found is None or found["inches"] is None:
        return None
    if int(found["inches"].partition(".")[0]) > 11:
        return None
    feet, inches = found["feet"], read_amount(ctx, found.start("inches"), scales=False)
    if inches is None:
        return None
    said = f"{cardinal(feet)} {'foot' if feet == '1' else 'feet'}"
    said = f"{said} {inches.spoken} {'inch' if inches.is_one else 'inches'}"
    return Token(at, found.end(), TokenClass.MEASURE, said)


def _angle_or_inches(ctx: Context, at: int, amount: Amount) -> Token | None:
    if (inches := ctx.match(_INCHES, amount.end)) is not None:
        is_quoted = inches[0] == '"' and ctx.behind(at).count('"') % 2
        if not is_quoted:
            name = "inch" if amount.is_one else "inches"
            return Token(at, inches.end(), TokenClass.MEASURE, f"{amount.spoken} {name}")
    if (feet := ctx.match(_LONE_FEET, amount.end)) is not None:
        name = "foot" if amount.is_one else "feet"
        return Token(at, feet.end(), TokenClass.MEASURE, f"{amount.spoken} {name}")
    return None


def _angle(ctx: Context, at: int, amount: Amount, angle: re.Match[str]) -> Token:
    said = [amount.spoken, "degree" if amount.is_one else "degrees"]
    for group, name in (("minutes", "minute"), ("seconds", "second")):
        if angle[group]:
            part = read_amount(ctx, angle.start(group), scales=False)
            if part is not None:
                said += [part.spoken, name if part.is_one else f"{name}s"]
    if angle["side"]:
        said.append(_SIDES[angle["side"]])
    return Token(at, angle.end(), TokenClass.MEASURE, " ".join(said))
