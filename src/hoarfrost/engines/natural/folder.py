"""The folder of further voices, as it lies on the disk: packages, and stock models to be cut.

In: a folder that people and `hoarfrost voices add` drop files into, at any time. Out: its `State`.
Invariant: looking is cheap and never waits for a model to be cut, unless asked to; a model is
cut once, and again only when its files change.
"""

import logging
import queue
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeAlias

from hoarfrost.engines.natural.manifest import MANIFEST
from hoarfrost.engines.natural.vits.importing import cut_folder, import_voice, is_imported
from hoarfrost.engines.natural.vits.stock import card_of, config_of
from hoarfrost.errors import VoiceFault
from hoarfrost.units import Seconds

_LOG = logging.getLogger(__name__)

Stamp: TypeAlias = tuple[tuple[int, int] | None, ...]
"""Size and time of change of some files: what tells that they are others now."""

_STOCK: Final = ".onnx"
_SETTLED: Final[Seconds] = 1.0
"""A file that was changed less long ago may still be being copied."""


@dataclass(frozen=True, slots=True)
class State:
    """What lies in the folder.

    Attributes:
        packages: By folder of a package, the stamp of what it was made from.
        refusals: By name, why a model cannot be used.
    """

    packages: Mapping[Path, Stamp]
    refusals: Mapping[str, str]


class VoiceFolder:
    """A folder of voices; as long as it is not there, it has none.

    Not thread-safe, but for `close`.

    Raises:
        VoiceFault: If something else has its name.
    """

    def __init__(self, path: Path) -> None:
        if path.exists() and not path.is_dir():
            raise VoiceFault(f"voices_dir: expected a folder, got a file, {path.name}")
        self._path = path
        self._imported: dict[Path, Stamp] = {}
        self._refused: dict[Path, tuple[Stamp, str]] = {}
        self._waiting: queue.Queue[tuple[Path, Stamp] | None] = queue.Queue()
        self._queued: set[tuple[Path, Stamp]] = set()
        self._thread: threading.Thread | None = None
        self._is_closed = False

    def look(self, *, wait: bool = False) -> State:
        """Return what lies there now.

        Args:
            wait: Whether to cut what is not cut yet before returning; else that is done on a
                thread of its own, and a later look finds it.
        """
        packages: dict[Path, Stamp] = {}
        refusals: dict[str, str] = {}
        for path in self._entries():
            if path.suffix != _STOCK:
                packages[path] = _stamp(path / MANIFEST)
                continue
            stamp = _stamp(path, config_of(path), card_of(path))
            if wait and not self._is_imported(path, stamp):
                self._import(path, stamp)
            if self._is_imported(path, stamp):
                packages[cut_folder(path)] = self._with_package(path, stamp)
            elif reason := self._reason(path, stamp):
                refusals[path.stem] = reason
            else:
                self._enqueue(path, stamp)
        return State(packages, refusals)

    def join(self) -> None:
        """Wait until all that looks have found is cut or refused."""
        self._waiting.join()

    def close(self) -> None:
        """Let go of the thread; a cut under way is finished, none is begun."""
        self._is_closed = True
        self._waiting.put(None)

    def _entries(self) -> list[Path]:
        try:
            found = sorted(self._path.iterdir())
        except OSError:
            return []  # not there yet, or gone for the moment: a network drive, say
        return [
            path
            for path in found
            if not path.name.startswith(".")
            and (path.is_file() if path.suffix == _STOCK else (path / MANIFEST).is_file())
        ]

    def _reason(self, path: Path, stamp: Stamp) -> str:
        """Return why a model was refused; "" if it was not."""
        refused, reason = self._refused.get(path, (None, ""))
        return reason if refused == stamp else ""

    def _is_imported(self, path: Path, stamp: Stamp) -> bool:
        """Return whether the package fits; its manifest is read only when something changed."""
        whole = self._with_package(path, stamp)
        if self._imported.get(path) != whole:
            if not is_imported(path):
                return False
            self._imported[path] = whole
        return True

    def _with_package(self, path: Path, stamp: Stamp) -> Stamp:
        return (*stamp, *_stamp(cut_folder(path) / MANIFEST))

    def _enqueue(self, path: Path, stamp: Stamp) -> None:
        if (path, stamp) in self._queued or self._is_closed or not _is_settled(stamp):
            return
        self._queued.add((path, stamp))
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="voice-import", daemon=True)
            self._thread.start()
        self._waiting.put((path, stamp))

    def _work(self) -> None:
        while (task := self._waiting.get()) is not None:
            try:
                if not self._is_closed:
                    self._import(*task)
            finally:
                self._waiting.task_done()
        self._waiting.task_done()

    def _import(self, path: Path, stamp: Stamp) -> None:
        _LOG.info("voice %s: being prepared, once", path.stem)
        try:
            import_voice(path)
            if not is_imported(path):  # its files changed meanwhile: a later look begins anew
                raise VoiceFault(f"voice {path.stem}: expected its files to stay as they were")
            _LOG.info("voice %s: ready", path.stem)
        except VoiceFault as fault:
            self._refused[path] = (stamp, str(fault))
        except Exception:  # noqa: BLE001 -- a defect: the voices behind it shall not wait for it
            _LOG.exception("voice %s: not prepared", path.stem)
            self._refused[path] = (stamp, f"voice {path.stem}: not prepared; the log says why")
        finally:
            self._queued.discard((path, stamp))


def _stamp(*paths: Path) -> Stamp:
    found: list[tuple[int, int] | None] = []
    for path in paths:
        try:
            status = path.stat()
        except OSError:
            found.append(None)
        else:
            found.append((status.st_size, status.st_mtime_ns))
    return tuple(found)


def _is_settled(stamp: Stamp) -> bool:
    """Return whether nothing has changed for a while; a clock that runs ahead is nobody's copy."""
    ages = [time.time() - file[1] / 1e9 for file in stamp if file is not None]
    return not any(0 <= age < _SETTLED for age in ages)
