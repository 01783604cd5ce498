"""The way from frames to samples as a short list of steps, with nothing in it but sound.

In: a `Model` and where its frames are. Out: a `SoundPath`. Invariant: run as they stand, the steps
give the model's samples; each works on tensors of shape (1, channels, time) alone.

What meets the frames from beside (masks, zeros to be added, sizes, what a speaker adds) is not
read but asked for: the model is run on a few sentences, and what is the same in all of them is a
constant; what differs by speaker only becomes an input. Masks are then seen to be ones.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import onnx

from hoarfrost.engines.natural.piper.cutting.model import (
    IDS,
    OUTPUT,
    SCALES,
    SPEAKER_ID,
    Array,
    CannotCut,
    Model,
    attributes_of,
    run,
)
from hoarfrost.engines.natural.piper.cutting.structure import Structure

_LAYOUT = ("Squeeze", "Unsqueeze", "Reshape", "Flatten")
_SIZES = ("Shape", "Size")
_ARITHMETIC = ("Add", "Sub", "Mul", "Div")
_EVERYTHING = np.iinfo(np.int32).max
"""A slice to here or beyond goes to the end."""
AT_ZERO_ZERO = frozenset({"LeakyRelu", "Relu", "Elu", "Tanh", "Neg", "Abs", "Sqrt", "Erf", "Sin"})
"""Functions of one number that are 0 at 0: zeros added before them are zeros after them."""
POINTWISE = AT_ZERO_ZERO | {"Sigmoid", "Softplus", "Exp", "Cos"}


@dataclass(frozen=True, slots=True)
class Kernel:
    """A convolution, or a transposed one.

    Attributes:
        weight: As ONNX has it: (out, in / groups, taps), transposed (in, out / groups, taps).
        bias: One number an output channel.
        left: Zeros that it expects before its input (transposed: samples cut off its output).
        right: And after it.
        dilation: Between taps.
        stride: Samples out for a sample in; 1 if not transposed.
        groups: Of channels.
    """

    weight: Array
    bias: Array
    left: int
    right: int
    dilation: int
    stride: int
    groups: int

    @property
    def taps(self) -> int:
        """Return the number of taps."""
        return int(self.weight.shape[2])


@dataclass(frozen=True, slots=True)
class Step:
    """An operation on sound.

    Attributes:
        op: ``Conv``, ``ConvTranspose``, a function of one number, an arithmetic operation,
            ``Slice`` (channels), ``Split`` or ``Concat``.
        inputs: Tensors that it reads; also constants and what a speaker adds, in arithmetic.
        outputs: Tensors that it makes; more than one of ``Split`` only.
        kernel: Of a convolution.
        attributes: Of a function of one number.
        channels: Start, stop and step of a slice, sizes of a split.
    """

    op: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    kernel: Kernel | None = None
    attributes: Mapping[str, Any] = field(default_factory=dict)
    channels: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class SoundPath:
    """The steps from frames to samples.

    Attributes:
        frames: The tensor that they begin with.
        samples: The tensor that they end with.
        channels: Of the frames.
        steps: In an order in which they can run.
        constants: That steps read.
        speaker: What a speaker adds: the channels of each such tensor of shape (1, channels, 1).
    """

    frames: str
    samples: str
    channels: int
    steps: Sequence[Step]
    constants: Mapping[str, Array]
    speaker: Mapping[str, int]


def find_sound(model: Model, structure: Structure) -> SoundPath:
    """Find the way from frames to samples.

    Raises:
        CannotCut: If a step on it is of a kind that is not known here, or depends on the text.
    """
    live = {structure.frames}
    nodes = []
    for node in model.nodes:
        if node.op_type not in _SIZES and not live.isdisjoint(node.input):
            nodes.append(node)
            live.update(node.output)
    if OUTPUT not in live:
        raise CannotCut("expected the output to depend on the frames, got one that does not")
    return _Reading(model, structure, nodes, live).path()


class _Reading:
    def __init__(
        self, model: Model, structure: Structure, nodes: Sequence[onnx.NodeProto], live: set[str]
    ) -> None:
        self._model = model
        self._structure = structure
        self._nodes = nodes
        self._live = live
        self._same: dict[str, str] = {}  # tensors that are another one, by name
        self._constants: dict[str, Array] = {}
        self._speaker: dict[str, int] = {}
        self._channels = 0
        self._steps: list[Step] = []

    def path(self) -> SoundPath:
        self._ask()
        samples = self._end()
        for node in self._nodes:
            step = self._step(node)
            if isinstance(step, str):
                self._same[node.output[0]] = step
            else:
                self._steps.append(step)
        used = {name for step in self._steps for name in step.inputs}
        return SoundPath(
            frames=self._structure.frames,
            samples=self._name(samples),
            channels=self._channels,
            steps=self._steps,
            constants={name: self._constants[name] for name in self._constants if name in used},
            speaker={name: width for name, width in self._speaker.items() if name in used},
        )

    def _name(self, name: str) -> str:
        while name in self._same:
            name = self._same[name]
        return name

    def _ask(self) -> None:
        """Run the model on a few sentences, and settle what meets the frames from beside."""
        beside = {
            name for node in self._nodes for name in node.input if name and name not in self._live
        }
        asked = sorted(name for name in beside if not self._model.is_constant(name))
        for name in beside - set(asked):
            self._constants[name] = self._model.constant(name)
        structure = self._structure
        part = self._model.part(
            list(self._model.inputs.values()), [structure.mean.name, structure.frames, *asked]
        )
        answers = run(part, sample_sentences(structure))
        for mean, frames, *_ in answers:
            self._channels = int(mean.shape[2 if structure.mean.is_transposed else 1])
            if frames.ndim != 3 or frames.shape[:2] != (1, self._channels):
                raise CannotCut(f"expected frames in columns, got the shape {frames.shape}")
        for place, name in enumerate(asked, start=2):
            self._settle_asked(name, [answer[place] for answer in answers])

    def _settle_asked(self, name: str, values: Sequence[Array]) -> None:
        first, second, *others = values
        uniform = {float(v) for array in values for v in np.unique(array)[:2]}
        if all(np.array_equal(first, other) for other in values):
            self._constants[name] = first
        elif len(uniform) == 1 and first.dtype == np.float32:
            self._constants[name] = np.array(uniform.pop(), np.float32)
        elif np.array_equal(first, second) and all(
            other.ndim == 3 and other.shape[::2] == (1, 1) for other in (first, *others)
        ):
            self._speaker[name] = int(first.shape[1])
        else:
            raise CannotCut("expected sound to depend on frames and speaker only, got the text")

    def _end(self) -> str:
        """Return the tensor that holds the samples, before dimensions were added to it."""
        name = OUTPUT
        tail = set()
        while (node := self._model.producer[name]).op_type in (*_LAYOUT, "Identity"):
            tail.add(node.output[0])
            name = node.input[0]
        self._nodes = [node for node in self._nodes if node.output[0] not in tail]
        return name

    def _step(self, node: onnx.NodeProto) -> Step | str:
        """Return a node as a step, or the tensor that it only passes on.

        Raises:
            CannotCut: If it is of a kind that is not known here.
        """
        op, attributes = node.op_type, attributes_of(node)
        read = tuple(self._name(name) for name in node.input)
        made = tuple(node.output)
        if op in ("Identity", "Dropout") or (
            op == "Cast" and attributes["to"] == onnx.TensorProto.FLOAT
        ):
            return read[0]
        if op in POINTWISE and len(read) == 1:
            return Step(op, read, made, attributes=attributes)
        if op in _ARITHMETIC:
            return self._arithmetic(op, read, made)
        if op == "Concat" and attributes["axis"] in (1, -2) and self._live.issuperset(node.input):
            return Step(op, read, made)
        if not self._live.isdisjoint(node.input[1:]):
            raise CannotCut(f"expected {op} of one tensor of sound, got more")
        return self._of_one(op, read, made, attributes)

    def _of_one(
        self, op: str, read: tuple[str, ...], made: tuple[str, ...], attributes: Mapping[str, Any]
    ) -> Step | str:
        if op in ("Conv", "ConvTranspose"):
            return Step(op, read[:1], made, kernel=self._kernel(op, read, attributes))
        if op == "Slice":
            channels = self._sliced(read)
            return Step(op, read[:1], made, channels=channels) if channels else read[0]
        if op == "Gather" and attributes.get("axis", 0) in (1, -2):
            return Step("Slice", read[:1], made, channels=self._gathered(read[1]))
        if op == "Split" and attributes.get("axis", 0) in (1, -2):
            sizes = self._constants[read[1]] if len(read) > 1 else attributes.get("split", ())
            return Step(op, read[:1], made, channels=tuple(int(size) for size in sizes))
        raise CannotCut(f"expected operations on sound between frames and samples, got {op}")

    def _arithmetic(self, op: str, read: tuple[str, ...], made: tuple[str, ...]) -> Step | str:
        for place, name in enumerate(read):
            value = self._constants.get(name)
            if value is None:
                continue
            if value.size and np.all(value == value.flat[0]):
                value = np.array(value.flat[0])
            neutral = 0.0 if op in ("Add", "Sub") else 1.0
            if value.ndim == 0 and value == neutral and (place == 1 or op in ("Add", "Mul")):
                return read[1 - place]
            shape = (1,) * (3 - value.ndim) + value.shape
            if len(shape) != 3 or shape[::2] != (1, 1) or value.dtype != np.float32:
                raise CannotCut(f"expected a number a channel in {op}, got the shape {value.shape}")
            self._constants[name] = value.reshape(shape)
        return Step(op, read, made)

    def _kernel(self, op: str, read: tuple[str, ...], attributes: Mapping[str, Any]) -> Kernel:
        weight = self._constants.get(read[1], np.zeros(0))
        if weight.ndim != 3 or weight.dtype != np.float32:
            raise CannotCut(f"expected {op} over time with 32-bit weights, got another")
        groups = int(attributes.get("group", 1))
        n_out = weight.shape[0] if op == "Conv" else weight.shape[1] * groups
        bias = self._constants[read[2]] if len(read) > 2 and read[2] else np.zeros(())
        dilation = int(attributes.get("dilations", [1])[0])
        stride = int(attributes.get("strides", [1])[0])
        reach = (weight.shape[2] - 1) * dilation
        left, right = attributes.get("pads", [0, 0])
        auto = attributes.get("auto_pad", b"NOTSET")
        if auto in (b"SAME_UPPER", b"SAME_LOWER") and op == "Conv":
            left = reach // 2 if auto == b"SAME_UPPER" else reach - reach // 2
            right = reach - left
        elif auto not in (b"NOTSET", b"VALID"):
            raise CannotCut(f"expected explicit padding of {op}, got another")
        if op == "ConvTranspose":
            right -= attributes.get("output_padding", [0])[0]
            keeps_length = (
                left + right == weight.shape[2] - stride >= 0 and dilation == 1 and left >= 0
            )
        else:
            keeps_length = left + right == reach and stride == 1 and min(left, right) >= 0
        if not keeps_length or "output_shape" in attributes:
            raise CannotCut(f"expected {op} to keep the length, got one that does not")
        return Kernel(
            weight=weight,
            bias=np.broadcast_to(bias, (n_out,)).astype(np.float32),
            left=int(left),
            right=int(right),
            dilation=dilation,
            stride=stride,
            groups=groups,
        )

    def _sliced(self, read: tuple[str, ...]) -> tuple[int, ...]:
        """Return start, stop and step of a slice of channels; nothing if all are taken."""
        if len(read) < 3:
            raise CannotCut("expected a slice with its places as inputs, got one without")
        starts, stops, *more = (self._constants[name].reshape(-1) for name in read[1:])
        axes = more[0] if more else np.arange(len(starts))
        steps = more[1] if len(more) > 1 else np.ones(len(starts), np.int64)
        channels: tuple[int, ...] = ()
        for start, stop, axis, step in zip(starts, stops, axes, steps, strict=True):
            if start == 0 and stop >= _EVERYTHING and step == 1:
                continue
            if axis not in (1, -2):
                raise CannotCut("expected a slice of channels, got one of time")
            channels = (int(start), int(stop), int(step))
        return channels

    def _gathered(self, name: str) -> tuple[int, ...]:
        """Return the slice that a gathering of channels is."""
        places = self._constants[name].reshape(-1)
        steps = np.unique(np.diff(places)) if len(places) > 1 else np.array([1])
        if len(steps) != 1 or steps[0] == 0 or places.min() < 0:
            raise CannotCut("expected channels gathered in order, got another order")
        stop = int(places[-1] + steps[0])
        return int(places[0]), stop if stop >= 0 else -_EVERYTHING, int(steps[0])


def sample_sentences(structure: Structure) -> list[dict[str, Array]]:
    """Return inputs to ask a model with: two lengths, and two speakers where it has them."""
    speakers = [0, 0] if structure.n_speakers == 1 else [0, 0, structure.n_speakers - 1]
    return [
        {
            IDS: np.arange(7 + 5 * (turn % 2), dtype=np.int64)[None] % min(structure.n_symbols, 3),
            SCALES: np.array([0.667, 1.0, 0.8], np.float32),
            SPEAKER_ID: np.array([speaker], np.int64),
        }
        for turn, speaker in enumerate(speakers)
    ]
