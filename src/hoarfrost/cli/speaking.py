"""A text becomes audio in a sink: by the engines of this process, or by a server.

In: a `Job`. Invariant: audio reaches the sink as it comes, also while text is still being typed.
"""

import asyncio
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any, Final, cast

from hoarfrost.cli.casting import default_speaker, open_catalogue
from hoarfrost.cli.failures import Failure, Misuse, NoServer
from hoarfrost.cli.meter import Meter
from hoarfrost.cli.sinks import Sink
from hoarfrost.cli.texts import without_blocking
from hoarfrost.client import (
    WIRE_NAMES,
    Rejected,
    Speech,
    SpeechOptions,
    Unreachable,
    connect,
    encode_query,
)
from hoarfrost.errors import BadOptions
from hoarfrost.offline import speak
from hoarfrost.protocol.options import DEFAULT_RATE_HZ, parse_options
from hoarfrost.server.settings import Settings
from hoarfrost.units import Milliseconds, duration_of

FLAGS: Final = {
    "speaker": "--speaker",
    "model": "--model-id",
    "audio_format": "--format",
    "rate_hz": "--sampling-rate",
    "language": "--lang",
    "pauses": "--pauses",
    "inline_speeds": "--inline-speeds",
    "speed": "--speed",
    "segment": "--segment",
    "time_scale_factor": "--time-scale-factor",
}
"""By option of the protocol, the flag of the command line."""

_SAMPLE_BYTES: Final = {"pcm": 2, "mulaw": 1}


@dataclass(frozen=True, slots=True)
class Job:
    """What to speak, how, and where to.

    Attributes:
        texts: May block until there is more.
        options: By name in `SpeechOptions`, what was asked for; numbers may be strings, since they
            are checked as parts of a query. Without a speaker, one is chosen.
        settings: Which engines and which default speaker.
        sink: Takes the audio.
        meter: Is told of all that happens.
    """

    texts: Iterable[str]
    options: Mapping[str, Any]
    settings: Settings
    sink: Sink
    meter: Meter


def speak_here(job: Job) -> None:
    """Speak with the engines of this process.

    Raises:
        Misuse: If the options or the text are wrong.
        HoarfrostError: If a voice fails.
    """
    with open_catalogue(job.settings) as (engines, catalogue):
        speaker = job.options.get("speaker") or default_speaker(
            catalogue, job.settings.default_speaker, job.options.get("language")
        )
        try:
            parsed = parse_options(encode_query(_completed(job, speaker)), catalogue)
        except BadOptions as error:
            raise _misuse(error.faults) from error
        for packet in speak(_noted(job), parsed, engines.synthesize):
            if packet.data:
                job.sink.write(packet.data)
            job.meter.audio(len(packet.data), packet.duration_ms)


async def speak_there(job: Job, url: str, key: str | None) -> None:
    """Speak through a server.

    Raises:
        NoServer: If there is none.
        Misuse: If the address, the options or the text are wrong.
        HoarfrostError: If the server refuses, or the connection breaks.
    """
    speaker = job.options.get("speaker") or job.settings.default_speaker
    options = _completed(job, speaker)
    async with AsyncExitStack() as stack:
        try:
            speech = await stack.enter_async_context(connect(url, key=key, **options))
        except Unreachable as error:
            raise NoServer(str(error)) from error
        except Rejected as error:
            raise _refusal(error, key) from error
        except ValueError as error:
            raise Misuse(f"--{error}") from error
        await _converse(speech, job)


async def _converse(speech: Speech, job: Job) -> None:
    async def send() -> None:
        async for text in without_blocking(job.texts):
            job.meter.text()
            await speech.send(text)
        await speech.finish()

    try:
        async with asyncio.TaskGroup() as tasks:
            sending = tasks.create_task(send())
            async for audio in speech:
                job.meter.audio(len(audio), _duration_of(audio, job.options))
                # In a thread: a player takes audio no faster than it plays it.
                await asyncio.to_thread(job.sink.write, audio)
            sending.cancel()
    except BaseExceptionGroup as group:
        raise group.exceptions[0] from None


def _completed(job: Job, speaker: str) -> SpeechOptions:
    return cast("SpeechOptions", {**job.options, "speaker": speaker})


def _noted(job: Job) -> Iterator[str]:
    for text in job.texts:
        job.meter.text()
        yield text


def _duration_of(audio: bytes, options: Mapping[str, Any]) -> Milliseconds:
    """Return how long raw audio plays; 0 for MP3, whose frames would have to be read for it."""
    width = _SAMPLE_BYTES.get(options.get("audio_format", ""))
    if width is None:
        return 0.0
    return duration_of(len(audio) // width, int(options.get("rate_hz", DEFAULT_RATE_HZ)))


def _refusal(error: Rejected, key: str | None) -> Failure:
    if error.status == 400:
        return _misuse(error.body.splitlines())
    if error.status == 401 and key is None:
        return Failure(f"{error}; give a key with --key or HOARFROST_API_KEY")
    return Failure(str(error))


def _misuse(faults: Iterable[str]) -> Misuse:
    """Tell faults of the options by the names that the command line has for them."""
    flags = {wire: FLAGS[name] for name, wire in WIRE_NAMES.items()}
    lines = []
    for fault in faults:
        name, colon, rest = fault.partition(":")
        lines.append(f"{flags.get(name, name)}{colon}{rest}")
    return Misuse("\n".join(lines))
