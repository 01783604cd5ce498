"""The voices that there are now: those in the package, and those of a folder that may change.

In: folders of packages. Out: `Voice` values, and the `Speaker` behind each. Invariant: a package
that cannot be used is left out with its reason, and stops nobody; a speaker that is in use goes on
to the end, whatever happens to its files or its place in memory.
"""

import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final, Protocol

from hoarfrost.engines.natural.folder import VoiceFolder
from hoarfrost.engines.natural.manifest import MANIFEST, read_manifest
from hoarfrost.engines.natural.phonemes import Phonemizer
from hoarfrost.engines.natural.source_filter import package as source_filter
from hoarfrost.engines.natural.source_filter.speaker import SourceFilterVoices
from hoarfrost.engines.natural.utterance import AnySpeaker
from hoarfrost.engines.natural.vits import package as vits
from hoarfrost.engines.natural.vits.speaker import VitsVoices
from hoarfrost.engines.natural.windows import Schedule
from hoarfrost.errors import VoiceFault
from hoarfrost.synthesis.voice import Voice
from hoarfrost.units import Seconds

_LOG = logging.getLogger(__name__)

LOOK_INTERVAL: Final[Seconds] = 0.5
"""How long the folder's state is believed: listing it takes about 0.1 ms for a hundred voices."""


class VoicePackage(Protocol):
    """A package whose manifest was read."""

    @property
    def n_bytes(self) -> int:
        """What its graphs take on disk, and about what they take in memory."""
        ...

    def voices(self, engine: str) -> Sequence[Voice]:
        """Return its voices as the catalogue knows them."""
        ...

    def load(
        self, phonemize: Callable[[str], Phonemizer], schedule: Schedule | None
    ) -> Mapping[str, AnySpeaker]:
        """Open the graphs; return the speakers by the names of their voices.

        Args:
            phonemize: Gives the phonemizer of a language of espeak-ng.
            schedule: How much is done at a time; None for what suits the family.

        Raises:
            VoiceFault: If the graphs do not fit the manifest.
        """
        ...


_FAMILIES: Final[Mapping[str, Callable[[Path], VoicePackage]]] = {
    source_filter.FAMILY: SourceFilterVoices,
    vits.FAMILY: VitsVoices,
}


def read_voices(folder: Path) -> VoicePackage:
    """Read a package of any family.

    Raises:
        VoiceFault: If it is none, or one that no family can run; says why.
    """
    family = read_manifest(folder).raw("family") or source_filter.FAMILY
    read = _FAMILIES.get(family) if isinstance(family, str) else None
    if read is None:
        raise VoiceFault(
            f"voice package {folder.name}: {MANIFEST}: family: expected one of "
            f"{', '.join(sorted(_FAMILIES))}, got {family!r:.40}"
        )
    return read(folder)


