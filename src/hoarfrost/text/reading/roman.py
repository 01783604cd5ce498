"""Roman numerals: ``World War II`` is two, ``Henry VIII`` the eighth, ``MIX`` a word."""

import re
from typing import Final

from hoarfrost.text.reading.context import Context, Token, TokenClass
from hoarfrost.text.reading.numbers import cardinal, ordinal
from hoarfrost.text.tables import words

_NUMERAL: Final = re.compile(
    r"(?=[MDCLXVI])(?P<numeral>M{0,3}(?:CM|CD|D?C{0,3})(?:XC|XL|L?X{0,3})(?:IX|IV|V?I{0,3}))"
    r"(?P<own>['’]s)?(?![\w])"
)
_VALUES: Final = {"M": 1000, "D": 500, "C": 100, "L": 50, "X": 10, "V": 5, "I": 1}
_HEADS: Final = words("""
    chapter part volume vol section sec act scene book title article art phase type class
    level grade stage bowl apollo unit appendix figure fig table mark tier schedule category
    group step round episode season war version division region annex exhibit amendment plan
    theorem lemma league canto sonata symphony psalm vatican rocky godfather saturn gemini
    module lesson
""")
"""Words after which even one letter is a number."""
_ROYAL: Final = words("""
    henry louis elizabeth george edward charles james william richard pius benedict leo
    gregory napoleon nicholas catherine peter alexander frederick philip ferdinand wilhelm
    ramses ramesses innocent clement urban paul francis albert leopold gustav christian
    haakon olav carl karl felipe willem mary john ivan boniface julius sixtus constantine
    alfonso alphonse pedro joao otto rudolf maximilian franz joseph harald sigismund david
    robert kenneth baldwin stephen celestine callixtus eugene martin adrian hadrian darius
    xerxes artaxerxes ptolemy cleopatra seleucus antiochus theodosius justinian michael
    basil romanos mehmed murad selim suleiman mahmud hussein hassan mohammed abdullah rama
    thutmose amenhotep seti
""")
"""Names of rulers and popes, in small letters."""
_PLAIN: Final = re.compile(r"[IVX]{2,}\Z")
_NOT_ALONE: Final = frozenset({"IV", "VI", "XI", "XX", "XXX", "XV"})
"""Numerals that stand for something else by themselves."""
_GOES_ON: Final = words("""
    of was is died ruled reigned became and had in wrote
""")
_TITLES: Final = words("""
    king queen pope emperor empress tsar czar kaiser sultan prince
""")


def read_roman(ctx: Context, at: int) -> Token | None:
    """Read a Roman numeral that a word before it, or its own length, shows to be one."""
    found = ctx.match(_NUMERAL, at)
    if found is None or not found["numeral"]:
        return None
    numeral = found["numeral"]
    before = ctx.word_before(at)
    lower = before.lower().rstrip(".")
    said = _said(ctx, numeral, before, lower, found.end(), at)
    if said is None:
        return None
    return Token(at, found.end(), TokenClass.ROMAN, said + ("'s" if found["own"] else ""))


def _said(ctx: Context, numeral: str, before: str, lower: str, end: int, at: int) -> str | None:
    after = ctx.word_after(end)
    number = _value(numeral)
    if after.lower() in ("century", "centuries", "dynasty", "olympiad") and len(numeral) > 1:
        return ordinal(number)
    if ctx.char(end) == "-" and not after[:1].isupper():
        return None
    if lower in _HEADS or (lower.endswith("s") and lower[:-1] in _HEADS):
        if numeral == "I" and after.islower() and lower not in ("war", "vatican"):
            return None
        return cardinal(number)
    is_name = before[:1].isupper() and before[1:].islower() and ctx.behind(at).endswith(" ")
    if is_name and (lower in _ROYAL or _has_title(ctx, at)) and number < 40:
        if len(numeral) > 1 or not after or after in _GOES_ON:
            return f"the {ordinal(number)}"
        return None
    if numeral == "X" or len(numeral) < 2 or not _PLAIN.match(numeral):
        return None
    if is_name and ctx.behind(at).strip() != before:
        return cardinal(number)
    if ctx.is_shouted and numeral in _NOT_ALONE:
        return None
    is_listed = re.search(r"\b[IVX]+(?:,|\sand|\sor|,\sand|\sto|[-–])\s?\Z", ctx.behind(at))
    return None if numeral in _NOT_ALONE and not is_listed and not is_name else cardinal(number)


def _has_title(ctx: Context, at: int) -> bool:
    words = ctx.behind(at).split()[-4:-1]
    return any(word.lower() in _TITLES for word in words)


def _value(numeral: str) -> int:
    values = [_VALUES[letter] for letter in numeral]
    return sum(
        -value if value < following else value
        for value, following in zip(values, [*values[1:], 0], strict=True)
    )
