"""Where the commands get their settings from."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import click

from hoarfrost.cli.failures import Misuse
from hoarfrost.server.configuration import BadSettings, LoadedSettings, load_settings

config_option: Final = click.option(
    "--config",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="TOML file of settings.  [default: ./hoarfrost.toml, then the user's]",
)


def load(flags: Mapping[str, object] | None = None, config: Path | None = None) -> LoadedSettings:
    """Put the settings together.

    Raises:
        Misuse: If they are wrong.
    """
    try:
        return load_settings(flags, config)
    except BadSettings as error:
        raise Misuse(str(error)) from error
