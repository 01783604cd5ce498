"""Spanish: ordinals (``1.º``, ``2ª``), abbreviations, the names of signs."""

import re
from typing import Final

from hoarfrost.text.reading.context import Context, Token, TokenClass

SIGNS: Final = {
    "\u2024": "punto", "\u2010": "guion", "\uff3f": "guion bajo", "\u2215": "barra",
    "\u2236": "dos puntos", "@": "arroba", "&": "y", "+": "más", "=": "igual a",
    "%": "por ciento", "#": "almohadilla", "<": "menor que", ">": "mayor que", "≤": "como máximo",
    "≥": "como mínimo", "±": "más o menos", "≈": "aproximadamente", "×": "por", "÷": "entre",
}  # fmt: skip
_ABBREVIATIONS: Final = {
    "sr": "señor", "sra": "señora", "srta": "señorita", "sres": "señores", "dr": "doctor",
    "dra": "doctora", "d": "don", "dña": "doña", "lic": "licenciado", "ing": "ingeniero",
    "arq": "arquitecto", "prof": "profesor", "av": "avenida", "avda": "avenida", "apdo": "apartado",
    "aprox": "aproximadamente", "gral": "general", "ud": "usted", "uds": "ustedes", "vd": "usted",
    "vds": "ustedes", "núm": "número", "pág": "página", "págs": "páginas", "cap": "capítulo",
    "tel": "teléfono", "etc": "etcétera", "p.ej": "por ejemplo", "ee.uu": "Estados Unidos",
    "a.c": "antes de Cristo", "d.c": "después de Cristo", "sto": "santo", "sta": "santa",
    "cía": "compañía", "depto": "departamento", "art": "artículo", "vol": "volumen",
    "ej": "ejemplo",
}  # fmt: skip
_NEEDS_CAPITAL: Final = frozenset(["d", "sto", "sta"])
_NEEDS_NUMBER: Final = frozenset(["art", "cap", "vol", "pág", "págs", "núm"])
_WORD: Final = re.compile(
    r"(?:[A-Za-z]{1,2}\.[ \u00a0]?){1}(?:ej|[Uu]{2}|[Cc])\.|[A-Za-zÁÉÍÓÚÑáéíóúñ]{1,6}\."
)
_ORDINAL: Final = re.compile(
    r"(?P<number>[1-9]\d?)(?:\.?(?P<sex>[ºªᵉ°])|\.?(?P<short>er|ra|ro|do|da|to|ta|mo|ma|vo|va|no|na)(?!\w))"
)
_NUMBER_SIGN: Final = re.compile(r"(?:[Nn]\.?[º°]|№)\.?(?=\s?\d)")
_ONES: Final = (
    "",
    "primer",
    "segund",
    "tercer",
    "cuart",
    "quint",
    "sext",
    "séptim",
    "octav",
    "noven",
)
_TENS: Final = ("", "décim", "vigésim", "trigésim", "cuadragésim", "quincuagésim", "sexagésim",
                "septuagésim", "octogésim", "nonagésim")  # fmt: skip


def read_ordinal(ctx: Context, at: int) -> Token | None:
    """Read ``1.º``, ``2ª``, ``3er``, ``n.º 5``."""
    sign = ctx.match(_NUMBER_SIGN, at)
    if sign is not None:
        return Token(at, sign.end(), TokenClass.ABBREVIATION, "número")
    found = ctx.match(_ORDINAL, at)
    if found is None:
        return None
    if found["sex"] == "°" and re.match(r"\s?[CF]\b", ctx.ahead(found.end(), 3)):
        return None
    short = found["short"] or ""
    ending = "a" if found["sex"] == "ª" or short.endswith("a") else "o"
    said = ordinal(int(found["number"]), ending)
    if short == "er":
        said = said.removesuffix("o")
    return Token(at, found.end(), TokenClass.ORDINAL, said)


def ordinal(number: int, ending: str) -> str:
    """Return an ordinal from 1 to 99 with its ending, ``o`` or ``a``."""
    tens, ones = divmod(number, 10)
    parts = [f"{_TENS[tens]}{ending}" if tens else "", f"{_ONES[ones]}{ending}" if ones else ""]
    return " ".join(filter(None, parts))


def read_abbreviation(ctx: Context, at: int) -> Token | None:
    """Read an abbreviation that its full stop shows to be one."""
    found = ctx.match(_WORD, at)
    if found is None:
        return None
    key = found[0].lower().replace(" ", "").replace("\u00a0", "").rstrip(".")
    said = _ABBREVIATIONS.get(key)
    if said is None:
        return None
    end = found.end()
    after = ctx.word_after(end)
    if (key in _NEEDS_CAPITAL and not (found[0][0].isupper() and after[:1].isupper())) or (
        key in _NEEDS_NUMBER and not after[:1].isdigit()
    ):
        return None
    if ctx.ahead(end).strip("\"'”’») \n") == "":
        end -= 1
    return Token(at, end, TokenClass.ABBREVIATION, said)
