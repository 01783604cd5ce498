"""Rime's WebSocket v1: several contexts on one socket, in JSON or in Protocol Buffers.

In: messages with one of config, start, text, end and cancel. Out: ready; for each context started,
audio, and one of done, cancelled and error. Invariant: a context has exactly one of these three,
and nothing of it follows, until its id is used anew.
"""

import itertools
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Final

from hoarfrost.dialogue.events import ClientEvent, Eos, Flush, Text
from hoarfrost.dialogue.options import Conduct, Options
from hoarfrost.dialogue.outputs import Audio, Done, Ended, Output, Ready, Words, WordTime
from hoarfrost.errors import (
    BadOptions,
    ClientFault,
    HoarfrostError,
    ServerBusy,
    TextTooLong,
    Unauthorized,
)
from hoarfrost.protocol.codec import Addressed, Frame, Leave, Open, Reply, Untimed
from hoarfrost.protocol.parameters import LONGEST_SCALE, SHORTEST_SCALE
from hoarfrost.protocol.v1_messages import SPLITS, read_request, write_response
from hoarfrost.text import languages
from hoarfrost.text.segmenter import SegmentMode
from hoarfrost.units import Milliseconds, SampleRate

JSON: Final = "rime.v1.json"
BINARY: Final = "rime.v1.binary"
SUBPROTOCOLS: Final = (JSON, BINARY)
"""Names that a client offers, one of them at least, to speak this protocol."""

CONTEXTS: Final = 16
"""Contexts that may be open at once."""
ID_LIMIT: Final = 128
"""Bytes of a context's id."""
RATE_HZ: Final[SampleRate] = 24_000
"""Where none is asked for."""
SILENCE_MS: Final[Milliseconds] = 100.0

_REMEMBERED: Final = 256
"""Contexts whose end is remembered: what a client sends before it knows of it is passed over."""
_DEFAULT_ID: Final = "default"
_ACCUMULATE: Final = SPLITS[3]
_WHOLE: Final = SPLITS[2]

AUDIO_FORMATS: Final = {
    "audio/pcm": "pcm", "audio/l16": "pcm", "audio/pcmu": "mulaw", "audio/x-mulaw": "mulaw",
    "audio/pcma": "alaw", "audio/wav": "wav", "audio/mpeg": "mp3", "audio/mp3": "mp3",
    "audio/ogg;codecs=opus": "ogg", "audio/webm;codecs=opus": "webm",
}  # fmt: skip
"""By media type in small letters, what the other protocols call it."""

Resolve = Callable[[Mapping[str, object]], Options]
"""Makes options of parameters by the names of the query; raises `BadOptions`."""


@dataclass(slots=True)
class Synthesis:
    """One request for speech, as its `SynthesisRequest` asks for it.

    Attributes:
        options: Of its conversation.
        is_accumulated: Whether its text comes in tokens, to be read as a stream.
        has_times: Whether its end tells when words are heard.
        scale: Factor on the duration of its speech.
        has_end: Whether the client has said that no more text comes.
    """

    options: Options
    is_accumulated: bool
    has_times: bool
    scale: float
    has_end: bool = False
    _before_ms: Milliseconds = 0.0  # audio of the utterances that are done
    _words: list[WordTime] = field(default_factory=list)  # from the first sample

    def say(self, text: str) -> list[ClientEvent]:
        """Return the events of a piece of text."""
        # What is not accumulated is complete, piece by piece.
        return [Text(text)] if self.is_accumulated else [Text(text), Flush(ends_turn=False)]

    def hear(self, output: Output) -> None:
        """Take note of when words are heard."""
        match output:
            case Words(_, words) if self.has_times:
                at_ms = self._before_ms
                self._words += [
                    replace(word, start_ms=word.start_ms + at_ms, end_ms=word.end_ms + at_ms)
                    for word in words
                ]
            case Done(_, audio_ms):
                self._before_ms += audio_ms
            case _:
                pass

    def times(self) -> dict[str, Any]:
        """Return the times of all words, in seconds before the scale."""
        spans = [
            {
                "text": word.text,
                "start": word.start_ms / 1000 / self.scale,
                "end": word.end_ms / 1000 / self.scale,
            }
            for word in self._words
        ]
        return {"status": {}, "spans": spans}


