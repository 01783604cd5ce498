"""The manifest of a hibari voice, read and checked.

In: a folder with ``voice.json``. Out: a `Package`. Invariant: a package that was read names a graph
that is there and, where the manifest has a checksum, is the one that was meant.

The graph lies in the folder, or, for the voice that `hibari-tts` ships with, in that package.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from hoarfrost.engines.natural.hibari.installed import checksum_of, installed_file
from hoarfrost.engines.natural.hibari.writer import Range
from hoarfrost.engines.natural.manifest import FORMAT, MANIFEST, Fields, read_manifest
from hoarfrost.errors import VoiceFault
from hoarfrost.synthesis.voice import Gender

FAMILY: Final = "hibari"
_WIDEST: Final = 1e4
_BRITISH: Final = "en-GB"


@dataclass(frozen=True, slots=True)
class Package:
    """A voice package's manifest.

    Attributes:
        graph: The file with the networks.
        name: Of the voice.
        licence: SPDX identifier of the weights' licence.
        languages: BCP 47 tags; a voice whose first is en-GB is read to in British English.
        gender: As heard.
        description: One sentence of character.
        ranges: What the products of the decoder read, by their names; empty if not known.
    """

    graph: Path
    name: str
    licence: str
    languages: tuple[str, ...]
    gender: Gender
    description: str
    ranges: Mapping[str, Range]

    @property
    def is_british(self) -> bool:
        """Whether the front end is to read as in Britain."""
        return self.languages[0] == _BRITISH


def read_package(folder: Path) -> Package:
    """Read a package's manifest.

    Raises:
        VoiceFault: If the folder is no package, or one that this family cannot run; says why.
    """
    fields = read_manifest(folder)
    try:
        return _checked(folder, fields)
    except ValueError as error:
        raise VoiceFault(f"voice package {folder.name}: {MANIFEST}: {error}") from error
    except VoiceFault as error:
        raise VoiceFault(f"voice package {folder.name}: {error}") from error


def _checked(folder: Path, fields: Fields) -> Package:
    if fields.raw("format") != FORMAT:
        raise ValueError(f"format: expected {FORMAT}, got {fields.raw('format')!r:.40}")
    graph_name = fields.word("graph")
    if Path(graph_name).name != graph_name:
        raise ValueError(f"graph: expected the name of a file, got {graph_name!r:.40}")
    is_installed = fields.raw("is_installed") is True
    graph = installed_file("assets", graph_name) if is_installed else folder / graph_name
    if not graph.is_file():
        raise VoiceFault(f"{graph_name}: expected a graph, got no file")
    if fields.has("sha256") and checksum_of(graph) != fields.word("sha256"):
        raise VoiceFault(f"{graph_name}: expected the graph that the manifest names, got another")
    gender = fields.word("gender")
    if gender not in list(Gender):
        raise ValueError(f"gender: expected one of {[*Gender]}, got {gender!r:.40}")
    return Package(
        graph=graph,
        name=fields.word("name"),
        licence=fields.word("licence"),
        languages=fields.words("languages"),
        gender=Gender(gender),
        description=fields.word("description"),
        ranges=_ranges(fields) if fields.has("ranges") else {},
    )


def _ranges(fields: Fields) -> Mapping[str, Range]:
    raw = fields.raw("ranges")
    if not isinstance(raw, dict):
        raise ValueError(f"ranges: expected an object, got {type(raw).__name__}")
    ranges: dict[str, Range] = {}
    for name, pair in raw.items():
        if not isinstance(pair, list) or len(pair) != 2:
            raise ValueError(f"ranges.{name}: expected two numbers, got {pair!r:.40}")
        low, high = (Fields({name: n}, "ranges.").number(name, -_WIDEST, _WIDEST) for n in pair)
        if low >= high:
            raise ValueError(f"ranges.{name}: expected rising numbers, got {pair!r:.40}")
        ranges[name] = (low, high)
    return ranges
