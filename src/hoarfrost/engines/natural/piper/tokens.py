"""From sentences to the ids that a Piper voice was trained on.

In: a `Sentence`, speeds. Out: a `TokenPlan`. Invariant: the ids are those that Piper itself would
give the model for the same phonemes: ``^``, each sound followed by ``_``, words parted by spaces,
clauses by their mark and a space, the sentence's own mark, ``$``.
"""

import re
import unicodedata
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Final

import numpy as np

from hoarfrost.engines.natural.phonemes import Phonemizer, Pronunciation, Sound
from hoarfrost.engines.natural.piper.graphs import Tokens, duration_noise
from hoarfrost.engines.natural.piper.package import END, PAD, START
from hoarfrost.engines.natural.utterance import NO_WORD, TokenPlan, nearest_owners
from hoarfrost.text.reading.sentences import Sentence, Word
from hoarfrost.units import Speed

_GAP: Final = " "
_COMMA: Final = ","
_STOP: Final = "."
_UNSAID: Final = "。！？．，；：、।॥։။"
"""espeak-ng ends a clause at them and does not tell: no voice that was trained on what it tells has
ever had a sound for them, or for the like."""
_UNSTOPPED: Final = re.compile(
    "[\u0530-\u058f\u0900-\u0a7f\u0b00-\u0b7f\u1000-\u109f\u3400-\u9fff]"
)
"""Scripts whose full stop is one of those, so that a voice may never have had any."""


def pronunciation(
    symbols: Mapping[str, Sequence[int]], phonemize: Phonemizer, clusters: Collection[str] = ()
) -> Pronunciation:
    """Return the pronunciation of a voice.

    Args:
        symbols: The voice's ids.
        phonemize: What turns words into the characters that it was trained on.
        clusters: Symbols of several code points that it was trained on, of those it has. Without
            its word for it a voice may have such symbols and never have heard them.
    """
    return Pronunciation(phonemize, _CodePoints(symbols, clusters))


class _CodePoints:
    """The sounds of a word of IPA: its code points, decomposed; or longer ones, if so trained."""

    def __init__(self, symbols: Collection[str], clusters: Collection[str]) -> None:
        single = {symbol for symbol in symbols if len(symbol) == 1}
        self._known = single.union(clusters) - {PAD, START, END, _GAP}
        self._longest = max(map(len, self._known), default=1)

    def __call__(self, word: str) -> Iterator[Sound]:
        word = unicodedata.normalize("NFD", word)
        at = 0
        while at < len(word):
            lengths = range(min(self._longest, len(word) - at), 0, -1)
            n = next((n for n in lengths if word[at : at + n] in self._known), 0)
            if n:
                yield word[at : at + n], 0
            elif word[at].lower() in self._known:  # a voice that reads letters knows small ones
                yield word[at].lower(), 0
            at += n or 1


def plan(
    sentence: Sentence,
    say: Pronunciation,
    symbols: Mapping[str, Sequence[int]],
    speed_of: Callable[[Word], Speed],
    seed: int,
) -> TokenPlan[Tokens] | None:
    """Lay a sentence out as tokens.

    Args:
        sentence: What to say.
        say: Pronunciation of the voice.
        symbols: The voice's ids.
        speed_of: The speed of a word.
        seed: For what is random in the durations.

    Returns:
        The plan, or None if nothing of the sentence has a sound.
    """
    line = _Line(symbols)
    for clause in sentence.clauses:
        line.add_clause(clause, say)
    if not line.has_sound:
        return None
    line.close(_end_mark(sentence))
    words = tuple(word for clause in sentence.clauses for word in clause)
    owners = np.array(line.owners, np.int64)
    speeds = np.array([speed_of(word) for word in words], np.float32)
    speed = speeds[nearest_owners(owners)]
    tokens = Tokens(
        ids=np.array(line.ids, np.int64), speed=speed, noise=duration_noise(seed, len(owners))
    )
    return TokenPlan(tokens, speed, owners, tuple(line.breaks), words)


def _end_mark(sentence: Sentence) -> str:
    if sentence.mark:
        return sentence.mark
    is_unstopped = _UNSTOPPED.search(sentence.clauses[-1][-1].written)
    return "" if is_unstopped else _STOP


class _Line:
    """The tokens of a sentence while it is laid out."""

    def __init__(self, symbols: Mapping[str, Sequence[int]]) -> None:
        self._symbols = symbols
        self.ids: list[int] = []
        self.owners: list[int] = []
        self.breaks: list[int] = []
        self.has_sound = False
        self._n_words = 0
        self._pause = _COMMA
        self._add(START, NO_WORD)

    def add_clause(self, clause: Sequence[Word], say: Pronunciation) -> None:
        glued = [index for index, word in enumerate(clause) if word.is_glued]
        first, previous = True, NO_WORD
        for phoneme in say.phonemes([word.said for word in clause], glued):
            if first and self.has_sound:
                if self._pause not in _UNSAID:
                    self._add(self._pause, NO_WORD)
                    self._add(_GAP, NO_WORD)
                self.breaks.append(len(self.ids))
            elif not first and phoneme.begins:
                self._add(_GAP, NO_WORD)
                if phoneme.word != previous:
                    self.breaks.append(len(self.ids))
            self._add(phoneme.symbol, self._n_words + phoneme.word)
            self.has_sound, first, previous = True, False, phoneme.word
        self._n_words += len(clause)
        self._pause = clause[-1].mark or _COMMA

    def close(self, mark: str) -> None:
        if mark not in _UNSAID:
            self._add(mark, NO_WORD)
        self._append(END, NO_WORD)

    def _add(self, symbol: str, owner: int) -> None:
        if symbol in self._symbols:
            self._append(symbol, owner)
            self._append(PAD, owner)

    def _append(self, symbol: str, owner: int) -> None:
        ids = self._symbols[symbol]
        self.ids += ids
        self.owners += [owner] * len(ids)
