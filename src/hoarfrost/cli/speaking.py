"""A text becomes audio in a sink: by the engines of this process, or by a server.

In: a `Job`. Invariant: audio reaches the sink as it comes, also while text is still being typed.
"""

import asyncio
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass
from typing import Any, Final, cast
from urllib.parse import urlsplit

from hoarfrost.cli.casting import default_speaker, loading, open_catalogue
from hoarfrost.cli.failures import Failure, Misuse, NoServer
from hoarfrost.cli.meter import Meter
from hoarfrost.cli.sinks import Sink
from hoarfrost.cli.texts import without_blocking
from hoarfrost.client import (
    DEFAULT_PATH,
    WIRE_NAMES,
    Rejected,
    Speech,
    SpeechOptions,
    Unreachable,
    connect,
    encode_query,
)
from hoarfrost.dialogue.options import Options
from hoarfrost.errors import BadOptions
from hoarfrost.offline import speak
from hoarfrost.protocol.query import parse_query, parse_rate
from hoarfrost.server.lexicons import LexiconFolder
from hoarfrost.server.settings import Settings
from hoarfrost.server.speakers import check_speakers
from hoarfrost.synthesis.catalogue import Catalogue
from hoarfrost.units import Milliseconds, SampleRate, duration_of

FLAGS: Final = {
    "speaker": "--speaker",
    "model": "--model-id",
    "audio_format": "--format",
    "rate_hz": "--sampling-rate",
    "language": "--lang",
    "pauses": "--pauses",
    "phonemes": "--phonemes",
    "lexicon": "--lexicon",
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
        open_sink: Gives what takes the audio, once its rate is known.
        meter: Is told of all that happens.
    """

    texts: Iterable[str]
    options: Mapping[str, Any]
    settings: Settings
    open_sink: Callable[[SampleRate], Sink]
    meter: Meter


def speak_here(job: Job) -> None:
    """Speak with the engines of this process.

    Raises:
        Misuse: If the options or the text are wrong.
        HoarfrostError: If a voice fails.
    """
    with open_catalogue(job.settings) as (engines, catalogue):
        parsed = _parsed(job, catalogue)
        with _sink_of(job, parsed.rate_hz) as sink:
            for packet in speak(_noted(job), parsed, engines.synthesize):
                if packet.data:
                    sink.write(packet.data)
                job.meter.audio(len(packet.data), packet.duration_ms)


def _parsed(job: Job, catalogue: Catalogue) -> Options:
    """Return what was asked for, with a speaker.

    Raises:
        Misuse: If anything is wrong, with every fault.
    """
    options = dict(job.options)
    faults: list[str] = []
    if not options.get("speaker"):
        preferred = job.settings.default_speaker
        with loading(job.settings):
            check_speakers(job.settings, catalogue)
        try:
            options["speaker"] = default_speaker(catalogue, preferred, options.get("language"))
        except Misuse as error:
            faults.append(error.message)
            # Whoever speaks: the rest is read for its faults only.
            del options["language"]
            options["speaker"] = default_speaker(catalogue, preferred)
    try:
        query = encode_query(cast("SpeechOptions", options))
        lexicons = LexiconFolder(job.settings.lexicons_dir).current()
        parsed = parse_query(query, catalogue, lexicons).options
    except BadOptions as error:
        raise Misuse("\n".join([*faults, *_by_flag(error.faults, "`hoarfrost voices`")])) from error
    if faults:
        raise Misuse("\n".join(faults))
    return parsed


def speak_there(job: Job, url: str, key: str | None) -> None:
    """Speak through a server.

    Raises:
        NoServer: If there is none.
        Misuse: If the address, the options or the text are wrong.
        HoarfrostError: If the server refuses, or the connection breaks.
    """
    speaker = job.options.get("speaker") or job.settings.default_speaker
    options = cast("SpeechOptions", {**job.options, "speaker": speaker})
    try:
        # Asked for in any case, and in plain digits: other servers may have another default, and
        # the header of a file says what was asked for.
        options["rate_hz"] = parse_rate(encode_query(options))
    except BadOptions as error:
        raise Misuse("\n".join(_by_flag(error.faults))) from error
    with _sink_of(job, options["rate_hz"]) as sink:
        asyncio.run(_connect(job, options, sink, url, key))


async def _connect(job: Job, options: SpeechOptions, sink: Sink, url: str, key: str | None) -> None:
    async with AsyncExitStack() as stack:
        try:
            speech = await stack.enter_async_context(connect(url, key=key, **options))
        except Unreachable as error:
            raise NoServer(str(error)) from error
        except Rejected as error:
            raise _refusal(error, url, key) from error
        except ValueError as error:
            raise Misuse(f"--{error}") from error
        await _converse(speech, job, options, sink)


async def _converse(speech: Speech, job: Job, options: SpeechOptions, sink: Sink) -> None:
    async def send() -> None:
        async for text in without_blocking(job.texts):
            job.meter.text()
            await speech.send(text)
        await speech.finish()

    try:
        async with asyncio.TaskGroup() as tasks:
            sending = tasks.create_task(send())
            async for audio in speech:
                job.meter.audio(len(audio), _duration_of(audio, options))
                # In a thread: a player takes audio no faster than it plays it.
                await asyncio.to_thread(sink.write, audio)
            sending.cancel()
    except BaseExceptionGroup as group:
        raise group.exceptions[0] from None


@contextmanager
def _sink_of(job: Job, rate_hz: SampleRate) -> Iterator[Sink]:
    """Open the sink for as long as the context lasts; complete it at the end.

    Raises:
        Failure: If nothing was spoken into it.
    """
    sink = job.open_sink(rate_hz)
    try:
        yield sink
        if not job.meter.n_bytes:
            raise Failure("expected something to speak, got no letter and no digit")
        sink.finish()
    except BaseException:
        sink.abandon()
        raise


def _noted(job: Job) -> Iterator[str]:
    for text in job.texts:
        job.meter.text()
        yield text


def _duration_of(audio: bytes, options: SpeechOptions) -> Milliseconds:
    """Return how long raw audio plays; 0 for MP3, whose frames would have to be read for it."""
    width = _SAMPLE_BYTES.get(options.get("audio_format", ""))
    if width is None:
        return 0.0
    return duration_of(len(audio) // width, options["rate_hz"])


def _refusal(error: Rejected, url: str, key: str | None) -> Failure:
    address = urlsplit(url)
    if error.status == 400:
        scheme = {"ws": "http", "wss": "https"}[address.scheme]
        voices = f"{scheme}://{address.netloc.rpartition('@')[2]}/voices"
        return Misuse("\n".join(_by_flag(error.body.splitlines(), voices)))
    if error.status in (403, 404) and address.path.strip("/") and address.path != DEFAULT_PATH:
        return Failure(f"{error}; expected the path {DEFAULT_PATH}, got {address.path}")
    if error.status == 401 and key is None:
        return Failure(f"{error}; give a key with --key or HOARFROST_API_KEY")
    return Failure(str(error))


def _by_flag(faults: Iterable[str], voices: str = "") -> Iterator[str]:
    """Tell faults of the options by the names that the command line has for them.

    Args:
        faults: As `BadOptions` has them.
        voices: What lists the voices, for whoever does not ask over HTTP.
    """
    flags = {WIRE_NAMES[name]: flag for name, flag in FLAGS.items()}
    for fault in faults:
        name, colon, rest = fault.partition(":")
        if name == "speaker":
            rest = rest.replace("GET /voices lists all", f"{voices} lists all", 1)
        yield f"{flags.get(name, name)}{colon}{rest}"
