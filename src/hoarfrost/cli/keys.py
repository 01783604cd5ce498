"""``hoarfrost keys``: who may use the server."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import click

from hoarfrost.cli.configuration import config_option, load, warn_if_temporary
from hoarfrost.cli.failures import Misuse
from hoarfrost.server.keys import KeyStore, UnknownKey

_keys_file_option: Final = click.option(
    "--keys-file",
    metavar="FILE",
    help="Where the keys are.  [default: as the server's settings say]",
)
_data_dir_option: Final = click.option(
    "--data-dir", metavar="DIR", help="Where the server keeps its files, the keys for one."
)


def _place_options(function: Callable[..., None]) -> Callable[..., None]:
    """Add the options that say which file; their values are given on to `_open`."""
    for option in (config_option, _data_dir_option, _keys_file_option):
        function = option(function)
    return function


@click.group("keys", epilog="Example:  hoarfrost keys create --label 'telephone bot'")
def command() -> None:
    """Create, list and revoke the keys of clients.

    A running server notices every change at once.
    """


@command.command("create")
@click.option("--label", default="", help="What the key is for; only for the list.")
@_place_options
def create(label: str, **place: Any) -> None:
    """Make a key and print its secret: this once, it is kept nowhere."""
    key, secret = _open(**place, is_to_last=True).create(label)
    click.echo(f"Key {key.id}. Keep its secret, it is not shown again:", err=True)
    click.echo(secret)


@command.command("list")
@_place_options
def list_keys(**place: Any) -> None:
    """List the keys, one a line: id, created, revoked or valid, label."""
    keys = _open(**place).list()
    for key in keys:
        state = f"revoked {_show(key.revoked)}" if key.revoked else "valid"
        click.echo(f"{key.id}  {_show(key.created)}  {state:<24}  {key.label}".rstrip())
    if not keys:
        click.echo("No keys yet; make one with: hoarfrost keys create", err=True)


@command.command("revoke")
@click.argument("key_id", metavar="ID")
@_place_options
def revoke(key_id: str, **place: Any) -> None:
    """Take a key back, by its id from the list."""
    try:
        key = _open(**place).revoke(key_id)
    except UnknownKey as error:
        raise Misuse(str(error)) from error
    click.echo(f"Key {key.id} is revoked.", err=True)


def _open(config: Path | None, *, is_to_last: bool = False, **flags: str | None) -> KeyStore:
    loaded = load(flags, config)
    if is_to_last:
        warn_if_temporary(loaded, "keys_file")
    return KeyStore(loaded.settings.keys_file)


def _show(moment: datetime) -> str:
    return moment.astimezone().strftime("%Y-%m-%d %H:%M")
