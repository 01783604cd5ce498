"""``hoarfrost voices remove``: out of the folder, seen from the terminal."""

from pathlib import Path

import pytest

from hoarfrost.voices.folder import VoicesFolder
from tests.cli.conftest import Run

NAME = "en_US-lessac-medium"


@pytest.fixture
def voices(folder: Path) -> VoicesFolder:
    """The folder of the voices, with two in it."""
    voices = VoicesFolder(folder / "data" / "voices")
    voices.path.mkdir(parents=True)
    for name in (NAME, "en_US-libritts-low"):
        (voices.path / f"{name}.onnx").write_bytes(bytes(60_000))
        (voices.path / f"{name}.onnx.json").write_bytes(bytes(400))
    return voices


def test_a_voice_is_removed_and_what_was_freed_told(run: Run, voices: VoicesFolder) -> None:
    """Case does not matter, and nobody is asked."""
    result = run("voices", "remove", NAME.lower())
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout == f"{NAME} is removed: 60.4 kB freed\n"
    assert voices.installed() == ["en_US-libritts-low"]
    assert run("voices", "remove", "en_US-libritts-low", "--voices-dir", str(voices.path)).stdout
    assert voices.installed() == []


REFUSED = [
    ("en_US-lesac-medium", "expected a voice in {} (perhaps en_US-lessac-medium), got '{}'"),
    ("qqqq", "expected a voice in {}, got '{}'"),
    (
        "Tone-LOW",
        "expected a voice in {}, got '{}', which comes with the engine tone and cannot be removed",
    ),
]


@pytest.mark.parametrize(("name", "told"), REFUSED)
def test_what_was_not_added_cannot_be_removed(
    run: Run, voices: VoicesFolder, name: str, told: str
) -> None:
    """A slip, and a voice that an engine brings along, are usage errors that say so."""
    result = run("voices", "remove", name)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == f"hoarfrost: {told.format(voices.path, name)}\n"
    assert len(voices.installed()) == 2


def test_a_speaker_is_a_part_of_its_model(run: Run, voices: VoicesFolder) -> None:
    """One speaker of many cannot be taken out of a model."""
    result = run("voices", "remove", "en_us-libritts-low.p7")
    assert result.exit_code == 2
    assert result.stderr == (
        "hoarfrost: expected the name of a whole model (en_US-libritts-low), got its speaker "
        "'en_us-libritts-low.p7'\n"
    )


def test_settings_that_still_name_it_are_told(run: Run, voices: VoicesFolder, folder: Path) -> None:
    """A server would not start with an alias for a voice that is gone."""
    (folder / "hoarfrost.toml").write_text(
        f'default_speaker = "{NAME}"\n[aliases]\nluna = ["tone", "{NAME.lower()}"]\ncove = "tone"\n'
    )
    result = run("voices", "remove", NAME)
    assert result.exit_code == 0
    assert result.stderr == (
        f"hoarfrost: the alias luna of your settings still stands for {NAME}: take it out\n"
        f"hoarfrost: default_speaker of your settings is still {NAME}: take it out\n"
    )
