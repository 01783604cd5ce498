"""How written tokens are said: prices, dates, times, addresses, abbreviations.

In: a written word without the marks around it, and its neighbours. Out: plain words and whole
numbers, which the phonemizer reads by itself. Invariant: never empty for a token with a letter or
a digit in it. U.S. English.
"""

import re
import unicodedata
from collections.abc import Callable
from typing import Final

_ABBREVIATIONS: Final = {
    "mr": "mister", "mrs": "missis", "ms": "miz", "dr": "doctor", "prof": "professor",
    "st": "saint", "jr": "junior", "sr": "senior", "gen": "general", "capt": "captain",
    "sgt": "sergeant", "lt": "lieutenant", "rev": "reverend", "gov": "governor",
    "sen": "senator", "rep": "representative", "hon": "honorable", "ave": "avenue",
    "blvd": "boulevard", "rd": "road", "ln": "lane", "apt": "apartment", "dept": "department",
    "est": "established", "approx": "approximately", "appt": "appointment", "inc": "incorporated",
    "ltd": "limited", "corp": "corporation", "co": "company", "vs": "versus", "etc": "et cetera",
    "e.g": "for example", "i.e": "that is", "a.m": "A.M", "p.m": "P M", "jan": "January",
    "feb": "February", "mar": "March", "apr": "April", "jun": "June", "jul": "July",
    "aug": "August", "sep": "September", "sept": "September", "oct": "October",
    "nov": "November", "dec": "December", "mon": "Monday", "tue": "Tuesday", "wed": "Wednesday",
    "thu": "Thursday", "thurs": "Thursday", "fri": "Friday", "no": "number", "vol": "volume",
    "fig": "figure", "tel": "telephone", "ext": "extension", "max": "maximum", "min": "minimum",
}  # fmt: skip
"""What a word with a full stop stands for. Those that are words themselves need one after them
that shows it (`_NEEDS_NUMBER`, `_NEEDS_NAME`)."""

_BARE: Final = {"mr", "mrs", "ms", "dr", "vs", "etc", "blvd", "approx", "appt", "dept"}
"""Those read as abbreviations without a full stop too."""

_NEEDS_NUMBER: Final = {
    "no", "jan", "feb", "mar", "apr", "jun", "jul", "aug", "sep", "sept", "oct", "nov", "dec",
    "vol", "fig", "apt", "ext",
}  # fmt: skip
_NEEDS_NAME: Final = {"st", "gen", "hon", "rev", "gov", "sen", "rep", "capt", "lt"}
_ENDERS: Final = {"etc", "inc", "ltd", "corp", "co", "jr", "sr", "a.m", "p.m", "ave", "blvd", "rd"}
"""Abbreviations after which a sentence may end."""

_STARTERS: Final = frozenset(
    [
        "A",
        "An",
        "And",
        "But",
        "He",
        "I",
        "If",
        "In",
        "It",
        "Its",
        "My",
        "No",
        "Now",
        "On",
        "She",
        "So",
        "That",
        "The",
        "Then",
        "There",
        "These",
        "They",
        "This",
        "We",
        "What",
        "When",
        "Where",
        "Which",
        "Who",
        "Why",
        "Would",
        "Yes",
        "You",
        "Your",
    ]
)
"""After initials, one of these begins a sentence rather than a name."""

