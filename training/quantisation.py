"""Make the products of a graph integer ones: three times as fast, half the size.

In: a graph of `export`, and inputs such as it will see. Out: the same graph with 7-bit weights and
8-bit inputs of its products. Invariant: no scale depends on what is being said. So a frame's result
is the same in any window, to the last bit, which scales found per call would not give.

Only products that follow a norm or a SiLU are changed, as their inputs keep to a range that a few
sentences show; the others are few and small. Weights have 7 bits, not 8: processors without VNNI
add two products of 8 bits in 16, and would overflow.

Two known methods keep the error at 0.2 dB of the curves. Before a norm's gains are fixed, channels
of great range are made smaller and their weights larger (Xiao et al., *SmoothQuant*, 2022; here
with the offset taken off as well). And each row of weights is rounded knowing how the rows before
were, so that errors cancel on the inputs that occur (Frantar et al., *GPTQ*, 2022).
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

from training.graph import constants_of, makers_of, read_nodes, readers_of

Doubles: TypeAlias = npt.NDArray[np.float64]
Feed: TypeAlias = Mapping[str, npt.NDArray[Any]]

_WEIGHT_MOST = 63
_CONTRIBUTED = "com.microsoft"
"""The operator set of onnxruntime's own operations."""
_FEWEST_OUTPUTS = 64
"""Narrower products cost nothing as they are."""
_KEPT_ROWS = 3
"""Every so manieth row of what a product reads is looked at."""
_SMOOTHING = 0.5
"""Power of a channel's range that moves from the inputs to the weights."""
_NORM_STEPS = 250
"""Steps of a norm's widest channel, out of 255: a little room for what was not seen."""
_DAMPING = 0.01


def quantise(path: Path, feeds: Sequence[Feed]) -> None:
    """Rewrite the graph at ``path`` with integer products.

    Args:
        path: File of the graph.
        feeds: Inputs, each for one run; a minute of speech is enough.
    """
    model = onnx.load(path)
    _Quantising(model.graph).run(_observe(model, _inputs_of_products(model.graph), feeds))
    model.opset_import.append(helper.make_opsetid(_CONTRIBUTED, 1))
    onnx.save(model, path)


def _inputs_of_products(graph: onnx.GraphProto) -> list[str]:
    """The tensors that a norm or a SiLU made and only products with constants read."""
    constants, makers, readers = constants_of(graph), makers_of(graph), readers_of(graph)
    outputs = {o.name for o in graph.output}

    def is_product(node: onnx.NodeProto) -> bool:
        weight = constants.get(node.input[1]) if node.op_type in ("Gemm", "MatMul") else None
        return weight is not None and weight.shape[1] >= _FEWEST_OUTPUTS

    def is_even(node: onnx.NodeProto) -> bool:
        factors = [makers[name].op_type for name in node.input if name in makers]
        return node.op_type == "LayerNormalization" or (
            node.op_type == "Mul" and "Sigmoid" in factors
        )

    return [
        name
        for name, node in makers.items()
        if is_even(node)
        and name not in outputs
        and readers[name]
        and all(map(is_product, readers[name]))
    ]


def _observe(model: onnx.ModelProto, names: list[str], feeds: Sequence[Feed]) -> dict[str, Doubles]:
    """What tensors inside a graph hold while it runs: by name, shape (rows, channels)."""
    open_model = onnx.ModelProto()
    open_model.CopyFrom(model)
    open_model.graph.output.extend(
        helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in names
    )
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(
        open_model.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )
    seen: dict[str, list[Doubles]] = {name: [] for name in names}
    for feed in feeds:
        for name, rows in zip(names, session.run(names, dict(feed)), strict=True):
            seen[name].append(rows.reshape(-1, rows.shape[-1])[::_KEPT_ROWS])
    return {name: np.concatenate(rows).astype(np.float64) for name, rows in seen.items()}


