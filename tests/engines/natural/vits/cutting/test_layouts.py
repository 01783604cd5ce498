import numpy as np
import onnxruntime
import pytest
from onnx import TensorProto, helper, numpy_helper

from hoarfrost.engines.natural.vits.cutting.layouts import DOMAIN, PLAIN, in_blocks, native_block


def test_blocks_are_of_a_size_that_onnxruntime_has() -> None:
    """8 or 16 channels fill a register; 1 means that there are no blocks."""
    assert native_block() in (1, 4, 8, 16)


def test_weights_in_blocks_stand_in_the_documented_order() -> None:
    """Out blocks, in blocks, taps, in within the block, out within the block."""
    weight = np.arange(4 * 6 * 3, dtype=np.float32).reshape(4, 6, 3)
    ordered = in_blocks(weight, 2).reshape(2, 3, 3, 2, 2)
    for out in range(4):
        for into in range(6):
            column = ordered[out // 2, into // 2, :, into % 2, out % 2]
            assert np.array_equal(column, weight[out, into])


@pytest.mark.skipif(native_block() == PLAIN, reason="this machine has no blocks")
def test_a_convolution_in_blocks_gives_what_a_plain_one_does() -> None:
    """Reordered in, convolved, reordered out: the same numbers."""
    block = native_block()
    random = np.random.default_rng(0)
    weight = random.standard_normal((2 * block, block, 3), np.float32)
    x = random.standard_normal((1, block, 1, 20), np.float32)
    ends = [
        helper.make_tensor_value_info("x", TensorProto.FLOAT, x.shape),
        *(
            helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, 2 * block, 1, 18])
            for name in ("blocks", "plain")
        ),
    ]
    nodes = [
        helper.make_node("ReorderInput", ["x"], ["a"], domain=DOMAIN),
        helper.make_node("Conv", ["a", "w"], ["b"], domain=DOMAIN, kernel_shape=[1, 3]),
        helper.make_node("ReorderOutput", ["b"], ["blocks"], domain=DOMAIN, channels=2 * block),
        helper.make_node("Conv", ["x", "v"], ["plain"]),
    ]
    weights = [
        numpy_helper.from_array(in_blocks(weight, block), "w"),
        numpy_helper.from_array(weight[:, :, None], "v"),
    ]
    graph = helper.make_graph(nodes, "both", ends[:1], ends[1:], weights)
    imports = [helper.make_opsetid("", 17), helper.make_opsetid(DOMAIN, 1)]
    model = helper.make_model(graph, opset_imports=imports, ir_version=8)
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )
    blocks, plain = session.run(None, {"x": x})
    assert np.allclose(blocks, plain, atol=1e-4)
