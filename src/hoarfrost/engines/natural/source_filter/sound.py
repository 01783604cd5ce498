"""From curves and pitch to samples: pulses and noise, each through a filter that moves.

In: `Curves` and the pitch of their frames. Out: float32 samples. Invariant: what `Voicing.render`
returns, joined, does not depend on how the frames were cut into calls.

Harmonics are a pulse train of flat spectrum whose phase runs on from frame to frame; the rest is
white noise. Each is cut into overlapping windows, multiplied by its gain curve (the pulses also by
the minimum phase of theirs), and added up again:

    y = overlap-add(STFT(pulses) · e^(harmonic + i·phase)) + overlap-add(STFT(noise) · e^noise)

Frame t is centred on sample t·hop + hop/2. The noise is one circular buffer per package whose
spectra are kept, so that noise costs no forward transform; a seed picks the place to start.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from hoarfrost.engines.natural.source_filter.graphs import Array, Curves
from hoarfrost.engines.natural.source_filter.package import Package

_NOISE_FRAMES: Final = 512
"""Length of the circular noise: 6 s at 256 samples a frame, too long to be heard as a loop."""
_NOISE_SEED: Final = 20_250_801
_TOP_OF_NYQUIST: Final = 10_800 / 11_025
"""Pulses have harmonics up to here; as in training."""
_AT_PULSE: Final = 1e-4
"""Below this sine the kernel is its limit: elsewhere it would be zero by zero."""
_MARGIN: Final = 3
"""Frames of pulses made beside a window: n_fft / 2 samples reach into the second, and the pitch
between two frame centres needs the next frame."""


@dataclass(frozen=True, slots=True)
class Shape:
    """How a speaker's sound differs from the recorded one.

    Attributes:
        formants: Factor on the frequencies of the spectral envelope: below 1 a longer vocal tract.
        tilt_db: Added to the harmonics per octave above 500 Hz.
        breath_db: Added to the noise.
        gain_db: Added to everything.
        moves_envelope: Whether the envelope serves another pitch or length than the recorded.
    """

    formants: float = 1.0
    tilt_db: float = 0.0
    breath_db: float = 0.0
    gain_db: float = 0.0
    moves_envelope: bool = False


class SourceFilter:
    """What all sentences of one speaker share: windows, noise, envelope warp."""

    def __init__(self, package: Package, shape: Shape, noise: "Noise") -> None:
        self.package = package
        self.noise = noise
        n_fft = package.n_fft
        hann = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(n_fft) / n_fft)
        # Times n_fft, by which the transform will divide.
        self.analysis = (hann * n_fft).astype(np.float32)
        # The squares of Hann windows at a quarter of their length (or less) add up to a constant.
        self.synthesis = (hann * (package.hop / np.square(hann).sum())).astype(np.float32)
        self.interpolation = _interpolation(package.hop, package.rate_hz)
        nepers = np.log(10) / 20
        octaves = np.log2(np.maximum(_bin_hz(n_fft, package.rate_hz), 500) / 500)
        self._harmonic_offset = (nepers * (shape.gain_db + shape.tilt_db * octaves)).astype("f4")
        self._noise_offset = np.float32(nepers * (shape.gain_db + shape.breath_db))
        self._envelope: _Envelope | None = None
        self._warp: _Warp | None = None
        if shape.moves_envelope:
            self._envelope = _Envelope(n_fft // 2 + 1, shape.formants, package.rate_hz / n_fft)
            self._warp = _Warp(package.noise_n_fft // 2 + 1, shape.formants)

    def shaped(self, curves: Curves, recorded_hz: NDArray[np.float64]) -> Curves:
        """Return curves with this speaker's envelope; the noise as (n, spectra, bins).

        Args:
            curves: As the graphs made them.
            recorded_hz: The pitch that they were made for, one a frame.
        """
        noise = curves.noise.reshape(len(curves), self.package.noise_spectra, -1)
        harmonic, phase = curves.harmonic, curves.phase
        if self._envelope is not None and self._warp is not None:
            harmonic, phase = self._envelope(harmonic, phase, recorded_hz)
            noise = self._warp(noise)
        return Curves(harmonic + self._harmonic_offset, noise + self._noise_offset, phase)

    def voicing(self, noise_start: int) -> "Voicing":
        """Start a sentence; ``noise_start`` is a place in the noise, in frames."""
        return Voicing(self, noise_start)


class Voicing:
    """The sound of one sentence, made window by window."""

    def __init__(self, source_filter: SourceFilter, noise_start: int) -> None:
        self._of = source_filter
        self._noise_at = noise_start
        package = source_filter.package
        self._reach = (package.n_fft - package.hop) // 2
        self._done = 0
        self._skip = self._reach  # the first frame's window begins before the first sample
        # What later frames are still to be added to: from `reach` samples before frame `done`.
        self._tail = np.zeros(package.n_fft - package.hop, np.float32)

    def render(
        self,
        curves: Curves,
        recorded_hz: NDArray[np.float64],
        hz: NDArray[np.float64],
        *,
        is_last: bool,
    ) -> Array:
        """Sound the next frames.

        Args:
            curves: Of the next frames.
            recorded_hz: As ``hz``, the pitch that the curves were made for.
            hz: Pitch of every frame of the sentence that is known, from its first; three more
                than are to be rendered, unless the sentence ends before.
            is_last: Whether the curves are the sentence's last.

        Returns:
            The samples that no later frame can change; at the end, all that remain.
        """
        package, n = self._of.package, len(curves)
        start, stop = self._done, self._done + n
        curves = self._of.shaped(curves, recorded_hz[start:stop])
        frames = self._harmonics(curves, self._excitation(hz, start, stop))
        noise_spectra = self._of.noise.spectra(self._noise_at + start, n)
        hiss = noise_spectra * np.exp(curves.noise)
        if package.noise_n_fft == package.n_fft:
            frames += hiss[:, 0]
        waves = _inverse(frames, package.n_fft) * self._of.synthesis
        out = np.zeros(package.n_fft - package.hop + n * package.hop, np.float32)
        out[: len(self._tail)] = self._tail
        _overlap_add(out, waves, package.hop, 0)
        if package.noise_n_fft != package.n_fft:
            size = package.noise_n_fft
            waves = _inverse(hiss, size) * self._of.noise.window
            _overlap_add(out, waves.reshape(-1, size), size // 2, self._reach - size // 4)
        self._done = stop
        skipped = min(self._skip, n * package.hop)
        self._skip -= skipped
        if is_last:
            return out[skipped + self._skip : self._reach + n * package.hop]
        self._tail = out[n * package.hop :]
        return out[skipped : n * package.hop]

    def _harmonics(self, curves: Curves, excitation: Array) -> NDArray[np.complex64]:
        n_fft, hop = self._of.package.n_fft, self._of.package.hop
        windows = np.lib.stride_tricks.sliding_window_view(excitation, n_fft)[::hop]
        # Asked to divide by n_fft, numpy stays in single precision; asked for nothing, it copies to
        # double and back, and takes seven times as long.
        spectra = np.fft.rfft(windows * self._of.analysis, norm="forward")
        # Minimum phase: the cepstrum of the log gain, folded to positive times, of whose spectrum
        # only the imaginary part is wanted. That is a sum of sines, as an inverse transform makes
        # of imaginary numbers.
        filters = np.zeros(curves.harmonic.shape, np.complex64)
        filters.real = curves.harmonic
        cepstrum = np.fft.irfft(filters, n_fft)[:, : n_fft // 2 + 1]
        filters.real = 0
        np.multiply(cepstrum, np.float32(n_fft), out=filters.imag)
        angle = np.fft.irfft(filters, n_fft)[:, : n_fft // 2 + 1]
        angle += curves.phase
        gain = np.exp(curves.harmonic)
        np.multiply(gain, np.cos(angle), out=filters.real)
        np.multiply(gain, np.sin(angle), out=filters.imag)
        filters *= spectra
        return filters

    def _excitation(self, hz: NDArray[np.float64], start: int, stop: int) -> Array:
        """Return the pulses of frames ``start`` to ``stop`` and ``reach`` samples on each side.

        Before the first frame and after the last there are none.
        """
        package = self._of.package
        hop, rate = package.hop, package.rate_hz
        low, high = max(0, start - _MARGIN + 1), min(len(hz), stop + _MARGIN - 1)
        around = np.concatenate([hz[:1], hz, hz[-1:]])
        before, here, after = around[:-2], around[1:-1], around[2:]
        # Cycles a frame: the mean of the pitch, which runs straight from centre to centre.
        cycles = np.cumsum((before + 6 * here + after) * (hop / 8 / rate))
        begun = np.concatenate([[0.0], cycles])[low:high, None]
        begun -= np.rint(begun)  # summed in double precision; what is left fits into single
        points = [part[low:high, None].astype(np.float32) for part in (before, here, after)]
        weights, running = self._of.interpolation
        # Element by element, not as a matrix product, whose rounding depends on its shape.
        pitch, phase = (_blended(each, points) for each in (weights, running))
        phase += begun.astype(np.float32)
        phase -= np.rint(phase)
        pulses = _pulses(phase, pitch, rate)
        first = start * hop - self._reach - low * hop
        last = stop * hop + self._reach - low * hop
        inside = pulses.reshape(-1)[max(0, first) : max(0, last)]
        return np.pad(inside, (max(0, -first), last - max(0, first) - len(inside)))


class Noise:
    """White noise in a circle, kept as windowed spectra."""

    def __init__(self, package: Package) -> None:
        self._package = package
        size = package.noise_n_fft
        if size == package.n_fft:
            self.window: Array = np.hanning(size + 1)[:-1].astype(np.float32)
        else:
            # The squares of sines at half their length add up to one.
            self.window = np.sin(np.pi * (np.arange(size) + 0.5) / size).astype(np.float32)

    @cached_property
    def _table(self) -> NDArray[np.complex64]:
        size, step = self._package.noise_n_fft, self._package.hop // self._package.noise_spectra
        n = _NOISE_FRAMES * self._package.noise_spectra
        white = np.random.default_rng(_NOISE_SEED).standard_normal(n * step, np.float32)
        around = np.concatenate([white, white[:size]])
        windows = np.lib.stride_tricks.sliding_window_view(around, size)[: n * step : step]
        spectra = np.fft.rfft(windows * self.window).astype(np.complex64)
        return spectra.reshape(_NOISE_FRAMES, self._package.noise_spectra, -1)

    def spectra(self, start: int, n: int) -> NDArray[np.complex64]:
        """Return the spectra of ``n`` frames from place ``start``: (n, spectra a frame, bins)."""
        return self._table[np.arange(start, start + n) % _NOISE_FRAMES]


class _Envelope:
    """Takes the spectral envelope off one pitch, stretches it along frequency, gives it to another.

    The networks' gains follow the recorded voice's single harmonics: 20 dB lower between two of
    them, and nothing below the first. Another pitch must not fall into those gaps. So the gains are
    read at the recorded harmonics only, joined by straight lines, and go on flat below the first.
    """

    def __init__(self, bins: int, factor: float, bin_hz: float) -> None:
        self._bins = bins
        self._bin_hz = bin_hz
        self._source = _warped_bins(bins, factor).astype(np.float32)

    def __call__(
        self, harmonic: Array, phase: Array, recorded_hz: NDArray[np.float64]
    ) -> tuple[Array, Array]:
        """Return curves of shape (n, bins), whose frames were meant for ``recorded_hz``."""
        step = (recorded_hz / self._bin_hz).astype(np.float32)[:, None]
        place = self._source / step
        below = np.maximum(np.floor(place), 1)  # the harmonic under each bin
        place -= below
        share = np.maximum(place, 0, out=place)
        n_harmonics = int(below.max()) + 1
        bins = np.rint(np.arange(1, n_harmonics + 1, dtype=np.float32) * step).astype(np.intp)
        both = np.empty(harmonic.shape, np.complex64)  # gathered together
        both.real, both.imag = harmonic, phase
        points = np.take_along_axis(both, np.minimum(bins, self._bins - 1), 1)
        rises = np.zeros_like(points)
        np.subtract(points[:, 1:], points[:, :-1], out=rises[:, :-1])
        index = below.astype(np.intp)
        index += (np.arange(len(index)) * n_harmonics - 1)[:, None]
        joined = rises.reshape(-1)[index]
        joined.view(np.float32).reshape(*joined.shape, 2)[...] *= share[..., None]
        joined += points.reshape(-1)[index]
        return joined.real, joined.imag


class _Warp:
    """Stretches curves along frequency."""

    def __init__(self, bins: int, factor: float) -> None:
        source = _warped_bins(bins, factor)
        self._low = np.minimum(source.astype(np.intp), bins - 2)
        self._share = (source - self._low).astype(np.float32)

    def __call__(self, curves: Array) -> Array:
        low = np.take(curves, self._low, axis=-1)
        high = np.take(curves, self._low + 1, axis=-1)
        high -= low
        high *= self._share
        high += low
        return high


def _warped_bins(bins: int, factor: float) -> NDArray[np.float64]:
    """Return the bin that each bin is read from: linear up to 6/7 of the band; the end stays."""
    target = np.arange(bins) / (bins - 1)
    knee = 6 / 7 * min(1.0, factor)
    beyond = (target - knee) * (1 - knee / factor) / (1 - knee) + knee / factor
    source: NDArray[np.float64] = np.where(target <= knee, target / factor, beyond) * (bins - 1)
    return source


def _bin_hz(n_fft: int, rate_hz: int) -> NDArray[np.float64]:
    return np.arange(n_fft // 2 + 1, dtype=np.float64) * (rate_hz / n_fft)


def _blended(weights: Array, points: list[Array]) -> Array:
    """Return the weighted sum of three points for each of a frame's samples: (frames, hop)."""
    blend: Array = weights[0] * points[0]
    blend += weights[1] * points[1]
    blend += weights[2] * points[2]
    return blend


