"""From pitch and three curves a frame to samples: the part of the vocoder that is not learned.

Speech is a pulse train through one filter plus white noise through another. The pulses have a flat
spectrum and continuous phase, so harmonics need not be learned; only smooth gains do.

    audio = overlap-add( STFT(pulses) · exp(harmonic + i·phase) )
          + overlap-add( STFT(noise) · exp(noise gain) )

Frame t is centred on sample t·HOP + HOP/2. All tensors are float32 at `config.RATE_HZ`.
"""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn import functional

from training.config import (
    HOP,
    N_BINS,
    N_FFT,
    NOISE_BINS,
    NOISE_HOP,
    NOISE_N_FFT,
    NOISE_PER_FRAME,
    PULSE_TOP_HZ,
    RATE_HZ,
)

HANN = torch.hann_window(N_FFT)
"""Window of the pulses, and of spectra that are to be compared with theirs."""
_HANN_GAIN = 1.5
"""Sum of squared Hann windows at a quarter hop."""
_SINE = torch.sin(math.pi * (torch.arange(NOISE_N_FFT) + 0.5) / NOISE_N_FFT)
"""Squares sum to one at half a window's hop: the power of shaped noise does not ripple."""


@dataclass(frozen=True, slots=True)
class Filters:
    """What the vocoder decides for every frame.

    Attributes:
        harmonic: Log gain of the pulses, nepers, shape (batch, frames, N_BINS).
        noise: Log gain of the noise, nepers, shape (batch, frames, NOISE_PER_FRAME * NOISE_BINS).
        phase: Phase of the pulses beyond the minimum phase of `harmonic`, radians, as `harmonic`.
    """

    harmonic: Tensor
    noise: Tensor
    phase: Tensor

    def frames(self, start: int, stop: int) -> "Filters":
        """The filters of frames start … stop."""
        part = slice(start, stop)
        return Filters(self.harmonic[:, part], self.noise[:, part], self.phase[:, part])


class _Spectrum(torch.autograd.Function):
    """Complex short-time spectrum whose backward pass is one inverse FFT and an overlap-add."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, n_fft: int, hop: int, window: Tensor) -> Tensor:
        ctx.save_for_backward(window)
        ctx.sizes = (n_fft, hop, x.shape[-1])
        result: Tensor = torch.fft.rfft(x.unfold(-1, n_fft, hop) * window)
        return result

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, None, None, None]:
        (window,) = ctx.saved_tensors
        return _adjoint(grads[0].clone(), window, ctx.sizes), None, None, None


class _Magnitude(torch.autograd.Function):
    """Magnitude of the short-time spectrum, without keeping more than the spectrum."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, n_fft: int, hop: int, window: Tensor) -> Tensor:
        spectrum = torch.fft.rfft(x.unfold(-1, n_fft, hop) * window)
        magnitude = torch.sqrt(spectrum.real.square() + spectrum.imag.square() + 1e-9)
        ctx.save_for_backward(spectrum, magnitude, window)
        ctx.sizes = (n_fft, hop, x.shape[-1])
        return magnitude

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, None, None, None]:
        spectrum, magnitude, window = ctx.saved_tensors
        return _adjoint(spectrum * (grads[0] / magnitude), window, ctx.sizes), None, None, None


class _OverlapAdd(torch.autograd.Function):
    """Inverse spectra, windowed and added."""

    @staticmethod
    def forward(ctx: Any, spectra: Tensor, n_fft: int, hop: int, window: Tensor) -> Tensor:
        ctx.save_for_backward(window)
        ctx.sizes = (n_fft, hop)
        n = (spectra.shape[1] - 1) * hop + n_fft
        return _add_frames(torch.fft.irfft(spectra, n_fft) * window, hop, n)

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, None, None, None]:
        (window,) = ctx.saved_tensors
        n_fft, hop = ctx.sizes
        z = torch.fft.rfft(grads[0].contiguous().unfold(-1, n_fft, hop) * window) * (1 / n_fft)
        z[..., 1:-1] *= 2
        return z, None, None, None


def _adjoint(grad: Tensor, window: Tensor, sizes: tuple[int, int, int]) -> Tensor:
    """The transpose of window-and-rfft, applied to a gradient of the spectrum."""
    n_fft, hop, n = sizes
    grad[..., 1:-1] *= 0.5
    return _add_frames(torch.fft.irfft(grad, n_fft, norm="forward") * window, hop, n)


def _add_frames(frames: Tensor, hop: int, n: int) -> Tensor:
    """Overlap-add of (batch, count, size) with size a multiple of hop, to n samples."""
    batch, count, size = frames.shape
    overlap = size // hop
    parts = frames.view(batch, count, overlap, hop)
    out = frames.new_zeros(batch, count + overlap - 1, hop)
    for i in range(overlap):
        out[:, i : i + count] += parts[:, :, i]
    flat = out.view(batch, -1)
    return flat if flat.shape[1] == n else functional.pad(flat, (0, n - flat.shape[1]))


def _applied(
    function: type[torch.autograd.Function], x: Tensor, n_fft: int, hop: int, window: Tensor
) -> Tensor:
    result: Tensor = function.apply(x, n_fft, hop, window)  # type: ignore[no-untyped-call]  # torch
    return result


def _centred(x: Tensor, n_fft: int, hop: int) -> Tensor:
    margin = (n_fft - hop) // 2
    return functional.pad(x, (margin, margin))


def spectrum(x: Tensor, n_fft: int, hop: int, window: Tensor) -> Tensor:
    """Complex spectra (batch, frames, n_fft // 2 + 1) of `x`, frames centred as everywhere here."""
    return _applied(_Spectrum, _centred(x, n_fft, hop), n_fft, hop, window)


