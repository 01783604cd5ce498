import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import onnx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import helper, numpy_helper

from hoarfrost.engines.natural.piper.cutting import SOUND, TEXT, WHOLE, Cut, cut
from hoarfrost.engines.natural.piper.cutting.cutter import prove, replace_folder
from hoarfrost.engines.natural.piper.cutting.model import CannotCut, read_model
from hoarfrost.engines.natural.piper.cutting.proof import (
    TOLERANCE,
    CutModel,
    Sentence,
    StockModel,
    one_frame_each,
    worst_error,
)
from hoarfrost.errors import VoiceFault
from tests.engines.natural.piper.cutting.conftest import NAMES, VOICES
from tests.engines.natural.piper.cutting.variants import VARIANTS

Stock = Callable[[str], Path]
CutOnce = Callable[[str], tuple[Cut, Path]]
FACTS = {
    "en_US-fixture-low": Cut(
        is_whole=False, reason="", hop=256, channels=8, lookahead_frames=43, n_symbols=256,
        n_speakers=1, draws_durations=True, reads_speaker=False,
    ),
    "de_DE-crowd-low": Cut(
        is_whole=False, reason="", hop=256, channels=8, lookahead_frames=38, n_symbols=256,
        n_speakers=4, draws_durations=True, reads_speaker=True,
    ),
    "en_GB-older-medium": Cut(
        is_whole=False, reason="", hop=256, channels=8, lookahead_frames=43, n_symbols=256,
        n_speakers=1, draws_durations=True, reads_speaker=False,
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def pairs(cut_once: CutOnce, stock: Stock) -> dict[str, tuple[StockModel, CutModel]]:
    return {
        name: (StockModel(read_model(stock(name))), CutModel(cut_once(name)[1])) for name in NAMES
    }


@pytest.mark.arithmetic
@pytest.mark.parametrize("name", NAMES)
def test_a_stock_voice_is_cut_in_two(name: str, cut_once: CutOnce) -> None:
    """What it is made of is found, and the folder holds both graphs and nothing else."""
    found, folder = cut_once(name)
    assert found == FACTS[name]
    assert sorted(path.name for path in folder.iterdir()) == [SOUND, TEXT]


@settings(max_examples=40, deadline=None)
@given(
    name=st.sampled_from(NAMES),
    n_frames=st.integers(1, 120),
    windows=st.lists(st.integers(1, 64), min_size=1, max_size=6),
    speaker=st.integers(0, 3),
)
def test_every_number_of_frames_in_every_schedule_gives_the_stock_models_samples(
    pairs: dict[str, tuple[StockModel, CutModel]],
    name: str,
    n_frames: int,
    windows: list[int],
    speaker: int,
) -> None:
    """From one frame up, by every speaker, to float32 rounding."""
    speaker %= FACTS[name].n_speakers
    said = one_frame_each([place % 50 for place in range(n_frames)], speaker)
    assert worst_error(*pairs[name], [said], [windows]) < TOLERANCE


@settings(max_examples=15, deadline=None)
@given(
    name=st.sampled_from(NAMES),
    ids=st.lists(st.integers(0, 255), min_size=1, max_size=12),
    noise_scale=st.sampled_from([0.0, 0.333, 0.667, 1.5]),
    length_scale=st.sampled_from([0.1, 0.7, 1.0, 2.0]),
    noise_width=st.sampled_from([0.0, 0.8, 1.5]),
    seed=st.integers(0, 9),
)
def test_every_text_with_every_scale_gives_the_stock_models_samples(
    pairs: dict[str, tuple[StockModel, CutModel]],
    name: str,
    ids: list[int],
    noise_scale: float,
    length_scale: float,
    noise_width: float,
    seed: int,
) -> None:
    """Durations, too: the lengths are the same to the sample."""
    said = Sentence(ids, 0, (noise_scale, length_scale, noise_width), seed)
    assert worst_error(*pairs[name], [said], [[8, 16, 32]]) < TOLERANCE


@pytest.mark.parametrize("variant", VARIANTS)
def test_what_other_exporters_write_is_cut_the_same(
    variant: str, stock: Stock, tmp_path: Path
) -> None:
    """No name and no habit of an exporter is relied on."""
    name, change = VARIANTS[variant]
    onnx.save(change(onnx.load(stock(name)), tmp_path), tmp_path / "v.onnx")
    assert cut(tmp_path / "v.onnx", tmp_path / "made") == FACTS[name]


def test_durations_that_are_not_drawn_need_no_noise(stock: Stock, tmp_path: Path) -> None:
    """A voice with a deterministic duration predictor has a text graph without that input."""
    model = onnx.load(stock("en_GB-older-medium"))
    drawing = next(node for node in model.graph.node if node.op_type == "RandomNormalLike")
    drawing.op_type = "Identity"
    del drawing.attribute[:]
    onnx.save(model, tmp_path / "v.onnx")
    found = cut(tmp_path / "v.onnx", tmp_path / "made")
    assert found == replace(FACTS["en_GB-older-medium"], draws_durations=False)
    inputs = onnx.load(tmp_path / "made" / TEXT).graph.input
    assert [entry.name for entry in inputs] == ["ids", "scales"]


def _summed(model: onnx.ModelProto) -> onnx.ModelProto:
    """An operation on the way to the samples that no decoder has."""
    last = next(node for node in model.graph.node if node.op_type == "Tanh" and "dec" in node.name)
    x = last.input[0]
    place = list(model.graph.node).index(last)
    model.graph.node.insert(place, helper.make_node("CumSum", [x, "axis_2"], ["summed"]))
    axis = helper.make_tensor("axis_2", onnx.TensorProto.INT64, [], [2])
    model.graph.initializer.append(axis)
    last.input[0] = "summed"
    return model


def _rounded_twice(model: onnx.ModelProto) -> onnx.ModelProto:
    place, first = next(
        (place, node) for place, node in enumerate(model.graph.node) if node.op_type == "Ceil"
    )
    model.graph.node.insert(place, helper.make_node("Ceil", [first.input[0]], ["rounded"]))
    first.input[0] = "rounded"
    return model


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (_summed, "expected operations on sound between frames and samples, got CumSum"),
        (_rounded_twice, "expected 1 to 1 of Ceil, got 2"),
    ],
)
def test_a_model_that_cannot_be_cut_stays_whole(
    change: Callable[[onnx.ModelProto], onnx.ModelProto],
    reason: str,
    stock: Stock,
    tmp_path: Path,
) -> None:
    """The folder holds the model as it came, and the reason is told."""
    path = tmp_path / "v.onnx"
    onnx.save(change(onnx.load(stock("en_US-fixture-low"))), path)
    found = cut(path, tmp_path / "made")
    assert found == Cut(is_whole=True, reason=reason, hop=256, n_speakers=1)
    assert [file.name for file in (tmp_path / "made").iterdir()] == [WHOLE]
    assert (tmp_path / "made" / WHOLE).read_bytes() == path.read_bytes()


