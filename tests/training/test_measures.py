"""Measures: right on signals whose faults are known."""

import numpy as np
import pytest
from training.config import HOP, RATE_HZ

from training import measures


def tone(f0: float, seconds: float = 1.0) -> np.ndarray:
    """Cosines of equal level at every harmonic up to 5 kHz."""
    n = int(seconds * RATE_HZ) // HOP * HOP
    t = np.arange(n) / RATE_HZ
    partials = range(1, int(5000 / f0))
    return (0.02 * sum(np.cos(2 * np.pi * k * f0 * t) for k in partials)).astype(np.float32)


def noise(n: int, level: float, seed: int = 0) -> np.ndarray:
    return (level * np.random.default_rng(seed).standard_normal(n)).astype(np.float32)


def test_distortion_of_a_copy() -> None:
    """A copy has no distortion; a duller one has more, the more it is dulled."""
    speech = tone(120) + noise(len(tone(120)), 0.02)
    dull = np.convolve(speech, [0.5, 0.5], "same").astype(np.float32)
    duller = np.convolve(speech, np.ones(4) / 4, "same").astype(np.float32)
    assert measures.mel_cepstral_distortion(speech, speech) == 0
    one, two = (measures.mel_cepstral_distortion(speech, x) for x in (dull, duller))
    assert 0 < one < two


def test_bursts() -> None:
    """A click that is spread over 30 ms rises less steeply than one that is not."""
    samples = noise(RATE_HZ // HOP * HOP, 1e-4)
    sharp, soft = samples.copy(), samples.copy()
    for start in range(2000, 20_000, 2000):
        sharp[start : start + 300] += noise(300, 0.1, start)
        window = np.hanning(660).astype(np.float32)
        soft[start - 180 : start + 480] += noise(660, 0.08, start) * window
    assert measures.burst_rise(sharp) > measures.burst_rise(soft) + 3


@pytest.mark.parametrize("f0", [110.0, 190.0])
def test_contrast_falls_with_hiss(f0: float) -> None:
    """The more noise there is between harmonics, the lower is their contrast."""
    voice = tone(f0)
    n = len(voice) // HOP
    log_f0, voiced = np.full(n, np.log(f0), np.float32), np.ones(n, np.float32)
    got = [
        measures.harmonic_contrast(voice + noise(len(voice), level), log_f0, voiced)
        for level in (0.001, 0.03, 0.3)
    ]
    assert got[0] > got[1] > got[2]
    assert got[2] < 2


def test_pulse_shape() -> None:
    """Moving pulses in time changes nothing; turning their phases does."""
    f0 = 150.0
    n = RATE_HZ // HOP * HOP
    t = np.arange(n) / RATE_HZ
    rng = np.random.default_rng(0)

    def pulses(shift: float, turns: np.ndarray) -> np.ndarray:
        waves = (np.cos(2 * np.pi * (k * f0 * (t - shift) + turns[k])) for k in range(1, 19))
        return (0.02 * sum(waves)).astype(np.float32)

    straight, turned = np.zeros(19), rng.uniform(0, 1, 19)
    voiced = np.ones(n // HOP, np.float32)
    reference = pulses(0, straight)
    assert measures.pulse_shape(reference, pulses(0.002, straight), voiced) > 0.99
    assert measures.pulse_shape(reference, pulses(0, turned), voiced) < 0.8


@pytest.mark.parametrize(
    ("reference", "heard", "errors"),
    [("", "", 0), ("a b c", "a b c", 0), ("a b c", "a c", 1), ("a", "b c", 2), ("", "a b", 2)],
)
def test_edit_distance(reference: str, heard: str, errors: int) -> None:
    """Insertions, deletions and changes count one each."""
    pytest.importorskip("pocketsphinx", reason="needs the extra `training` (pocketsphinx)")
    from training.recogniser import edit_distance  # noqa: PLC0415 - after the skip

    assert edit_distance(reference.split(), heard.split()) == errors
