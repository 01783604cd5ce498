"""Messages of Rime's WebSocket v1, in JSON and in Protocol Buffers: one meaning, two encodings.

In: a message's payload. Out: `V1Request`; for an answer, its payload. Invariant: whatever comes,
nothing but `BadMessage` is raised.

Source: the AsyncAPI and proto files of the package `rime-api` 0.4.0; field numbers are theirs.
"""

import base64
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

from hoarfrost.errors import BadMessage
from hoarfrost.protocol import protobuf
from hoarfrost.protocol.protobuf import Field, Kind, Schema

SPLITS: Final = (
    "SPLIT_STRATEGY_UNSPECIFIED", "SPLIT_STRATEGY_SENTENCE", "SPLIT_STRATEGY_NONE",
    "SPLIT_STRATEGY_ACCUMULATE_SENTENCE",
)  # fmt: skip
"""When text is spoken."""

_AUDIO: Final[Schema] = {
    1: Field("audioFormat", Kind.STRING), 2: Field("samplingRate", Kind.INT),
    3: Field("timeScaleFactor", Kind.FLOAT),
}  # fmt: skip
_MIST: Final[Schema] = {
    1: Field("pauseBetweenBrackets", Kind.BOOL), 2: Field("phonemizeBetweenBrackets", Kind.BOOL),
    3: Field("inlineTimeScaleFactors", Kind.FLOAT, is_repeated=True),
    4: Field("saveOovs", Kind.BOOL),
}  # fmt: skip
_TIMESTAMPS: Final[Schema] = {1: Field("enable", Kind.BOOL)}
_ENTRY: Final[Schema] = {
    1: Field("spelling", Kind.STRING), 2: Field("pronunciation", Kind.STRING)
}  # fmt: skip
SYNTHESIS: Final[Schema] = {
    2: Field("language", Kind.STRING), 3: Field("speaker", Kind.STRING),
    4: Field("text", Kind.STRING), 5: Field("audioParameters", Kind.MESSAGE, _AUDIO),
    6: Field("splitStrategy", Kind.INT, names=SPLITS),
    8: Field("codaParameters", Kind.MESSAGE, {}),
    9: Field("mistParameters", Kind.MESSAGE, _MIST),
    10: Field("timestamps", Kind.MESSAGE, _TIMESTAMPS),
    11: Field("customLexicon", Kind.MESSAGE, _ENTRY, is_repeated=True),
}  # fmt: skip
_CONFIG: Final[Schema] = {
    1: Field("authorization", Kind.STRING), 2: Field("license", Kind.STRING),
    3: Field("defaults", Kind.MESSAGE, SYNTHESIS),
}  # fmt: skip
_REQUEST: Final[Schema] = {
    1: Field("contextId", Kind.STRING), 2: Field("config", Kind.MESSAGE, _CONFIG),
    3: Field("start", Kind.MESSAGE, SYNTHESIS), 4: Field("text", Kind.STRING),
    5: Field("end", Kind.MESSAGE, {}), 6: Field("cancel", Kind.MESSAGE, {}),
}  # fmt: skip
_DURATION: Final[Schema] = {1: Field("seconds", Kind.INT), 2: Field("nanos", Kind.INT)}
_SPAN: Final[Schema] = {
    1: Field("text", Kind.STRING), 2: Field("start", Kind.MESSAGE, _DURATION),
    3: Field("end", Kind.MESSAGE, _DURATION),
}  # fmt: skip
_STATUS: Final[Schema] = {1: Field("code", Kind.INT), 2: Field("message", Kind.STRING)}
_TIMES: Final[Schema] = {
    1: Field("status", Kind.MESSAGE, _STATUS),
    2: Field("spans", Kind.MESSAGE, _SPAN, is_repeated=True),
}  # fmt: skip
_READY: Final[Schema] = {
    1: Field("protocol", Kind.INT), 2: Field("languages", Kind.STRING, is_repeated=True),
    3: Field("defaultLanguage", Kind.STRING),
}  # fmt: skip
_ERROR: Final[Schema] = {
    1: Field("kind", Kind.STRING), 2: Field("message", Kind.STRING),
    3: Field("requestId", Kind.STRING),
}  # fmt: skip
_RESPONSE: Final[Schema] = {
    1: Field("contextId", Kind.STRING), 2: Field("ready", Kind.MESSAGE, _READY),
    3: Field("started", Kind.MESSAGE, {1: Field("requestId", Kind.STRING)}),
    4: Field("audio", Kind.BYTES),
    5: Field("done", Kind.MESSAGE, {1: Field("timestamps", Kind.MESSAGE, _TIMES)}),
    6: Field("cancelled", Kind.MESSAGE, {}), 7: Field("error", Kind.MESSAGE, _ERROR),
}  # fmt: skip

