"""German: ordinals in their case (``am 3. Oktober``), abbreviations, the names of signs."""

import re
from typing import Final

from hoarfrost.text.abbreviations import ORDINAL_NOUNS
from hoarfrost.text.reading.context import Context, Token, TokenClass
from hoarfrost.text.tables import words

SIGNS: Final = {
    "\u2024": "Punkt", "\u2010": "Bindestrich", "\uff3f": "Unterstrich", "\u2215": "Schrägstrich",
    "\u2236": "Doppelpunkt", "@": "ät", "&": "und", "+": "plus", "=": "gleich", "%": "Prozent",
    "#": "Raute", "§": "Paragraf", "<": "kleiner als", ">": "größer als", "≤": "höchstens",
    "≥": "mindestens", "±": "plus minus", "≈": "ungefähr", "×": "mal", "÷": "geteilt durch",
}  # fmt: skip

_ABBREVIATIONS: Final = {
    "z. b.": "zum Beispiel", "d. h.": "das heißt", "u. a.": "unter anderem",
    "u. ä.": "und ähnliches",
    "o. ä.": "oder ähnliches", "u. u.": "unter Umständen", "i. d. r.": "in der Regel",
    "v. a.": "vor allem", "s. o.": "siehe oben", "s. u.": "siehe unten", "z. t.": "zum Teil",
    "z. zt.": "zur Zeit", "m. e.": "meines Erachtens", "n. chr.": "nach Christus",
    "v. chr.": "vor Christus", "a. d.": "an der", "e. v.": "E V", "dr.": "Doktor",
    "prof.": "Professor", "hr.": "Herr", "hrn.": "Herrn", "fr.": "Frau", "frl.": "Fräulein",
    "dipl.": "Diplom", "ing.": "Ingenieur", "st.": "Sankt", "str.": "Straße", "nr.": "Nummer",
    "tel.": "Telefon", "bzw.": "beziehungsweise", "ca.": "circa", "usw.": "und so weiter",
    "etc.": "et cetera", "evtl.": "eventuell", "ggf.": "gegebenenfalls", "inkl.": "inklusive",
    "exkl.": "exklusive", "sog.": "sogenannt", "vgl.": "vergleiche", "zzgl.": "zuzüglich",
    "bspw.": "beispielsweise", "gem.": "gemäß", "max.": "maximal", "min.": "mindestens",
    "mio.": "Millionen", "mrd.": "Milliarden", "tsd.": "Tausend", "std.": "Stunden",
    "abs.": "Absatz",
    "art.": "Artikel", "s.": "Seite", "bd.": "Band", "kap.": "Kapitel", "abb.": "Abbildung",
    "geb.": "geboren", "jh.": "Jahrhundert", "jan.": "Januar", "feb.": "Februar", "apr.": "April",
    "aug.": "August", "sept.": "September", "okt.": "Oktober", "nov.": "November",
    "dez.": "Dezember",
    "mo.": "Montag", "di.": "Dienstag", "mi.": "Mittwoch", "do.": "Donnerstag",
}  # fmt: skip
_CASED: Final = words("""
    hr. fr. st. s. mo. di. mi. do. min. art. abs. str. jan. feb. apr. aug. okt. nov. dez.
""")
"""Those that are read so with a capital only, or are words in small letters."""
_NEEDS_NUMBER: Final = frozenset(["s.", "abs.", "art.", "bd.", "kap.", "abb.", "max.", "min."])
_WORD: Final = re.compile(r"(?:[A-Za-zÄÖÜäöü]{1,2}\.[ \u00a0]?){2,3}|[A-Za-zÄÖÜäöüß]{1,24}\.")
_ORDINAL: Final = re.compile(
    r"(?P<number>[1-9]\d?)\."
    r"(?:[ \u00a0](?=[^\W\d_])|(?=[ \u00a0]?(?:bis|und|oder|[-–/])[ \u00a0]?\d{1,2}\.))"
)
_NEXT: Final = re.compile(r"[^\W\d_]+")
_ONES: Final = (
    "", "erste", "zweite", "dritte", "vierte", "fünfte", "sechste", "siebte", "achte", "neunte",
    "zehnte", "elfte", "zwölfte",
)  # fmt: skip
_TEENS: Final = {13: "dreizehn", 14: "vierzehn", 15: "fünfzehn", 16: "sechzehn", 17: "siebzehn",
                 18: "achtzehn", 19: "neunzehn"}  # fmt: skip
