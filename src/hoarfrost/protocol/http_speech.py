"""Speech over plain HTTP, as Rime has it: a JSON body in, audio, JSON or events out.

In: the body and the ``Accept`` header of a request. Out: `SpeechRequest` and `Answer`. Invariant:
whatever comes, nothing but `ClientFault` is raised; the first line of a fault is Rime's own.
"""

import json
import re
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any, Final

from hoarfrost.audio.chain import AudioFormat
from hoarfrost.audio.compressed import EXTRA
from hoarfrost.errors import ClientFault, NotAcceptable
from hoarfrost.protocol.parameters import DEFAULT_MODEL, MODELS, REVERSED_MODELS

AUDIO_TYPES: Final[dict[str, AudioFormat]] = {
    "audio/mpeg": AudioFormat.MP3, "audio/mp3": AudioFormat.MP3,
    "audio/wav": AudioFormat.WAV, "audio/x-wav": AudioFormat.WAV, "audio/wave": AudioFormat.WAV,
    "audio/l16": AudioFormat.PCM, "audio/pcm": AudioFormat.PCM,
    "audio/pcmu": AudioFormat.MULAW, "audio/x-mulaw": AudioFormat.MULAW,
    "audio/pcma": AudioFormat.ALAW, "audio/x-alaw": AudioFormat.ALAW,
    "audio/ogg": AudioFormat.OGG, "audio/opus": AudioFormat.OGG, "audio/webm": AudioFormat.WEBM,
    "audio/flac": AudioFormat.FLAC, "audio/aac": AudioFormat.AAC,
}  # fmt: skip
"""By media type in small letters, the format of the audio."""

_OPUS_TYPES: Final = {
    "audio/ogg": "audio/ogg;codecs=opus", "audio/opus": "audio/ogg;codecs=opus",
    "audio/webm": "audio/webm;codecs=opus",
}  # fmt: skip
"""How audio is called whose type leaves open what is in it."""

EVENT_STREAM: Final = "text/event-stream"


class Kind(Enum):
    """How audio is packed into the body of an answer."""

    AUDIO = auto()
    JSON = auto()
    EVENTS = auto()


@dataclass(frozen=True, slots=True)
class Answer:
    """What an answer is to be.

    Attributes:
        kind: How audio is packed.
        audio_format: Of the audio; None for what the parameters say.
        media_type: Of the answer.
    """

    kind: Kind
    audio_format: AudioFormat | None
    media_type: str


@dataclass(frozen=True, slots=True)
class SpeechRequest:
    """A request as its body has it.

    Attributes:
        text: What is to be said.
        model: The model asked for, in small letters if it is one of Rime's.
        given: All other parameters.
    """

    text: str
    model: str
    given: dict[str, Any]


def read_request(body: bytes) -> SpeechRequest:
    """Read the body of a request.

    Raises:
        ClientFault: If it is no such request; the message is Rime's.
    """
    if not body.strip():
        raise ClientFault("request body is required")
    given = read_object(body)
    text = given.pop("text", None)
    if text is None:
        raise ClientFault("text is required")
    if not isinstance(text, str):
        raise ClientFault("text must be a string")
    if text == "":
        raise ClientFault("text must not be empty")
    if given.get("speaker") in (None, ""):
        raise ClientFault("speaker is required")
    for name in ("lang", "audioFormat"):
        if not isinstance(given.get(name), str | None):
            raise ClientFault(f"{name} must be a string")
    model = str(given.get("modelId") or DEFAULT_MODEL)
    model = model.lower() if model.lower() in MODELS else model
    return SpeechRequest(text.encode(errors="replace").decode(), model, given)


def read_object(body: bytes) -> dict[str, Any]:
    """Return the JSON object that a body is.

    Raises:
        ClientFault: If it is none.
    """
    try:
        given = json.loads(body)
    except (ValueError, RecursionError):
        given = None
    if not isinstance(given, dict):
        raise ClientFault("payload must be an object")
    return given


def negotiate(accept: str | None, model: str) -> Answer:
    """Choose the answer that a client takes: the known type that it likes best.

    Args:
        accept: The header; None if there is none.
        model: The model, which decides what is answered where the header leaves it open.

    Raises:
        NotAcceptable: If it takes nothing that there is.
    """
    wanted = _media_types(accept or "*/*")
    missing = ""
    for media_type in wanted:
        bare = media_type.partition(";")[0].strip().lower()
        if (audio_format := AUDIO_TYPES.get(bare)) is not None:
            if audio_format.is_available:
                return Answer(Kind.AUDIO, audio_format, _OPUS_TYPES.get(bare, media_type))
            missing = media_type
        if bare == EVENT_STREAM:
            return Answer(Kind.EVENTS, None, EVENT_STREAM)
        if bare == "application/json" and model in REVERSED_MODELS:
            break
    if model in REVERSED_MODELS:
        return Answer(Kind.JSON, None, "application/json")
    if any(media_type.partition(";")[0].strip() in ("*/*", "audio/*") for media_type in wanted):
        return Answer(Kind.AUDIO, AudioFormat.MP3, "audio/mpeg")
    if missing:
        raise NotAcceptable(f"{missing:.40}: expected {EXTRA} on the server")
    raise NotAcceptable(
        f'modelId "{model:.20}" can only be returned as streamed audio; set Accept to one of: '
        f"{', '.join(AUDIO_TYPES)}, {EVENT_STREAM}"
    )


def _media_types(accept: str) -> list[str]:
    """Return the types of a header, the best liked one first, without their weights."""
    weighed = []
    for entry in accept.split(","):
        weight = re.search(r";\s*q=([\d.]+)\s*$", entry)
        media_type = entry[: weight.start()].strip() if weight else entry.strip()
        try:
            q = float(weight[1]) if weight else 1.0
        except ValueError:
            q = 0.0
        if media_type and q > 0:
            weighed.append((-q, media_type))
    return [media_type for _, media_type in sorted(weighed, key=lambda each: each[0])]
