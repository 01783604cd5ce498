"""Figures on sound: how near to the recording, and how far from the faults of small voices.

All take float32 samples at `config.RATE_HZ`. "Natural" values come from the recordings themselves:
a good voice has the same, not the most.
"""

import numpy as np
import numpy.typing as npt

from training.config import HOP, N_MELS, RATE_HZ
from training.features import Array, frames_of, log_mel

_SPEECH_NEPERS = 5.5
"""Frames this far under the loudest are silence."""
_CEPSTRA = 24
_FRAME = 1024


def speech_frames(mel: Array) -> npt.NDArray[np.bool_]:
    """Which frames of a log mel spectrum are not silence."""
    level = mel.mean(1)
    spoken: npt.NDArray[np.bool_] = level > np.percentile(level, 95) - _SPEECH_NEPERS
    return spoken


def mel_cepstral_distortion(natural: Array, ours: Array) -> float:
    """Mel-cepstral distortion, dB, over speech frames of signals of one timing (Kubichek 1993)."""
    a, b = log_mel(natural), log_mel(ours)
    order = np.arange(1, _CEPSTRA + 1)[:, None]
    basis = np.cos(np.pi / N_MELS * (np.arange(N_MELS) + 0.5) * order) * (2 / N_MELS)
    square = np.square((a - b) @ basis.T).sum(1)
    distortion = 10 * np.sqrt(2) / np.log(10) * np.sqrt(square)
    return float(distortion[speech_frames(a)].mean())


def spread(samples: Array) -> float:
    """Standard deviation of each log mel band over time, nepers, mean: low is blurred."""
    return float(log_mel(samples).std(0).mean())


def detail(samples: Array) -> float:
    """Curvature of the log mel spectrum above 1.5 kHz, nepers: low is blurred formants."""
    mel = log_mel(samples)
    high = mel[speech_frames(mel)][:, 38:]
    return float(np.abs(np.diff(high, 2, axis=1)).mean())


def burst_rise(samples: Array) -> float:
    """How steeply the band 2 … 8 kHz rises, dB in 5.8 ms: low is smeared bursts.

    Mean of the steepest fiftieth of rises, seen through windows of 5.8 ms every 2.9 ms.
    """
    window = np.hanning(129)[:-1]
    spectra = np.abs(np.fft.rfft(frames_of(samples, 128, 64) * window, axis=1)) ** 2
    hz = np.linspace(0, RATE_HZ / 2, 65)
    energy = spectra[:, (hz > 2000) & (hz < 8000)].sum(1)
    level = 10 * np.log10(energy + 1e-4 * np.percentile(energy, 99))
    rises = np.sort(level[2:] - level[:-2])
    return float(rises[-max(1, len(rises) // 50) :].mean())


def harmonic_contrast(samples: Array, log_f0: Array, voiced: Array) -> float:
    """Energy at harmonics over energy between them, 0.8 … 4 kHz, dB, in steadily voiced frames."""
    n_fft = 8192
    window = np.hanning(_FRAME)
    padded = np.pad(samples, (_FRAME // 2, _FRAME // 2))
    ratios = []
    for t in range(2, len(log_f0) - 2):
        if voiced[t - 2 : t + 3].min() < 0.5:
            continue
        start = t * HOP + HOP // 2
        power = np.abs(np.fft.rfft(padded[start : start + _FRAME] * window, n_fft)) ** 2
        f0 = float(np.exp(log_f0[t]))
        step = f0 * n_fft / RATE_HZ
        half = max(1, int(0.1 * step))
        orders = np.arange(int(800 / f0) + 1, int(4000 / f0))
        peaks, valleys = (
            sum(power[int(p) - half : int(p) + half + 1].mean() for p in place * step)
            for place in (orders, orders + 0.5)
        )
        ratios.append(10 * np.log10(peaks / valleys))
    return float(np.mean(ratios))


def pulse_crest(samples: Array, voiced: Array) -> float:
    """Peak over root mean square of voiced frames above 1 kHz, dB: high is buzzy pulses."""
    spectrum = np.fft.rfft(samples)
    hz = np.linspace(0, RATE_HZ / 2, len(spectrum))
    spectrum[(hz < 1000) | (hz > 4000)] = 0
    band = np.fft.irfft(spectrum, len(samples))
    frames = frames_of(band.astype(np.float32), _FRAME)[: len(voiced)]
    frames = frames[voiced[: len(frames)] > 0]
    rms = np.sqrt(np.mean(frames**2, 1)) + 1e-6
    return float(np.mean(20 * np.log10(np.abs(frames).max(1) / rms)))


def pulse_shape(natural: Array, ours: Array, voiced: Array) -> float:
    """Best correlation of voiced waveforms under 3 kHz over shifts of a period: 1 if alike.

    Tells whether the pulses have the reader's shape; where they fall does not matter. For signals
    of one timing and one pitch.
    """
    size, reach = 512, 128
    a, b = _low_passed(natural, 3000), _low_passed(ours, 3000)
    best = []
    for t in np.flatnonzero(voiced):
        start = int(t) * HOP + HOP // 2 - size // 2
        if start < reach or start + size + reach > min(len(a), len(b)):
            continue
        part = a[start : start + size]
        around = b[start - reach : start + size + reach]
        energy = np.sqrt(np.convolve(around**2, np.ones(size), "valid") * (part @ part)) + 1e-6
        best.append(float((np.correlate(around, part, "valid") / energy).max()))
    return float(np.mean(best))


def _low_passed(samples: Array, hz: float) -> Array:
    spectrum = np.fft.rfft(samples)
    spectrum[int(hz / (RATE_HZ / 2) * len(spectrum)) :] = 0
    return np.fft.irfft(spectrum, len(samples)).astype(np.float32)