_UNITS: Final = ("", "ein", "zwei", "drei", "vier", "fünf", "sechs", "sieben", "acht", "neun")
_TENS: Final = ("", "", "zwanzig", "dreißig", "vierzig", "fünfzig", "sechzig", "siebzig", "achtzig",
                "neunzig")  # fmt: skip
_DATIVE: Final = words("""
    am vom zum beim im dem den des der zur seit ab bis vor nach einem einer eines ihrem
    seinem unserem meinem deinem ihren seinen meinen jedem jeden diesem diesen und
""")
_WEAK: Final = words("""
    der die das diese dieser dieses jede jeder jedes
""")


def read_ordinal(ctx: Context, at: int) -> Token | None:
    """Read ``3.`` before what is counted so: a small letter, a month, a noun of the table."""
    found = ctx.match(_ORDINAL, at)
    if found is None:
        return None
    following = _NEXT.match(ctx.text, found.end(), ctx.end)
    end = found.end("number") + 1
    if following is not None:
        noun = following[0].casefold()
        if (
            following[0][0].isupper()
            and noun not in ORDINAL_NOUNS
            and _stem(noun) not in _SHORT_MONTHS
        ):
            return None
    return Token(at, end, TokenClass.ORDINAL, ordinal(int(found["number"])) + _inflection(ctx, at))


_SHORT_MONTHS: Final = words("""
    jan feb mär apr jun jul aug sep sept okt nov dez jh
""")


def _stem(word: str) -> str:
    return word.rstrip(".")


def ordinal(number: int) -> str:
    """Return an ordinal from 1 to 99 without its ending: 21 → "einundzwanzigste"."""
    if number < len(_ONES):
        return _ONES[number]
    if number < 20:
        return f"{_TEENS[number]}te"
    tens, ones = divmod(number, 10)
    joint = f"{_UNITS[ones]}und" if ones else ""
    return f"{joint}{_TENS[tens]}ste"


def _inflection(ctx: Context, at: int) -> str:
    """Return the ending that the word before asks for: "am dritten", "der dritte", "dritter"."""
    before = ctx.word_before(at).lower()
    if re.fullmatch(r"\d{1,2}\.", before):
        before = (ctx.behind(at).split() or [""])[0].lower()
    if before in _WEAK and not (before == "der" and _is_after_preposition(ctx, at)):
        return ""
    return "n" if before in _DATIVE else "r"


def _is_after_preposition(ctx: Context, at: int) -> bool:
    words = ctx.behind(at).lower().split()
    return len(words) > 1 and words[-2] in (
        "in",
        "an",
        "auf",
        "mit",
        "von",
        "aus",
        "bei",
        "zu",
        "seit",
    )


def read_abbreviation(ctx: Context, at: int) -> Token | None:
    """Read an abbreviation that its full stop shows to be one."""
    found = ctx.match(_WORD, at)
    if found is None:
        return None
    written = found[0].rstrip()
    parts = written.lower().replace("\u00a0", " ").replace(" ", "")
    key = ". ".join(part for part in parts.split(".") if part) + "."
    said = _ABBREVIATIONS.get(key)
    if said is None and key.endswith("str.") and len(parts) == len(key):
        said = f"{written[:-1]}aße"  # "Hauptstr."
    if said is None or (key in _CASED and written[0].islower()):
        return None
    end = at + len(written)
    after = ctx.word_after(end)
    if key in _NEEDS_NUMBER and not after[:1].isdigit():
        return None
    if ctx.ahead(end).strip("\"'“”’») \n") == "":
        end -= 1  # the sentence's own full stop
        if key in ("fr.", "do.", "mi.", "di.", "mo.", "s.", "geb.", "ing."):
            return None
    return Token(at, end, TokenClass.ABBREVIATION, said)
