"""Abbreviations written out: titles, Latin, business, months in passing, slashes (``w/o``).

Whether a full stop belongs to the word or ends a sentence is not decided here but in
`hoarfrost.text.boundaries`; a test holds that every word here is known there.
"""

import re
from typing import Final

from hoarfrost.text.reading.context import Context, Token, TokenClass
from hoarfrost.text.reading.letters import spelled
from hoarfrost.text.tables import words

WRITTEN_OUT: Final = {
    "mr": "mister", "mrs": "missus", "ms": "miz", "messrs": "messers", "dr": "doctor",
    "prof": "professor", "jr": "junior", "sr": "senior", "gen": "general", "capt": "captain",
    "sgt": "sergeant", "lt": "lieutenant", "col": "colonel", "cmdr": "commander",
    "cpl": "corporal", "maj": "major", "pvt": "private", "supt": "superintendent",
    "rev": "reverend", "gov": "governor", "sen": "senator", "rep": "representative",
    "hon": "honorable", "pres": "president", "st": "saint", "mt": "mount", "ft": "fort",
    "dept": "department", "est": "established", "approx": "approximately", "appt": "appointment",
    "inc": "incorporated", "ltd": "limited", "corp": "corporation", "co": "company",
    "bros": "brothers", "assn": "association", "assoc": "association", "univ": "university",
    "intl": "international", "natl": "national", "govt": "government",
    "vs": "versus", "v": "versus", "etc": "et cetera", "viz": "namely", "cf": "compare",
    "e.g": "for example", "eg": "for example", "i.e": "that is", "ie": "that is", "al": "al",
    "no": "number", "nos": "numbers", "vol": "volume", "vols": "volumes", "fig": "figure",
    "figs": "figures", "sec": "section", "ch": "chapter", "chap": "chapter", "pp": "pages",
    "pg": "page", "pgs": "pages", "p": "page", "art": "article", "ver": "version", "eq": "equation",
    "tel": "telephone", "ext": "extension", "ref": "reference", "max": "maximum", "min": "minimum",
    "avg": "average", "misc": "miscellaneous", "temp": "temperature", "qty": "quantity",
    "amt": "amount", "acct": "account", "addr": "address", "attn": "attention",
    "incl": "including",
    "excl": "excluding", "asst": "assistant", "esq": "esquire", "blvd": "boulevard",
    "n.b": "note well",
    "jan": "January", "feb": "February", "mar": "March", "apr": "April", "jun": "June",
    "jul": "July", "aug": "August", "sep": "September", "sept": "September", "oct": "October",
    "nov": "November", "dec": "December", "mon": "Monday", "tue": "Tuesday", "tues": "Tuesday",
    "wed": "Wednesday", "thu": "Thursday", "thur": "Thursday", "thurs": "Thursday", "fri": "Friday",
    "rte": "route", "hwy": "highway", "rm": "room",
    "a.k.a": "A K A", "hrs": "hours", "mins": "minutes",
    "secs": "seconds", "yrs": "years", "lbs": "pounds", "oz": "ounces",
}  # fmt: skip
"""By word, in small letters and without its last full stop, what is said."""

_BARE: Final = words("""
    mr mrs ms dr vs etc blvd approx appt dept govt qty acct attn incl tel ext hwy messrs
""")
"""Those read so without a full stop too."""
_NEEDS_NUMBER: Final = words("""
    no nos vol vols fig figs sec ch chap pp pg pgs p art ver eq jun jul mar sep rte hwy rm max min
    ref
""")
"""Words, or parts of other abbreviations, unless a number comes after."""
_NEEDS_CAPITAL: Final = words("""
    gen hon rev gov sen rep capt lt col maj pres v st mt ft sgt cpl cmdr
""")
_NEEDS_OWN_CAPITAL: Final = words("""
    mon tue wed thu fri jan feb apr aug oct nov dec mar jun jul sep sr
""")
_WORD: Final = re.compile(
    r"(?P<word>(?:[A-Za-z]\.){1,4}[A-Za-z](?=\.)|[A-Za-z]{1,6})(?P<stop>\.)?(?![\w'’@])"
)
_DOTTED: Final = re.compile(
    r"(?P<letters>(?:[A-Za-z]\.[ \u00a0]?){2,6}(?:[A-Za-z](?![\w.]))?"
    r"|(?:Ph|Ed|Psy|Pharm|Sc|D|M|B|LL)\.[ ]?"
    r"(?:Ph|Sc|Ed|Phil|Tech|Eng|Com|Arch|[A-Z])\.(?:[A-Z]\.)?)(?P<own>['’]?s)?(?!\w)"
)
_INITIAL: Final = re.compile(r"(?P<letter>[A-Z])\.(?=[\s-])(?!\w)")
_SLASHED: Final = {
    "w/": "with", "w/o": "without", "b/c": "because", "c/o": "care of", "n/a": "N A", "a/c": "A C",
    "b/w": "between", "h/t": "hat tip", "i/o": "I O", "tcp/ip": "T C P I P",
    "km/h": "kilometers per hour",
    "m/s": "meters per second", "mi/h": "miles per hour", "r/w": "read write", "q/a": "Q and A",
}  # fmt: skip
_SLASH: Final = re.compile(r"(?P<word>[A-Za-z]{1,3}/[A-Za-z]{0,3})(?![\w/])")


