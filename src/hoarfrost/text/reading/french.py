"""French: ordinals (``1er``, ``2e``, ``XIXe``), abbreviations, the names of signs."""

import re
from typing import Final

from hoarfrost.text.reading.context import Context, Token, TokenClass
from hoarfrost.text.tables import in_order

SIGNS: Final = {
    "\u2024": "point", "\u2010": "tiret", "\uff3f": "tiret bas", "\u2215": "barre oblique",
    "\u2236": "deux-points", "@": "arobase", "&": "et", "+": "plus", "=": "égale",
    "%": "pour cent", "#": "dièse", "<": "inférieur à", ">": "supérieur à", "≤": "au plus",
    "≥": "au moins", "±": "plus ou moins", "≈": "environ", "×": "fois", "÷": "divisé par",
}  # fmt: skip
_ABBREVIATIONS: Final = {
    "m.": "monsieur", "mm.": "messieurs", "mme": "madame", "mmes": "mesdames",
    "mlle": "mademoiselle",
    "mlles": "mesdemoiselles", "mgr": "monseigneur", "dr": "docteur", "dr.": "docteur",
    "pr.": "professeur", "st": "saint", "ste": "sainte", "bd": "boulevard", "av.": "avenue",
    "p.ex.": "par exemple", "c.-à-d.": "c'est-à-dire", "etc.": "et cetera", "cf.": "confer",
    "env.": "environ", "tél.": "téléphone", "éd.": "édition", "vol.": "volume", "chap.": "chapitre",
    "p.": "page", "pp.": "pages", "art.": "article", "apr.j.-c.": "après Jésus-Christ",
    "av.j.-c.": "avant Jésus-Christ", "s.v.p.": "s'il vous plaît", "svp": "s'il vous plaît",
    "janv.": "janvier", "févr.": "février", "sept.": "septembre", "oct.": "octobre",
    "nov.": "novembre", "déc.": "décembre", "max.": "maximum", "min.": "minimum",
}  # fmt: skip
_NEEDS_CAPITAL: Final = frozenset(["m.", "mm.", "pr.", "st", "ste", "bd", "av.", "dr."])
_NEEDS_NUMBER: Final = frozenset(["p.", "pp.", "art.", "vol.", "chap.", "max.", "min."])
_WORD: Final = re.compile(
    r"[Cc]\.-à-d\.|(?:[Aa]pr?|[Aa]v)\.[ \u00a0]J\.-C\.|[Pp]\.[ \u00a0]?ex\.|[sS]\.[vV]\.[pP]\."
    r"|[A-Za-zÀ-ÿ]{1,6}\.|(?:Mmes?|Mlles?|Mgr|Dr|Ste?|Bd|SVP|svp)(?!\w)"
)
_ORDINAL: Final = re.compile(
    r"(?:(?P<number>[1-9]\d{0,2})|(?P<roman>[IVX]{1,6}))(?P<ending>ers?|ères?|res?|èmes?|emes?|es?|nde?s?|ᵉʳ|ᵉ)(?!\w)"
)
_NUMBER_SIGN: Final = re.compile(r"(?:[Nn][°º]|№)(?=\s?\d)")
_CARDINALS: Final = in_order("""
    zéro un deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze
    seize dix-sept dix-huit dix-neuf
""")
_TENS: Final = {2: "vingt", 3: "trente", 4: "quarante", 5: "cinquante", 6: "soixante"}
_VALUES: Final = {"I": 1, "V": 5, "X": 10}


def read_ordinal(ctx: Context, at: int) -> Token | None:
    """Read ``1er``, ``1re``, ``2e``, ``XIXe``, ``n° 5``."""
    sign = ctx.match(_NUMBER_SIGN, at)
    if sign is not None:
        return Token(at, sign.end(), TokenClass.ABBREVIATION, "numéro")
    found = ctx.match(_ORDINAL, at)
    if found is None:
        return None
    number = int(found["number"]) if found["number"] else _value(found["roman"])
    ending = found["ending"]
    if not 0 < number < 100 or (found["roman"] and ending not in ("e", "er", "ème", "ᵉ", "re")):
        return None
    if number == 1:
        said = "premier" if ending in ("er", "ers", "ᵉʳ") else "première"
    elif ending.startswith("nd"):
        said = "second" if ending in ("nd", "nds") else "seconde"
    else:
        said = ordinal(number)
    return Token(at, found.end(), TokenClass.ORDINAL, said + ("s" if ending.endswith("s") else ""))


def _value(numeral: str) -> int:
    values = [_VALUES[letter] for letter in numeral]
    return sum(-a if a < b else a for a, b in zip(values, [*values[1:], 0], strict=True))


def ordinal(number: int) -> str:
    """Return an ordinal from 2 to 99: 21 → "vingt et unième"."""
    said = _cardinal(number)
    if said.endswith("cinq"):
        return f"{said}uième"
    if said.endswith("neuf"):
        return f"{said[:-1]}vième"
    return f"{said.removesuffix('e').removesuffix('s')}ième" if said != "trois" else "troisième"


def _cardinal(number: int) -> str:
    if number < 20:
        return _CARDINALS[number]
    if number >= 80:
        rest = number - 80
        return f"quatre-vingt-{_CARDINALS[rest]}" if rest else "quatre-vingts"
    tens, ones = divmod(number, 10)
    if tens == 7:
        tens, ones = 6, ones + 10
    if not ones:
        return _TENS[tens]
    joint = " et " if ones in (1, 11) else "-"
    return f"{_TENS[tens]}{joint}{_CARDINALS[ones]}"


def read_abbreviation(ctx: Context, at: int) -> Token | None:
    """Read an abbreviation, with the full stop that French writes where letters at the end lack."""
    found = ctx.match(_WORD, at)
    if found is None or ctx.char(at - 1).isalnum():
        return None
    key = found[0].lower().replace(" ", "").replace("\u00a0", "")
    said = _ABBREVIATIONS.get(key)
    if said is None:
        return None
    end = found.end()
    after = ctx.word_after(end)
    if (key in _NEEDS_CAPITAL and not (found[0][0].isupper() and after[:1].isupper())) or (
        key in _NEEDS_NUMBER and not after[:1].isdigit()
    ):
        return None
    if found[0].endswith(".") and ctx.ahead(end).strip("\"'”’») \n") == "":
        end -= 1
    return Token(at, end, TokenClass.ABBREVIATION, said)
