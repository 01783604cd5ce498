"""``hoarfrost voices remove``: out of the folder."""

from functools import partial
from typing import Any

import click

from hoarfrost.cli.casting import open_catalogue
from hoarfrost.cli.failures import Misuse
from hoarfrost.cli.voices_library import folder_of, folder_options, say, settings_of, size, telling
from hoarfrost.server.settings import Settings
from hoarfrost.voices.catalogue import folded
from hoarfrost.voices.faults import UnknownVoice
from hoarfrost.voices.folder import VoicesFolder


@click.command("remove", epilog="Example:  hoarfrost voices remove en_US-lessac-medium")
@click.argument("names", nargs=-1, required=True, metavar="NAME...")
@folder_options
def command(names: tuple[str, ...], **place: Any) -> None:
    """Remove voices that were added, and what was made of them.

    It does not ask. `hoarfrost voices add` brings a voice of the catalogue back.
    """
    settings = settings_of(**place)
    folder = folder_of(settings)
    for name in names:
        with telling():
            found = folder.find(name)
            try:
                n_bytes = folder.remove(name, partial(_tell_waiting, name))
            except UnknownVoice:
                _refuse_built_in(name, folder, settings)
                raise
        click.echo(f"{found} is removed: {size(n_bytes)} freed")
        _warn_of_aliases(name, settings)


def _tell_waiting(name: str) -> None:
    say(f"waiting for another hoarfrost that adds or removes {name}")


def _refuse_built_in(name: str, folder: VoicesFolder, settings: Settings) -> None:
    """Tell a voice that an engine brings along from a name that nobody has.

    Raises:
        Misuse: If it is such a voice, or one of the speakers of an added model.
    """
    wanted = folded(name)
    for model in folder.installed():
        if wanted.startswith(f"{folded(model)}."):
            raise Misuse(f"expected the name of a whole model ({model}), got its speaker {name!r}")
    with open_catalogue(settings) as (_, catalogue):
        for voice in catalogue.voices():
            if voice.name == wanted:
                raise Misuse(
                    f"expected a voice in {folder.path}, got {name!r}, which comes with the engine "
                    f"{voice.engine} and cannot be removed"
                )


def _warn_of_aliases(name: str, settings: Settings) -> None:
    """Name the settings that would keep a server from starting, now that the voice is gone."""
    wanted = folded(name)
    for alias, targets in settings.aliases.items():
        if wanted in map(folded, [targets] if isinstance(targets, str) else targets):
            say(f"the alias {alias} of your settings still stands for {name}: take it out")
    if folded(settings.default_speaker) == wanted:
        say(f"default_speaker of your settings is still {name}: take it out")
