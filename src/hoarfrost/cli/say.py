"""``hoarfrost say``: speak a text, on this machine or through a server."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from hoarfrost.cli.configuration import config_option, load
from hoarfrost.cli.meter import Meter
from hoarfrost.cli.players import open_player
from hoarfrost.cli.sinks import STANDARD_OUTPUT, FileSink, Sink, choose_shape
from hoarfrost.cli.speaking import FLAGS, Job, speak_here, speak_there
from hoarfrost.cli.texts import read_texts, unwrapped
from hoarfrost.units import SampleRate


def speech_options(function: Callable[..., None]) -> Callable[..., None]:
    """Add the options of the protocol to a command. Their values are checked where all are."""
    helps = {
        "speaker": ("VOICE", "Who speaks; see `hoarfrost voices`."),
        "language": ("CODE", "One of the speaker's languages (en, eng, en-GB)."),
        "speed": ("X", "Above 1 faster, below 1 slower."),
        "rate_hz": ("HZ", "Sample rate, 4000 to 96000.  [default: 22050]"),
        "pauses": (None, "<200> in the text pauses for 200 ms."),
        "phonemes": (None, "{k1Ast0xm} in the text is phonemes (Rime's alphabet)."),
        "lexicon": ("NAME", "A lexicon of the server's folder."),
        "inline_speeds": ("X,Y", "Speeds of the [bracketed] words, in order."),
        "segment": ("HOW", "bySentence, immediate or never.  [default: bySentence]"),
        "time_scale_factor": ("X", "Above 1 slower; wins over --speed."),
        "model": ("NAME", "[default: mistv3]"),
    }
    for name, (metavar, text) in reversed(helps.items()):
        if metavar is None:
            option = click.option(FLAGS[name], name, is_flag=True, default=None, help=text)
        else:
            short = ["-s"] if name == "speaker" else []
            option = click.option(FLAGS[name], *short, name, metavar=metavar, help=text)
        function = option(function)
    return function


@click.command(
    "say",
    epilog="Examples:\n\n  hoarfrost say -o hello.wav 'Hello there.'\n\n"
    "  tail -f story.txt | hoarfrost say --speaker imogen",
)
@click.argument("text", nargs=-1)
@click.option("--output", "-o", metavar="FILE", help="Write .wav .mp3 .pcm .raw .ulaw, or - (WAV).")
@click.option(
    "--format",
    "asked",
    type=click.Choice(["wav", "pcm", "mulaw", "mp3"]),
    help="If -o leaves it open.",
)
@click.option(
    "--lines/--wrapped",
    "by_line",
    default=None,
    help="Whether each line of standard input ends a sentence, or long lines are wrapped ones."
    "  [default: wrapped]",
)
@speech_options
@click.option("--url", metavar="URL", help="Through a server: ws://127.0.0.1:8000/ws")
@click.option("--key", envvar="HOARFROST_API_KEY", metavar="KEY", help="Or HOARFROST_API_KEY.")
@click.option("--quiet", "-q", is_flag=True, help="Print nothing but errors.")
@config_option
def command(
    text: tuple[str, ...],
    output: str | None,
    asked: str | None,
    url: str | None,
    key: str | None,
    quiet: bool,  # noqa: FBT001 -- a flag
    config: Path | None,
    **given: Any,
) -> None:
    """Speak a text, with or without a server.

    Without TEXT, standard input is spoken as it comes, over the ends of lines that are wrapped.
    Without -o, the speech is played.
    """
    by_line = given.pop("by_line")
    shape = choose_shape(output, asked)
    options = {name: value for name, value in given.items() if value is not None}
    options["audio_format"] = shape.audio_format

    def open_sink(rate_hz: SampleRate) -> Sink:
        return open_player(rate_hz) if output is None else FileSink(output, shape, rate_hz)

    job = Job(
        texts=read_texts(text) if text or by_line else unwrapped(read_texts(text)),
        options=options,
        settings=load(config=config).settings,
        open_sink=open_sink,
        meter=Meter(is_quiet=quiet, shows_speed=bool(text) and output is not None),
    )
    with job.meter:
        if url is None:
            speak_here(job)
        else:
            speak_there(job, url, key)
    job.meter.conclude({None: "played", STANDARD_OUTPUT: "written"}.get(output, str(output)))
