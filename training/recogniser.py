"""Word error rate by a small recogniser that runs anywhere (pocketsphinx, its model in its wheel).

It says "intelligible", not "natural": a slow and average voice suits it better than a lively one.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import soxr
from pocketsphinx import Decoder  # type: ignore[import-untyped]  # it has no stubs

from training.config import RATE_HZ
from training.features import Array

_RATE_HZ = 16_000
_LEVEL = 0.08
"""Root mean square that everything is brought to: the recogniser minds the level."""
_SILENCE_S = 0.2
_SAME = {"ok": "okay", "mister": "mr"}


@dataclass(frozen=True, slots=True)
class WordErrors:
    """A count of word errors.

    Attributes:
        errors: Words inserted, missing or changed.
        words: In the references.
    """

    errors: int
    words: int

    @property
    def rate(self) -> float:
        """Errors a word."""
        return self.errors / max(1, self.words)


@cache
def _decoder() -> Decoder:
    return Decoder(samprate=_RATE_HZ, loglevel="FATAL")


def words_of(text: str) -> list[str]:
    """Lower-case words without marks; hyphens part words."""
    found = re.findall(r"[a-z']+", text.lower().replace("-", " "))
    return [_SAME.get(word, word) for word in (w.strip("'") for w in found) if word]


def recognise(samples: Array) -> list[str]:
    """The words heard in samples at `config.RATE_HZ`."""
    audio = soxr.resample(samples.astype(np.float64), RATE_HZ, _RATE_HZ)
    audio = np.pad(audio, int(_SILENCE_S * _RATE_HZ))
    # A recording is never digitally silent, and the recogniser's noise estimate expects that.
    audio += np.random.default_rng(0).standard_normal(len(audio)) * 3e-4
    audio *= _LEVEL / np.sqrt(np.mean(audio**2))
    decoder = _decoder()
    decoder.start_utt()
    pcm = (np.clip(audio, -1, 1) * 32_767).astype("<i2").tobytes()
    decoder.process_raw(pcm, full_utt=True)
    decoder.end_utt()
    hypothesis = decoder.hyp()
    return words_of(hypothesis.hypstr) if hypothesis else []


def edit_distance(reference: Sequence[str], heard: Sequence[str]) -> int:
    """The fewest insertions, deletions and changes that turn one into the other."""
    row = list(range(len(heard) + 1))
    for i, wanted in enumerate(reference, 1):
        corner, row[0] = row[0], i
        for j, got in enumerate(heard, 1):
            corner, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, corner + (wanted != got))
    return row[-1]


def word_errors(pairs: Iterable[tuple[Array, str]]) -> WordErrors:
    """Recognise samples and compare with what should have been said."""
    errors = words = 0
    for samples, text in pairs:
        reference = words_of(text)
        errors += edit_distance(reference, recognise(samples))
        words += len(reference)
    return WordErrors(errors, words)