_MONTHS: Final = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip
_CURRENCIES: Final = {
    "$": ("dollar", "dollars", "cent", "cents"), "€": ("euro", "euros", "cent", "cents"),
    "£": ("pound", "pounds", "penny", "pence"), "¥": ("yen", "yen", "", ""),
    "₹": ("rupee", "rupees", "paisa", "paise"),
}  # fmt: skip
_SCALES: Final = {
    "k": "thousand", "m": "million", "mn": "million", "b": "billion", "bn": "billion",
    "t": "trillion",
}  # fmt: skip
_SCALE_WORDS: Final = {"thousand", "million", "billion", "trillion"}
_UNITS: Final = {
    "kg": "kilograms", "g": "grams", "mg": "milligrams", "km": "kilometers", "m": "meters",
    "cm": "centimeters", "mm": "millimeters", "mi": "miles", "ft": "feet", "in": "inches",
    "lb": "pounds", "lbs": "pounds", "oz": "ounces", "mph": "miles per hour",
    "km/h": "kilometers per hour", "kb": "kilobytes", "mb": "megabytes", "gb": "gigabytes",
    "tb": "terabytes", "ms": "milliseconds", "s": "seconds", "sec": "seconds", "min": "minutes",
    "hr": "hours", "hrs": "hours", "h": "hours", "l": "liters", "ml": "milliliters",
    "hz": "hertz", "khz": "kilohertz", "mhz": "megahertz", "ghz": "gigahertz", "w": "watts",
    "kw": "kilowatts", "kwh": "kilowatt hours", "v": "volts", "x": "times", "am": "A.M",
    "pm": "P M", "a.m": "A.M", "p.m": "P M", "°c": "degrees Celsius",
    "°f": "degrees Fahrenheit", "°": "degrees", "%": "percent", "k": "thousand",
}  # fmt: skip
_FRACTIONS: Final = {
    "1/2": "one half", "1/3": "one third", "2/3": "two thirds", "1/4": "one quarter",
    "3/4": "three quarters", "½": "one half", "¼": "one quarter", "¾": "three quarters",
}  # fmt: skip
_SIGNS: Final = {
    "&": " and ", "+": " plus ", "=": " equals ", "%": " percent ", "@": " at ", "#": " hash ",
    "°": " degrees ", "~": " about ", "<": " less than ", ">": " greater than ", "×": " times ",
    "÷": " divided by ", "§": " section ", "№": " number ",
    "€": " euros ", "£": " pounds ", "$": " dollars ",
}  # fmt: skip
_ADDRESS_SIGNS: Final = {
    "@": " at ", ".": " dot ", "/": " slash ", "-": " dash ", "_": " underscore ", ":": " colon ",
    "+": " plus ", "?": " question mark ", "=": " equals ", "&": " and ", "%": " percent ",
    "#": " hash ", "~": " tilde ",
}  # fmt: skip


def spoken(word: str, *, before: str = "", after: str = "") -> str:
    """Return what is said for a written word.

    Args:
        word: Without the quotes, brackets and marks around it; a full stop that belongs to an
            abbreviation may be there.
        before: The word before it, likewise, or "".
        after: The word after it, or "".
    """
    if (clock := _CLOCK.fullmatch(word)) is not None:
        return _clock(clock, half_follows=after.lower().rstrip(".") in ("am", "pm", "a.m", "p.m"))
    if re.fullmatch(r"\d{3}", word) and re.fullmatch(r"\d{3}-\d{4}", after):
        return _digits(word)
    if word.lower() in _SCALE_WORDS and (price := _PRICE.fullmatch(before)):
        return f"{word} {_CURRENCIES[price[1]][1]}"
    if (price := _PRICE.fullmatch(word)) is not None:
        return _price(price, scaled=after.lower() in _SCALE_WORDS)
    for pattern, say in _PATTERNS:
        if match := pattern.fullmatch(word):
            return say(match)
    return _abbreviation(word, after) or _plain(word)


def may_end_sentence(word: str, after: str) -> bool:
    """Return whether a full stop at the end of ``word`` can end a sentence.

    Args:
        word: With its full stop.
        after: The word after it, or "" at the end of the text.
    """
    stem = word.rstrip(".").lower()
    if not after:
        return True
    if stem in _ENDERS or re.fullmatch(r"(?:\w\.)+\w", stem):
        return after in _STARTERS or (stem in _ENDERS and after[:1].isupper())
    if len(stem) == 1 and stem.isalpha() and stem != "i" and word[0].isupper():
        return not after[:1].isupper()  # an initial
    return _abbreviation(word, after) is None


def keeps_full_stop(word: str, after: str) -> bool:
    """Return whether the full stop at the end of ``word`` is a part of the word."""
    return _abbreviation(word, after) is not None or bool(_INITIALS.fullmatch(word))


def _abbreviation(word: str, after: str) -> str | None:
    stem = word.rstrip(".").lower()
    if stem not in _ABBREVIATIONS or not (word.endswith(".") or stem in _BARE or "." in stem):
        return None
    if stem in _NEEDS_NUMBER and not after[:1].isdigit():
        return None if stem not in _MONTH_STEMS else _ABBREVIATIONS[stem]
    if stem in _NEEDS_NAME and not after[:1].isupper():
        return {"st": "street"}.get(stem)
    if stem in ("min", "max", "mon", "fri", "wed", "est") and word[0].islower():
        return None
    return _ABBREVIATIONS[stem]


_INITIALS: Final = re.compile(r"(?:[A-Za-z]\.){2,}[A-Za-z]?")
_MONTH_STEMS: Final = {"jan", "feb", "apr", "aug", "sept", "oct", "nov", "dec"}