def begin_synthesis(
    asked: Mapping[str, Any], resolve: Resolve, default: Options | None
) -> Synthesis:
    """Read a `SynthesisRequest`.

    Args:
        asked: Its fields, by the names of JSON.
        resolve: Makes options of parameters.
        default: Options where nothing is asked for.

    Raises:
        BadOptions: If any field is wrong.
    """
    split = asked.get("splitStrategy", SPLITS[0])
    if split not in SPLITS:
        raise BadOptions([f"splitStrategy: expected one of {', '.join(SPLITS)}"])
    audio = asked.get("audioParameters", {})
    media_type = audio.get("audioFormat", "audio/pcm").replace(" ", "").lower()
    if media_type not in AUDIO_FORMATS:
        raise BadOptions([f"audioFormat: expected one of {', '.join(AUDIO_FORMATS)}"])
    mist = asked.get("mistParameters", {})
    scales = mist.get("inlineTimeScaleFactors", [])
    scale = audio.get("timeScaleFactor") or None
    given: dict[str, object] = {
        "speaker": asked.get("speaker") or (default.voice.name if default else None),
        "lang": asked.get("language"),
        "audioFormat": AUDIO_FORMATS[media_type],
        "samplingRate": audio.get("samplingRate") or RATE_HZ,
        "timeScaleFactor": scale,
        "pauseBetweenBrackets": mist.get("pauseBetweenBrackets"),
        "phonemizeBetweenBrackets": mist.get("phonemizeBetweenBrackets"),
        "inlineSpeedAlpha": [1 / each for each in scales if each > 0] or None,
        "segment": (SegmentMode.NEVER if split == _WHOLE else SegmentMode.BY_SENTENCE).value,
    }
    return Synthesis(
        resolve({name: value for name, value in given.items() if value is not None}),
        is_accumulated=split == _ACCUMULATE,
        has_times=bool(asked.get("timestamps", {}).get("enable")),
        scale=min(max(float(scale or 1.0), SHORTEST_SCALE), LONGEST_SCALE),
    )


