"""The International Phonetic Alphabet in the symbols of a hibari voice.

In: a word in IPA, as people and dictionaries write it. Out: the voice's symbols. Invariant: every
symbol returned was in the voice's training data; a sign that has none is refused by name.

The voices know the sounds of English, written as the Kokoro models have them: one letter for a
diphthong (``A`` for eɪ), stress before the vowel.
"""

import unicodedata
from typing import Final

_SOUNDS: Final = {
    # Two signs, or more, for one sound; tried before the single ones.
    "eɪ": "A", "aɪ": "I", "oʊ": "O", "əʊ": "O", "aʊ": "W", "ɔɪ": "Y", "ɔi": "Y", "ai": "I",
    "au": "W", "ei": "A", "ou": "O", "tʃ": "ʧ", "dʒ": "ʤ", "ɜːɹ": "ɜɹ", "ɜːr": "ɜɹ", "ɜr": "ɜɹ",
    "ɪə": "ɪɹ", "eə": "ɛɹ", "ʊə": "ʊɹ", "iː": "i", "uː": "u", "ɑː": "ɑ", "ɔː": "ɔ", "ɜː": "ɜɹ",
    "ɒː": "ɑ", "aː": "ɑ", "l̩": "ᵊl", "n̩": "ᵊn", "m̩": "ᵊm", "ɹ̩": "əɹ", "r̩": "əɹ", "hw": "w",
    # One sign.
    "ɚ": "əɹ", "ɝ": "ɜɹ", "ɒ": "ɑ", "a": "æ", "e": "ɛ", "o": "O", "r": "ɹ", "ɻ": "ɹ", "g": "ɡ",
    "ɫ": "l", "ɾ": "T", "ʔ": "t", "ʍ": "w", "x": "k", "ɱ": "m", "ɨ": "ᵻ", "y": "i", "ɐ": "ɐ",
}  # fmt: skip
"""What is written otherwise."""
_AS_WRITTEN: Final = frozenset("bdfhijklmnpstuvwzæðŋɑɔəɛɜɡɪɹʃʊʌʒʤʧθᵊᵻˈˌAIOWYT")
_LEFT_OUT: Final = frozenset("ː.‿ˑ͜͡'")
"""Length and syllables, which the voices find for themselves, and ties."""
_STRESS: Final = "ˈˌ"
_VOWELS: Final = frozenset("AIOWYæɑɔəɛɜɪʊʌiuɐᵊᵻ")
_LONGEST: Final = max(map(len, _SOUNDS))


class UnknownSound(ValueError):
    """A sign that stands for no sound of the voice."""


def from_ipa(ipa: str) -> str:
    """Return a word of IPA in the voice's symbols.

    Args:
        ipa: With or without slashes, stress marks, length marks, ties.

    Raises:
        UnknownSound: If a sign has no sound of the voice, or there is no sound at all.
    """
    written = unicodedata.normalize("NFC", ipa.strip().strip("/[]").strip())
    written = "".join(sign for sign in written if sign not in "͜͡")
    symbols = ""
    place = 0
    while place < len(written):
        for length in range(min(_LONGEST, len(written) - place), 0, -1):
            sign = written[place : place + length]
            if sign in _SOUNDS:
                symbols += _SOUNDS[sign]
                break
            if length == 1 and sign in _AS_WRITTEN:
                symbols += sign
            elif length == 1 and not (sign in _LEFT_OUT or sign.isspace()):
                raise UnknownSound(
                    f"pronunciation {ipa!r:.60}: expected sounds of English in IPA, got "
                    f"{sign!r} (U+{ord(sign):04X})"
                )
        place += length
    if not any(symbol not in _STRESS for symbol in symbols):
        raise UnknownSound(f"pronunciation {ipa!r:.60}: expected a sound, got none")
    return _with_stress_before_vowels(symbols)


def _with_stress_before_vowels(symbols: str) -> str:
    """Move each stress mark from its syllable's start to its vowel."""
    out, stress = "", ""
    for symbol in symbols:
        if symbol in _STRESS:
            stress = symbol
            continue
        if stress and symbol in _VOWELS:
            out, stress = out + stress, ""
        out += symbol
    return out
