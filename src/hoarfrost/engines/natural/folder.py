"""The folder of further voices, as it lies on the disk: packages, and stock models to be cut.

In: a folder that people and `hoarfrost voices add` drop files into, at any time. Out: its `State`.
Invariant: looking is cheap and never waits for a model to be cut, unless asked to; a model is
cut once, and again only when its files change.
"""

import logging
import os
import queue
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeAlias

from hoarfrost.engines.natural.manifest import MANIFEST
from hoarfrost.engines.natural.piper.importing import cut_folder, import_voice, is_imported
from hoarfrost.engines.natural.piper.stock import card_of, config_of, read_stock
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

    Args:
        path: The folder.
        models: Stock models that lie elsewhere, where nothing may be written; a model of the same
            name in the folder takes its place.

    Raises:
        VoiceFault: If something else has its name.
    """

    def __init__(self, path: Path, models: Sequence[Path] = ()) -> None:
        if path.exists() and not path.is_dir():
            raise VoiceFault(f"voices_dir: expected a folder, got a file, {path.name}")
        self._path = path
        self._models = models
        self._voices: dict[Path, _Stock] = {}
        self._waiting: queue.Queue[tuple[_Stock, Stamp] | None] = queue.Queue()
        self._queued: set[tuple[_Stock, Stamp]] = set()
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
        for path, is_stock in self._all_entries():
            if not is_stock:
                packages[path] = _stamp(str(path / MANIFEST))
                continue
            if (voice := self._voices.get(path)) is None:
                voice = self._voices[path] = _Stock(path, cut_folder(path, self._path))
            stamp = _stamp(*voice.files)
            if wait and not voice.is_imported(stamp):
                self._import(voice, stamp)
                stamp = _stamp(*voice.files)
            if voice.is_imported(stamp):
                packages[voice.package] = stamp
            elif reason := voice.reason(stamp):
                refusals[path.stem] = reason
            else:
                self._enqueue(voice, stamp)
                if voice.former and None not in stamp[:2]:
                    # Its files were replaced: what was cut of the old ones speaks until then.
                    packages[voice.package] = voice.former
        return State(packages, refusals)

    def join(self) -> None:
        """Wait until all that looks have found is cut or refused."""
        self._waiting.join()

    def close(self) -> None:
        """Let go of the thread; a cut under way is finished, none is begun."""
        self._is_closed = True
        self._waiting.put(None)

    def _all_entries(self) -> list[tuple[Path, bool]]:
        entries = self._entries()
        names = {path.name for path, _ in entries}
        return entries + [(path, True) for path in self._models if path.name not in names]

    def _entries(self) -> list[tuple[Path, bool]]:
        """Return packages and stock models, and whether each is such a model."""
        # Not by `Path.iterdir`: this is done again and again, and here a file costs no system call.
        try:
            with os.scandir(self._path) as found:
                entries = sorted(
                    (entry.name, entry.name.endswith(_STOCK))
                    for entry in found
                    if not entry.name.startswith(".")
                    and (entry.is_file() if entry.name.endswith(_STOCK) else entry.is_dir())
                )
        except OSError:
            return []  # not there yet, or gone for the moment: a network drive, say
        return [
            (self._path / name, is_stock)
            for name, is_stock in entries
            if is_stock or (self._path / name / MANIFEST).is_file()
        ]

    def _enqueue(self, voice: "_Stock", stamp: Stamp) -> None:
        if (voice, stamp) in self._queued or self._is_closed or not _is_settled(stamp):
            return
        self._queued.add((voice, stamp))
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="voice-import", daemon=True)
            self._thread.start()
        self._waiting.put((voice, stamp))

    def _work(self) -> None:
        while (task := self._waiting.get()) is not None:
            try:
                if not self._is_closed:
                    self._import(*task)
            finally:
                self._waiting.task_done()
        self._waiting.task_done()

    def _import(self, voice: "_Stock", stamp: Stamp) -> None:
        name = voice.path.stem
        try:
            read_stock(voice.path)
            _LOG.info("voice %s: being prepared, once", name)
            import_voice(voice.path, voice.package)
            if not is_imported(voice.path, voice.package):
                raise VoiceFault(f"voice {name}: expected its files to stay as they were")
            _LOG.info("voice %s: ready", name)
        except VoiceFault as fault:
            voice.refused = (_own(stamp), str(fault))
        except Exception:  # noqa: BLE001 -- a defect: the voices behind it shall not wait for it
            _LOG.exception("voice %s: not prepared", name)
            voice.refused = (_own(stamp), f"voice {name}: not prepared; the log says why")
        finally:
            self._queued.discard((voice, stamp))


class _Stock:
    """A stock model, and what is known of it."""

    def __init__(self, path: Path, package: Path) -> None:
        self.path = path
        self.package = package
        own = (path, config_of(path), card_of(path))
        self.files = tuple(map(str, (*own, self.package / MANIFEST)))
        self.refused: tuple[Stamp, str] = ((), "")
        self._imported: Stamp = ()

    def is_imported(self, stamp: Stamp) -> bool:
        """Return whether the package fits; its manifest is read only when something changed."""
        if self._imported != stamp:
            if not is_imported(self.path, self.package):
                return False
            self._imported = stamp
        return True

    @property
    def former(self) -> Stamp:
        """The stamp with which the package last fitted; empty if it never did."""
        return self._imported

    def reason(self, stamp: Stamp) -> str:
        """Return why the model was refused; "" if it was not, or its files are others now."""
        own, reason = self.refused
        return reason if own == _own(stamp) else ""


def _own(stamp: Stamp) -> Stamp:
    """Return the stamp of a voice's own files, without that of the package made of them."""
    return stamp[:-1]


def _stamp(*files: str) -> Stamp:
    found: list[tuple[int, int] | None] = []
    for file in files:
        try:
            status = os.stat(file)  # noqa: PTH116 -- half the time of Path.stat; see _entries
        except OSError:
            found.append(None)
        else:
            found.append((status.st_size, status.st_mtime_ns))
    return tuple(found)


def _is_settled(stamp: Stamp) -> bool:
    """Return whether nothing has changed for a while; a clock that runs ahead is nobody's copy."""
    ages = [time.time() - file[1] / 1e9 for file in _own(stamp) if file is not None]
    return not any(0 <= age < _SETTLED for age in ages)
