"""The catalogue as it is published now; or, without a network, as it was when it was last read.

In: the address. Out: the catalogue, and when it was read. Invariant: what is kept on the disk was
read from the same address, and was whole.
"""

import json
import os
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from hoarfrost.voices.catalogue import PiperCatalogue, read_catalogue
from hoarfrost.voices.faults import LibraryFault
from hoarfrost.voices.patience import Patience
from hoarfrost.voices.source import Lost, Source, body_of

CATALOGUE_NAME: Final = "voices.json"
KEPT_NAME: Final = ".catalogue.json"
MAX_CATALOGUE_BYTES: Final = 16_000_000
"""Many times what the public catalogue has: 0.2 MB with 124 voices."""


@dataclass(frozen=True, slots=True)
class Published:
    """A catalogue, and how fresh it is.

    Attributes:
        catalogue: The voices.
        read_at: When it was read from its address, in UTC.
        stale_because: Why the one on the disk had to do; None if it was read just now.
    """

    catalogue: PiperCatalogue
    read_at: datetime
    stale_because: LibraryFault | None = None


def read_published(
    source: Source,
    folder: Path,
    *,
    patience: Patience,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> Published:
    """Read the catalogue and keep it in the folder; if that fails, return the one that was kept.

    Raises:
        Unreachable: If nobody answers, and none was kept.
        LibraryFault: If what is there is no catalogue, and none was kept.
    """
    try:
        document = _fetch(source, patience)
        try:
            published = Published(read_catalogue(document), now())
        except LibraryFault as fault:
            raise LibraryFault(f"{source.url_of(CATALOGUE_NAME)}: {fault}") from fault
    except LibraryFault as fault:
        kept = _read_kept(folder / KEPT_NAME, source.base_url, fault)
        if kept is None:
            raise
        return kept
    _keep(folder / KEPT_NAME, source.base_url, published.read_at, document)
    return published


def _fetch(source: Source, patience: Patience) -> str:
    url = source.url_of(CATALOGUE_NAME)
    while True:
        try:
            with source.open(CATALOGUE_NAME) as response:
                content = bytearray()
                for piece in body_of(response, url):
                    content += piece
                    if len(content) > MAX_CATALOGUE_BYTES:
                        raise LibraryFault(
                            f"{url}: expected a catalogue of at most {MAX_CATALOGUE_BYTES} bytes, "
                            "got more"
                        )
            return content.decode()
        except Lost as lost:
            patience.wait(lost)
        except UnicodeDecodeError as error:
            raise LibraryFault(f"{url}: expected the catalogue in UTF-8, got: {error}") from error


def _keep(path: Path, base_url: str, read_at: datetime, document: str) -> None:
    """Keep the catalogue for a time without a network. That it cannot be kept is no failure."""
    kept = {"from": base_url, "read_at": read_at.isoformat(), "catalogue": document}
    name: str | None = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f"{path.name}.")
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(kept, file)
        Path(name).replace(path)
    except OSError:
        if name is not None:
            Path(name).unlink(missing_ok=True)


def _read_kept(path: Path, base_url: str, reason: LibraryFault) -> Published | None:
    """Return the catalogue that was kept, if it is whole and of this address."""
    try:
        kept: Any = json.loads(path.read_text(encoding="utf-8"))
        if kept["from"] != base_url:
            return None
        read_at = datetime.fromisoformat(kept["read_at"])
        return Published(read_catalogue(kept["catalogue"]), read_at, reason)
    except (OSError, ValueError, TypeError, LookupError, LibraryFault):
        return None
