"""``hoarfrost voices search``: which voices could be added."""

import json
import sys
from collections.abc import Collection, Sequence
from typing import Any

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from hoarfrost.cli.failures import Failure
from hoarfrost.cli.voices_library import (
    folder_of,
    library_options,
    read_catalogue,
    settings_of,
    size,
    telling,
)
from hoarfrost.voices.catalogue import QUALITIES, PiperVoice, folded
from hoarfrost.voices.further import FurtherVoice, further_voices
from hoarfrost.voices.source import Source


@click.command("search", epilog="Example:  hoarfrost voices search lessac --language en")
@click.argument("words", nargs=-1, metavar="[WORD]...")
@click.option("--language", metavar="CODE", help="Only voices that speak it (en, eng, en-GB).")
@click.option("--quality", type=click.Choice(QUALITIES), help="Only models of this size.")
@click.option("--json", "as_json", is_flag=True, help="All that the catalogue says, as JSON.")
@library_options
def command(
    words: tuple[str, ...],
    language: str | None,
    quality: str | None,
    as_json: bool,  # noqa: FBT001 -- a flag
    **place: Any,
) -> None:
    """Search the voices of Piper's public catalogue, and those of the package hibari-tts.

    With WORDs, only voices that each WORD fits: by name, language, country or quality. Into a pipe,
    one voice a line: name, language, quality, number of speakers, bytes, installed or available,
    separated by tabs. Without a network, the catalogue that was read last has to do.
    """
    settings = settings_of(**place)
    folder = folder_of(settings)
    with telling(), Source(settings.voices_url) as source:
        catalogue = read_catalogue(source, folder).catalogue
        installed = {folded(name) for name in folder.installed()}
    further = [
        voice
        for voice in further_voices().values()
        if voice.fits(words)
        and quality in (None, voice.quality)
        and (language is None or voice.speaks(language))
    ]
    piper = catalogue.search(words, language=language, quality=quality)
    voices: list[PiperVoice | FurtherVoice] = [*further, *piper]
    if as_json:
        listed = [_describe(voice, is_installed=_is_in(installed, voice)) for voice in voices]
        click.echo(json.dumps(listed, ensure_ascii=False, indent=2))
    elif not voices:
        raise Failure("expected at least one voice that matches, got none")
    elif _is_terminal():
        Console().print(_table(voices, installed))
    else:
        for voice in voices:
            state = "installed" if _is_in(installed, voice) else "available"
            facts = (voice.name, voice.language, voice.quality, voice.n_speakers, voice.n_bytes)
            click.echo("\t".join(map(str, (*facts, state))))


def _is_terminal() -> bool:
    return sys.stdout.isatty()


def _is_in(installed: Collection[str], voice: PiperVoice | FurtherVoice) -> bool:
    return folded(voice.name) in installed


def _describe(voice: PiperVoice | FurtherVoice, *, is_installed: bool) -> dict[str, object]:
    return {
        "name": voice.name,
        "language": voice.language,
        "language_name": voice.language_name,
        "native_name": voice.native_name,
        "country": voice.country,
        "quality": voice.quality,
        "n_speakers": voice.n_speakers,
        "n_bytes": voice.n_bytes,
        "aliases": list(voice.aliases),
        "installed": is_installed,
    }


def _table(voices: Sequence[PiperVoice | FurtherVoice], installed: Collection[str]) -> Table:
    table = Table(box=None, pad_edge=False)
    table.add_column("voice", style="bold", no_wrap=True)
    table.add_column("language")
    table.add_column("quality")
    table.add_column("speakers", justify="right")
    table.add_column("size", justify="right", no_wrap=True)
    table.add_column("installed")
    for voice in voices:
        country = f" ({voice.country})" if voice.country else ""
        table.add_row(
            escape(voice.name),
            escape(f"{voice.language_name}{country}"),
            escape(voice.quality),
            str(voice.n_speakers),
            size(voice.n_bytes),
            "yes" if _is_in(installed, voice) else "",
        )
    return table
