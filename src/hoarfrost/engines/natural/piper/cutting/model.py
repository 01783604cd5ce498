"""A stock model as a graph that can be asked: what makes a tensor, what reads it, what is in it.

In: an ONNX file of a Piper voice. Out: a `Model` for one sentence at a time, free of what exporters
leave behind. Invariant: whatever exporter wrote it, the same questions have the same answers: no
question is about a name, save those of the model's own inputs and output.
"""

import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, TypeAlias

import numpy as np
import onnx
import onnxruntime
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from hoarfrost.errors import VoiceFault

Array: TypeAlias = NDArray[Any]

IDS, LENGTHS, SCALES, SPEAKER_ID, OUTPUT = "input", "input_lengths", "scales", "sid", "output"
"""What a Piper voice calls its inputs and its output; its runtime feeds them by these names."""
TYPES: Final = {
    IDS: TensorProto.INT64,
    LENGTHS: TensorProto.INT64,
    SCALES: TensorProto.FLOAT,
    SPEAKER_ID: TensorProto.INT64,
}
RANDOM: Final = ("RandomNormalLike", "RandomNormal")


class CannotCut(Exception):
    """The model runs, but not in parts; the message says why."""


def read_model(path: Path) -> onnx.ModelProto:
    """Read a stock model.

    Raises:
        VoiceFault: If the file is no ONNX model, or none of a Piper voice.
    """
    try:
        model = onnx.load(path, load_external_data=False)
        names = [node.name for node in model.graph.initializer if node.external_data]
    except Exception as error:  # protobuf's classes have no parent that could be named here
        raise VoiceFault(
            f"voice {path.stem}: expected an ONNX model, got {type(error).__name__}"
        ) from error
    if names:
        raise VoiceFault(f"voice {path.stem}: expected weights in the model, got them elsewhere")
    weights = {tensor.name for tensor in model.graph.initializer}
    inputs = {i.name: i.type.tensor_type for i in model.graph.input if i.name not in weights}
    unknown, missing = set(inputs) - set(TYPES), set(TYPES) - {SPEAKER_ID} - set(inputs)
    if unknown or missing or [o.name for o in model.graph.output] != [OUTPUT]:
        got = f"{len(inputs)} inputs and {len(model.graph.output)} outputs of other names"
        raise VoiceFault(
            f"voice {path.stem}: expected the inputs {IDS}, {LENGTHS}, {SCALES}, perhaps "
            f"{SPEAKER_ID}, and the output {OUTPUT} of a Piper voice, got {got}"
        )
    for name, kind in inputs.items():
        if kind.elem_type != TYPES[name]:
            wanted = TensorProto.DataType.Name(TYPES[name])
            got = TensorProto.DataType.Name(kind.elem_type)
            raise VoiceFault(f"voice {path.stem}: {name}: expected {wanted}, got {got}")
    return model


def for_one_sentence(stock: onnx.ModelProto) -> onnx.ModelProto:
    """Return a copy whose batch is one sentence, and whose lengths are the number of its ids."""
    model = onnx.ModelProto()
    model.CopyFrom(stock)
    graph = model.graph
    for entry in list(graph.input):
        if entry.name == LENGTHS:
            graph.input.remove(entry)
        elif entry.name == IDS:
            entry.CopyFrom(helper.make_tensor_value_info(IDS, TensorProto.INT64, [1, "n_ids"]))
        elif entry.name == SPEAKER_ID:
            entry.CopyFrom(helper.make_tensor_value_info(SPEAKER_ID, TensorProto.INT64, [1]))
    del graph.value_info[:]
    graph.initializer.extend(
        numpy_helper.from_array(np.array([n], np.int64), f"one_sentence_{n}") for n in (1, 2)
    )
    shape = helper.make_node("Shape", [IDS], ["one_sentence_shape"])
    slots = ["one_sentence_shape", "one_sentence_1", "one_sentence_2"]
    graph.node.insert(0, helper.make_node("Slice", slots, [LENGTHS]))
    graph.node.insert(0, shape)
    return model


def simplified(model: onnx.ModelProto) -> onnx.ModelProto:
    """Return the model with its constants folded, in standard operations only.

    Raises:
        CannotCut: If onnxruntime does not take it.
    """
    with tempfile.TemporaryDirectory(prefix="hoarfrost-") as folder:
        target = Path(folder) / "simplified.onnx"
        options = _quiet()
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
        options.optimized_model_filepath = str(target)
        # Transposes stay where they are: `structure` looks past them, `steps` does not.
        _open(model, options, disabled_optimizers=["TransposeOptimizer"])
        return onnx.load(target)


def _quiet() -> onnxruntime.SessionOptions:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 4
    return options


