"""The text graph: ids in, what each of them sounds like and how long it lasts out."""

from collections.abc import Callable
from pathlib import Path

import onnx
import pytest

from hoarfrost.engines.natural.piper.cutting import TEXT, Cut

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
    """By these names, in standard operations, and nothing in it is random."""
    model = onnx.load(cut_once(name)[1] / TEXT)
    assert sorted(entry.name for entry in model.graph.input) == inputs.split()
    assert [entry.name for entry in model.graph.output] == outputs.split()
    assert not [node.op_type for node in model.graph.node if node.op_type.startswith("Random")]
    assert {node.domain for node in model.graph.node} == {""}
