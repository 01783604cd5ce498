"""The folder of further voices, as it lies on the disk: packages, and stock models to be cut.

In: a folder that people and `hoarfrost voices add` drop files into, at any time. Out: its `State`.
Invariant: looking is cheap and never waits for a model to be cut, unless asked to; a model is
cut once, and again only when its files change.
"""

import logging
import queue
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeAlias

from hoarfrost.engines.natural.manifest import MANIFEST
from hoarfrost.engines.natural.vits.importing import cut_folder, import_voice, is_imported
from hoarfrost.errors import VoiceFault

_LOG = logging.getLogger(__name__)

Stamp: TypeAlias = tuple[int, int]
"""Size and time of change of a file: what tells that it is another one now."""

_STOCK: Final = ".onnx"


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

    Raises:
        VoiceFault: If something else has its name.
    """

    def __init__(self, path: Path) -> None:
        if path.exists() and not path.is_dir():
            raise VoiceFault(f"voices_dir: expected a folder, got a file, {path.name}")
        self._path = path
        self._refused: dict[Path, tuple[Stamp, str]] = {}
        self._waiting: queue.SimpleQueue[tuple[Path, Stamp] | None] = queue.SimpleQueue()
        self._queued: set[tuple[Path, Stamp]] = set()
        self._thread: threading.Thread | None = None

    def look(self, *, wait: bool = False) -> State:
        """Return what lies there now.

        Args:
            wait: Whether to cut what is not cut yet before returning; else that is done on a
                thread of its own, and a later look finds it.
        """
        packages: dict[Path, Stamp] = {}
        refusals: dict[str, str] = {}
        for path in self._entries():
            stamp = _stamp(path / MANIFEST if path.suffix != _STOCK else path)
            if stamp is None:
                continue
            if path.suffix != _STOCK:
                packages[path] = stamp
                continue
            if not is_imported(path) and not self._is_refused(path, stamp):
                if not wait:
                    self._enqueue(path, stamp)
                    continue
                self._import(path, stamp)
            if self._is_refused(path, stamp):
                refusals[path.stem] = self._refused[path][1]
            else:
                packages[cut_folder(path)] = stamp
        return State(packages, refusals)

    def close(self) -> None:
        """Let go of the thread; a cut under way is finished."""
        if self._thread is not None:
            self._waiting.put(None)
            self._thread = None

    def _entries(self) -> list[Path]:
        try:
            found = sorted(self._path.iterdir())
        except OSError:
            return []  # not there yet, or gone for the moment: a network drive, say
        return [
            path
            for path in found
            if not path.name.startswith(".")
            and (path.suffix == _STOCK or (path / MANIFEST).is_file())
        ]

    def _is_refused(self, path: Path, stamp: Stamp) -> bool:
        return path in self._refused and self._refused[path][0] == stamp

    def _enqueue(self, path: Path, stamp: Stamp) -> None:
        if (path, stamp) in self._queued:
            return
        self._queued.add((path, stamp))
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="voice-import", daemon=True)
            self._thread.start()
        self._waiting.put((path, stamp))

    def _work(self) -> None:
        while (task := self._waiting.get()) is not None:
            self._import(*task)

    def _import(self, path: Path, stamp: Stamp) -> None:
        _LOG.info("voice %s: being prepared, once", path.stem)
        try:
            import_voice(path)
        except VoiceFault as fault:
            self._refused[path] = (stamp, str(fault))
        finally:
            self._queued.discard((path, stamp))


def _stamp(path: Path) -> Stamp | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_size, status.st_mtime_ns