def test_a_cut_that_gives_other_samples_is_not_kept(
    stock: Stock, cut_once: CutOnce, tmp_path: Path
) -> None:
    """What the parts say is compared with what the model says before they are there."""
    name = "en_GB-older-medium"
    spoiled = tmp_path / "spoiled"
    shutil.copytree(cut_once(name)[1], spoiled)
    prove(read_model(stock(name)), spoiled, n_symbols=256, n_speakers=1)
    model = onnx.load(spoiled / SOUND)
    weight = next(w for w in model.graph.initializer if w.name.startswith("bias"))
    weight.CopyFrom(numpy_helper.from_array(numpy_helper.to_array(weight) + 0.01, weight.name))
    onnx.save(model, spoiled / SOUND)
    with pytest.raises(CannotCut, match=r"in parts its samples are .* off, expected less than"):
        prove(read_model(stock(name)), spoiled, n_symbols=256, n_speakers=1)


def _without_scales(model: onnx.ModelProto) -> bytes:
    model.graph.input.remove(next(i for i in model.graph.input if i.name == "scales"))
    return model.SerializeToString()


def _other_output(model: onnx.ModelProto) -> bytes:
    model.graph.output[0].name = "mel"
    return model.SerializeToString()


def _ids_of_32_bits(model: onnx.ModelProto) -> bytes:
    model.graph.input[0].type.tensor_type.elem_type = onnx.TensorProto.INT32
    return model.SerializeToString()


