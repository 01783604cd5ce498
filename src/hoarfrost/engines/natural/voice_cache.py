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
from types import MappingProxyType
from typing import Final, Protocol

from hoarfrost.engines.natural.folder import State, VoiceFolder
from hoarfrost.engines.natural.hibari import package as hibari
from hoarfrost.engines.natural.hibari.speaker import HibariVoices
from hoarfrost.engines.natural.manifest import MANIFEST, read_manifest
from hoarfrost.engines.natural.phonemes import Phonemizer
from hoarfrost.engines.natural.piper import package as piper
from hoarfrost.engines.natural.piper.speaker import LEAD_MS, VitsVoices
from hoarfrost.engines.natural.utterance import AnySpeaker
from hoarfrost.engines.natural.windows import Schedule
from hoarfrost.errors import VoiceFault
from hoarfrost.synthesis.voice import Voice
from hoarfrost.units import Milliseconds, Seconds

_LOG = logging.getLogger(__name__)

LOOK_INTERVAL: Final[Seconds] = 0.5
"""How long the folder's state is believed: a look takes about 2 ms for a hundred stock voices."""


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


def read_voices(folder: Path, *, lead_ms: Milliseconds = LEAD_MS) -> VoicePackage:
    """Read a package of any family.

    Args:
        folder: Where it lies.
        lead_ms: Silence kept before the first sound of a sentence, in those that have more.

    Raises:
        VoiceFault: If it is none, or one that no family can run; says why.
    """
    match family := read_manifest(folder).raw("family"):
        case hibari.FAMILY:
            return HibariVoices(folder)
        case piper.FAMILY:
            return VitsVoices(folder, lead_ms=lead_ms)
    raise VoiceFault(
        f"voice package {folder.name}: {MANIFEST}: family: expected {hibari.FAMILY} or "
        f"{piper.FAMILY}, got {family!r:.40}"
    )


class VoiceCache:
    """The packages of one engine.

    Thread-safe.

    Args:
        built_in: Packages that are always there.
        voices: The folder of further ones; None for none.
        phonemize: Gives the phonemizer of a language of espeak-ng.
        engine: What the voices' engine is called.
        schedule: How much is done at a time; None for what suits each family.
        lead_ms: Silence kept before the first sound of a sentence, in those that have more.
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
        lead_ms: Milliseconds = LEAD_MS,
        budget_bytes: int,
    ) -> None:
        self.refusals: dict[str, str] = {}
        self._folder = voices
        self._phonemize = phonemize
        self._engine = engine
        self._schedule = schedule
        self._lead_ms = lead_ms
        self._budget_bytes = budget_bytes
        self._unloading = threading.Lock()
        self._looking = threading.Lock()
        self._looked_at: Seconds = float("-inf")
        self._state: State | None = None
        # Replaced as a whole when something changes, so that a voice is never missing meanwhile.
        self._entries: Mapping[Path, _Entry] = {}
        self._by_voice: Mapping[str, _Entry] = {}
        self._rearrange(dict.fromkeys(built_in), load=lambda _: True, is_pinned=True)
        if voices is not None:
            self._look(voices, wait=True)

    def voices(self) -> list[Voice]:
        """Return the voices that there are now."""
        self._refresh()
        return [voice for entry in self._entries.values() for voice in entry.voices]

    def is_loaded(self, name: str) -> bool:
        """Return whether a voice is there and loaded. Touches no file."""
        entry = self._by_voice.get(name)
        return entry is not None and entry.speakers is not None

    def speaker(self, name: str) -> AnySpeaker:
        """Return the speaker of a voice; loads it if need be.

        Raises:
            VoiceFault: If there is no such voice, or it cannot be loaded.
        """
        self._refresh()
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
        with self._looking:
            folder, self._folder = self._folder, None
            self._entries, self._by_voice = {}, {}
        if folder is not None:
            folder.close()

    def _refresh(self) -> None:
        if time.monotonic() - self._looked_at < LOOK_INTERVAL:
            return
        # Somebody who looks already will have seen what there is.
        if self._looking.acquire(blocking=False):
            try:
                if self._folder is not None:
                    self._look(self._folder)
            finally:
                self._looking.release()

    def _look(self, folder: VoiceFolder, *, wait: bool = False) -> None:
        """Bring the shelf up to date with the folder."""
        self._looked_at = time.monotonic()
        state = folder.look(wait=wait)
        if state != self._state:
            # What was made by hand is opened at the start, so that what does not fit shows then.
            self._rearrange(
                state.packages,
                refusals=state.refusals,
                load=lambda path: wait and path.parent.name != piper.CUT_FOLDER,
            )
            self._state = state
            self._unload_beyond_budget(None)

    def _rearrange(
        self,
        packages: Mapping[Path, object],
        *,
        load: Callable[[Path], bool],
        refusals: Mapping[str, str] = MappingProxyType({}),
        is_pinned: bool = False,
    ) -> None:
        """Take in new packages, leave out those that are gone or changed."""
        entries = {
            path: entry
            for path, entry in self._entries.items()
            if entry.is_pinned or packages.get(path) == entry.stamp
        }
        by_voice = {voice.name: entry for entry in entries.values() for voice in entry.voices}
        told, refused = self.refusals, dict(refusals)
        for path in (path for path in packages if path not in entries):
            try:
                entry = self._open(path, by_voice, is_loaded=load(path))
            except (VoiceFault, OSError, ValueError) as fault:
                refused[path.name] = str(fault)
                continue
            entry.stamp, entry.is_pinned = packages[path], is_pinned
            entries[path] = entry
            by_voice |= {voice.name: entry for voice in entry.voices}
        for name, reason in refused.items():
            if told.get(name) != reason:
                _LOG.warning("left out: %s", reason)
        self._entries, self._by_voice, self.refusals = entries, by_voice, refused

    def _open(self, folder: Path, taken: Mapping[str, object], *, is_loaded: bool) -> "_Entry":
        """Read a package.

        Raises:
            VoiceFault: If it cannot be run, or a voice of its name is there already.
            OSError: If it cannot be read.
            ValueError: If its voices are not such as the catalogue takes.
        """
        package = read_voices(folder, lead_ms=self._lead_ms)
        entry = _Entry(package, package.voices(self._engine))
        again = [voice.name for voice in entry.voices if voice.name in taken]
        if again:
            raise VoiceFault(
                f"voice package {folder.name}: expected a new name, got {again[0]} again"
            )
        if is_loaded:
            entry.speakers = package.load(self._phonemize, self._schedule)
        return entry

    def _unload_beyond_budget(self, in_use: "_Entry | None") -> None:
        with self._unloading:
            loaded = sorted(
                (e for e in self._entries.values() if e.speakers is not None and not e.is_pinned),
                key=lambda entry: entry.used_at,
            )
            n_bytes = sum(entry.n_bytes for entry in loaded)
            for entry in loaded:
                if n_bytes <= self._budget_bytes:
                    return
                if entry is not in_use:
                    n_bytes -= entry.n_bytes
                    entry.speakers = None


class _Entry:
    """A package on the shelf."""

    def __init__(self, package: VoicePackage, voices: Sequence[Voice]) -> None:
        self.package = package
        self.voices = tuple(voices)
        self.n_bytes = package.n_bytes
        self.stamp: object = None
        self.is_pinned = False
        self.loading = threading.Lock()
        self.speakers: Mapping[str, AnySpeaker] | None = None
        self.used_at: Seconds = time.monotonic()
