"""From spectra and pitch to samples: pulses, noise and a branch of free phase, added up.

In: the decoder's spectra and the pitch of their frames. Out: float32 samples. Invariant:
what `Voicing.render` returns, joined, does not depend on how the frames were cut into calls.

Of each frame of 12.5 ms the decoder gives five parts, 601 bins each: log gain and phase of the
harmonics, log gain of the noise, log gain and phase of the free branch. With E the short-time
spectrum of a pulse train and Z white noise:

    S = e^harmonic · e^(i π tanh(turn)) · E + e^noise · Z + e^free · e^(i phase)

Windows of 1200 samples, each 300 after the one before, are added up.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from hoarfrost.engines.natural.hibari.graphs import Array
from hoarfrost.units import SampleRate

RATE_HZ: Final[SampleRate] = 24_000
HOP: Final = 300
N_FFT: Final = 1200
BINS: Final = N_FFT // 2 + 1
_REACH: Final = N_FFT // 2
"""Samples on each side of a frame's first one that its window covers."""
_MARGIN: Final = 2
"""Frames of pulses made beside a window, which it reaches into."""
_LEAST_HZ: Final = 40.0
"""Lower pitch is none."""
_TOP_HZ: Final = 11_000.0
"""Pulses have harmonics up to here."""
_AT_PULSE: Final = 1e-3
"""Below this sine the kernel is its limit: elsewhere it would be zero by zero."""
_GREATEST_LOG: Final = 7.0
_NOISE_FRAMES: Final = 1024
"""Length of the circle of noise: 12.8 s, too long to be heard as a loop."""
_NOISE_SEED: Final = 20_250_801


@dataclass(frozen=True, slots=True)
class Shape:
    """How a speaker's sound differs from the recorded one.

    Attributes:
        tilt_db: Added to the harmonics per octave above 500 Hz.
        breath_db: Added to the noise.
        gain_db: Added to everything.
    """

    tilt_db: float = 0.0
    breath_db: float = 0.0
    gain_db: float = 0.0


class Noise:
    """White noise in a circle, kept as spectra: complex64, variance 2 in each bin."""

    @cached_property
    def table(self) -> NDArray[np.complex64]:
        """The spectra: shape (frames, bins)."""
        draw = np.random.default_rng(_NOISE_SEED)
        numbers = draw.standard_normal((_NOISE_FRAMES, 2 * BINS), np.float32)
        return numbers.view(np.complex64)

    def spectra(self, start: int, n: int) -> NDArray[np.complex64]:
        """Return the spectra of ``n`` frames from place ``start``: shape (n, bins)."""
        return self.table[np.arange(start, start + n) % len(self.table)]


class Sound:
    """What all sentences of one speaker share."""

    def __init__(self, shape: Shape, noise: Noise) -> None:
        self.noise = noise
        hann = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(N_FFT) / N_FFT)
        # A unit cosine has a peak of n_fft / 4 in its windowed spectrum. Asked to divide by n_fft,
        # numpy's transform stays in single precision, which it does not when asked for nothing.
        self.analysis = (hann * 4).astype(np.float32)
        # The squares of Hann windows at a quarter of their length add up to a constant.
        self.synthesis = (hann * (HOP / np.square(hann).sum())).astype(np.float32)
        nepers = np.log(10) / 20
        octaves = np.log2(np.maximum(np.arange(BINS) * RATE_HZ / N_FFT, 500) / 500)
        self.harmonic_offset = (nepers * (shape.gain_db + shape.tilt_db * octaves)).astype("f4")
        self.noise_offset = np.float32(nepers * (shape.gain_db + shape.breath_db))
        self.free_offset = np.float32(nepers * shape.gain_db)

    def voicing(self, noise_start: int) -> "Voicing":
        """Start a sentence; ``noise_start`` is a place in the noise, in frames."""
        return Voicing(self, noise_start)


