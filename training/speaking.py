"""A voice package as the runtime hears it, for measuring: whole sentences, no streaming.

Text, tokens and graphs are the runtime's own; the samples are made by `rendering`, which a test
holds equal to the runtime's vocoder.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch

from hoarfrost.engines.natural.source_filter.graphs import CurveGraph, Frames, TextGraph, Tokens
from hoarfrost.engines.natural.source_filter.package import Package, read_package
from hoarfrost.engines.natural.source_filter.prosody import plan
from hoarfrost.engines.natural.source_filter.sounds import pronunciation
from hoarfrost.text.reading.sentences import Sentence, read_sentences
from training.features import Array
from training.phonemes import phonemize
from training.rendering import Filters, minimum_phase_matrix, render_at


@dataclass(frozen=True, slots=True)
class Spoken:
    """A sentence as a package would say it.

    Attributes:
        tokens: What was read.
        durations: Frames of each.
        frames: Of the decoder graph.
    """

    tokens: Tokens
    durations: npt.NDArray[np.int64]
    frames: Frames


class PackageVoice:
    """One package, opened."""

    def __init__(self, folder: Path) -> None:
        self.package: Package = read_package(folder)
        self._text, self._curves = TextGraph(self.package), CurveGraph(self.package)
        self._minimum_phase = minimum_phase_matrix()
        self._pronunciation = pronunciation(self.package.phonemes, phonemize)

    def say(self, text: str) -> Array:
        """Samples of a text, its sentences one after the other."""
        parts = [self.sound(self.read(sentence).frames) for sentence in read_sentences(text)]
        return np.concatenate(parts)

    def read(self, sentence: Sentence) -> Spoken:
        """Tokens, durations and frames of one sentence.

        Raises:
            ValueError: If nothing in it has a sound.
        """
        laid_out = plan(sentence, self._pronunciation, self.package.phonemes, lambda _: 1.0)
        if laid_out is None:
            msg = "expected a sentence with a sound, got none"
            raise ValueError(msg)
        return self.run(laid_out.tokens)

    def run(self, tokens: Tokens) -> Spoken:
        """Durations and frames of tokens."""
        frames, durations = self._text.run(tokens)
        return Spoken(tokens, durations, frames)

    def sound(self, frames: Frames) -> Array:
        """Samples of frames, at the package's own pitch."""
        curves = self._curves.stream().feed(frames, is_last=True)
        harmonic, noise, phase = (
            torch.from_numpy(c)[None] for c in (curves.harmonic, curves.noise, curves.phase)
        )
        filters = Filters(harmonic, noise, phase + harmonic @ self._minimum_phase)
        log_f0 = frames.pitch * self.package.std_log_hz + self.package.mean_log_hz
        return render_at(filters, log_f0.astype(np.float32))
