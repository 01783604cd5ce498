"""Take out of a graph what depends on nothing but how many ids there are.

In: a model whose batch is one sentence. Out: the same, smaller. Invariant: at every number of ids
the outputs are the same, to the last bit.

Exporters leave hundreds of operations that work out shapes, and masks of ones: a sentence alone has
no padding. What depends on the number of ids only is known by trying: the model is run at a few
numbers. Then a shape is seen to be a constant, or one with a place left open, or a multiple of that
number and a constant; what is multiplied with ones, or reshaped to the shape that it has, to be the
same as before. What fits no such rule stays as it was.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
import onnx
from onnx import helper, numpy_helper

from hoarfrost.engines.natural.vits.cutting.model import Array, Model, read_by, run

_TRIED: Final = (1, 2, 3, 4, 5, 6, 9, 14, 33)
"""Numbers of ids: below, at and above the reach of relative positions, which is 4."""
_MAKES_LENGTHS: Final = ("NonZero", "Compress", "Unique")
_MADE_TO_MEASURE: Final = ("Range", "ConstantOfShape")
_PICKS: Final = ("GatherND", "ScatterND")
_RESHAPES: Final = ("Expand", "Slice", "Pad", "Reshape", "Tile")
_NEUTRAL: Final = {"Add": 0, "Sub": 0, "Mul": 1, "Div": 1}


def fold_lengths(model: onnx.ModelProto) -> onnx.ModelProto:
    """Return the model without what depends on the number of its ``ids`` only.

    Raises:
        CannotCut: If it does not run at some number of ids.
    """
    return _Folding(Model(model)).folded()


class _Folding:
    def __init__(self, model: Model) -> None:
        self._model = model
        self._of_length = _of_length_only(model)
        self._nodes = [node for node in model.nodes if node.output[0] not in self._of_length]
        self._values: dict[str, list[Array]] = {}
        self._same: dict[str, str] = {}
        self._instead: dict[tuple[str, int], str] = {}
        self._other: dict[str, list[onnx.NodeProto]] = {}
        self._weights: dict[str, Array] = {}
        self._first: list[onnx.NodeProto] = []  # nodes that come before all others

    def folded(self) -> onnx.ModelProto:
        self._try()
        for node in self._nodes:
            self._look_at(node)
        graph = onnx.GraphProto()
        graph.CopyFrom(self._model.proto.graph)
        del graph.node[:], graph.value_info[:]
        graph.node.extend(self._first)
        graph.node.extend(kept for node in self._model.nodes for kept in self._kept(node))
        graph.initializer.extend(
            numpy_helper.from_array(array, name) for name, array in self._weights.items()
        )
        proto = onnx.ModelProto()
        proto.CopyFrom(self._model.proto)
        proto.graph.CopyFrom(graph)
        return Model(proto).part(list(graph.input), list(graph.output))

    def _kept(self, node: onnx.NodeProto) -> list[onnx.NodeProto]:
        """Return what stands in the place of a node."""
        name = node.output[0]
        if name in self._same:  # nobody reads it any more, unless it is an output
            return [helper.make_node("Identity", [self._name(self._same[name])], [name])]
        nodes = []
        for kept in self._other.get(name, [node]):
            nodes.append(onnx.NodeProto())
            nodes[-1].CopyFrom(kept)
            if name not in self._of_length:
                reads = enumerate(kept.input)
                nodes[-1].input[:] = [
                    self._instead.get((name, place), self._name(read)) for place, read in reads
                ]
            while nodes[-1].input and not nodes[-1].input[-1]:
                # What is left out at the end is not there: some of onnxruntime's fusions look.
                del nodes[-1].input[-1]
        return nodes

    def _name(self, name: str) -> str:
        while name in self._same:
            name = self._same[name]
        return name

    def _try(self) -> None:
        """Run the model at a few numbers of ids."""
        wanted: dict[str, None] = {}
        for node in self._nodes:
            beside = [name for name in node.input if name in self._of_length]
            wanted.update(dict.fromkeys(beside))
            if beside and (node.op_type in (*_NEUTRAL, *_RESHAPES, *_PICKS, "Where")):
                wanted.update(dict.fromkeys([*node.input, node.output[0]]))
        names = [name for name in wanted if name and not self._model.is_constant(name)]
        if not names:
            return
        inputs = self._model.proto.graph.input
        answers = run(self._model.part(list(inputs), names), [_feed(n) for n in _TRIED])
        for place, name in enumerate(names):
            self._values[name] = [answer[place] for answer in answers]

    def _look_at(self, node: onnx.NodeProto) -> None:
        beside = [name in self._of_length for name in node.input]
        if not any(beside):
            return
        same = self._passed_on(node)
        if same is not None:
            self._same[node.output[0]] = same
            return
        other = self._all_at_once(node)
        if other is not None:
            self._other[node.output[0]] = other
            return
        for place, name in enumerate(node.input):
            if beside[place]:
                instead = self._simpler(name, may_be_open=node.op_type == "Reshape")
                if instead is not None:
                    self._instead[node.output[0], place] = instead

    def _passed_on(self, node: onnx.NodeProto) -> str | None:
        """Return the input that a node only passes on, if it does."""
        made = self._values.get(node.output[0], [])
        for name in self._candidates(node):
            values = self._values.get(name, [])
            if _same_shapes(values, made) and all(map(_equal, values, made)):
                return str(name)
        return None

    def _candidates(self, node: onnx.NodeProto) -> list[str]:
        """Return the inputs that a node passes on by what its other inputs are, shapes aside."""
        op = node.op_type
        if op in _RESHAPES:
            return [node.input[0]]
        if op == "Where" and node.input[0] in self._of_length:
            condition = self._values[node.input[0]]
            truths = {bool(truth) for value in condition for truth in np.unique(value)}
            return [node.input[1 if truths == {True} else 2]] if len(truths) == 1 else []
        if op not in _NEUTRAL:
            return []
        return [
            node.input[1 - place]
            for place, name in enumerate(node.input)
            if name in self._of_length
            and (place == 1 or op in ("Add", "Mul"))
            and all(np.all(value == _NEUTRAL[op]) for value in self._values[name])
        ]

    def _all_at_once(self, node: onnx.NodeProto) -> list[onnx.NodeProto] | None:
        """Return operations on whole tensors that pick or put what a node does one by one."""
        if node.op_type not in _PICKS or node.input[1] not in self._of_length:
            return None
        if node.op_type == "GatherND":
            return self._reshaped(node, node.input[0])
        if node.input[2] in self._of_length or self._model.is_constant(node.input[2]):
            return self._filled(node)
        return self._reshaped(node, node.input[2]) or self._column(node)

    def _reshaped(self, node: onnx.NodeProto, source: str) -> list[onnx.NodeProto] | None:
        """Return a reshaping of a tensor, if that is all that a node does to it."""
        made, values = self._values[node.output[0]], self._values.get(source)
        if values is None or any(a.size != b.size for a, b in zip(values, made, strict=True)):
            return None
        if not all(_equal(a.reshape(b.shape), b) for a, b in zip(values, made, strict=True)):
            return None
        return self._to_shape(source, [value.shape for value in made], node.output[0])

    def _to_shape(
        self, source: str, shapes: Sequence[tuple[int, ...]], made: str
    ) -> list[onnx.NodeProto] | None:
        shape = self._measured(np.array(shapes), may_be_open=True)
        return None if shape is None else [helper.make_node("Reshape", [source, shape], [made])]

    def _filled(self, node: onnx.NodeProto) -> list[onnx.NodeProto] | None:
        """Return a choice between a tensor and constants, if they go by its last axis only."""
        found: list[tuple[Array, Array]] = []
        for data, places, values in zip(*(self._value(name) for name in node.input), strict=True):
            is_filled, filling = _put(data.shape, places, values)
            if np.any(is_filled != is_filled[:1]) or np.any(filling != filling[:1]):
                return None
            found.append((is_filled[0], filling[0]))
        if any(not _equal(a, b) for one in found for a, b in zip(one, found[0], strict=True)):
            return None
        choice = [self._weight(found[0][0]), self._weight(found[0][1]), node.input[0]]
        return [helper.make_node("Where", choice, [node.output[0]])]

    def _column(self, node: onnx.NodeProto) -> list[onnx.NodeProto] | None:
        """Return a choice between a tensor and one column, if that is put at one place always."""
        columns: list[Array] = []
        shapes = []
        for data, places, values in zip(*(self._value(name) for name in node.input), strict=True):
            is_put, put = _put(data.shape, places, values)
            columns.append(is_put[0])
            shapes.append((*data.shape[:-1], 1))
            if np.any(is_put != is_put[:1]) or is_put[0].sum() != 1 or values.size != len(is_put):
                return None
            if not _equal(put[:, is_put[0]].reshape(-1), values.reshape(-1)):
                return None
        if any(not _equal(column, columns[0]) for column in columns):
            return None
        name = node.output[0]
        column = self._to_shape(node.input[2], shapes, f"{name}_column")
        choice = [self._weight(columns[0]), f"{name}_column", node.input[0]]
        return None if column is None else [*column, helper.make_node("Where", choice, [name])]

    def _value(self, name: str) -> list[Array]:
        if self._model.is_constant(name):
            return [self._model.constant(name)] * len(_TRIED)
        return self._values[name]

    def _simpler(self, name: str, *, may_be_open: bool) -> str | None:
        """Return a constant or a short way to a tensor; None if there is none."""
        values = self._values[name]
        first = values[0]
        if _same_shapes(values, [first] * len(values)):
            if all(_equal(value, first) for value in values):
                return self._weight(first)
            if first.dtype == np.int64 and first.ndim <= 1:
                return self._measured(np.array(values), may_be_open=may_be_open)
        return None

    def _measured(self, values: Array, *, may_be_open: bool) -> str | None:
        """Return a tensor of integers that grow with the number of ids.

        Args:
            values: int64, shape (tried,) or (tried, n).
            may_be_open: Whether -1 may stand for the one that grows.
        """
        grows = np.asarray(values != values[0]).any(axis=0)
        if may_be_open and values.ndim == 2 and grows.sum() == 1 and np.all(values > 0):
            return self._weight(np.where(grows, -1, values[0]))
        step = (values[-1] - values[-2]) // (_TRIED[-1] - _TRIED[-2])
        rest = values[0] - step * _TRIED[0]
        n_ids = np.array(_TRIED).reshape((-1,) + (1,) * (values.ndim - 1))
        if not np.array_equal(n_ids * step + rest, values):
            return None
        name = f"measured_{step.tolist()}_{rest.tolist()}"
        if all(node.output[0] != name for node in self._first):
            length = self._length(is_number=values.ndim == 1)
            product = [length, self._weight(np.asarray(step))]
            self._first.append(helper.make_node("Mul", product, [f"{name}_0"]))
            total = [f"{name}_0", self._weight(np.asarray(rest))]
            self._first.append(helper.make_node("Add", total, [name]))
        return name

    def _length(self, *, is_number: bool) -> str:
        if not self._first:
            zero, one, two = (self._weight(np.array([n])) for n in (0, 1, 2))
            self._first += [
                helper.make_node("Shape", ["ids"], ["measured_ids"]),
                helper.make_node("Slice", ["measured_ids", one, two], ["measured"]),
                helper.make_node("Squeeze", ["measured", zero], ["measured_number"]),
            ]
        return "measured_number" if is_number else "measured"

    def _weight(self, value: Array) -> str:
        name = f"folded_{value.dtype}_{value.shape}_{value.tobytes().hex()}"
        if len(name) > 200:
            name = f"folded_{len(self._weights)}"
        self._weights[name] = value
        return name


def _of_length_only(model: Model) -> set[str]:
    """Return the tensors that depend on nothing but the number of ids.

    A shape depends on what is said where something is looked for: there, and in what is made to the
    measure of it.
    """
    said, shaped = set(model.inputs), set[str]()
    found = set()
    for node in model.nodes:
        reads = [name for name in read_by(node) if name]
        is_shaped = not shaped.isdisjoint(reads)
        is_said = is_shaped if node.op_type in ("Shape", "Size") else not said.isdisjoint(reads)
        if node.op_type in (*_MAKES_LENGTHS, *_MADE_TO_MEASURE):
            is_shaped = is_shaped or is_said
        elif node.op_type in _RESHAPES:
            is_shaped = is_shaped or not said.isdisjoint(node.input[1:])
        said.update(node.output if is_said else ())
        shaped.update(node.output if is_shaped else ())
        if not is_said and not is_shaped:
            found.update(node.output)
    return found


def _feed(n_ids: int) -> dict[str, Array]:
    random = np.random.default_rng(n_ids)
    return {
        "ids": np.arange(n_ids, dtype=np.int64)[None] % 3,
        "noise": random.standard_normal((1, 2, n_ids), np.float32),
        "scales": np.array([0.667, 1.0, 0.8], np.float32),
        "sid": np.array([0], np.int64),
    }


def _put(shape: tuple[int, ...], places: Array, values: Array) -> tuple[Array, Array]:
    """Return where values are put in a tensor, and them there, by rows of its last axis."""
    is_put, put = np.zeros(shape, np.bool_), np.zeros(shape, np.float32)
    where = tuple(np.moveaxis(places, -1, 0))
    is_put[where], put[where] = True, values
    return is_put.reshape(-1, shape[-1]), put.reshape(-1, shape[-1])


def _same_shapes(one: Sequence[Array], other: Sequence[Array]) -> bool:
    return bool(one) and [value.shape for value in one] == [value.shape for value in other]


def _equal(one: Array, other: Array) -> bool:
    return np.array_equal(one, other)
