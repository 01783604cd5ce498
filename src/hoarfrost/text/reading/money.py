"""Money: ``$5.99``, ``-€5,50``, ``$1.2M``, ``$5-$10``, ``US$7``, ``20 EUR``, ``$20/month``."""

import re
from dataclasses import dataclass
from typing import Final

from hoarfrost.text.reading.amounts import DASHES, HYPHENS, number_words
from hoarfrost.text.reading.context import Context, Token, TokenClass
from hoarfrost.text.reading.numbers import cardinal
from hoarfrost.text.reading.units import COUNTED
from hoarfrost.text.tables import words


@dataclass(frozen=True, slots=True)
class Currency:
    """A currency, and its hundredth part ("" where it has none that is used)."""

    one: str
    many: str
    cent: str = "cent"
    cents: str = "cents"


_DOLLAR: Final = Currency("dollar", "dollars")
_EURO: Final = Currency("euro", "euros")
_POUND: Final = Currency("pound", "pounds", "penny", "pence")
_YEN: Final = Currency("yen", "yen", "", "")
_RUPEE: Final = Currency("rupee", "rupees", "paisa", "paise")
_FRANC: Final = Currency("Swiss franc", "Swiss francs", "centime", "centimes")


def _dollars_of(prefix: str) -> Currency:
    return Currency(f"{prefix} dollar", f"{prefix} dollars")


_CURRENCIES: Final = {
    "$": _DOLLAR, "€": _EURO, "£": _POUND, "¥": _YEN, "￥": _YEN, "₹": _RUPEE,
    "₽": Currency("ruble", "rubles", "kopeck", "kopecks"), "₩": Currency("won", "won", "", ""),
    "₺": Currency("lira", "lira", "kurus", "kurus"), "₴": Currency("hryvnia", "hryvnias", "", ""),
    "₫": Currency("dong", "dong", "", ""), "₪": Currency("shekel", "shekels", "agora", "agorot"),
    "₱": Currency("peso", "pesos", "centavo", "centavos"), "₦": Currency("naira", "naira", "", ""),
    "฿": Currency("baht", "baht", "", ""), "₿": Currency("bitcoin", "bitcoins", "", ""),
    "US$": _dollars_of("U S"), "USD": _dollars_of("U S"), "C$": _dollars_of("Canadian"),
    "CA$": _dollars_of("Canadian"), "CAD": _dollars_of("Canadian"),
    "A$": _dollars_of("Australian"), "AU$": _dollars_of("Australian"),
    "AUD": _dollars_of("Australian"), "NZ$": _dollars_of("New Zealand"),
    "NZD": _dollars_of("New Zealand"), "HK$": _dollars_of("Hong Kong"),
    "HKD": _dollars_of("Hong Kong"), "S$": _dollars_of("Singapore"),
    "SGD": _dollars_of("Singapore"), "R$": Currency("real", "reais", "centavo", "centavos"),
    "BRL": Currency("real", "reais", "centavo", "centavos"), "EUR": _EURO, "GBP": _POUND,
    "JPY": _YEN, "CNY": Currency("yuan", "yuan", "", ""), "RMB": Currency("yuan", "yuan", "", ""),
    "INR": _RUPEE, "Rs": _RUPEE, "Rs.": _RUPEE, "CHF": _FRANC, "KRW": Currency("won", "won", "",
    ""),
    "MXN": Currency("Mexican peso", "Mexican pesos", "centavo", "centavos"),
    "SEK": Currency("Swedish krona", "Swedish kronor", "", ""),
    "NOK": Currency("Norwegian krone", "Norwegian kroner", "", ""),
    "DKK": Currency("Danish krone", "Danish kroner", "", ""),
    "PLN": Currency("zloty", "zlotys", "", ""), "BTC": Currency("bitcoin", "bitcoins", "", ""),
    "kr": Currency("krone", "kroner", "", ""),
    "ZAR": Currency("rand", "rand", "cent", "cents"), "TRY": Currency("lira", "lira", "", ""),
}  # fmt: skip
_SYMBOLS: Final = "$€£¥￥₹₽₩₺₴₫₪₱₦฿₿"
_BEFORE: Final = "|".join(sorted(map(re.escape, _CURRENCIES), key=len, reverse=True))
_AFTER: Final = "|".join(
    sorted(
        (re.escape(c) for c in _CURRENCIES if c not in ("Rs", "Rs.", "US$")), key=len, reverse=True
    )
)
_LIMITS: Final = {
    "~": "about ", "≈": "about ", "<": "less than ", ">": "more than ", "≤": "at most ",
    "≥": "at least ", "<=": "at most ", ">=": "at least ", "+": "plus ", "±": "plus or minus ",
}  # fmt: skip
_MINUS: Final = "-\u2212\u2011\u2013"
_VALUE: Final = (
    r"(?P<value>(?P<whole>\d{1,2}(?:,\d{2}){1,4},\d{3}(?!\d)"
    r"|\d{1,3}(?:[.,'’\u00a0\u202f ]\d{3}){1,5}(?!\d)|\d+|(?=[.]\d))"
    r"(?:(?P<point>[.,])(?P<part>\d{1,4})(?!\d))?(?!\d|[.,]\d))"
)
_SCALE: Final = (
    r"(?:(?P<short>[kKMBTmb]|[bmtBMT]n|MM|mm|mil)(?![\w²³]|['’]\w)"
    r"|[\s-]?(?P<long>thousand|million|billion|trillion)s?(?!\w))?"
)
_SCALE_NAMES: Final = {
    "k": "thousand", "m": "million", "mn": "million", "mm": "million", "mil": "million",
    "b": "billion", "bn": "billion", "t": "trillion", "tn": "trillion",
}  # fmt: skip
_PREFIXED: Final = re.compile(
    rf"(?P<limit>[<>]=|[~≈<>≤≥±+])?\s?(?P<minus>[\-\u2212\u2011\u2013])?(?P<currency>{_BEFORE})"
    rf"(?P<late_minus>[\-\u2212\u2011\u2013])?(?P<gap>[ \u00a0\u202f]?){_VALUE}{_SCALE}"
)
_SUFFIXED: Final = re.compile(
    rf"(?P<limit>[<>]=|[~≈<>≤≥±+])?\s?(?P<minus>[\-\u2212\u2011\u2013])?{_VALUE}{_SCALE}"
    rf"(?P<gap>[ \u00a0\u202f]?)(?P<currency>{_AFTER})(?![\w$])"
)
_CENTS: Final = re.compile(r"(?P<whole>\d{1,4}(?:\.\d+)?)\s?¢|(?P<pence>\d{1,3})p(?!\w)")
_RANGE: Final = re.compile(rf"\s?(?:[{DASHES}]|to)\s?(?=[{_SYMBOLS}\d.A-Z])")
_BARE: Final = re.compile(rf"{_VALUE}{_SCALE}(?![\d%])")
_PER: Final = re.compile(r"\s?/\s?(?P<unit>[a-zA-Z]{1,12}|\d{1,4}\s?[a-zA-Z]{1,10})(?![\w/])")
_PER_NAMES: Final = {
    "mo": "month", "yr": "year", "hr": "hour", "h": "hour", "wk": "week", "d": "day",
    "pp": "person",
    "ea": "each", "pc": "piece", "sqft": "square foot", "min": "minute", "s": "second",
}  # fmt: skip
_DETERMINERS: Final = words("""
    a an one another each every the this that my your his her its our their any no
""")
_NOT_NOUNS: Final = words("""
    a an the per in on for of and or to is was are were more less off each at from with by
    if that as than but when will can could would should has have had it i you we they he
    she be this these those so because up down over under about into only now today tomorrow
    yesterday apiece total extra plus minus every before after until till here there then
    not did does do just a, spent paid left goes went comes came worth annually monthly
    weekly daily yearly
""")


