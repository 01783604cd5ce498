"""Text as the library should get it: only what it reads aloud well, and nothing it would obey.

In: any Unicode text. Out: a `Reading`, text for the library in which every character knows the
character it came from. Invariant: what comes out are letters, marks and digits of scripts that the
library has languages for, punctuation and some signs; no control character (it takes Ctrl-A for
the start of a command), no emoji, nothing that it could only spell by number.

That is not only for the listener's sake: the name of a character is put together in small buffers,
and some names are too long for them. U+1F920 ends the process in German, U+28FF in Arabic
(espeak-ng 1.52; found by speaking every character in every language that has a speaker).
"""

import unicodedata
from bisect import bisect_right
from dataclasses import dataclass

_JOINERS = "\u200c\u200d"
"""Format characters that belong to words: Persian and Indic spelling."""

_SIGNS = frozenset("$+<=>^`|~¢£¤¥§©®°±²³¹µ¶·×÷₹₽₩€₪₫₴₺™№→−≈≠≤≥%‰&@#*/\\_")
"""Symbols that are read by a short name. All other symbols are passed over, emoji among them."""

_SCRIPTS = (
    (0x0020, 0x02B0),  # Latin
    (0x0300, 0x0370),  # accents
    (0x0370, 0x0590),  # Greek, Cyrillic, Armenian
    (0x0590, 0x0780),  # Hebrew, Arabic
    (0x0900, 0x0E00),  # the scripts of India
    (0x0E00, 0x1200),  # Thai, Lao, Tibetan, Burmese, Georgian, the letters of Korean
    (0x1200, 0x1380),  # Ethiopic
    (0x13A0, 0x1400),  # Cherokee
    (0x1E00, 0x2070),  # Latin and Greek with accents, punctuation
    (0x3000, 0x3100),  # marks of East Asia, kana
    (0x3400, 0xA000),  # Chinese characters
    (0xAC00, 0xD7A4),  # Korean
    (0xFB00, 0xFE00),  # ligatures, Arabic in shapes
    (0xFE30, 0xFFDD),  # marks in shapes, full width
)
"""Where letters, digits and punctuation are read; the end of a range is not in it."""

_SCRIPT_STARTS = [start for start, _ in _SCRIPTS]


@dataclass(frozen=True, slots=True)
class Reading:
    """Text for the library.

    Attributes:
        text: Composed (NFC), without anything that is not to be read.
        sources: For each character of ``text``, the offset of the character it came from; never
            decreasing.
        ends: For each character of ``text``, the offset after what it came from.
    """

    text: str
    sources: tuple[int, ...]
    ends: tuple[int, ...]


def read(text: str) -> Reading:
    """Turn a client's text into text for the library."""
    characters: list[str] = []
    sources: list[int] = []
    ends: list[int] = []
    start = 0
    while start < len(text):
        end = start + 1
        # A base character and its marks compose together, or else "e" and an accent are two sounds.
        while end < len(text) and unicodedata.combining(text[end]):
            end += 1
        for character in unicodedata.normalize("NFC", text[start:end]):
            shown = _shown(character)
            characters.extend(shown)
            sources.extend([start] * len(shown))
            ends.extend([end] * len(shown))
        start = end
    return Reading("".join(characters), tuple(sources), tuple(ends))


def _shown(character: str) -> str:
    """Return what the library gets for a character: itself, a space or nothing."""
    if character == "\n" or character in _JOINERS or character in _SIGNS:
        return character
    category = unicodedata.category(character)
    if category == "Cf":  # a soft hyphen or a direction mark stands inside a word
        return ""
    if category[0] in "LMNPZ" and _is_of_a_known_script(ord(character)):
        return character
    return " "


def _is_of_a_known_script(code: int) -> bool:
    index = bisect_right(_SCRIPT_STARTS, code) - 1
    return index >= 0 and code < _SCRIPTS[index][1]
