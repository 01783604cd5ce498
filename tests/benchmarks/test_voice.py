"""Which voice the benchmarks run with."""

from pathlib import Path

import pytest

from benchmarks import voice

FIXTURE = Path(__file__).parent.parent / "voices" / "en_US-fixture-low.onnx"


def test_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """A voice that the environment names is taken."""
    monkeypatch.setenv(voice.VARIABLE, str(FIXTURE))
    assert voice.find_or_make() == FIXTURE


@pytest.mark.parametrize("has_model", [True, False])
def test_named_in_vain(has_model: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A voice that is not there, or lacks its configuration, is refused rather than replaced."""
    model = tmp_path / "en_US-mine-low.onnx"
    if has_model:
        model.touch()
    monkeypatch.setenv(voice.VARIABLE, str(model))
    with pytest.raises(FileNotFoundError, match=r"expected a model with its \.onnx\.json, got"):
        voice.find_or_make()


def test_beside_the_repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A voice in the folder that is shared with the repository is taken as it is."""
    monkeypatch.delenv(voice.VARIABLE, raising=False)
    monkeypatch.setattr(voice, "ROOT", tmp_path / "main")
    model = tmp_path / "shared" / "voices" / f"{voice.NAME}.onnx"
    model.parent.mkdir(parents=True)
    for path in (model, model.with_name(f"{model.name}.json")):
        path.touch()
    assert voice.find_or_make() == model