class _Quantising:
    def __init__(self, graph: onnx.GraphProto) -> None:
        self._graph = graph
        self._constants, self._makers = constants_of(graph), makers_of(graph)
        self._readers = readers_of(graph)
        self._added: list[onnx.TensorProto] = []
        self._after: dict[str, onnx.NodeProto] = {}  # by tensor: the node that makes it integer
        self._instead: dict[int, onnx.NodeProto | None] = {}  # by the node that goes

    def run(self, seen: Mapping[str, Doubles]) -> None:
        for name, rows in seen.items():
            self._quantise(name, rows)
        nodes = []
        for node in self._graph.node:
            kept = self._instead.get(id(node), node)
            nodes += [kept] if kept else []
            nodes += [self._after[name] for name in node.output if name in self._after]
        self._replace(nodes)

    def _replace(self, nodes: list[onnx.NodeProto]) -> None:
        """Set the graph's nodes and constants, without those that nobody reads any more."""
        outputs = {o.name for o in self._graph.output}
        nodes = read_nodes(nodes, outputs)
        read = outputs.union(*(node.input for node in nodes))
        tensors = [t for t in (*self._graph.initializer, *self._added) if t.name in read]
        del self._graph.node[:], self._graph.initializer[:]
        self._graph.node.extend(nodes)
        self._graph.initializer.extend(tensors)

    def _quantise(self, name: str, rows: Doubles) -> None:
        """Make one tensor integer, and all products that read it."""
        maker = self._makers[name]
        if maker.op_type == "LayerNormalization":
            step, zero = 1.0, 128
            channels, offset = self._smoothed(maker, name, rows)
        else:
            channels, offset = np.ones(rows.shape[1]), np.zeros(rows.shape[1])
            low, high = min(rows.min(), 0.0), rows.max()
            step = max((high - low) / 255, 1e-9)
            zero = round(-low / step)
        integers = np.clip(np.rint((rows - offset) / (channels * step)) + zero, 0, 255) - zero
        scale = self._constant(f"{name}_step", np.float32(step))
        place = self._constant(f"{name}_zero", np.uint8(zero))
        whole = f"{name}_integers"
        self._after[name] = helper.make_node("QuantizeLinear", [name, scale, place], [whole])
        likeness = integers.T @ integers / len(integers)
        for product in self._readers[name]:
            weight, bias, output = self._absorbed(product)
            scaled = weight * (channels * step)[:, None]
            steps = np.maximum(np.abs(scaled).max(0), 1e-12) / _WEIGHT_MOST
            rounded = _rounded(scaled, steps, likeness)
            bias = bias + offset @ weight
            # What rounding added on average is taken off.
            bias += ((rows - offset) @ weight - integers @ (rounded * steps)).mean(0)
            self._instead[id(product)] = helper.make_node(
                "MatMulIntegerToFloat",
                [
                    whole,
                    self._constant(f"{output}_weight8", rounded),
                    scale,
                    self._constant(f"{output}_steps", (steps / step).astype(np.float32)),
                    place,
                    "",
                    self._constant(f"{output}_bias8", bias.astype(np.float32)),
                ],
                [output],
                domain=_CONTRIBUTED,
            )

    def _smoothed(self, norm: onnx.NodeProto, name: str, rows: Doubles) -> tuple[Doubles, Doubles]:
        """Have a norm give integers' range: returns what its channels were divided by, less what.

        The gain and the offset of the norm are there anyway: this costs nothing.
        """
        low, high = rows.min(0), rows.max(0)
        offset = (low + high) / 2
        span = np.maximum((high - low) / _NORM_STEPS, 1e-6)
        channels: Doubles = span**_SMOOTHING * span.max() ** (1 - _SMOOTHING)
        gain, bias = (self._constants[i].astype(np.float64) for i in norm.input[1:3])
        norm.input[1] = self._constant(f"{name}_gain", (gain / channels).astype(np.float32))
        norm.input[2] = self._constant(
            f"{name}_offset", ((bias - offset) / channels).astype(np.float32)
        )
        return channels, offset

    def _absorbed(self, product: onnx.NodeProto) -> tuple[Doubles, Doubles, str]:
        """Weight, bias and the output's name; an addition of a constant becomes the bias."""
        weight = self._constants[product.input[1]].astype(np.float64)
        if product.op_type == "Gemm":
            return weight, self._constants[product.input[2]].astype(np.float64), product.output[0]
        readers = self._readers[product.output[0]]
        if len(readers) == 1 and readers[0].op_type == "Add":
            (other,) = (name for name in readers[0].input if name != product.output[0])
            bias = self._constants.get(other)
            if bias is not None and bias.shape == weight.shape[1:]:
                self._instead[id(readers[0])] = None
                return weight, bias.astype(np.float64), readers[0].output[0]
        return weight, np.zeros(weight.shape[1]), product.output[0]

    def _constant(self, name: str, array: npt.NDArray[Any] | np.generic) -> str:
        self._added.append(numpy_helper.from_array(np.asarray(array), name))
        return name


def _rounded(weight: Doubles, steps: Doubles, likeness: Doubles) -> npt.NDArray[np.int8]:
    """Round weights so that the products' errors cancel.

    Args:
        weight: Shape (inputs, outputs).
        steps: Of each output.
        likeness: Mean product of every two inputs.
    """
    n = len(weight)
    damped = likeness + np.eye(n) * (_DAMPING * np.trace(likeness) / n + 1e-12)
    upper = np.linalg.cholesky(np.linalg.inv(damped)).T
    rest, rounded = weight.copy(), np.zeros(weight.shape, np.int8)
    for i in range(n):
        rounded[i] = np.clip(np.rint(rest[i] / steps), -_WEIGHT_MOST, _WEIGHT_MOST)
        error = (rest[i] - rounded[i] * steps) / upper[i, i]
        rest[i + 1 :] -= np.outer(upper[i, i + 1 :], error)
    return rounded
