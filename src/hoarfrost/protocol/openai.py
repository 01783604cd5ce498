"""OpenAI's speech endpoint: its request, its errors, its events.

In: the body of ``POST /v1/audio/speech``. Out: `OpenAIRequest`. Invariant: whatever comes, nothing
but `BadRequest` is raised, which names the parameter that is wrong, as OpenAI's errors do.
"""

import base64
import json
from dataclasses import dataclass
from typing import Any, Final

from hoarfrost.audio.chain import AudioFormat
from hoarfrost.audio.compressed import EXTRA
from hoarfrost.errors import ClientFault
from hoarfrost.protocol.http_speech import read_object
from hoarfrost.units import SampleRate, Speed

MODELS: Final = ("tts-1", "tts-1-hd", "gpt-4o-mini-tts", "hoarfrost")
"""Names of models that are listed; any other is served as well."""

RATE_HZ: Final[SampleRate] = 24_000
"""Of all audio, as OpenAI's is."""

SLOWEST: Final[Speed] = 0.25
FASTEST: Final[Speed] = 4.0

INPUT_LIMIT: Final = 65_536
"""Bytes of input; OpenAI takes 4,096 characters."""

FORMATS: Final[dict[str, tuple[AudioFormat, str]]] = {
    "mp3": (AudioFormat.MP3, "audio/mpeg"),
    "opus": (AudioFormat.OGG, "audio/ogg"),
    "aac": (AudioFormat.AAC, "audio/aac"),
    "flac": (AudioFormat.FLAC, "audio/flac"),
    "wav": (AudioFormat.WAV, "audio/wav"),
    "pcm": (AudioFormat.PCM, "audio/pcm"),
}
"""By ``response_format``, the format and its media type."""


class BadRequest(ClientFault):
    """A parameter is wrong.

    Attributes:
        param: Its name; "" for the request as a whole.
    """

    def __init__(self, message: str, param: str = "") -> None:
        super().__init__(message)
        self.param = param


@dataclass(frozen=True, slots=True)
class OpenAIRequest:
    """A request for speech.

    Attributes:
        text: What is to be said.
        voice: Who speaks.
        speed: Above 1 is faster.
        audio_format: Of the audio.
        media_type: Of the answer, unless it is a stream of events.
        is_events: Whether audio comes in events.
    """

    text: str
    voice: str
    speed: Speed
    audio_format: AudioFormat
    media_type: str
    is_events: bool


def read_speech_request(body: bytes) -> OpenAIRequest:
    """Read the body of a request.

    Raises:
        BadRequest: If it is no such request.
    """
    try:
        given = read_object(body)
    except ClientFault:
        raise BadRequest("expected a JSON object as the body, got something else") from None
    text = _string(given, "input")
    if len(text.encode(errors="replace")) > INPUT_LIMIT:
        raise BadRequest(f"input: expected at most {INPUT_LIMIT} bytes", "input")
    voice = given.get("voice")
    if isinstance(voice, dict):
        voice = voice.get("id")
    if not isinstance(voice, str) or not voice:
        raise BadRequest("voice: expected the name of a voice (GET /voices lists all)", "voice")
    wanted = given.get("response_format") or "mp3"
    if not isinstance(wanted, str) or wanted not in FORMATS:
        expected = ", ".join(FORMATS)
        raise BadRequest(f"response_format: expected one of {expected}", "response_format")
    audio_format, media_type = FORMATS[wanted]
    if not audio_format.is_available:
        expected = f"{EXTRA} on the server for {wanted}"
        raise BadRequest(f"response_format: expected {expected}", "response_format")
    stream_format = given.get("stream_format") or "audio"
    if stream_format not in ("audio", "sse"):
        raise BadRequest("stream_format: expected audio or sse", "stream_format")
    return OpenAIRequest(
        text=text.encode(errors="replace").decode(),
        voice=voice,
        speed=_speed(given),
        audio_format=audio_format,
        media_type=media_type,
        is_events=stream_format == "sse",
    )


def error_body(message: str, *, param: str = "", code: str | None = None) -> dict[str, Any]:
    """Return the body of an error, as OpenAI's clients read it."""
    kind = "invalid_request_error" if code is None else code
    return {"error": {"message": message, "type": kind, "param": param or None, "code": code}}


def audio_event(data: bytes) -> bytes:
    """Return the event that carries audio."""
    return _event({"type": "speech.audio.delta", "audio": base64.b64encode(data).decode()})


def done_event() -> bytes:
    """Return the last event. Tokens are not counted here."""
    usage = {"input_tokens": 0, "output_tokens": 0, "total_tokens": 0}
    return _event({"type": "speech.audio.done", "usage": usage})


def _event(told: dict[str, Any]) -> bytes:
    return f"data: {json.dumps(told)}\n\n".encode()


def _string(given: dict[str, Any], name: str) -> str:
    value = given.get(name)
    if not isinstance(value, str) or not value:
        raise BadRequest(f"{name}: expected a string that is not empty", name)
    return value


def _speed(given: dict[str, Any]) -> Speed:
    speed = given.get("speed")
    if speed is None:
        return 1.0
    is_number = isinstance(speed, int | float) and not isinstance(speed, bool)
    if not is_number or not SLOWEST <= speed <= FASTEST:
        raise BadRequest(f"speed: expected a number from {SLOWEST} to {FASTEST}", "speed")
    return float(speed)
