"""Postal addresses: house numbers, street types, directions, states, ZIP codes, units.

A street type is one after a name (``Main St.``, ``Lake Dr``), and a title before one (``St. John``,
``Dr. King``); a house number before the name settles it.
"""

import re
from typing import Final

from hoarfrost.text.abbreviations import STREET_TYPES
from hoarfrost.text.reading.context import Context, Token, TokenClass
from hoarfrost.text.reading.letters import spelled
from hoarfrost.text.reading.numbers import cardinal, digits, in_pairs
from hoarfrost.text.streets import is_street

_STREETS: Final = {
    "st": "street", "ave": "avenue", "av": "avenue", "rd": "road", "blvd": "boulevard",
    "dr": "drive", "ln": "lane", "ct": "court", "pl": "place", "sq": "square", "hwy": "highway",
    "pkwy": "parkway", "ter": "terrace", "cir": "circle", "trl": "trail", "cres": "crescent",
    "expy": "expressway", "fwy": "freeway", "tpke": "turnpike", "aly": "alley", "plz": "plaza",
}  # fmt: skip
STREETS: Final = frozenset(_STREETS)
_SAFE: Final = STREETS - {"st", "dr", "ct", "pl", "sq", "ter", "cir", "av"}
"""Street types that are nothing else."""
_STREET: Final = re.compile(r"(?P<type>[A-Z][A-Za-z]{1,4}|[a-z]{2,4})(?P<stop>\.)?(?![\w'’@])")
_DIRECTION: Final = re.compile(
    r"(?P<side>N\.?[EW]|S\.?[EW]|[NSEW])(?P<stop>\.)?\s(?=(?:[A-Z]|\d{1,3}(?:st|nd|rd|th)))"
)
_TRAILING_DIRECTION: Final = re.compile(r"(?P<side>N[EW]|S[EW]|[NSEW])(?P<stop>\.)?(?![\w'’])")
_SIDES: Final = {
    "N": "north", "S": "south", "E": "east", "W": "west", "NE": "northeast", "NW": "northwest",
    "SE": "southeast", "SW": "southwest",
}  # fmt: skip
_HOUSE: Final = re.compile(r"(?P<number>\d{1,5})(?P<tail>[A-Za-z])?(?![\w%]|[.,:/]\d|-\d)")
_STREET_AHEAD: Final = re.compile(
    r"\s(?:[NSEW]{1,2}\.?\s)?(?:(?:[A-Z][\w'’]*\.?|\d{1,3}(?:st|nd|rd|th))\s){1,3}"
    r"(?:Street|Avenue|Road|Boulevard|Drive|Lane|Court|Place|Square|Highway|Parkway|Terrace|Circle|Way|"
    r"St|Ave|Av|Rd|Blvd|Dr|Ln|Ct|Pl|Sq|Hwy|Pkwy|Ter|Cir)\b|\s(?:Broadway|Park Ave)\b"
)
_UNIT: Final = re.compile(
    r"(?P<unit>Apt|Ste|Rm|Fl|Bldg|apt|ste)(?P<stop>\.)?(?=\s?#?[\dA-Z])|(?P<box>P\.?\s?O\.?\s?[Bb]ox)(?:\s#?(?P<number>\d+))?"
)
_UNITS: Final = {
    "apt": "apartment",
    "ste": "suite",
    "rm": "room",
    "fl": "floor",
    "bldg": "building",
}
_STATE: Final = re.compile(
    r"(?P<state>[A-Z]{2})(?:\.?,?\s(?P<zip>\d{5}(?:-\d{4})?)(?![\w]|\.\d))?(?![\w'’-])"
)
_STATES: Final = {
    "AL": "Alabama", "AK": "Alaska", "AZ": "Arizona", "AR": "Arkansas", "CA": "California",
    "CO": "Colorado", "CT": "Connecticut", "DE": "Delaware", "FL": "Florida", "GA": "Georgia",
    "HI": "Hawaii", "ID": "Idaho", "IL": "Illinois", "IN": "Indiana", "IA": "Iowa", "KS": "Kansas",
    "KY": "Kentucky", "LA": "Louisiana", "ME": "Maine", "MD": "Maryland", "MA": "Massachusetts",
    "MI": "Michigan", "MN": "Minnesota", "MS": "Mississippi", "MO": "Missouri", "MT": "Montana",
    "NE": "Nebraska", "NV": "Nevada", "NH": "New Hampshire", "NJ": "New Jersey",
    "NM": "New Mexico", "NY": "New York", "NC": "North Carolina", "ND": "North Dakota",
    "OH": "Ohio", "OK": "Oklahoma", "OR": "Oregon", "PA": "Pennsylvania", "RI": "Rhode Island",
    "SC": "South Carolina", "SD": "South Dakota", "TN": "Tennessee", "TX": "Texas", "UT": "Utah",
    "VT": "Vermont", "VA": "Virginia", "WA": "Washington", "WV": "West Virginia",
    "WI": "Wisconsin", "WY": "Wyoming", "DC": "D C", "PR": "Puerto Rico",
}  # fmt: skip
_CITY_BEFORE: Final = re.compile(
    r"(?:[A-Z][\w'’.-]+\s?){1,3},\s?\Z|\b(?:St|Ave|Rd|Dr|Ln|Blvd)\.?\s?\Z"
)
_SAINT: Final = re.compile(r"(?P<word>St|Ste|Mt|Ft)(?P<stop>\.)?\s(?=[A-Z])")
_SAINTS: Final = {"St": "saint", "Ste": "sainte", "Mt": "mount", "Ft": "fort"}


