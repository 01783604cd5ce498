from collections.abc import Callable

import numpy as np
import onnx
import pytest

from hoarfrost.engines.natural.vits.cutting.folding import fold_lengths
from tests.engines.natural.vits.cutting.graphs import Graph, answers, ops

LENGTHS = (1, 2, 3, 5, 8, 40, 111)


def _graph() -> tuple[Graph, str, str]:
    """Return a graph, its ids as floats of shape (1, n), and n of shape (1,)."""
    g = Graph()
    x = g.add("Cast", "ids", to=onnx.TensorProto.FLOAT)
    n = g.add("Slice", g.add("Shape", x), [1], [2])
    return g, x, n


def _mask(g: Graph, n: str) -> str:
    """Ones, worked out as exporters do."""
    number = g.add("Squeeze", n, [0])
    places = g.add("Range", np.int64(0), number, np.int64(1))
    return g.add("Cast", g.add("Less", places, number), to=onnx.TensorProto.FLOAT)


def _open_shape() -> onnx.ModelProto:
    g, x, n = _graph()
    return g.model(g.add("Reshape", x, g.add("Concat", [1], n, [1], axis=0)))


def _masked() -> onnx.ModelProto:
    g, x, n = _graph()
    return g.model(g.add("Neg", g.add("Mul", x, _mask(g, n))))


def _masked_away() -> onnx.ModelProto:
    g, x, n = _graph()
    mask = g.add("Unsqueeze", _mask(g, n), [0])
    hidden = g.add("Equal", mask, 0.0)
    return g.model(g.add("Neg", g.add("Where", hidden, -1e4, x)))


def _widened() -> onnx.ModelProto:
    """The mask is needed for its shape, though it is ones."""
    g, x, n = _graph()
    mask = g.add("Unsqueeze", _mask(g, n), [1])
    return g.model(g.add("Neg", g.add("Mul", x, mask)))


def _measured() -> onnx.ModelProto:
    """Twice as many and one more."""
    g, x, n = _graph()
    after = g.add("Add", g.add("Mul", n, [2]), [1])
    return g.model(g.add("Pad", x, g.add("Concat", [0, 0, 0], after, axis=0)))


def _bent() -> onnx.ModelProto:
    """No multiple and a constant: as many as there are, four at most."""
    g, x, n = _graph()
    few = g.add("Min", n, [4])
    return g.model(g.add("Neg", g.add("Slice", x, [0], few, [1])))


def _put_last(with_constant: bool) -> onnx.ModelProto:
    """The last column of three set for all ids, one by one."""
    g, x, n = _graph()
    number = g.add("Squeeze", n, [0])
    rows = g.add("Unsqueeze", g.add("Range", np.int64(0), number, np.int64(1)), [1])
    columns = g.add("Expand", [[2]], g.add("Concat", n, [1], axis=0))
    places = g.add("Concat", rows, columns, axis=1)
    three = g.add("Expand", g.add("Transpose", x), [1, 3])
    value = g.add("Expand", [7.0], n) if with_constant else g.add("Reshape", x, [-1])
    return g.model(g.add("Neg", g.add("ScatterND", three, places, value)))


def _picked() -> onnx.ModelProto:
    """All ids, picked one by one."""
    g, x, n = _graph()
    number = g.add("Squeeze", n, [0])
    places = g.add("Unsqueeze", g.add("Range", np.int64(0), number, np.int64(1)), [1])
    return g.model(g.add("Neg", g.add("GatherND", g.add("Reshape", x, [-1]), places)))


def _looked_for() -> onnx.ModelProto:
    """A shape that depends on what the ids are."""
    g, x, _ = _graph()
    found = g.add("Shape", g.add("NonZero", g.add("Greater", x, 0.0)))
    found = g.add("Slice", found, [1], [2])
    return g.model(g.add("Mul", x, g.add("Cast", found, to=onnx.TensorProto.FLOAT)))


@pytest.mark.parametrize(
    ("make", "left"),
    [
        (_open_shape, ["Cast", "Reshape"]),
        (_masked, ["Cast", "Neg"]),
        (_masked_away, ["Cast", "Neg"]),
        (_picked, ["Cast", "Reshape", "Reshape", "Neg"]),
        (_measured, ["Shape", "Slice", "Mul", "Add", "Cast", "Pad"]),
        (lambda: _put_last(True), ["Cast", "Transpose", "Expand", "Where", "Neg"]),
        (
            lambda: _put_last(False),
            ["Cast", "Transpose", "Expand", "Reshape", "Reshape", "Where", "Neg"],
        ),
        (_bent, None),
        (_widened, None),
        (_looked_for, ["Cast", "Greater", "NonZero", "Shape", "Slice", "Cast", "Mul"]),
    ],
)
def test_the_outputs_stay_and_what_depends_on_the_length_only_goes(
    make: Callable[[], onnx.ModelProto], left: list[str] | None
) -> None:
    """At lengths that were tried as at others; what fits no rule stays as it was."""
    model = make()
    folded = fold_lengths(model)
    assert ops(folded) == (ops(model) if left is None else left)
    for before, after in zip(answers(model, LENGTHS), answers(folded, LENGTHS), strict=True):
        assert np.array_equal(before[0], after[0])
