"""Pronunciations in a text: ``⟦wɪn|Nguyen⟧`` is IPA, ``⟦=win|Nguyen⟧`` words to say.

Markup and lexicons write them, the client never does: `hoarfrost.text.markup` leaves these brackets
out of what the client sent. What stands behind the bar is the word as it was written.
"""

import re
from typing import Final

from hoarfrost.text.reading.context import Context, Token, TokenClass

OPENER: Final = "⟦"
CLOSER: Final = "⟧"
_INLINE: Final = re.compile("⟦(?P<ipa>[^⟦⟧|]{1,200})(?:\\|(?P<word>[^⟦⟧]{0,200}))?⟧")


def inline(ipa: str, word: str) -> str:
    """Return a word with its phonemes, as it stands in a text."""
    return f"{OPENER}{ipa}|{word}{CLOSER}"


def inline_spelling(spelling: str, word: str) -> str:
    """Return a word with the words to say for it, as it stands in a text."""
    return f"{OPENER}={spelling}|{word}{CLOSER}"


def read_phonemes(ctx: Context, at: int) -> Token | None:
    """Read phonemes that stand in the text."""
    found = ctx.match(_INLINE, at)
    if found is None:
        return None
    word = (found["word"] or "").strip()
    if found["ipa"].startswith("="):
        return Token(at, found.end(), TokenClass.LEXICON, found["ipa"][1:].strip())
    return Token(at, found.end(), TokenClass.PHONEMES, word.lower() or found["ipa"], found["ipa"])