def read_abbreviation(ctx: Context, at: int) -> Token | None:
    """Read an abbreviation, initials with full stops (``U.S.``, ``Ph.D.``), or ``w/o``."""
    slashed = ctx.match(_SLASH, at)
    if slashed is not None and (said := _SLASHED.get(slashed["word"].lower())) is not None:
        return Token(at, slashed.end(), TokenClass.ABBREVIATION, said)
    found = ctx.match(_WORD, at)
    if found is not None and (said := _written_out(ctx, at, found)):
        return Token(at, _end_of(ctx, found), TokenClass.ABBREVIATION, said)
    dotted = ctx.match(_DOTTED, at)
    if dotted is not None:
        return _dotted(ctx, at, dotted)
    initial = ctx.match(_INITIAL, at)
    if (
        initial is not None
        and initial["letter"] != "I"
        and ctx.ahead(initial.end()).strip("\"'”’) \n")
    ):
        said = spelled(initial["letter"], british=ctx.british)
        return Token(at, initial.end(), TokenClass.ACRONYM, said)
    return None


def _written_out(ctx: Context, at: int, found: re.Match[str]) -> str:
    word = found["word"]
    stem = word.lower()
    said = WRITTEN_OUT.get(stem)
    if said is None or (word.isupper() and len(word) > 1 and stem not in _BARE):
        return ""
    after = ctx.word_after(found.end()) or ctx.ahead(found.end()).strip()[:1]
    if not found["stop"]:
        is_numbered = stem in ("no", "nos", "vol", "fig", "ch", "ext", "pp") and after[:1].isdigit()
        if stem == "no" and not (word[0].isupper() and after[:1].isdigit()):
            is_numbered = False
        return said if stem in _BARE or is_numbered else ""
    if stem in _NEEDS_NUMBER and not (after[:1].isdigit() or after[:1] == "#" or _is_roman(after)):
        # "max. 5", "vol. IV"; but "No. I won't."
        return ""
    if stem in _NEEDS_CAPITAL and not after[:1].isupper():
        return ""
    if stem in _NEEDS_OWN_CAPITAL and word[0].islower():
        return ""
    if (
        stem in ("hrs", "mins", "secs", "yrs", "lbs", "oz")
        and not ctx.word_before(at)[:1].isdigit()
    ):
        return ""
    if stem == "est" and not (after[:1].isdigit() or (word[0].islower() and after)):
        return ""
    if stem == "al":
        return said if ctx.word_before(at) == "et" else ""
    return said


def _is_roman(word: str) -> bool:
    return len(word) > 1 and all(c in "IVXLC" for c in word)


def _end_of(ctx: Context, found: re.Match[str]) -> int:
    """Return where an abbreviation ends: before a full stop that ends the sentence as well."""
    end = found.end()
    if found["stop"] and ctx.ahead(end).strip("\"'”’) \n") == "":
        return end - 1
    return end


def _dotted(ctx: Context, at: int, found: re.Match[str]) -> Token | None:
    letters = found["letters"]
    end = found.end()
    while letters and ctx.char(end - 1).isspace():
        end -= 1
    name = spelled(letters, british=ctx.british)
    if letters.lower().replace(" ", "").rstrip(".") in WRITTEN_OUT:
        name = WRITTEN_OUT[letters.lower().replace(" ", "").rstrip(".")]
    if ctx.char(end - 1) == "." and ctx.ahead(end).strip("\"'”’) \n") == "":
        end -= 1
    if len(name.split()) < 2:
        return None
    return Token(at, end, TokenClass.ACRONYM, name + ("'s" if found["own"] else ""))
