"""ONNX graphs written layer by layer, for rows of channels.

In: `Weights`. Out: a serialised model. Invariant: every tensor between layers has the shape
(rows, channels).

Products of which the range of the inputs is known are written with integers. Their scales are
constant, so a row's result does not depend on the rows beside it: a window equals one shot to the
last bit, which scales found per call, as in the package's own graph, would not give. The weights
get 7 bits, for 8-bit inputs: processors without VNNI add two such products in 16 bits, and 8-bit
weights would overflow there. So every processor gives the same. A scale for each output, where the
package has one for all, makes up for the lost bit.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from hoarfrost.engines.natural.hibari.weights import Weights

Range = tuple[float, float]
"""The least and the greatest number that a product reads."""

_OPSET: Final = 17
_IR_VERSION: Final = 8
_CONTRIBUTED: Final = "com.microsoft"
"""The operator set of onnxruntime's own operations."""
_WEIGHT_MOST: Final = 63
_END: Final = 1 << 40
_EPSILON: Final = 1e-5


class Writer:
    """A graph being written.

    Args:
        weights: Where layers take their weights from.
        ranges: By name of a product, what it reads; the others are written in floating point.
    """

    def __init__(self, weights: Weights, ranges: Mapping[str, Range] | None = None) -> None:
        self.weights = weights
        self.products: dict[str, list[str]] = {}
        """The tensors that each product reads, by the product's name: one for each use."""
        self._ranges = ranges or {}
        self._nodes: list[onnx.NodeProto] = []
        self._constants: dict[str, NDArray[Any]] = {}
        self._inputs: list[onnx.ValueInfoProto] = []
        self._outputs: list[onnx.ValueInfoProto] = []

    def input(self, name: str, channels: int) -> str:
        """Declare an input of rows."""
        self._inputs.append(_rows(name, channels))
        return name

    def integers_input(self, name: str) -> str:
        """Declare an input of int64 numbers."""
        self._inputs.append(helper.make_tensor_value_info(name, TensorProto.INT64, [f"{name}_n"]))
        return name

    def output(self, tensor: str, name: str, channels: int | None = None) -> None:
        """Declare an output: rows, or numbers if it has no channels."""
        self.emit("Identity", [tensor], output=name)
        self._outputs.append(_rows(name, channels))

    def emit(self, operation: str, inputs: Sequence[str], *, output: str = "", **how: Any) -> str:
        """Add an operation; return the name of its result."""
        output = output or f"{operation.lower()}_{len(self._nodes)}"
        self._nodes.append(helper.make_node(operation, list(inputs), [output], **how))
        return output

    def constant(self, name: str, value: NDArray[Any] | np.generic) -> str:
        """Add a constant, once."""
        self._constants.setdefault(name, np.asarray(value))
        return name

    def integers(self, *values: int) -> str:
        """Add a constant list of int64."""
        name = "integers_" + "_".join(map(str, values))
        return self.constant(name, np.array(values, np.int64))

    def product(self, rows: str, name: str, *, gain: str = "") -> str:
        """Multiply rows by the weights ``name``, add the bias; times the gain of every output."""
        separator = "_" if name.endswith("in_proj") else "."
        weight = self.weights[f"{name}{separator}weight"].reshape(-1, self._width(name, separator))
        bias = self.weights[f"{name}{separator}bias"]
        if gain:
            weight, bias = weight * self.weights[gain], bias * self.weights[gain]
        self.products.setdefault(name, []).append(rows)
        if name in self._ranges:
            return self._integer_product(rows, name, weight, bias)
        return self.emit(
            "Gemm",
            [rows, self.constant(f"{name}.w", weight), self.constant(f"{name}.b", bias)],
        )

    def gelu(self, rows: str) -> str:
        """Apply the Gaussian error linear unit; onnxruntime makes one operation of it."""
        inner = self.emit("Div", [rows, self.constant("sqrt_2", np.float32(np.sqrt(2)))])
        inner = self.emit("Add", [self.emit("Erf", [inner]), self.constant("one", np.float32(1))])
        both = self.emit("Mul", [rows, inner])
        return self.emit("Mul", [both, self.constant("half", np.float32(0.5))])

    def norm(self, rows: str, name: str) -> str:
        """Normalise each row."""
        gain, bias = (
            self.constant(f"{name}.{part}", self.weights[f"{name}.{part}"])
            for part in ("weight", "bias")
        )
        return self.emit("LayerNormalization", [rows, gain, bias], axis=-1, epsilon=_EPSILON)

    def convolution(self, rows: str, name: str, *, dilation: int = 1, pads: bool = True) -> str:
        """Convolve along the rows; without padding there are fewer of them afterwards."""
        kernel = self.weights[f"{name}.weight"]  # outputs, inputs a group, width
        outputs, _, width = kernel.shape
        pad = (width // 2) * dilation if pads else 0
        # A picture one line high: two-dimensional convolutions of channel groups are the fast ones.
        picture = self.emit("Unsqueeze", [rows, self.integers(0, 1)])
        picture = self.emit(
            "Conv",
            [
                self.emit("Transpose", [picture], perm=[0, 3, 1, 2]),
                self.constant(f"{name}.w", kernel[:, :, None]),
                self.constant(f"{name}.b", self.weights[f"{name}.bias"]),
            ],
            group=outputs if kernel.shape[1] == 1 and name.endswith("dw") else 1,
            dilations=[1, dilation],
            kernel_shape=[1, width],
            pads=[0, pad, 0, pad],
        )
        lines = self.emit("Transpose", [picture], perm=[0, 2, 3, 1])
        return self.emit("Squeeze", [lines, self.integers(0, 1)])

    def full_convolution(self, rows: str, name: str) -> str:
        """Convolve along the rows, every channel with every other, without padding.

        As one product with the rows beside each other: unlike a convolution of onnxruntime's, it
        rounds a row in the same way however many there are.
        """
        kernel = self.weights[f"{name}.weight"]
        outputs, channels, width = kernel.shape
        beside = [self.slice(rows, i, i + 1 - width or _END) for i in range(width)]
        matrix = np.ascontiguousarray(kernel.transpose(2, 1, 0)).reshape(width * channels, outputs)
        return self.emit(
            "Gemm",
            [
                self.emit("Concat", beside, axis=1),
                self.constant(f"{name}.w", matrix),
                self.constant(f"{name}.b", self.weights[f"{name}.bias"]),
            ],
        )

    def slice(self, rows: str, start: int, stop: int | str = _END, *, output: str = "") -> str:
        """Take the rows from ``start`` to ``stop``, a number or a tensor."""
        end = stop if isinstance(stop, str) else self.integers(stop)
        places = [self.integers(start), end, self.integers(0)]
        return self.emit("Slice", [rows, *places], output=output)

    def model(self, *, watches: bool = False) -> bytes:
        """Return the model, serialised; if it watches, all that products read is an output."""
        watched = sorted({rows for uses in self.products.values() for rows in uses})
        watched = watched if watches else []
        seen = [helper.make_tensor_value_info(n, TensorProto.FLOAT, [None, None]) for n in watched]
        graph = helper.make_graph(
            self._nodes,
            "hibari",
            self._inputs,
            [*self._outputs, *seen],
            [numpy_helper.from_array(array, name) for name, array in self._constants.items()],
        )
        operations = [
            helper.make_opsetid("", _OPSET),
            helper.make_opsetid(_CONTRIBUTED, 1),
        ]
        model = helper.make_model(graph, opset_imports=operations, ir_version=_IR_VERSION)
        return bytes(model.SerializeToString())

    def _width(self, name: str, separator: str) -> int:
        return len(self.weights[f"{name}{separator}bias"])

    def _integer_product(
        self, rows: str, name: str, weight: NDArray[np.float32], bias: NDArray[np.float32]
    ) -> str:
        low, high = self._ranges[name]
        low, high = min(low, 0.0), max(high, 0.0)
        step = max((high - low) / 255, 1e-9)
        scale = self.constant(f"{name}.step", np.float32(step))
        zero = self.constant(f"{name}.zero", np.uint8(round(-low / step)))
        steps = np.maximum(np.abs(weight).max(0), 1e-12) / _WEIGHT_MOST
        return self.emit(
            "MatMulIntegerToFloat",
            [
                self.emit("QuantizeLinear", [rows, scale, zero]),
                self.constant(f"{name}.w8", np.rint(weight / steps).astype(np.int8)),
                scale,
                self.constant(f"{name}.steps", steps.astype(np.float32)),
                zero,
                "",
                self.constant(f"{name}.b", bias),
            ],
            domain=_CONTRIBUTED,
        )


def _rows(name: str, channels: int | None) -> onnx.ValueInfoProto:
    shape: list[str | int] = [f"{name}_n"] if channels is None else [f"{name}_n", channels]
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)