class V1Codec(Untimed):
    """The `Codec` of WebSocket v1.

    Args:
        resolve: Makes options of parameters.
        voices_speak: Tags of the languages that there are.
        default: Options where nothing is asked for; None if there is no default voice.
        is_binary: Whether messages are Protocol Buffers.
        request_prefix: Of the ids of requests, unique in the server.
        has_key: Whether the connection came with a key.
    """

    has_contexts: ClassVar[bool] = True
    conduct: ClassVar[Conduct] = Conduct(silence_ms=SILENCE_MS)

    def __init__(
        self,
        resolve: Resolve,
        voices_speak: Sequence[str],
        default: Options | None,
        *,
        is_binary: bool,
        request_prefix: str = "r",
        has_key: bool = True,
    ) -> None:
        self._resolve = resolve
        self._languages = sorted({languages.language_of(tag) or tag for tag in voices_speak})
        self._default = default
        self._is_binary = is_binary
        self._numbers = itertools.count(1)
        self._prefix = request_prefix
        self._has_key = has_key
        self._defaults: dict[str, Any] = {}
        self._is_configured = False
        self._open: dict[str, Synthesis] = {}
        self._ended: OrderedDict[str, None] = OrderedDict()

    def decode(self, message: str | bytes) -> Sequence[Addressed | Reply]:
        """Read one message.

        Raises:
            BadMessage: If it cannot be read; the connection ends then.
        """
        request = read_request(message)
        if request.payload == "config":
            return self._configure(request.value)
        name = request.context or _DEFAULT_ID
        if len(name.encode()) > ID_LIMIT:
            return [self._error(None, "invalid_input", f"contextId: at most {ID_LIMIT} bytes")]
        match request.payload:
            case "start":
                return self._start(name, request.value)
            case "cancel":
                return self._cancel(name)
            case "text":
                return self._text(name, request.value)
            case _:
                return self._end(name)

    def encode(self, context: str | None, output: Output, /) -> Sequence[Frame]:
        """Return the messages that tell an output; none of a context that has ended."""
        if context is None:
            return self._encode_connection(output)
        opened = self._open.get(context)
        match output:
            case Ended(fault) if opened is not None or isinstance(fault, ServerBusy):
                self._forget(context)
                return [self._told(context, self._last(opened, fault))]
            case _ if opened is None:
                return []
            case Ready():
                request_id = f"{self._prefix}-{next(self._numbers)}"
                return [self._told(context, {"started": {"requestId": request_id}})]
            case Audio(data) if data:
                return [self._told(context, {"audio": data})]
            case _:
                opened.hear(output)
        return []

    def _encode_connection(self, output: Output) -> Sequence[Frame]:
        match output:
            case Ready():
                language = self._default.language if self._default else ""
                ready: dict[str, Any] = {"protocol": 1, "languages": self._languages}
                if language:
                    ready["defaultLanguage"] = languages.language_of(language) or language
                return [self._told(None, {"ready": ready})]
            case Ended(fault) if fault is not None:
                return [self._told(None, _error(fault))]
        return []

    def _configure(self, config: Mapping[str, Any]) -> list[Addressed | Reply]:
        if self._is_configured or self._open or self._ended:
            told = "config: expected at most one, before the first start"
            return [self._error(None, "invalid_input", told)]
        if self._has_key and config.get("authorization"):
            told = "authorization: expected none, as the connection came with a key"
            return [self._error(None, "invalid_input", told)]
        self._is_configured = True
        self._defaults = dict(config.get("defaults", {}))
        return []

    def _start(self, name: str, start: Mapping[str, Any]) -> list[Addressed | Reply]:
        if name in self._open:
            told = "start: expected a context that is not open, got one that is"
            return [self._error(None, "invalid_input", told)]
        if len(self._open) >= CONTEXTS:
            told = f"expected at most {CONTEXTS} contexts at once"
            return [self._error(name, "resource_exhausted", told)]
        try:
            synthesis = begin_synthesis({**self._defaults, **start}, self._resolve, self._default)
        except ClientFault as fault:
            self._forget(name)
            return [self._error(name, "invalid_input", str(fault))]
        self._ended.pop(name, None)
        self._open[name] = synthesis
        events: list[Addressed | Reply] = [Addressed(name, Open(synthesis.options))]
        if text := start.get("text"):
            events += [*self._text(name, text), *self._end(name)]
        return events

    def _text(self, name: str, text: str) -> list[Addressed | Reply]:
        opened = self._open.get(name)
        if opened is None or opened.has_end:
            return self._missing(name, opened)
        return [Addressed(name, event) for event in opened.say(text)]

    def _end(self, name: str) -> list[Addressed | Reply]:
        opened = self._open.get(name)
        if opened is None or opened.has_end:
            return self._missing(name, opened)
        opened.has_end = True
        return [Addressed(name, Eos())]

    def _missing(self, name: str, opened: Synthesis | None) -> list[Addressed | Reply]:
        """Answer what is said in a context that takes no more text."""
        if opened is not None or name in self._ended:
            return []
        told = "contextId: expected a context that was started, got another"
        return [self._error(name, "invalid_input", told)]

    def _cancel(self, name: str) -> list[Addressed | Reply]:
        self._forget(name)
        return [Addressed(name, Leave()), Reply([self._told(name, {"cancelled": {}})])]

    def _forget(self, name: str) -> None:
        self._open.pop(name, None)
        self._ended[name] = None
        while len(self._ended) > _REMEMBERED:
            self._ended.popitem(last=False)

    def _last(self, opened: Synthesis | None, fault: HoarfrostError | None) -> dict[str, Any]:
        if fault is not None:
            return _error(fault)
        if opened is None or not opened.has_times:
            return {"done": {}}
        return {"done": {"timestamps": opened.times()}}

    def _error(self, context: str | None, kind: str, message: str) -> Reply:
        return Reply([self._told(context, {"error": {"kind": kind, "message": message}})])

    def _told(self, context: str | None, told: Mapping[str, Any]) -> Frame:
        named = told if context is None else {"contextId": context, **told}
        return write_response(named, is_binary=self._is_binary)


def _error(fault: HoarfrostError) -> dict[str, Any]:
    match fault:
        case ServerBusy() | TextTooLong():
            kind = "resource_exhausted"
        case Unauthorized():
            kind = "unauthenticated"
        case ClientFault():
            kind = "invalid_input"
        case _:
            kind = "internal"
    return {"error": {"kind": kind, "message": str(fault)}}
