"""The last few gains of a voice: set by comparing its sound with recordings, not learned.

* `noise`: the hiss of voiced frames, so that harmonics stand out of it as far as the reader's do;
* `cepstral`: how much each wave of the spectrum's shape is enlarged, against averaging ("global
  variance", Toda & Tokuda 2007), baked into the map from mel bands to bins.
"""

import argparse
import json
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from training import checkpoint
from training.acoustic import Acoustic
from training.config import N_MELS
from training.dataset import Corpus, Utterance, layout_of
from training.features import Array, log_mel
from training.measures import harmonic_contrast, speech_frames
from training.progress import say
from training.rendering import Filters, render_at
from training.vocoder import Vocoder

_ORDER = 30
_SAMPLE = 12
"""Training recordings that the noise gain is measured on."""
_STRENGTH = 0.8
"""Share of the missing variance that is given back; all of it sounds harsh."""
_GAIN_LIMIT = 1.5
_NOISE_STEP = -0.25
_NOISE_LIMITS = (-0.5, 0.15)


@dataclass(frozen=True, slots=True)
class Gains:
    """What calibration found.

    Attributes:
        noise: Added to the noise gain of voiced frames, nepers.
        cepstral: Factors on cepstral coefficients 1, 2, … of the mel spectrum.
    """

    noise: float
    cepstral: list[float]


@torch.no_grad()
def read_along(
    corpus: Corpus, utterance: Utterance, acoustic: Acoustic, vocoder: Vocoder
) -> Filters:
    """The filters of a sentence with the reader's own durations, pitch and voicing."""
    states = acoustic.encode(*corpus.inputs(utterance))
    pitch = torch.from_numpy(corpus.token_pitch(utterance)[0])[None]
    frames = acoustic.spread(states, pitch, layout_of(utterance.durations))
    z = torch.from_numpy(corpus.pitch(utterance.frames))[None]
    voiced = torch.from_numpy(corpus.voiced[utterance.frames])[None]
    mel = acoustic.decode(frames, z, voiced)
    filters: Filters = vocoder(mel, z * acoustic.pitch_std + acoustic.pitch_mean, voiced)
    return filters


def cepstral_basis(order: int = _ORDER) -> npt.NDArray[np.float64]:
    """Orthonormal cosines over the mel bands, shape (order, N_MELS), without the constant."""
    k = np.arange(1, order + 1)[:, None]
    waves: npt.NDArray[np.float64] = np.cos(np.pi / N_MELS * (np.arange(N_MELS) + 0.5) * k)
    waves *= np.sqrt(2 / N_MELS)
    return waves


def cepstral_deviation(samples: Array) -> npt.NDArray[np.float64]:
    """Standard deviation of each cepstral coefficient over speech frames."""
    mel = log_mel(samples)
    deviation: npt.NDArray[np.float64] = (mel @ cepstral_basis().T)[speech_frames(mel)].std(0)
    return deviation


def calibrate(corpus: Corpus, acoustic: Acoustic, vocoder: Vocoder) -> Gains:
    """Find the gains of a voice.

    Noise from training recordings; cepstral gains from every second held-out one, because on what
    it has learned from a network is not as blurred as on new text.
    """
    noise = _noise_gain(corpus, acoustic, vocoder)
    natural, ours = [], []
    for u in corpus.held_out[::2]:
        natural.append(cepstral_deviation(corpus.recording(u)))
        filters = read_along(corpus, u, acoustic, vocoder)
        ours.append(cepstral_deviation(render_at(filters, corpus.log_f0[u.frames])))
    ratio = np.mean(natural, 0) / np.mean(ours, 0)
    factors = 1 + _STRENGTH * (np.clip(ratio, 1, _GAIN_LIMIT) - 1)
    smooth = np.convolve(np.pad(factors, 1, mode="edge"), [0.25, 0.5, 0.25], "valid")
    return Gains(noise, [round(float(f), 4) for f in smooth])


def apply_gains(vocoder: Vocoder, gains: Gains, mel_mean: Tensor) -> None:
    """Bake gains into a vocoder's fixed parts."""
    basis = cepstral_basis(len(gains.cepstral))
    factors = np.asarray(gains.cepstral)[:, None] - 1
    change = torch.from_numpy(basis.T @ (factors * basis)).float()
    matrix = vocoder.bin_matrix.clone()
    vocoder.bin_matrix.copy_((torch.eye(N_MELS) + change) @ matrix)
    vocoder.bin_offset.copy_(-(mel_mean @ change) @ matrix)
    vocoder.voiced_noise_gain.fill_(gains.noise)


def _noise_gain(corpus: Corpus, acoustic: Acoustic, vocoder: Vocoder) -> float:
    """The gain at which the harmonic contrast of a few training recordings is met (one secant)."""
    pool = corpus.training
    chosen = pool[:: max(1, len(pool) // _SAMPLE)][:_SAMPLE]
    wanted = np.mean([_contrast(corpus, u, corpus.recording(u)) for u in chosen])
    got = []
    for gain in (0.0, _NOISE_STEP):
        vocoder.voiced_noise_gain.fill_(gain)
        each = []
        for u in chosen:
            filters = read_along(corpus, u, acoustic, vocoder)
            each.append(_contrast(corpus, u, render_at(filters, corpus.log_f0[u.frames])))
        got.append(np.mean(each))
    vocoder.voiced_noise_gain.fill_(0.0)
    slope = (got[1] - got[0]) / _NOISE_STEP
    return round(float(np.clip((wanted - got[0]) / slope, *_NOISE_LIMITS)), 4)


def _contrast(corpus: Corpus, u: Utterance, samples: Array) -> float:
    return harmonic_contrast(samples, corpus.log_f0[u.frames], corpus.voiced[u.frames])


def main() -> None:
    """Read the command line, calibrate, write the gains."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("prepared", type=Path, help="folder written by training.prepare and .align")
    parser.add_argument("voice", type=Path, help="a voice saved by train_joint")
    parser.add_argument("out", type=Path, help="file for the gains")
    told = parser.parse_args()
    torch.set_num_threads(1)
    state = checkpoint.load(told.voice)
    acoustic, vocoder = Acoustic(len(state["symbols"])).eval(), Vocoder().eval()
    acoustic.load_state_dict(state["acoustic"])
    vocoder.load_state_dict(state["vocoder"])
    gains = calibrate(Corpus.load(told.prepared), acoustic, vocoder)
    told.out.write_text(json.dumps(asdict(gains)) + "\n", encoding="utf-8")
    say(str(gains))


if __name__ == "__main__":
    main()
