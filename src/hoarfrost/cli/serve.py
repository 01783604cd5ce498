"""``hoarfrost serve``: the server, from a terminal."""

import errno
import socket
import time
from pathlib import Path
from typing import Final

import click

from hoarfrost.cli.banner import Start, greeting
from hoarfrost.cli.casting import default_speaker, loading
from hoarfrost.cli.configuration import config_option, load, warn_if_temporary
from hoarfrost.cli.effective import as_toml
from hoarfrost.cli.failures import Failure
from hoarfrost.cli.logs import configure_logging
from hoarfrost.server.app import serve
from hoarfrost.server.keys import KeyStore
from hoarfrost.server.services import Services
from hoarfrost.server.settings import Settings, about, default_text

FIRST_KEY_LABEL: Final = "made at the first start"


def _setting_options(command: click.Command) -> click.Command:
    """Give a command one flag for each setting that has one, with its text and default."""
    for name in Settings.model_fields:
        texts = about(name)
        if not texts.has_flag:
            continue
        flag = f"--{name.replace('_', '-')}"
        is_switch = not texts.metavar
        # Plain strings: `Settings` checks them, in one way for flags, environment and file.
        option = click.Option(
            [f"{flag}/{flag.replace('--', '--no-', 1)}" if is_switch else flag],
            default=None,
            metavar=texts.metavar or None,
            help=f"{texts.summary}  [default: {default_text(name)}]",
        )
        command.params.insert(_n_settings(command), option)
    return command


def _n_settings(command: click.Command) -> int:
    return sum(option.name in Settings.model_fields for option in command.params)


def _flagless() -> str:
    """Return the part of the help that tells of settings without a flag."""
    told = (
        f"{name}: {about(name).summary[0].lower()}{about(name).summary[1:]}"
        for name in Settings.model_fields
        if not about(name).has_flag
    )
    return "\n\n".join(told)


@_setting_options
@click.command(
    "serve",
    epilog="Example:  hoarfrost serve --port 9000\n\nEach setting can also be an environment "
    "variable (HOARFROST_PORT) or a line of the TOML file (port = 9000). Flags come first, then "
    f"the environment, then the file.\n\nSettings without a flag:\n\n{_flagless()}",
)
@config_option
@click.option("--show-config", is_flag=True, help="Print the settings that hold, and stop.")
def command(config: Path | None, show_config: bool, **flags: object) -> None:  # noqa: FBT001 -- a flag
    """Run the server.

    It runs until it is stopped: by SIGTERM, when what is being said has ended; by Ctrl-C or
    SIGQUIT at once. SIGHUP has it read its settings again.
    """
    started = time.monotonic()
    loaded = load(flags, config, is_for_show=show_config)
    settings = loaded.settings
    if show_config:
        click.echo(as_toml(loaded), nl=False)
        return
    warn_if_temporary(loaded, "keys_file", "voices_dir")
    configure_logging(settings)
    if settings.auth:
        KeyStore(settings.keys_file).list()  # a damaged file shall be told before anything starts

    secret: str | None = None

    def prepare(services: Services) -> None:
        # Only now: had the port been taken, nobody would have seen the secret.
        nonlocal secret
        if services.keys and not services.keys.list():
            _, secret = services.keys.create(FIRST_KEY_LABEL)

    def announce(services: Services, address: str) -> None:
        start = Start(
            settings=settings,
            address=address,
            n_voices=len(services.catalogue.voices()),
            took=time.monotonic() - started,
            speaker=default_speaker(services.catalogue, settings.default_speaker),
            secret=secret,
            link_secret=services.access.link_secret,
        )
        click.echo(greeting(start))

    def read_again() -> Settings:
        fresh = load(flags, config).settings
        configure_logging(fresh)
        return fresh

    try:
        with loading(settings):
            serve(settings, announce, prepare=prepare, read_again=read_again)
    except OSError as error:
        raise _unopened(settings, error) from error


def _unopened(settings: Settings, error: OSError) -> Exception:
    """Return what to tell of a port that cannot be opened."""
    if isinstance(error, socket.gaierror) or error.errno == errno.EADDRNOTAVAIL:
        return Failure(
            f"{settings.host} is no address of this machine; choose another with --host "
            "(127.0.0.1 for this machine only, 0.0.0.0 for all networks)"
        )
    port = f"port {settings.port} on {settings.host}"
    match error.errno:
        case errno.EADDRINUSE:
            return Failure(f"{port} is taken; choose another with --port")
        case errno.EACCES:
            return Failure(f"{port} may not be opened by this user; choose another with --port")
        case _:
            return error
