"""``hoarfrost voices add``: from the catalogue, or from the disk, into the folder."""

import sys
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from importlib import import_module
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)

from hoarfrost.cli.voices_library import (
    folder_of,
    library_options,
    read_catalogue,
    say,
    settings_of,
    size,
    telling,
)
from hoarfrost.voices import further as registry
from hoarfrost.voices.adding import Added, Prepare, add, add_further, add_local, by_hand
from hoarfrost.voices.catalogue import (
    CARD_SUFFIX,
    PiperVoice,
    conventional_addresses,
    folded,
)
from hoarfrost.voices.faults import Unreachable
from hoarfrost.voices.folder import VoicesFolder
from hoarfrost.voices.further import FurtherVoice, further_voices
from hoarfrost.voices.local import LocalVoice, find_local, is_path
from hoarfrost.voices.source import Source


@click.command("add", epilog="Example:  hoarfrost voices add en_US-lessac-medium")
@click.argument("names", nargs=-1, required=True, metavar="NAME|FILE|FOLDER...")
@click.option("--force", "is_forced", is_flag=True, help="Bring it anew if it is there already.")
@library_options
def command(names: tuple[str, ...], is_forced: bool, **place: Any) -> None:  # noqa: FBT001 -- a flag
    """Fetch voices of the catalogue, or take them from the disk.

    NAME is one that `hoarfrost voices search` tells. What breaks off goes on where it was when the
    command is repeated. FILE is a Piper model, NAME.onnx, with NAME.onnx.json beside it; FOLDER
    holds such models. A model card beside it is kept too. A running server offers the voice at
    once.
    """
    settings = settings_of(**place, is_to_last=True)
    folder = folder_of(settings)
    paths = [name for name in names if is_path(name)]
    with telling():
        local = [voice for path in paths for voice in find_local(Path(path))]
        add_voices(
            [name for name in names if name not in paths],
            folder=folder,
            url=settings.voices_url,
            prepare=_prepare,
            is_forced=is_forced,
        )
        for voice in local:
            with _Display("copying") as display:
                added = add_local(
                    voice, folder=folder, listener=display, prepare=_prepare, is_forced=is_forced
                )
            _report(added, voice, folder)


def _prepare(model: Path) -> None:
    """Have the engine make of a voice what it speaks with."""
    # Loaded only now: it brings numeric libraries, and --help shall not wait for them.
    importing = import_module("hoarfrost.engines.natural.piper.importing")
    importing.import_voice(model)


def add_voices(
    names: Sequence[str],
    *,
    folder: VoicesFolder,
    url: str,
    prepare: Prepare | None = None,
    is_forced: bool = False,
) -> None:
    """Add voices one after the other, and tell of each how it can be used.

    Args:
        names: Names or earlier names of the catalogue, case ignored. All are looked up before the
            first is fetched.
        folder: Where they go to.
        url: Address of the catalogue.
        prepare: Called with each new model's path.
        is_forced: Whether to fetch what is there already.

    Raises:
        UnknownVoice: If the catalogue lacks one of them.
        Unreachable: If nobody answers at the address.
        LibraryFault: If one cannot be fetched or kept.
    """
    there = {} if is_forced else {name: folder.find(name) for name in names}
    for found in dict.fromkeys(found for found in there.values() if found):
        _report_there(found)
    missing = [name for name in names if not there.get(name)]
    if not missing:
        return
    offered = further_voices()
    further = {folded(name): offered[folded(name)] for name in missing if folded(name) in offered}
    if further:
        _add_further(list(further.values()), folder, is_forced=is_forced)
    missing = [name for name in missing if folded(name) not in further]
    if not missing:
        return
    with Source(url) as source:
        voices = _look_up(missing, source, folder)
        for voice in voices:
            with _Display("fetching") as display:
                added = add(
                    voice,
                    source=source,
                    folder=folder,
                    listener=display,
                    prepare=prepare,
                    is_forced=is_forced,
                )
            _report(added, voice, folder)


