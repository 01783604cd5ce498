"""A prepared corpus in memory: utterances for the text side, random windows for the sound side.

A prepared folder holds `corpus.json` (tokens, durations, symbols) and `arrays.npz` (samples, mel,
pitch); `prepare` and `align` write it.
"""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from training.config import HOP, N_FFT, RATE_HZ
from training.features import frames_of
from training.phonemes import token_features

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]
_PITCH_LIMIT = 4.0
"""Pitch beyond this many standard deviations is an error of the pitch tracker."""


@dataclass(frozen=True, slots=True)
class Utterance:
    """One recording as tokens and frames.

    Attributes:
        name: Its file's stem.
        text: What was read.
        is_held_out: True if it may be used for evaluation only.
        tokens: Phonemes and marks, see `phonemes`.
        stress: 0 … 2 for each token.
        durations: Frames of each token.
        start: First frame in the corpus' arrays.
    """

    name: str
    text: str
    is_held_out: bool
    tokens: tuple[str, ...]
    stress: tuple[int, ...]
    durations: Ints
    start: int

    @property
    def n_frames(self) -> int:
        """Length in frames."""
        return int(self.durations.sum())

    @property
    def frames(self) -> slice:
        """Its frames in the corpus' arrays."""
        return slice(self.start, self.start + self.n_frames)


@dataclass(slots=True)
class Corpus:
    """All recordings.

    Attributes:
        utterances: In the order of the arrays.
        symbols: Every token the networks know; index 0 is "none".
        samples: float16, shape (frames * HOP,), at RATE_HZ.
        mel: float16, shape (frames, N_MELS).
        log_f0: float32, natural log of Hz, continuous, shape (frames,).
        voiced: float32, 0 or 1, shape (frames,).
        pitch_mean: Of `log_f0` in voiced frames of the training part.
        pitch_std: Likewise.
    """

    utterances: list[Utterance]
    symbols: list[str]
    samples: npt.NDArray[np.float16]
    mel: npt.NDArray[np.float16]
    log_f0: Floats
    voiced: Floats
    pitch_mean: float = 0.0
    pitch_std: float = 1.0
    _index: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._index = {symbol: i for i, symbol in enumerate(self.symbols)}
        spoken = np.concatenate([np.arange(u.frames.start, u.frames.stop) for u in self.training])
        pitch = self.log_f0[spoken][self.voiced[spoken] > 0]
        self.pitch_mean, self.pitch_std = float(pitch.mean()), float(pitch.std())

    @classmethod
    def load(cls, folder: Path) -> "Corpus":
        """Read a prepared folder.

        Raises:
            FileNotFoundError: If `prepare` or `align` has not run for it.
        """
        for name, maker in (("arrays.npz", "prepare"), ("corpus.json", "align")):
            if not (folder / name).exists():
                msg = f"expected {name} in {folder.name!r}: run training.{maker} first"
                raise FileNotFoundError(msg)
        facts: dict[str, Any] = json.loads((folder / "corpus.json").read_text(encoding="utf-8"))
        with np.load(folder / "arrays.npz") as arrays:
            samples, mel = arrays["samples"], arrays["mel"]
            log_f0, voiced = arrays["log_f0"], arrays["voiced"]
        utterances = [
            Utterance(
                name=u["name"],
                text=u["text"],
                is_held_out=u["is_held_out"],
                tokens=tuple(u["tokens"]),
                stress=tuple(u["stress"]),
                durations=np.array(u["durations"], np.int64),
                start=u["start"],
            )
            for u in facts["utterances"]
        ]
        return cls(utterances, facts["symbols"], samples, mel, log_f0, voiced)

    @property
    def training(self) -> list[Utterance]:
        """Utterances to learn from."""
        return [u for u in self.utterances if not u.is_held_out]

    @property
    def held_out(self) -> list[Utterance]:
        """Utterances whose sentences the networks never see."""
        return [u for u in self.utterances if u.is_held_out]

    def recording(self, utterance: Utterance) -> Floats:
        """Its samples, float32."""
        frames = utterance.frames
        part: Floats = self.samples[frames.start * HOP : frames.stop * HOP].astype(np.float32)
        return part

    def ids(self, tokens: tuple[str, ...]) -> Ints:
        """Indices of tokens."""
        return np.array([self._index[t] for t in tokens], np.int64)

    def pitch(self, frames: slice) -> Floats:
        """Pitch of frames in standard deviations from the reader's mean, limited."""
        z = (self.log_f0[frames] - self.pitch_mean) / self.pitch_std
        limited: Floats = np.clip(z, -_PITCH_LIMIT, _PITCH_LIMIT).astype(np.float32)
        return limited

    def token_pitch(self, utterance: Utterance) -> tuple[Floats, Floats]:
        """Mean pitch of each token over its voiced frames, and which share of them is voiced."""
        z, voiced = self.pitch(utterance.frames), self.voiced[utterance.frames]
        ends = np.cumsum(utterance.durations)
        mean, share = np.zeros(len(ends), np.float32), np.zeros(len(ends), np.float32)
        for i, (end, n) in enumerate(zip(ends, utterance.durations, strict=True)):
            part, weight = z[end - n : end], voiced[end - n : end]
            if n == 0:
                mean[i] = z[min(end, len(z) - 1)]
            else:
                mean[i] = np.average(part, weights=weight) if weight.any() else part.mean()
                share[i] = weight.mean()
        return mean, share

    def inputs(self, utterance: Utterance) -> tuple[Tensor, Tensor, Tensor]:
        """Symbols, stress and features of its tokens, each with a batch of one."""
        features = token_features(utterance.tokens)
        return (
            torch.from_numpy(self.ids(utterance.tokens))[None],
            torch.tensor(utterance.stress)[None],
            torch.from_numpy(features)[None],
        )


