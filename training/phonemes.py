"""Tokens: what the networks read instead of letters.

A token is a phoneme, a word gap `" "` (which may last no time), a mark such as `","` or `"."`, or
`"^"`, the silence before speech.
"""

from collections.abc import Sequence
from functools import cache
from typing import Final

import numpy as np
import numpy.typing as npt

from hoarfrost import espeak
from hoarfrost.engines.natural.phonemes import Pronunciation
from hoarfrost.engines.natural.source_filter.prosody import plan
from hoarfrost.engines.natural.source_filter.sounds import pronunciation
from hoarfrost.text.reading.sentences import Ending, Sentence, read_sentences
from training.config import N_FEATURES

START = "^"
NONE = "_"
MARKS = ",.?!;:"
GAPS = " " + MARKS
_COMMAS = ",;:"

ENGLISH: Final = (
    NONE,
    " ",
    *[
        "!",
        ",",
        ".",
        ":",
        ";",
        "?",
        "^",
        "aɪ",
        "aɪə",
        "aɪɚ",
        "aʊ",
        "b",
        "d",
        "dʒ",
        "eɪ",
        "f",
        "h",
        "i",
        "iə",
        "iː",
        "j",
        "k",
        "l",
        "m",
        "n",
        "n̩",
        "oʊ",
        "p",
        "s",
        "t",
        "tʃ",
    ],
    *[
        "uː",
        "v",
        "w",
        "z",
        "æ",
        "ð",
        "ŋ",
        "ɐ",
        "ɑː",
        "ɑːɹ",
        "ɔ",
        "ɔɪ",
        "ɔː",
        "ɔːɹ",
        "ə",
        "əl",
        "ɚ",
        "ɛ",
        "ɛɹ",
        "ɜː",
        "ɡ",
        "ɪ",
        "ɪɹ",
        "ɹ",
        "ɾ",
        "ʃ",
        "ʊ",
        "ʊɹ",
        "ʌ",
        "ʒ",
        "ʔ",
        "θ",
        "ᵻ",
    ],
)
"""Every token of a U.S. English voice, in the order of its embeddings: adding one makes old
checkpoints worthless."""


def token_features(tokens: Sequence[str]) -> npt.NDArray[np.float32]:
    """Where each token stands: float32, shape (tokens, N_FEATURES).

    Columns: distance from the phrase's start and to its end (up to 20 tokens, in tens), whether the
    phrase ends in a question mark, a comma, an exclamation mark; distance from the word's start and
    to its end (up to 8, in fours); the sentence's length (up to 80, in forties).
    """
    n = len(tokens)
    features = np.zeros((n, N_FEATURES), np.float32)
    start = 0
    for end in (i for i, t in enumerate(tokens) if t in MARKS):
        here = np.arange(start, end + 1)
        features[here, 0] = np.minimum(here - start, 20) / 10
        features[here, 1] = np.minimum(end - here, 20) / 10
        features[here, 2] = tokens[end] == "?"
        features[here, 3] = tokens[end] in _COMMAS
        features[here, 4] = tokens[end] == "!"
        start = end + 1
    start = 0
    for end in [*(i for i, t in enumerate(tokens) if t in GAPS or t == START), n]:
        here = np.arange(start, end)
        features[here, 5] = np.minimum(here - start, 8) / 4
        features[here, 6] = np.minimum(end - 1 - here, 8) / 4
        start = end + 1
    features[:, 7] = min(n, 80) / 40
    return features


def read_tokens(text: str, symbols: Sequence[str] = ENGLISH) -> tuple[list[str], list[int]]:
    """Tokens and stress of a text, as the runtime reads it, all its sentences in one breath.

    Raises:
        ValueError: If nothing in the text has a sound.
    """
    sentences = read_sentences(text)
    clauses = tuple(clause for sentence in sentences for clause in sentence.clauses)
    pronunciation = _pronunciation(tuple(symbols))
    ending = sentences[-1].ending if sentences else Ending.FALL
    laid_out = plan(Sentence(clauses, ending), pronunciation, symbols, lambda _: 1.0)
    if laid_out is None:
        msg = "expected a text with a sound, got none"
        raise ValueError(msg)
    ids = laid_out.tokens.ids
    return [symbols[i] for i in ids], [int(s) for s in laid_out.tokens.stress]


def phonemize(text: str) -> str:
    """IPA of a text, as the runtime gets it."""
    return " ".join(clause.ipa for clause in espeak.phonemize(text, "en-us"))


@cache
def _pronunciation(symbols: tuple[str, ...]) -> Pronunciation:
    return pronunciation(symbols, phonemize)
