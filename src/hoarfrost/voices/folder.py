"""The folder that the added voices lie in, flat: ``NAME.onnx``, ``NAME.onnx.json``, a model card.

Files may as well be put there by hand. Beside them are hidden: ``.incoming/`` with what is being
fetched and with the locks, ``.cut/NAME`` with what an engine made of a voice, ``.catalogue.json``.
"""

import os
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Final

from hoarfrost.voices.catalogue import CARD_SUFFIX, CONFIG_SUFFIX, MODEL_SUFFIX, folded
from hoarfrost.voices.faults import LibraryFault, UnknownVoice, writing
from hoarfrost.voices.locking import take
from hoarfrost.voices.model_card import licence_in

INCOMING_NAME: Final = ".incoming"
CUT_NAME: Final = ".cut"
MANIFEST_NAME: Final = "voice.json"

# In this order they are put in place, so that a model never stands without its configuration; and
# in the reverse order they are removed.
PLACING_ORDER: Final = (CONFIG_SUFFIX, CARD_SUFFIX, MODEL_SUFFIX)

_CARD_BYTES: Final = 100_000


@dataclass(frozen=True, slots=True)
class VoicesFolder:
    """The voices of one folder. Several processes may use the same folder at once.

    Attributes:
        path: The folder; made with the first voice.
    """

    path: Path

    def installed(self) -> list[str]:
        """Return the names of the voices that are there, sorted.

        They have model and configuration, or are packages: folders with a manifest.

        Raises:
            LibraryFault: If the folder is there but cannot be read.
        """
        try:
            entries = list(os.scandir(self.path))
            files = {entry.name for entry in entries if entry.is_file()}
        except FileNotFoundError:
            return []
        except OSError as error:
            raise LibraryFault(
                f"{self.path}: expected a folder of voices to read, got: {error.strerror}"
            ) from error
        names = [name.removesuffix(MODEL_SUFFIX) for name in files if name.endswith(MODEL_SUFFIX)]
        models = {name for name in names if name.strip(".") and f"{name}{CONFIG_SUFFIX}" in files}
        packages = {
            entry.name
            for entry in entries
            if not entry.name.startswith(".") and Path(entry.path, MANIFEST_NAME).is_file()
        }
        return sorted(models | packages)

    def find(self, name: str) -> str | None:
        """Return the name as its files have it, case ignored; None if the voice is not there."""
        wanted = folded(name)
        return next((each for each in self.installed() if folded(each) == wanted), None)

    def path_of(self, name: str, suffix: str = MODEL_SUFFIX) -> Path:
        """Return where a file of a voice lies, or would."""
        return self.path / f"{name}{suffix}"

    def incoming_of(self, name: str, suffix: str) -> Path:
        """Return where a file of a voice is kept until it is complete."""
        return self.path / INCOMING_NAME / f"{name}{suffix}.part"

    def n_bytes_incoming(self, name: str) -> int:
        """Return how many bytes of a voice have come so far, from an attempt that broke off."""
        parts = (self.incoming_of(name, suffix) for suffix in PLACING_ORDER)
        return sum(part.stat().st_size for part in parts if part.is_file())

    def licence_of(self, name: str) -> str | None:
        """Return what a voice's model card says of its licence; None if there is none to read."""
        try:
            with self.path_of(name, CARD_SUFFIX).open("rb") as card:
                return licence_in(card.read(_CARD_BYTES).decode(errors="replace"))
        except OSError:
            return None

    @contextmanager
    def exclusive(self, name: str, on_wait: Callable[[], None]) -> Iterator[None]:
        """Keep other processes from adding or removing this voice for as long as the context lasts.

        Raises:
            LibraryFault: If the folder cannot be made or written to.
        """
        lock = self.path / INCOMING_NAME / f"{folded(name)}.lock"
        with writing(lock):
            lock.parent.mkdir(parents=True, exist_ok=True)
            give_back = take(lock, on_wait)
        try:
            yield
        finally:
            give_back()

    def check_room(self, n_bytes: int) -> None:
        """Check that so many bytes fit onto the disk.

        Raises:
            LibraryFault: If they do not.
        """
        with writing(self.path):
            free = shutil.disk_usage(self.path).free
        if free < n_bytes:
            raise LibraryFault(
                f"{self.path}: expected {n_bytes} bytes of free space, got {free}; make room, or "
                "choose another folder with --voices-dir"
            )

    def place(self, name: str, incoming: Mapping[str, Path]) -> None:
        """Move a voice's complete files into place, the model last.

        Args:
            name: The voice.
            incoming: By suffix, where each file is; in this folder, so that it can be renamed.

        Raises:
            LibraryFault: If they cannot be moved.
        """
        with writing(self.path):
            for suffix in PLACING_ORDER:
                if suffix in incoming:
                    incoming[suffix].replace(self.path_of(name, suffix))
            _sync(self.path)

    def place_package(self, name: str, incoming: Path, *, graph: str, manifest: str) -> None:
        """Move a package into place: a folder with a graph and its manifest, complete at once.

        Args:
            name: The voice.
            incoming: Where its graph is; in this folder, so that it can be renamed.
            graph: What the graph is to be called.
            manifest: Text of the manifest.

        Raises:
            LibraryFault: If it cannot be moved.
        """
        made = incoming.with_name(f"{name}.package")
        with writing(self.path):
            _remove(made)
            made.mkdir()
            (made / MANIFEST_NAME).write_text(manifest, "utf-8")
            incoming.replace(made / graph)
            _remove(self.path / name)
            made.replace(self.path / name)
            _sync(self.path)

    def remove(self, name: str, on_wait: Callable[[], None] = lambda: None) -> int:
        """Remove a voice, with what was made of it and what was fetched of it in part.

        Returns:
            How many bytes were freed.

        Raises:
            UnknownVoice: If it is not there; the message offers what is close.
            LibraryFault: If its files cannot be removed.
        """
        found = self.find(name)
        if found is None:
            raise self._unknown(name)
        with self.exclusive(found, on_wait):
            return self.discard(found)

    def discard(self, name: str) -> int:
        """Remove a voice, as `remove` does, in the context of `exclusive`."""
        doomed = [self.path_of(name, suffix) for suffix in reversed(PLACING_ORDER)]
        for suffix in PLACING_ORDER:
            part = self.incoming_of(name, suffix)
            doomed += [part, part.with_name(f"{part.name}.etag")]
        with writing(self.path):
            if (self.path / name / MANIFEST_NAME).is_file():
                doomed.append(self.path / name)
            return sum(_remove(path) for path in [*doomed, self.path / CUT_NAME / name])

    def _unknown(self, name: str) -> UnknownVoice:
        names = {folded(each): each for each in self.installed()}
        close = [names[each] for each in get_close_matches(folded(name)[:100], names, 3)]
        hint = f" (perhaps {', '.join(close)})" if close else ""
        return UnknownVoice(f"expected a voice in {self.path}{hint}, got {name!r}")


def _remove(path: Path) -> int:
    """Remove a file or a folder, if it is there; return the bytes that it had."""
    if path.is_dir() and not path.is_symlink():
        n_bytes = sum(each.lstat().st_size for each in path.rglob("*") if not each.is_dir())
        shutil.rmtree(path)
        return n_bytes
    try:
        n_bytes = path.lstat().st_size
    except FileNotFoundError:
        return 0
    path.unlink()
    return n_bytes


def _sync(folder: Path) -> None:
    """Have the renamings on the disk, where folders can be synchronised."""
    if sys.platform != "win32":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
