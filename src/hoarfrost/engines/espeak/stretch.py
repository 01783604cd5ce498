"""Speech made longer or shorter without changing its pitch.

In: a finished stretch of speech and a `TimeMap`. Out: exactly as many samples as the map says,
a few frames at a time. Invariant: where the map runs at the speech's own pace, samples pass
unchanged (to rounding).

Waveform-similarity overlap-add (Verhelst and Roelands, ICASSP 1993): each frame is taken from near
the place the map asks for, where it best continues the frame before it.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hoarfrost.audio.stage import Samples

_HOP = 330
_FRAME = 2 * _HOP
_REACH = 184
# At 22050 Hz: frames of 30 ms every 15 ms hold two periods of a 67 Hz voice, and a search of
# 8.3 ms each way spans one period of 60 Hz.
_COARSE = 4
"""The first search looks at every fourth sample: 16 times less work for the same peak."""
_WINDOW: Samples = np.hanning(_FRAME + 1)[:-1].astype(np.float32)
_FRAMES_A_STEP = 16
"""240 ms of audio, about 1 ms of work."""


@dataclass(frozen=True, slots=True)
class TimeMap:
    """Which moment of the output is which moment of the input, straight between knots.

    Attributes:
        inputs: Samples of the input, increasing.
        outputs: The samples of the output where they are heard, increasing, from 0.
    """

    inputs: tuple[float, ...]
    outputs: tuple[float, ...]

    @property
    def n_samples(self) -> int:
        """The length of the output."""
        return round(self.outputs[-1])

    def input_at(self, output: float) -> float:
        """Return the moment of the input that is heard at a moment of the output."""
        return float(np.interp(output, self.outputs, self.inputs))

    def output_at(self, moment: float) -> float:
        """Return when a moment of the input is heard."""
        return float(np.interp(moment, self.inputs, self.outputs))


def stretch(samples: Samples, time_map: TimeMap) -> Iterator[Samples]:
    """Yield the speech at the pace of the map, in steps of at most 240 ms.

    Args:
        samples: float32, shape (n,), mono, at 22050 Hz.
        time_map: Its inputs lie in 0 to n.
    """
    # Room for the search at both ends; silence, as before and after speech.
    margin = _FRAME + _REACH
    source = np.pad(samples, (margin, margin + _FRAME))
    first = round(time_map.input_at(0)) + margin
    overlap = source[first : first + _HOP] * _WINDOW[_HOP:]
    follows = first + _HOP - _HOP  # where the frame would have to start to continue the input
    n_made = 0
    done: list[Samples] = []
    while n_made < time_map.n_samples:
        wanted = round(time_map.input_at(n_made)) + margin
        start = _best_start(source, follows, wanted)
        frame = source[start : start + _FRAME] * _WINDOW
        done.append(overlap + frame[:_HOP])
        overlap = frame[_HOP:]
        follows = start + _HOP
        n_made += _HOP
        if len(done) == _FRAMES_A_STEP or n_made >= time_map.n_samples:
            made = np.concatenate(done)
            yield made[: len(made) - max(n_made - time_map.n_samples, 0)]
            done = []


def _best_start(source: Samples, follows: int, wanted: int) -> int:
    """Return where near ``wanted`` the input looks most like it does at ``follows``."""
    if follows == wanted:
        return wanted
    pattern = source[follows : follows + _FRAME]
    low = wanted - _REACH
    area = source[low : wanted + _REACH + _FRAME]
    coarse = int(np.argmax(_likeness(area[::_COARSE], pattern[::_COARSE]))) * _COARSE
    fine = max(coarse - _COARSE + 1, 0)
    near = area[fine : coarse + _COARSE - 1 + _FRAME]
    return low + fine + int(np.argmax(_likeness(near, pattern)))


def _likeness(area: Samples, pattern: Samples) -> NDArray[np.float64]:
    """Return the normalised correlation of the pattern with each place in the area."""
    products = np.correlate(area, pattern, "valid").astype(np.float64)
    energy = np.cumsum(np.concatenate(([0.0], area.astype(np.float64) ** 2)))
    energies = energy[len(pattern) :] - energy[: -len(pattern)]
    likeness: NDArray[np.float64] = products / np.sqrt(np.maximum(energies, 1e-9))
    return likeness
