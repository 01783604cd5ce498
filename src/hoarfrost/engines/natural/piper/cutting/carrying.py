"""Make a graph of a sound path that carries the ends of its convolutions from call to call.

In: a `SoundPath`. Out: `Carried`: a model that is fed frames, window after window, and gives
samples. Invariant: the samples, joined, are those of one shot, and no column is computed twice.

The graph's inputs are ``frames`` (float32, shape (1, channels, n), any n from 1; the first time
more than the lookahead, or all there are), ``last`` (int64, shape (1,), 1 with the last frames),
``speaker`` where it has several (float32, shape (1, n, 1)), and ``state_i`` (float32, shape
(1, width, length), at first zeros); its outputs ``samples`` (float32, shape (1, 1, m)) and
``state_i_out``, which are the states of the next call.

How: each tensor has a lag (see `lags`). A convolution reads what was kept of its input, the new
columns, and at the end zeros; at the start what was kept is zeros, as many as it pads with. So
what pads it is zeros of its own input, as in one shot. A transposed convolution keeps the frames
that its output still depends on; its output is late by what one shot cuts off at the start, and
this is cut off in the first call only. Where tensors of two lags meet, the earlier one waits.
"""

from dataclasses import dataclass, field
from typing import TypeVar

import onnx

from hoarfrost.engines.natural.piper.cutting.easing import ease
from hoarfrost.engines.natural.piper.cutting.lags import Lags, plan_lags, split_sizes
from hoarfrost.engines.natural.piper.cutting.model import CannotCut
from hoarfrost.engines.natural.piper.cutting.steps import Kernel, SoundPath, Step
from hoarfrost.engines.natural.piper.cutting.writer import COLUMNS, END, Writer

_Value = TypeVar("_Value")


@dataclass(frozen=True, slots=True)
class Carried:
    """A sound graph.

    Attributes:
        model: With its facts in its metadata, too.
        lookahead_frames: Frames that it is behind, rounded up.
        hop: Samples a frame.
        state_lengths: Of each state, at first.
    """

    model: onnx.ModelProto
    lookahead_frames: int
    hop: int
    state_lengths: tuple[int, ...]


def carry(path: SoundPath) -> Carried:
    """Make the graph of a sound path.

    Raises:
        CannotCut: If tensors meet that cannot.
    """
    eased = ease(path)
    return _Rewriting(eased, plan_lags(eased)).carried()


@dataclass(slots=True, eq=False)
class _Sound:
    """A tensor of the path.

    Attributes:
        key: Its name in the path.
        name: In the new graph; "" while nobody needs it as it is.
        function: The step that makes it of another one, point by point.
        of: That other one.
        held: The stretch of it that convolutions read, once somebody needs it.
        late: It, later, by columns.
    """

    key: str
    name: str = ""
    function: Step | None = None
    of: "_Sound | None" = None
    held: str = ""
    late: dict[int, str] = field(default_factory=dict)


