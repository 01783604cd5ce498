"""Write as one operation what exporters wrote as nine: the normalisation of a layer.

In: a model. Out: the same, smaller. Invariant: its outputs are the same, to float32 rounding.

onnxruntime fuses these by itself, but not once it has moved the transposes that stand around them,
which it does first; of the 36 in a Piper voice it leaves 30 as they were.
"""

from typing import Final

import numpy as np
import onnx
from onnx import helper, numpy_helper

from hoarfrost.engines.natural.vits.cutting.model import Array, Model, attributes_of

_OPSET: Final = 17
"""The first that has the operation; those of voices are the same in it as in 13 to 16."""
_RANK: Final = 3


def fuse_normalisations(proto: onnx.ModelProto) -> onnx.ModelProto:
    """Return the model with every normalisation over channels as one operation."""
    model = Model(proto)
    instead = {
        found[-1].output[0]: found
        for node in model.nodes
        if node.op_type == "Sqrt" and (found := _fused(model, node))
    }
    changed = onnx.ModelProto()
    changed.CopyFrom(proto)
    del changed.graph.node[:]
    for node in proto.graph.node:
        changed.graph.node.extend(instead.get(node.output[0], [node]))
    for entry in changed.opset_import:
        if entry.domain == "":
            entry.version = max(entry.version, _OPSET)
    return Model(changed).part(list(changed.graph.input), list(changed.graph.output))


def _fused(model: Model, root: onnx.NodeProto) -> list[onnx.NodeProto]:
    """Return the normalisation that a square root is a part of; nothing if it is of none."""
    variance = _made_by(model, root.input[0], "Add")
    squares = variance and _mean(model, variance.input[0])
    square = squares and _made_by(model, squares[0], "Pow", "Mul")
    centred = square and _made_by(model, square.input[0], "Sub")
    mean = centred and _mean(model, centred.input[1])
    if not variance or not squares or not square or not centred or not mean:
        return []
    is_square = (
        square.input[1] == square.input[0]
        if square.op_type == "Mul"
        else _number(model, square.input[1]) == 2
    )
    epsilon = _number(model, variance.input[1])
    divided = _only_reader(model, root.output[0], "Div")
    if (
        epsilon is None
        or divided is None
        or list(divided.input) != [centred.output[0], root.output[0]]
    ):
        return []
    if not is_square or mean[0] != centred.input[0] or mean[1] != squares[1]:
        return []
    scaled = _only_reader(model, divided.output[0], "Mul")
    moved = scaled and _only_reader(model, scaled.output[0], "Add")
    if not scaled or not moved:
        return []
    axis = mean[1]
    gain, bias = _vector(model, scaled, divided, axis), _vector(model, moved, scaled, axis)
    if gain is None or bias is None or gain.size != bias.size:
        return []
    return _normalisation(mean[0], moved.output[0], (gain, bias), epsilon, axis)


def _normalisation(
    x: str, y: str, weights: tuple[Array, Array], epsilon: float, axis: int
) -> list[onnx.NodeProto]:
    names = [f"{y}_gain", f"{y}_bias"]
    nodes = [
        helper.make_node("Constant", [], [name], value=numpy_helper.from_array(array, name))
        for name, array in zip(names, weights, strict=True)
    ]
    if axis == -1:
        nodes.append(helper.make_node("LayerNormalization", [x, *names], [y], epsilon=epsilon))
        return nodes
    rows = [f"{y}_rows", f"{y}_normal"]
    nodes += [
        helper.make_node("Transpose", [x], rows[:1], perm=[0, 2, 1]),
        helper.make_node("LayerNormalization", [rows[0], *names], rows[1:], epsilon=epsilon),
        helper.make_node("Transpose", rows[1:], [y], perm=[0, 2, 1]),
    ]
    return nodes


def _made_by(model: Model, name: str, *ops: str) -> onnx.NodeProto | None:
    node = model.producer.get(name)
    return node if node is not None and node.op_type in ops else None


def _only_reader(model: Model, name: str, op: str) -> onnx.NodeProto | None:
    readers = model.readers.get(name, [])
    return readers[0] if len(readers) == 1 and readers[0].op_type == op else None


def _mean(model: Model, name: str) -> tuple[str, int] | None:
    """Return what a tensor is the mean of, and along which axis: -1, or 1 for -2."""
    node = _made_by(model, name, "ReduceMean")
    if node is None:
        return None
    attributes = attributes_of(node)
    axes = attributes.get("axes")
    if axes is None and len(node.input) > 1 and model.is_constant(node.input[1]):
        axes = model.constant(node.input[1]).tolist()
    if axes not in ([-1], [2], [1], [-2]) or not attributes.get("keepdims", 1):
        return None
    return node.input[0], -1 if axes in ([-1], [2]) else 1


def _number(model: Model, name: str) -> float | None:
    if not model.is_constant(name) or model.constant(name).size != 1:
        return None
    return float(model.constant(name).flat[0])


def _vector(model: Model, node: onnx.NodeProto, before: onnx.NodeProto, axis: int) -> Array | None:
    """Return the numbers, one a channel, that a node applies to the result of the one before."""
    (name,) = (i for i in node.input if i != before.output[0])
    if not model.is_constant(name):
        return None
    value = model.constant(name)
    shape = (1,) * (_RANK - value.ndim) + value.shape
    if len(shape) != _RANK or shape[axis] != value.size or value.dtype != np.float32:
        return None
    return value.reshape(-1)
