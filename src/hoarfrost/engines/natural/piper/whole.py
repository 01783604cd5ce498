"""A model that could not be cut: run whole, sentence by sentence, as everybody else does.

In: ids. Out: frames that hold their samples already. Invariant: to `utterance` it looks like any
other voice, but that a sentence comes in one piece, and the times of its words are estimated from
the number of their sounds. What is random in it is not ours to draw: its samples differ from call
to call.
"""

from collections.abc import Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray

from hoarfrost.engines.natural.piper.graphs import Array, Frames, Sound, Tokens
from hoarfrost.engines.natural.piper.package import Package
from hoarfrost.engines.natural.sessions import open_graph, run_graph
from hoarfrost.engines.natural.windows import ONE_SHOT, Schedule

GRAPH: Final = "whole.onnx"
INPUTS: Final = ("input", "input_lengths", "scales")
OUTPUT: Final = "output"


class WholeVoice:
    """A voice whose model runs in one piece."""

    lookahead: Final = 0

    def __init__(self, package: Package) -> None:
        self._package = package
        self._session = open_graph(package.folder / GRAPH, INPUTS, [OUTPUT])
        self._inputs = {i.name for i in self._session.get_inputs()}

    def schedule(self, streamed: Schedule) -> Schedule:
        """Return how much is done at a time: everything."""
        del streamed
        return ONE_SHOT

    def frames(self, tokens: Tokens, speaker: int) -> tuple[Frames, NDArray[np.int64]]:
        """Return a sentence's samples as frames, and about how many each token lasts.

        Raises:
            VoiceFault: If the graph fails.
        """
        package = self._package
        speed = float(1 / np.mean(1 / tokens.speed))
        feed: Mapping[str, object] = {
            "input": tokens.ids[None],
            "input_lengths": np.array([len(tokens)], np.int64),
            "scales": np.array(
                [package.noise_scale, package.length_scale / speed, package.noise_width],
                np.float32,
            ),
            "sid": np.array([speaker], np.int64),
        }
        wanted = {name: value for name, value in feed.items() if name in self._inputs}
        samples = run_graph(self._session, [OUTPUT], wanted)[0].reshape(-1)
        n_frames = -(-len(samples) // package.hop)
        samples = np.pad(samples, (0, n_frames * package.hop - len(samples)))
        rows = samples.reshape(n_frames, package.hop).T
        shares = np.cumsum(1 / tokens.speed)
        ends = np.rint(shares / shares[-1] * n_frames).astype(np.int64)
        return Frames(rows, rows[:0]), np.diff(ends, prepend=0)

    def sound(self, seed: int, speaker: int) -> Sound:
        """Start a sentence: what there is to be drawn and said is in the frames."""
        del seed, speaker
        return _Unwrapped()


class _Unwrapped:
    """Samples taken out of the frames that hold them."""

    def feed(self, frames: Frames, *, is_last: bool) -> Array:
        """Return the samples of the frames."""
        del is_last
        return np.ascontiguousarray(frames.mean.T).reshape(-1)
