"""Piper voices that lie on this machine's disk: in a download, on a stick, in an installed package.

In: the path of a model, or of a folder of models. Out: `LocalVoice` values. Invariant: a voice that
was found has a model and a configuration; whether they fit each other is the engine's to say.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from hoarfrost.voices.catalogue import CARD_SUFFIX, CONFIG_SUFFIX, MODEL_SUFFIX
from hoarfrost.voices.faults import LibraryFault, UnknownVoice
from hoarfrost.voices.model_card import licence_in

_CARDS: Final = ("MODEL_CARD", "MODEL_CARD.md", "MODEL_CARD.txt", "README.md")
"""Names under which a model card lies in a folder of one voice; a README only if it tells one."""
_LICENCES: Final = ("LICENSE", "LICENSE.txt", "LICENSE.md", "LICENCE", "COPYING")
_CARD_BYTES: Final = 100_000


@dataclass(frozen=True, slots=True)
class LocalVoice:
    """A voice on the disk.

    Attributes:
        name: The model's file name without its ending.
        files: By suffix in the folder of voices, the path of each file.
        n_speakers: As its configuration says.
        licence: First line of a licence file beside a voice that has no model card; "" if none.
    """

    name: str
    files: Mapping[str, Path]
    n_speakers: int
    licence: str = ""

    @property
    def n_bytes(self) -> int:
        """Size of its files together."""
        return sum(path.stat().st_size for path in self.files.values())


def is_path(argument: str) -> bool:
    """Return whether an argument names something on the disk, not a voice of the catalogue."""
    looks_so = argument.endswith(MODEL_SUFFIX) or "/" in argument or "\\" in argument
    return looks_so or argument in (".", "..") or Path(argument).is_dir()


def find_local(path: Path) -> list[LocalVoice]:
    """Return the voices that a path names: one model, or all models of a folder.

    Raises:
        UnknownVoice: If there is none.
        LibraryFault: If one cannot be read, or lacks its configuration.
    """
    try:
        if path.is_dir():
            models = sorted(each for each in path.iterdir() if each.name.endswith(MODEL_SUFFIX))
            if not models:
                raise UnknownVoice(
                    f"{path}: expected a folder with NAME.onnx in it, got none there"
                )
        elif path.is_file() and path.name.endswith(MODEL_SUFFIX):
            models = [path]
        else:
            got = "another file" if path.exists() else "nothing"
            raise UnknownVoice(f"{path}: expected a model, NAME.onnx, or its folder, got {got}")
        return [_voice(model, is_alone=len(models) == 1) for model in models]
    except OSError as error:
        raise LibraryFault(
            f"{error.filename or path}: expected to read it, got: {error.strerror or error}"
        ) from error


def _voice(model: Path, *, is_alone: bool) -> LocalVoice:
    name = model.name.removesuffix(MODEL_SUFFIX)
    config = model.with_name(f"{name}{CONFIG_SUFFIX}")
    if not config.is_file():
        raise LibraryFault(f"{model}: expected its configuration {config.name} beside it, got none")
    files = {MODEL_SUFFIX: model, CONFIG_SUFFIX: config}
    card = _card(model.with_name(f"{name}{CARD_SUFFIX}"), is_alone=is_alone)
    if card is not None:
        files[CARD_SUFFIX] = card
    licence = "" if card is not None or not is_alone else _licence(model.parent)
    return LocalVoice(name, files, _n_speakers(config), licence)


def _card(own: Path, *, is_alone: bool) -> Path | None:
    """Return a voice's model card: its own, or that of a folder which holds no other voice."""
    if own.is_file():
        return own
    for card in (own.with_name(name) for name in _CARDS if is_alone):
        if card.is_file() and (card.name.startswith("MODEL") or licence_in(_text(card))):
            return card
    return None


def _licence(folder: Path) -> str:
    for path in (folder / name for name in _LICENCES):
        if path.is_file():
            lines = (line.strip() for line in _text(path).splitlines())
            return next((line for line in lines if line), "")
    return ""


def _text(path: Path) -> str:
    with path.open("rb") as file:
        return file.read(_CARD_BYTES).decode(errors="replace")


def _n_speakers(config: Path) -> int:
    """Return how many speakers a configuration tells of; 1 if it cannot be read."""
    try:
        return max(1, int(json.loads(config.read_bytes()).get("num_speakers") or 1))
    except (ValueError, TypeError, AttributeError, RecursionError):
        return 1
