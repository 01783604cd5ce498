"""The manifest of a voice package, ``voice.json``: what every family has in common.

In: a folder. Out: its `Fields`, read and typed one by one. Invariant: whatever is wrong with a
manifest is told as a `VoiceFault` that names the package and the field.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from hoarfrost.errors import VoiceFault

MANIFEST: Final = "voice.json"
FORMAT: Final = 1
_MAX_BYTES: Final = 1 << 22
"""Of a manifest: voices with a thousand named speakers have some 40 KB."""


class Fields:
    """The fields of a JSON object, each checked as it is read.

    Args:
        values: The object.
        place: What to call it in an error, ``"pitch."``, say.
    """

    def __init__(self, values: Mapping[str, Any], place: str = "") -> None:
        self._values = values
        self._place = place

    def raw(self, key: str) -> Any:
        """Return a value as it stands, None if there is none."""
        return self._values.get(key)

    def has(self, key: str) -> bool:
        """Return whether a field is there and not null."""
        return self._values.get(key) is not None

    def inner(self, key: str) -> "Fields":
        """Return the fields of an object in this one."""
        value = self._values.get(key)
        if not isinstance(value, dict):
            raise ValueError(f"{self._place}{key}: expected an object, got {type(value).__name__}")
        return Fields(value, f"{self._place}{key}.")

    def integer(self, key: str, low: int, high: int, default: int | None = None) -> int:
        """Return an integer from ``low`` to ``high``."""
        value = self._values.get(key, default)
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise ValueError(
                f"{self._place}{key}: expected an integer from {low} to {high}, got {value!r:.40}"
            )
        return value

    def number(self, key: str, low: float, high: float, default: float | None = None) -> float:
        """Return a number from ``low`` to ``high``."""
        value = self._values.get(key, default)
        is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
        if not is_number or not low <= value <= high:
            raise ValueError(
                f"{self._place}{key}: expected a number from {low} to {high}, got {value!r:.40}"
            )
        return float(value)

    def word(self, key: str) -> str:
        """Return a short text."""
        value = self._values.get(key)
        if not isinstance(value, str) or not value.strip() or len(value) > 100:
            raise ValueError(f"{self._place}{key}: expected a short text, got {value!r:.40}")
        return value

    def words(self, key: str) -> tuple[str, ...]:
        """Return a list of texts, at least one."""
        value = self._values.get(key)
        if not isinstance(value, list) or not value:
            raise ValueError(
                f"{self._place}{key}: expected a list of texts, got {type(value).__name__}"
            )
        if not all(isinstance(each, str) and each for each in value):
            raise ValueError(f"{self._place}{key}: expected a list of texts, got other values")
        return tuple(value)


def read_manifest(folder: Path) -> Fields:
    """Read a package's manifest.

    Raises:
        VoiceFault: If the folder is no package, or of another format; says why.
    """
    return Fields(read_object(folder / MANIFEST, f"voice package {folder.name}: {MANIFEST}"))


def read_object(path: Path, place: str) -> Mapping[str, Any]:
    """Read a JSON object from a file.

    Args:
        path: The file.
        place: What to call it in an error.

    Raises:
        VoiceFault: If there is none, or it is not one.
    """
    try:
        with path.open("rb") as file:
            raw = file.read(_MAX_BYTES + 1)
        if len(raw) > _MAX_BYTES:
            raise ValueError(f"expected at most {_MAX_BYTES} bytes, got more")
        values = json.loads(raw.decode())
        if not isinstance(values, dict):
            raise TypeError(f"expected an object, got {type(values).__name__}")
    except FileNotFoundError as error:
        raise VoiceFault(f"{place}: expected a file, got none") from error
    except (OSError, UnicodeDecodeError, ValueError, TypeError, RecursionError) as error:
        raise VoiceFault(f"{place}: {error}") from error
    return values
