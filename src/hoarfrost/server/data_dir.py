"""The data folder where none is set: the user's own, or a private one in the temporary folder.

In: the user's data folder of the platform. Out: the folder to use, and, on request, that folder
made and checked. Invariant: choosing only looks; `make_private` alone creates anything.
"""

import os
import stat
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

import platformdirs

from hoarfrost.errors import HoarfrostError


class NotPrivate(HoarfrostError):
    """The folder in the temporary folder is not this user's alone, or cannot be made."""


class NoHome(HoarfrostError):
    """The user has no home folder, and thus no data folder."""

    def __init__(self) -> None:
        super().__init__(
            "data_dir: expected a user with a home folder; choose a folder with --data-dir"
        )


def user_data_dir() -> Path:
    """Return the user's data folder, whether it can be written or not.

    Raises:
        NoHome: If there is none.
    """
    try:
        folder = platformdirs.user_data_path("hoarfrost")
    except RuntimeError as error:
        raise NoHome from error
    if not folder.is_absolute():  # "~/...", of older platformdirs
        raise NoHome
    return folder


def temporary_data_dir() -> Path | None:
    """Return a folder of this user in the temporary folder, if the user's data folder is no use.

    The same one for each process of the user, so that commands find the keys of a server. None
    where the user's data folder can be written or holds something already, where there is no
    temporary folder, and on Windows, where every user has a profile.
    """
    if sys.platform == "win32" or _has_usable_home():
        return None
    try:
        return Path(tempfile.gettempdir()).absolute() / f"hoarfrost-{os.geteuid()}"
    except FileNotFoundError:
        return None


def _has_usable_home() -> bool:
    """Return whether the user's data folder holds something, or can be written, or can be made."""
    try:
        folder = user_data_dir()
    except NoHome:
        return False
    existing = next(each for each in (folder, *folder.parents) if os.path.lexists(each))
    if not existing.is_dir():
        return False
    return os.access(existing, os.W_OK | os.X_OK) or (existing == folder and _has_entries(folder))


def _has_entries(folder: Path) -> bool:
    """Return whether somebody put something there: keys and voices may be mounted read-only."""
    try:
        return any(folder.iterdir())
    except OSError:
        return False


def make_private(folder: Path) -> None:
    """Make a folder for this user only, or check that it is one.

    Its name can be guessed, so another user may have made it, or a link in its place, to give us
    keys and voices of theirs.

    Raises:
        NotPrivate: If it cannot be made, or is anything else than a folder that belongs to this
            user and that nobody else has a right to.
    """
    try:
        with suppress(FileExistsError):  # whose it is, is seen below
            folder.mkdir(mode=0o700)
        status = folder.lstat()
    except OSError as error:
        raise NotPrivate(
            f"{folder}: expected to make a private folder, got: {error.strerror}; "
            "choose another with --data-dir or HOARFROST_DATA_DIR"
        ) from error
    if not _is_private(status):
        raise NotPrivate(
            f"{folder}: expected a folder of this user that nobody else may open (mode 0700), got "
            f"{stat.filemode(status.st_mode)} of user {status.st_uid}; remove it, or choose "
            "another with --data-dir or HOARFROST_DATA_DIR"
        )


def _is_private(status: os.stat_result) -> bool:
    if sys.platform == "win32":
        return stat.S_ISDIR(status.st_mode)
    is_ours = status.st_uid == os.geteuid()
    return is_ours and stat.S_ISDIR(status.st_mode) and not status.st_mode & 0o077
