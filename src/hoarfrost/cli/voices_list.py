"""``hoarfrost voices list``, or just ``hoarfrost voices``: who can speak."""

import json
import sys
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from hoarfrost.cli.casting import open_catalogue
from hoarfrost.cli.configuration import config_option, load
from hoarfrost.cli.failures import Failure
from hoarfrost.cli.voices_page import page
from hoarfrost.synthesis.catalogue import Catalogue, VoiceDescription
from hoarfrost.synthesis.voice import Gender
from hoarfrost.text import languages


@click.command("list", epilog="Example:  hoarfrost voices --lang en --gender female")
@click.argument("words", nargs=-1, metavar="[WORD]...")
@click.option("--lang", metavar="CODE", help="Only voices that speak it (en, eng, en-GB).")
@click.option(
    "--gender",
    type=click.Choice([each.value for each in Gender]),
    help="Only voices heard as such.",
)
@click.option("--json", "as_json", is_flag=True, help="As GET /voices of a server gives them.")
@click.option("--markdown", "as_page", is_flag=True, help="As a page of documentation.")
@config_option
def command(
    words: tuple[str, ...],
    lang: str | None,
    gender: str | None,
    as_json: bool,  # noqa: FBT001 -- a flag
    as_page: bool,  # noqa: FBT001 -- a flag
    config: Path | None,
) -> None:
    """List the voices.

    They are sorted by language; with WORDs, only those that each WORD fits. Into a pipe, one voice
    a line: name, languages, gender, description, licence, engine, separated by tabs.
    """
    with open_catalogue(load(config=config).settings) as (_, catalogue):
        voices = [
            voice
            for voice in catalogue.describe()
            if (lang is None or _speaks(voice, lang))
            and (gender is None or voice["gender"] == gender)
            and all(word.lower() in _told(voice) for word in words)
        ]
        stand_ins = [(word, found.name) for word in words if (found := catalogue.find(word))]
        hint = "" if voices else _hint(catalogue, words, lang)
    if as_json:
        click.echo(json.dumps(voices, ensure_ascii=False, indent=2))
    elif as_page:
        click.echo(page(voices), nl=False)
    elif not voices:
        raise Failure(f"expected at least one voice that matches, got none{hint}")
    elif _is_terminal():
        Console().print(_table(voices))
    else:
        for voice in voices:
            spoken = ",".join(voice["languages"])
            facts = (voice["gender"], voice["description"], voice["licence"], voice["engine"])
            click.echo("\t".join([voice["name"], spoken, *facts]))
    for word, name in stand_ins:
        if word.lower() != name and not (as_json or as_page):
            click.echo(f"{word}: a name of Rime's, spoken by {name}", err=True)


def _hint(catalogue: Catalogue, words: Sequence[str], lang: str | None) -> str:
    """Return what may have been meant: names close to the words, or the languages there are."""
    if lang is not None and not any(_speaks(voice, lang) for voice in catalogue.describe()):
        spoken = {tag for voice in catalogue.describe() for tag in voice["languages"]}
        return f"; the languages are {', '.join(sorted(spoken))}"
    close = list(dict.fromkeys(name for word in words for name in catalogue.close_matches(word)))
    return f"; close to it: {', '.join(close)}" if close else ""


def _is_terminal() -> bool:
    return sys.stdout.isatty()


def _speaks(voice: VoiceDescription, wanted: str) -> bool:
    """Return whether a voice speaks a language; with a region (``en-GB``), just that one."""
    exact = languages.normalise(wanted)
    if exact is not None and "-" in exact:
        return exact in voice["languages"]
    return languages.pick(wanted, voice["languages"]) is not None


def _told(voice: VoiceDescription) -> str:
    """Return all that a search goes through."""
    facts = (voice["name"], voice["language_name"], voice["description"], voice["engine"])
    return "\n".join([*facts, *voice["tags"], *voice["aliases"]]).lower()


def _table(voices: Sequence[VoiceDescription]) -> Table:
    table = Table(box=None, pad_edge=False)
    table.add_column("voice", style="bold", no_wrap=True)
    table.add_column("languages")
    table.add_column("gender")
    table.add_column("engine")
    table.add_column("description")
    table.add_column("licence")
    for language, group in groupby(voices, key=lambda voice: voice["language_name"]):
        table.add_row(f"[dim]{language}[/dim]")
        for voice in group:
            spoken = " ".join(voice["languages"])
            told = (escape(voice[fact]) for fact in ("engine", "description", "licence"))
            table.add_row(f"  {voice['name']}", spoken, voice["gender"], *told)
    return table
