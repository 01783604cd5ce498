"""Pitch by rule: what questions and emphasis ask for, which the networks do not bring.

In: a sentence, its tokens' symbols and owners. Out: a `Melody`. Invariant: statements without
emphasis keep the pitch of the network.

The networks were trained on reading: they end a question as they end a statement. Yes/no questions
rise in English, from the last stressed vowel to the end; questions that open with a question word
fall (J. C. Wells, English Intonation, 2006, sections 2.13 and 2.15). Those that offer a choice,
"tea or coffee?", fall as well.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from hoarfrost.engines.natural.utterance import NO_WORD
from hoarfrost.text.reading.sentences import Ending, Sentence
from hoarfrost.units import Speed

MEAN_HZ: Final = 185.0
"""About what a speaker's pitch moves."""
EMPHATIC_SPEED: Final[Speed] = 0.85
_EMPHATIC_SEMITONES: Final = 2.5
_VOICED_HZ: Final = 40.0
_RISE_SEMITONES: Final = (0.0, 8.0)
"""From the mean: where the rise of a question begins and ends."""
_TAKES_OVER: Final = 5.0
"""The rise has the pitch to itself after a fifth of its way."""
_PAUSES: Final = ",;:"
_SOUNDING: Final = 3
"""Frames of a token by whose end the rise has got as far as it shall with it."""
_SHORT: Final = 4
"""Tokens that rise where nothing is stressed."""
_OPEN_QUESTION_WORDS: Final = frozenset(
    {"who", "whom", "whose", "what", "when", "where", "why", "how", "which"}
)
_OR: Final = "or"
_LONGEST_CHOICE: Final = 4
"""Words after the last *or* of a choice; behind it a longer phrase is a question of its own."""
_NO_CHOICE: Final = frozenset({"anything", "anywhere", "so", "something", "somewhere", "whatever"})
"""What after *or* offers nothing: such a question rises as it would without."""


@dataclass(frozen=True, slots=True)
class Melody:
    """What is done to the pitch of tokens, a number for each.

    Attributes:
        semitones: float32, added to the network's pitch.
        rise: float32, from 0, none, to 1, the end of a question.
    """

    semitones: NDArray[np.float32]
    rise: NDArray[np.float32]

    def part(self, start: int, stop: int) -> "Melody":
        """Return that of the tokens from ``start`` to ``stop``."""
        return Melody(self.semitones[start:stop], self.rise[start:stop])

    def shape(self, hz: NDArray[np.float32], durations: NDArray[np.int64]) -> NDArray[np.float32]:
        """Return the pitch of frames, what is no pitch as it was.

        Args:
            hz: float32, shape (frames, 2).
            durations: Frames of each token.
        """
        if not self.semitones.any() and not self.rise.any():
            return hz
        middles = np.cumsum(durations) - durations / 2
        places = (np.arange(2 * len(hz)) + 0.5) / 2
        semitones = np.interp(places, middles, self.semitones).reshape(hz.shape)
        # The last token of a sentence is long, and most of it is silence.
        reached = np.cumsum(durations) - durations + np.minimum(durations, _SOUNDING)
        rise = np.interp(places, reached, self.rise).reshape(hz.shape)
        low, high = _RISE_SEMITONES
        asked = np.log(MEAN_HZ) + (low + (high - low) * rise) * np.log(2) / 12
        share = np.minimum(rise * _TAKES_OVER, 1)
        logs = np.log(np.maximum(hz, _VOICED_HZ)) + semitones * np.log(2) / 12
        shaped = np.exp(logs + share * (asked - logs))
        return np.where(hz > _VOICED_HZ, shaped, hz).astype(np.float32)


def plain_melody(n: int) -> Melody:
    """Return a melody that leaves ``n`` tokens as they are."""
    return Melody(np.zeros(n, np.float32), np.zeros(n, np.float32))


def melody_of(sentence: Sentence, symbols: str, owners: NDArray[np.int64]) -> Melody:
    """Return what a sentence asks for.

    Args:
        sentence: What is said.
        symbols: One character for each token.
        owners: int64, shape (n,), index of each token's word, or `NO_WORD`.
    """
    melody = plain_melody(len(owners))
    words = [word for clause in sentence.clauses for word in clause]
    for index in (index for index, word in enumerate(words) if word.is_emphatic):
        melody.semitones[owners == index] = _EMPHATIC_SEMITONES
    if sentence.ending is Ending.RISE and not _falls(sentence):
        sounding = np.flatnonzero(owners != NO_WORD)
        last = int(sounding[-1])
        # A stress mark is a token of its own, which lasts as the vowel after it does.
        clause = max(map(symbols.rfind, _PAUSES)) + 1
        stresses = (symbols.rfind(mark, clause) for mark in "ˈˌ")
        start = next((at for at in stresses if at >= 0), max(last - _SHORT, int(sounding[0])))
        n = last - start + 1
        melody.rise[start : last + 1] = np.arange(1, n + 1) / n
        melody.rise[last:] = 1
    return melody


def _falls(sentence: Sentence) -> bool:
    """Whether a question falls: it has a question word, or offers a choice."""
    return _is_open_question(sentence) or _offers_choice(sentence)


def _is_open_question(sentence: Sentence) -> bool:
    """Whether the sentence, or its last clause, opens with a question word."""
    openings = (sentence.clauses[place][0].written.lower() for place in (0, -1))
    return any(
        each.replace("’", "'").removesuffix("'s") in _OPEN_QUESTION_WORDS for each in openings
    )


def _offers_choice(sentence: Sentence) -> bool:
    """Whether a few words follow the last *or* of a sentence, which does not open with it."""
    words = [word.written.lower() for clause in sentence.clauses for word in clause]
    if _OR not in words[1:]:
        return False
    after = words[len(words) - words[::-1].index(_OR) :]
    return 0 < len(after) <= _LONGEST_CHOICE and after[0] not in _NO_CHOICE
