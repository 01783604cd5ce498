"""The three networks of a hibari voice, written as graphs of their own.

In: `Weights`. Out: serialised models. Invariant: run one after the other they compute what the
package's one graph does, but for its rounding to 8 bits.

| graph | reads | gives |
|---|---|---|
| text | ids of phonemes | two encodings, log durations |
| prosody | the second encoding, a row a frame of 25 ms | two pitches and two energies a frame |
| decoder | the first, pitch and energy, a row a frame of 12.5 ms | five spectral parts |

The decoder carries the ends of its convolutions from call to call, so no frame is computed twice:
each convolution of width 2 h + 1 keeps its last 2 h rows as a state and is h rows behind. A state
is h rows of zeros at the start, and h follow at the end, which is the padding of one shot.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from hoarfrost.engines.natural.hibari.weights import Weights
from hoarfrost.engines.natural.hibari.writer import Range, Writer

HEADS: Final = 2
"""Of attention, in both encoders."""
DILATIONS: Final = (1, 2, 4, 8, 1, 2)
"""Of the prosody network's convolutions."""
PARTS: Final = 5
"""Spectra that the decoder gives of each frame."""


@dataclass(frozen=True, slots=True)
class Graph:
    """A network, written.

    Attributes:
        model: Serialised.
        products: The tensors that each product reads, by the product's name.
    """

    model: bytes
    products: Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class DecoderGraph(Graph):
    """A decoder and what its caller has to know of it.

    Attributes:
        states: Channels and rows of each state at the start, by name.
        lookahead: Rows that it is behind.
    """

    states: Mapping[str, tuple[int, int]]
    lookahead: int


def text_graph(weights: Weights, ranges: Mapping[str, Range], *, watches: bool = False) -> Graph:
    """Return the graph from ``ids`` to ``sound``, ``prosody`` and ``log_durations``.

    Args:
        weights: Of the voice.
        ranges: By name of a product, what it reads; see `Writer`.
        watches: Whether everything that products read is an output as well.
    """
    writer = Writer(weights, ranges)
    ids = writer.integers_input("ids")
    sound, prosody = (_encoder(writer, ids, name) for name in ("m.text", "pn.text"))
    durations = writer.gelu(writer.convolution(prosody, "pn.dur.0"))
    durations = writer.convolution(durations, "pn.dur.2")
    writer.output(sound, "sound", _channels(weights, "m.text.norm"))
    writer.output(prosody, "prosody", _channels(weights, "pn.text.norm"))
    flat = writer.emit("Squeeze", [durations, writer.integers(1)])
    writer.output(flat, "log_durations")
    return Graph(writer.model(watches=watches), writer.products)


def prosody_graph(weights: Weights, ranges: Mapping[str, Range], *, watches: bool = False) -> Graph:
    """Return the graph from ``frames`` to ``curves``, pitch and energy twice a frame.

    The arguments are those of `text_graph`.
    """
    writer = Writer(weights, ranges)
    rows = writer.input("frames", _channels(weights, "pn.text.norm"))
    rows = writer.convolution(rows, "pn.pro_in")
    for layer in range(weights.count("pn.pro")):
        name = f"pn.pro.{layer}"
        shaped = writer.convolution(rows, f"{name}.dw", dilation=DILATIONS[layer])
        rows = writer.emit("Add", [rows, _mixed(writer, shaped, name)])
    writer.output(writer.convolution(rows, "pn.pro_out"), "curves", 4)
    return Graph(writer.model(watches=watches), writer.products)


def decoder_graph(
    weights: Weights, ranges: Mapping[str, Range], *, watches: bool = False
) -> DecoderGraph:
    """Return the graph from ``frames`` to ``spectra``, with its states.

    The arguments are those of `text_graph`.
    """
    writer = Writer(weights, ranges)
    carrying = _Carrying(writer)
    kernel = weights["m.dec_in.weight"]
    rows = writer.input("frames", kernel.shape[1])
    held, _ = carrying.hold(rows, kernel.shape[1], kernel.shape[2])
    rows = writer.full_convolution(held, "m.dec_in")
    for layer in range(weights.count("m.dec")):
        name = f"m.dec.{layer}"
        channels, _, width = weights[f"{name}.dw.weight"].shape
        held, rows = carrying.hold(rows, channels, width)
        shaped = writer.convolution(held, f"{name}.dw", pads=False)
        rows = writer.emit("Add", [rows, _mixed(writer, shaped, name)])
    spectra = writer.product(writer.norm(rows, "m.dec_norm"), "m.head")
    writer.output(spectra, "spectra", len(weights["m.head.bias"]))
    carrying.close()
    graph = Graph(writer.model(watches=watches), writer.products)
    return DecoderGraph(graph.model, graph.products, carrying.states, carrying.lookahead)


