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

from hoarfrost.engines.natural.vits.cutting.easing import INTERLEAVE, ease
from hoarfrost.engines.natural.vits.cutting.lags import Lags, plan_lags, split_sizes
from hoarfrost.engines.natural.vits.cutting.layouts import DOMAIN, PLAIN, in_blocks
from hoarfrost.engines.natural.vits.cutting.model import CannotCut
from hoarfrost.engines.natural.vits.cutting.steps import Kernel, SoundPath, Step
from hoarfrost.engines.natural.vits.cutting.writer import COLUMNS, END, Writer

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


def carry(path: SoundPath, *, block: int = PLAIN) -> Carried:
    """Make the graph of a sound path.

    Args:
        path: The steps.
        block: Channels that convolutions above the rate of frames want side by side.

    Raises:
        CannotCut: If tensors meet that cannot.
    """
    eased = ease(path, block=block)
    return _Rewriting(eased, plan_lags(eased), block).carried()


@dataclass(slots=True, eq=False)
class _Sound:
    """A tensor of the path, in one layout.

    Attributes:
        key: Its name in the path.
        block: Channels side by side.
        name: In the new graph; "" while nobody needs it as it is.
        function: The step that makes it of another one, point by point.
        of: That other one.
        held: The stretch of it that convolutions read, once somebody needs it.
        late: It, later, by columns.
        twin: The same in the other layout.
    """

    key: str
    block: int
    name: str = ""
    function: Step | None = None
    of: "_Sound | None" = None
    held: str = ""
    late: dict[int, str] = field(default_factory=dict)
    twin: "_Sound | None" = None


