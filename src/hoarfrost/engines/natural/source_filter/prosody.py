"""From sentences to tokens: what the text graph reads, with rules for what it never learned.

In: a `Sentence`, speeds. Out: a `TokenPlan`. Invariant: the tokens are of the kind that the voice
was trained on: ``^``, sounds parted by ``" "`` and ``","``, one final ``"."``.

The recordings hold statements only. So every ending is written as a full stop, and what a question
or an exclamation does to the pitch is added by rule.
"""

from collections.abc import Callable, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from hoarfrost.engines.natural.phonemes import Pronunciation
from hoarfrost.engines.natural.source_filter.graphs import FEATURES, Array, Tokens
from hoarfrost.engines.natural.utterance import NO_WORD, TokenPlan, nearest_owners
from hoarfrost.text.reading.sentences import Ending, Sentence, Word
from hoarfrost.units import Speed

_START: Final = "^"
_GAP: Final = " "
_PAUSE: Final = ","
_STOP: Final = "."
_MARKS: Final = (_PAUSE, _STOP)

_OPEN_QUESTION_WORDS: Final = frozenset(
    [
        "who",
        "whom",
        "whose",
        "what",
        "when",
        "where",
        "why",
        "how",
        "which",
        "what's",
        "who's",
        "where's",
        "when's",
        "how's",
        "why's",
    ]
)
"""Questions that begin with one of these fall at the end; all others rise."""

_RISE_FROM: Final = 0.9
_RISE_BY: Final = 2.1
"""In standard deviations of the pitch, over the last stressed syllable and what follows it. The
networks fall by two there, as in a statement; so the end comes to lie above the sentence's mean."""
_EMPHASIS_PITCH: Final = 0.8
_EMPHASIS_SPEED: Final = 0.85
_EXCLAMATION_PITCH: Final = 0.35


def plan(
    sentence: Sentence,
    pronunciation: Pronunciation,
    symbols: Sequence[str],
    speed_of: Callable[[Word], Speed],
) -> TokenPlan[Tokens] | None:
    """Lay a sentence out as tokens.

    Args:
        sentence: What to say.
        pronunciation: Of the voice.
        symbols: The voice's phonemes, in the order of the ids.
        speed_of: The speed of a word.

    Returns:
        The plan, or None if nothing of the sentence has a sound.
    """
    line = _Line()
    for clause in sentence.clauses:
        line.add_clause(clause, pronunciation)
    if len(line.symbols) == 1:
        return None
    line.close()
    words = tuple(word for clause in sentence.clauses for word in clause)
    stress, owners = np.array(line.stress), np.array(line.owners)
    ids = {symbol: index for index, symbol in enumerate(symbols)}
    speeds = np.array([speed_of(word) for word in words], np.float32)
    speed = speeds[nearest_owners(owners)]
    pitch = np.zeros(len(owners), np.float32)
    for index, word in enumerate(words):
        if word.is_emphatic:
            speed[owners == index] *= _EMPHASIS_SPEED
            pitch[(owners == index) & (stress > 0)] += _EMPHASIS_PITCH
    _shape_ending(sentence, stress, pitch)
    tokens = Tokens(
        ids=np.array([ids[symbol] for symbol in line.symbols], np.int64),
        stress=stress.astype(np.int64),
        features=_features(line.symbols),
        speed=speed,
        pitch=pitch,
    )
    return TokenPlan(
        tokens=tokens,
        speed=speed,
        owners=owners.astype(np.int64),
        breaks=tuple(int(gap) + 1 for gap in np.flatnonzero(owners == NO_WORD)),
        words=words,
    )


class _Line:
    """The tokens of a sentence while it is laid out."""

    def __init__(self) -> None:
        self.symbols: list[str] = [_START]
        self.stress: list[int] = [0]
        self.owners: list[int] = [NO_WORD]
        self._n_words = 0

    def add_clause(self, clause: Sequence[Word], pronunciation: Pronunciation) -> None:
        first = True
        previous = NO_WORD
        for phoneme in pronunciation.phonemes([word.said for word in clause]):
            owner = self._n_words + phoneme.word
            if first and len(self.symbols) > 1:
                self._add(_PAUSE, 0, NO_WORD)
            elif not first and owner != previous:
                self._add(_GAP, 0, NO_WORD)
            self._add(phoneme.symbol, phoneme.stress, owner)
            first, previous = False, owner
        self._n_words += len(clause)

    def close(self) -> None:
        self._add(_STOP, 0, NO_WORD)

    def _add(self, symbol: str, stress: int, owner: int) -> None:
        self.symbols.append(symbol)
        self.stress.append(stress)
        self.owners.append(owner)


def _shape_ending(sentence: Sentence, stress: NDArray[np.int64], pitch: Array) -> None:
    """Add to the pitch what the ending asks for."""
    stressed = np.flatnonzero(stress == 2)
    if sentence.ending is Ending.STRESS:
        pitch[stress > 0] += _EXCLAMATION_PITCH
    if sentence.ending is Ending.RISE and not _is_open_question(sentence):
        end = len(pitch) - 1
        start = int(stressed[-1]) if len(stressed) else max(1, end - 4)
        ramp = np.arange(end + 1 - start) / max(1, end - start)
        pitch[start:] += (_RISE_FROM + _RISE_BY * ramp).astype(np.float32)


def _is_open_question(sentence: Sentence) -> bool:
    first = sentence.clauses[-1][0].written.lower().replace("’", "'")
    opening = sentence.clauses[0][0].written.lower().replace("’", "'")
    return first in _OPEN_QUESTION_WORDS or opening in _OPEN_QUESTION_WORDS


def _features(symbols: Sequence[str]) -> Array:
    """Return where each token stands, as in training: float32, shape (n, FEATURES).

    Distance from the phrase's start and to its end (up to 20 tokens, in tens), whether the phrase
    ends in a question mark, a comma, an exclamation mark (only commas occur here); distance from
    the word's start and to its end (up to 8, in fours); the sentence's length (up to 80, in
    forties).
    """
    n = len(symbols)
    features = np.zeros((n, FEATURES), np.float32)
    start = 0
    for end in (i for i, symbol in enumerate(symbols) if symbol in _MARKS):
        here = np.arange(start, end + 1)
        features[here, 0] = np.minimum(here - start, 20) / 10
        features[here, 1] = np.minimum(end - here, 20) / 10
        features[here, 3] = symbols[end] == _PAUSE
        start = end + 1
    start = 0
    parting = (_START, _GAP, *_MARKS)
    for end in (i for i, symbol in enumerate(symbols) if symbol in parting):
        here = np.arange(start, end)
        features[here, 5] = np.minimum(here - start, 8) / 4
        features[here, 6] = np.minimum(end - 1 - here, 8) / 4
        start = end + 1
    features[:, 7] = min(n, 80) / 40
    return features
