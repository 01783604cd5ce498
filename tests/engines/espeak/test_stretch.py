"""Stretching: exactly as long as the map says, at the same pitch, nothing else changed."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hoarfrost.audio.stage import Samples
from hoarfrost.engines.espeak.stretch import TimeMap, stretch

RATE_HZ = 22050


def tone(frequency_hz: float, seconds: float) -> Samples:
    """Return a tone with four overtones, as a voice has."""
    time = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
    waves = [np.sin(2 * np.pi * n * frequency_hz * time) / n for n in range(1, 6)]
    return np.sum(waves, axis=0).astype(np.float32)


def at_pace(samples: Samples, factor: float) -> TimeMap:
    return TimeMap((0.0, float(len(samples))), (0.0, len(samples) / factor))


def whole(samples: Samples, time_map: TimeMap) -> Samples:
    return np.concatenate([np.zeros(0, np.float32), *stretch(samples, time_map)])


@pytest.mark.parametrize("factor", [0.5, 0.7, 0.99, 1.0, 1.3, 2.0])
@pytest.mark.parametrize("frequency_hz", [75.0, 110.0, 220.0])
def test_a_tone_keeps_its_frequency_and_level(frequency_hz: float, factor: float) -> None:
    """The fundamental stays within 1 % and the level within 1 dB, at any pace."""
    samples = tone(frequency_hz, 1.0)
    stretched = whole(samples, at_pace(samples, factor))
    assert len(stretched) == round(len(samples) / factor)
    inner = stretched[2000:-2000]
    spectrum = np.abs(np.fft.rfft(inner * np.hanning(len(inner)), 1 << 17))
    assert np.argmax(spectrum) * RATE_HZ / (1 << 17) == pytest.approx(frequency_hz, rel=0.01)
    change_db = 20 * np.log10(np.sqrt((inner**2).mean() / (samples**2).mean()))
    assert abs(change_db) < 1


def test_natural_pace_changes_nothing() -> None:
    """A map that is the identity gives the input back, to rounding."""
    samples = np.random.default_rng(1).standard_normal(5000).astype(np.float32)
    assert np.allclose(whole(samples, at_pace(samples, 1.0)), samples, atol=1e-5)


def test_a_map_moves_each_moment_to_its_place() -> None:
    """A click between stretches of different paces is heard where the map puts it."""
    samples = np.zeros(30_000, np.float32)
    samples[15_000] = 1
    time_map = TimeMap((0.0, 10_000.0, 20_000.0, 30_000.0), (0.0, 20_000.0, 30_000.0, 35_000.0))
    stretched = whole(samples, time_map)
    assert len(stretched) == 35_000
    assert abs(int(np.argmax(np.abs(stretched))) - 25_000) < 400


def test_a_map_reads_both_ways() -> None:
    """Input and output moments belong to each other, also between knots."""
    time_map = TimeMap((0.0, 100.0, 200.0), (0.0, 50.0, 250.0))
    assert time_map.n_samples == 250
    for moment, output in ((0, 0), (50, 25), (100, 50), (150, 150), (200, 250)):
        assert time_map.output_at(moment) == output
        assert time_map.input_at(output) == moment


@given(n=st.integers(0, 3000), factor=st.floats(0.25, 4.0))
def test_the_length_is_exact(n: int, factor: float) -> None:
    """Whatever the input, silence or less than a frame included, the length is the map's."""
    samples = np.ones(n, np.float32)
    time_map = at_pace(samples, factor)
    steps = list(stretch(samples, time_map))
    assert sum(map(len, steps)) == time_map.n_samples
    assert all(len(step) <= 0.25 * RATE_HZ for step in steps)
    assert all(np.all(np.isfinite(step)) for step in steps)
