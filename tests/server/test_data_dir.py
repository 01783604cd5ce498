"""The data folder of a user whose own cannot be written, and who else may have a hand in it."""

import os
import tempfile
from pathlib import Path

import platformdirs
import pytest

from hoarfrost.server.configuration import TEMPORARY, load_settings
from hoarfrost.server.data_dir import (
    NoHome,
    NotPrivate,
    make_private,
    temporary_data_dir,
    user_data_dir,
)

pytestmark = pytest.mark.skipif(os.name != "posix", reason="Windows has no such users")


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What this user is given in a temporary folder of the test's own."""
    (tmp_path / "tmp").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))
    return tmp_path / "tmp" / f"hoarfrost-{os.geteuid()}"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home folder that is not there yet."""
    for name in list(os.environ):
        if name.startswith(("HOARFROST_", "XDG_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    return tmp_path / "home"


def close(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make a folder unwritable, also for a superuser, whom no mode stops."""
    real = os.access

    def access(path: str | Path, mode: int) -> bool:
        return not (Path(path) == folder and mode & os.W_OK) and real(path, mode)

    monkeypatch.setattr(os, "access", access)


def test_a_home_that_can_be_made_or_written_is_used(home: Path, temporary: Path) -> None:
    """The nearest folder that is there decides; looking makes none."""
    assert temporary_data_dir() is None
    assert not home.exists()
    user_data_dir().mkdir(parents=True)
    assert temporary_data_dir() is None
    assert not temporary.exists()


@pytest.mark.parametrize("missing", ["home", "share", "nothing"])
def test_a_home_that_cannot_be_written_is_not_used(
    home: Path, temporary: Path, monkeypatch: pytest.MonkeyPatch, missing: str
) -> None:
    """Wherever the way to the data folder ends, there it must be possible to go on."""
    existing = {"home": home.parent, "share": home, "nothing": user_data_dir()}[missing]
    existing.mkdir(parents=True, exist_ok=True)
    close(existing, monkeypatch)
    assert temporary_data_dir() == temporary
    assert not temporary.exists()


@pytest.mark.parametrize("make", [Path.touch, lambda path: path.symlink_to("none")])
def test_a_home_that_is_no_folder_is_not_used(home: Path, temporary: Path, make: object) -> None:
    """A file in its place (``HOME=/dev/null``), or a link to nothing."""
    assert callable(make)
    make(home)
    assert temporary_data_dir() == temporary


def test_what_is_in_a_folder_that_cannot_be_written_is_used(
    home: Path, temporary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Keys and voices may be mounted read-only."""
    folder = user_data_dir()
    folder.mkdir(parents=True)
    close(folder, monkeypatch)
    assert temporary_data_dir() == temporary
    (folder / "keys.json").touch()
    assert temporary_data_dir() is None
    assert home in folder.parents


@pytest.mark.parametrize("older", [True, False])
def test_a_user_without_a_home_has_no_data_folder(
    home: Path, temporary: Path, monkeypatch: pytest.MonkeyPatch, older: bool
) -> None:
    """Of platformdirs, older versions leave the tilde, newer ones raise; neither is a defect."""

    def nowhere(name: str) -> Path:
        if older:
            return Path("~/.local/share") / name
        raise RuntimeError("could not determine the home directory")

    monkeypatch.setattr(platformdirs, "user_data_path", nowhere)
    monkeypatch.setattr(platformdirs, "user_config_path", nowhere)
    with pytest.raises(NoHome, match="--data-dir"):
        user_data_dir()
    assert load_settings().settings.voices_dir == temporary / "voices"
    assert load_settings({"data_dir": "mine"}).settings.data_dir == home.parent / "mine"


def test_a_machine_without_a_temporary_folder_gives_none(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The user's data folder then stays the default, and what cannot be written there is told."""

    def fail() -> str:
        raise FileNotFoundError("no usable temporary directory")

    home.touch()
    monkeypatch.setattr(tempfile, "gettempdir", fail)
    assert load_settings().settings.data_dir == user_data_dir()


def test_settings_tell_of_the_temporary_folder_and_make_nothing(
    home: Path, temporary: Path
) -> None:
    """It has an origin of its own; what was set explicitly stays, usable or not."""
    home.touch()
    loaded = load_settings()
    assert loaded.settings.keys_file == temporary / "keys.json"
    assert (loaded.origins["data_dir"], loaded.origins["keys_file"]) == (TEMPORARY, "default")
    assert load_settings({"data_dir": str(home)}).settings.data_dir == home
    assert not temporary.exists()


def test_a_private_folder_is_made_for_this_user_only(temporary: Path) -> None:
    """Whatever the mask of the process lets through; the second time it is only looked at."""
    before = os.umask(0)
    try:
        make_private(temporary)
    finally:
        os.umask(before)
    assert temporary.stat().st_mode & 0o777 == 0o700
    (temporary / "keys.json").touch()
    make_private(temporary)


@pytest.mark.parametrize("mode", [0o770, 0o701, 0o755, 0o1777])
def test_a_folder_that_others_may_open_is_refused(temporary: Path, mode: int) -> None:
    """A mode is not repaired: what others put there while they could would stay."""
    temporary.mkdir()
    temporary.chmod(mode)
    with pytest.raises(NotPrivate, match=r"expected a folder of this user .* got d.* remove it"):
        make_private(temporary)


def test_a_link_or_a_file_is_refused(temporary: Path) -> None:
    """Even a link to a folder that is private."""
    inner = temporary.with_name("inner")
    inner.mkdir(mode=0o700)
    for make in (lambda: temporary.symlink_to(inner), temporary.touch):
        make()
        with pytest.raises(NotPrivate, match="expected a folder of this user"):
            make_private(temporary)
        temporary.unlink()


def test_a_folder_of_another_user_is_refused(
    temporary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever made it could put keys of their own there."""
    temporary.mkdir(mode=0o700)
    us = os.geteuid()
    monkeypatch.setattr(os, "geteuid", lambda: us + 1)
    with pytest.raises(NotPrivate, match=f"of user {us}; remove it"):
        make_private(temporary)


def test_a_folder_that_cannot_be_made_is_told(temporary: Path) -> None:
    """With the reason of the system, and what to do."""
    temporary.parent.rmdir()
    temporary.parent.touch()
    with pytest.raises(NotPrivate, match="Not a directory; choose another with --data-dir"):
        make_private(temporary)
