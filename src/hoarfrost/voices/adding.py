"""How a voice is added: fetched or copied, put in place, prepared. READ HERE FIRST.

In: a voice of the catalogue, or one on the disk. Out: `Added`. Invariant: a voice's files appear in
the folder when all are complete, and go again if its engine cannot use them.
"""

import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Protocol

from hoarfrost.errors import HoarfrostError
from hoarfrost.voices.catalogue import (
    CARD_SUFFIX,
    CONFIG_SUFFIX,
    MODEL_SUFFIX,
    PiperVoice,
)
from hoarfrost.voices.faults import LibraryFault, Unreachable, writing
from hoarfrost.voices.fetching import fetch
from hoarfrost.voices.folder import PLACING_ORDER, VoicesFolder
from hoarfrost.voices.further import LICENCE, FurtherVoice, fetch_further
from hoarfrost.voices.local import LocalVoice
from hoarfrost.voices.patience import Patience
from hoarfrost.voices.source import Source

Prepare = Callable[[Path], None]
"""Makes of a voice what its engine needs, given the path of its model; raises if it cannot."""


class Listener(Protocol):
    """Is told how adding goes on."""

    def waiting(self, name: str) -> None:
        """Somebody else is adding or removing the same voice; we wait."""

    def progress(self, name: str, n_bytes: int, n_total: int) -> None:
        """So many of so many bytes of a voice are there."""

    def preparing(self, name: str) -> None:
        """Its files are in place; its engine looks at them."""


@dataclass(frozen=True, slots=True)
class Added:
    """What has become of a voice.

    Attributes:
        name: The voice.
        model: The path of its model.
        licence: What its model card says of its licence; None if nothing.
        is_new: Whether it was fetched; False if it was there already.
        card_fault: Why its model card could not be fetched; None if there is none missing.
    """

    name: str
    model: Path
    licence: str | None
    is_new: bool
    card_fault: LibraryFault | None = None


def add(
    voice: PiperVoice,
    *,
    source: Source,
    folder: VoicesFolder,
    listener: Listener,
    prepare: Prepare | None = None,
    patience: Callable[[], Patience] = Patience,
    is_forced: bool = False,
) -> Added:
    """Fetch a voice into the folder, unless it is there.

    Args:
        voice: Which one, from the catalogue.
        source: Where its files are.
        folder: Where they go to.
        listener: Is told how it goes on.
        prepare: Called with the model's path when the files have been put in place.
        patience: Gives the patience for each file.
        is_forced: Whether to fetch it even though it is there.

    Raises:
        Unreachable: If nobody answers; the message says how to do it by hand.
        LibraryFault: If it cannot be fetched or kept.
    """

    def bring() -> LibraryFault | None:
        try:
            return _fetch_all(voice, source, folder, listener, patience)
        except Unreachable as fault:
            addresses = [file.address for file in voice.files.values()]
            told = by_hand(voice.name, addresses, source=source, folder=folder)
            raise Unreachable(f"{fault}\n{told}") from fault

    return _add(voice.name, bring, folder, listener, prepare, is_forced=is_forced)


def add_further(
    voice: FurtherVoice,
    *,
    source: Source,
    folder: VoicesFolder,
    listener: Listener,
    prepare: Prepare | None = None,
    patience: Callable[[], Patience] = Patience,
    is_forced: bool = False,
) -> Added:
    """Fetch a further voice of `hibari-tts` into the folder, unless it is there.

    The arguments are those of `add`; ``prepare`` is given the voice's folder.

    Raises:
        Unreachable: If nobody answers.
        LibraryFault: If it cannot be fetched or kept.
    """

    def bring() -> None:
        told = partial(_tell, listener, voice, 0)
        fetch_further(voice, source=source, folder=folder, patience=patience(), progress=told)

    def prepare_package(_model: Path) -> None:
        if prepare is not None:
            prepare(folder.path / voice.name)

    added = _add(voice.name, bring, folder, listener, prepare_package, is_forced=is_forced)
    return replace(added, model=folder.path / voice.name, licence=LICENCE)


