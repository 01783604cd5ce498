"""Quantisation: nearly the same results, each row by itself, and nothing that overflows."""

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

onnx = pytest.importorskip("onnx", reason="needs the extra `training` (onnx)")

import onnxruntime  # noqa: E402 - after the skip
from onnx import TensorProto, helper, numpy_helper  # noqa: E402
from training.quantisation import quantise  # noqa: E402

Floats = npt.NDArray[np.float32]
IN, WIDE, HIDDEN = 24, 64, 128


def graph_of(path: Path, *, has_bias: bool, spread: float = 1.0) -> None:
    """An entry, a norm with channels of uneven range, a SiLU between two products, a sum."""
    rng = np.random.default_rng(1)
    arrays = {
        "entry": rng.standard_normal((IN, WIDE)),
        "gain": np.geomspace(1 / spread, spread, WIDE),
        "offset": rng.standard_normal(WIDE) * 3,
        "up": rng.standard_normal((WIDE, HIDDEN)) / 8,
        "down": rng.standard_normal((HIDDEN, WIDE)) / 8,
        "up_bias": rng.standard_normal(HIDDEN),
        "down_bias": rng.standard_normal(WIDE),
        "out": rng.standard_normal((WIDE, 3)),
    }
    bias = [("up", "up_bias"), ("down", "down_bias")]
    nodes = [
        helper.make_node("MatMul", ["x", "entry"], ["a"]),
        helper.make_node("LayerNormalization", ["a", "gain", "offset"], ["b"]),
        *_product("b", *bias[0], "c", has_bias=has_bias),
        helper.make_node("Sigmoid", ["c"], ["d"]),
        helper.make_node("Mul", ["c", "d"], ["e"]),
        *_product("e", *bias[1], "f", has_bias=has_bias),
        helper.make_node("Add", ["a", "f"], ["g"]),
        helper.make_node("LayerNormalization", ["g", "gain", "offset"], ["h"]),
        helper.make_node("MatMul", ["h", "out"], ["y"]),
    ]
    graph = helper.make_graph(
        nodes,
        "products",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", IN])],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n", None]) for name in "fgy"],
        [numpy_helper.from_array(a.astype(np.float32), name) for name, a in arrays.items()],
    )
    opset = [helper.make_opsetid("", 17)]
    onnx.save(helper.make_model(graph, opset_imports=opset, ir_version=8), path)


def _product(x: str, weight: str, bias: str, y: str, *, has_bias: bool) -> list[onnx.NodeProto]:
    if has_bias:
        return [helper.make_node("Gemm", [x, weight, bias], [y])]
    product = helper.make_node("MatMul", [x, weight], [f"{y}_less"])
    return [product, helper.make_node("Add", [bias, f"{y}_less"], [y])]


def rows(n: int, seed: int = 0) -> Floats:
    return np.random.default_rng(seed).standard_normal((n, IN)).astype(np.float32)


def run(path: Path, x: Floats) -> list[Floats]:
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    result: list[Floats] = session.run(["f", "g", "y"], {"x": x})
    return result


def operations(path: Path) -> list[str]:
    return [node.op_type for node in onnx.load(path).graph.node]


@pytest.mark.parametrize("has_bias", [True, False], ids=["Gemm", "MatMul and Add"])
@pytest.mark.parametrize("spread", [1.0, 30.0])
def test_results_stay(tmp_path: Path, spread: float, *, has_bias: bool) -> None:
    """On rows like those seen, results err by less than 3 % (30 dB), however uneven the norm."""
    path = tmp_path / "graph.onnx"
    graph_of(path, has_bias=has_bias, spread=spread)
    x = rows(400, seed=5)
    before = run(path, x)
    quantise(path, [{"x": rows(200, seed)} for seed in (2, 3, 4)])
    for wanted, got in zip(before, run(path, x), strict=True):
        assert np.square(got - wanted).mean() < 1e-3 * wanted.var()
        assert abs(float((got - wanted).mean())) < 5e-3 * float(wanted.std())


def test_only_large_products_behind_norms_become_integers(tmp_path: Path) -> None:
    """The two in the middle change; the entry's input is anybody's, the last one is narrow."""
    path = tmp_path / "graph.onnx"
    graph_of(path, has_bias=False)
    quantise(path, [{"x": rows(100)}])
    after = operations(path)
    assert after.count("MatMulIntegerToFloat") == after.count("QuantizeLinear") == 2
    assert after.count("MatMul") == 2
    assert after.count("Add") == 1  # the sum: biases went into the products
    names = {tensor.name for tensor in onnx.load(path).graph.initializer}
    assert names.isdisjoint({"up", "down", "up_bias", "down_bias"})


def test_rows_do_not_know_each_other(tmp_path: Path) -> None:
    """What a row gives is the same alone and among others, to the last bit."""
    path = tmp_path / "graph.onnx"
    graph_of(path, has_bias=True)
    quantise(path, [{"x": rows(100)}])
    x = rows(90) * np.geomspace(0.01, 100, 90, dtype=np.float32)[:, None]
    (whole, *_), parts = run(path, x), [run(path, x[i : i + 7])[0] for i in range(0, 90, 7)]
    np.testing.assert_array_equal(np.concatenate(parts), whole)


def test_no_sum_of_two_products_overflows_16_bits(tmp_path: Path) -> None:
    """Weights use 7 bits, and use them: 255 times two of them stays below 2¹⁵."""
    path = tmp_path / "graph.onnx"
    graph_of(path, has_bias=True)
    quantise(path, [{"x": rows(100)}])
    tensors = [numpy_helper.to_array(t) for t in onnx.load(path).graph.initializer]
    weights = [t for t in tensors if t.dtype == np.int8]
    assert [w.shape for w in weights] == [(WIDE, HIDDEN), (HIDDEN, WIDE)]
    assert [int(np.abs(w).max()) for w in weights] == [63, 63]
    assert 255 * 2 * 63 < 2**15


def test_a_channel_that_never_moves_does_no_harm(tmp_path: Path) -> None:
    """Inputs of zeros give no step of zero: the graph still gives numbers."""
    path = tmp_path / "graph.onnx"
    graph_of(path, has_bias=True)
    quantise(path, [{"x": np.zeros((5, IN), np.float32)}])
    for values in run(path, rows(10)):
        assert np.isfinite(values).all()