def _add_further(voices: Sequence[FurtherVoice], folder: VoicesFolder, *, is_forced: bool) -> None:
    """Add voices that the package `hibari-tts` names."""
    with Source(registry.BASE_URL) as source:
        for voice in voices:
            with _Display("fetching") as display:
                added = add_further(
                    voice,
                    source=source,
                    folder=folder,
                    listener=display,
                    prepare=_try_package,
                    is_forced=is_forced,
                )
            _report(added, voice, folder)


def _try_package(package: Path) -> None:
    """Have the engine read a package, so that one that it cannot speak with is not kept."""
    cache = import_module("hoarfrost.engines.natural.voice_cache")
    cache.read_voices(package).load(None, None)


def _look_up(names: Sequence[str], source: Source, folder: VoicesFolder) -> list[PiperVoice]:
    try:
        catalogue = read_catalogue(source, folder).catalogue
    except Unreachable as fault:
        told = [
            by_hand(name, conventional_addresses(name), source=source, folder=folder)
            for name in names
        ]
        raise Unreachable("\n".join([str(fault), *told])) from fault
    return list({voice.name: voice for voice in map(catalogue.find, names)}.values())


class _Display:
    """Progress while a voice is brought: a bar on a terminal, else a line.

    Args:
        doing: What is done to it, ``"fetching"``.
    """

    def __init__(self, doing: str) -> None:
        self._doing = doing
        self._task: TaskID | None = None
        self._bar: Progress | None = None
        self._shown: AbstractContextManager[object] = nullcontext()
        self._is_told = False
        if _is_terminal():
            columns = (BarColumn(), DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn())
            name = TextColumn("{task.description}")
            self._bar = Progress(name, *columns, console=Console(stderr=True))
            self._shown = self._bar

    def __enter__(self) -> "_Display":
        self._shown.__enter__()
        return self

    def __exit__(self, *reason: Any) -> None:
        self._shown.__exit__(*reason)

    def waiting(self, name: str) -> None:
        say(f"waiting for another hoarfrost that adds or removes {name}")

    def progress(self, name: str, n_bytes: int, n_total: int) -> None:
        if self._bar is not None:
            if self._task is None:
                self._task = self._bar.add_task(name, total=n_total)
            self._bar.update(self._task, completed=n_bytes)
        elif not self._is_told:
            say(f"{self._doing} {name} ({size(n_total)})")
        self._is_told = True

    def preparing(self, name: str) -> None:
        say(f"preparing {name}")


def _is_terminal() -> bool:
    return sys.stderr.isatty()


def _report_there(name: str) -> None:
    click.echo(f"{name} is there already; --force brings it anew.")


def _report(
    added: Added, voice: PiperVoice | LocalVoice | FurtherVoice, folder: VoicesFolder
) -> None:
    """Tell what the person who added a voice needs to know to use it."""
    if not added.is_new:
        _report_there(added.name)
        return
    click.echo(f"{added.name} is added: {size(voice.n_bytes)} in {folder.path}")
    is_package = isinstance(voice, FurtherVoice)
    click.echo(f"Licence: {added.licence if is_package else _licence(added, folder)}")
    if not isinstance(voice, FurtherVoice) and voice.n_speakers > 1:
        click.echo(f"It has {voice.n_speakers} speakers; list them:  hoarfrost voices {added.name}")
    click.echo(f"Hear it:  hoarfrost say --speaker {added.name} 'Hello there.'")
    click.echo(f"Clients ask for it with  ?speaker={added.name}  or, with a line of hoarfrost.toml")
    click.echo(f'under [aliases] such as  cove = "{added.name}"  by a name they send already.')


def _licence(added: Added, folder: VoicesFolder) -> str:
    card = folder.path_of(added.name, CARD_SUFFIX)
    if added.licence is not None:
        return f"{added.licence}  (of its data, says {Path(card).name})"
    if added.card_fault is not None:
        return f"not known, its model card could not be fetched: {added.card_fault}"
    return f"not told; see {card}" if card.exists() else "not told: it has no model card"
