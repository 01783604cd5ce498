"""The graphs of a Piper voice, run: tokens → frames, frames → samples.

In: ids, then the `Frames` made of them. Out: samples. Invariant: however frames are cut into
`SoundStream.feed` calls, the samples that come back, joined, are those of one call (to float32
rounding): the sound graph hands the ends of its convolutions from call to call (see `carrying`).

What is random is drawn here, not in the graphs: by seed and place, so that the same request gives
the same samples however they are fetched.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol, TypeAlias

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from hoarfrost.engines.natural.piper.package import Package
from hoarfrost.engines.natural.sessions import open_graph, run_graph
from hoarfrost.engines.natural.windows import Schedule
from hoarfrost.errors import VoiceFault

Array: TypeAlias = NDArray[np.float32]

_DURATION_NOISE: Final = 1
_SOUND_NOISE: Final = 2
"""Which of a sentence's two streams of random numbers is meant."""


@dataclass(frozen=True, slots=True)
class Tokens:
    """What the text graph reads; every array has one entry a token.

    Attributes:
        ids: int64, shape (n,), of the voice's symbols.
        speed: float32, shape (n,), factor on each token's rate.
        noise: float32, shape (2, n), normal, for the durations.
    """

    ids: NDArray[np.int64]
    speed: Array
    noise: Array

    def __len__(self) -> int:
        return len(self.ids)

    def part(self, start: int, stop: int) -> "Tokens":
        """Return the tokens from ``start`` to ``stop``."""
        return Tokens(self.ids[start:stop], self.speed[start:stop], self.noise[:, start:stop])


@dataclass(frozen=True, slots=True)
class Frames:
    """What each frame of speech may be, before one possibility is drawn.

    Attributes:
        mean: float32, shape (channels, n).
        log_scale: float32, as ``mean``.
    """

    mean: Array
    log_scale: Array

    def __len__(self) -> int:
        return int(self.mean.shape[1])

    def part(self, start: int, stop: int) -> "Frames":
        """Return the frames from ``start`` to ``stop``."""
        return Frames(self.mean[:, start:stop], self.log_scale[:, start:stop])

    def then(self, more: "Frames") -> "Frames":
        """Return these frames followed by ``more``."""
        return Frames(
            np.concatenate([self.mean, more.mean], axis=1),
            np.concatenate([self.log_scale, more.log_scale], axis=1),
        )


class Sound(Protocol):
    """A sentence's way from frames to samples."""

    def feed(self, frames: Frames, *, is_last: bool) -> Array:
        """Take the next frames; return the samples that are final now, all of them at the end."""
        ...


def duration_noise(seed: int, n: int) -> Array:
    """Return what is random in the durations of ``n`` tokens: float32, shape (2, n)."""
    # One row after the other, so that a token's noise does not depend on how many follow it.
    return _generator(seed, _DURATION_NOISE).standard_normal((n, 2), np.float32).T


def _generator(seed: int, stream: int) -> np.random.Generator:
    return np.random.Generator(np.random.Philox(key=[seed % 2**64, stream]))


