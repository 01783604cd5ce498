"""The weights of a hibari graph, by the names they had in training.

In: an ONNX file of the `hibari-tts` package. Out: float32 arrays such as ``m.dec.0.pw1.weight``.
Invariant: what was read is complete for `networks`; a graph of another structure is refused.

The weights of products are stored as 8-bit integers under names that the exporter made up. Each
product is followed by the addition of its bias, which kept its name: so a product is named after
its bias. The text encoders use the weights of one attention layer several times over: how often is
counted here as well.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import numpy_helper

from hoarfrost.errors import VoiceFault

_ENCODERS: Final = ("m.text", "pn.text")
"""Of the sound, of the prosody."""
_MAX_BYTES: Final = 1 << 28


@dataclass(frozen=True, slots=True)
class Weights:
    """The arrays of a graph.

    Attributes:
        arrays: float32, by name; weights of products have the shape (inputs, outputs).
        repeats: How often each product is used in a sentence, by the name of its weights.
    """

    arrays: Mapping[str, NDArray[np.float32]]
    repeats: Mapping[str, int]

    def __getitem__(self, name: str) -> NDArray[np.float32]:
        return self.arrays[name]

    def count(self, stem: str) -> int:
        """Return how many layers ``stem.0``, ``stem.1`` and so on there are."""
        n = 0
        while f"{stem}.{n}.gamma" in self.arrays:
            n += 1
        return n


def read_weights(path: Path) -> Weights:
    """Read the weights of a graph.

    Raises:
        VoiceFault: If it is no graph of a hibari voice.
    """
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise ValueError(f"expected at most {_MAX_BYTES} bytes")
        weights = _weights_of(onnx.load(path, load_external_data=False).graph)
        _check(weights)
    except OSError as error:
        raise VoiceFault(f"{path.name}: expected a graph, got {error.strerror}") from error
    except Exception as error:  # protobuf's classes have no parent that could be named here
        raise VoiceFault(
            f"{path.name}: expected the graph of a hibari voice, got {type(error).__name__}: "
            f"{str(error)[:80]}"
        ) from error
    return weights


def _weights_of(graph: onnx.GraphProto) -> Weights:
    stored = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
    arrays = {name: a for name, a in stored.items() if name.startswith(("m.", "pn."))}
    readers: dict[str, list[onnx.NodeProto]] = {}
    for node in graph.node:
        for name in node.input:
            readers.setdefault(name, []).append(node)
    repeats: Counter[str] = Counter()
    for node in graph.node:
        if node.op_type == "MatMulInteger":
            name = _bias_of(node, stored, readers).replace("bias", "weight")
            arrays[name] = _dequantised(node, stored)
            repeats[name] += 1
    return Weights(arrays, repeats)


def _bias_of(
    product: onnx.NodeProto, stored: Mapping[str, Any], readers: Mapping[str, list[onnx.NodeProto]]
) -> str:
    """Return the name of what is added to a product, once it has been scaled."""
    node = product
    while node.op_type != "Add":
        (node,) = readers[node.output[0]]
    (bias,) = (str(name) for name in node.input if name in stored)
    return bias


def _dequantised(product: onnx.NodeProto, stored: Mapping[str, Any]) -> NDArray[np.float32]:
    """Return a product's weights, whose scale is one number or one for each output."""
    integers, zero = product.input[1], product.input[3]
    scale = stored[integers.removesuffix("_quantized") + "_scale"]
    whole = stored[integers].astype(np.float32) - stored[zero].astype(np.float32)
    weights: NDArray[np.float32] = (whole * scale).astype(np.float32)
    return weights


def _check(weights: Weights) -> None:
    """See that everything is there that `networks` reads.

    Raises:
        KeyError: If a tensor is missing.
        ValueError: If there are no layers of a kind.
    """
    for stem in ("m.text.convs", "pn.text.convs", "m.dec", "pn.pro"):
        if not weights.count(stem):
            raise ValueError(f"no layers {stem}")
        for layer in range(weights.count(stem)):
            for part in ("dw", "norm", "pw1", "pw2"):
                _both(weights, f"{stem}.{layer}.{part}")
    for encoder in _ENCODERS:
        _ = weights[f"{encoder}.emb.weight"]
        attention = f"{encoder}.attn"
        for part in ("self_attn.in_proj_", "self_attn.out_proj.", "linear1.", "linear2."):
            _ = weights[f"{attention}.{part}weight"], weights[f"{attention}.{part}bias"]
        for name in (f"{attention}.norm1", f"{attention}.norm2", f"{encoder}.norm"):
            _both(weights, name)
    for name in ("pn.dur.0", "pn.dur.2", "pn.pro_in", "pn.pro_out"):
        _both(weights, name)
    for name in ("m.dec_in", "m.dec_norm", "m.head"):
        _both(weights, name)


def _both(weights: Weights, name: str) -> None:
    _ = weights[f"{name}.weight"], weights[f"{name}.bias"]
