"""What the graphs of a package are given while it says the everyday sentences."""

from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import onnx

from hoarfrost.text.reading.sentences import read_sentences
from training.sentences import EVERYDAY
from training.speaking import PackageVoice, Spoken

Feed: TypeAlias = dict[str, npt.NDArray[Any]]


def rehearse(folder: Path) -> tuple[list[Feed], list[Feed]]:
    """Inputs of the text graph, and of the carried decoder graph, each sentence in one window."""
    voice = PackageVoice(folder)
    spoken = [voice.read(s) for text in EVERYDAY for s in read_sentences(text)]
    beginning = _beginning(folder / "dec.onnx")
    return [_of_text(s) for s in spoken], [_of_decoder(s) | beginning for s in spoken]


def _of_text(spoken: Spoken) -> Feed:
    tokens = spoken.tokens
    return {
        "ids": tokens.ids[None],
        "stress": tokens.stress[None],
        "feats": tokens.features[None],
        "speed": tokens.speed[None],
        "pitch": tokens.pitch[None],
    }


def _of_decoder(spoken: Spoken) -> Feed:
    frames = spoken.frames
    return {
        "frames": frames.hidden,
        "lz": frames.pitch[:, None],
        "vu": frames.voiced[:, None],
        "last": np.ones(1, np.int64),
    }


def _beginning(decoder: Path) -> Feed:
    """The state of a carried graph before its first frame."""
    model = onnx.load(decoder)
    (rows,) = (p.value.split(",") for p in model.metadata_props if p.key == "state_rows")
    shapes = {i.name: i.type.tensor_type.shape.dim for i in model.graph.input}
    return {
        f"state_{i}": np.zeros((int(n), shapes[f"state_{i}"][1].dim_value), np.float32)
        for i, n in enumerate(rows)
    }
