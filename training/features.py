"""What is measured on a recording, frame by frame: mel spectrum, pitch, voicing.

Frame t is centred on sample t * HOP + HOP / 2: n samples (a multiple of HOP) give n / HOP frames.
"""

from functools import cache

import numpy as np
import numpy.typing as npt

from training.config import HOP, N_FFT, N_MELS, RATE_HZ

Array = npt.NDArray[np.float32]

_FLOOR = 1e-5
"""Lowest band magnitude: about 100 dB under full scale."""


def _hz_to_mel(hz: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Slaney's scale: linear under 1 kHz, logarithmic above (as librosa's default)."""
    return np.where(
        hz < 1000, hz * 3 / 200, 15 + np.log(np.maximum(hz, 1) / 1000) * 27 / np.log(6.4)
    )


def _mel_to_hz(mel: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    return np.where(mel < 15, mel * 200 / 3, 1000 * np.exp((mel - 15) * np.log(6.4) / 27))


@cache
def mel_matrix(n_fft: int = N_FFT) -> Array:
    """Triangular bands of unit area, shape (N_MELS, n_fft // 2 + 1), from 0 Hz to half the rate."""
    top = _hz_to_mel(np.array(RATE_HZ / 2))
    edges = _mel_to_hz(np.linspace(0.0, float(top), N_MELS + 2))
    hz = np.linspace(0, RATE_HZ / 2, n_fft // 2 + 1)
    rise = (hz - edges[:-2, None]) / np.diff(edges)[:-1, None]
    fall = (edges[2:, None] - hz) / np.diff(edges)[1:, None]
    bands = np.maximum(0, np.minimum(rise, fall)) * (2 / (edges[2:] - edges[:-2]))[:, None]
    return bands.astype(np.float32)


def frames_of(samples: Array, n_fft: int = N_FFT, hop: int = HOP) -> Array:
    """Overlapping frames, shape (len(samples) // hop, n_fft), mirrored at both ends."""
    margin = (n_fft - hop) // 2
    padded = np.pad(samples, (margin, margin), mode="reflect")
    return np.lib.stride_tricks.sliding_window_view(padded, n_fft)[::hop]


def log_mel(samples: Array) -> Array:
    """Log mel magnitudes, float32, shape (frames, N_MELS), nepers."""
    window = np.hanning(N_FFT + 1)[:-1].astype(np.float32)
    magnitudes = np.abs(np.fft.rfft(frames_of(samples.astype(np.float32)) * window, axis=1))
    return np.log(np.maximum(magnitudes @ mel_matrix().T, _FLOOR)).astype(np.float32)
