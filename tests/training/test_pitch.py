"""Pitch tracking: known pitches in, known pitches out."""

import numpy as np
import pytest
from training.config import HOP, RATE_HZ
from training.pitch import track_pitch


def pulse_like(hz: np.ndarray) -> np.ndarray:
    """Ten harmonics that fall by 6 dB an octave, at a pitch for each sample."""
    phase = np.cumsum(hz / RATE_HZ)
    return sum(0.1 / k * np.cos(2 * np.pi * k * phase) for k in range(1, 11)).astype(np.float32)


@pytest.mark.parametrize("hz", [70.0, 100.0, 165.0, 220.0, 330.0, 400.0])
def test_steady_pitch(hz: float) -> None:
    """A steady tone is voiced throughout, at its pitch to within one per cent."""
    log_f0, voiced = track_pitch(pulse_like(np.full(60 * HOP, hz)))
    assert voiced[3:-3].all()
    assert np.abs(np.exp(log_f0[3:-3]) / hz - 1).max() < 0.01


def test_gliding_pitch() -> None:
    """A glide of an octave in a second is followed to within two per cent."""
    n = RATE_HZ // HOP * HOP
    hz = 120 * 2 ** (np.arange(n) / n)
    log_f0, voiced = track_pitch(pulse_like(hz))
    wanted = hz[HOP // 2 :: HOP]
    assert voiced[3:-3].all()
    assert np.abs(np.exp(log_f0[3:-3]) / wanted[3:-3] - 1).max() < 0.02


@pytest.mark.parametrize("level", [0.0, 0.1])
def test_no_pitch(level: float) -> None:
    """Silence and white noise have no voiced frames, and a finite pitch all the same."""
    noise = np.random.default_rng(1).standard_normal(50 * HOP).astype(np.float32)
    log_f0, voiced = track_pitch(level * noise)
    assert voiced.mean() < 0.05
    assert np.isfinite(log_f0).all()


def test_pause_between_tones() -> None:
    """A pause between two tones is unvoiced, and pitch goes on through it, to within a semitone."""
    tone = pulse_like(np.full(40 * HOP, 150.0))
    samples = np.concatenate([tone, np.zeros(20 * HOP, np.float32), tone])
    log_f0, voiced = track_pitch(samples)
    assert not voiced[43:57].any()
    assert np.abs(np.exp(log_f0) / 150 - 1).max() < 0.06
