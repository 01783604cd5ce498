"""How far each tensor of a sound path is behind the frames, and what is kept of it between calls.

In: a `SoundPath`. Out: `Lags`. Invariant: every step finds its inputs at one lag, and no tensor is
later than a one-shot run would need it to be, so the whole lags no more than its kernels reach.

A tensor's rate is its columns a frame; its lag is how many columns it is behind. A convolution
that needs ``right`` columns after each of its own lags so much more. All convolutions of one
tensor, and the way around them, read one stretch of it (`Hold`) and lag the same; one that is
waited for anyway (the short branches of a decoder) lags as much as what it is added to, so that
nothing has to wait.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from hoarfrost.engines.natural.piper.cutting.model import CannotCut
from hoarfrost.engines.natural.piper.cutting.steps import AT_ZERO_ZERO, Kernel, SoundPath, Step


@dataclass(frozen=True, slots=True)
class Hold:
    """Columns of a tensor that are kept from call to call.

    Attributes:
        left: Before the column that is worked on.
        right: After it.
    """

    left: int
    right: int


@dataclass(frozen=True, slots=True)
class Lags:
    """A sound path's plan; all by the name of a tensor.

    Attributes:
        width: Channels.
        rate: Columns a frame.
        lag: Columns behind the frames.
        held: What is kept of a tensor that convolutions read, or functions that they read.
        source: The held tensor behind one that a convolution reads: itself, or what it is a
            function of.
    """

    width: Mapping[str, int]
    rate: Mapping[str, int]
    lag: Mapping[str, int]
    held: Mapping[str, Hold]
    source: Mapping[str, str]


def plan_lags(path: SoundPath) -> Lags:
    """Plan a sound path.

    Raises:
        CannotCut: If tensors of two rates meet.
    """
    planning = _Planning(path)
    planning.measure()
    planning.wait()
    planning.measure()
    return Lags(planning.width, planning.rate, planning.lag, planning.held, planning.source)


def slice_size(channels: tuple[int, ...], width: int) -> int:
    """Return how many channels a slice takes."""
    return len(range(width)[slice(*_bounded(channels, width))])


def _bounded(channels: tuple[int, ...], width: int) -> tuple[int, int | None, int]:
    start, stop, step = channels
    # Beyond the first channel, downwards, is None to Python.
    return start, None if step < 0 and stop < -width else stop, step


def split_sizes(step: Step, width: int) -> tuple[int, ...]:
    """Return how many channels each part of a split takes."""
    n = len(step.outputs)
    size = -(-width // n)
    return step.channels or (*(size for _ in range(n - 1)), width - (n - 1) * size)


class _Planning:
    def __init__(self, path: SoundPath) -> None:
        self._path = path
        self._maker = {name: step for step in path.steps for name in step.outputs}
        self._readers: dict[str, list[Step]] = {}
        self.width: dict[str, int] = {}
        self.rate: dict[str, int] = {}
        self.lag: dict[str, int] = {}
        self.held: dict[str, Hold] = {}
        self.source: dict[str, str] = {}
        for step in path.steps:
            for name in step.inputs:
                self._readers.setdefault(name, []).append(step)
            if reach := _reach(step):
                name = step.inputs[0]
                source = self._source(name)
                self.source[name] = self.source[source] = source
                hold = self.held.get(source, Hold(0, 0))
                self.held[source] = Hold(max(hold.left, reach.left), max(hold.right, reach.right))

    def _source(self, name: str) -> str:
        maker = self._maker.get(name)
        return maker.inputs[0] if maker is not None and maker.op in AT_ZERO_ZERO else name

    def measure(self) -> None:
        """Give every tensor its width, its rate and the least lag that it can have."""
        path = self._path
        self.width = {path.frames: path.channels}
        self.rate, self.lag = {path.frames: 1}, {path.frames: 0}
        for step in path.steps:
            live = [name for name in step.inputs if name in self.lag]
            if len(rates := {self.rate[name] for name in live}) != 1:
                raise CannotCut(f"expected tensors of one rate in {step.op}, got {len(rates)}")
            widths = self._widths(step, [self.width[name] for name in live])
            rate, lag = rates.pop(), max(self.lag[name] for name in live)
            if step.kernel and step.op == "ConvTranspose":
                rate, lag = rate * step.kernel.stride, lag * step.kernel.stride + step.kernel.left
            elif _reach(step):
                lag += self.held[self.source[step.inputs[0]]].right
            for name, width in zip(step.outputs, widths, strict=True):
                self.width[name], self.rate[name], self.lag[name] = width, rate, lag

    def _widths(self, step: Step, live: list[int]) -> tuple[int, ...]:
        if step.kernel is not None:
            return (len(step.kernel.bias),)
        if step.op == "Slice":
            return (slice_size(step.channels, live[0]),)
        if step.op == "Split":
            return split_sizes(step, live[0])
        if step.op == "Concat":
            return (sum(live),)
        constants = [
            self._path.constants[name].size for name in step.inputs if name in self._path.constants
        ]
        added = [self._path.speaker[name] for name in step.inputs if name in self._path.speaker]
        return (max(*live, *constants, *added, 1),)

    def wait(self) -> None:
        """Have convolutions lag more where their results are waited for."""
        for source, hold in self.held.items():
            results = [
                step.outputs[0]
                for name, behind in self.source.items()
                if behind == source
                for step in self._readers.get(name, [])
                if _reach(step)
            ]
            slack = min(self._slack(name) for name in results)
            self.held[source] = Hold(hold.left, hold.right + slack)

    def _slack(self, name: str) -> int:
        """Return how much later a tensor may be, without anything else being later for it."""
        slacks = [0] if name == self._path.samples or name in self.source else []
        for step in self._readers.get(name, []):
            if step.op in ("Add", "Sub", "Mul", "Div"):
                wait = self.lag[step.outputs[0]] - self.lag[name]
                slacks.append(wait or self._slack(step.outputs[0]))
            else:
                slacks.append(0)
        return min(slacks, default=0)


def _reach(step: Step) -> Kernel | None:
    """Return the kernel of a convolution that reads more than one column."""
    kernel = step.kernel
    if step.op != "Conv" or kernel is None or not kernel.left + kernel.right:
        return None
    return kernel
