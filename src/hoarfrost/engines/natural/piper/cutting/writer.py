"""The graph that `carrying` writes: nodes, constants, and states that go from call to call.

In: operations, one after the other. Out: a model. Invariant: what is asked for twice is there once,
and every state that goes in comes out.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from hoarfrost.engines.natural.piper.cutting.model import Array

END: Final = 1 << 40
"""A slice to here goes to the end."""
COLUMNS: Final = 2
"""The axis of time."""
_OPSET: Final = 17
_IR_VERSION: Final = 8


class Writer:
    """A graph on its way."""

    def __init__(self, channels: int, speaker: int) -> None:
        self._nodes: list[onnx.NodeProto] = []
        self._constants: dict[str, Array] = {}
        self._inputs = [
            helper.make_tensor_value_info("last", TensorProto.INT64, [1]),
            _columns("frames", channels, "n"),
        ]
        if speaker:
            self._inputs.append(_columns("speaker", speaker, 1))
        self._states: list[tuple[str, int, int]] = []  # name, width, length at first
        self._made_once: dict[object, str] = {}

    @property
    def state_lengths(self) -> tuple[int, ...]:
        """Return the length of each state at first."""
        return tuple(length for _, _, length in self._states)

    def model(self, facts: Mapping[str, str]) -> onnx.ModelProto:
        """Return the graph as a model, with facts in its metadata."""
        used = {name for node in self._nodes for name in node.input}
        outputs = [_columns(f"{name}_out", width, f"{name}_m") for name, width, _ in self._states]
        graph = helper.make_graph(
            self._nodes,
            "sound",
            self._inputs,
            [_columns("samples", 1, "m"), *outputs],
            [
                numpy_helper.from_array(array, name)
                for name, array in self._constants.items()
                if name in used
            ],
        )
        imports = [helper.make_opsetid("", _OPSET)]
        model = helper.make_model(graph, opset_imports=imports, ir_version=_IR_VERSION)
        helper.set_model_props(model, dict(facts))
        return model

    def emit(self, op: str, inputs: Sequence[str], output: str = "", **attributes: Any) -> str:
        """Add a node; return its output."""
        output = output or f"{op.lower()}_{len(self._nodes)}"
        node = helper.make_node(op, list(inputs), [output], **attributes)
        self._nodes.append(node)
        return output

    def once(self, key: object, make: Callable[[], str]) -> str:
        """Return what was made for a key before, or make it."""
        if key not in self._made_once:
            self._made_once[key] = make()
        return self._made_once[key]

    def constant(self, name: str, array: Array) -> str:
        """Return the name of a constant, under which it is kept from now on."""
        self._constants.setdefault(name, array)
        return name

    def integers(self, *values: int) -> str:
        """Return the name of a constant vector."""
        name = "integers_" + "_".join(map(str, values)).replace("-", "m")
        return self.constant(name, np.array(values, np.int64))

    def slice(
        self, x: str, start: int | str, stop: int | str, axis: int = COLUMNS, **more: Any
    ) -> str:
        """Return a stretch of a tensor; places are numbers or tensors."""
        places = [p if isinstance(p, str) else self.integers(p) for p in (start, stop)]
        steps = [self.integers(more.pop("step"))] if "step" in more else []
        return self.emit("Slice", [x, *places, self.integers(axis), *steps], **more)

    def split(self, x: str, sizes: Sequence[int]) -> list[str]:
        """Return a tensor's channels in parts."""
        names = [f"split_{len(self._nodes)}_{place}" for place in range(len(sizes))]
        node = helper.make_node("Split", [x, self.integers(*sizes)], names, axis=1)
        self._nodes.append(node)
        return names

    def state(self, width: int, length: int) -> str:
        """Add a state: zeros at first, later what ``NAME_out`` is given."""
        name = f"state_{len(self._states)}"
        self._states.append((name, width, length))
        self._inputs.append(_columns(name, width, f"{name}_n"))
        return name

    def if_last(self, number: int, otherwise: int = 0) -> str:
        """Return an integer that is another one in the last call."""
        difference = self.integers(number - otherwise)
        product = self.once(
            ("if_last", number - otherwise), lambda: self.emit("Mul", ["last", difference])
        )
        if not otherwise:
            return product
        return self.once(
            ("if_last", number, otherwise),
            lambda: self.emit("Add", [product, self.integers(otherwise)]),
        )

    def zeros_if_last(self, width: int, length: int) -> str:
        """Return zeros in the last call, and no column before."""

        def make() -> str:
            zeros = np.zeros((1, width, length), np.float32)
            name = self.constant(f"zeros_{width}_{length}", zeros)
            return self.slice(name, 0, self.if_last(length))

        return self.once(("zeros", width, length), make)

    def if_first(self, number: int) -> str:
        """Return an integer that is 0 after the first call."""

        def make_first() -> str:
            state = self.state(1, 0)
            began = self.constant("began", np.zeros((1, 1, 1), np.float32))
            self.emit("Identity", [began], f"{state}_out")
            length = self.slice(self.emit("Shape", [state]), COLUMNS, COLUMNS + 1, axis=0)
            return self.emit("Sub", [self.integers(1), length])

        first = self.once("first", make_first)
        return self.once(
            ("if_first", number), lambda: self.emit("Mul", [first, self.integers(number)])
        )


def _columns(name: str, width: int, length: str | int) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, width, length])
