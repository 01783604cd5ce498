"""Another voice of the family, as its maker publishes them: a graph, and a manifest beside it."""

import json
from pathlib import Path

import numpy as np
import onnx
from onnx import numpy_helper

from hoarfrost.engines.natural import NaturalEngine
from hoarfrost.engines.natural.hibari.installed import installed_file
from hoarfrost.engines.natural.hibari.weights import read_weights
from tests.engines.conformance import ask, join, speak


def write_voice(folder: Path) -> Path:
    """Write the installed voice as another one, with a scale for each output of its products.

    Some of the further voices are stored so; the ranges of products are not in the manifest.
    """
    model = onnx.load(installed_file("assets", "hibari.onnx"))
    stored = {tensor.name: tensor for tensor in model.graph.initializer}
    for name in [name for name in stored if name.endswith("_quantized")]:
        n_outputs = stored[name].dims[1]
        for part in ("_scale", "_zero_point"):
            tensor = stored[name.removesuffix("_quantized") + part]
            value = numpy_helper.to_array(tensor)
            spread = np.full(n_outputs, value, value.dtype)
            tensor.CopyFrom(numpy_helper.from_array(spread, tensor.name))
    folder.mkdir()
    onnx.save(model, folder / "other.onnx")
    manifest = {
        "format": 1,
        "family": "hibari",
        "name": "other",
        "licence": "Apache-2.0",
        "languages": ["en-GB"],
        "gender": "male",
        "description": "A voice that was added.",
        "graph": "other.onnx",
    }
    (folder / "voice.json").write_text(json.dumps(manifest), "utf-8")
    return folder / "other.onnx"


def test_weights_with_a_scale_for_each_output_are_read(tmp_path: Path) -> None:
    """They are the same numbers, however their scales are stored."""
    other = read_weights(write_voice(tmp_path / "other"))
    own = read_weights(installed_file("assets", "hibari.onnx"))
    assert other.arrays.keys() == own.arrays.keys()
    assert all(np.array_equal(other[name], own[name]) for name in own.arrays)
    assert other.repeats == own.repeats


def test_an_added_voice_speaks(tmp_path: Path) -> None:
    """It is one speaker, reads as in Britain, and its ranges are measured when it is loaded."""
    write_voice(tmp_path / "other")
    engine = NaturalEngine(str(tmp_path))
    assert engine.refusals == []
    [voice] = [voice for voice in engine.voices() if voice.name == "other"]
    assert (voice.language, voice.gender, voice.rate_hz) == ("en-GB", "male", 24_000)
    samples = join(speak(engine, ask(voice, "Good day.")))
    assert 0.5 < len(samples) / voice.rate_hz < 2
    assert np.max(np.abs(samples)) > 0.05
    engine.close()