STREAMED: Final[Schema] = {
    1: Field("header", Kind.MESSAGE, SYNTHESIS), 2: Field("textChunk", Kind.STRING)
}  # fmt: skip
"""A message of gRPC's `SynthesizeStreaming`."""
SPOKEN: Final[Schema] = {
    1: Field("audio", Kind.BYTES),
    2: Field("trailer", Kind.MESSAGE, {1: Field("timestamps", Kind.MESSAGE, _TIMES)}),
}  # fmt: skip
"""An answer of gRPC."""

Payload: TypeAlias = Literal["config", "start", "text", "end", "cancel"]
_PAYLOADS: Final[tuple[Payload, ...]] = ("config", "start", "text", "end", "cancel")


@dataclass(frozen=True, slots=True)
class V1Request:
    """A client's message.

    Attributes:
        context: Its context; "" for none.
        payload: Which one it carries.
        value: That: text, or the fields of a message by the names of JSON.
    """

    context: str
    payload: Payload
    value: Any


def read_request(message: str | bytes) -> V1Request:
    """Read a message: JSON in text, Protocol Buffers in bytes.

    Raises:
        BadMessage: If it is none.
    """
    if isinstance(message, bytes):
        told = protobuf.decode(message, _REQUEST)
    else:
        try:
            given = json.loads(message)
        except (ValueError, RecursionError):
            given = None
        if not isinstance(given, dict):
            raise BadMessage("message: expected a JSON object, got something else")
        try:
            told = _from_json(given, _REQUEST, "message")
        except OverflowError:
            raise BadMessage("message: expected numbers that fit a float, got larger") from None
    payloads = [name for name in _PAYLOADS if name in told]
    if len(payloads) != 1:
        expected = ", ".join(_PAYLOADS)
        raise BadMessage(f"message: expected exactly one of {expected}, got {len(payloads)}")
    (payload,) = payloads
    return V1Request(told.get("contextId", ""), payload, told[payload])


def write_response(told: Mapping[str, Any], *, is_binary: bool) -> str | bytes:
    """Return the payload of an answer; audio is bytes, durations are seconds."""
    if is_binary:
        return protobuf.encode(_with_durations(told), _RESPONSE)
    return json.dumps(_to_json(told), ensure_ascii=False)


def write_spoken(told: Mapping[str, Any]) -> bytes:
    """Return an answer of gRPC; durations are seconds."""
    return protobuf.encode(_with_durations(told), SPOKEN)


def _with_durations(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _with_durations(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_with_durations(each) for each in value]
    if isinstance(value, float):
        nanos = round(value * 1e9)
        return {"seconds": nanos // 10**9, "nanos": nanos % 10**9}
    return value


def _to_json(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _to_json(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_to_json(each) for each in value]
    if isinstance(value, float):
        return f"{value:.3f}s"
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    return value


def _from_json(given: Mapping[str, Any], schema: Schema, where: str) -> dict[str, Any]:
    """Return the fields of canonical JSON that a schema knows, checked.

    Raises:
        BadMessage: If a value has another type.
    """
    fields = {field.name: field for field in schema.values()}
    found: dict[str, Any] = {}
    for name, value in given.items():
        camel = re.sub(r"_([a-z])", lambda letter: letter[1].upper(), name)
        field = fields.get(camel)
        if field is None or value is None:
            continue
        if field.is_repeated:
            if not isinstance(value, list):
                raise BadMessage(f"{where}.{camel}: expected a list, got another value")
            found[camel] = [_value(each, field, f"{where}.{camel}") for each in value]
        else:
            found[camel] = _value(value, field, f"{where}.{camel}")
    return found


def _value(value: Any, field: Field, where: str) -> Any:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    match field.kind:
        case Kind.MESSAGE if isinstance(value, dict):
            return _from_json(value, field.schema or {}, where)
        case Kind.STRING if isinstance(value, str):
            return value.encode(errors="replace").decode()
        case Kind.BOOL if isinstance(value, bool):
            return value
        case Kind.FLOAT if is_number:
            return float(value)
        case Kind.INT if field.names and isinstance(value, str):
            return value
        case Kind.INT if is_number and float(value).is_integer():
            number = int(value)
            is_known = field.names and 0 <= number < len(field.names)
            return field.names[number] if is_known else number
    raise BadMessage(f"{where}: expected {field.kind.name.lower()}, got another value")