def read_money(ctx: Context, at: int) -> Token | None:
    """Read a price, a range of prices, and what it is the price of."""
    found = ctx.match(_PREFIXED, at) or ctx.match(_SUFFIXED, at)
    if found is None or not _is_price(found):
        return _cents(ctx, at)
    end, low = found.end(), found
    high = _upper_end(ctx, end, found)
    if high is not None:
        end = high.end()
        spoken = _range(ctx, low, high)
    else:
        spoken = _price(ctx, at, found)
    limit = _LIMITS.get(found["limit"] or "", "")
    minus = "minus " if found["minus"] or found.groupdict().get("late_minus") else ""
    spoken = f"{limit}{minus}{spoken}"
    per = ctx.match(_PER, end)
    if per is not None and (unit := _unit_name(per["unit"])):
        spoken, end = f"{spoken} per {unit}", per.end()
    elif ctx.char(end) == "+" and not ctx.char(end + 1).isalnum():
        spoken, end = f"{spoken} plus", end + 1
    return Token(at, end, TokenClass.MONEY, spoken)


def _is_price(found: re.Match[str]) -> bool:
    """Tell a currency's code from a word: by a space before the number, or by its capitals."""
    currency = found["currency"]
    if currency[-1] in _SYMBOLS:
        # "5 $3" is two things, and a symbol after a number is its own if nothing follows.
        return True
    return bool(found["gap"]) or currency.isupper()


def _upper_end(ctx: Context, end: int, low: re.Match[str]) -> re.Match[str] | None:
    dash = ctx.match(_RANGE, end)
    if dash is None:
        return None
    is_word = dash[0].strip() == "to"
    high = ctx.match(_PREFIXED, dash.end())
    if high is not None and high["currency"] == low["currency"]:
        return high
    if is_word or dash[0].strip() == "":
        return None
    return ctx.match(_BARE, dash.end())