class _Rewriting:
    def __init__(self, path: SoundPath, lags: Lags) -> None:
        self._path = path
        self._lags = lags
        self._graph = Writer(path.channels, sum(path.speaker.values()))
        self._sounds = {path.frames: _Sound(path.frames, "frames")}

    def carried(self) -> Carried:
        path, lags = self._path, self._lags
        for step in path.steps:
            self._rewrite(step)
        if lags.width[path.samples] != 1:
            raise CannotCut(f"expected one channel of sound, got {lags.width[path.samples]}")
        self._graph.emit("Identity", [self._as_it_is(self._sounds[path.samples])], "samples")
        hop = lags.rate[path.samples]
        lookahead = -(-lags.lag[path.samples] // hop)
        lengths = self._graph.state_lengths
        facts = {
            "lookahead_frames": str(lookahead),
            "hop": str(hop),
            "state_lengths": ",".join(map(str, lengths)),
        }
        return Carried(self._graph.model(facts), lookahead, hop, lengths)

    # What sound there is.

    def _width(self, sound: _Sound) -> int:
        return self._lags.width[sound.key]

    def _as_it_is(self, sound: _Sound) -> str:
        if not sound.name:
            sound.name = self._function(sound, self._as_it_is(_needed(sound.of)))
        return sound.name

    def _function(self, sound: _Sound, x: str) -> str:
        step = _needed(sound.function)
        return self._graph.emit(step.op, [x], **step.attributes)

    def _hold(self, sound: _Sound) -> str:
        """Return the stretch of a tensor that convolutions read."""
        if not sound.held:
            source = self._lags.source[sound.key]
            if source != sound.key:
                sound.held = self._function(sound, self._hold(_needed(sound.of)))
            else:
                hold, width = self._lags.held[source], self._width(sound)
                state = self._graph.state(width, hold.left)
                zeros = self._graph.zeros_if_last(width, hold.right)
                parts = [state, self._as_it_is(sound), zeros]
                sound.held = self._graph.emit("Concat", parts, axis=COLUMNS)
                kept = hold.left + hold.right
                self._graph.slice(sound.held, -kept, END, output=f"{state}_out")
        return sound.held

    def _later(self, sound: _Sound, lag: int) -> str:
        """Return a tensor, later."""
        wait = lag - self._lags.lag[sound.key]
        if not wait:
            return self._as_it_is(sound)
        if wait not in sound.late:
            hold = self._lags.held.get(self._lags.source.get(sound.key, ""))
            if hold is not None and hold.right == wait:
                late = self._graph.slice(self._hold(sound), hold.left, -wait)
            else:
                state = self._graph.state(self._width(sound), 0)
                stretch = self._graph.emit("Concat", [state, self._as_it_is(sound)], axis=COLUMNS)
                self._graph.slice(stretch, -wait, END, output=f"{state}_out")
                late = self._graph.slice(stretch, 0, self._graph.if_last(END, otherwise=-wait))
            sound.late[wait] = late
        return sound.late[wait]

    # What is done to it.

    def _rewrite(self, step: Step) -> None:
        if step.op == "Conv":
            self._convolution(step, _needed(step.kernel))
        elif step.op == "ConvTranspose":
            self._transposed(step, _needed(step.kernel))
        elif step.op in ("Add", "Sub", "Mul", "Div"):
            self._arithmetic(step)
        elif step.op == "Slice":
            x = self._as_it_is(self._sounds[step.inputs[0]])
            start, stop, stride = step.channels
            self._define(step.outputs[0], self._graph.slice(x, start, stop, axis=1, step=stride))
        elif step.op == "Split":
            x = self._as_it_is(self._sounds[step.inputs[0]])
            sizes = split_sizes(step, self._lags.width[step.inputs[0]])
            names = self._graph.split(x, sizes)
            for key, name in zip(step.outputs, names, strict=True):
                self._define(key, name)
        elif step.op == "Concat":
            lag = self._lags.lag[step.outputs[0]]
            parts = [self._later(self._sounds[name], lag) for name in step.inputs]
            self._define(step.outputs[0], self._graph.emit("Concat", parts, axis=1))
        else:
            of = self._sounds[step.inputs[0]]
            self._sounds[step.outputs[0]] = _Sound(step.outputs[0], function=step, of=of)

    def _define(self, key: str, name: str) -> None:
        self._sounds[key] = _Sound(key, name)

    def _arithmetic(self, step: Step) -> None:
        lag = self._lags.lag[step.outputs[0]]
        arguments = [
            self._later(self._sounds[name], lag) if name in self._sounds else self._beside(name)
            for name in step.inputs
        ]
        self._define(step.outputs[0], self._graph.emit(step.op, arguments))

    def _beside(self, name: str) -> str:
        if name in self._path.constants:
            return self._graph.constant(f"weights_{name}", self._path.constants[name])
        start = 0
        for other, width in self._path.speaker.items():
            if other == name:
                break
            start += width
        stop = start + self._path.speaker[name]
        return self._graph.once(
            ("speaker", name), lambda: self._graph.slice("speaker", start, stop, axis=1)
        )

    def _convolution(self, step: Step, kernel: Kernel) -> None:
        key, sound = step.outputs[0], self._sounds[step.inputs[0]]
        arguments = [
            self._stretch(sound, kernel) if kernel.left + kernel.right else self._as_it_is(sound),
            self._graph.constant(f"weights_{key}", kernel.weight),
            self._graph.constant(f"bias_{key}", kernel.bias),
        ]
        dilations = [kernel.dilation]
        y = self._graph.emit("Conv", arguments, dilations=dilations, group=kernel.groups)
        self._define(key, y)

    def _stretch(self, sound: _Sound, kernel: Kernel) -> str:
        """Return the part of the held stretch that this kernel reads."""
        hold = self._lags.held[self._lags.source[sound.key]]
        start, beyond = hold.left - kernel.left, hold.right - kernel.right
        stretch = self._hold(sound)
        if not start and not beyond:
            return stretch
        stop = -beyond if beyond else END
        return self._graph.once(
            (stretch, start, beyond), lambda: self._graph.slice(stretch, start, stop)
        )

    def _transposed(self, step: Step, kernel: Kernel) -> None:
        key, stride = step.outputs[0], kernel.stride
        sound = self._sounds[step.inputs[0]]
        # Frames before and after one that its samples depend on, too.
        before = -(-(kernel.taps - stride) // stride)
        after = -(-kernel.left // stride)
        width = self._width(sound)
        state = self._graph.state(width, before)
        zeros = self._graph.zeros_if_last(width, after)
        x = self._graph.emit("Concat", [state, self._as_it_is(sound), zeros], axis=COLUMNS)
        if before:
            self._graph.slice(x, -before, END, output=f"{state}_out")
        else:
            self._graph.emit("Identity", [state], f"{state}_out")
        arguments = [
            x,
            self._graph.constant(f"weights_{key}", kernel.weight),
            self._graph.constant(f"bias_{key}", kernel.bias),
        ]
        pads = [before * stride, kernel.taps - stride]
        y = self._graph.emit(
            "ConvTranspose", arguments, strides=[stride], pads=pads, group=kernel.groups
        )
        if kernel.left:
            extra = after * stride - kernel.left
            stop = self._graph.if_last(-extra, otherwise=END) if extra else END
            y = self._graph.slice(y, self._graph.if_first(kernel.left), stop)
        self._define(key, y)


def _needed(value: _Value | None) -> _Value:
    if value is None:
        raise AssertionError("a plan without its step")
    return value
