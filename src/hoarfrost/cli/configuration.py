"""Where the commands get their settings from."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import click

from hoarfrost.cli.failures import Misuse
from hoarfrost.server.configuration import (
    TEMPORARY,
    BadSettings,
    LoadedSettings,
    load_settings,
)
from hoarfrost.server.data_dir import make_private

config_option: Final = click.option(
    "--config",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="TOML file of settings.  [default: ./hoarfrost.toml, then the user's]",
)


def load(
    flags: Mapping[str, object] | None = None,
    config: Path | None = None,
    *,
    is_for_show: bool = False,
) -> LoadedSettings:
    """Put the settings together.

    Unless they are only to be shown, a data dir in the temporary folder is made, or checked: what
    lies there already may be another user's.

    Raises:
        Misuse: If they are wrong.
        NotPrivate: If the data dir in the temporary folder is not this user's alone.
    """
    try:
        loaded = load_settings(flags, config)
    except BadSettings as error:
        raise Misuse(str(error)) from error
    is_used = "default" in (loaded.origins["keys_file"], loaded.origins["voices_dir"])
    if is_used and not is_for_show and loaded.origins["data_dir"] == TEMPORARY:
        make_private(loaded.settings.data_dir)
    return loaded


def warn_if_temporary(loaded: LoadedSettings, *names: str) -> None:
    """Say where keys and voices go if they will not last.

    Args:
        loaded: The settings that hold.
        names: The settings in use: ``keys_file``, ``voices_dir``.
    """
    is_used = any(loaded.origins[name] == "default" for name in names)
    if is_used and loaded.origins["data_dir"] == TEMPORARY:
        click.echo(
            "hoarfrost: the user's data folder cannot be written: keys and voices are kept in "
            f"{loaded.settings.data_dir} and last no longer than the temporary folder; "
            "choose a lasting one with --data-dir",
            err=True,
        )
