"""A stock model that hums: it runs like a Piper voice, and nothing in it can be cut.

Each id lasts `ID_FRAMES` frames at length scale 1, whatever it is, so its audio is known to the
sample; and it is made and run in milliseconds.
"""

import json
from pathlib import Path
from typing import Any

import onnx
from onnx import TensorProto, helper

HOP = 256
RATE_HZ = 16_000
ID_FRAMES = 4
SYMBOLS = ("_", "^", "$", " ", ",", ".", "?", "!", *"abcdefghijklmnopqrstuvwxyz", "ˈ", "ə", "ɪ")


def write_humming(folder: Path, name: str = "en_US-humming-low", **config: Any) -> Path:
    """Write the model and its configuration, changed as told; return the model's path."""
    stock = folder / f"{name}.onnx"
    described = {
        "audio": {"sample_rate": RATE_HZ, "quality": "low"},
        "espeak": {"voice": "en-us"},
        "num_symbols": len(SYMBOLS),
        "num_speakers": 1,
        "phoneme_id_map": {symbol: [place] for place, symbol in enumerate(SYMBOLS)},
        **config,
    }
    stock.with_name(f"{stock.name}.json").write_text(json.dumps(described), "utf-8")
    onnx.save(humming_model(), stock)
    return stock


def humming_model(amplitude: float = 0.2) -> onnx.ModelProto:
    """Return the model: a tone as long as its ids."""
    numbers = {
        "zero": 0.0,
        "one": 1.0,
        "id_samples": float(ID_FRAMES * HOP),
        "step": 0.1,
        "amplitude": amplitude,
    }
    constants = [helper.make_tensor(k, TensorProto.FLOAT, [], [v]) for k, v in numbers.items()]
    constants.append(helper.make_tensor("shape", TensorProto.INT64, [4], [1, 1, 1, -1]))
    constants.append(helper.make_tensor("place", TensorProto.INT64, [], [1]))
    constants.append(helper.make_tensor("first", TensorProto.INT64, [], [0]))
    nodes = [
        helper.make_node("Gather", ["input_lengths", "first"], ["n"]),
        helper.make_node("Cast", ["n"], ["n_float"], to=TensorProto.FLOAT),
        helper.make_node("Gather", ["scales", "place"], ["length"]),
        helper.make_node("Mul", ["n_float", "length"], ["n_long"]),
        helper.make_node("Mul", ["n_long", "id_samples"], ["n_samples"]),
        helper.make_node("Range", ["zero", "n_samples", "one"], ["time"]),
        helper.make_node("Mul", ["time", "step"], ["phase"]),
        helper.make_node("Sin", ["phase"], ["tone"]),
        helper.make_node("Mul", ["tone", "amplitude"], ["quiet"]),
        helper.make_node("Reshape", ["quiet", "shape"], ["output"]),
    ]
    graph = helper.make_graph(
        nodes,
        "humming",
        [
            helper.make_tensor_value_info("input", TensorProto.INT64, [1, "n_ids"]),
            helper.make_tensor_value_info("input_lengths", TensorProto.INT64, [1]),
            helper.make_tensor_value_info("scales", TensorProto.FLOAT, [3]),
        ],
        [helper.make_tensor_value_info("output", TensorProto.FLOAT, [1, 1, 1, "n"])],
        constants,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 15)])
    model.ir_version = 8
    onnx.checker.check_model(model)
    return model
