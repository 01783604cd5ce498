"""The lexicons of a folder, read anew when one of its files changes.

In: a folder. Out: `Lexicon` values by the names that clients ask for: the file's without its
ending. ``default.toml`` or ``default.csv`` holds for everybody. Invariant: a file that cannot be
used takes nothing away: what was read of it before stays, and the log says why.
"""

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Final, TypeAlias

from hoarfrost.text.lexicon import BadLexicon, Lexicon, parse_lexicon

_LOG = logging.getLogger(__name__)

SUFFIXES: Final = (".toml", ".csv")
DEFAULT: Final = "default"
"""The name of the lexicon that needs no asking for."""
_SIZE_LIMIT: Final = 4 << 20

_Stamp: TypeAlias = tuple[
    int, int
]  # modification time in ns, size: a change that keeps both is rare


class LexiconFolder:
    """The lexicons in a folder, which need not exist.

    Args:
        folder: Where the files lie.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._read: dict[Path, tuple[_Stamp, Lexicon]] = {}

    def current(self) -> Mapping[str, Lexicon]:
        """Return what the folder holds now: one ``stat`` a file, and reading what has changed."""
        found: dict[str, Lexicon] = {}
        kept: dict[Path, tuple[_Stamp, Lexicon]] = {}
        for path in _files_in(self._folder):
            stamp = _stamp_of(path)
            old = self._read.get(path)
            if stamp is None:
                continue
            if old is None or old[0] != stamp:
                old = (stamp, _read_or(path, old[1] if old else None))
            kept[path] = old
            found["" if path.stem == DEFAULT else path.stem] = old[1]
        self._read = kept
        return found


def read_lexicon(path: Path) -> Lexicon:
    """Read the lexicon of a file.

    Raises:
        BadLexicon: If it cannot be used, with every fault.
    """
    if path.suffix.lower() not in SUFFIXES:
        raise BadLexicon([f"expected a file .toml or .csv, got {path.name}"])
    try:
        if path.stat().st_size > _SIZE_LIMIT:
            raise BadLexicon([f"expected at most {_SIZE_LIMIT} bytes, got {path.stat().st_size}"])
        text = path.read_text("utf-8-sig")
    except OSError as error:
        raise BadLexicon([f"expected a file that can be read: {error.strerror}"]) from error
    except UnicodeDecodeError as error:
        raise BadLexicon(["expected UTF-8 text, got other bytes"]) from error
    return parse_lexicon(text, is_csv=path.suffix.lower() == ".csv")


def _files_in(folder: Path) -> list[Path]:
    try:
        return sorted(path for path in folder.iterdir() if path.suffix.lower() in SUFFIXES)
    except OSError:
        return []


def _stamp_of(path: Path) -> _Stamp | None:
    try:
        stat = path.stat()
    except OSError:
        return None  # it was removed meanwhile
    return stat.st_mtime_ns, stat.st_size


def _read_or(path: Path, old: Lexicon | None) -> Lexicon:
    try:
        return read_lexicon(path)
    except BadLexicon as error:
        _LOG.warning("lexicon %s: left as it was: %s", path.stem, error.faults[0])
        return old or Lexicon()
