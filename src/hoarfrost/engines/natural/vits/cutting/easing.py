"""Put steps of a sound path in the form that runs fastest, without changing what they do.

In: a `SoundPath`. Out: another one. Invariant: the samples are the same, to float32 rounding.

A number that all channels are multiplied with goes into the weights of the next convolution. A
convolution of which only slices of channels are read becomes one for each slice. A transposed
convolution becomes plain ones at the lower rate, whose channels are its phases, interleaved
afterwards: that is how convolutions in blocks of channels can do it.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

import numpy as np

from hoarfrost.engines.natural.vits.cutting.layouts import PLAIN
from hoarfrost.engines.natural.vits.cutting.model import Array
from hoarfrost.engines.natural.vits.cutting.steps import Kernel, SoundPath, Step

INTERLEAVE: Final = "Interleave"
"""The step that makes one tensor of phases: of the channels of its inputs, phase after phase."""
_KEEPS_SCALE: Final = ("LeakyRelu", "Relu")
_CONVOLUTIONS: Final = ("Conv", "ConvTranspose")


def ease(path: SoundPath, *, block: int = PLAIN) -> SoundPath:
    """Return a path that does the same and runs faster.

    Args:
        path: The path.
        block: Channels that convolutions want side by side.
    """
    path = _with_scales_in_weights(path)
    path = _with_slices_in_weights(path)
    return path if block == PLAIN else _with_phases(path, block)


def _readers(path: SoundPath) -> dict[str, list[Step]]:
    readers: dict[str, list[Step]] = {}
    for step in path.steps:
        for name in step.inputs:
            readers.setdefault(name, []).append(step)
    return readers


def _with_scales_in_weights(path: SoundPath) -> SoundPath:
    readers = _readers(path)
    same: dict[str, str] = {}
    scales: dict[str, float] = {}  # of a convolution's input, by its output
    for step in path.steps:
        scale = _scale(step, path.constants)
        if scale is None:
            continue
        reader = step
        while len(found := readers.get(reader.outputs[0], [])) == 1:
            (reader,) = found
            if reader.op in _CONVOLUTIONS:
                scales[reader.outputs[0]] = scale
                same[step.outputs[0]] = step.inputs[0]
            if reader.op not in _KEEPS_SCALE:
                break
    steps = []
    for step in path.steps:
        if step.outputs[0] in same:
            continue
        kernel, scale = step.kernel, scales.get(step.outputs[0])
        if kernel is not None and scale is not None:
            kernel = replace(kernel, weight=(kernel.weight * scale).astype(np.float32))
        inputs = tuple(same.get(name, name) for name in step.inputs)
        steps.append(replace(step, inputs=inputs, kernel=kernel))
    return replace(path, steps=steps)


def _scale(step: Step, constants: Mapping[str, Array]) -> float | None:
    """Return the positive number that a step multiplies its first input with, if it does that."""
    if step.op not in ("Mul", "Div") or step.inputs[1] not in constants:
        return None
    value = constants[step.inputs[1]]
    if value.size != 1 or not value.flat[0] > 0:
        return None
    return float(value.flat[0]) if step.op == "Mul" else 1 / float(value.flat[0])


def _with_slices_in_weights(path: SoundPath) -> SoundPath:
    readers = _readers(path)
    steps: list[Step] = []
    sliced: dict[str, Step] = {}  # convolutions that only slices are read of
    for step in path.steps:
        found = readers.get(step.outputs[0], [])
        kernel = step.kernel
        if step.op == "Conv" and kernel and kernel.groups == 1 and _are_slices(found):
            sliced[step.outputs[0]] = step
        elif step.op == "Slice" and step.inputs[0] in sliced:
            whole = sliced[step.inputs[0]]
            kernel = whole.kernel
            if kernel is not None:
                channels = slice(*step.channels)
                part = replace(kernel, weight=kernel.weight[channels], bias=kernel.bias[channels])
                steps.append(replace(whole, outputs=step.outputs, kernel=part))
        else:
            steps.append(step)
    return replace(path, steps=steps)


def _are_slices(readers: list[Step]) -> bool:
    return bool(readers) and all(step.op == "Slice" and step.channels[2] > 0 for step in readers)


def _with_phases(path: SoundPath, block: int) -> SoundPath:
    steps: list[Step] = []
    for step in path.steps:
        kernel = step.kernel
        if step.op != "ConvTranspose" or kernel is None or not _fits(kernel, block):
            steps.append(step)
            continue
        names = []
        for number, phases in enumerate(_phases(kernel)):
            names.append(f"{step.outputs[0]}_phases_{number}")
            steps.append(Step("Conv", step.inputs, (names[-1],), kernel=phases))
        steps.append(Step(INTERLEAVE, tuple(names), step.outputs, channels=(kernel.stride,)))
    return replace(path, steps=steps)


def _fits(kernel: Kernel, block: int) -> bool:
    n_in, n_out = kernel.weight.shape[:2]
    return n_in % block == n_out % block == 0 and kernel.groups == 1


def _phases(kernel: Kernel) -> list[Kernel]:
    """Return the convolutions whose channels are the phases of a transposed one.

    Sample ``stride * j + phase`` depends on the columns ``j + ahead - m`` by the taps
    ``(phase + left) % stride + stride * m``, where ``ahead`` is ``(phase + left) // stride``: so
    there is one convolution for all phases that look as far ahead.
    """
    stride, n_in, n_out = kernel.stride, *kernel.weight.shape[:2]
    found = []
    for ahead in range((stride - 1 + kernel.left) // stride + 1):
        phases = [p for p in range(stride) if (p + kernel.left) // stride == ahead]
        if not phases:
            continue
        taps = max(-(-(kernel.taps - (phases[0] + kernel.left) % stride) // stride), ahead + 1)
        weight = np.zeros((len(phases), n_out, n_in, taps), np.float32)
        for place, phase in enumerate(phases):
            of_phase = kernel.weight[:, :, (phase + kernel.left) % stride :: stride]
            # The tap on the column furthest ahead is the last one of a convolution.
            weight[place, :, :, taps - of_phase.shape[2] :] = of_phase.transpose(1, 0, 2)[
                :, :, ::-1
            ]
        found.append(
            Kernel(
                weight=weight.reshape(-1, n_in, taps),
                bias=np.tile(kernel.bias, len(phases)),
                left=taps - 1 - ahead,
                right=ahead,
                dilation=1,
                stride=1,
                groups=1,
            )
        )
    return found
