"""Make the fixture voices again: ``python -m tests.fixture_voices.make_fixtures`` (README.md)."""

from dataclasses import replace
from pathlib import Path

import onnx
import onnxruntime

from tests.fixture_voices.random_voice import OPSET, Recipe, make_voice

_TINY = Recipe(
    name="en_US-fixture-low",
    espeak_voice="en-us",
    seed=1,
    rate_hz=16_000,
    hidden_channels=8,
    filter_channels=32,
    n_layers=2,
    upsample_initial_channel=16,
    language={
        "code": "en_US",
        "family": "en",
        "region": "US",
        "name_native": "English",
        "name_english": "English",
        "country_english": "United States",
    },
)
# Several speakers, and a decoder of high quality's kind.
_CROWD = replace(
    _TINY,
    name="de_DE-crowd-low",
    espeak_voice="de",
    seed=2,
    rate_hz=22_050,
    speakers=("anna", "bernd", "clara", "dieter"),
    speaker_channels=8,
    resblock="1",
    resblock_kernel_sizes=(3, 7),
    resblock_dilation_sizes=((1, 3, 5), (1, 3, 5)),
    upsample_rates=(16, 16),
    upsample_kernel_sizes=(32, 32),
    language={
        "code": "de_DE",
        "family": "de",
        "region": "DE",
        "name_native": "Deutsch",
        "name_english": "German",
        "country_english": "Germany",
    },
)
# As the first exporters wrote them: numbered names, folded constants, no language beside it.
_OLDER = replace(
    _TINY, name="en_GB-older-medium", espeak_voice="en-gb-x-rp", seed=3, rate_hz=22_050, language={}
)


def main(folder: Path) -> None:
    """Write all fixture voices into a folder."""
    for recipe in (_TINY, _CROWD):
        make_voice(recipe, folder)
    _age(make_voice(_OLDER, folder))


def _age(path: Path) -> None:
    """Rewrite a model as a simplifier does: constants folded, nodes merged, names lost."""
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
    options.optimized_model_filepath = str(path)
    onnxruntime.InferenceSession(path.read_bytes(), options, providers=["CPUExecutionProvider"])
    model = onnx.load(path)
    kept = {value.name for value in (*model.graph.input, *model.graph.output)} | {""}
    numbers: dict[str, str] = {}

    def number(name: str) -> str:
        return name if name in kept else numbers.setdefault(name, str(len(numbers) + 300))

    for weight in model.graph.initializer:
        weight.name = number(weight.name)
    for position, node in enumerate(model.graph.node):
        node.name = f"{node.op_type}_{position}"
        node.input[:] = [number(name) for name in node.input]
        node.output[:] = [number(name) for name in node.output]
    del model.graph.value_info[:]
    del model.opset_import[:]  # the domains of all of onnxruntime, of which it uses none
    model.opset_import.append(onnx.helper.make_opsetid("", OPSET))
    onnx.checker.check_model(model)
    onnx.save(model, path)


if __name__ == "__main__":
    main(Path(__file__).parent)
