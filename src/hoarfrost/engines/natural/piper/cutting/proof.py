"""Whether a cut model says what the stock model says, sample for sample.

In: a stock model, and the graphs cut from it. Out: how far they are apart. Invariant: what is
random in the model is fed to both from outside, the same: so nothing is left out of the comparison.

The project promises a `relative_error` under `TOLERANCE` for every length and every schedule of
windows. `cutter` lets no cut pass that does not keep it on a few sentences, or comes as near to the
stock model as float32 lets that model come to itself (`own_error`); the tests and the benchmarks
try many more.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeAlias

import numpy as np
import onnx
import onnxruntime
from numpy.typing import NDArray
from onnx import TensorProto, helper

from hoarfrost.engines.natural.piper.cutting.model import (
    IDS,
    LENGTHS,
    OUTPUT,
    SCALES,
    SPEAKER_ID,
    Model,
    open_model,
    read_model,
)
from hoarfrost.engines.natural.piper.cutting.structure import find_noises
from hoarfrost.engines.natural.sessions import open_graph, run_graph

Samples: TypeAlias = NDArray[np.float32]

TOLERANCE: Final = 1e-4
"""Largest difference allowed, as a part of the largest sample.

Between two settings of its own runtime (graph optimisations off and on) a trained voice of 15
million parameters, en_US-joe-medium, differs from itself by up to 4.4e-5, and its cut from it by up
to 3.8e-5 (1 to 523 frames): that is float32 rounding. Speech at -20 dBFS has peaks near 0.7, so
1e-4 of them is two steps of 16-bit audio, and an error whose worst sample lies there is far below
the rounding to 16 bits everywhere else (cuts: 94 to 112 dB below the speech; 16 bits: 75 dB). A
wrong cut is another matter: with 8 frames of context in the place of 16 a voice is 2e-3 off, and a
state that is not carried is worse (`tests/engines/natural/piper/cutting/test_proof.py` tries all).
"""
OWN_ERRORS: Final = 4
"""How many times its `own_error` a cut may be off, where that is more than `TOLERANCE`: the order
of a convolution's sums changes at each cut place, in the runtime's settings only here and there."""
LIMIT: Final = 1e-3
"""What no cut may exceed, however much its stock model differs from itself."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """What is said, and how.

    Attributes:
        ids: Symbols.
        speaker: Who says it.
        scales: Of the sound's noise, of the durations, of the durations' noise.
        seed: Of both noises.
    """

    ids: Sequence[int]
    speaker: int = 0
    scales: tuple[float, float, float] = (0.667, 1.0, 0.8)
    seed: int = 0


def one_frame_each(ids: Sequence[int], speaker: int = 0) -> Sentence:
    """Return a sentence of as many frames as ids: it is said so fast that each lasts one."""
    return Sentence(ids, speaker, scales=(0.667, 1e-6, 0.8))


class SoundGraph:
    """A carried graph, run from frames to samples."""

    def __init__(self, session: onnxruntime.InferenceSession) -> None:
        self._session = session
        facts = session.get_modelmeta().custom_metadata_map
        self.lookahead_frames = int(facts["lookahead_frames"])
        inputs = session.get_inputs()
        widths = {i.name: int(i.shape[1]) for i in inputs if i.name.startswith("state_")}
        lengths = [int(n) for n in facts["state_lengths"].split(",") if n]
        self._states = {
            f"state_{place}": np.zeros((1, widths[f"state_{place}"], n), np.float32)
            for place, n in enumerate(lengths)
        }

    def stream(
        self, frames: Samples, windows: Sequence[int], beside: Mapping[str, Samples]
    ) -> Samples:
        """Return the samples of frames that come window after window.

        Args:
            frames: float32, shape (1, channels, n).
            windows: Frames of each; the first one is made as large as it must be, the last one
                goes on.
            beside: What else the graph reads.
        """
        names = ["samples", *(f"{name}_out" for name in self._states)]
        states, parts, at, turn = self._states, list[Samples](), 0, 0
        while at < frames.shape[2]:
            size = windows[min(turn, len(windows) - 1)]
            stop = at + (size if turn else max(size, self.lookahead_frames + 1))
            feed = {
                "frames": frames[:, :, at:stop],
                "last": np.array([stop >= frames.shape[2]], np.int64),
            }
            samples, *after = run_graph(self._session, names, {**feed, **beside, **states})
            states = dict(zip(states, after, strict=True))
            parts.append(samples.reshape(-1))
            at, turn = stop, turn + 1
        return np.concatenate(parts)


class CutModel:
    """A cut model, run from ids to samples."""

    def __init__(self, folder: Path) -> None:
        self._text = open_graph(folder / "text.onnx", ["ids"], ["mean", "log_scale", "duration"])
        self.sound = SoundGraph(open_graph(folder / "sound.onnx", ["frames", "last"], ["samples"]))

    def frames(self, sentence: Sentence) -> tuple[Samples, Samples, Mapping[str, Samples]]:
        """Return a sentence's frames, their noise, and what the sound graph reads beside them.

        The first two are float32, shape (1, channels, n).
        """
        n_ids = len(sentence.ids)
        names = [output.name for output in self._text.get_outputs()]
        feed = {
            "ids": np.array([sentence.ids], np.int64),
            "noise": _normal(sentence.seed, (1, 2, n_ids)),
            "scales": np.array(sentence.scales, np.float32),
            "sid": np.array([sentence.speaker], np.int64),
        }
        found = dict(zip(names, run_graph(self._text, names, _read(self._text, feed)), strict=True))
        n_frames = np.ceil(found["duration"]).astype(np.int64).reshape(-1)
        mean, log_scale = (np.repeat(found[k], n_frames, axis=2) for k in ("mean", "log_scale"))
        noise = _normal(sentence.seed, mean.shape)
        beside = {"speaker": found["speaker"]} if "speaker" in found else {}
        return mean + noise * np.exp(log_scale) * np.float32(sentence.scales[0]), noise, beside


class StockModel:
    """A stock model, run in one shot on noise that is given.

    Args:
        stock: The model.
        is_optimised: Whether onnxruntime may rewrite the graph: the same numbers, in another order.
    """

    def __init__(self, stock: onnx.ModelProto, *, is_optimised: bool = False) -> None:
        model = Model(stock)
        durations, sound = find_noises(model)
        self._noises = {"sound_noise": sound} | ({"noise": durations} if durations else {})
        inputs = [
            helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, None, None])
            for name in self._noises.values()
        ]
        part = model.part([*model.inputs.values(), *inputs], [OUTPUT])
        self._session = open_model(part, is_optimised=is_optimised)

    def say(self, sentence: Sentence, sound_noise: Samples) -> Samples:
        """Return the samples of a sentence."""
        n_ids = len(sentence.ids)
        noises = {"noise": _normal(sentence.seed, (1, 2, n_ids)), "sound_noise": sound_noise}
        feed = {
            IDS: np.array([sentence.ids], np.int64),
            LENGTHS: np.array([n_ids], np.int64),
            SCALES: np.array(sentence.scales, np.float32),
            SPEAKER_ID: np.array([sentence.speaker], np.int64),
            **{name: noises[kind] for kind, name in self._noises.items()},
        }
        return run_graph(self._session, [OUTPUT], _read(self._session, feed))[0].reshape(-1)


def relative_error(got: Samples, expected: Samples) -> float:
    """Return the largest difference as a part of the largest sample; infinite if lengths differ."""
    if got.shape != expected.shape or not np.all(np.isfinite(got)):
        return float("inf")
    largest = float(np.max(np.abs(expected), initial=0.0))
    difference = float(np.max(np.abs(got - expected), initial=0.0))
    return difference / largest if largest else difference


def worst_error(
    stock: StockModel, cut: CutModel, sentences: Sequence[Sentence], schedules: Sequence[list[int]]
) -> float:
    """Return the largest relative error over sentences and schedules of windows.

    Raises:
        VoiceFault: If a graph fails.
    """
    worst = 0.0
    for sentence in sentences:
        frames, noise, beside = cut.frames(sentence)
        expected = stock.say(sentence, noise)
        for windows in schedules:
            worst = max(worst, relative_error(cut.sound.stream(frames, windows, beside), expected))
    return worst


def own_error(
    stock: onnx.ModelProto, frames_from: CutModel, sentences: Sequence[Sentence]
) -> float:
    """Return how far a stock model is from itself, run as it stands and optimised.

    Args:
        stock: The model.
        frames_from: A cut of it, which says how much noise each sentence needs.
        sentences: What is said.

    Raises:
        VoiceFault: If a graph fails.
    """
    plain, optimised = StockModel(stock), StockModel(stock, is_optimised=True)
    worst = 0.0
    for sentence in sentences:
        _, noise, _ = frames_from.frames(sentence)
        pair = [model.say(sentence, noise) for model in (optimised, plain)]
        worst = max(worst, relative_error(*pair))
    return worst


def allowed_error(own: float) -> float:
    """Return the bound of a cut whose stock model has this `own_error`."""
    return max(TOLERANCE, min(LIMIT, OWN_ERRORS * own))


def exactness(stock: Path, folder: Path, *, lengths: Sequence[int]) -> float:
    """Return the largest relative error of a cut model at some numbers of frames.

    For the benchmarks: the real-size voice, at every length that is asked for, in windows of 1, of
    8 and growing, and all at once.

    Raises:
        VoiceFault: If a graph fails.
    """
    model = StockModel(read_model(stock))
    sentences = [one_frame_each([n % 40 for n in range(length)]) for length in lengths]
    return worst_error(model, CutModel(folder), sentences, [[1], [8], [8, 16, 32, 64], [1 << 20]])


def _normal(seed: int, shape: tuple[int, ...]) -> Samples:
    return np.random.default_rng([seed, len(shape), shape[1]]).standard_normal(shape, np.float32)


def _read(session: onnxruntime.InferenceSession, feed: Mapping[str, Any]) -> dict[str, Any]:
    wanted = {entry.name for entry in session.get_inputs()}
    return {name: value for name, value in feed.items() if name in wanted}
