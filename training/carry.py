"""Make a decoder graph carry the ends of its convolutions from call to call.

In: the ``dec.onnx`` of `training.export`, which takes a stretch of frames and needs context beside
it. Out: the same graph with ``last`` and ``state_i`` inputs: fed window after window it gives the
curves of one shot, delayed by its lookahead, and computes no frame twice. Invariant: no weight is
changed, but for a gain folded into the matrix before it.

    python -m training.carry dec.onnx carried.onnx

How: each tensor has a lag, the frames that it is behind the input. A convolution of width 2h + 1
keeps its last 2h input frames as state, and lags h more; at the start the state is h zeros, at the
end h zeros follow, which is the padding of the plain graph. Where tensors of two lags meet, the
earlier one waits in a delay line; if it was made of narrower ones, they wait in its place. Rows are
frames throughout: (frames, channels).
"""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from training.graph import constants_of, read_nodes, readers_of

_END = 1 << 40
_ELEMENTWISE = ("Add", "Mul", "Sub", "Div", "Sigmoid", "Clip")
_HALF_PRECISION_FROM = 256
"""Weights with more numbers than this are stored as float16, as `training.export` does."""


def carry(source: Path, target: Path) -> None:
    """Rewrite the graph at ``source`` to ``target``.

    Raises:
        ValueError: If the graph holds an operation that this does not know.
    """
    _Rewriting(onnx.load(source)).save(target)


