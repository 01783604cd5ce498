"""IPA in the symbols that a voice was trained on.

In: a word of IPA. Out: its sounds. Invariant: every symbol is one that the voice knows; for one
that it does not, the nearest that it does stands in.
"""

import unicodedata
from collections.abc import Iterator, Sequence
from typing import Final

from hoarfrost.engines.natural.phonemes import VOWELS, Phonemizer, Pronunciation, Sound

_STRESS: Final = {"ˈ": 2, "ˌ": 1}
_NEAREST: Final = {
    # vowels: by height, backness and rounding
    "a": "æ", "aː": "ɑː", "ɑ": "ɑː", "ɒ": "ɑː", "ɒː": "ɔː", "e": "eɪ", "eː": "eɪ", "ɛː": "ɛ",
    "ɘ": "ə", "ɤ": "ʌ", "ɯ": "uː", "ɯː": "uː", "ɨ": "ᵻ", "ɪː": "iː", "o": "oʊ", "oː": "oʊ",
    "oːɹ": "ɔːɹ", "ø": "ɜː", "øː": "ɜː", "œ": "ɜː", "œː": "ɜː", "ɶ": "æ", "u": "uː", "ʉ": "uː",
    "ʉː": "uː", "y": "uː", "yː": "uː", "ʏ": "ʊ", "ʊː": "uː", "ɵ": "ʊ", "ɞ": "ʌ", "ɝ": "ɜː",
    "ɜ": "ɜː", "ɐː": "ɑː", "æː": "æ", "əː": "ɜː", "ʌː": "ɑː", "ɚː": "ɜː", "ɜːɹ": "ɜː",
    "iː": "i", "l̩": "əl", "ə": "ʌ", "ɐ": "ə",
    # consonants: by place and manner
    "r": "ɹ", "ɾ": "d", "ɻ": "ɹ", "ɽ": "ɹ", "ɺ": "l", "ʀ": "ɹ", "ʁ": "ɹ", "ɹ": "w", "x": "k",
    "ç": "h", "χ": "h", "ħ": "h", "ʕ": "h", "ɦ": "h", "ɣ": "ɡ", "g": "ɡ", "ɢ": "ɡ", "q": "k",
    "ʝ": "j",
    "c": "k", "ɟ": "ɡ", "ɠ": "ɡ", "ʛ": "ɡ", "ɸ": "f", "β": "v", "ʋ": "v", "ⱱ": "v", "ɱ": "m",
    "ʙ": "b", "ɓ": "b", "ʈ": "t", "ɖ": "d", "ɗ": "d", "ʄ": "dʒ", "ɳ": "n", "ɲ": "n", "ɴ": "ŋ",
    "ʂ": "ʃ", "ʐ": "ʒ", "ɕ": "ʃ", "ʑ": "ʒ", "ɬ": "l", "ɮ": "l", "ɭ": "l", "ʎ": "l", "ʟ": "l",
    "ɫ": "l", "ɥ": "w", "ʍ": "w", "ɰ": "w", "ʔ": "t", "ʡ": "ʔ", "ʢ": "h", "n̩": "n", "m̩": "m",
    "ɧ": "ʃ", "ʘ": "p", "ǀ": "t", "ǃ": "t", "ǂ": "t", "ǁ": "k", "ɹ̩": "ɚ", "ŋ̍": "ŋ",
}  # fmt: skip
"""For a symbol that a voice does not know, the one nearest to it (IPA chart); tried in turn."""


def pronunciation(symbols: Sequence[str], phonemize: Phonemizer) -> Pronunciation:
    """Return the pronunciation of a voice that knows these symbols."""
    return Pronunciation(phonemize, _Sounds(symbols))


class _Sounds:
    """The sounds of a word of IPA."""

    def __init__(self, symbols: Sequence[str]) -> None:
        self._known = frozenset(symbols)
        candidates = self._known | set(_NEAREST)
        self._multiple = sorted((s for s in candidates if len(s) > 1), key=len, reverse=True)

    def __call__(self, word: str) -> Iterator[Sound]:
        word = unicodedata.normalize("NFC", word)
        at = stress = 0
        while at < len(word):
            if word[at] in _STRESS:
                stress = _STRESS[word[at]]
                at += 1
                continue
            raw = next((m for m in self._multiple if word.startswith(m, at)), word[at])
            at += len(raw)
            symbol = self._nearest(raw)
            if symbol is None:
                continue
            if symbol[0] in VOWELS:
                yield symbol, stress
                stress = 0
            else:
                yield symbol, 0

    def _nearest(self, symbol: str) -> str | None:
        tried = set()
        while symbol not in self._known:
            tried.add(symbol)
            following = _NEAREST.get(symbol)
            if following is None or following in tried:
                return None  # a tie, a tone, a diacritic: the sound itself stands beside it
            symbol = following
        return symbol
