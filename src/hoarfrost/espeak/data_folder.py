"""The data that the library reads, with room for voice variants of our own.

In: the ``espeak-ng-data`` folder of the wheel, and the text of variant files. Out: a folder that
looks like it and whose ``voices/!v`` holds those variants. Invariant: the wheel's folder is never
written to.

The library finds a variant only by name inside its data folder; hence a private folder of links.
"""

import hashlib
import os
import shutil
import tempfile
from pathlib import Path
from types import ModuleType
from typing import BinaryIO

from hoarfrost.errors import VoiceFault
from hoarfrost.espeak.loader import loader

fcntl: ModuleType | None
try:
    import fcntl
except ModuleNotFoundError:  # Windows has no such locks: orphans stay until its clean-up
    fcntl = None

_PREFIX = "hoarfrost-espeak-"
_LOCK = "lock"
"""A file that is locked as long as a process reads the folder. The system lets go of the lock of a
process that was killed, which is how its folder is known for an orphan."""

_OWN_HEADER = "language variant\n"


class DataFolder:
    """A private data folder, removed by `close`."""

    def __init__(self) -> None:
        parent = _memory_disk()
        _remove_orphans(Path(parent or tempfile.gettempdir()))
        self.path = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=parent))
        self._lock = _lock(self.path)
        self._creator = os.getpid()
        self._variants = self.path / "voices" / "!v"
        self._variants.mkdir(parents=True)
        self._source = source = Path(loader().get_data_path())
        for entry in source.iterdir():
            if entry.name != "voices":
                _link(entry, self.path / entry.name)
        # Where it looks first, in lower case, so that it need not list all voices (25 ms) to find
        # one; and by language too (``en-gb``), since it does not look for those in file names.
        files = sorted(file for file in (source / "lang").rglob("*") if file.is_file())
        named = {file.name.lower(): file for file in files}
        by_language = {tag: file for file in reversed(files) for tag in _languages_of(file)}
        for name, file in (by_language | named).items():
            _link(file, self._variants.parent / name)

    def name_of(self, variant: str, tuning: str) -> str:
        """Return the name under which the library finds a voice variant; write its file at first.

        Args:
            variant: Name of one of the wheel's variants, or nothing.
            tuning: Lines to add to it; where both say something, these count.

        Raises:
            VoiceFault: If there is no such variant.
        """
        # A digest, since the library keeps names in 40 bytes and the same lines are one voice.
        digest = hashlib.blake2b(f"{variant}\n{tuning}".encode(), digest_size=8).hexdigest()
        file = self._variants / f"v{digest}"
        if not file.exists():
            lines = self._lines_of(variant) if variant else _OWN_HEADER
            file.write_text(f"{lines}\n{tuning}\n", encoding="utf-8")
        return file.name

    def _lines_of(self, variant: str) -> str:
        try:
            return (self._source / "voices" / "!v" / variant).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise VoiceFault(f"espeak-ng: expected one of its variants, got {variant!r}") from error

    def close(self) -> None:
        """Remove the folder, unless this is a forked child: then its parent still reads it."""
        if os.getpid() == self._creator:
            shutil.rmtree(self.path, ignore_errors=True)
        if self._lock is not None:
            self._lock.close()
            self._lock = None


def _languages_of(file: Path) -> list[str]:
    """Return the tags of the ``language`` lines of a voice file."""
    lines = file.read_bytes().decode(errors="replace").splitlines()
    return [line.split()[1].lower() for line in lines if line.startswith("language ")]


def _memory_disk() -> str | None:
    """Return a folder in memory where there is one: 300 links take 0.4 s to remove from a disk."""
    folder = "/dev/shm"  # noqa: S108  # mkdtemp makes a folder in it that is ours alone
    return folder if os.access(folder, os.W_OK | os.X_OK) else None


def _lock(folder: Path) -> BinaryIO | None:
    """Mark a folder as being in use until the file that is returned is closed."""
    if fcntl is None:
        return None
    made = folder / f"{_LOCK}.new"
    file = made.open("wb")
    fcntl.flock(file, fcntl.LOCK_SH)
    made.rename(folder / _LOCK)  # only now others see it, locked already
    return file


def _remove_orphans(parent: Path) -> None:
    """Remove the folders of processes that had no chance to."""
    if fcntl is None:
        return
    for folder in parent.glob(f"{_PREFIX}*"):
        try:
            with (folder / _LOCK).open("rb") as file:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder)
        except OSError:  # in use, somebody else's, or just being made or removed
            continue


def _link(source: Path, target: Path) -> None:
    try:
        target.symlink_to(source, target_is_directory=source.is_dir())
    except OSError:  # a file system or an account without links: 18 MB of copies then
        if source.is_dir():
            shutil.copytree(source, target)
        else:
            shutil.copy(source, target)
