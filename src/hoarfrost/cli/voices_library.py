"""What the commands on the library of voices share: where it is, and how its faults are told."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
from rich.filesize import decimal

from hoarfrost.cli.configuration import config_option, load, warn_if_temporary
from hoarfrost.cli.failures import Misuse, NoServer
from hoarfrost.server.settings import Settings
from hoarfrost.voices.faults import UnknownVoice, Unreachable
from hoarfrost.voices.folder import VoicesFolder
from hoarfrost.voices.patience import Patience
from hoarfrost.voices.published import Published, read_published
from hoarfrost.voices.source import Source

_data_dir_option = click.option(
    "--data-dir", metavar="DIR", help="Where the server keeps its files, the voices for one."
)
_voices_dir_option = click.option(
    "--voices-dir",
    metavar="DIR",
    help="The folder of the voices.  [default: as the server's settings say]",
)
_from_option = click.option(
    "--from",
    "--voices-url",
    "voices_url",
    metavar="URL",
    help="Address of the catalogue.  [default: as the settings say, else Piper's at Hugging Face]",
)


def folder_options(function: Callable[..., None]) -> Callable[..., None]:
    """Add the options that say which folder; their values are given on to `settings_of`."""
    for option in (config_option, _data_dir_option, _voices_dir_option):
        function = option(function)
    return function


def library_options(function: Callable[..., None]) -> Callable[..., None]:
    """Add the options that say which folder and which catalogue."""
    return _from_option(folder_options(function))


def settings_of(config: Path | None, *, is_to_last: bool = False, **flags: Any) -> Settings:
    """Put together the settings that the options leave.

    Args:
        config: The file of settings that was asked for.
        is_to_last: Whether voices will be kept: it is told if they cannot be for long.
        flags: By setting, what was given on the command line.
    """
    loaded = load(flags, config)
    if is_to_last:
        warn_if_temporary(loaded, "voices_dir")
    return loaded.settings


def folder_of(settings: Settings) -> VoicesFolder:
    """Return the folder that the settings name."""
    return VoicesFolder(settings.voices_dir)


@contextmanager
def telling() -> Iterator[None]:
    """Give the library's faults the status that scripts go by.

    Raises:
        Misuse: For a name that is none.
        NoServer: For an address that does not answer.
    """
    try:
        yield
    except UnknownVoice as fault:
        raise Misuse(str(fault)) from fault
    except Unreachable as fault:
        raise NoServer(str(fault)) from fault


def read_catalogue(source: Source, folder: VoicesFolder) -> Published:
    """Read the catalogue; if an old one has to do, say so with its date."""
    published = read_published(source, folder.path, patience=Patience())
    if published.stale_because is not None:
        date = published.read_at.astimezone().strftime("%Y-%m-%d %H:%M")
        say(f"{published.stale_because}; going by the catalogue of {date}")
    return published


def say(text: str) -> None:
    """Tell something beside the result."""
    for line in text.splitlines():
        click.echo(f"hoarfrost: {line}", err=True)


def size(n_bytes: int) -> str:
    """Return a size as people read it."""
    return decimal(n_bytes)
