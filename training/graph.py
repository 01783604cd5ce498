"""Reading a graph that `export` traced: its constants, and who makes and reads what."""

from collections import defaultdict
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import onnx
from onnx import numpy_helper

Constants: TypeAlias = dict[str, npt.NDArray[Any]]


def constants_of(graph: onnx.GraphProto) -> Constants:
    """Weights and other constants by name; what is stored as float16 and cast, as float32."""
    constants: Constants = {i.name: numpy_helper.to_array(i) for i in graph.initializer}
    for node in graph.node:
        if node.op_type == "Constant":
            constants[node.output[0]] = numpy_helper.to_array(node.attribute[0].t)
        elif node.op_type == "Cast" and node.input[0] in constants:
            constants[node.output[0]] = constants[node.input[0]].astype(np.float32)
        elif node.op_type == "Identity" and node.input[0] in constants:
            constants[node.output[0]] = constants[node.input[0]]
    return constants


def makers_of(graph: onnx.GraphProto) -> dict[str, onnx.NodeProto]:
    """The node that makes each tensor."""
    return {name: node for node in graph.node for name in node.output}


def readers_of(graph: onnx.GraphProto) -> dict[str, list[onnx.NodeProto]]:
    """The nodes that read each tensor."""
    readers: dict[str, list[onnx.NodeProto]] = defaultdict(list)
    for node in graph.node:
        for name in node.input:
            readers[name].append(node)
    return readers


def read_nodes(nodes: list[onnx.NodeProto], outputs: set[str]) -> list[onnx.NodeProto]:
    """The nodes whose results are read, by others or as an output of the graph."""
    n_before = -1
    while len(nodes) != n_before:
        n_before = len(nodes)
        read = outputs.union(*(node.input for node in nodes))
        nodes = [node for node in nodes if not read.isdisjoint(node.output)]
    return nodes
