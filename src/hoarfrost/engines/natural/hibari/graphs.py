"""The networks of a hibari voice, opened and run.

In: token arrays, then frames. Out: `Frames`, then spectra. Invariant: however frames are cut into
`DecoderStream.feed` calls, the spectra that come back, joined, are those of one call.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from hoarfrost.engines.natural.hibari.melody import Melody
from hoarfrost.engines.natural.hibari.networks import (
    PARTS,
    DecoderGraph,
    decoder_graph,
    prosody_graph,
    text_graph,
)
from hoarfrost.engines.natural.hibari.weights import Weights
from hoarfrost.engines.natural.hibari.writer import Range
from hoarfrost.engines.natural.sessions import open_model, run_graph
from hoarfrost.units import Speed

Array: TypeAlias = NDArray[np.float32]

_TEXT_OUTPUTS: Final = ("sound", "prosody", "log_durations")
_HZ: Final = 100.0
_ENERGY: Final = 5.0
"""What the prosody network calls 1."""
_LOG_SCALE: Final = 5.0
"""By which the decoder has log pitch and energy divided."""
_MOST_AFTER: Final = 5
"""Frames kept after the last word at speed 1: half a second of silence is made there otherwise."""
_LEAST_AFTER: Final = 2
_FASTEST_WHOLE: Final[Speed] = 2.0
"""Beyond, a word may have fewer frames than tokens."""


@dataclass(frozen=True, slots=True)
class Tokens:
    """What the text network reads.

    Attributes:
        ids: int64, shape (n,), places in the package's vocabulary.
        speed: float32, shape (n,), factor on each token's rate.
        n_after: How many at the end are silence after the sentence's last word.
        melody: What is done to the pitch; None for nothing.
    """

    ids: NDArray[np.int64]
    speed: Array
    n_after: int = 0
    melody: Melody | None = None

    def __len__(self) -> int:
        return len(self.ids)

    def part(self, start: int, stop: int) -> "Tokens":
        """Return the tokens from ``start`` to ``stop``."""
        n_after = max(0, self.n_after - (len(self) - stop))
        melody = self.melody and self.melody.part(start, stop)
        n_after = min(n_after, stop - start)
        return Tokens(self.ids[start:stop], self.speed[start:stop], n_after, melody)


@dataclass(frozen=True, slots=True)
class Frames:
    """A stretch of speech before it has a sound, one row for 25 ms.

    Attributes:
        sound: float32, shape (n, channels), the encoding for the decoder.
        hz: float32, shape (n, 2), pitch, low or negative where there is no voice.
        energy: float32, shape (n, 2).
    """

    sound: Array
    hz: Array
    energy: Array

    def __len__(self) -> int:
        return len(self.sound)

    def part(self, start: int, stop: int) -> "Frames":
        """Return the frames from ``start`` to ``stop``."""
        return Frames(self.sound[start:stop], self.hz[start:stop], self.energy[start:stop])

    def then(self, more: "Frames") -> "Frames":
        """Return these frames followed by ``more``."""
        return Frames(
            np.concatenate([self.sound, more.sound]),
            np.concatenate([self.hz, more.hz]),
            np.concatenate([self.energy, more.energy]),
        )


class ProsodyGraphs:
    """Tokens → frames and how many of them each token lasts."""

    def __init__(self, weights: Weights, ranges: Mapping[str, Range], place: str) -> None:
        self._text = open_model(text_graph(weights, ranges).model, f"{place}: text")
        self._prosody = open_model(prosody_graph(weights, ranges).model, f"{place}: prosody")

    def run(self, tokens: Tokens) -> tuple[Frames, NDArray[np.int64]]:
        """Return the tokens' frames, and the number of frames of each.

        Raises:
            VoiceFault: If a graph fails.
        """
        sound, prosody, durations = self.encode(tokens)
        places = np.repeat(np.arange(len(tokens)), durations)
        (curves,) = run_graph(self._prosody, ("curves",), {"frames": prosody[places]})
        hz = curves[:, :2] * _HZ
        if tokens.melody is not None:
            hz = tokens.melody.shape(hz, durations)
        frames = Frames(sound[places], hz, curves[:, 2:] * _ENERGY)
        if tokens.n_after:
            _shorten(durations[len(tokens) - tokens.n_after :], float(tokens.speed[-1]))
        return frames.part(0, int(durations.sum())), durations

    def encode(self, tokens: Tokens) -> tuple[Array, Array, NDArray[np.int64]]:
        """Return the tokens' encodings for sound and prosody, and how many frames each lasts.

        Raises:
            VoiceFault: If the graph fails.
        """
        sound, prosody, log_durations = run_graph(self._text, _TEXT_OUTPUTS, {"ids": tokens.ids})
        return sound, prosody, _durations(np.exp(log_durations) - 1, tokens.speed)


def _durations(frames: Array, speed: Array) -> NDArray[np.int64]:
    """Return whole numbers of frames: those of the package, divided by each token's speed.

    What rounding adds to one token the next ones give back, so words and sentences have the length
    asked for. Every token keeps a frame, as in training; but not what is very fast.
    """
    wanted = np.maximum(np.rint(frames), 1).astype(np.float64) / speed
    least = np.cumsum(speed <= _FASTEST_WHOLE)
    ends = np.maximum.accumulate(np.rint(np.cumsum(wanted)) - least) + least
    counts: NDArray[np.int64] = np.diff(ends, prepend=0).astype(np.int64)
    return counts


def _shorten(silence: NDArray[np.int64], speed: Speed) -> None:
    """Take off, from the end, what is longer than the end of a sentence takes to fade."""
    most = max(_LEAST_AFTER, round(_MOST_AFTER / speed))
    silence[:] = np.diff(np.minimum(np.cumsum(silence), most), prepend=0)


def decoder_input(frames: Frames, hz: Array) -> Array:
    """Return the rows that the decoder reads: two a frame.

    Args:
        frames: Of a sentence.
        hz: float32, shape (n, 2), the pitch that they are to have.
    """
    rows = np.empty((2 * len(frames), frames.sound.shape[1] + 2), np.float32)
    rows[:, :-2] = np.repeat(frames.sound, 2, axis=0)
    rows[:, -2] = np.log1p(np.maximum(hz, 0)).reshape(-1) / _LOG_SCALE
    rows[:, -1] = frames.energy.reshape(-1) / _LOG_SCALE
    return rows


class Decoder:
    """Rows → spectra, opened once and shared by all streams."""

    def __init__(self, weights: Weights, ranges: Mapping[str, Range], place: str) -> None:
        self.graph: DecoderGraph = decoder_graph(weights, ranges)
        self.session = open_model(self.graph.model, f"{place}: decoder")
        self.outputs = ["spectra", *(f"{name}_out" for name in self.graph.states)]
        self.initial = {
            name: np.zeros((rows, channels), np.float32)
            for name, (channels, rows) in self.graph.states.items()
        }
        self.bins = len(weights["m.head.bias"]) // PARTS

    def stream(self) -> "DecoderStream":
        """Start a sentence."""
        return DecoderStream(self)


class DecoderStream:
    """The decoder's way through one sentence."""

    def __init__(self, decoder: Decoder) -> None:
        self._decoder = decoder
        self._state: Mapping[str, Array] = decoder.initial
        self._waiting: Array | None = None
        self._has_begun = False

    def feed(self, rows: Array, *, is_last: bool) -> Array:
        """Take the next rows; return the spectra that are final now, all of them at the end.

        Returns:
            float32, shape (n, parts, bins).
        """
        decoder = self._decoder
        if not self._has_begun:  # the graph cannot run on rows that give no spectrum at all
            rows = rows if self._waiting is None else np.concatenate([self._waiting, rows])
            self._has_begun = is_last or len(rows) > decoder.graph.lookahead
            if not self._has_begun:
                self._waiting = rows
                return np.zeros((0, PARTS, decoder.bins), np.float32)
        feed = {"frames": rows, "last": np.array([is_last], np.int64), **self._state}
        spectra, *states = run_graph(decoder.session, decoder.outputs, feed)
        self._state = dict(zip(self._state, states, strict=True))
        return spectra.reshape(len(spectra), PARTS, decoder.bins)
