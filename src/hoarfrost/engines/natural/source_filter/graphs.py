"""The two graphs of a package.

In: token arrays, then frames. Out: `Frames`, then `Curves`. Invariant: however frames are cut into
`CurveStream.feed` calls, the curves that come back, joined, are those of one call (to float32
rounding); what a window needs of its neighbours is kept here.

A decoder graph comes in two kinds. A *plain* one takes a stretch of frames and is wrong near the
stretch's ends: it is given ``context_frames`` more on each side, again with every window. A
*carried* one (inputs ``last`` and ``state_0`` …, made from a plain one by ``training/carry.py``)
hands the ends of its convolutions from call to call: same samples, no frame computed twice. The
context costs a 64-frame window as much again as the window itself.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Protocol, TypeAlias

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from hoarfrost.engines.natural.sessions import open_graph, run_graph
from hoarfrost.engines.natural.source_filter.package import Package
from hoarfrost.errors import VoiceFault

Array: TypeAlias = NDArray[np.float32]

_TEXT_INPUTS: Final = {"ids", "stress", "feats", "speed", "pitch"}
_TEXT_OUTPUTS: Final = ["frames", "lz", "vu", "dur"]
_FRAME_INPUTS: Final = {"frames", "lz", "vu"}
_CURVE_OUTPUTS: Final = ["h", "n", "ph"]
FEATURES: Final = 8
"""Position features of a token, see `prosody`."""


@dataclass(frozen=True, slots=True)
class Tokens:
    """What the text graph reads; every array has one entry a token.

    Attributes:
        ids: int64, places in the package's phonemes.
        stress: int64, 0 none, 1 secondary, 2 primary.
        features: float32, shape (n, FEATURES).
        speed: float32, factor on the token's rate.
        pitch: float32, added to the token's pitch, in the package's standard deviations.
    """

    ids: NDArray[np.int64]
    stress: NDArray[np.int64]
    features: Array
    speed: Array
    pitch: Array

    def __len__(self) -> int:
        return len(self.ids)

    def part(self, start: int, stop: int) -> "Tokens":
        """Return the tokens from ``start`` to ``stop``."""
        cut = slice(start, stop)
        return Tokens(
            self.ids[cut], self.stress[cut], self.features[cut], self.speed[cut], self.pitch[cut]
        )


@dataclass(frozen=True, slots=True)
class Frames:
    """A stretch of speech before it has a sound, one row a frame of ``hop`` samples.

    Attributes:
        hidden: float32, shape (n, width).
        pitch: float32, shape (n,), in standard deviations from the package's mean.
        voiced: float32, shape (n,), 0 or 1.
    """

    hidden: Array
    pitch: Array
    voiced: Array

    def __len__(self) -> int:
        return len(self.pitch)

    def part(self, start: int, stop: int) -> "Frames":
        """Return the frames from ``start`` to ``stop``."""
        return Frames(self.hidden[start:stop], self.pitch[start:stop], self.voiced[start:stop])

    def then(self, more: "Frames") -> "Frames":
        """Return these frames followed by ``more``."""
        return Frames(
            np.concatenate([self.hidden, more.hidden]),
            np.concatenate([self.pitch, more.pitch]),
            np.concatenate([self.voiced, more.voiced]),
        )


@dataclass(frozen=True, slots=True)
class Curves:
    """What the vocoder does in each frame; log gains in nepers.

    Attributes:
        harmonic: float32, shape (n, n_fft / 2 + 1), gain of the pulses.
        noise: float32, shape (n, noise_bins), gain of the noise.
        phase: float32, as ``harmonic``, radians beyond the minimum phase of ``harmonic``.
    """

    harmonic: Array
    noise: Array
    phase: Array

    def __len__(self) -> int:
        return len(self.harmonic)


class CurveStream(Protocol):
    """The decoder's way through one sentence."""

    def feed(self, frames: Frames, *, is_last: bool) -> Curves:
        """Take the next frames; return the curves that are final now, all of them at the end."""
        ...