class Shelf:
    """The packages of one engine.

    Thread-safe.

    Args:
        built_in: Packages that are always there.
        voices: The folder of further ones; None for none.
        phonemize: Gives the phonemizer of a language of espeak-ng.
        engine: What the voices' engine is called.
        schedule: How much is done at a time; None for what suits each family.
        budget_bytes: Graphs of further voices beyond this are unloaded, least recently used first.

    Attributes:
        refusals: By package, why it was left out.
    """

    def __init__(
        self,
        built_in: Sequence[Path],
        voices: VoiceFolder | None,
        *,
        phonemize: Callable[[str], Phonemizer],
        engine: str,
        schedule: Schedule | None,
        budget_bytes: int,
    ) -> None:
        self.refusals: dict[str, str] = {}
        self._folder = voices
        self._phonemize = phonemize
        self._engine = engine
        self._schedule = schedule
        self._budget_bytes = budget_bytes
        self._lock = threading.Lock()
        self._looking = threading.Lock()
        self._entries: dict[Path, _Entry] = {}
        self._by_voice: dict[str, _Entry] = {}
        self._looked_at: Seconds = float("-inf")
        self._state: object = None
        for folder in built_in:
            self._add(folder, is_pinned=True, is_loaded=True)
        if voices is not None:
            self._look(voices, wait=True)

    def voices(self) -> list[Voice]:
        """Return the voices that there are now."""
        self._refresh()
        with self._lock:
            return [voice for entry in self._entries.values() for voice in entry.voices]

    def speaker(self, name: str) -> AnySpeaker:
        """Return the speaker of a voice; loads it if need be.

        Raises:
            VoiceFault: If there is no such voice, or it cannot be loaded.
        """
        self._refresh()
        with self._lock:
            entry = self._by_voice.get(name)
        if entry is None:
            raise VoiceFault(f"natural: expected one of its voices, got {name}")
        with entry.loading:
            if entry.speakers is None:
                entry.speakers = entry.package.load(self._phonemize, self._schedule)
            speakers = entry.speakers
        entry.used_at = time.monotonic()
        self._unload_beyond_budget(entry)
        return speakers[name]

    def close(self) -> None:
        """Release the graphs; stop looking at the folder."""
        with self._lock:
            self._entries.clear()
            self._by_voice.clear()
        if self._folder is not None:
            self._folder.close()
            self._folder = None

    def _refresh(self) -> None:
        folder, now = self._folder, time.monotonic()
        if folder is None or now - self._looked_at < LOOK_INTERVAL:
            return
        # Somebody who looks already will have seen what there is.
        if self._looking.acquire(blocking=False):
            try:
                self._looked_at = now
                self._look(folder)
            finally:
                self._looking.release()

    def _look(self, folder: VoiceFolder, *, wait: bool = False) -> None:
        """Bring the shelf up to date with the folder."""
        state = folder.look(wait=wait)
        with self._lock:
            if state == self._state:
                return
            self._state = state
            gone = [
                path
                for path, entry in self._entries.items()
                if not entry.is_pinned and state.packages.get(path) != entry.stamp
            ]
            for path in gone:
                entry = self._entries.pop(path)
                for voice in entry.voices:
                    del self._by_voice[voice.name]
            self.refusals = {}
        for name, reason in state.refusals.items():
            self._refuse(name, reason)
        for path, stamp in state.packages.items():
            if path not in self._entries:
                self._add(path, stamp=stamp, is_loaded=wait and path.parent.name != vits.CUT_FOLDER)

    def _add(
        self, folder: Path, *, is_pinned: bool = False, is_loaded: bool, stamp: object = None
    ) -> None:
        try:
            package = read_voices(folder)
            entry = _Entry(package, package.voices(self._engine), stamp, is_pinned=is_pinned)
            taken = [voice.name for voice in entry.voices if voice.name in self._by_voice]
            if taken:
                raise VoiceFault(
                    f"voice package {folder.name}: expected a new name, got {taken[0]} again"
                )
            if is_loaded:  # now, not in somebody's first sentence; and what does not fit shows
                entry.speakers = package.load(self._phonemize, self._schedule)
        except (VoiceFault, OSError) as fault:
            self._refuse(folder.name, str(fault))
            return
        with self._lock:
            self._entries[folder] = entry
            self._by_voice |= {voice.name: entry for voice in entry.voices}

    def _refuse(self, name: str, reason: str) -> None:
        self.refusals[name] = reason
        _LOG.warning("left out: %s", reason)

    def _unload_beyond_budget(self, in_use: "_Entry") -> None:
        with self._lock:
            loaded = sorted(
                (e for e in self._entries.values() if e.speakers is not None and not e.is_pinned),
                key=lambda entry: entry.used_at,
            )
            n_bytes = sum(entry.package.n_bytes for entry in loaded)
            for entry in loaded:
                if n_bytes <= self._budget_bytes:
                    return
                if entry is not in_use:
                    n_bytes -= entry.package.n_bytes
                    entry.speakers = None


class _Entry:
    """A package on the shelf."""

    def __init__(
        self, package: VoicePackage, voices: Sequence[Voice], stamp: object, *, is_pinned: bool
    ) -> None:
        self.package = package
        self.voices = tuple(voices)
        self.stamp = stamp
        self.is_pinned = is_pinned
        self.loading = threading.Lock()
        self.speakers: Mapping[str, AnySpeaker] | None = None
        self.used_at: Seconds = time.monotonic()
