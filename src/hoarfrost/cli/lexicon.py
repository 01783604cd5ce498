"""``hoarfrost lexicon``: pronunciations that users correct."""

from pathlib import Path

import click

from hoarfrost.cli.configuration import config_option, load
from hoarfrost.cli.failures import Misuse
from hoarfrost.server.lexicons import SUFFIXES, read_lexicon
from hoarfrost.text.lexicon import BadLexicon


@click.group("lexicon", epilog="Example:  hoarfrost lexicon check names.toml")
def command() -> None:
    """Check the lexicons that say how words are pronounced.

    A lexicon is NAME.toml or NAME.csv in the folder of the setting `lexicons_dir`; `default` holds
    for everybody, the others for who asks with lexicon=NAME. A running server notices changes.
    """


@command.command("check")
@click.argument("files", nargs=-1, type=click.Path(path_type=Path))
@config_option
def check(files: tuple[Path, ...], config: Path | None) -> None:
    """Say whether lexicons can be used: those of FILES, else all of the server's folder."""
    paths = list(files) or _all_of(load(config=config).settings.lexicons_dir)
    faults: list[str] = []
    for path in paths:
        try:
            lexicon = read_lexicon(path)
        except BadLexicon as error:
            faults += [f"{path.name}: {fault}" for fault in error.faults]
        else:
            n = len(lexicon)
            click.echo(f"{path.name}: {n} {'entry' if n == 1 else 'entries'}")
    if faults:
        raise Misuse("\n".join(faults))
    if not paths:
        click.echo("No lexicons yet.", err=True)


def _all_of(folder: Path) -> list[Path]:
    if not folder.is_dir():
        return []
    return sorted(path for path in folder.iterdir() if path.suffix.lower() in SUFFIXES)
