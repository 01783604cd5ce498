"""The text graph, with what `folding`, `fusing` and `splines` do to it."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from hoarfrost.engines.natural.vits.cutting import TEXT, Cut
from hoarfrost.engines.natural.vits.cutting.model import (
    Model,
    for_one_sentence,
    read_model,
    run,
    simplified,
)
from hoarfrost.engines.natural.vits.cutting.splines import bend_everywhere
from hoarfrost.engines.natural.vits.cutting.structure import find_structure
from tests.engines.natural.vits.cutting.graphs import ops

CutOnce = Callable[[str], tuple[Cut, Path]]


@pytest.mark.parametrize(
    ("name", "inputs", "outputs"),
    [
        ("en_US-fixture-low", "ids noise scales", "mean log_scale duration"),
        ("de_DE-crowd-low", "ids noise scales sid", "mean log_scale duration speaker"),
        ("en_GB-older-medium", "ids noise scales", "mean log_scale duration"),
    ],
)
def test_the_text_graph_reads_and_gives_what_its_module_says(
    name: str, inputs: str, outputs: str, cut_once: CutOnce
) -> None:
    """By these names, and nothing in it is random or looked for."""
    model = onnx.load(cut_once(name)[1] / TEXT)
    assert sorted(entry.name for entry in model.graph.input) == inputs.split()
    assert [entry.name for entry in model.graph.output] == outputs.split()
    assert not {"RandomNormalLike", "NonZero", "ScatterND", "GatherND"} & set(ops(model))


@pytest.fixture(scope="module")
def durations(stock: Callable[[str], Path]) -> onnx.ModelProto:
    """What tells the durations of a voice, as its exporter wrote it."""
    model = Model(simplified(for_one_sentence(read_model(stock("en_GB-older-medium")))))
    structure = find_structure(model)
    assert structure.duration_noise is not None
    noise = helper.make_tensor_value_info(structure.duration_noise, TensorProto.FLOAT, [1, 2, "n"])
    part = model.part([*model.inputs.values(), noise], [structure.duration])
    for entry in part.graph.input:
        name = {"input": "ids", structure.duration_noise: "noise"}.get(entry.name, entry.name)
        for node in part.graph.node:
            node.input[:] = [name if read == entry.name else read for read in node.input]
        entry.name = name
    return part


def _far(n_ids: int) -> dict[str, object]:
    return {
        "ids": np.arange(n_ids)[None] % 50,
        "noise": 5 * np.random.default_rng(n_ids).standard_normal((1, 2, n_ids), np.float32),
        "scales": np.array([0.667, 1.0, 1.0], np.float32),
    }


def test_splines_worked_out_everywhere_give_the_same_durations(
    durations: onnx.ModelProto,
) -> None:
    """Also for noise far beyond their bounds."""
    bent = bend_everywhere(durations)
    assert ops(bent).count("Where") == ops(durations).count("Where") + 3
    feeds = [_far(n_ids) for n_ids in (1, 2, 7, 30)]
    for before, after in zip(run(durations, feeds), run(bent, feeds), strict=True):
        assert np.allclose(before[0], after[0], rtol=1e-6, atol=0)


def test_splines_of_another_kind_stay_as_they_were(durations: onnx.ModelProto) -> None:
    """One that is no identity beyond its bounds is noticed by what it gives."""
    other = onnx.ModelProto()
    other.CopyFrom(durations)
    graph = other.graph
    place, put = next((i, n) for i, n in enumerate(graph.node) if n.op_type == "ScatterND"
                      and Model(other).producer[n.input[2]].op_type == "Slice")  # fmt: skip
    graph.node.insert(place, helper.make_node("Add", [put.input[2], put.input[2]], ["twice"]))
    put.input[2] = "twice"
    assert bend_everywhere(other) is other