def open_model(
    model: onnx.ModelProto, *, is_optimised: bool = False
) -> onnxruntime.InferenceSession:
    """Open a model that is in memory, on one core.

    Args:
        model: The model.
        is_optimised: Whether onnxruntime may rewrite it. One that runs once or twice is ready
            sooner as it stands.

    Raises:
        CannotCut: If onnxruntime does not take it.
    """
    options = _quiet()
    if not is_optimised:
        level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
        options.graph_optimization_level = level
    return _open(model, options)


def _open(
    model: onnx.ModelProto, options: onnxruntime.SessionOptions, **more: Any
) -> onnxruntime.InferenceSession:
    try:
        return onnxruntime.InferenceSession(
            model.SerializeToString(), options, providers=["CPUExecutionProvider"], **more
        )
    except Exception as error:  # onnxruntime raises classes of its own, without a common parent
        raise CannotCut(f"onnxruntime does not load it: {type(error).__name__}") from error


def run(model: onnx.ModelProto, feeds: Sequence[Mapping[str, Array]]) -> list[list[Array]]:
    """Return a model's outputs for each feed.

    Raises:
        CannotCut: If it does not load or run.
    """
    session = open_model(model)
    wanted = {i.name for i in session.get_inputs()}
    try:
        return [
            session.run(None, {name: array for name, array in feed.items() if name in wanted})
            for feed in feeds
        ]
    except Exception as error:  # see open_model
        raise CannotCut(f"onnxruntime does not run it: {type(error).__name__}") from error


class Model:
    """A graph that can be asked.

    Attributes:
        nodes: In an order in which they can run.
        producer: The node that makes a tensor.
        readers: The nodes that read a tensor, as often as they do.
    """

    def __init__(self, model: onnx.ModelProto) -> None:
        graph = model.graph
        self.proto = model
        self.nodes = [node for node in graph.node if node.op_type != "Constant"]
        self.inputs = {entry.name: entry for entry in graph.input}
        self._tensors = {tensor.name: tensor for tensor in graph.initializer}
        for node in graph.node:
            if node.op_type == "Constant" and node.attribute[0].name == "value":
                self._tensors[node.output[0]] = node.attribute[0].t
        self._constants: dict[str, Array] = {}
        self.producer = {name: node for node in self.nodes for name in node.output if name}
        self.readers: dict[str, list[onnx.NodeProto]] = {}
        self._reads: dict[str, list[str]] = {}  # by the tensor that is made of them
        for node in self.nodes:
            reads = read_by(node)
            self._reads.update(dict.fromkeys(node.output, reads))
            for name in reads:
                self.readers.setdefault(name, []).append(node)

    def is_constant(self, name: str) -> bool:
        """Return whether a tensor is a weight."""
        return name in self._tensors

    def constant(self, name: str) -> Array:
        """Return a weight."""
        if name not in self._constants:
            self._constants[name] = numpy_helper.to_array(self._tensors[name])
        return self._constants[name]

    def needed_for(self, names: Iterable[str]) -> set[str]:
        """Return all tensors that some are made from, themselves included."""
        found: set[str] = set()
        left = list(names)
        while left:
            name = left.pop()
            if name and name not in found:
                found.add(name)
                left.extend(self._reads.get(name, ()))
        return found

    def part(
        self, inputs: Sequence[onnx.ValueInfoProto], outputs: Sequence[onnx.ValueInfoProto | str]
    ) -> onnx.ModelProto:
        """Return what makes the outputs from the inputs, as a model."""
        given = {entry.name for entry in inputs}
        wanted: set[str] = set()
        left = [o if isinstance(o, str) else o.name for o in outputs]
        while left:
            name = left.pop()
            if name and name not in wanted:
                wanted.add(name)
                if name not in given:
                    left.extend(self._reads.get(name, ()))
        graph = helper.make_graph(
            [
                node
                for node in self.nodes
                if any(name in wanted and name not in given for name in node.output)
            ],
            "part",
            [entry for entry in inputs if entry.name in wanted],
            # onnxruntime finds the type of an output that has none.
            [onnx.ValueInfoProto(name=o) if isinstance(o, str) else o for o in outputs],
            [_named(self._tensors[name], name) for name in sorted(wanted & set(self._tensors))],
        )
        domains = {node.domain for node in graph.node} | {""}
        imports = [entry for entry in self.proto.opset_import if entry.domain in domains]
        return helper.make_model(graph, opset_imports=imports, ir_version=self.proto.ir_version)


def _named(tensor: TensorProto, name: str) -> TensorProto:
    if tensor.name == name:
        return tensor
    copy = TensorProto()
    copy.CopyFrom(tensor)
    copy.name = name
    return copy


def read_by(node: onnx.NodeProto) -> list[str]:
    """Return what a node reads, its branches included."""
    names = list(node.input)
    for entry in node.attribute:
        for inner in entry.g.node:
            names.extend(read_by(inner))
    return names


def attributes_of(node: onnx.NodeProto) -> dict[str, Any]:
    """Return a node's attributes as Python values."""
    return {entry.name: helper.get_attribute_value(entry) for entry in node.attribute}
