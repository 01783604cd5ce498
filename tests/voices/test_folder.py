"""The folder of the voices: what is installed, what is put in place, what is removed."""

from pathlib import Path

import pytest

from hoarfrost.voices.catalogue import CARD_SUFFIX, CONFIG_SUFFIX, MODEL_SUFFIX
from hoarfrost.voices.faults import LibraryFault, UnknownVoice
from hoarfrost.voices.folder import VoicesFolder
from tests.voices.publisher import CARD

NAME = "en_US-lessac-medium"


def install(folder: VoicesFolder, name: str = NAME) -> None:
    folder.path.mkdir(exist_ok=True)
    folder.path_of(name).write_bytes(bytes(1000))
    folder.path_of(name, CONFIG_SUFFIX).write_bytes(bytes(100))
    folder.path_of(name, CARD_SUFFIX).write_text(CARD)


def test_a_folder_that_is_not_there_holds_nothing(folder: VoicesFolder) -> None:
    """Before the first voice there is no folder, and that is no fault."""
    assert folder.installed() == []
    assert folder.find(NAME) is None
    assert folder.n_bytes_incoming(NAME) == 0
    assert folder.licence_of(NAME) is None
    assert not folder.path.exists()


def test_what_is_installed_has_model_and_configuration(folder: VoicesFolder) -> None:
    """Half a voice, a folder of that name, hidden files and others do not count."""
    install(folder, "b-voice")
    install(folder, "A-voice")
    folder.path_of("half").touch()
    folder.path_of("other", CONFIG_SUFFIX).touch()
    folder.path_of("").touch()
    folder.path_of("", CONFIG_SUFFIX).touch()
    folder.path_of("folder").mkdir()
    folder.path_of("folder", CONFIG_SUFFIX).touch()
    assert folder.installed() == ["A-voice", "b-voice"]
    assert folder.find("B-VOICE ") == "b-voice"
    assert folder.find("half") is None


def test_a_folder_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    """A file where the folder should be is named."""
    path = tmp_path / "voices"
    path.touch()
    with pytest.raises(
        LibraryFault, match=r"voices: expected a folder of voices to read, got: Not"
    ):
        VoicesFolder(path).installed()


def test_the_licence_is_that_of_the_card(folder: VoicesFolder) -> None:
    """It is read from the card beside the voice, whatever bytes that has."""
    install(folder)
    assert folder.licence_of(NAME) == "CC0 1.0"
    folder.path_of(NAME, CARD_SUFFIX).write_bytes(b"\xff\n* License: MIT \xe9")
    assert folder.licence_of(NAME) == "MIT \ufffd"


def test_the_model_is_put_in_place_last(folder: VoicesFolder) -> None:
    """If it breaks off in the middle, the model is what is missing."""
    incoming = {
        suffix: folder.incoming_of(NAME, suffix)
        for suffix in (MODEL_SUFFIX, CARD_SUFFIX, CONFIG_SUFFIX)
    }
    incoming[MODEL_SUFFIX].parent.mkdir(parents=True)
    for suffix in (CONFIG_SUFFIX, CARD_SUFFIX):
        incoming[suffix].write_text(suffix)
    with pytest.raises(LibraryFault, match="expected to write there, got: No such file"):
        folder.place(NAME, incoming)
    assert folder.path_of(NAME, CONFIG_SUFFIX).read_text() == CONFIG_SUFFIX
    assert folder.installed() == []
    incoming[CONFIG_SUFFIX].write_text("again")
    incoming[CARD_SUFFIX].write_text("again")
    incoming[MODEL_SUFFIX].write_text("again")
    folder.place(NAME, incoming)
    assert folder.installed() == [NAME]
    assert all(folder.path_of(NAME, suffix).read_text() == "again" for suffix in incoming)
    assert not any(path.exists() for path in incoming.values())


def test_what_is_incoming_does_not_look_like_a_voice(folder: VoicesFolder) -> None:
    """Nobody who searches for models, in depth even, comes upon a part of one."""
    part = folder.incoming_of(NAME, MODEL_SUFFIX)
    part.parent.mkdir(parents=True)
    part.write_bytes(bytes(7))
    assert list(folder.path.rglob("*.onnx")) == []
    assert part.parent.name.startswith(".")
    assert folder.n_bytes_incoming(NAME) == 7


def test_a_voice_is_removed_with_all_that_was_made_of_it(folder: VoicesFolder) -> None:
    """Files, cut and parts of a voice go; others stay; the bytes freed are told."""
    install(folder)
    install(folder, "other")
    cut = folder.path / ".cut" / NAME
    (cut / "deep").mkdir(parents=True)
    (cut / "deep" / "text.onnx").write_bytes(bytes(500))
    (cut.parent / "other").mkdir()
    part = folder.incoming_of(NAME, MODEL_SUFFIX)
    part.parent.mkdir(parents=True)
    part.write_bytes(bytes(30))
    part.with_name(f"{part.name}.etag").write_bytes(bytes(4))
    assert folder.remove(NAME.upper()) == 1000 + 100 + len(CARD) + 500 + 34
    assert folder.installed() == ["other"]
    assert sorted(path.name for path in folder.path.iterdir()) == [
        *(".cut", ".incoming", "other.MODEL_CARD", "other.onnx", "other.onnx.json")
    ]
    assert [path.name for path in cut.parent.iterdir()] == ["other"]
    assert [path.suffix for path in part.parent.iterdir()] == [".lock"]


def test_links_are_removed_and_not_followed(folder: VoicesFolder, tmp_path: Path) -> None:
    """A voice that was linked into the folder leaves it; what it points to stays."""
    elsewhere = VoicesFolder(tmp_path / "elsewhere")
    install(elsewhere)
    folder.path.mkdir()
    for suffix in (MODEL_SUFFIX, CONFIG_SUFFIX):
        folder.path_of(NAME, suffix).symlink_to(elsewhere.path_of(NAME, suffix))
    (folder.path / ".cut").mkdir()
    (folder.path / ".cut" / NAME).symlink_to(elsewhere.path)
    assert folder.remove(NAME) < 1000
    assert folder.installed() == []
    assert list((folder.path / ".cut").iterdir()) == []
    assert elsewhere.installed() == [NAME]


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("en_US-lesac-medium", " (perhaps en_US-lessac-medium)"),
        ("qqqq", ""),
        ("../other/en_US-lessac-medium", " (perhaps en_US-lessac-medium)"),
    ],
)
def test_what_is_not_there_is_answered_with_what_is_close(
    folder: VoicesFolder, name: str, hint: str
) -> None:
    """A slip offers the voices of the folder that look like it."""
    install(folder)
    with pytest.raises(UnknownVoice) as caught:
        folder.remove(name)
    assert str(caught.value) == f"expected a voice in {folder.path}{hint}, got {name!r}"
    assert folder.installed() == [NAME]


def test_too_little_room_is_told_before_anything_is_fetched(folder: VoicesFolder) -> None:
    """No disk has a zettabyte; every disk has nothing."""
    folder.path.mkdir()
    folder.check_room(0)
    with pytest.raises(
        LibraryFault, match=rf"expected {10**21} bytes of free space, got \d+; make"
    ):
        folder.check_room(10**21)