class _Carrying:
    """The states of a graph's convolutions."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        self._last = writer.integers_input("last")
        self._ends: dict[str, str] = {}
        self.states: dict[str, tuple[int, int]] = {}
        self.lookahead = 0

    def hold(self, rows: str, channels: int, width: int) -> tuple[str, str]:
        """Return rows with what a convolution needs beside them, and those it gives a result for.

        Args:
            rows: The next ones.
            channels: Of each.
            width: Of the convolution.
        """
        writer, half = self._writer, width // 2
        state = writer.input(f"state_{len(self.states)}", channels)
        self.states[state] = channels, half
        self.lookahead += half
        zeros = writer.constant(f"zeros_{half}_{channels}", np.zeros((half, channels), np.float32))
        n = writer.emit("Mul", [self._last, writer.integers(half)])
        held = writer.emit("Concat", [state, rows, writer.slice(zeros, 0, n)], axis=0)
        self._ends[state] = writer.slice(held, -2 * half)
        return held, writer.slice(held, half, -half)

    def close(self) -> None:
        """Declare the states after a call."""
        for state, end in self._ends.items():
            self._writer.output(end, f"{state}_out", self.states[state][0])


def _mixed(writer: Writer, rows: str, name: str) -> str:
    """Norm and mix the channels of what a convolution gave: the rest of a ConvNeXt layer."""
    rows = writer.product(writer.norm(rows, f"{name}.norm"), f"{name}.pw1")
    return writer.product(writer.gelu(rows), f"{name}.pw2", gain=f"{name}.gamma")


def _encoder(writer: Writer, ids: str, name: str) -> str:
    weights = writer.weights
    embedding = writer.constant(f"{name}.emb", weights[f"{name}.emb.weight"])
    rows = writer.emit("Gather", [embedding, ids], axis=0)
    for layer in range(weights.count(f"{name}.convs")):
        shaped = writer.convolution(rows, f"{name}.convs.{layer}.dw")
        rows = writer.emit("Add", [rows, _mixed(writer, shaped, f"{name}.convs.{layer}")])
    layer_name = f"{name}.attn"
    for _ in range(weights.repeats[f"{layer_name}.self_attn.in_proj_weight"]):
        attended = _attention(writer, writer.norm(rows, f"{layer_name}.norm1"), layer_name)
        rows = writer.emit("Add", [rows, attended])
        inner = writer.product(writer.norm(rows, f"{layer_name}.norm2"), f"{layer_name}.linear1")
        inner = writer.product(writer.gelu(inner), f"{layer_name}.linear2")
        rows = writer.emit("Add", [rows, inner])
    return writer.norm(rows, f"{name}.norm")


def _attention(writer: Writer, rows: str, name: str) -> str:
    """Let every token look at every other."""
    width = _channels(writer.weights, f"{name}.norm1")
    each = width // HEADS
    asked = writer.product(rows, f"{name}.self_attn.in_proj")
    shaped = writer.emit("Reshape", [asked, writer.integers(-1, 3, HEADS, each)])
    shaped = writer.emit("Transpose", [shaped], perm=[1, 2, 0, 3])
    query, key, value = (
        writer.emit("Gather", [shaped, writer.constant(f"place_{i}", np.int64(i))], axis=0)
        for i in range(3)
    )
    scores = writer.emit("MatMul", [query, writer.emit("Transpose", [key], perm=[0, 2, 1])])
    scale = writer.constant(f"scale_{each}", np.float32(each**-0.5))
    share = writer.emit("Softmax", [writer.emit("Mul", [scores, scale])], axis=-1)
    mixed = writer.emit("Transpose", [writer.emit("MatMul", [share, value])], perm=[1, 0, 2])
    mixed = writer.emit("Reshape", [mixed, writer.integers(-1, width)])
    return writer.product(mixed, f"{name}.self_attn.out_proj")


def _channels(weights: Weights, norm: str) -> int:
    return len(weights[f"{norm}.weight"])
