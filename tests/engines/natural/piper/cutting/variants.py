"""The same model as other exporters and tools leave it."""

from collections.abc import Callable
from pathlib import Path

import onnx
import onnxruntime
from onnx import helper

Variant = Callable[[onnx.ModelProto, Path], onnx.ModelProto]
_PUBLIC = {"input", "input_lengths", "scales", "sid", "output"}


def renamed(model: onnx.ModelProto, _scratch: Path) -> onnx.ModelProto:
    """Every tensor, weight and node named by its number, as ``torch.jit`` once did."""
    names: dict[str, str] = {}

    def number(name: str) -> str:
        if not name or name in _PUBLIC:
            return name
        return names.setdefault(name, str(len(names)))

    graph = model.graph
    for tensor in graph.initializer:
        tensor.name = number(tensor.name)
    for place, node in enumerate(graph.node):
        node.name = f"n{place}"
        node.input[:] = [number(name) for name in node.input]
        node.output[:] = [number(name) for name in node.output]
    del graph.value_info[:]
    return model


def optimised(model: onnx.ModelProto, scratch: Path) -> onnx.ModelProto:
    """Saved by onnxruntime after its basic optimisations, transposes moved about."""
    target = scratch / "optimised.onnx"
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
    options.optimized_model_filepath = str(target)
    options.log_severity_level = 4
    onnxruntime.InferenceSession(
        model.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )
    return onnx.load(target)


def with_constants_as_nodes(model: onnx.ModelProto, _scratch: Path) -> onnx.ModelProto:
    """No initializers: every weight is the value of a node."""
    graph = model.graph
    nodes = [
        helper.make_node("Constant", [], [tensor.name], value=tensor)
        for tensor in graph.initializer
    ]
    del graph.initializer[:]
    for node in reversed(nodes):
        graph.node.insert(0, node)
    return model


def weights_among_inputs(model: onnx.ModelProto, _scratch: Path) -> onnx.ModelProto:
    """Initializers that may be overridden, as models of ONNX before IR version 4 have them."""
    for tensor in model.graph.initializer:
        entry = helper.make_tensor_value_info(tensor.name, tensor.data_type, tensor.dims)
        model.graph.input.append(entry)
    return model


def named_as_ours(model: onnx.ModelProto, scratch: Path) -> onnx.ModelProto:
    """The first tensors called what the parts of a cut call their inputs and outputs."""
    takes = ("ids", "noise", "mean", "log_scale", "duration", "speaker", "frames", "samples")
    model = renamed(model, scratch)
    nodes = model.graph.node
    names = {node.output[0]: name for node, name in zip(nodes, takes, strict=False)}
    for node in nodes:
        node.input[:] = [names.get(name, name) for name in node.input]
        node.output[:] = [names.get(name, name) for name in node.output]
    return model


def _all(*changes: Variant) -> Variant:
    def change(model: onnx.ModelProto, scratch: Path) -> onnx.ModelProto:
        for one in changes:
            model = one(model, scratch)
        return model

    return change


VARIANTS: dict[str, tuple[str, Variant]] = {
    "renamed, optimised, weights among inputs": (
        "de_DE-crowd-low",
        _all(renamed, optimised, weights_among_inputs),
    ),
    "named as ours, constants as nodes": (
        "en_GB-older-medium",
        _all(named_as_ours, with_constants_as_nodes),
    ),
}
"""Which voice is changed, and how."""