def _plain(word: str) -> str:
    text = _readable(word)
    if _INITIALS.fullmatch(text):
        return _spelled(text)
    text = re.sub(r"(?<=[A-Za-z])/(?=[A-Za-z])", " ", text)
    text = re.sub(r"\*+|_+|`+|\^|\||\\", " ", text)
    for sign, said in _SIGNS.items():
        text = text.replace(sign, said)
    if not any(c.isalnum() for c in text):
        return ""
    return " ".join(text.split())


def _spelled(letters: str) -> str:
    """Name letters one by one; a lone A would be read as the article."""
    return " ".join("eigh" if c == "A" else c for c in letters.upper() if c.isalpha())


def _readable(word: str) -> str:
    """Take the marks off letters that English spelling rules do not know (``ř`` → ``r``)."""
    out: list[str] = []
    for char in unicodedata.normalize("NFC", word):
        if char.isascii() or "\u00c0" <= char <= "\u00ff" or char in _SIGNS:
            out.append(char)
            continue
        decomposed = unicodedata.normalize("NFKD", char)
        bare = "".join(c for c in decomposed if not unicodedata.combining(c))
        category = unicodedata.category(char)
        if bare.isascii() and bare:
            out.append(bare)
        elif char in _LETTERS:
            out.append(_LETTERS[char])
        elif category[0] in "LN" or (category[0] == "M" and out and not out[-1].isascii()):
            out.append(char)  # the vowels of many scripts are marks
        else:
            out.append("'" if char in "’‘ʼ" else " ")
    return "".join(out)


_LETTERS: Final = {
    "ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "ı": "i", "œ": "oe", "Œ": "Oe", "ħ": "h",
}  # fmt: skip


def _digits(text: str) -> str:
    return " ".join("oh" if c == "0" else c for c in text if c.isdigit())


def _year(number: int) -> str:
    century, rest = divmod(number, 100)
    if 2000 <= number < 2010:
        return str(number)
    if not rest:
        return f"{century} hundred"
    return f"{century} oh {rest}" if rest < 10 else f"{century} {rest}"


def _clock(match: re.Match[str], *, half_follows: bool) -> str:
    hour, minute, half = int(match[1]), int(match[2]), (match[3] or "").replace(".", "").lower()
    said = f"{hour} oh {minute}" if 0 < minute < 10 else f"{hour} {minute}"
    if not minute:
        alone = f"{hour} hundred" if hour > 12 else f"{hour} o'clock"
        said = str(hour) if half or half_follows else alone
    return f"{said} {_UNITS[half]}" if half else said


def _version(number: str) -> str:
    groups = number.split(".")
    is_phone = [len(group) for group in groups] == [3, 3, 4]
    return (" " if is_phone else " point ").join(_digits(group) for group in groups)


def _ordinal(day: int) -> str:
    suffix = "th" if 10 <= day <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")
    return f"{day}{suffix}"


def _date(month: int, day: int, year: str | None) -> str:
    if month > 12 >= day:  # the day came first
        month, day = day, month
    if not (1 <= month <= 12 and 1 <= day <= 31):
        return " ".join(part for part in (str(month), str(day), year) if part)
    said = f"{_MONTHS[month - 1]} {_ordinal(day)}"
    if year is None:
        return said
    return f"{said} {_year(int(year) + (2000 if len(year) == 2 else 0))}"


def _price(match: re.Match[str], *, scaled: bool) -> str:
    one, many, cent, cents = _CURRENCIES[match[1]]
    whole, part, scale = match[2].replace(",", ""), match[3], (match[4] or "").lower()
    if scaled or scale:
        amount = f"{whole} point {_digits(part)}" if part else whole
        return f"{amount} {_SCALES[scale]} {many}" if scale else amount
    said = f"{whole} {one if whole == '1' else many}"
    if part is None or not int(part) or not cent:
        return said
    n_cents = int(part.ljust(2, "0")[:2])
    coins = f"{n_cents} {cent if n_cents == 1 else cents}"
    return coins if whole == "0" else f"{said} and {coins}"


def _number(text: str) -> str:
    """Return a written number in a form that is read well."""
    sign = "minus " if text[:1] in "-−" else ""
    text = text.lstrip("+-−")
    whole, _, part = text.replace(",", "").partition(".")
    if "," not in text and not part and (len(whole) > 6 or (whole[:1] == "0" and len(whole) > 1)):
        return sign + _digits(whole)
    if len(whole) > 15:
        return sign + _digits(whole)
    said = str(int(whole or "0"))
    if not part:
        is_year = len(text) == 4 and 1100 <= int(text) < 2100 and not sign
        return sign + (_year(int(text)) if is_year else said)
    return f"{sign}{said} point {_digits(part)}"


