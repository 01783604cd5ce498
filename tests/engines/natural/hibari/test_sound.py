"""Windows of any size give the samples of one shot, and the samples that the package makes."""

from itertools import pairwise

import numpy as np
import pytest
from hibari import dsp
from hypothesis import given, settings
from hypothesis import strategies as st

from hoarfrost.engines.natural.hibari.sound import (
    BINS,
    HOP,
    RATE_HZ,
    Noise,
    Shape,
    Sound,
)

MALE = Shape(tilt_db=-0.5, breath_db=1.0, gain_db=-2.0)


def spectra_of(n: int, seed: int = 0) -> np.ndarray:
    """Return log gains and phases such as the decoder gives, at random."""
    draw = np.random.default_rng(seed)
    means = np.array([-4, 0, -6, -5, 0])[:, None]
    return draw.normal(means, 1, (n, 5, BINS)).astype(np.float32)


def pitch_of(n: int, seed: int = 0) -> np.ndarray:
    """Return a pitch that comes and goes."""
    draw = np.random.default_rng(seed)
    return np.where(draw.random(n) > 0.3, draw.uniform(70, 300, n), draw.uniform(-5, 45, n))


def render(sound: Sound, spectra: np.ndarray, hz: np.ndarray, cuts: list[int]) -> np.ndarray:
    voicing, n = sound.voicing(7), len(spectra)
    return np.concatenate(
        [
            voicing.render(spectra[low:high], hz[: min(n, high + 3)], is_last=high == n)
            for low, high in pairwise([0, *cuts, n])
        ]
    )


@pytest.mark.parametrize("shape", [Shape(), MALE], ids=["trained", "shaped"])
def test_any_schedule_gives_the_same_samples(shape: Shape) -> None:
    """However frames are cut into windows, the samples are those of one window."""
    sound = Sound(shape, Noise())

    @settings(max_examples=25, deadline=None)
    @given(st.integers(1, 40), st.sets(st.integers(1, 39)), st.integers(0, 10**6))
    def holds(n: int, places: set[int], seed: int) -> None:
        spectra, hz = spectra_of(n, seed), pitch_of(n, seed)
        whole = render(sound, spectra, hz, [])
        cut = render(sound, spectra, hz, sorted(place for place in places if place < n))
        assert whole.shape == cut.shape == (n * HOP,)
        assert np.max(np.abs(whole - cut)) <= 1e-5 * np.max(np.abs(whole))

    holds()


@pytest.mark.parametrize("n", [9, 40, 200])
def test_samples_are_those_of_the_package(n: int) -> None:
    """From the same spectra, pitch and noise the package makes the same sound, 60 dB and more.

    Its two ends are left out: it mirrors the pulses there, and ours begin and end in silence.
    """
    spectra, hz = spectra_of(n), np.full(n, 140.0) + 30 * np.sin(np.arange(n) / 9)
    hz[n // 2 : n // 2 + 6] = 0
    noise = Noise()
    expected = dsp.synth(
        *spectra.transpose(1, 2, 0).copy(), hz.astype(np.float32), np.random.default_rng(3)
    )
    drawn = np.random.default_rng(3).standard_normal((BINS, 2 * n), np.float32)
    noise.__dict__["table"] = np.ascontiguousarray(drawn.view(np.complex64).T)
    got = Sound(Shape(), noise).voicing(0).render(spectra, hz, is_last=True)
    inner = slice(1200, -1200)
    error = np.sum((got[inner] - expected[inner]) ** 2) / np.sum(expected[inner] ** 2)
    assert got.shape == expected.shape
    assert 10 * np.log10(error) < -60


def test_pulses_have_the_pitch_and_a_flat_spectrum() -> None:
    """Pulses at 200 Hz have harmonics at its multiples, all of the same height, up to 11 kHz."""
    n = 90
    spectra = np.full((n, 5, BINS), -14, np.float32)
    spectra[:, :2] = 0
    hz = np.full(n, 200.0)
    samples = Sound(Shape(), Noise()).voicing(0).render(spectra, hz, is_last=True)[600:24_600]
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(RATE_HZ)))
    peaks = spectrum[200:10_800:200]
    assert np.ptp(20 * np.log10(peaks)) < 1.0
    assert np.max(spectrum[300:10_800:200]) < 0.01 * np.min(peaks)
