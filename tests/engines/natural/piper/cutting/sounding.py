"""Small sound paths, and what they do worked out in numpy, one step after the other."""

from collections.abc import Mapping, Sequence

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from hoarfrost.engines.natural.piper.cutting.carrying import Carried
from hoarfrost.engines.natural.piper.cutting.lags import split_sizes
from hoarfrost.engines.natural.piper.cutting.proof import SoundGraph
from hoarfrost.engines.natural.piper.cutting.steps import Kernel, SoundPath, Step

Samples = NDArray[np.float32]
_FUNCTIONS = {
    "LeakyRelu": lambda x: np.where(x < 0, 0.1 * x, x),
    "Tanh": np.tanh,
    "Sigmoid": lambda x: 1 / (1 + np.exp(-x)),
}
_ARITHMETIC = {"Add": np.add, "Sub": np.subtract, "Mul": np.multiply, "Div": np.divide}


class Builder:
    """Writes a path; each method returns the tensor that it adds."""

    def __init__(self, channels: int, seed: int = 0) -> None:
        self._random = np.random.default_rng(seed)
        self._steps: list[Step] = []
        self._constants: dict[str, NDArray[np.float32]] = {}
        self._speaker: dict[str, int] = {}
        self._channels = channels

    def add(self, op: str, *inputs: str, **more: object) -> str:
        name = f"t{len(self._steps)}"
        self._steps.append(Step(op, inputs, (name,), **more))  # type: ignore[arg-type]
        return name

    def conv(
        self, x: str, n_in: int, n_out: int, left: int = 0, right: int = 0, dilation: int = 1
    ) -> str:
        taps = (left + right) // dilation + 1
        kernel = self._kernel((n_out, n_in, taps), n_out, left, right, dilation, 1)
        return self.add("Conv", x, kernel=kernel)

    def up(self, x: str, n_in: int, n_out: int, stride: int, left: int, right: int) -> str:
        taps = stride + left + right
        kernel = self._kernel((n_in, n_out, taps), n_out, left, right, 1, stride)
        return self.add("ConvTranspose", x, kernel=kernel)

    def leaky(self, x: str) -> str:
        return self.add("LeakyRelu", x, attributes={"alpha": 0.1})

    def split(self, x: str, *sizes: int) -> list[str]:
        names = [f"t{len(self._steps)}_{place}" for place in range(len(sizes))]
        self._steps.append(Step("Split", (x,), tuple(names), channels=sizes))
        return names

    def constant(self, *values: float) -> str:
        name = f"c{len(self._constants)}"
        self._constants[name] = np.array(values, np.float32).reshape(1, -1, 1)
        return name

    def of_speaker(self, width: int) -> str:
        name = f"s{len(self._speaker)}"
        self._speaker[name] = width
        return name

    def path(self, samples: str) -> SoundPath:
        return SoundPath(
            frames="x",
            samples=samples,
            channels=self._channels,
            steps=self._steps,
            constants=self._constants,
            speaker=self._speaker,
        )

    def _kernel(
        self, shape: tuple[int, ...], n_out: int, left: int, right: int, dilation: int, stride: int
    ) -> Kernel:
        weight = self._random.standard_normal(shape) / np.sqrt(np.prod(shape) / n_out)
        bias = self._random.standard_normal(n_out) / 4
        return Kernel(
            weight.astype(np.float32), bias.astype(np.float32), left, right, dilation, stride, 1
        )


def in_one_shot(path: SoundPath, frames: Samples, speaker: Mapping[str, Samples]) -> Samples:
    """Return the samples of a path, in 64 bits."""
    known = {"x": frames[0].astype(np.float64)}
    beside = {name: value[0].astype(np.float64) for name, value in speaker.items()}
    beside |= {name: value[0].astype(np.float64) for name, value in path.constants.items()}
    for step in path.steps:
        arguments = [known[name] if name in known else beside[name] for name in step.inputs]
        known |= zip(step.outputs, _done(step, arguments), strict=True)
    return known[path.samples].reshape(-1).astype(np.float32)


def _done(step: Step, arguments: Sequence[NDArray[np.float64]]) -> list[NDArray[np.float64]]:
    x = arguments[0]
    if step.op == "Conv" and step.kernel:
        return [_conv(step.kernel, x)]
    if step.op == "ConvTranspose" and step.kernel:
        return [_up(step.kernel, x)]
    if step.op in _FUNCTIONS:
        return [_FUNCTIONS[step.op](x)]
    if step.op in _ARITHMETIC:
        return [_ARITHMETIC[step.op](x, arguments[1])]
    if step.op == "Split":
        return np.split(x, np.cumsum(split_sizes(step, len(x)))[:-1])
    return [_rearranged(step, arguments)]


def _rearranged(step: Step, arguments: Sequence[NDArray[np.float64]]) -> NDArray[np.float64]:
    x = arguments[0]
    if step.op == "Slice":
        start, stop, stride = step.channels
        return x[start : None if stop < -len(x) else stop : stride]
    assert step.op == "Concat"
    return np.concatenate(arguments)


def _conv(kernel: Kernel, x: NDArray[np.float64]) -> NDArray[np.float64]:
    padded = np.pad(x, [(0, 0), (kernel.left, kernel.right)])
    taps = [
        kernel.weight[:, :, tap].astype(np.float64)
        @ padded[:, tap * kernel.dilation : tap * kernel.dilation + x.shape[1]]
        for tap in range(kernel.taps)
    ]
    return np.sum(taps, axis=0) + kernel.bias[:, None]


def _up(kernel: Kernel, x: NDArray[np.float64]) -> NDArray[np.float64]:
    y = np.zeros((kernel.weight.shape[1], (x.shape[1] - 1) * kernel.stride + kernel.taps))
    for tap in range(kernel.taps):
        places = slice(tap, tap + (x.shape[1] - 1) * kernel.stride + 1, kernel.stride)
        y[:, places] += kernel.weight[:, :, tap].T.astype(np.float64) @ x
    return y[:, kernel.left : y.shape[1] - kernel.right] + kernel.bias[:, None]


def opened(carried: Carried) -> SoundGraph:
    """Return a carried graph that runs on one core."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 4
    return SoundGraph(
        onnxruntime.InferenceSession(
            carried.model.SerializeToString(), options, providers=["CPUExecutionProvider"]
        )
    )
