"""How far renderings are from recordings.

The measure is a generalised energy distance (Gritsenko et al., *A Spectral Energy Distance for
Parallel Speech Synthesis*, 2020): with y1, y2 two renderings of one moment with independent noise,

    d(y1, x) + d(y2, x) - d(y1, y2)

is smallest when the renderings are distributed as the recordings are. A plain distance would prefer
the median of all noises, which buzzes.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from training.config import HOP, N_FFT, RATE_HZ
from training.rendering import HANN, magnitude, spectrum

RESOLUTIONS = ((2048, 512), (1024, 256), (512, 128), (256, 64), (128, 32))
"""(n_fft, hop). The shortest sees single pulses and the bursts of stops."""
_FLOOR = 2e-3
_PHASE_BINS = int(5000 / RATE_HZ * N_FFT)
"""Higher up, the reader's pulses cannot be placed exactly enough for their phase to mean much."""

Scores = list[tuple[Tensor, list[Tensor]]]


@dataclass(frozen=True, slots=True)
class Spectra:
    """One signal at all resolutions: magnitudes and their logs."""

    magnitudes: tuple[Tensor, ...]
    logs: tuple[Tensor, ...]


def spectra_of(samples: Tensor) -> Spectra:
    """The spectra that the distances compare, of samples (batch, n)."""
    magnitudes = tuple(magnitude(samples, n, hop, torch.hann_window(n)) for n, hop in RESOLUTIONS)
    logs = tuple(torch.log(m.clamp_min(_FLOOR)) for m in magnitudes)
    return Spectra(magnitudes, logs)


def magnitude_distance(a: Spectra, b: Spectra) -> Tensor:
    """Distance of magnitudes and log magnitudes, mean over resolutions."""
    total = torch.zeros(())
    for (n_fft, _), m, p, log_m, log_p in zip(
        RESOLUTIONS, a.magnitudes, b.magnitudes, a.logs, b.logs, strict=True
    ):
        difference = log_m - log_p
        total = total + (m - p).abs().mean() * (40 / n_fft**0.5)
        total = total + difference.abs().mean() * 0.5
        total = total + torch.sqrt(difference.square().mean(-1) + 1e-6).mean() * 0.5
    return total / len(RESOLUTIONS)


def phase_distance(phase: Tensor, pulses: Tensor, samples: Tensor, voiced: Tensor) -> Tensor:
    """How far filtered pulses are from the recording's phase: teaches the glottal pulse's shape.

    Only phase is compared, weighted by level: a distance of whole complex spectra would turn
    harmonics whose phase cannot be foreseen into noise (seen: 2.7 dB of harmonic contrast in 250
    steps). Only meaningful if the pulses fall where the reader's did, see `dataset.pulse_phases`.

    Args:
        phase: Of the filters, shape (batch, frames, N_BINS).
        pulses: Their `excitation_spectra`, same shape.
        samples: The recording, shape (batch, frames * HOP).
        voiced: 0 or 1, shape (batch, frames).

    Returns:
        0 for equal phase, 1 for random phase.
    """
    with torch.no_grad():
        wanted = spectrum(samples, N_FFT, HOP, HANN) * pulses.conj()
        level = wanted.abs().sqrt() * voiced[..., None]
        level[..., _PHASE_BINS:] = 0
        angle = wanted.angle()
    apart = 1 - torch.cos(phase - angle)
    return (apart * level).sum() / (level.sum() + 1e-3)


def discriminator_loss(real: Scores, fake: Scores) -> Tensor:
    """Least squares (Mao et al. 2017), mean over resolutions."""
    parts = [
        (r - 1).square().mean() + f.square().mean()
        for (r, _), (f, _) in zip(real, fake, strict=True)
    ]
    return torch.stack(parts).mean()


def adversarial_losses(real: Scores, fake: Scores) -> tuple[Tensor, Tensor]:
    """What the generator pays for being told apart, and for features unlike those of recordings."""
    fooled = torch.stack([(f - 1).square().mean() for f, _ in fake]).mean()
    matching = [
        (y - x.detach()).abs().mean() / (x.detach().abs().mean() + 1e-3)
        for (_, wanted), (_, got) in zip(real, fake, strict=True)
        for x, y in zip(wanted, got, strict=True)
    ]
    return fooled, torch.stack(matching).mean()
