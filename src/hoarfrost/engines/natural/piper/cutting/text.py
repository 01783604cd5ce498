"""Make the graph that reads ids: how each of them sounds, and how long it lasts.

In: a `Model`, its `Structure`, its `SoundPath`. Out: a model. Invariant: nothing in it is random,
and nothing depends on more than one sentence.

The graph's inputs are ``ids`` (int64, shape (1, n)), ``scales`` (float32, shape (3,): of the
sound's noise, of the durations, of the durations' noise), ``noise`` (float32, shape (1, 2, n),
normal) where durations are drawn, and ``sid`` (int64, shape (1,)) where there are several
speakers; an input that nothing depends on is left out. Its outputs are ``mean`` and ``log_scale``
(float32, shape (1, channels, n)), ``duration`` (float32, shape (1, 1, n), frames, not rounded) and
``speaker`` (float32, shape (1, m, 1)), what the sound graph wants to know of the speaker.
"""

from collections.abc import Mapping

import onnx
from onnx import TensorProto, helper

from hoarfrost.engines.natural.piper.cutting.model import (
    IDS,
    SCALES,
    SPEAKER_ID,
    CannotCut,
    Model,
    attributes_of,
    simplified,
)
from hoarfrost.engines.natural.piper.cutting.steps import SoundPath
from hoarfrost.engines.natural.piper.cutting.structure import PerId, Structure


def text_graph(model: Model, structure: Structure, sound: SoundPath) -> onnx.ModelProto:
    """Make the graph.

    Raises:
        CannotCut: If the durations' noise is of another kind than known.
    """
    inputs = [entry for name, entry in model.inputs.items() if name in (IDS, SCALES, SPEAKER_ID)]
    names = {IDS: "ids", SCALES: "scales", SPEAKER_ID: "sid"}
    if structure.duration_noise is not None:
        drawing = model.producer[structure.duration_noise]
        kind = {"mean": 0.0, "scale": 1.0} | attributes_of(drawing)
        if (kind["mean"], kind["scale"]) != (0.0, 1.0):
            raise CannotCut("expected durations drawn from a standard normal, got another")
        inputs.append(
            helper.make_tensor_value_info(
                structure.duration_noise, TensorProto.FLOAT, [1, 2, "n_ids"]
            )
        )
        names[structure.duration_noise] = "noise"
    marked = [structure.mean.name, structure.log_scale.name, structure.duration, *sound.speaker]
    part = model.part(inputs, list(dict.fromkeys(marked)))
    known = _rename(part, names)
    ends = [
        _columns(structure.mean, known, "mean"),
        _columns(structure.log_scale, known, "log_scale"),
        helper.make_node("Identity", [known[structure.duration]], ["duration"]),
    ]
    if sound.speaker:
        added = [known[name] for name in sound.speaker]
        ends.append(helper.make_node("Concat", added, ["speaker"], axis=1))
    part.graph.node.extend(ends)
    del part.graph.output[:]
    part.graph.output.extend(onnx.ValueInfoProto(name=node.output[0]) for node in ends)
    return simplified(part)


def _columns(place: PerId, known: Mapping[str, str], output: str) -> onnx.NodeProto:
    if place.is_transposed:
        return helper.make_node("Transpose", [known[place.name]], [output], perm=[0, 2, 1])
    return helper.make_node("Identity", [known[place.name]], [output])


def _rename(part: onnx.ModelProto, names: Mapping[str, str]) -> dict[str, str]:
    """Give all tensors names of ours, so that none is taken for an input or output by chance."""
    known = dict(names)
    graph = part.graph
    for tensor in graph.initializer:
        tensor.name = known.setdefault(tensor.name, f"weights_{len(known)}")
    for entry in graph.input:
        entry.name = known[entry.name]
    for node in graph.node:
        node.name = ""
        for place, name in enumerate(node.output):
            node.output[place] = known.setdefault(name, f"tensor_{len(known)}") if name else ""
    for node in graph.node:
        _rename_reads(node, known)
    return known


def _rename_reads(node: onnx.NodeProto, known: Mapping[str, str]) -> None:
    for place, name in enumerate(node.input):
        node.input[place] = known.get(name, name)
    for attribute in node.attribute:
        for inner in attribute.g.node:
            _rename_reads(inner, known)