class _Rewriting:
    def __init__(self, path: SoundPath, lags: Lags, block: int) -> None:
        self._path = path
        self._lags = lags
        self._block = block
        self._graph = Writer(path.channels, sum(path.speaker.values()))
        self._sounds = {path.frames: _Sound(path.frames, PLAIN, "frames")}
        self._added: set[str] = set()  # sums that are a part of the convolution before
        self._readers: dict[str, list[Step]] = {}
        for step in path.steps:
            for name in step.inputs:
                self._readers.setdefault(name, []).append(step)

    def carried(self) -> Carried:
        path, lags = self._path, self._lags
        for step in path.steps:
            if step.outputs[0] not in self._added:
                self._rewrite(step)
        if lags.width[path.samples] != 1:
            raise CannotCut(f"expected one channel of sound, got {lags.width[path.samples]}")
        samples = self._as_it_is(self._in_layout(self._sounds[path.samples], PLAIN))
        self._graph.emit("Identity", [samples], "samples")
        hop = lags.rate[path.samples]
        lookahead = -(-lags.lag[path.samples] // hop)
        lengths = self._graph.state_lengths
        facts = {
            "lookahead_frames": str(lookahead),
            "hop": str(hop),
            "state_lengths": ",".join(map(str, lengths)),
            "block": str(self._block),
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

    def _in_layout(self, sound: _Sound, block: int) -> _Sound:
        if sound.block == block:
            return sound
        if sound.twin is None:
            sound.twin = twin = _Sound(sound.key, block, function=sound.function)
            if sound.function is not None and not sound.name:
                twin.of = self._in_layout(_needed(sound.of), block)
            elif block == PLAIN:
                x = self._to_4d(sound, self._as_it_is(sound))
                width = self._width(sound)
                x = self._graph.emit("ReorderOutput", [x], domain=DOMAIN, channels=width)
                twin.name = self._graph.emit("Reshape", [x, self._graph.integers(1, width, -1)])
            else:
                x = self._to_4d(sound, self._as_it_is(sound))
                x = self._graph.emit("ReorderInput", [x], domain=DOMAIN)
                twin.name = self._to_3d(twin, x)
            twin.twin = sound
        return sound.twin

    def _to_4d(self, sound: _Sound, x: str) -> str:
        return self._graph.emit("Reshape", [x, self._graph.integers(1, self._width(sound), 1, -1)])

    def _to_3d(self, sound: _Sound, x: str) -> str:
        return self._graph.emit(
            "Reshape", [x, self._graph.integers(1, self._width(sound) // sound.block, -1)]
        )

    def _hold(self, sound: _Sound) -> str:
        """Return the stretch of a tensor that convolutions read."""
        if not sound.held:
            source = self._lags.source[sound.key]
            if source != sound.key:
                sound.held = self._function(sound, self._hold(_needed(sound.of)))
            else:
                hold, rows = self._lags.held[source], self._width(sound) // sound.block
                left, right = hold.left * sound.block, hold.right * sound.block
                state = self._graph.state(rows, left)
                zeros = self._graph.zeros_if_last(rows, right)
                parts = [state, self._as_it_is(sound), zeros]
                sound.held = self._graph.emit("Concat", parts, axis=COLUMNS)
                self._graph.slice(sound.held, -(left + right), END, output=f"{state}_out")
        return sound.held

    def _later(self, sound: _Sound, lag: int) -> str:
        """Return a tensor, later."""
        wait = lag - self._lags.lag[sound.key]
        if not wait:
            return self._as_it_is(sound)
        if wait not in sound.late:
            hold = self._lags.held.get(self._lags.source.get(sound.key, ""))
            columns = wait * sound.block
            if hold is not None and hold.right == wait:
                stretch = self._hold(sound)
                late = self._graph.slice(stretch, hold.left * sound.block, -columns)
            else:
                state = self._graph.state(self._width(sound) // sound.block, 0)
                stretch = self._graph.emit("Concat", [state, self._as_it_is(sound)], axis=COLUMNS)
                self._graph.slice(stretch, -columns, END, output=f"{state}_out")
                late = self._graph.slice(stretch, 0, self._graph.if_last(END, otherwise=-columns))
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
        elif step.op == INTERLEAVE:
            self._interleave(step)
        elif step.op == "Slice":
            x = self._as_it_is(self._plain(step.inputs[0]))
            start, stop, stride = step.channels
            self._define(step.outputs[0], self._graph.slice(x, start, stop, axis=1, step=stride))
        elif step.op == "Split":
            x = self._as_it_is(self._plain(step.inputs[0]))
            sizes = split_sizes(step, self._lags.width[step.inputs[0]])
            names = self._graph.split(x, sizes)
            for key, name in zip(step.outputs, names, strict=True):
                self._define(key, name)
        elif step.op == "Concat":
            lag = self._lags.lag[step.outputs[0]]
            parts = [self._later(self._plain(name), lag) for name in step.inputs]
            self._define(step.outputs[0], self._graph.emit("Concat", parts, axis=1))
        else:
            of = self._sounds[step.inputs[0]]
            sound = _Sound(step.outputs[0], of.block, function=step, of=of)
            self._sounds[step.outputs[0]] = sound

    def _plain(self, key: str) -> _Sound:
        return self._in_layout(self._sounds[key], PLAIN)

    def _define(self, key: str, name: str, block: int = PLAIN) -> None:
        self._sounds[key] = _Sound(key, block, name)

    def _arithmetic(self, step: Step) -> None:
        lag = self._lags.lag[step.outputs[0]]
        live = [self._sounds[name] for name in step.inputs if name in self._sounds]
        widths = {self._width(sound) for sound in live}
        numbers = [self._path.constants[i] for i in step.inputs if i in self._path.constants]
        fits = len(widths) == 1 and all(number.size == 1 for number in numbers)
        fits = fits and not any(name in self._path.speaker for name in step.inputs)
        block = max(sound.block for sound in live) if fits else PLAIN
        arguments = [
            self._later(self._in_layout(self._sounds[name], block), lag)
            if name in self._sounds
            else self._beside(name)
            for name in step.inputs
        ]
        self._define(step.outputs[0], self._graph.emit(step.op, arguments), block)

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
        key = step.outputs[0]
        block = self._block_for(step, kernel)
        sound = self._in_layout(self._sounds[step.inputs[0]], block)
        x = (
            self._as_it_is(sound)
            if not kernel.left + kernel.right
            else self._stretch(sound, kernel)
        )
        weight = f"weights_{key}"
        bias = self._graph.constant(f"bias_{key}", kernel.bias)
        if block == PLAIN:
            arguments = [x, self._graph.constant(weight, kernel.weight), bias]
            dilations = [kernel.dilation]
            y = self._graph.emit("Conv", arguments, dilations=dilations, group=kernel.groups)
            self._define(key, y)
            return
        blocks = self._graph.constant(weight, in_blocks(kernel.weight, block))
        arguments = [self._to_4d(sound, x), blocks, bias]
        made = _Sound(key, block)
        other = self._addend(key)
        if other is not None:
            late = self._later(self._in_layout(other, block), self._lags.lag[key])
            arguments.append(self._to_4d(made, late))
            made.key = self._readers[key][0].outputs[0]
            self._added.add(made.key)
        y = self._graph.emit(
            "Conv", arguments, domain=DOMAIN, dilations=[1, kernel.dilation], pads=[0, 0, 0, 0],
            strides=[1, 1], kernel_shape=[1, kernel.taps], group=1,
        )  # fmt: skip
        made.name = self._to_3d(made, y)
        self._sounds[made.key] = made

    def _block_for(self, step: Step, kernel: Kernel) -> int:
        n_out, n_in = kernel.weight.shape[:2]
        fits = n_out % self._block == n_in % self._block == 0 and kernel.groups == 1
        # At the rate of frames there are too few columns for blocks to gain anything, but the
        # phases of a transposed convolution want to be interleaved in blocks.
        readers = self._readers.get(step.outputs[0], [])
        fast = self._lags.rate[step.inputs[0]] > 1 or any(r.op == INTERLEAVE for r in readers)
        return self._block if fits and fast else PLAIN

    def _interleave(self, step: Step) -> None:
        key, (stride,) = step.outputs[0], step.channels
        sounds = [self._sounds[name] for name in step.inputs]
        block = min(sound.block for sound in sounds)
        lag = self._lags.lag[step.inputs[0]]
        parts = [self._later(self._in_layout(sound, block), lag) for sound in sounds]
        x = self._graph.emit("Concat", parts, axis=1) if len(parts) > 1 else parts[0]
        # (phase, rows, columns, block) becomes (rows, columns, phase, block).
        rows = self._lags.width[key] // block
        x = self._graph.emit("Reshape", [x, self._graph.integers(stride, rows, -1, block)])
        x = self._graph.emit("Transpose", [x], perm=[1, 2, 0, 3])
        self._define(
            key, self._graph.emit("Reshape", [x, self._graph.integers(1, rows, -1)]), block
        )

    def _stretch(self, sound: _Sound, kernel: Kernel) -> str:
        """Return what a kernel reads of what is held for all."""
        hold, block = self._lags.held[self._lags.source[sound.key]], sound.block
        start, beyond = hold.left - kernel.left, hold.right - kernel.right
        stretch = self._hold(sound)
        if not start and not beyond:
            return stretch
        stop = -beyond * block if beyond else END
        return self._graph.once(
            (stretch, start, beyond), lambda: self._graph.slice(stretch, start * block, stop)
        )

    def _addend(self, key: str) -> _Sound | None:
        """Return what is added to a convolution's result, if that is all that is done with it."""
        readers = self._readers.get(key, [])
        if len(readers) != 1 or readers[0].op != "Add":
            return None
        others = [name for name in readers[0].inputs if name != key]
        sound = self._sounds.get(others[0]) if others else None
        lags = self._lags
        fits = (
            sound is not None
            and lags.width[sound.key] == lags.width[key]
            and lags.lag[sound.key] <= lags.lag[key] == lags.lag[readers[0].outputs[0]]
        )
        return sound if fits else None

    def _transposed(self, step: Step, kernel: Kernel) -> None:
        key, stride = step.outputs[0], kernel.stride
        sound = self._plain(step.inputs[0])
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