def read_address(ctx: Context, at: int) -> Token | None:
    """Read a word of a postal address."""
    char = ctx.char(at)
    if char.isdecimal():
        return _house(ctx, at)
    for reader in (_state, _unit, _direction, _saint, _street):
        token = reader(ctx, at)
        if token is not None:
            return token
    return None


def _street(ctx: Context, at: int) -> Token | None:
    found = ctx.match(_STREET, at)
    if found is None:
        return None
    written = found["type"]
    name = _STREETS.get(written.lower())
    if name is None or (written.islower() and not found["stop"]):
        return None
    end = found.end()
    if written.lower() not in _SAFE and not is_street(ctx.behind(at), ctx.ahead(end)):
        return None
    if written.lower() in _SAFE and not (found["stop"] or ctx.behind(at).rstrip()[-1:].isalnum()):
        return None
    return Token(at, _end_of(ctx, end), TokenClass.ADDRESS, name)


def _end_of(ctx: Context, end: int) -> int:
    """Leave a full stop that ends the sentence as well to it."""
    is_last = ctx.char(end - 1) == "." and ctx.ahead(end).strip("\"'”’) \n") == ""
    return end - 1 if is_last else end


def _saint(ctx: Context, at: int) -> Token | None:
    found = ctx.match(_SAINT, at)
    if found is None:
        return None
    end = found.end() - 1
    if found["word"] in ("St", "Ste") and is_street(ctx.behind(at), ctx.ahead(end)):
        return None
    if found["word"] in ("Ft", "Ste") and not found["stop"]:
        return None
    return Token(at, end, TokenClass.ADDRESS, _SAINTS[found["word"]])


def _direction(ctx: Context, at: int) -> Token | None:
    found = ctx.match(_DIRECTION, at)
    behind = ctx.behind(at, 12)
    if found is not None:
        is_house = re.search(r"\d[A-Za-z]?\s\Z", behind) is not None
        street = re.match(
            rf"(?:[\w'’.-]+\s){{1,3}}(?:{'|'.join(STREET_TYPES)}|street|avenue|road|main)\b",
            ctx.ahead(found.end()) + " ",
            re.IGNORECASE,
        )
        if (
            is_house
            or street is not None
            or (found["stop"] and ctx.ahead(found.end(), 5) == "Main")
        ):
            side = _SIDES[found["side"].replace(".", "")]
            return Token(at, found.end() - 1, TokenClass.ADDRESS, side)
        return None
    trailing = ctx.match(_TRAILING_DIRECTION, at)
    if trailing is None or re.search(r"\b(?:St|Ave|Rd|Dr|Blvd|Ln)\.?,?\s\Z", behind) is None:
        return None
    return Token(at, _end_of(ctx, trailing.end()), TokenClass.ADDRESS, _SIDES[trailing["side"]])


def _house(ctx: Context, at: int) -> Token | None:
    found = ctx.match(_HOUSE, at)
    if found is None:
        return None
    if re.search(r"\b(?:[Bb]ox|[Zz]ip)\s#?\Z", ctx.behind(at, 8)):
        number = found["number"]
        said = digits(number) if len(number) > 3 else cardinal(number)
        return Token(at, found.end(), TokenClass.ADDRESS, said)
    if _STREET_AHEAD.match(ctx.text, found.end(), min(ctx.end, found.end() + 64)) is None:
        return None
    tail = spelled(found["tail"] or "", british=ctx.british)
    return Token(
        at, found.end(), TokenClass.ADDRESS, f"{in_pairs(found['number'])} {tail}".rstrip()
    )


def _unit(ctx: Context, at: int) -> Token | None:
    found = ctx.match(_UNIT, at)
    if found is None:
        return None
    if found["box"]:
        number = found["number"]
        said = "" if not number else cardinal(number) if len(number) < 3 else digits(number)
        return Token(at, found.end(), TokenClass.ADDRESS, f"P O box {said}".rstrip())
    if not found["stop"] and not re.match(r"\s?#?\d", ctx.ahead(found.end(), 3)):
        return None
    return Token(at, found.end(), TokenClass.ADDRESS, _UNITS[found["unit"].lower()])


def _state(ctx: Context, at: int) -> Token | None:
    found = ctx.match(_STATE, at)
    if found is None or found["state"] not in _STATES:
        return None
    name = _STATES[found["state"]]
    if found["zip"]:
        return Token(at, found.end(), TokenClass.ADDRESS, f"{name} {digits(found['zip'])}")
    if _CITY_BEFORE.search(ctx.behind(at)) is None or ctx.is_shouted:
        return None
    after = ctx.ahead(found.end(), 2).strip("\"'”’)")
    if after[:1] not in ("", ".", ",", ";", "?", "!", "\n") and not (
        after[:1] == " "
        and found["state"] not in ("OR", "IN", "OK", "ME", "HI", "PA", "MA", "ID", "LA", "AL")
    ):
        return None
    return Token(at, found.end(), TokenClass.ADDRESS, name)
