"""The part of the vocoder that is not learned, and its gradients."""

from pathlib import Path

import numpy as np
import pytest

from hoarfrost.engines.natural.source_filter.graphs import Curves
from hoarfrost.engines.natural.source_filter.package import Package
from hoarfrost.engines.natural.source_filter.sound import Noise, Shape, SourceFilter

torch = pytest.importorskip("torch", reason="training needs the extra `training` (torch)")

from training.config import (  # noqa: E402
    HOP,
    N_BINS,
    N_FFT,
    NOISE_BINS,
    NOISE_N_FFT,
    NOISE_PER_FRAME,
    RATE_HZ,
)

from training import losses, rendering  # noqa: E402 - after the skip


def filters(frames: int, harmonic: float, noise: float) -> rendering.Filters:
    return rendering.Filters(
        torch.full((1, frames, N_BINS), harmonic),
        torch.full((1, frames, NOISE_PER_FRAME * NOISE_BINS), noise),
        torch.zeros(1, frames, N_BINS),
    )


def test_noise_passes_unchanged() -> None:
    """Noise at a gain of one comes out as it went in, but for the ends."""
    noise = torch.randn(1, 20 * HOP)
    out = rendering.render(filters(20, -99.0, 0.0), torch.zeros(1, 20 * HOP), noise)
    torch.testing.assert_close(out[:, HOP:-HOP], noise[:, HOP:-HOP], atol=1e-5, rtol=0)


def test_pulses_pass_unchanged() -> None:
    """Pulses at a gain of one and no phase come out as they went in, but for the ends."""
    hz = torch.full((1, 20 * HOP), 150.0)
    wave = rendering.pulses(rendering.integrated_phase(hz, torch.zeros(1)), hz)
    out = rendering.render(filters(20, 0.0, -99.0), wave, torch.randn(1, 20 * HOP))
    inner = slice(4 * HOP, -4 * HOP)
    torch.testing.assert_close(out[:, inner], wave[:, inner], atol=1e-4, rtol=0)


@pytest.mark.parametrize("f0", [90.0, 150.0, 310.0])
def test_pulses_are_flat(f0: float) -> None:
    """A pulse train has unit power, and its harmonics have one level."""
    hz = torch.full((1, RATE_HZ), f0)
    wave = rendering.pulses(rendering.integrated_phase(hz, torch.zeros(1)), hz)[0].numpy()
    assert np.mean(wave**2) == pytest.approx(1.0, abs=0.05)
    spectrum = np.abs(np.fft.rfft(wave))
    level = spectrum[(np.arange(1, 20) * f0).astype(int)]
    assert level.max() / level.min() < 1.05


def test_gradients() -> None:
    """Hand-written backward passes agree with numerical differences."""
    x = torch.randn(1, 96, dtype=torch.double, requires_grad=True)
    window = torch.hann_window(32, dtype=torch.double)
    assert torch.autograd.gradcheck(lambda v: rendering.magnitude(v, 32, 8, window).sum(), x)

    def mixed(v: torch.Tensor) -> torch.Tensor:
        parts = torch.view_as_real(rendering.spectrum(v, 32, 8, window))
        return (parts[..., 0].square() + parts[..., 1]).sum()

    assert torch.autograd.gradcheck(mixed, x)


def test_phase_distance() -> None:
    """The phase distance is near nothing for a wave's own phase, and near one for random phase."""
    hz = torch.full((1, 64 * HOP), 180.0)
    wave = rendering.pulses(rendering.integrated_phase(hz, torch.zeros(1)), hz)
    spectra = rendering.excitation_spectra(wave)
    voiced = torch.ones(1, 64)
    same = torch.zeros(spectra.shape)
    assert losses.phase_distance(same, spectra, wave, voiced).item() < 1e-3
    turned = torch.rand(spectra.shape) * 2 * torch.pi
    assert losses.phase_distance(turned, spectra, wave, voiced).item() == pytest.approx(1, abs=0.1)


def test_energy_distance_prefers_the_truth() -> None:
    """Of several levels of noise, the distance is smallest at that of the recording."""
    torch.manual_seed(0)
    recording = losses.spectra_of(torch.randn(4, 64 * HOP))
    far = losses.magnitude_distance
    scores = {}
    for gain in (0.5, 0.8, 1.0, 1.25, 2.0):
        one, two = (losses.spectra_of(gain * torch.randn(4, 64 * HOP)) for _ in range(2))
        scores[gain] = (far(one, recording) + far(two, recording) - far(one, two)).item()
    assert min(scores, key=scores.__getitem__) == 1.0


def test_runtime_makes_the_same_sound(tmp_path: Path) -> None:
    """The runtime's vocoder and ours give the same samples for the same curves, noise aside."""
    package = Package(
        folder=tmp_path,
        name="test",
        licence="CC0-1.0",
        languages=("en-US",),
        rate_hz=RATE_HZ,
        hop=HOP,
        n_fft=N_FFT,
        noise_n_fft=NOISE_N_FFT,
        context_frames=32,
        mean_log_hz=5.0,
        std_log_hz=0.2,
        phonemes=("_", " ", ",", ".", "^"),
    )
    rng = np.random.default_rng(0)
    n = 40
    bins = np.linspace(0, 1, N_BINS)
    harmonic = (-4 * bins + np.cos(9 * bins + rng.uniform(0, 6, (n, 1)))).astype(np.float32)
    phase = np.sin(7 * bins + rng.uniform(0, 6, (n, 1))).astype(np.float32)
    silent = np.full((n, NOISE_PER_FRAME * NOISE_BINS), -99, np.float32)
    log_f0 = (5.1 + 0.2 * np.sin(np.arange(n) / 5)).astype(np.float32)
    hz = np.exp(log_f0.astype(np.float64))
    theirs = (
        SourceFilter(package, Shape(), Noise(package))
        .voicing(0)
        .render(Curves(harmonic, silent, phase), hz, hz, is_last=True)
    )
    h, p, s = (torch.from_numpy(x)[None] for x in (harmonic, phase, silent))
    filters_of = rendering.Filters(h, s, p + h @ rendering.minimum_phase_matrix())
    ours = rendering.render_at(filters_of, log_f0)
    assert len(theirs) == len(ours) == n * HOP
    assert np.abs(theirs - ours).max() < 2e-3 * np.abs(ours).max()
