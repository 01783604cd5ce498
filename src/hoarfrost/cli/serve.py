"""``hoarfrost serve``: the server, from a terminal."""

import errno
import socket
import time
from pathlib import Path
from typing import Final

import click

from hoarfrost.cli.banner import Start, greeting
from hoarfrost.cli.casting import default_speaker, loading
from hoarfrost.cli.configuration import config_option, load
from hoarfrost.cli.effective import as_toml
from hoarfrost.cli.failures import Failure
from hoarfrost.cli.logs import configure_logging
from hoarfrost.server.app import serve
from hoarfrost.server.keys import KeyStore
from hoarfrost.server.services import Services
from hoarfrost.server.settings import Settings

FIRST_KEY_LABEL: Final = "made at the first start"


# The values are checked by `Settings`, in one way for flags, environment and file; so here they
# are plain strings, and the defaults are not repeated.
@click.command(
    "serve",
    epilog="Example:  hoarfrost serve --port 9000\n\nEach setting can also be an environment "
    "variable (HOARFROST_PORT) or a line of the TOML file (port = 9000). Flags come first, then "
    "the environment, then the file.\n\nFour settings have no flag: default_speaker (who speaks "
    "when nobody is named), voices_url (the catalogue that voices are added from), aliases "
    "(further names of voices; HOARFROST_ALIASES=desk=kathleen, or the table [aliases]), and "
    "engine_options, for which there are only tables of the file ([engine_options.NAME]).",
)
@click.option("--host", metavar="ADDRESS", help="Address to listen on.  [default: 127.0.0.1]")
@click.option("--port", metavar="N", help="Port to listen on; 0 for any.  [default: 8000]")
@click.option("--auth/--no-auth", default=None, help="Whether clients need a key.  [default: yes]")
@click.option("--data-dir", metavar="DIR", help="Where the server keeps its files.")
@click.option(
    "--voices-dir", metavar="DIR", help="Voices that were added.  [default: voices in the data dir]"
)
@click.option(
    "--lexicons-dir", metavar="DIR", help="Pronunciations.  [default: lexicons in the data dir]"
)
@click.option("--keys-file", metavar="FILE", help="The keys.  [default: keys.json in the data dir]")
@click.option("--engines", metavar="A,B", help="Engines to load.  [default: all installed]")
@click.option("--preload", metavar="A,B", help="Voices to load before the server is ready.")
@click.option("--workers", metavar="N", help="Synthesis threads.  [default: one a core]")
@click.option("--max-connections", metavar="N", help="Connections at a time.")
@click.option("--max-connections-per-key", metavar="N", help="The same, for one key.")
@click.option(
    "--admission/--no-admission",
    default=None,
    help="Refuse callers who would make others underrun.  [default: yes]",
)
@click.option(
    "--capacity-share", metavar="X", help="Of all workers' time, what is given.  [default: 0.9]"
)
@click.option("--max-text-bytes", metavar="N", help="Unspoken text that a connection may hold.")
@click.option(
    "--lookahead-ms", metavar="N", help="Audio sent ahead of playback.  [default: all that is made]"
)
@click.option("--ping-interval-s", metavar="SECONDS", help="Time between pings.  [default: 20]")
@click.option("--log-level", metavar="LEVEL", help="debug, info, warning or error.")
@click.option("--log-format", metavar="FORMAT", help="text or json.")
@click.option("--access-log/--no-access-log", default=None, help="Log each connection.")
@config_option
@click.option("--show-config", is_flag=True, help="Print the settings that hold, and stop.")
def command(config: Path | None, show_config: bool, **flags: object) -> None:  # noqa: FBT001 -- a flag
    """Run the server.

    It runs until it is stopped by Ctrl-C or SIGTERM.
    """
    started = time.monotonic()
    loaded = load(flags, config)
    settings = loaded.settings
    if show_config:
        click.echo(as_toml(loaded), nl=False)
        return
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
        )
        click.echo(greeting(start))

    try:
        with loading(settings):
            serve(settings, announce, prepare=prepare)
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