def _measure(match: re.Match[str]) -> str:
    said, unit = _number(match[1]), _UNITS[match[2].lower()]
    return f"{said} {unit[:-1] if match[1] == '1' and unit.endswith('s') else unit}"


def _decade(match: re.Match[str]) -> str:
    number = int(match[1])
    century, tens = divmod(number, 100)
    names = ("", "tens", "twenties", "thirties", "forties", "fifties", "sixties", "seventies",
             "eighties", "nineties")  # fmt: skip
    if not tens:
        return f"{century} hundreds"
    return f"{century or ''} {names[tens // 10]}".strip()


def _address(match: re.Match[str]) -> str:
    text = re.sub(r"^https?://", "", match[0])
    said = "".join(_ADDRESS_SIGNS.get(c, c) for c in text)
    said = re.sub(r"\bwww\b", "w w w", said)
    return " ".join(
        _digits(part) if part.isdigit() else _spelled(part) if part in _SPELLED else part
        for part in said.split()
    )


_SPELLED: Final = {*"abcdefghijklmnopqrstuvwxyz", "ai", "io", "us", "uk", "eu", "tv"}
"""Parts of an address that are read letter by letter."""

_N: Final = r"[-−+]?\d+(?:,\d{3})*(?:\.\d+)?"
_ANY_UNIT: Final = "|".join(sorted(map(re.escape, _UNITS), key=len, reverse=True))
_CLOCK: Final = re.compile(r"(\d{1,2}):([0-5]\d)(?::\d\d)?([ap]\.?m\.?)?", re.I)
_PRICE: Final = re.compile(r"([$€£¥₹])(\d[\d,]*)(?:\.(\d+))?([kKmMbBtT]|[mb]n)?")
_PATTERNS: Final[tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], str]], ...]] = (
    (re.compile(r"[^\s@]+@[^\s@]+\.\w+|(?:https?://|www\.)\S+"), _address),
    (
        re.compile(
            r"(?:[a-z0-9-]+\.)+(?:com|org|net|io|ai|dev|app|edu|gov|co|us|uk)(?:/\S*)?", re.I
        ),
        _address,
    ),
    (
        re.compile(r"(\d{1,2})[/](\d{1,2})[/](\d{4}|\d{2})"),
        lambda m: _date(int(m[1]), int(m[2]), m[3]),
    ),
    (
        re.compile(r"(\d{1,2})-(\d{1,2})-(\d{4})"),
        lambda m: _date(int(m[1]), int(m[2]), m[3]),
    ),
    (re.compile(r"(\d)['’′](\d{1,2})[\"”″]?"), lambda m: f"{m[1]} foot {m[2]}"),
    (re.compile(r"v(\d+(?:\.\d+)+)", re.I), lambda m: f"version {_version(m[1])}"),
    (re.compile(r"(\d{4})-(\d{2})-(\d{2})"), lambda m: _date(int(m[2]), int(m[3]), m[1])),
    (re.compile("|".join(map(re.escape, _FRACTIONS))), lambda m: _FRACTIONS[m[0]]),
    (re.compile(r"24/7"), lambda _: "24 7"),
    (re.compile(r"(\d+)[/](\d+)"), lambda m: f"{m[1]} over {m[2]}"),
    (re.compile(r"\d+(?:\.\d+){2,}"), lambda m: _version(m[0])),
    (re.compile(r"\+?[\d()]+(?:-[\d()]+){2,}|\d{3}-\d{4}"), lambda m: _digits(m[0])),
    (re.compile(r"([A-Z]{1,3})&([A-Z]{1,3})"), lambda m: f"{_spelled(m[1])} and {_spelled(m[2])}"),
    (re.compile(r"((?:\d\d)?\d0)['’]?s"), _decade),
    (re.compile(r"#(\d[\d,]*)"), lambda m: f"number {_number(m[1])}"),
    (re.compile(r"(\d+)[-–](\d+)"), lambda m: f"{_number(m[1])} to {_number(m[2])}"),
    (re.compile(rf"({_N})({_ANY_UNIT})\.?", re.I), _measure),
    (re.compile(_N), lambda m: _number(m[0])),
)  # fmt: skip
"""Read in order: the first that matches the whole token says it."""
