"""Windows of any size give the samples of one shot."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hoarfrost.engines.natural.source_filter.graphs import Array, CurveGraph, Curves, Frames
from hoarfrost.engines.natural.source_filter.package import Package, read_package
from hoarfrost.engines.natural.source_filter.sound import Noise, Shape, SourceFilter
from tests.engines.natural.test_package import BUILT_IN

PACKAGE = read_package(BUILT_IN)
MALE = Shape(formants=0.86, tilt_db=-0.5, breath_db=1.0, gain_db=-2.0, moves_envelope=True)


def curves_of(n: int, package: Package, seed: int = 0) -> Curves:
    draw = np.random.default_rng(seed)
    bins = package.n_fft // 2 + 1

    def some(width: int, mean: float) -> Array:
        return draw.normal(mean, 1, (n, width)).astype(np.float32)

    return Curves(some(bins, -4), some(package.noise_bins, -6), some(bins, 0))


def render(
    sound: SourceFilter, curves: Curves, hz: np.ndarray, cuts: list[int], start: int = 7
) -> Array:
    voicing = sound.voicing(start)
    parts = []
    n = len(curves)
    for low, high in pairwise([0, *cuts, n]):
        part = Curves(curves.harmonic[low:high], curves.noise[low:high], curves.phase[low:high])
        known = hz[: min(n, high + 3)]
        parts.append(voicing.render(part, known, known * 0.6, is_last=high == n))
    return np.concatenate(parts)


@pytest.mark.parametrize("noise_n_fft", [1024, 512, 256])
@pytest.mark.parametrize("shape", [Shape(), MALE], ids=["recorded", "shaped"])
def test_any_schedule_gives_the_same_samples(noise_n_fft: int, shape: Shape) -> None:
    """However frames are cut into windows, the samples are those of one window."""
    package = replace(PACKAGE, noise_n_fft=noise_n_fft)
    sound = SourceFilter(package, shape, Noise(package))

    @settings(max_examples=12, deadline=None)
    @given(st.integers(1, 40), st.sets(st.integers(1, 39)), st.integers(0, 10**6))
    def holds(n: int, places: set[int], seed: int) -> None:
        curves = curves_of(n, package, seed)
        hz = np.random.default_rng(seed).uniform(90, 300, n)
        whole = render(sound, curves, hz, [])
        cut = render(sound, curves, hz, sorted(place for place in places if place < n))
        assert whole.shape == cut.shape == (n * package.hop,)
        assert np.max(np.abs(whole - cut)) <= 1e-5 * np.max(np.abs(whole))

    holds()


def test_curves_do_not_depend_on_how_frames_are_fed() -> None:
    """The decoder's windows give the curves of one shot, for every length from one frame."""
    graph = CurveGraph(PACKAGE)
    width = graph.frame_width

    @settings(max_examples=12, deadline=None)
    @given(st.integers(1, 90), st.sets(st.integers(1, 89), max_size=6), st.integers(0, 10**6))
    def holds(n: int, places: set[int], seed: int) -> None:
        draw = np.random.default_rng(seed)
        frames = Frames(
            draw.normal(0, 1, (n, width)).astype(np.float32),
            draw.normal(0, 1, n).astype(np.float32),
            (draw.random(n) > 0.4).astype(np.float32),
        )
        whole = graph.stream().feed(frames, is_last=True)
        stream = graph.stream()
        cuts = [0, *sorted(place for place in places if place < n), n]
        parts = [stream.feed(frames.part(a, b), is_last=b == n) for a, b in pairwise(cuts)]
        for name in ("harmonic", "noise", "phase"):
            joined = np.concatenate([getattr(part, name) for part in parts])
            expected = getattr(whole, name)
            assert joined.shape == expected.shape
            assert np.max(np.abs(joined - expected)) <= 1e-5 * np.max(np.abs(expected))

    holds()


def test_pulses_have_the_pitch_and_a_flat_spectrum() -> None:
    """Pulses at 200 Hz have harmonics at its multiples, all of the same height, up to 10.8 kHz."""
    sound = SourceFilter(PACKAGE, Shape(), Noise(PACKAGE))
    n = 90
    bins = PACKAGE.n_fft // 2 + 1
    curves = Curves(
        np.zeros((n, bins), np.float32),
        np.full((n, PACKAGE.noise_bins), -14, np.float32),
        np.zeros((n, bins), np.float32),
    )
    hz = np.full(n, 200.0)
    samples = sound.voicing(0).render(curves, hz, hz, is_last=True)[:22050]
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(22050)))
    peaks = spectrum[200:10_600:200]
    assert np.ptp(20 * np.log10(peaks)) < 1.0
    assert np.max(spectrum[300:10_600:200]) < 0.01 * np.min(peaks)
    assert np.mean(samples[2000:20_000] ** 2) == pytest.approx(1.0, rel=0.05)


@pytest.mark.parametrize("noise_n_fft", [1024, 512, 256])
def test_noise_has_unit_power_whatever_its_window(noise_n_fft: int) -> None:
    """Noise through a flat gain is white and steady, for every window a package may name."""
    package = replace(PACKAGE, noise_n_fft=noise_n_fft)
    sound = SourceFilter(package, Shape(), Noise(package))
    n, bins = 200, package.n_fft // 2 + 1
    curves = Curves(
        np.full((n, bins), -14, np.float32),
        np.zeros((n, package.noise_bins), np.float32),
        np.zeros((n, bins), np.float32),
    )
    hz = np.full(n, 100.0)
    samples = sound.voicing(0).render(curves, hz, hz, is_last=True)[1024:-1024]
    assert np.mean(samples**2) == pytest.approx(1.0, rel=0.15)