class _Rewriting:
    def __init__(self, model: onnx.ModelProto) -> None:
        graph = model.graph
        self.weights = constants_of(graph)
        self.readers = readers_of(graph)
        self.nodes: list[onnx.NodeProto] = []
        self.constants: dict[str, np.ndarray] = {}
        self.inputs = [helper.make_tensor_value_info("last", TensorProto.INT64, [1])]
        self.states: list[tuple[str, int, int]] = []  # name, channels, rows of zeros to begin with
        # By the name in the plain graph: the name here, the lag in frames, the channels.
        self.name: dict[str, str] = {}
        self.lag: dict[str, int] = {}
        self.width: dict[str, int] = {}
        self.delayed: dict[tuple[str, int], str] = {}
        # What makes a tensor row by row, so at any lag: operation, its inputs.
        self.recipes: dict[str, tuple[str, list[str]]] = {}
        self.tails: dict[tuple[int, int], str] = {}
        self.merged: set[int] = set()  # nodes that became a part of the one before
        for entry in graph.input:
            dims = entry.type.tensor_type.shape.dim
            width = dims[2].dim_value if len(dims) == 3 else 1
            self._define(entry.name, entry.name, 0, width)
            self.inputs.append(_rows(entry.name, "n", width))
        for node in graph.node:
            if node.op_type != "Constant" and id(node) not in self.merged:
                self._rewrite(node)
        self.lookahead = max(self.lag[o.name] for o in graph.output)
        self.outputs = [_rows(o.name, "m", self.width[o.name]) for o in graph.output]
        for output in graph.output:
            late = self._at_lag(output.name, self.lookahead)
            self._emit("Identity", [late], output.name)
        self.outputs += [_rows(f"{name}_out", f"{name}_m", n) for name, n, _ in self.states]

    def save(self, target: Path) -> None:
        outputs = {output.name for output in self.outputs}
        self.nodes = read_nodes(self.nodes, outputs)
        used = {name for node in self.nodes for name in node.input}
        casts, tensors = [], []
        for name, array in self.constants.items():
            if name not in used:
                continue
            if array.dtype == np.float32 and array.size > _HALF_PRECISION_FROM:
                half = f"{name}_half"
                tensors.append(numpy_helper.from_array(array.astype(np.float16), half))
                casts.append(helper.make_node("Cast", [half], [name], to=TensorProto.FLOAT))
            else:
                tensors.append(numpy_helper.from_array(array, name))
        graph = helper.make_graph(
            [*casts, *self.nodes], "carried", self.inputs, self.outputs, tensors
        )
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
        rows = ",".join(str(n) for _, _, n in self.states)
        helper.set_model_props(model, {"lookahead_frames": str(self.lookahead), "state_rows": rows})
        onnx.checker.check_model(model)
        onnx.save(model, target)

    def _define(self, old: str, new: str, lag: int, width: int) -> None:
        self.name[old], self.lag[old], self.width[old] = new, lag, width

    def _emit(self, op: str, inputs: Sequence[str], output: str = "", **attributes: Any) -> str:
        output = output or f"{op.lower()}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(op, list(inputs), [output], **attributes))
        return output

    def _constant(self, name: str, array: np.ndarray) -> str:
        self.constants.setdefault(name, array)
        return name

    def _integers(self, *values: int) -> str:
        name = "integers_" + "_".join(map(str, values)).replace("-", "m")
        return self._constant(name, np.array(values, np.int64))

    def _slice(self, x: str, start: int, stop: int | str, axis: int = 0, output: str = "") -> str:
        end = stop if isinstance(stop, str) else self._integers(stop)
        return self._emit("Slice", [x, self._integers(start), end, self._integers(axis)], output)

    def _state(self, width: int, rows: int) -> str:
        name = f"state_{len(self.states)}"
        self.states.append((name, width, rows))
        self.inputs.append(_rows(name, f"{name}_n", width))
        return name

    def _at_lag(self, old: str, lag: int) -> str:
        """The tensor, behind the input by ``lag`` frames."""
        wait = lag - self.lag[old]
        if not wait:
            return self.name[old]
        if (old, wait) not in self.delayed and self._is_wider_than_its_inputs(old):
            self.delayed[old, wait] = self._cook(old, lag)
        if (old, wait) not in self.delayed:
            state = self._state(self.width[old], 0)
            held = self._emit("Concat", [state, self.name[old]], axis=0)
            self._slice(held, -wait, _END, output=f"{state}_out")
            # All rows at the end, all but the last `wait` before.
            rows = self._slice(self._emit("Shape", [held]), 0, 1)
            more = self._emit("Sub", [self._integers(1), "last"])
            kept = self._emit("Sub", [rows, self._emit("Mul", [self._integers(wait), more])])
            self.delayed[old, wait] = self._slice(held, 0, kept)
        return self.delayed[old, wait]

    def _is_wider_than_its_inputs(self, old: str) -> bool:
        _, inputs = self.recipes.get(old, ("", [old]))
        return sum(self.width.get(name, 0) for name in inputs) < self.width[old]

    def _cook(self, old: str, lag: int) -> str:
        """Make a tensor by its recipe, behind the input by ``lag`` frames."""
        operation, inputs = self.recipes[old]
        arguments = [self._at_lag(name, lag) if name in self.name else name for name in inputs]
        return self._emit(operation, arguments)

    def _rewrite(self, node: onnx.NodeProto) -> None:
        live = [name for name in node.input if name in self.name]
        output = node.output[0]
        if not live:
            if output not in self.weights:
                raise ValueError(f"expected weights or frames, got {node.op_type} of neither")
            return
        if node.op_type in ("Transpose", "Unsqueeze", "Squeeze"):  # rows are frames here, always
            self._define(output, self.name[live[0]], self.lag[live[0]], self.width[live[0]])
            return
        if node.op_type == "Conv":
            self._convolution(node)
            return
        lag = max(self.lag[name] for name in live)
        if node.op_type == "MatMul":
            self._matrix(node, lag)
            return
        for name in node.input:
            if name and name not in self.name:
                self._constant(name, self.weights[name])
        if node.op_type in _ELEMENTWISE:
            self.recipes[output] = node.op_type, list(node.input)
            width = max(self._width_of(name) for name in node.input if name)
            self._define(output, self._cook(output, lag), lag, width)
        else:
            self._rearrangement(node, live, lag)

    def _width_of(self, name: str) -> int:
        if name in self.name:
            return self.width[name]
        return int(np.atleast_1d(self.weights[name]).shape[-1])

    def _rearrangement(self, node: onnx.NodeProto, live: list[str], lag: int) -> None:
        """What looks at a whole row: norms, and rows joined and cut."""
        output = node.output[0]
        arguments = [self._at_lag(name, lag) if name in self.name else name for name in node.input]
        if node.op_type == "LayerNormalization":
            (epsilon,) = (a.f for a in node.attribute if a.name == "epsilon")
            norm = self._emit(node.op_type, arguments, axis=-1, epsilon=epsilon)
            self._define(output, norm, lag, self.width[live[0]])
        elif node.op_type == "Concat":
            width = sum(self.width[name] for name in live)
            self._define(output, self._emit("Concat", arguments, axis=1), lag, width)
        elif node.op_type == "Slice":
            start, stop = (int(self.weights[name].reshape(-1)[0]) for name in node.input[1:3])
            stop = min(stop, self.width[live[0]])
            cut = self._slice(arguments[0], start, stop, axis=1)
            self._define(output, cut, lag, stop - start)
        else:
            raise ValueError(f"expected an operation of our decoder, got {node.op_type}")

    def _convolution(self, node: onnx.NodeProto) -> None:
        old, weight = node.input[0], self.weights[node.input[1]]
        half, width = weight.shape[-1] // 2, self.width[old]
        state = self._state(width, half)
        held = self._emit("Concat", [state, self.name[old], self._tail(half, width)], axis=0)
        self._slice(held, -2 * half, _END, output=f"{state}_out")
        # The way around the convolution: the transposed tensor and the one before share a name.
        for same in [name for name, new in self.name.items() if new == self.name[old]]:
            self.delayed[same, half] = self.delayed.get((same, half)) or self._slice(
                held, half, -half
            )
        # Rows → a picture of one line, channels first, and back.
        picture = self._emit("Unsqueeze", [held, self._integers(0, 1)])
        arguments = [
            self._emit("Transpose", [picture], perm=[0, 3, 1, 2]),
            self._constant(node.input[1], weight),
            self._constant(node.input[2], self.weights[node.input[2]]),
        ]
        y = self._emit("Conv", arguments, group=weight.shape[0])
        lines = self._emit("Transpose", [y], perm=[0, 2, 3, 1])
        rows = self._emit("Squeeze", [lines, self._integers(0, 1)])
        self._define(node.output[0], rows, self.lag[old] + half, width)

    def _tail(self, half: int, width: int) -> str:
        """The frames of silence that follow a sentence: ``half`` at the end, none before."""
        if (half, width) not in self.tails:
            zeros = self._constant(f"zeros_{half}_{width}", np.zeros((half, width), np.float32))
            n = self._emit("Mul", ["last", self._integers(half)])
            self.tails[half, width] = self._slice(zeros, 0, n)
        return self.tails[half, width]

    def _matrix(self, node: onnx.NodeProto, lag: int) -> None:
        """A product, with the bias and the gain that follow it."""
        weight, last = self.weights[node.input[1]].astype(np.float32), node
        bias = np.zeros(weight.shape[1], np.float32)
        while True:
            readers = self.readers.get(last.output[0], [])
            if len(readers) != 1 or readers[0].op_type not in ("Add", "Mul"):
                break
            (other,) = (name for name in readers[0].input if name != last.output[0])
            vector = self.weights.get(other)
            if vector is None or vector.shape != bias.shape:
                break
            last = readers[0]
            self.merged.add(id(last))
            if last.op_type == "Add":
                bias = bias + vector
            else:
                weight, bias = weight * vector, bias * vector
        output = last.output[0]
        inputs = [
            node.input[0],
            self._constant(f"{output}_weight", weight),
            self._constant(f"{output}_bias", bias.astype(np.float32)),
        ]
        self.recipes[output] = "Gemm", inputs
        self._define(output, self._cook(output, lag), lag, weight.shape[1])


def _rows(name: str, n: str, width: int) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, [n, width])


if __name__ == "__main__":
    carry(Path(sys.argv[1]), Path(sys.argv[2]))
