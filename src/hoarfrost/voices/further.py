"""The further voices of the package `hibari-tts`: named by its registry, fetched one by one.

In: the registry of the installed package. Out: `FurtherVoice` values, and a voice's folder: its
graph with a manifest. Invariant: a graph has the size and the SHA-256 of the registry.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from hoarfrost.text import languages
from hoarfrost.voices.catalogue import PublishedFile, folded, is_name
from hoarfrost.voices.fetching import fetch
from hoarfrost.voices.folder import VoicesFolder
from hoarfrost.voices.patience import Patience
from hoarfrost.voices.source import Source

BASE_URL: Final = "https://huggingface.co/maureesewilliams/hibari/resolve/main/voices/"
"""Where the package fetches them from."""
LICENCE: Final = "Apache-2.0"
_REGISTRY: Final = ("assets", "voices.json")
_COUNTRIES: Final[Mapping[str, str]] = {"en-US": "United States", "en-GB": "Great Britain"}
_PERSONS: Final[Mapping[str, str]] = {"female": "woman", "male": "man"}


@dataclass(frozen=True, slots=True)
class FurtherVoice:
    """A voice of the registry that is not in the package.

    Attributes:
        name: What it is called there, and here.
        language: BCP 47 tag.
        gender: ``female`` or ``male``.
        accent: ``American`` or ``British``.
        file: Its graph.
    """

    name: str
    language: str
    gender: str
    accent: str
    file: PublishedFile

    def __post_init__(self) -> None:
        if not is_name(self.name) or self.gender not in _PERSONS or "/" in self.file.path:
            raise ValueError(f"expected a voice of the registry, got {self.name!r:.40}")

    @property
    def n_bytes(self) -> int:
        """What it takes on a disk."""
        return self.file.n_bytes

    @property
    def native_name(self) -> str:
        """The language's own name for itself."""
        return self.language_name

    @property
    def country(self) -> str:
        """Where its variety is spoken."""
        return _COUNTRIES.get(self.language, "")

    @property
    def quality(self) -> str:
        """The name of its size, as Piper has them."""
        return "medium"

    @property
    def n_speakers(self) -> int:
        """How many speakers it has."""
        return 1

    @property
    def aliases(self) -> tuple[str, ...]:
        """Earlier names: none."""
        return ()

    @property
    def language_name(self) -> str:
        """English name of the language."""
        return languages.name_of(self.language)

    def fits(self, words: Iterable[str]) -> bool:
        """Return whether each word occurs in something that is known of the voice."""
        facts = (self.name, self.language, self.language_name, self.accent, self.gender)
        told = "\n".join(facts).casefold()
        return all(word.casefold() in told for word in words)

    def speaks(self, wanted: str) -> bool:
        """Return whether it speaks a language, given as people write it."""
        tag = languages.normalise(wanted) or wanted
        if "-" in tag:
            return tag.lower() == self.language.lower()
        return languages.pick(wanted, [self.language]) is not None

    def manifest(self) -> str:
        """Return the text of ``voice.json``."""
        fields = {
            "format": 1,
            "family": "hibari",
            "name": self.name,
            "licence": LICENCE,
            "languages": [self.language],
            "gender": self.gender,
            "description": f"A {self.accent} {_PERSONS[self.gender]}.",
            "graph": self.file.path,
            "sha256": self.file.sha256,
        }
        return json.dumps(fields, indent=1)


def further_voices() -> Mapping[str, FurtherVoice]:
    """Return the voices of the registry by name; none if the package is not installed."""
    try:
        spec = find_spec("hibari")
        if spec is None or spec.origin is None:
            return {}
        path = Path(spec.origin).parent.joinpath(*_REGISTRY)
        entries = json.loads(path.read_text("utf-8"))
        voices = [_read(name, entry) for name, entry in entries.items() if not entry["bundled"]]
    except (ImportError, OSError, ValueError, TypeError, LookupError, AttributeError):
        return {}  # another release
    return {folded(voice.name): voice for voice in voices}


def _read(name: str, entry: Mapping[str, Any]) -> FurtherVoice:
    file = PublishedFile(entry["file"], entry["bytes"], sha256=entry["sha256"])
    return FurtherVoice(name, entry["language"], entry["gender"], entry["accent"], file)


def fetch_further(
    voice: FurtherVoice,
    *,
    source: Source,
    folder: VoicesFolder,
    patience: Patience,
    progress: Callable[[int], None],
) -> None:
    """Fetch a voice's graph and put it into the folder, with its manifest.

    Raises:
        Unreachable: If nobody answers at the address.
        LibraryFault: If it cannot be fetched or kept.
    """
    target = folder.incoming_of(voice.name, ".onnx")
    folder.check_room(voice.n_bytes - folder.n_bytes_incoming(voice.name))
    fetch(source, voice.file, target=target, patience=patience, progress=progress)
    folder.place_package(voice.name, target, graph=voice.file.path, manifest=voice.manifest())
