"""Render windows and compare them with the recordings they were cut from."""

import torch
from torch import Tensor

from training import losses
from training.rendering import Filters, excitation_spectra, render_breath, render_voice
from training.windows import DECODER_MARGIN, Windows, aligned_pulses


def compare(w: Windows, filters: Filters) -> tuple[dict[str, Tensor], Tensor]:
    """Render twice with independent noise, pulses where the reader's fell.

    Args:
        w: What was read.
        filters: Of the compared frames.

    Returns:
        The distances "spectral" and "phase" (see `losses`), and one of the renderings.
    """
    excitation = aligned_pulses(w)
    pulse_spectra = excitation_spectra(excitation)
    voice = render_voice(filters, pulse_spectra)
    first, second = (voice + render_breath(filters, torch.randn_like(excitation)) for _ in range(2))
    with torch.no_grad():
        x = losses.spectra_of(w.samples)
    y1, y2 = losses.spectra_of(first), losses.spectra_of(second)
    voiced = w.voiced[:, DECODER_MARGIN:-DECODER_MARGIN]
    far = losses.magnitude_distance
    distances = {
        "spectral": far(y1, x) + far(y2, x) - far(y1, y2),
        "phase": losses.phase_distance(filters.phase, pulse_spectra, w.samples, voiced),
    }
    return distances, first
