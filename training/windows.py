"""Random windows of recordings: what the vocoder and the decoder are trained on.

Every window brings the place of the reader's pulses along, so that ours can be put there too.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from training.acoustic import Acoustic
from training.config import HOP
from training.dataset import Corpus, Floats, Utterance, layout_of, pulse_phases
from training.rendering import integrated_phase, pitch_per_sample, pulses

WINDOW = 64
"""Frames compared in one window: 0.74 s."""
DECODER_MARGIN = 16
VOCODER_MARGIN = 8
WIDE = WINDOW + 2 * DECODER_MARGIN


@dataclass(frozen=True, slots=True)
class Windows:
    """A batch of random windows, with `DECODER_MARGIN` frames beside those compared.

    Attributes:
        states: Frame states, shape (batch, WIDE, encoder channels); no channels without an encoder.
        log_f0: Natural log of Hz, shape (batch, WIDE).
        pitch: The same in standard deviations.
        voiced: 0 or 1, shape (batch, WIDE).
        mask: 1 inside the utterance, shape (batch, WIDE, 1).
        mel: Of the recording, shape (batch, WIDE, N_MELS).
        correction: Of the pulse phase, cycles, shape (batch, WIDE).
        start: Pulse phase before the first compared sample, shape (batch,).
        samples: Of the recording, shape (batch, WINDOW * HOP).
    """

    states: Tensor
    log_f0: Tensor
    pitch: Tensor
    voiced: Tensor
    mask: Tensor
    mel: Tensor
    correction: Tensor
    start: Tensor
    samples: Tensor


class WindowSource:
    """Cuts random windows out of a corpus."""

    def __init__(self, corpus: Corpus, acoustic: Acoustic | None = None) -> None:
        self.corpus = corpus
        n = len(corpus.log_f0)
        channels = acoustic.size.encoder if acoustic else 0
        self._states = np.zeros((n, channels), np.float16)
        self._pitch = corpus.pitch(slice(0, n))
        self._inside = np.ones((n, 1), np.float32)
        self._start = np.zeros(n, np.float32)
        self._correction = np.zeros(n, np.float32)
        for u in corpus.utterances:
            if acoustic is not None:
                self._states[u.frames] = frame_states(corpus, u, acoustic)
            self._start[u.frames], self._correction[u.frames] = pulse_phases(
                corpus.recording(u), corpus.log_f0[u.frames], corpus.voiced[u.frames]
            )
        self._training = [u for u in corpus.training if u.n_frames >= WINDOW]
        self._held_out = [u for u in corpus.held_out if u.n_frames >= WINDOW]

    def draw(self, rng: np.random.Generator, batch: int, *, held_out: bool = False) -> Windows:
        """Windows that are as likely to begin at any frame as at any other."""
        pool = self._held_out if held_out else self._training
        room = np.array([u.n_frames - WINDOW + 1 for u in pool])
        chosen = rng.choice(len(pool), batch, p=room / room.sum())
        places = [(pool[i].frames, pool[i].start + int(rng.integers(room[i]))) for i in chosen]
        starts = [place for _, place in places]
        return Windows(
            states=_cut(self._states, places),
            log_f0=_cut(self.corpus.log_f0, places, mode="edge"),
            pitch=_cut(self._pitch, places),
            voiced=_cut(self.corpus.voiced, places),
            mask=_cut(self._inside, places),
            mel=_cut(self.corpus.mel, places),
            correction=_cut(self._correction, places, mode="edge"),
            start=torch.from_numpy(self._start[starts]),
            samples=torch.from_numpy(
                np.stack([self.corpus.samples[s * HOP : (s + WINDOW) * HOP] for s in starts])
            ).float(),
        )


def frame_states(corpus: Corpus, utterance: Utterance, acoustic: Acoustic) -> Floats:
    """Frame states of an utterance with the reader's own durations and pitch."""
    with torch.no_grad():
        states = acoustic.encode(*corpus.inputs(utterance))
        pitch = torch.from_numpy(corpus.token_pitch(utterance)[0])[None]
        frames = acoustic.spread(states, pitch, layout_of(utterance.durations))[0]
    result: Floats = frames.numpy()
    return result


def aligned_pulses(w: Windows) -> Tensor:
    """Pulses where the reader's own fell, shape (batch, WINDOW * HOP)."""
    inner = slice(DECODER_MARGIN - 1, DECODER_MARGIN + WINDOW + 1)
    hz = pitch_per_sample(torch.exp(w.log_f0[:, inner]))[:, HOP:-HOP]
    correction = pitch_per_sample(w.correction[:, inner])[:, HOP:-HOP]
    phase = integrated_phase(hz, w.start) + correction
    return pulses(phase - torch.floor(phase), hz)


def _cut(array: Any, places: list[tuple[slice, int]], mode: Any = "constant") -> Tensor:
    """The wide windows of one array; beyond the utterance zero, or its edge."""
    parts = []
    for frames, place in places:
        start = place - DECODER_MARGIN
        first, last = max(start, frames.start), min(start + WIDE, frames.stop)
        beside = ((first - start, start + WIDE - last),) + ((0, 0),) * (array.ndim - 1)
        parts.append(np.pad(array[first:last].astype(np.float32), beside, mode=mode))
    return torch.from_numpy(np.stack(parts))