def add_local(
    voice: LocalVoice,
    *,
    folder: VoicesFolder,
    listener: Listener,
    prepare: Prepare | None = None,
    is_forced: bool = False,
) -> Added:
    """Copy a voice that lies on the disk into the folder, unless it is there.

    Raises:
        LibraryFault: If it cannot be read or kept.
    """

    def bring() -> None:
        _copy_all(voice, folder, listener)

    return _add(voice.name, bring, folder, listener, prepare, is_forced=is_forced)


def _add(
    name: str,
    bring: Callable[[], LibraryFault | None],
    folder: VoicesFolder,
    listener: Listener,
    prepare: Prepare | None,
    *,
    is_forced: bool,
) -> Added:
    """Bring a voice's files into the folder and have its engine prepare it, or leave nothing."""
    card_fault = None
    with folder.exclusive(name, lambda: listener.waiting(name)):
        was_there = folder.find(name) is not None
        is_new = is_forced or not was_there
        if is_new:
            card_fault = bring()
            if prepare is not None:
                listener.preparing(name)
                try:
                    prepare(folder.path_of(name))
                except HoarfrostError:
                    if not was_there:
                        folder.discard(name)
                    raise
    return Added(name, folder.path_of(name), folder.licence_of(name), is_new, card_fault)


def by_hand(name: str, addresses: Iterable[str], *, source: Source, folder: VoicesFolder) -> str:
    """Return how a voice is added without us: what to fetch, and where to put it.

    Args:
        name: The voice.
        addresses: Its files, relative to the catalogue's address; may be empty if unknown.
        source: Where they are.
        folder: Where they go to.
    """
    model, config, card = (f"{name}{each}" for each in (MODEL_SUFFIX, CONFIG_SUFFIX, CARD_SUFFIX))
    lines = [f"  {source.url_of(each)}" for each in addresses]
    if not lines:
        lines = [f"  {model} and {config} below {source.base_url}"]
    return "\n".join(
        [
            f"To add {name} by hand, fetch where there is a network",
            *lines,
            f"and put them into {folder.path} as {model} and {config}",
            f"(and MODEL_CARD, which tells the licence, as {card})",
        ]
    )


def _fetch_all(
    voice: PiperVoice,
    source: Source,
    folder: VoicesFolder,
    listener: Listener,
    patience: Callable[[], Patience],
) -> LibraryFault | None:
    """Fetch the files and put them in place; return why there is no model card, if so.

    A card changes more often than the catalogue is made anew; that must not take a voice away.
    """
    folder.check_room(voice.n_bytes - folder.n_bytes_incoming(voice.name))
    incoming: dict[str, Path] = {}
    card_fault: LibraryFault | None = None
    n_done = 0
    for suffix in PLACING_ORDER:
        if suffix not in voice.files:
            continue
        file, target = voice.files[suffix], folder.incoming_of(voice.name, suffix)
        told = partial(_tell, listener, voice, n_done)
        try:
            fetch(source, file, target=target, patience=patience(), progress=told)
            incoming[suffix] = target
        except Unreachable:
            raise
        except LibraryFault as fault:
            if suffix != CARD_SUFFIX:
                raise
            card_fault = fault
        n_done += file.n_bytes
    folder.place(voice.name, incoming)
    return card_fault


def _copy_all(voice: LocalVoice, folder: VoicesFolder, listener: Listener) -> None:
    """Copy a voice's files and put them in place."""
    n_bytes = voice.n_bytes
    folder.check_room(n_bytes)
    incoming = {}
    listener.progress(voice.name, 0, n_bytes)
    for suffix in (each for each in PLACING_ORDER if each in voice.files):
        incoming[suffix] = folder.incoming_of(voice.name, suffix)
        with writing(folder.path):
            shutil.copyfile(voice.files[suffix], incoming[suffix])
    if voice.licence:
        incoming[CARD_SUFFIX] = folder.incoming_of(voice.name, CARD_SUFFIX)
        with writing(folder.path):
            incoming[CARD_SUFFIX].write_text(f"License: {voice.licence}\n", "utf-8")
    listener.progress(voice.name, n_bytes, n_bytes)
    folder.place(voice.name, incoming)


def _tell(
    listener: Listener, voice: PiperVoice | FurtherVoice, n_before: int, n_bytes: int
) -> None:
    listener.progress(voice.name, n_before + n_bytes, voice.n_bytes)
