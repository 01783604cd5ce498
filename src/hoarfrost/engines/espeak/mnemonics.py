"""Phonemes as espeak-ng takes them in a text: its mnemonics, between ``[[`` and ``]]``.

In: IPA. Out: mnemonics (espeak-ng's documentation, *Phonemes*, after Kirshenbaum's ASCII IPA).
Invariant: nothing but what the table has comes out; what it lacks is left out.
"""

from typing import Final

_MNEMONICS: Final = {
    "tʃ": "tS", "dʒ": "dZ", "eɪ": "eI", "aɪ": "aI", "ɔɪ": "OI", "aʊ": "aU", "oʊ": "oU", "əʊ": "oU",
    "iː": "i:", "uː": "u:", "ɑː": "A:", "ɔː": "O:", "ɜː": "3:", "ɛɹ": "e@", "ɛə": "e@", "ɪə": "i@3",
    "ʊə": "U@", "əl": "@L", "p": "p", "b": "b", "t": "t", "d": "d", "k": "k", "ɡ": "g", "g": "g",
    "f": "f", "v": "v", "θ": "T", "ð": "D", "s": "s", "z": "z", "ʃ": "S", "ʒ": "Z", "h": "h",
    "m": "m", "n": "n", "ŋ": "N", "l": "l", "ɫ": "l", "r": "r", "ɹ": "r", "j": "j", "w": "w",
    "ʔ": "?", "ɾ": "t#", "x": "x", "ə": "@", "ɐ": "a#", "ʌ": "V", "ɪ": "I", "ᵻ": "I2", "i": "i",
    "ɛ": "E", "e": "E", "æ": "a", "a": "a", "ɑ": "A:", "ɒ": "0", "ɔ": "O:", "o": "oU", "ʊ": "U",
    "u": "u:", "ɚ": "3", "ɝ": "3:", "ɜ": "3:", "ˈ": "'", "ˌ": ",", " ": " ",
}  # fmt: skip
_LONGEST: Final = max(map(len, _MNEMONICS))


def mnemonics(ipa: str) -> str:
    """Return phonemes as they stand in a text for the library; "" if none of them is known."""
    out: list[str] = []
    at = 0
    while at < len(ipa):
        lengths = range(min(_LONGEST, len(ipa) - at), 0, -1)
        n = next((n for n in lengths if ipa[at : at + n] in _MNEMONICS), 0)
        if n:
            out.append(_MNEMONICS[ipa[at : at + n]])
        at += n or 1
    said = "".join(out).strip()
    return f"[[{said}]]" if said.strip("', ") else ""
