"""The fixture voices are what tests take them for: whole, small, natural in pace and level."""

import functools
import json
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
from numpy.typing import NDArray

HERE = Path(__file__).parent
HOP_LENGTH = 256
NO_NOISE = 0.0
SPEAKERS = {
    "de_DE-crowd-low": (22_050, ("anna", "bernd", "clara", "dieter")),
    "en_GB-older-medium": (22_050, ()),
    "en_US-fixture-low": (16_000, ()),
}
EVERYONE = [(name, sid) for name in SPEAKERS for sid in range(max(1, len(SPEAKERS[name][1])))]


def config_of(name: str) -> dict[str, Any]:
    return json.loads((HERE / f"{name}.onnx.json").read_text("utf-8"))


@functools.cache
def session_of(name: str) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    # Optimising five thousand small nodes takes longer than running them once.
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    return onnxruntime.InferenceSession(
        HERE / f"{name}.onnx", options, providers=["CPUExecutionProvider"]
    )


def ids_of(n_phonemes: int) -> NDArray[np.int64]:
    """Return varied phonemes as Piper frames them: begin, pad, phoneme, pad … end."""
    phonemes = np.arange(n_phonemes) * 7 % 120 + 14
    return np.array([1, 0, *np.stack([phonemes, 0 * phonemes], axis=1).ravel(), 2], np.int64)


def speak(
    name: str, n_phonemes: int, *, sid: int = 0, length: float = 1.0, noise: float | None = None
) -> NDArray[np.float32]:
    """Run the stock graph in one shot, at the voice's own scales unless told otherwise."""
    scales = config_of(name)["inference"]
    noises = [scales["noise_scale"], scales["noise_w"]] if noise is None else [noise, noise]
    ids = ids_of(n_phonemes)
    feeds = {
        "input": ids[None],
        "input_lengths": np.array([ids.size]),
        "scales": np.array([noises[0], scales["length_scale"] * length, noises[1]], np.float32),
    }
    if SPEAKERS[name][1]:
        feeds["sid"] = np.array([sid])
    (audio,) = session_of(name).run(None, feeds)
    assert audio.shape[:-1] == (1, 1, 1)
    return audio.ravel()


@pytest.mark.parametrize("name", SPEAKERS)
def test_config(name: str) -> None:
    """The configuration has the fields of a published voice, and says who speaks how."""
    config = config_of(name)
    rate_hz, speakers = SPEAKERS[name]
    assert config["audio"] == {"sample_rate": rate_hz, "quality": name.rpartition("-")[2]}
    assert config["num_speakers"] == max(1, len(speakers))
    assert config["speaker_id_map"] == {name: sid for sid, name in enumerate(speakers)}
    assert config["phoneme_type"] == "espeak"
    assert [config["phoneme_id_map"][mark] for mark in "_^$"] == [[0], [1], [2]]


@pytest.mark.parametrize("name", SPEAKERS)
def test_graph(name: str) -> None:
    """The graph is valid and has one rounding of durations, two sources of noise."""
    model = onnx.load(HERE / f"{name}.onnx")
    onnx.checker.check_model(model, full_check=True)
    kinds = [node.op_type for node in model.graph.node]
    assert kinds.count("Ceil") == 1
    assert kinds.count("RandomNormalLike") == 2


@pytest.mark.parametrize(
    ("name", "is_named"), [(name, name != "en_GB-older-medium") for name in SPEAKERS]
)
def test_names(name: str, is_named: bool) -> None:
    """Today's exports name the decoder's weights; the older voice has numbers only."""
    model = onnx.load(HERE / f"{name}.onnx")
    weights = {weight.name for weight in model.graph.initializer}
    assert ("dec.conv_pre.weight" in weights) is is_named
    assert all(weight.isdigit() for weight in weights) is not is_named


@pytest.mark.parametrize(("name", "sid"), EVERYONE)
def test_sound(name: str, sid: int) -> None:
    """Every speaker sounds: whole frames at a natural pace and level, below full scale."""
    audio = speak(name, 60, sid=sid)
    assert np.isfinite(audio).all()
    assert audio.size % HOP_LENGTH == 0
    assert 0.030 < audio.size / SPEAKERS[name][0] / 60 < 0.160
    assert 0.10 < np.sqrt(np.mean(np.square(audio))) < 0.20
    assert np.abs(audio).max() < 1.0


@pytest.mark.parametrize("name", SPEAKERS)
def test_without_noise(name: str) -> None:
    """Without noise the same is said each time; at another length scale, longer in proportion."""
    audio = speak(name, 20, noise=NO_NOISE)
    assert np.array_equal(audio, speak(name, 20, noise=NO_NOISE))
    longer = speak(name, 20, noise=NO_NOISE, length=3.0)
    assert 2.0 < longer.size / audio.size <= 3.0  # each duration is rounded up


def test_speakers_differ() -> None:
    """No two speakers of a voice say the same."""
    said = [speak("de_DE-crowd-low", 5, sid=sid, noise=NO_NOISE) for sid in range(4)]
    assert len({audio.tobytes() for audio in said}) == 4


def test_size() -> None:
    """All of them together take less than two megabytes of the repository."""
    assert sum(path.stat().st_size for path in HERE.glob("*.onnx*")) < 2_000_000
