"""The data folder: the wheel's data with variants of our own, and nothing of it left behind."""

import sys
from collections.abc import Iterator
from pathlib import Path

import espeakng_loader
import pytest

from hoarfrost.errors import VoiceFault
from hoarfrost.espeak.data_folder import DataFolder


def test_it_looks_like_the_wheels_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Dictionaries are there; languages are found by file name and by tag, in lower case."""
    monkeypatch.setattr("hoarfrost.espeak.data_folder._memory_disk", lambda: str(tmp_path))
    folder = DataFolder()
    source = Path(espeakng_loader.get_data_path())
    assert (folder.path / "en_dict").read_bytes() == (source / "en_dict").read_bytes()
    for name in ("en-us", "en-gb", "fr-fr", "fr", "es-419", "en-gb-scotland", "cmn"):
        assert (folder.path / "voices" / name).is_file()
    folder.close()
    assert not folder.path.exists()
    assert (source / "en_dict").exists()


@pytest.fixture(scope="module")
def folder() -> Iterator[DataFolder]:
    folder = DataFolder()
    yield folder
    folder.close()


def test_a_variant_is_written_once(folder: DataFolder) -> None:
    """The same lines have one name; others have another; a variant's own lines come first."""
    name = folder.name_of("f2", "pitch 90 120")
    assert folder.name_of("f2", "pitch 90 120") == name
    assert folder.name_of("f2", "pitch 90 121") != name
    assert folder.name_of("", "pitch 90 120") != name
    lines = (folder.path / "voices" / "!v" / name).read_text().splitlines()
    assert lines[-1] == "pitch 90 120"
    assert "language variant" in lines
    assert len(name) < 30


@pytest.mark.parametrize("variant", ["nobody", "../../lang/gmw", "."])
def test_an_unknown_variant_is_refused(folder: DataFolder, variant: str) -> None:
    """The fault names it."""
    with pytest.raises(VoiceFault, match="expected one of its variants"):
        folder.name_of(variant, "")


def test_without_links_the_data_is_copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a system that lets nobody make links, the folder is as good."""

    def refuse(*_: object, **__: object) -> None:
        raise OSError("no links here")

    monkeypatch.setattr("hoarfrost.espeak.data_folder._memory_disk", lambda: str(tmp_path))
    monkeypatch.setattr(Path, "symlink_to", refuse)
    folder = DataFolder()
    assert not (folder.path / "en_dict").is_symlink()
    assert (folder.path / "lang" / "gmw" / "de").is_file()
    folder.close()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such locks")
def test_folders_of_killed_processes_are_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A new folder takes those away that nobody holds, and leaves those that are in use."""
    monkeypatch.setattr("hoarfrost.espeak.data_folder._memory_disk", lambda: str(tmp_path))
    alive, killed, half_made = DataFolder(), DataFolder(), tmp_path / "hoarfrost-espeak-x"
    assert killed._lock is not None
    killed._lock.close()  # as the system does when a process is killed
    half_made.mkdir()
    DataFolder().close()
    assert alive.path.exists()
    assert not killed.path.exists()
    assert half_made.exists()
    alive.close()
    assert not alive.path.exists()