def layout_of(durations: Ints) -> tuple[Tensor, Tensor, Tensor]:
    """For each frame its token, place and token length, as `Acoustic.spread` takes it."""
    token = np.repeat(np.arange(len(durations)), durations)
    place = np.concatenate([(np.arange(n) + 0.5) / n for n in durations if n])
    length = durations[token].astype(np.float32)
    return (
        torch.from_numpy(token)[None],
        torch.from_numpy(place.astype(np.float32))[None],
        torch.from_numpy(length)[None],
    )


def pulse_phases(samples: Floats, log_f0: Floats, voiced: Floats) -> tuple[Floats, Floats]:
    """Where in the glottal cycle a recording stands.

    A pulse train integrated from measured pitch drifts against the recording. Demodulating the
    recording by the integrated phase shows by how much, frame by frame; with that correction,
    pulses fall where the reader's did, and phases can be compared.

    Args:
        samples: One utterance.
        log_f0: Its pitch, one value a frame.
        voiced: 0 or 1, one value a frame.

    Returns:
        Phase in cycles at the first sample of each frame before correction (in 0 … 1), and the
        correction in cycles at the centre of each frame.
    """
    hz = np.exp(log_f0.astype(np.float64))
    centres = np.arange(len(hz)) * HOP + HOP / 2
    per_sample = np.interp(np.arange(len(samples)) + 0.5, centres, hz)
    phase = np.cumsum(per_sample / RATE_HZ)
    carrier = (samples * np.exp(-2j * np.pi * phase)).astype(np.complex64)
    window = np.hanning(N_FFT + 1)[:-1].astype(np.float32)
    parts = [frames_of(np.ascontiguousarray(c)) @ window for c in (carrier.real, carrier.imag)]
    angle = np.arctan2(parts[1], parts[0])
    spoken = np.flatnonzero(voiced)
    if len(spoken) == 0:
        return (phase[::HOP] % 1).astype(np.float32), np.zeros(len(hz), np.float32)
    offset = np.interp(np.arange(len(hz)), spoken, np.unwrap(angle[spoken]) / (2 * np.pi))
    before = np.concatenate([[0.0], phase[HOP - 1 : -1 : HOP]])
    return (before % 1).astype(np.float32), offset.astype(np.float32)