def _interpolation(hop: int, rate_hz: int) -> tuple[Array, Array]:
    """Return the weights of (before, here, after) for each of a frame's samples.

    And what the three add to the phase from the frame's first sample to each, in cycles a Hz.
    """
    u = (np.arange(hop) + 0.5) / hop
    weights = np.stack([np.maximum(0.5 - u, 0), 1 - np.abs(u - 0.5), np.maximum(u - 0.5, 0)])
    running = np.cumsum(weights, axis=1) / rate_hz
    return weights.astype(np.float32), running.astype(np.float32)


def _pulses(phase: Array, hz: Array, rate_hz: int) -> Array:
    """Return a flat sum of cosines at every harmonic below the top (the Dirichlet kernel).

    Args:
        phase: Cycles from the nearest pulse: small, so exact, where the kernel is steep.
        hz: Pitch of each sample.
        rate_hz: Sample rate.
    """
    harmonics = np.floor(np.float32(_TOP_OF_NYQUIST * rate_hz / 2) / hz)
    # In half turns, reduced to one turn: the argument reaches hundreds of pi.
    turns = harmonics + np.float32(0.5)
    turns *= phase
    turns -= np.rint(turns)
    sine = np.sin(np.float32(np.pi) * phase)
    at_pulse = np.flatnonzero(np.abs(sine) < _AT_PULSE)
    sine.ravel()[at_pulse] = 1
    kernel: Array = np.sin(np.float32(2 * np.pi) * turns)
    kernel /= sine
    kernel -= 1
    kernel.ravel()[at_pulse] = 2 * harmonics.ravel()[at_pulse]
    kernel *= np.sqrt(hz * np.float32(1 / rate_hz))
    return kernel


def _inverse(spectra: NDArray[np.complex64], n_fft: int) -> Array:
    return np.fft.irfft(spectra, n_fft).astype(np.float32, copy=False)


def _overlap_add(out: Array, waves: Array, hop: int, at: int) -> None:
    """Add window after window into ``out``, each ``hop`` samples after the one before."""
    n, size = waves.shape
    for part in range(size // hop):
        cut = slice(at + part * hop, at + (part + n) * hop)
        out[cut] += waves[:, part * hop : (part + 1) * hop].reshape(-1)
