"""How sound lies in memory: plain, channel after channel, or in blocks of channels.

In: nothing. Out: which blocks this machine's convolutions work on, and weights in their order.
Invariant: a graph in blocks gives the same samples as a plain one, on a machine with such blocks.

onnxruntime's fastest convolutions (``NCHWc`` in its source) take 8 or 16 channels side by side, as
many as a register of the processor holds; it brings plain graphs into that order by itself, and
back for every operation that needs another, which here is every second one. A graph that stays in
blocks takes about 0.6 of a plain one's time (32 and 64 channels, one AVX-512 core).
"""

from functools import cache
from typing import Final

import numpy as np
import onnxruntime
from onnx import TensorProto, helper

from hoarfrost.engines.natural.vits.cutting.model import Array

DOMAIN: Final = "com.microsoft.nchwc"
PLAIN: Final = 1
_LARGEST: Final = 64
"""Channels of the probe: more than any processor's block."""


@cache
def native_block() -> int:
    """Return how many channels this machine's convolutions want side by side; 1 if none."""
    ends = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, _LARGEST, 1, 2])
        for name in ("x", "y")
    ]
    node = helper.make_node("ReorderInput", ["x"], ["y"], domain=DOMAIN)
    graph = helper.make_graph([node], "probe", ends[:1], ends[1:])
    imports = [helper.make_opsetid("", 17), helper.make_opsetid(DOMAIN, 1)]
    model = helper.make_model(graph, opset_imports=imports, ir_version=8)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 4
    x = np.arange(2 * _LARGEST, dtype=np.float32).reshape(1, _LARGEST, 1, 2)
    try:
        session = onnxruntime.InferenceSession(
            model.SerializeToString(), options, providers=["CPUExecutionProvider"]
        )
        y = session.run(None, {"x": x})[0].reshape(-1)
    except Exception:  # noqa: BLE001 - onnxruntime's own classes; not every build has blocks
        return PLAIN
    # The second column begins where the first one's block ends.
    block = int(np.flatnonzero(y == 1)[0])
    return block if np.array_equal(y[:block], x[0, :block, 0, 0]) else PLAIN


def in_blocks(weight: Array, block: int) -> Array:
    """Return a convolution's weights in the order of blocks.

    Args:
        weight: float32, shape (out, in, taps), both multiples of ``block``.
        block: Channels side by side.

    Returns:
        float32, shape (out, in, 1, taps), as numbers: (out / block, in / block, taps, block in,
        block out), which is the order that onnxruntime calls OIHWBiBo.
    """
    n_out, n_in, taps = weight.shape
    split = weight.reshape(n_out // block, block, n_in // block, block, taps)
    return np.ascontiguousarray(split.transpose(0, 2, 4, 3, 1)).reshape(n_out, n_in, 1, taps)
