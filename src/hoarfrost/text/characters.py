"""What single characters are, as far as cutting and reading text depends on it.

In: characters, as Unicode has them. Out: claims about them. Invariant: none looks at more than a
character and its neighbours.
"""

import re
import unicodedata

UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
    "\U00020000-\U0003ffff"
)
"""Scripts without white space between words, as ranges of a regular expression: Thai, Lao, Burmese,
Khmer, kana, Han."""

_UNSPACED = re.compile(f"[{UNSPACED}]")
_ZERO_WIDTH_JOINER = "\u200d"
_VIRAMA_CLASS = 9
_CLUSTER_LIMIT = 64


def is_unspaced(char: str) -> bool:
    """Tell whether a character is of a script that is written without white space."""
    return _UNSPACED.match(char) is not None


def is_picture(char: str) -> bool:
    """Tell whether a character is an arrow, a dingbat or an emoji: nothing that can be read."""
    if char < "\u2190":
        return False
    if char <= "\u21ff" or "\U0001f000" <= char <= "\U0001faff":
        return True
    return unicodedata.category(char) == "So" and (char <= "\u2bff" or char > "\uabff")


def expects_more(char: str) -> bool:
    """Tell whether a character joins the next one to its own: a joiner, or an Indic virama."""
    return char == _ZERO_WIDTH_JOINER or (
        char != "" and unicodedata.combining(char) == _VIRAMA_CLASS
    )


def cut_between(text: str, at: int) -> int:
    """Return the last offset up to ``at`` that does not split what a reader sees as one character.

    A simplification of the grapheme clusters of UAX #29. Gives up after `_CLUSTER_LIMIT`
    characters and returns ``at``, which must be less than the length of the text.
    """
    for cut in range(at, max(0, at - _CLUSTER_LIMIT), -1):
        before, after = text[cut - 1], text[cut]
        is_joined = (
            expects_more(before)
            or unicodedata.category(after) in ("Mn", "Mc", "Me", "Cf")
            or "\U0001f3fb" <= after <= "\U0001f3ff"
            or (_is_flag_half(before) and _is_flag_half(after))
        )
        if not is_joined:
            return cut
    return at


def _is_flag_half(char: str) -> bool:
    return "\U0001f1e6" <= char <= "\U0001f1ff"
