"""Interjections: sounds that are written with letters, and no words (``Mhm``, ``Shh``, ``Uh-huh``).

What is said for one is how it is written, in small letters; its phonemes say how it sounds, since
letter rules would spell most of them.
"""

import re
from typing import Final

from hoarfrost.text.reading.context import Context, Token, TokenClass

_SOUNDS: Final = (
    (r"mm+-h+m+|mm+-mm+", "mm hmm", "əmhˈʌm"),
    (r"m+-?h+m+", "mhm", "əmhˈʌm"),
    (r"uh+-h+uh+", "uh huh", "ʌhˈʌ"),
    (r"uh+-uh+|nuh+-uh+", "uh uh", "ˈʌʔʌ"),
    (r"uh+-oh+", "uh oh", "ˈʌʔoʊ"),
    (r"h+m{2,}", "hmm", "hˈʌm"),
    (r"hm", "hm", "hˈʌm"),
    (r"m{2,}", "mm", "ˈʌm"),
    (r"s+h{2,}", "shh", "ʃʃʃ"),
    (r"ps+t+", "psst", "pst"),
    (r"pff+t*|pf+t+", "pfft", "pfft"),
    (r"br{2,}", "brr", "bɹˈɜː"),
    (r"gr{2,}", "grr", "ɡɹˈɜː"),
    (r"tsk", "tsk", "tˈɪsk"),
    (r"zz+", "zzz", "zzz"),
    (r"hh+", "hh", "hˈʌ"),
    (r"ugh+", "ugh", "ˈʌɡ"),
    (r"eww+", "ew", "ˈiːuː"),
    (r"aww+", "aw", "ˈɔː"),
    (r"ah{2,}", "ah", "ˈɑː"),
    (r"oh{2,}", "oh", "ˈoʊ"),
    (r"oo+h+", "ooh", "ˈuː"),
    (r"uh{2,}", "uh", "ˈʌ"),
    (r"um{2,}", "um", "ˈʌm"),
    (r"er{2,}m*|erm", "erm", "ˈɜːm"),
    (r"ha(?:ha)+h?", "haha", "hɑːhˈɑː"),
    (r"huh", "huh", "hˈʌ"),
    (r"shush", "shush", ""),
    (r"so{3,}", "so", "sˈoʊ"),
    (r"no{3,}", "no", "nˈoʊ"),
    (r"y+e+a+h{2,}", "yeah", ""),
    (r"p+l+e{3,}a*s+e+", "please", ""),
)
"""How it is written, in small letters; what is said; IPA, or "" if letter rules say it well."""

_ANY: Final = re.compile(
    "|".join(f"(?P<s{number}>{written})" for number, (written, _, _) in enumerate(_SOUNDS)),
    re.IGNORECASE,
)
_RARE: Final = re.compile(
    r"(?i:[^aeiou\W\d_]+|.*(.)\1.*|huh|ugh|uh.*|nuh.*|um|ha+h?|haha.*|mm.*|erm|shush)\Z"
)
"""What any of them is, and few words are: it has no vowel, or a letter twice in a row."""
_SHAPE: Final = re.compile(r"[A-Za-z]{2,24}(?:[-\u2010\u2011][A-Za-z]{1,12})?(?![\w'’])")


def is_possible(word: str) -> bool:
    """Tell whether a word may be an interjection, at little cost."""
    return len(word) < 25 and _RARE.match(word) is not None


def read_interjection(ctx: Context, at: int) -> Token | None:
    """Read an interjection."""
    shape = ctx.match(_SHAPE, at)
    if shape is None:
        return None
    found = _ANY.fullmatch(re.sub("[\u2010\u2011]", "-", shape[0]))
    if found is None:
        whole = shape[0].split("-")[0]
        found = _ANY.fullmatch(whole) if whole != shape[0] else None
        if found is None:
            return None
        shape_end = at + len(whole)
    else:
        shape_end = shape.end()
    if shape[0] in ("MM", "HM"):
        return None
    _, said, ipa = _SOUNDS[int((found.lastgroup or "s0")[1:])]
    return Token(at, shape_end, TokenClass.INTERJECTION, said, ipa)
