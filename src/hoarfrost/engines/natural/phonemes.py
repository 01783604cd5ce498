"""Words to phonemes in a voice's own symbols, each phoneme with the word it belongs to.

In: the words of a clause. Out: `Phoneme` values. Invariant: every symbol is one that the voice
knows; every word with a sound has at least one phoneme, whatever the phonemizer joined or split.

A clause is phonemized whole, because words change with their neighbours (*the* apple, fa*r* away);
what comes back is then aligned with the phonemes of each word by itself.
"""

import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache
from typing import Final, TypeAlias

Phonemizer: TypeAlias = Callable[[str], str]
"""Text without marks → IPA, words parted by spaces, stress before the vowel."""

_Symbols: TypeAlias = tuple[str, ...]

_STRESS: Final = {"ˈ": 2, "ˌ": 1}
_CACHE: Final = 4096
"""Words and clauses whose phonemes are kept: a few MB; a server says the same words again."""

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

_VOWELS: Final = frozenset("aeiouyɑɒɔəɘɚɛɜɝɞɪɨʊʉʌæɐᵻøœɶɤɯɵʏ")


@dataclass(frozen=True, slots=True)
class Phoneme:
    """A sound.

    Attributes:
        symbol: One of the voice's.
        stress: 0 none, 1 secondary, 2 primary; vowels only.
        word: Index of the word it belongs to.
    """

    symbol: str
    stress: int
    word: int


class Pronunciation:
    """The phonemes of clauses, for one voice's symbols."""

    def __init__(self, symbols: Sequence[str], phonemize: Phonemizer) -> None:
        self._known = frozenset(symbols)
        candidates = self._known | set(_NEAREST)
        self._multiple = sorted((s for s in candidates if len(s) > 1), key=len, reverse=True)
        self._sounds = lru_cache(_CACHE)(lambda text: self._read(phonemize(text)))

    def phonemes(self, words: Sequence[str]) -> list[Phoneme]:
        """Return the sounds of a clause's words, in order; "" is a word without a sound."""
        whole = self._sounds(" ".join(word for word in words if word))
        voiced = [index for index, word in enumerate(words) if word]
        simple = all(words[index].isalpha() for index in voiced)
        if simple and len(whole) == len(voiced):
            owners = [index for index, part in zip(voiced, whole, strict=True) for _ in part]
        else:
            alone = [
                (_bare(part), index) for index in voiced for part in self._sounds(words[index])
            ]
            owners = _owners([_bare(part) for part in whole], alone)
        sounds = (sound for part in whole for sound in part)
        return [
            Phoneme(symbol, stress, owner)
            for (symbol, stress), owner in zip(sounds, owners, strict=True)
        ]

    def _read(self, ipa: str) -> tuple[tuple[tuple[str, int], ...], ...]:
        """Read IPA into words of (symbol, stress)."""
        words = (tuple(self._symbols(word)) for word in unicodedata.normalize("NFC", ipa).split())
        return tuple(word for word in words if word)

    def _symbols(self, word: str) -> Iterator[tuple[str, int]]:
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
            if symbol[0] in _VOWELS:
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


def _bare(part: Sequence[tuple[str, int]]) -> _Symbols:
    return tuple(symbol for symbol, _ in part)


def _owners(spoken: Sequence[_Symbols], alone: Sequence[tuple[_Symbols, int]]) -> list[int]:
    """Give each symbol of a clause the word it belongs to.

    Words that sound in the clause as they do alone are found first; what lies between is aligned
    symbol by symbol. So the work stays small in long clauses.
    """
    matcher = SequenceMatcher(None, spoken, [symbols for symbols, _ in alone], autojunk=False)
    owners: list[int] = []
    i = j = 0
    for block in matcher.get_matching_blocks():  # the last one is empty and stands at the ends
        between = [(symbol, index) for part, index in alone[j : block.b] for symbol in part]
        rest = [symbol for part in spoken[i : block.a] for symbol in part]
        if rest and not between:  # a sound that no word has by itself: a neighbour's
            between = [("", alone[min(max(j - 1, 0), len(alone) - 1)][1] if alone else 0)]
        owners += _align(rest, between)
        for place in range(block.size):
            owners += [alone[block.b + place][1]] * len(spoken[block.a + place])
        i, j = block.a + block.size, block.b + block.size
    return owners


def _align(spoken: Sequence[str], alone: Sequence[tuple[str, int]]) -> list[int]:
    """Give each spoken symbol the word it belongs to.

    The cheapest edit of the words' symbols by themselves into the clause's, where equal symbols
    cost nothing and vowels stand for vowels at half a price. Every word keeps a symbol where there
    are enough.

    Args:
        spoken: The clause's symbols.
        alone: The symbols of each word by itself, with the word.
    """
    n, m = len(spoken), len(alone)
    costs = [[0.0] * (m + 1) for _ in range(n + 1)]
    costs[0] = [float(j) for j in range(m + 1)]
    for i in range(1, n + 1):
        row, above, symbol = costs[i], costs[i - 1], spoken[i - 1]
        row[0] = float(i)
        for j in range(1, m + 1):
            swap = above[j - 1] + _distance(symbol, alone[j - 1][0])
            row[j] = min(swap, above[j] + 1, row[j - 1] + 1)
    owners = [0] * n
    i, j = n, m
    while i:
        if j and costs[i][j] == costs[i - 1][j - 1] + _distance(spoken[i - 1], alone[j - 1][0]):
            i, j = i - 1, j - 1
            owners[i] = alone[j][1]
        elif j and costs[i][j] == costs[i][j - 1] + 1:
            j -= 1
        else:
            i -= 1
            owners[i] = alone[max(j - 1, 0)][1]
    return owners


def _distance(one: str, other: str) -> float:
    if one == other:
        return 0.0
    if not other:
        return 1.0
    return 0.5 if (one[0] in _VOWELS) == (other[0] in _VOWELS) else 1.2
