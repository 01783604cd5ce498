"""Words to phonemes, each phoneme with the word it belongs to.

In: the words of a clause. Out: `Phoneme` values. Invariant: every word with a sound has at least
one phoneme, whatever the phonemizer joined or split.

A clause is phonemized whole, because words change with their neighbours (*the* apple, fa*r* away);
what comes back is then aligned with the phonemes of each word by itself.
"""

import re
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache
from typing import Final, TypeAlias

from hoarfrost import espeak
from hoarfrost.text.languages import language_of
from hoarfrost.text.reading.phonemes import CLOSER, OPENER

Phonemizer: TypeAlias = Callable[[str], str]
"""Text without marks → IPA, words parted by spaces, stress before the vowel."""

Sound: TypeAlias = tuple[str, int]
"""A symbol of the voice's, and its stress: 0 none, 1 secondary, 2 primary."""

_Symbols: TypeAlias = tuple[str, ...]

_ALIGNED: Final = 20_000
"""Symbols of one times symbols of the other that are aligned with care, in some 15 ms: of what is
longer nobody will notice."""

_CACHE: Final = 1024
"""Words and clauses whose phonemes are kept, some 1.5 MB; a server says the same words again."""

_LETTER_A: Final = re.compile(r"(?<![\w'])A(?![\w'])")
"""The letter's name; espeak-ng reads a lone A as the article."""
_FINAL_A: Final = re.compile(r"(?<![\w'])a\Z")
"""The article before phonemes that stand in the text; espeak-ng reads a last a as the letter."""

VOWELS: Final = frozenset("aeiouyɑɒɔəɘɚɛɜɝɞɪɨʊʉʌæɐᵻøœɶɤɯɵʏ")


@dataclass(frozen=True, slots=True)
class Phoneme:
    """A sound.

    Attributes:
        symbol: One of the voice's.
        stress: 0 none, 1 secondary, 2 primary; vowels only.
        word: Index of the word it belongs to.
        begins: Whether the phonemizer parted it from the sound before: a number is one word to
            the reader, and several to the phonemizer.
    """

    symbol: str
    stress: int
    word: int
    begins: bool = False


def espeak_phonemizer(language: str) -> Phonemizer:
    """Return espeak-ng's phonemizer of one of its languages; hold an `espeak.Owner` meanwhile."""
    is_english = language_of(language) == "en"

    def phonemize(text: str) -> str:
        if is_english:
            text = _FINAL_A.sub("uh", _LETTER_A.sub("eigh", text))
        return " ".join(clause.ipa for clause in espeak.phonemize(text, language))

    return phonemize


class Pronunciation:
    """The phonemes of clauses, for one voice.

    Args:
        phonemize: What turns words into IPA.
        sounds_of: What turns one word of IPA into sounds that the voice knows; none for a word that
            has none.
    """

    def __init__(self, phonemize: Phonemizer, sounds_of: Callable[[str], Iterable[Sound]]) -> None:
        shared: dict[Sound, Sound] = {}  # equal sounds are one object

        def read(text: str) -> tuple[tuple[Sound, ...], ...]:
            parts = (sounds_of(word) for word in phonemize(text).split())
            words = (tuple(shared.setdefault(sound, sound) for sound in part) for part in parts)
            return tuple(word for word in words if word)

        self._sounds_of = sounds_of
        self._sounds = lru_cache(_CACHE)(read)

    def phonemes(self, words: Sequence[str], glued: Collection[int] = ()) -> list[Phoneme]:
        """Return the sounds of a clause's words, in order.

        Args:
            words: What is said for each, as `Word.said` has it; "" is a word without a sound.
            glued: Places of words that are written without white space before them.
        """
        out: list[Phoneme] = []
        run: list[int] = []
        for index, word in enumerate(words):
            if word.startswith(OPENER):
                out += self._of_run(words, run, glued)
                out += self._given(word.strip(OPENER + CLOSER), index)
                run = []
            elif word:
                run.append(index)
        return out + self._of_run(words, run, glued)

    def _given(self, ipa: str, owner: int) -> list[Phoneme]:
        """Return the sounds of phonemes that stand in the text."""
        return [
            Phoneme(symbol, stress, owner, place == 0)
            for part in ipa.split()
            for place, (symbol, stress) in enumerate(self._sounds_of(part))
        ]

    def _of_run(
        self, words: Sequence[str], voiced: Sequence[int], glued: Collection[int]
    ) -> list[Phoneme]:
        """Return the sounds of words that stand side by side."""
        if not voiced:
            return []
        gaps = ("" if index in glued else " " for index in voiced)
        text = "".join(gap + words[index] for gap, index in zip(gaps, voiced, strict=True))
        whole = self._sounds(text.lstrip())
        parts = [(index, part) for index in voiced for part in words[index].split()]
        simple = all(part.isalpha() for _, part in parts)
        if simple and len(whole) == len(parts):
            owners = [index for (index, _), part in zip(parts, whole, strict=True) for _ in part]
        else:
            alone = [
                (_bare(part), index) for index in voiced for part in self._sounds(words[index])
            ]
            owners = _owners([_bare(part) for part in whole], alone)
        sounds = ((sound, place == 0) for part in whole for place, sound in enumerate(part))
        return [
            Phoneme(symbol, stress, owner, begins)
            for ((symbol, stress), begins), owner in zip(sounds, owners, strict=True)
        ]


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
    are enough. Very long ones are shared out evenly.

    Args:
        spoken: The clause's symbols.
        alone: The symbols of each word by itself, with the word.
    """
    n, m = len(spoken), len(alone)
    if n * m > _ALIGNED:
        return [alone[i * m // n][1] for i in range(n)]
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
    return 0.5 if (one[0] in VOWELS) == (other[0] in VOWELS) else 1.2