class CutVoice:
    """A voice whose model was cut in two: it streams."""

    def __init__(self, package: Package) -> None:
        self._package = package
        outputs = ["mean", "log_scale", "duration"]
        self._text = open_graph(package.folder / "text.onnx", ["ids"], outputs)
        self._sound = open_graph(
            package.folder / "sound.onnx", ["frames", "last"], ["samples"], plans_memory=False
        )
        self._embeddings: dict[int, Array] = {}
        self._text_inputs = {i.name for i in self._text.get_inputs()}
        self._sound_inputs = {i.name for i in self._sound.get_inputs()}
        self._text_outputs = [o.name for o in self._text.get_outputs()]
        facts = self._sound.get_modelmeta().custom_metadata_map
        try:
            self.lookahead = int(facts["lookahead_frames"])
            self._initial = _initial_states(self._sound, facts)
        except (KeyError, ValueError, TypeError, IndexError) as error:
            raise VoiceFault(
                f"voice package {package.folder.name}: sound.onnx: expected the metadata of a "
                f"carried graph, got {type(error).__name__}"
            ) from error

    def schedule(self, streamed: Schedule) -> Schedule:
        """Return how much is done at a time: as much as suits the family."""
        return streamed

    def frames(self, tokens: Tokens, speaker: int) -> tuple[Frames, NDArray[np.int64]]:
        """Return the frames of tokens, and how many each of them lasts.

        Raises:
            VoiceFault: If the graph fails.
        """
        found = self._read(tokens, speaker)
        durations = spoken_frames(found["duration"].reshape(-1), tokens.speed)
        frames = Frames(
            np.repeat(found["mean"][0], durations, axis=1),
            np.repeat(found["log_scale"][0], durations, axis=1),
        )
        return frames, durations

    def sound(self, seed: int, speaker: int) -> Sound:
        """Start a sentence.

        Raises:
            VoiceFault: If the graph fails.
        """
        extra = {"speaker": self._embedding(speaker)} if "speaker" in self._sound_inputs else {}
        noise = _generator(seed, _SOUND_NOISE)
        return _CarriedSound(self._sound, self._initial, extra, noise, self._package.noise_scale)

    def _embedding(self, speaker: int) -> Array:
        """Return what the sound graph is to know of a speaker; asked for once."""
        if speaker not in self._embeddings:
            nothing = Tokens(np.zeros(1, np.int64), np.ones(1, np.float32), duration_noise(0, 1))
            self._embeddings[speaker] = self._read(nothing, speaker)["speaker"]
        return self._embeddings[speaker]

    def _read(self, tokens: Tokens, speaker: int) -> dict[str, Array]:
        """Run the text graph; return its outputs by name."""
        package = self._package
        feed = {
            "ids": tokens.ids[None],
            "noise": tokens.noise[None],
            "scales": np.array(
                [package.noise_scale, package.length_scale, package.noise_width], np.float32
            ),
            "sid": np.array([speaker], np.int64),
        }
        wanted = {name: value for name, value in feed.items() if name in self._text_inputs}
        found = run_graph(self._text, self._text_outputs, wanted)
        return dict(zip(self._text_outputs, found, strict=True))


def spoken_frames(durations: Array, speed: Array) -> NDArray[np.int64]:
    """Return the frames of each token at its speed: int64, shape (n,).

    At speed 1 each is rounded up, as the model itself does. At another speed the places between
    tokens are rounded, not the durations: so the whole lasts exactly as much longer or shorter,
    and one frame at the least.

    Args:
        durations: float32, shape (n,), as the text graph gives them.
        speed: float32, shape (n,).
    """
    natural = np.maximum(np.ceil(durations), 1.0)
    ends = np.rint(np.cumsum(natural / speed)).astype(np.int64)
    ends[-1:] = np.maximum(ends[-1:], 1)
    return np.diff(ends, prepend=0)


def _initial_states(
    session: onnxruntime.InferenceSession, facts: Mapping[str, str]
) -> dict[str, Array]:
    inputs = {i.name: i for i in session.get_inputs() if i.name.startswith("state_")}
    names = sorted(inputs, key=lambda name: int(name.removeprefix("state_")))
    lengths = [int(n) for n in facts["state_lengths"].split(",") if n]
    return {
        name: np.zeros((1, int(inputs[name].shape[1]), n), np.float32)
        for name, n in zip(names, lengths, strict=True)
    }


class _CarriedSound:
    def __init__(
        self,
        session: onnxruntime.InferenceSession,
        initial: Mapping[str, Array],
        extra: Mapping[str, Array],
        noise: np.random.Generator,
        noise_scale: float,
    ) -> None:
        self._session = session
        self._state = dict(initial)
        self._extra = extra
        self._noise = noise
        self._noise_scale = np.float32(noise_scale)
        self._outputs = ["samples", *(f"{name}_out" for name in initial)]

    def feed(self, frames: Frames, *, is_last: bool) -> Array:
        # Frame after frame, so that a frame's noise does not depend on how many come at a time.
        drawn = self._noise.standard_normal((len(frames), len(frames.mean)), np.float32).T
        drawn = frames.mean + drawn * np.exp(frames.log_scale) * self._noise_scale
        samples, *state = run_graph(
            self._session,
            self._outputs,
            {
                "frames": drawn[None],
                "last": np.array([is_last], np.int64),
                **self._extra,
                **self._state,
            },
        )
        self._state = dict(zip(self._state, state, strict=True))
        return samples.reshape(-1)


def graph_bytes(folder: Path) -> int:
    """Return what the graphs in a folder take on disk."""
    return sum(path.stat().st_size for path in folder.glob("*.onnx"))
