"""The bound that a cut is held to: float32 rounding passes it, a wrong cut does not."""

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import helper, numpy_helper

from hoarfrost.engines.natural.piper.cutting import SOUND, Cut
from hoarfrost.engines.natural.piper.cutting.cutter import cut, prove
from hoarfrost.engines.natural.piper.cutting.model import CannotCut, open_model, read_model
from hoarfrost.engines.natural.piper.cutting.proof import (
    LIMIT,
    TOLERANCE,
    CutModel,
    Sentence,
    SoundGraph,
    StockModel,
    allowed_error,
    one_frame_each,
    own_error,
    relative_error,
    worst_error,
)
from tests.engines.natural.piper.trained import trained_voice

CutOnce = Callable[[str], tuple[Cut, Path]]
Stock = Callable[[str], Path]
SPOKEN = Sentence([1, 0] + [id_ for n in range(14, 44) for id_ in (n, 0)] + [2])
"""Thirty of a trained voice's symbols as it was trained on them: start, each with a pad, end."""


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> tuple[onnx.ModelProto, Path]:
    """A real voice, and the folder that it was cut into."""
    stock, made = trained_voice(), tmp_path_factory.mktemp("trained") / "cut"
    found = cut(stock, made)
    assert not found.is_whole, found.reason
    return read_model(stock), made


@pytest.mark.parametrize(
    "said",
    [one_frame_each([1]), one_frame_each([n % 40 for n in range(33)]), SPOKEN],
    ids=["one frame", "33 frames", "a sentence"],
)
def test_a_trained_voice_in_windows_is_its_stock_model(
    said: Sentence, trained: tuple[onnx.ModelProto, Path]
) -> None:
    """In windows of one frame, in growing ones, and all at once."""
    stock, made = trained
    schedules = [[1], [8, 16, 32], [1 << 20]]
    assert worst_error(StockModel(stock), CutModel(made), [said], schedules) < TOLERANCE


@pytest.mark.heavy
def test_a_trained_voice_differs_from_itself_by_no_less_than_a_tenth_of_the_bound(
    trained: tuple[onnx.ModelProto, Path],
) -> None:
    """The bound is of the size of what float32 leaves open, not a licence."""
    stock, made = trained
    assert TOLERANCE / 100 < own_error(stock, CutModel(made), [SPOKEN]) < TOLERANCE


def _states(model: onnx.ModelProto) -> list[str]:
    return [entry.name for entry in model.graph.input if entry.name.startswith("state_")]


def _forgetting(model: onnx.ModelProto, state: str) -> onnx.ModelProto:
    """Hand on zeros in the place of one state."""
    (node,) = (node for node in model.graph.node if f"{state}_out" in node.output)
    node.output[list(node.output).index(f"{state}_out")] = "forgotten"
    zero = numpy_helper.from_array(np.zeros(1, np.float32), "nothing")
    model.graph.initializer.append(zero)
    model.graph.node.append(helper.make_node("Mul", ["forgotten", "nothing"], [f"{state}_out"]))
    return model


@pytest.mark.heavy
@pytest.mark.parametrize("name", ["en_US-fixture-low", "de_DE-crowd-low"])
def test_every_state_that_is_forgotten_is_seen(
    name: str, stock: Stock, cut_once: CutOnce, tmp_path: Path
) -> None:
    """Whichever convolution starts every window anew, its samples are far beyond the bound."""
    made = cut_once(name)[1]
    model, parts = StockModel(read_model(stock(name))), CutModel(made)
    said = one_frame_each([n % 40 for n in range(parts.sound.lookahead_frames + 9)])
    frames, noise, beside = parts.frames(said)
    expected = model.say(said, noise)
    sound = onnx.load(made / SOUND)
    states = [state for state in _states(sound) if _is_read_later(sound, state)]
    errors = {}
    for state in states:
        changed = onnx.ModelProto()
        changed.CopyFrom(sound)
        graph = SoundGraph(open_model(_forgetting(changed, state)))
        errors[state] = relative_error(graph.stream(frames, [1], beside), expected)
    assert min(errors.values()) > LIMIT, errors


@pytest.mark.heavy
def test_a_trained_cut_that_forgets_one_state_is_not_kept(
    trained: tuple[onnx.ModelProto, Path], tmp_path: Path
) -> None:
    """The first convolution of the flow and the last one of the decoder."""
    stock, made = trained
    sound = onnx.load(made / SOUND)
    states = [s for s in _states(sound) if _is_read_later(sound, s)]
    for state in (states[0], states[-1]):
        broken = tmp_path / state
        shutil.copytree(made, broken)
        changed = onnx.ModelProto()
        changed.CopyFrom(sound)
        onnx.save(_forgetting(changed, state), broken / SOUND)
        with pytest.raises(CannotCut, match="in parts its samples are"):
            prove(stock, broken, n_symbols=130, n_speakers=1)


def _is_read_later(model: onnx.ModelProto, state: str) -> bool:
    """Return whether a state is more than the mark of the first call, whose values nobody reads."""
    readers = [node for node in model.graph.node if state in node.input]
    return any(node.op_type == "Concat" for node in readers)


def _amplified(model: onnx.ModelProto, gain: float) -> onnx.ModelProto:
    """Multiply the sound before its last function, and with it whatever float32 rounded off."""
    last = next(node for node in model.graph.node if node.op_type == "Tanh" and "dec" in node.name)
    place = list(model.graph.node).index(last)
    model.graph.initializer.append(numpy_helper.from_array(np.array(gain, np.float32), "gain"))
    model.graph.node.insert(place, helper.make_node("Mul", [last.input[0], "gain"], ["loud"]))
    last.input[0] = "loud"
    return model


@pytest.mark.heavy
def test_a_voice_may_be_off_as_far_as_it_is_from_itself(
    stock: Stock, cut_once: CutOnce, tmp_path: Path
) -> None:
    """One whose own rounding is above the usual bound is cut all the same."""
    name, path = "en_US-fixture-low", tmp_path / "v.onnx"
    said = one_frame_each([n % 40 for n in range(52)])
    usual = own_error(read_model(stock(name)), CutModel(cut_once(name)[1]), [said])
    onnx.save(_amplified(onnx.load(stock(name)), 20 * TOLERANCE / usual), path)
    found = cut(path, tmp_path / "made")
    assert not found.is_whole, found.reason
    model, parts = StockModel(read_model(path)), CutModel(tmp_path / "made")
    assert worst_error(model, parts, [said], [[1]]) > TOLERANCE


@pytest.mark.parametrize(
    ("own", "allowed"),
    [(0.0, TOLERANCE), (2e-5, TOLERANCE), (1e-4, 4e-4), (1e-3, LIMIT), (float("inf"), LIMIT)],
)
def test_the_bound_grows_with_what_float32_leaves_open_and_ends(own: float, allowed: float) -> None:
    """Never below the usual bound, never where a wrong cut would pass."""
    assert allowed_error(own) == allowed


def test_samples_of_another_length_or_without_a_number_are_infinitely_off() -> None:
    """Nothing passes the bound by being short or broken."""
    one = np.ones(3, np.float32)
    assert relative_error(one[:2], one) == float("inf")
    assert relative_error(one * np.nan, one) == float("inf")
    assert relative_error(one, one) == 0