def _range(ctx: Context, low: re.Match[str], high: re.Match[str]) -> str:
    """Say the currency once, unless the lower end has cents."""
    currency = _CURRENCIES[low["currency"]]
    low_scale, high_scale = _scale(low), _scale(high)
    upper = _amount(ctx, high, currency)
    if low["part"] and not low_scale:
        return f"{_amount(ctx, low, currency)} to {upper}"
    whole, part = _split(low, currency)
    lower = number_words(whole, part, british=ctx.british)
    if (low_scale and low_scale != high_scale) or (low_scale and "currency" in high.groupdict()):
        lower = f"{lower} {low_scale}"
    return f"{lower} to {upper}"


def _price(ctx: Context, at: int, found: re.Match[str]) -> str:
    return _amount(
        ctx, found, _CURRENCIES[found["currency"]], adjective=_is_adjective(ctx, at, found)
    )


def _is_adjective(ctx: Context, at: int, found: re.Match[str]) -> bool:
    """Tell whether a price stands before what it is the price of: "a $5 bill"."""
    if ctx.char(found.end()) and ctx.char(found.end()) in HYPHENS:
        return ctx.char(found.end() + 1).isalpha()
    after = ctx.word_after(found.end())
    if not after or not after[0].islower() or after in _NOT_NOUNS:
        return False
    return ctx.word_before(at).lower() in _DETERMINERS


def _amount(
    ctx: Context, found: re.Match[str], currency: Currency, *, adjective: bool = False
) -> str:
    whole, part = _split(found, currency)
    scale = _scale(found)
    one, many = currency.one, currency.one if adjective else currency.many
    if scale:
        return f"{number_words(whole or '0', part, british=ctx.british)} {scale} {many}"
    if part is None:
        said = number_words(whole, None, british=ctx.british)
        return f"{said} {one if whole == '1' else many}"
    if len(part) > 2 or not currency.cent:
        if not int(part):
            return f"{cardinal(whole, british=ctx.british)} {one if whole == '1' else many}"
        return f"{number_words(whole, part, british=ctx.british)} {many}"
    n_cents = int(part.ljust(2, "0"))
    if not n_cents:
        return f"{cardinal(whole or '0', british=ctx.british)} {one if whole == '1' else many}"
    coins = f"{cardinal(n_cents)} {currency.cent if n_cents == 1 or adjective else currency.cents}"
    if not int(whole or "0"):
        return coins
    said = f"{cardinal(whole, british=ctx.british)} {one if whole == '1' else many}"
    return f"{said} {coins}" if adjective else f"{said} and {coins}"


def _split(found: re.Match[str], currency: Currency) -> tuple[str, str | None]:
    """Return the digits before and after the decimal mark, which may be a comma."""
    whole, part, point = found["whole"], found["part"], found["point"]
    bare = "".join(c for c in whole if c.isdecimal())
    if part is not None and point == "," and len(part) == 3:
        return bare + part, None
    is_pointed = part is None and whole.count(".") == 1 and "," not in whole
    if is_pointed and currency is not _EURO:
        # "$3.456" is a price to the tenth of a cent, "€3.456" is written with thousands.
        first, _, rest = whole.partition(".")
        return first, rest
    return bare, part


def _scale(found: re.Match[str]) -> str:
    groups = found.groupdict()
    return groups["long"] or _SCALE_NAMES.get((groups["short"] or "").lower(), "")


def _unit_name(unit: str) -> str:
    if unit[0].isdigit():
        number, rest = re.match(r"(\d+)\s?(\w+)", unit).groups()  # type: ignore[union-attr]
        name = _PER_NAMES.get(rest.lower()) or COUNTED.get(rest) or rest
        return f"{cardinal(number)} {name}s"
    return _PER_NAMES.get(unit.lower()) or COUNTED.get(unit) or (unit if len(unit) > 1 else "")


def _cents(ctx: Context, at: int) -> Token | None:
    found = ctx.match(_CENTS, at)
    if found is None:
        return None
    if found["pence"]:
        if not ctx.british and found["pence"] in ("1080", "720", "480", "360", "240", "144"):
            return None
        if len(found["pence"]) == 3:
            return None
        return Token(at, found.end(), TokenClass.MONEY, f"{cardinal(found['pence'])} P")
    whole, _, part = found["whole"].partition(".")
    one = "cent" if found["whole"] == "1" or _is_adjective(ctx, at, found) else "cents"
    said = number_words(whole, part or None, british=ctx.british)
    return Token(at, found.end(), TokenClass.MONEY, f"{said} {one}")
