"""``hoarfrost demo``: everything at once, on a machine where nothing is set up.

A server of its own, in a process of its own, on a port of its own; a client that types like a
language model; and the figures a listener would care about.
"""

import asyncio
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import click

from hoarfrost.cli.casting import default_speaker, open_catalogue
from hoarfrost.cli.configuration import config_option, load
from hoarfrost.cli.failures import Failure, Misuse
from hoarfrost.cli.meter import Meter
from hoarfrost.cli.sinks import FileSink, Shape, Sink
from hoarfrost.client import connect
from hoarfrost.dialogue.options import DEFAULT_RATE_HZ
from hoarfrost.units import Seconds, duration_of

PARAGRAPH: Final = (
    "Hello! I am speaking while these words are still being written. A language model would send "
    "them to me one by one, and you would hear the first sentence long before the last one is "
    "thought of. Interrupt me, and I stop at once. Is that not how a conversation should be?"
)

TOKEN_INTERVAL: Final[Seconds] = 0.04
"""Between two tokens: 25 a second, the pace of a large hosted model."""


@click.command("demo", epilog="Example:  hoarfrost demo -o demo.wav")
@click.option(
    "--output", "-o", default="demo.wav", show_default=True, metavar="FILE", help="A .wav."
)
@click.option("--speaker", "-s", metavar="VOICE", help="Who speaks; see `hoarfrost voices`.")
@click.argument("text", default=PARAGRAPH, metavar="[TEXT]")
@config_option
def command(output: str, speaker: str | None, text: str, config: Path | None) -> None:
    """Start a server, speak to it as a language model would, show the timings.

    TEXT is sent token by token, 25 a second, over a real connection; the speech goes into a file.
    """
    if Path(output).suffix.lower() != ".wav":
        raise Misuse(f"-o: expected a name that ends in .wav, got {output}")
    if speaker is None:
        settings = load(config=config).settings
        with open_catalogue(settings) as (_, catalogue):
            speaker = default_speaker(catalogue, settings.default_speaker)
    tokens = tokens_of(text)
    sink = FileSink(output, Shape("pcm", is_wav=True), DEFAULT_RATE_HZ)
    try:
        with _server(config) as url, Meter(shows_speed=False) as meter:
            every = f"{TOKEN_INTERVAL * 1000:.0f} ms"
            click.echo(f"{len(tokens)} tokens, one every {every}, to {speaker} at {url}", err=True)
            asyncio.run(_speak(url, speaker, tokens, sink, meter))
        sink.finish()
    except BaseException:
        sink.abandon()
        raise
    meter.conclude(output)


def tokens_of(text: str) -> list[str]:
    """Cut a text as a language model gives it: a word a token, the space before it included."""
    return re.findall(r"\s*\S+", text)


async def _speak(url: str, speaker: str, tokens: Sequence[str], sink: Sink, meter: Meter) -> None:
    async with connect(url, speaker=speaker, audio_format="pcm", rate_hz=DEFAULT_RATE_HZ) as speech:

        async def write() -> None:
            for token in tokens:
                meter.text()
                await speech.send(token)
                await asyncio.sleep(TOKEN_INTERVAL)
            await speech.finish()

        writing = asyncio.create_task(write())
        try:
            async for audio in speech:
                meter.audio(len(audio), duration_of(len(audio) // 2, DEFAULT_RATE_HZ))
                sink.write(audio)
        finally:
            writing.cancel()


@contextmanager
def _server(config: Path | None) -> Iterator[str]:
    """Run a server for as long as the context lasts; give its address."""
    command = [sys.executable, "-m", "hoarfrost", "serve", "--no-auth", "--no-access-log"]
    command += ["--host", "127.0.0.1", "--port", "0"]
    command += ["--config", str(config)] if config else []
    with subprocess.Popen(  # noqa: S603 -- a fixed list, without a shell
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            banner = process.stdout.readline() if process.stdout else ""
            address = re.search(r"ws://\S+", banner)
            if address is None:
                raise Failure("expected a server to start, but it ended before it listened")
            yield address[0]
        finally:
            process.terminate()
