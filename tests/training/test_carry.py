"""Carrying: a graph fed window after window gives what the plain one gives at once."""

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

torch = pytest.importorskip("torch", reason="training needs the extra `training` (torch)")
onnx = pytest.importorskip("onnx", reason="export needs the extra `training` (onnx)")

import onnxruntime  # noqa: E402 - after the skips
from hypothesis import given, settings  # noqa: E402
from hypothesis import strategies as st  # noqa: E402
from onnx import TensorProto, helper  # noqa: E402
from training.acoustic import Acoustic  # noqa: E402
from training.carry import carry  # noqa: E402
from training.config import AcousticSize, VocoderSize  # noqa: E402
from training.export import trace_decoder  # noqa: E402
from training.vocoder import Vocoder  # noqa: E402

Floats = npt.NDArray[np.float32]
WIDTH = 16
LOOKAHEAD = 2 * 3 + 1 * 2 + 2  # two blocks of 7, one of 5, the vocoder's entry of 5


@pytest.fixture(scope="module")
def sessions(
    tmp_path_factory: pytest.TempPathFactory,
) -> tuple[onnxruntime.InferenceSession, onnxruntime.InferenceSession]:
    """A small decoder, plain and carried."""
    folder = tmp_path_factory.mktemp("carry")
    torch.manual_seed(3)
    acoustic = Acoustic(5, AcousticSize(encoder=WIDTH, decoder=24, decoder_blocks=2)).eval()
    vocoder = Vocoder(VocoderSize(channels=24, blocks=1)).eval()
    acoustic.mel_mean.normal_()
    trace_decoder(acoustic, vocoder, folder / "plain.onnx")
    carry(folder / "plain.onnx", folder / "carried.onnx")
    provider = ["CPUExecutionProvider"]
    plain, carried = (
        onnxruntime.InferenceSession(str(folder / f"{name}.onnx"), providers=provider)
        for name in ("plain", "carried")
    )
    return plain, carried


def curves(session: onnxruntime.InferenceSession, frames: Floats) -> Floats:
    """All curves of a plain graph side by side: shape (n, bins)."""
    feed = {"frames": frames[None], "lz": frames[None, :, 0], "vu": frames[None, :, 1]}
    return np.concatenate([part[0] for part in session.run(["h", "n", "ph"], feed)], axis=1)


def carried_curves(
    session: onnxruntime.InferenceSession, frames: Floats, cuts: list[int]
) -> list[Floats]:
    """The same of a carried graph, fed from cut to cut."""
    metadata = session.get_modelmeta().custom_metadata_map
    widths = {i.name: i.shape[1] for i in session.get_inputs() if i.name.startswith("state_")}
    state = {
        f"state_{i}": np.zeros((int(n), widths[f"state_{i}"]), np.float32)
        for i, n in enumerate(metadata["state_rows"].split(","))
    }
    parts = []
    for start, stop in zip([0, *cuts], [*cuts, len(frames)], strict=True):
        cut = frames[start:stop]
        feed = {"frames": cut, "lz": cut[:, :1], "vu": cut[:, 1:2], **state}
        feed["last"] = np.array([stop == len(frames)], np.int64)
        results = session.run(["h", "n", "ph", *(f"{name}_out" for name in state)], feed)
        state = dict(zip(state, results[3:], strict=True))
        parts.append(np.concatenate(results[:3], axis=1))
    return parts


@settings(max_examples=25, deadline=None)
@given(st.integers(LOOKAHEAD + 1, 60), st.lists(st.integers(1, 59), max_size=6, unique=True))
def test_windows_give_what_the_plain_graph_gives(
    sessions: tuple[onnxruntime.InferenceSession, onnxruntime.InferenceSession],
    n: int,
    places: list[int],
) -> None:
    """However the frames are cut, late by the lookahead and complete at the end."""
    cuts = sorted(c for c in places if LOOKAHEAD < c < n)
    frames = np.random.default_rng(n).standard_normal((n, WIDTH)).astype(np.float32)
    plain, carried = sessions
    parts = carried_curves(carried, frames, cuts)
    if cuts:
        assert len(parts[0]) == cuts[0] - LOOKAHEAD
    got, wanted = np.concatenate(parts), curves(plain, frames)
    assert got.shape == wanted.shape
    # 1e-3: the carried graph keeps its weights in half precision, after a gain went into them.
    assert np.abs(got - wanted).max() < 2e-3 * np.abs(wanted).max()


def test_the_lookahead_is_told(
    sessions: tuple[onnxruntime.InferenceSession, onnxruntime.InferenceSession],
) -> None:
    """Half of every convolution on the way is what the curves are late by."""
    metadata = sessions[1].get_modelmeta().custom_metadata_map
    assert metadata["lookahead_frames"] == str(LOOKAHEAD)


def test_foreign_operations_are_refused(tmp_path: Path) -> None:
    """A graph with an operation that has no row-by-row form is an error that names it."""
    graph = helper.make_graph(
        [helper.make_node("CumSum", ["frames", "axis"], ["h"])],
        "foreign",
        [helper.make_tensor_value_info("frames", TensorProto.FLOAT, [1, "n", 4])],
        [helper.make_tensor_value_info("h", TensorProto.FLOAT, [1, "n", 4])],
        [onnx.numpy_helper.from_array(np.array(1), "axis")],
    )
    onnx.save(helper.make_model(graph), tmp_path / "foreign.onnx")
    with pytest.raises(ValueError, match="got CumSum"):
        carry(tmp_path / "foreign.onnx", tmp_path / "carried.onnx")
