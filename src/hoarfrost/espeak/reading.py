"""Text as the library should get it: only what it reads aloud well, and nothing it would obey.

In: any Unicode text. Out: a `Reading`, text for the library in which every character knows the
character it came from. Invariant: what comes out has no control character (the library takes
Ctrl-A for the start of a command), no unpaired surrogate and no format character it would name.
"""

import re
import unicodedata
from dataclasses import dataclass

_JOINERS = "\u200c\u200d"
"""Format characters that belong to words: Persian and Indic spelling, emoji sequences."""

_DROPPED_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})
"""Controls, format characters, surrogates, private use, unassigned."""

# The library ends a sentence, with its pause, at a full stop before a capital. Without the stop
# it reads each of these out in full, and goes on.
_ABBREVIATION = re.compile(
    r"\b(?:Mr|Mrs|Ms|Mx|Dr|Prof|St|Mt|Sr|Jr|Gen|Col|Capt|Lt|Sgt|Rev|Hon"  # English
    r"|Sra|Srta|Dra|Mme|Mlle|Mgr|Sig|Dott|Hr|Nr)(?P<dot>\.)(?=\s+\w)"
)


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
    dots = {found.start("dot") for found in _ABBREVIATION.finditer(text)}
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
            shown = " " if start in dots else _shown(character)
            characters.extend(shown)
            sources.extend([start] * len(shown))
            ends.extend([end] * len(shown))
        start = end
    return Reading("".join(characters), tuple(sources), tuple(ends))


def _shown(character: str) -> str:
    if character in _JOINERS or unicodedata.category(character) not in _DROPPED_CATEGORIES:
        return character
    if character in "\n\r\t":
        return "\n" if character == "\n" else " "
    # A soft hyphen or a direction mark stands inside a word; anything else stands between words.
    return "" if unicodedata.category(character) == "Cf" else " "