class TextGraph:
    """Tokens → frames and how many of them each token lasts."""

    def __init__(self, package: Package) -> None:
        self._session = open_graph(package.folder / "text.onnx", _TEXT_INPUTS, _TEXT_OUTPUTS)

    def run(self, tokens: Tokens) -> tuple[Frames, NDArray[np.int64]]:
        """Return the tokens' frames, and the number of frames of each.

        Raises:
            VoiceFault: If the graph fails.
        """
        hidden, pitch, voiced, durations = run_graph(
            self._session,
            _TEXT_OUTPUTS,
            {
                "ids": tokens.ids[None],
                "stress": tokens.stress[None],
                "feats": tokens.features[None],
                "speed": tokens.speed[None],
                "pitch": tokens.pitch[None],
            },
        )
        return Frames(hidden[0], pitch[0], voiced[0]), durations[0].astype(np.int64)


class CurveGraph:
    """Frames → curves, opened once and shared by all streams."""

    def __init__(self, package: Package) -> None:
        self._package = package
        self._session = open_graph(package.folder / "dec.onnx", _FRAME_INPUTS, _CURVE_OUTPUTS)
        inputs = {i.name: i for i in self._session.get_inputs()}
        names = sorted((n for n in inputs if n.startswith("state_")), key=lambda n: int(n[6:]))
        self.lookahead = package.context_frames
        self.frame_width = int(inputs["frames"].shape[-1])
        bins = package.n_fft // 2 + 1
        self._none = Curves(_empty(bins), _empty(package.noise_bins), _empty(bins))
        self._initial: dict[str, Array] = {}
        self.is_carried = "last" in inputs
        if self.is_carried:
            metadata = self._session.get_modelmeta().custom_metadata_map
            try:
                self.lookahead = int(metadata["lookahead_frames"])
                rows = [int(row) for row in metadata["state_rows"].split(",")]
                for name, n_rows in zip(names, rows, strict=True):
                    self._initial[name] = np.zeros((n_rows, inputs[name].shape[1]), np.float32)
            except (KeyError, ValueError, TypeError, IndexError) as error:
                raise VoiceFault(
                    f"voice package {package.folder.name}: dec.onnx: expected the metadata of a "
                    f"carried graph, got {type(error).__name__}"
                ) from error

    def stream(self) -> CurveStream:
        """Start a sentence."""
        if self.is_carried:
            return _CarriedStream(self._session, self._initial, self.lookahead, self._none)
        return _PlainStream(self._session, self._package.context_frames)


class _PlainStream:
    def __init__(self, session: onnxruntime.InferenceSession, context: int) -> None:
        self._session = session
        self._context = context
        self._frames: Frames | None = None
        self._done = 0  # frames of self._frames whose curves are out: context of the next

    def feed(self, frames: Frames, *, is_last: bool) -> Curves:
        all_frames = frames if self._frames is None else self._frames.then(frames)
        ready = len(all_frames) if is_last else max(len(all_frames) - self._context, self._done)
        harmonic, noise, phase = run_graph(
            self._session,
            _CURVE_OUTPUTS,
            {
                "frames": all_frames.hidden[None],
                "lz": all_frames.pitch[None],
                "vu": all_frames.voiced[None],
            },
        )
        cut = slice(self._done, ready)
        drop = max(0, ready - self._context)
        self._frames = all_frames.part(drop, len(all_frames))
        self._done = ready - drop
        return Curves(harmonic[0, cut], noise[0, cut], phase[0, cut])


class _CarriedStream:
    def __init__(
        self,
        session: onnxruntime.InferenceSession,
        initial: Mapping[str, Array],
        lookahead: int,
        none: Curves,
    ) -> None:
        self._none = none
        self._session = session
        self._lookahead = lookahead
        self._state = dict(initial)
        self._waiting: Frames | None = None
        self._has_begun = False
        self._outputs = [*_CURVE_OUTPUTS, *(f"{name}_out" for name in initial)]

    def feed(self, frames: Frames, *, is_last: bool) -> Curves:
        if not self._has_begun:  # the graph cannot run on frames that give no curve at all
            frames = frames if self._waiting is None else self._waiting.then(frames)
            self._has_begun = is_last or len(frames) > self._lookahead
            if not self._has_begun:
                self._waiting = frames
                return self._none
        harmonic, noise, phase, *state = run_graph(
            self._session,
            self._outputs,
            {
                "frames": frames.hidden,
                "lz": frames.pitch[:, None],
                "vu": frames.voiced[:, None],
                "last": np.array([is_last], np.int64),
                **self._state,
            },
        )
        self._state = dict(zip(self._state, state, strict=True))
        return Curves(harmonic, noise, phase)


def _empty(width: int) -> Array:
    return np.zeros((0, width), np.float32)
