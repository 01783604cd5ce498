"""Letters and signs named one by one, and letters that English has no sound for.

In: what is to be spelled, or a word of another script. Out: words.
"""

import unicodedata
from typing import Final

from hoarfrost.text.reading.numbers import cardinal, digits

SIGN_NAMES: Final = {
    "@": "at", ".": "dot", "/": "slash", "-": "dash", "_": "underscore", ":": "colon",
    "+": "plus", "?": "question mark", "=": "equals", "&": "and", "%": "percent", "#": "hash",
    "~": "tilde", "*": "star", "$": "dollar", "\\": "backslash", ",": "comma",
    "!": "exclamation mark",
    "\u2024": "dot", "\u2010": "dash", "\uff3f": "underscore", "\u2215": "slash",
    "\u2236": "colon", ";": "semicolon", "|": "bar", "€": "euro", "£": "pound",
}  # fmt: skip
"""What signs are called in addresses and where something is spelled."""

GREEK: Final = {
    "α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "ε": "epsilon", "ζ": "zeta", "η": "eta",
    "θ": "theta", "ι": "iota", "κ": "kappa", "λ": "lambda", "μ": "mu", "ν": "nu", "ξ": "xi",
    "ο": "omicron", "π": "pi", "ρ": "rho", "σ": "sigma", "ς": "sigma", "τ": "tau", "υ": "upsilon",
    "φ": "phi", "χ": "chi", "ψ": "psi", "ω": "omega",
}  # fmt: skip

_LATIN: Final = {
    "ł": "l", "đ": "d", "ı": "i", "œ": "oe", "ħ": "h", "ø": "o", "ß": "ss", "þ": "th", "ð": "th",
    "æ": "ae",
}  # fmt: skip

# Romanisations as they are used in English (BGN/PCGN without its marks; modern Greek).
_ROMANISED: Final = {
    **dict(zip("абвгдезийклмнопрстуфы", "abvgdeziyklmnoprstufy", strict=True)),
    "ж": "zh", "х": "kh", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "shch", "ъ": "", "ь": "",
    "э": "e", "ю": "yu", "я": "ya", "ё": "yo", "і": "i", "ї": "yi", "є": "ye", "ґ": "g",
    "α": "a", "β": "v", "γ": "g", "δ": "d", "ε": "e", "ζ": "z", "η": "i", "θ": "th", "ι": "i",
    "κ": "k", "λ": "l", "μ": "m", "ν": "n", "ξ": "x", "ο": "o", "π": "p", "ρ": "r", "σ": "s",
    "ς": "s", "τ": "t", "υ": "y", "φ": "f", "χ": "ch", "ψ": "ps", "ω": "o",
}  # fmt: skip


def letter(char: str, *, british: bool = False) -> str:
    """Return the name of a letter: a capital, since that is how letters are written down."""
    return "zed" if british and char in "zZ" else char.upper()


def spelled(text: str, *, british: bool = False) -> str:
    """Name letters and digits one by one, and leave out everything else."""
    return " ".join(
        digits(char) if char.isdecimal() else letter(char, british=british)
        for char in text
        if char.isalnum()
    )


def spelled_in_runs(text: str, *, british: bool = False) -> str:
    """Name letters one by one and numbers of up to two digits as such: ``B12`` → "B twelve"."""
    out: list[str] = []
    at = 0
    while at < len(text):
        end = at + 1
        if text[at].isdecimal():
            while end < len(text) and text[end].isdecimal():
                end += 1
            run = text[at:end]
            is_name = len(run) <= 2 and (run[0] != "0" or len(run) == 1)
            out.append(cardinal(run) if is_name else digits(run))
        elif text[at].isalpha():
            out.append(letter(text[at], british=british))
        at = end
    return " ".join(out)


def romanised(word: str) -> str:
    """Write a word with the letters of English; "" for what has no such spelling (``你好``).

    Marks that English spelling rules do not know are taken off (``ř`` → ``r``); those of Latin-1,
    which phonemizers know, stay.
    """
    out: list[str] = []
    for char in unicodedata.normalize("NFC", word):
        if char.isascii() or "\u00c0" <= char <= "\u00ff":
            out.append(char)
            continue
        decomposed = unicodedata.normalize("NFKD", char)
        bare = "".join(c for c in decomposed if not unicodedata.combining(c))
        small = bare.lower()
        known = _LATIN.get(small) if small in _LATIN else _ROMANISED.get(small)
        if bare and bare.isascii():
            out.append(bare)
        elif known is not None:
            out.append(known if char.islower() else known.capitalize())
        elif char in "’‘ʼ`´′":
            out.append("'")
    return "".join(out)
