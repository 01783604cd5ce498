"""Work out splines everywhere at once, not only where they bend.

In: the graph of durations that are drawn. Out: the same without data-dependent shapes. Invariant:
the outputs are the same; where that cannot be seen, the graph stays as it was.

A spline of the duration predictor bends between two bounds and is the identity beyond them. Its
exporters pick what lies between the bounds (``NonZero``), bend it, and put it back; so no shape in
it is known before it runs, and hundreds of operations work shapes out each time. Here all numbers
are bent, those beyond the bounds as if they lay on them, and a ``Where`` takes the numbers
themselves where they lay beyond. `folding` then knows all shapes.
"""

from typing import Final

import numpy as np
import onnx
from onnx import TensorProto, helper

from hoarfrost.engines.natural.vits.cutting.model import CannotCut, Model, run

_SAME: Final = ("Transpose", "Expand", "Identity")
_NUMBERS_OF_IDS: Final = (1, 4, 11)
_FAR: Final = 4.0
"""Deviations of the noise that the comparison is made with: much of it lies beyond the bounds."""


def bend_everywhere(model: onnx.ModelProto) -> onnx.ModelProto:
    """Return the model with its splines worked out everywhere, if it has any that are known."""
    changed = onnx.ModelProto()
    changed.CopyFrom(model)
    graph = changed.graph
    asked = Model(changed)
    splines = [found for node in asked.nodes if (found := _Spline.of(asked, node)) is not None]
    for spline in splines:
        spline.rewrite(graph)
    if not splines:
        return model
    try:
        is_same = _agree(model, changed)
    except CannotCut:
        is_same = False
    return changed if is_same else model


class _Spline:
    """One spline: what it bends, between which bounds, and where the result comes together."""

    def __init__(
        self, x: str, between: onnx.NodeProto, bounds: tuple[str, str], result: onnx.NodeProto
    ) -> None:
        self._x = x
        self._between = between
        self._bounds = bounds
        self._result = result

    @classmethod
    def of(cls, model: Model, node: onnx.NodeProto) -> "_Spline | None":
        """Return the spline whose bounds a node looks at."""
        if node.op_type != "And":
            return None
        sides = {side.op_type: side for i in node.input if (side := model.producer.get(i))}
        low, high = sides.get("GreaterOrEqual"), sides.get("LessOrEqual")
        if low is None or high is None or low.input[0] != high.input[0]:
            return None
        results = [
            scatter
            for scatter in model.nodes
            if scatter.op_type == "ScatterND"
            and _picked_by(model, scatter.input[1]) == node.output[0]
        ]
        if len(results) != 1:
            return None
        return cls(low.input[0], node, (low.input[1], high.input[1]), results[0])

    def rewrite(self, graph: onnx.GraphProto) -> None:
        """Have the spline bend everything."""
        x, between = self._x, self._between.output[0]
        result = self._result.output[0]
        everywhere, inside, bent = (
            f"{between}_{part}" for part in ("everywhere", "inside", "bent")
        )
        for node in graph.node:
            # The sides of the bounds and the result's own identity still read the number itself.
            if node.op_type == "GatherND" and node.input[0] == x:
                node.input[0] = inside
            for place, name in enumerate(node.input):
                if name == between:
                    node.input[place] = everywhere
                elif name == result:
                    node.input[place] = bent
        for output in graph.output:
            if output.name == result:
                raise CannotCut("expected a spline within the graph, got it as an output")
        places = {node.output[0]: place for place, node in enumerate(graph.node)}
        true = helper.make_tensor("true", TensorProto.BOOL, [1], [True])
        before = [
            helper.make_node("Shape", [x], [f"{everywhere}_shape"]),
            helper.make_node("ConstantOfShape", [f"{everywhere}_shape"], [everywhere], value=true),
            helper.make_node("Max", [x, self._bounds[0]], [f"{inside}_low"]),
            helper.make_node("Min", [f"{inside}_low", self._bounds[1]], [inside]),
        ]
        graph.node.insert(
            places[result] + 1, helper.make_node("Where", [between, result, x], [bent])
        )
        for node in reversed(before):
            graph.node.insert(places[between], node)


def _picked_by(model: Model, places: str) -> str | None:
    """Return the mask whose true places a tensor of places holds."""
    node = model.producer.get(places)
    while node is not None and node.op_type in (*_SAME, "NonZero"):
        places = node.input[0]
        node = model.producer.get(places)
    return places


def _agree(one: onnx.ModelProto, other: onnx.ModelProto) -> bool:
    random = np.random.default_rng(0)
    feeds = [
        {
            "ids": np.arange(n_ids, dtype=np.int64)[None] % 3,
            "noise": _FAR * random.standard_normal((1, 2, n_ids), np.float32),
            "scales": np.array([0.667, 1.0, 1.0], np.float32),
            "sid": np.array([0], np.int64),
        }
        for n_ids in _NUMBERS_OF_IDS
    ]
    return all(
        np.allclose(a, b, rtol=1e-6, atol=0, equal_nan=False)
        for answers in zip(run(one, feeds), run(other, feeds), strict=True)
        for a, b in zip(*answers, strict=True)
    )
