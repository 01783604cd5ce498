"""Small ONNX graphs of ids, written node by node."""

from collections.abc import Sequence

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from hoarfrost.engines.natural.vits.cutting.model import run


class Graph:
    """Writes a graph; what is no tensor's name is a constant."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self._weights: list[TensorProto] = []

    def add(self, op: str, *inputs: object, **attributes: object) -> str:
        name = f"t{len(self.nodes)}"
        names = [i if isinstance(i, str) else self._weight(i) for i in inputs]
        self.nodes.append(helper.make_node(op, names, [name], **attributes))
        return name

    def model(self, *outputs: str, opset: int = 15) -> onnx.ModelProto:
        graph = helper.make_graph(
            self.nodes,
            "small",
            [helper.make_tensor_value_info("ids", TensorProto.INT64, [1, "n"])],
            [onnx.ValueInfoProto(name=name) for name in outputs],
            self._weights,
        )
        imports = [helper.make_opsetid("", opset)]
        return helper.make_model(graph, opset_imports=imports, ir_version=8)

    def _weight(self, value: object) -> str:
        name = f"w{len(self._weights)}"
        array = np.asarray(value)
        if array.dtype == np.float64:
            array = array.astype(np.float32)
        self._weights.append(numpy_helper.from_array(array, name))
        return name


def answers(model: onnx.ModelProto, lengths: Sequence[int]) -> list[list[NDArray[np.float32]]]:
    """Return a model's outputs for ids of some lengths."""
    return run(model, [{"ids": np.random.default_rng(n).integers(-9, 9, (1, n))} for n in lengths])


def ops(model: onnx.ModelProto) -> list[str]:
    """Return the operations of a model."""
    return [node.op_type for node in model.graph.node]