class Voicing:
    """The sound of one sentence, made window by window."""

    def __init__(self, sound: Sound, noise_start: int) -> None:
        self._sound = sound
        self._noise_at = noise_start
        self._done = 0
        self._begun: list[float] = [0.0]  # phase at the start of each frame, in cycles
        self._skip = _REACH  # the first frame's window begins before the first sample
        # What later frames are still to be added to: from `reach` samples before frame `done`.
        self._tail = np.zeros(N_FFT - HOP, np.float32)

    def render(self, spectra: Array, hz: NDArray[np.float64], *, is_last: bool) -> Array:
        """Sound the next frames.

        Args:
            spectra: Of the next frames, shape (n, parts, bins).
            hz: Pitch of every frame of the sentence that is known, from its first; three more
                than are to be rendered, unless the sentence ends before.
            is_last: Whether the spectra are the sentence's last.

        Returns:
            The samples that no later frame can change; at the end, all that remain.
        """
        n, start = len(spectra), self._done
        frames = self._filtered(spectra, hz, start)
        waves = np.fft.irfft(frames, N_FFT).astype(np.float32, copy=False)
        waves *= self._sound.synthesis
        out = np.zeros(N_FFT - HOP + n * HOP, np.float32)
        out[: len(self._tail)] = self._tail
        for part in range(N_FFT // HOP):
            cut = slice(part * HOP, (part + n) * HOP)
            out[cut] += waves[:, part * HOP : (part + 1) * HOP].reshape(-1)
        self._done = start + n
        skipped = min(self._skip, n * HOP)
        self._skip -= skipped
        if is_last:
            return out[skipped + self._skip : _REACH + n * HOP]
        self._tail = out[n * HOP :]
        return out[skipped : n * HOP]

    def _filtered(
        self, spectra: Array, hz: NDArray[np.float64], start: int
    ) -> NDArray[np.complex64]:
        """Return the spectra of the sound of frames ``start`` and on."""
        sound, n = self._sound, len(spectra)
        harmonic, turn, noise, free, phase = (spectra[:, part] for part in range(5))
        excitation = self._excitation(hz, start, start + n)
        windows = np.lib.stride_tricks.sliding_window_view(excitation, N_FFT)
        pulses = np.fft.rfft(windows[::HOP] * sound.analysis, norm="forward")
        total = pulses.astype(np.complex64, copy=False)
        rotation = np.empty((n, BINS), np.complex64)
        _polar(np.tanh(turn) * np.float32(np.pi), _gain(harmonic, sound.harmonic_offset), rotation)
        total *= rotation
        _polar(phase, _gain(free, sound.free_offset), rotation)
        total += rotation
        hiss = sound.noise.spectra(self._noise_at + start, n)
        hiss *= _gain(noise, sound.noise_offset)
        total += hiss
        return total

    def _excitation(self, hz: NDArray[np.float64], start: int, stop: int) -> Array:
        """Return the pulses of frames ``start`` to ``stop`` and half a window beside them.

        Before the first frame and after the last there are none.
        """
        low, high = max(0, start - _MARGIN), min(len(hz), stop + _MARGIN - 1)
        pitch = _sample_pitch(hz, low, high)
        # Summed in double precision; what is left of whole cycles fits into single.
        phase = np.cumsum(np.maximum(pitch, np.float32(_LEAST_HZ)), axis=1, dtype=np.float64)
        phase *= 1 / RATE_HZ
        known = len(self._begun) - 1
        for cycles in phase[known - low :, -1]:
            self._begun.append((self._begun[-1] + float(cycles)) % 1)
        phase += np.array(self._begun[low:high])[:, None]
        phase -= np.rint(phase)
        pulses = _pulses(phase.astype(np.float32), pitch)
        first, last = (start - low) * HOP - _REACH, (stop - 1 - low) * HOP + _REACH
        inside = pulses.reshape(-1)[max(0, first) : max(0, last)]
        return np.pad(inside, (max(0, -first), last - max(0, first) - len(inside)))


def _gain(log_gain: Array, offset: Array | np.float32) -> Array:
    gain: Array = np.minimum(log_gain, np.float32(_GREATEST_LOG))
    gain += offset
    return np.exp(gain, out=gain)


def _polar(angle: Array, gain: Array, out: NDArray[np.complex64]) -> None:
    np.multiply(gain, np.cos(angle), out=out.real)
    np.multiply(gain, np.sin(angle), out=out.imag)


_U: Final = (np.arange(HOP) + 0.5) / HOP
_WEIGHTS: Final = np.stack(
    [np.maximum(0.5 - _U, 0), 1 - np.abs(_U - 0.5), np.maximum(_U - 0.5, 0)]
).astype(np.float32)
"""Of the frame before, here, and after, for the pitch of each of a frame's samples."""


def _sample_pitch(hz: NDArray[np.float64], low: int, high: int) -> Array:
    """Return the pitch of every sample of frames ``low`` to ``high``: shape (frames, hop)."""
    around = np.concatenate([hz[:1], hz[low and low - 1 : high + 1], hz[-1:]])
    around = around[0 if low == 0 else 1 :][: high - low + 2].astype(np.float32)[:, None]
    # Element by element, not as a matrix product, whose rounding depends on its shape.
    pitch: Array = _WEIGHTS[0] * around[:-2]
    pitch += _WEIGHTS[1] * around[1:-1]
    pitch += _WEIGHTS[2] * around[2:]
    return pitch


def _pulses(phase: Array, hz: Array) -> Array:
    """Return a flat sum of cosines at every harmonic below the top (the Dirichlet kernel).

    Args:
        phase: Cycles from the nearest pulse: small, so exact, where the kernel is steep.
        hz: Pitch of each sample.
    """
    harmonics = np.floor(np.float32(_TOP_HZ) / np.maximum(hz, np.float32(_LEAST_HZ)))
    # In half turns, reduced to one turn: the argument reaches hundreds of pi.
    turns = harmonics + np.float32(0.5)
    turns *= phase
    turns -= np.rint(turns)
    sine = np.sin(np.float32(np.pi) * phase)
    sine *= 2
    at_pulse = np.flatnonzero(np.abs(sine) < 2 * _AT_PULSE)
    sine.ravel()[at_pulse] = 1
    kernel: Array = np.sin(np.float32(2 * np.pi) * turns)
    kernel /= sine
    kernel.ravel()[at_pulse] = harmonics.ravel()[at_pulse] + np.float32(0.5)
    kernel -= np.float32(0.5)
    kernel[hz <= _LEAST_HZ] = 0
    return kernel