def _weights_elsewhere(model: onnx.ModelProto) -> bytes:
    tensor = model.graph.initializer[0]
    tensor.data_location = onnx.TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value="/etc/hostname")
    return model.SerializeToString()


@pytest.mark.parametrize(
    ("spoil", "fault"),
    [
        (lambda _: b"", "expected the inputs input"),
        (lambda _: b"<html>Not Found</html>", "expected an ONNX model, got DecodeError"),
        (lambda m: m.SerializeToString()[:100_000], "expected an ONNX model, got DecodeError"),
        (_without_scales, "expected the inputs input, input_lengths, scales, perhaps sid"),
        (_other_output, "and the output output of a Piper voice"),
        (_ids_of_32_bits, "input: expected INT64, got INT32"),
        (_weights_elsewhere, "expected weights in the model, got them elsewhere"),
    ],
)
def test_a_file_that_is_no_piper_model_is_refused_by_name(
    spoil: Callable[[onnx.ModelProto], bytes], fault: str, stock: Stock, tmp_path: Path
) -> None:
    """The message says what was expected and what came, and nothing is left behind."""
    path = tmp_path / "broken.onnx"
    path.write_bytes(spoil(onnx.load(stock("en_US-fixture-low"))))
    with pytest.raises(VoiceFault, match=f"voice broken: .*{re.escape(fault)}"):
        cut(path, tmp_path / "made")
    assert [file.name for file in tmp_path.iterdir()] == ["broken.onnx"]


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    """As a file that is none."""
    with pytest.raises(VoiceFault, match="voice none: expected an ONNX model, got FileNotFound"):
        cut(tmp_path / "none.onnx", tmp_path / "made")


def test_a_truncated_weight_is_refused(stock: Stock, tmp_path: Path) -> None:
    """A weight with fewer bytes than its shape says cannot be run, cut or whole."""
    model = onnx.load(stock("en_US-fixture-low"))
    tensor = max(model.graph.initializer, key=lambda t: len(t.raw_data))
    tensor.raw_data = tensor.raw_data[:-4]
    onnx.save(model, tmp_path / "short.onnx")
    with pytest.raises(VoiceFault, match="voice short: expected a model that runs: onnxruntime"):
        cut(tmp_path / "short.onnx", tmp_path / "made")


def test_folders_may_be_put_in_the_same_place_at_once(tmp_path: Path) -> None:
    """Whoever is last leaves a whole folder, and nothing else."""

    def put(number: int) -> None:
        made = tmp_path / f"scratch-{number}" / "made"
        made.mkdir(parents=True)
        for file in (TEXT, SOUND):
            (made / file).write_text(str(number))
        replace_folder(made, tmp_path / "target")

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(put, range(64)))
    first, second = (file.read_text() for file in (tmp_path / "target").iterdir())
    assert first == second
    assert list(tmp_path.glob("scratch-*/*")) == []


def _command(*arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "hoarfrost.engines.natural.piper.cutting", *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        env=dict(os.environ),
    )


def test_the_command_says_in_one_line_what_is_wrong(tmp_path: Path) -> None:
    """Status 1, nothing on the standard output, no traceback."""
    (tmp_path / "v.onnx").write_bytes(b"no model")
    done = _command(tmp_path / "v.onnx", tmp_path / "made")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "voice v: expected an ONNX model, got DecodeError\n"


def test_the_command_wants_a_model_and_a_folder() -> None:
    """Status 2 for a wrong call."""
    done = _command()
    assert done.returncode == 2
    assert done.stderr == "expected a stock model and a folder, got 0 arguments\n"


assert set(FACTS) == {path.stem for path in VOICES.glob("*.onnx")}
