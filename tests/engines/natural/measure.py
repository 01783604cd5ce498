"""What a listener hears of a speaker, measured from samples alone at 24 kHz.

Speech at another rate is brought to it first.
"""

from dataclasses import dataclass

import numpy as np
import soxr
from numpy.typing import NDArray

from hoarfrost.audio.stage import Samples
from hoarfrost.units import SampleRate

RATE_HZ = 24000
_PITCH_WINDOW = 1200
_ENVELOPE_WINDOW = 1024
_SMOOTHED_HZ = 250
_FORMANTS_HZ = (300.0, 5000.0)
"""Where formants are: below lies the pitch, above little that tells one vowel from another."""
_WARPS = np.arange(0.80, 1.2501, 0.005)


@dataclass(frozen=True, slots=True)
class Heard:
    """A speaker's measures.

    Attributes:
        hz: Geometric mean of the pitch.
        spread_semitones: Standard deviation of the pitch.
        envelope: Mean log spectrum of speech, smoothed over harmonics, one value a bin.
        seconds: What the texts lasted.
        level_dbfs: RMS of speech, without the silence.
    """

    hz: float
    spread_semitones: float
    envelope: NDArray[np.float64]
    seconds: float
    level_dbfs: float


def hear_speaker(samples: Samples, rate_hz: SampleRate = RATE_HZ) -> Heard:
    """Return what a stretch of speech, some seconds long, tells of its speaker."""
    samples = soxr.resample(samples, rate_hz, RATE_HZ)
    semitones = 12 * np.log2(pitch_of(samples))
    loud = levels(samples)
    speech = loud[loud > 0.05 * loud.max()]
    return Heard(
        hz=float(2 ** (semitones.mean() / 12)),
        spread_semitones=float(semitones.std()),
        envelope=envelope_of(samples),
        seconds=samples.size / RATE_HZ,
        level_dbfs=float(10 * np.log10(np.mean(speech**2))),
    )


def levels(samples: Samples) -> Samples:
    """RMS of each 256 samples."""
    return np.sqrt(np.mean(samples[: len(samples) // 256 * 256].reshape(-1, 256) ** 2, axis=1))


def pitch_of(samples: Samples) -> NDArray[np.float64]:
    """Hz of each voiced 54 ms, by autocorrelation."""
    windows = np.lib.stride_tricks.sliding_window_view(samples, _PITCH_WINDOW)[::512]
    windows = windows[np.sqrt(np.mean(windows**2, axis=1)) > 0.03]
    power = np.abs(np.fft.rfft(windows - windows.mean(axis=1, keepdims=True), 4096)) ** 2
    likeness = np.fft.irfft(power)[:, :370]
    likeness = likeness / likeness[:, :1] / (1 - np.arange(370) / _PITCH_WINDOW)
    likeness = likeness[:, 50:]
    best = likeness.max(axis=1, keepdims=True)
    first = np.argmax(likeness > 0.9 * best, axis=1)
    places = [
        at + int(np.argmax(row[at : at + 12])) for row, at in zip(likeness, first, strict=True)
    ]
    return RATE_HZ / (np.array(places)[best[:, 0] > 0.6] + 50)


def envelope_of(samples: Samples) -> NDArray[np.float64]:
    """Mean log spectrum of all speech, smoothed over harmonics: shape (513,)."""
    windows = np.lib.stride_tricks.sliding_window_view(samples, _ENVELOPE_WINDOW)[::256]
    power = np.abs(np.fft.rfft(windows * np.hanning(_ENVELOPE_WINDOW))) ** 2
    total = power.sum(axis=1)
    spoken = power[total > 0.01 * np.percentile(total, 95)]
    width = round(_SMOOTHED_HZ / (RATE_HZ / _ENVELOPE_WINDOW))
    sums = np.cumsum(np.pad(spoken, ((0, 0), (width - width // 2, width // 2))), axis=1)
    smooth = sums[:, width:] - sums[:, :-width]
    return np.log(smooth / width + 1e-9).mean(axis=0)


def formant_factor(envelope: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    """By what factor formants lie higher: the stretch that fits the other envelope to this one."""
    hz = np.linspace(0, RATE_HZ / 2, len(other))
    band = (hz > _FORMANTS_HZ[0]) & (hz < _FORMANTS_HZ[1])
    misfits = [np.std(envelope[band] - np.interp(hz[band] / warp, hz, other)) for warp in _WARPS]
    return float(_WARPS[int(np.argmin(misfits))])
