"""``hoarfrost voices add``: voices that lie on the disk already."""

import shutil
from pathlib import Path

import pytest

from hoarfrost.engines.natural.piper.importing import is_imported
from hoarfrost.engines.natural.piper.stock import card_of, config_of
from hoarfrost.voices.folder import VoicesFolder
from tests.cli.conftest import Run
from tests.engines.natural.piper.humming import write_humming
from tests.engines.natural.piper.trained import trained_voice

NAME = "en_US-mine-low"


@pytest.fixture
def voices(folder: Path) -> VoicesFolder:
    """The folder of the voices, by default."""
    return VoicesFolder(folder / "data" / "voices")


@pytest.fixture
def stock(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model that runs, in a folder whose name has a space in it."""
    folder = tmp_path_factory.mktemp("a stick") / "my voices"
    folder.mkdir()
    return write_humming(folder, NAME)


def test_a_model_is_copied_prepared_and_spoken(
    run: Run, stock: Path, voices: VoicesFolder, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It needs no network, stays where it was, and can be used at once."""
    monkeypatch.setenv("HOARFROST_ENGINES", "natural")
    (stock.parent / "MODEL_CARD").write_text("* License: CC-BY 4.0\n", "utf-8")
    result = run("voices", "add", str(stock))
    assert result.exit_code == 0, result.stderr
    lines = result.stdout.splitlines()
    assert lines[0].startswith(f"{NAME} is added: ")
    assert lines[1] == f"Licence: CC-BY 4.0  (of its data, says {NAME}.MODEL_CARD)"
    assert f"hoarfrost: copying {NAME} (" in result.stderr
    assert stock.is_file()
    assert is_imported(voices.path_of(NAME))
    assert run("say", "--speaker", NAME, "-o", "hello.wav", "Hello there.").exit_code == 0
    assert (folder / "hello.wav").stat().st_size > 44


def test_a_folder_brings_all_its_models(run: Run, stock: Path, voices: VoicesFolder) -> None:
    """Of several voices each has its own card, or none: whose the folder's is, nobody can tell."""
    write_humming(stock.parent, "en_US-other-low")
    card_of(stock).write_text("License: MIT\n", "utf-8")
    (stock.parent / "MODEL_CARD").write_text("License: Apache-2.0\n", "utf-8")
    result = run("voices", "add", str(stock.parent))
    assert result.exit_code == 0, result.stderr
    assert voices.installed() == [NAME, "en_US-other-low"]
    assert (voices.licence_of(NAME), voices.licence_of("en_US-other-low")) == ("MIT", None)


def test_a_licence_file_tells_where_no_card_does(
    run: Run, stock: Path, voices: VoicesFolder
) -> None:
    """Its first line, as it stands."""
    (stock.parent / "LICENSE").write_text("\n  The Unlicense\n\nThis is free.\n", "utf-8")
    assert run("voices", "add", str(stock)).exit_code == 0
    assert voices.licence_of(NAME) == "The Unlicense"


def test_what_is_there_is_not_copied_again(run: Run, stock: Path) -> None:
    """Unless it is forced."""
    run("voices", "add", str(stock))
    again = run("voices", "add", str(stock))
    assert again.stdout == f"{NAME} is there already; --force brings it anew.\n"
    assert f"{NAME} is added: " in run("voices", "add", "--force", str(stock)).stdout


def _without_config(stock: Path) -> Path:
    config_of(stock).unlink()
    return stock


def _empty(stock: Path) -> Path:
    folder = stock.parent / "empty"
    folder.mkdir()
    return folder


def _broken(stock: Path) -> Path:
    stock.write_bytes(b"no model")
    return stock


@pytest.mark.parametrize(
    ("spoil", "status", "reason"),
    [
        (_without_config, 1, "expected its configuration en_US-mine-low.onnx.json beside it, got"),
        (_empty, 2, "expected a folder with NAME.onnx in it, got none there"),
        (
            config_of,
            2,
            "expected a model, NAME.onnx, or its folder, got anoth",
        ),
        (lambda stock: stock.with_name("no.onnx"), 2, "or its folder, got nothing"),
        (_broken, 1, "expected an ONNX model"),
    ],
)
def test_what_is_no_voice_is_refused_and_leaves_nothing(
    spoil: object, status: int, reason: str, run: Run, stock: Path, voices: VoicesFolder
) -> None:
    """One line says what was expected; the folder of voices stays empty."""
    assert callable(spoil)
    result = run("voices", "add", str(spoil(stock)))
    assert (result.exit_code, result.stdout) == (status, "")
    assert reason in result.stderr
    assert voices.installed() == []


@pytest.mark.heavy
def test_a_voice_of_a_package_speaks(
    run: Run, voices: VoicesFolder, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A trained voice, taken from an installed package: it is cut, and knows its licence."""
    monkeypatch.setenv("HOARFROST_ENGINES", "natural")
    result = run("voices", "add", str(trained_voice().parent))
    assert result.exit_code == 0, result.stderr
    assert "Licence: CC0" in result.stdout
    assert "sentence by sentence" not in result.stderr
    assert run("say", "--speaker", "en_US-joe-medium", "-o", "joe.wav", "Hi Joe.").exit_code == 0
    shutil.rmtree(voices.path)