def magnitude(x: Tensor, n_fft: int, hop: int, window: Tensor) -> Tensor:
    """The absolute value of `spectrum`, cheaper."""
    return _applied(_Magnitude, _centred(x, n_fft, hop), n_fft, hop, window)


def pitch_per_sample(f0: Tensor) -> Tensor:
    """Interpolate pitch between frame centres.

    Args:
        f0: Hz, shape (batch, frames), continuous through unvoiced frames.

    Returns:
        Hz, shape (batch, frames * HOP).
    """
    padded = torch.cat([f0[:, :1], f0, f0[:, -1:]], 1)
    u = (torch.arange(HOP, device=f0.device) + 0.5) / HOP
    before, here, after = padded[:, :-2, None], padded[:, 1:-1, None], padded[:, 2:, None]
    first = before + (here - before) * (u + 0.5)
    second = here + (after - here) * (u - 0.5)
    return torch.where(u < 0.5, first, second).reshape(f0.shape[0], -1)


def integrated_phase(hz: Tensor, start: Tensor) -> Tensor:
    """Cycles in [0, 1) of an oscillator following `hz` (batch, samples) from `start` (batch,)."""
    phase = torch.cumsum(hz.double() / RATE_HZ, 1) + start[:, None].double()
    return (phase - torch.floor(phase)).float()


def pulses(phase: Tensor, hz: Tensor) -> Tensor:
    """A band-limited pulse train of flat spectrum and unit power.

    The closed form of a sum of cosines (Dirichlet kernel), up to `PULSE_TOP_HZ`.

    Args:
        phase: Cycles in [0, 1), shape (batch, samples).
        hz: Pitch of each sample, same shape.
    """
    harmonics = torch.floor(PULSE_TOP_HZ / hz)
    sine = torch.sin(math.pi * phase)
    near_zero = sine.abs() < 1e-4
    ratio = torch.sin((2 * harmonics + 1) * math.pi * phase) / torch.where(near_zero, 1.0, sine)
    kernel = torch.where(near_zero, 2 * harmonics, ratio - 1)
    return kernel * 0.5 * torch.sqrt(2 * hz / (RATE_HZ / 2))


def render(filters: Filters, excitation: Tensor, noise: Tensor) -> Tensor:
    """Samples of an utterance.

    Args:
        filters: Of its frames.
        excitation: From `pulses`, shape (batch, frames * HOP).
        noise: White, unit variance, same shape.

    Returns:
        Samples, shape (batch, frames * HOP).
    """
    return render_voice(filters, excitation_spectra(excitation)) + render_breath(filters, noise)


def excitation_spectra(excitation: Tensor) -> Tensor:
    """Spectra of pulses, shape (batch, frames, N_BINS), complex, before any filter."""
    return spectrum(excitation, N_FFT, HOP, HANN)


def render_voice(filters: Filters, spectra: Tensor) -> Tensor:
    """The part of the samples that comes from pulses, given their `excitation_spectra`."""
    shaped = spectra * torch.polar(torch.exp(filters.harmonic), filters.phase)
    return _inverse(shaped, N_FFT, HOP, HANN / _HANN_GAIN)


def render_breath(filters: Filters, noise: Tensor) -> Tensor:
    """The part of the samples that comes from noise."""
    batch, frames, bins = filters.noise.shape
    if bins == N_BINS:  # packages whose noise has the pulses' window: the first voice made so
        hiss = spectrum(noise, N_FFT, HOP, HANN) * torch.exp(filters.noise)
        return _inverse(hiss, N_FFT, HOP, HANN / _HANN_GAIN)
    gain = filters.noise.reshape(batch, frames * NOISE_PER_FRAME, NOISE_BINS)
    hiss = spectrum(noise, NOISE_N_FFT, NOISE_HOP, _SINE)
    return _inverse(hiss * torch.exp(gain), NOISE_N_FFT, NOISE_HOP, _SINE)


def _inverse(spectra: Tensor, n_fft: int, hop: int, window: Tensor) -> Tensor:
    margin = (n_fft - hop) // 2
    samples = _applied(_OverlapAdd, spectra, n_fft, hop, window)
    return samples[:, margin : margin + spectra.shape[1] * hop]


@torch.no_grad()
def render_at(
    filters: Filters, log_f0: npt.NDArray[np.float32], seed: int = 0
) -> npt.NDArray[np.float32]:
    """Samples of one utterance at a pitch; the noise depends on the seed alone.

    Args:
        filters: Of its frames, a batch of one.
        log_f0: Natural log of Hz, shape (frames,).
        seed: Of the noise.
    """
    hz = pitch_per_sample(torch.exp(torch.from_numpy(log_f0))[None])
    excitation = pulses(integrated_phase(hz, torch.zeros(1)), hz)
    noise = torch.randn(excitation.shape, generator=torch.Generator().manual_seed(seed))
    samples: npt.NDArray[np.float32] = render(filters, excitation, noise)[0].numpy()
    return samples


def minimum_phase_matrix() -> Tensor:
    """The linear map from a log magnitude (N_BINS) to the minimum phase that belongs to it.

    Cepstral folding (Oppenheim & Schafer, *Discrete-Time Signal Processing*), as one matrix.
    """
    half = np.eye(N_BINS)
    cepstrum = np.fft.ifft(np.concatenate([half, half[:, -2:0:-1]], 1), axis=1).real
    fold = np.zeros(N_FFT)
    fold[0], fold[1 : N_FFT // 2], fold[N_FFT // 2] = 1, 2, 1
    phase = np.fft.rfft(cepstrum * fold, axis=1).imag
    return torch.from_numpy(phase.astype(np.float32))
