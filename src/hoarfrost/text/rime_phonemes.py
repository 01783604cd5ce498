"""Rime's phonetic alphabet, as it stands between braces: ``{k1Ast0xm}`` is *custom*.

In: what stands between the braces. Out: IPA in the manner of espeak-ng, the stress before the
vowel; None if it is something else, a template that was not filled in say (``{name}``).

A digit stands before each vowel: 1 for primary stress, 2 for secondary, 0 for none
(docs.rime.ai/platform/rime-phonetic-alphabet).
"""

from typing import Final

_VOWELS: Final = {
    "@": "æ", "a": "ɑː", "A": "ʌ", "W": "aʊ", "x": "ə", "Y": "aɪ", "E": "ɛ", "R": "ɜː", "e": "eɪ",
    "I": "ɪ", "i": "iː", "o": "oʊ", "O": "ɔɪ", "U": "ʊ", "u": "uː", "N": "ən",
}  # fmt: skip
_CONSONANTS: Final = {
    "b": "b", "C": "tʃ", "d": "d", "D": "ð", "f": "f", "g": "ɡ", "h": "h", "J": "dʒ", "k": "k",
    "l": "l", "m": "m", "n": "n", "G": "ŋ", "p": "p", "r": "ɹ", "s": "s", "S": "ʃ", "t": "t",
    "T": "θ", "v": "v", "w": "w", "y": "j", "z": "z", "Z": "ʒ", " ": " ",
}  # fmt: skip
_UNSTRESSED: Final = {"ɜː": "ɚ", "iː": "i", "ʌ": "ə"}
_STRESSES: Final = {"0": "", "1": "ˈ", "2": "ˌ"}


def to_ipa(phonemes: str) -> str | None:
    """Return the IPA of phonemes in Rime's alphabet, None if they are not in it."""
    out: list[str] = []
    stress: str | None = None
    for symbol in phonemes.strip():
        if symbol in _STRESSES and stress is None:
            stress = symbol
        elif stress is not None and symbol in _VOWELS:
            vowel = _VOWELS[symbol]
            vowel = _UNSTRESSED.get(vowel, vowel) if stress == "0" else vowel
            out.append(_STRESSES[stress] + vowel)
            stress = None
        elif stress is None and symbol in _CONSONANTS:
            out.append(_CONSONANTS[symbol])
        else:
            return None
    has_vowel = any(symbol in _STRESSES for symbol in phonemes)
    return "".join(out) if has_vowel and stress is None else None
