import numpy as np
import onnx
import pytest

from hoarfrost.engines.natural.vits.cutting.fusing import fuse_normalisations
from tests.engines.natural.vits.cutting.graphs import Graph, answers, ops

GAIN, BIAS = np.linspace(0.5, 2, 6), np.linspace(-1, 1, 6)


def _normalised(*, axis: int, square: str = "Pow", is_own_mean: bool = True) -> onnx.ModelProto:
    g = Graph()
    x = g.add("Sin", g.add("Cast", "ids", to=onnx.TensorProto.FLOAT))
    six = [[[1.0], [2.0], [3.0], [5.0], [7.0], [11.0]]]
    x = g.add("Sin", g.add("Mul", g.add("Unsqueeze", x, [1]), six))
    if axis == -1:
        x = g.add("Transpose", x, perm=[0, 2, 1])
    centred = g.add("Sub", x, g.add("ReduceMean", x, axes=[axis]))
    squares = g.add("Pow", centred, 2.0) if square == "Pow" else g.add("Mul", centred, centred)
    variance = g.add("ReduceMean", squares if is_own_mean else x, axes=[axis])
    root = g.add("Sqrt", g.add("Add", variance, 1.5))
    shape = (6,) if axis == -1 else (1, 6, 1)
    scaled = g.add("Mul", g.add("Div", centred, root), GAIN.reshape(shape))
    return g.model(g.add("Neg", g.add("Add", scaled, BIAS.reshape(shape))))


@pytest.mark.parametrize("axis", [-1, 1])
@pytest.mark.parametrize("square", ["Pow", "Mul"])
def test_a_normalisation_becomes_one_operation(axis: int, square: str) -> None:
    """Over the last axis, and over channels before time."""
    model = _normalised(axis=axis, square=square)
    fused = fuse_normalisations(model)
    assert ops(fused).count("LayerNormalization") == 1
    assert not {"ReduceMean", "Sqrt", "Div"} & set(ops(fused))
    for before, after in zip(answers(model, [1, 5]), answers(fused, [1, 5]), strict=True):
        assert np.allclose(before[0], after[0], rtol=0, atol=1e-6)


def test_what_only_looks_like_one_stays() -> None:
    """A root of something else than the variance."""
    left = ops(fuse_normalisations(_normalised(axis=-1, is_own_mean=False)))
    assert "Sqrt" in left
    assert "LayerNormalization" not in left
