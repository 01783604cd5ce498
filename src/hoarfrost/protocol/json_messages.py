"""Messages that clients of ``/ws3`` and ``/ws2`` send, checked.

In: a text or binary message. Out: `JsonMessage`. Invariant: whatever comes, only `BadMessage` and
`TextNotUtf8` are raised.
"""

import json
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

from hoarfrost.errors import BadMessage
from hoarfrost.protocol.plain import as_utf8

ID_LIMIT: Final = 1024
"""Bytes of a context id."""

Operation: TypeAlias = Literal["flush", "clear", "eos"]
_OPERATIONS: Final[dict[str, Operation]] = {"flush": "flush", "clear": "clear", "eos": "eos"}


@dataclass(frozen=True, slots=True)
class JsonMessage:
    """What a client says in one message; text comes before the operation.

    Attributes:
        text: To be spoken; None if there is none.
        operation: What is to be done; None for nothing.
        label: Id of the context; None for the one in force.
        speeds: What ``inlineSpeedAlpha`` has for the brackets of the text; None if not given.
    """

    text: str | None
    operation: Operation | None
    label: str | None
    speeds: object = None


def read_message(message: str | bytes, text_limit: int) -> JsonMessage:
    """Read a message.

    Args:
        message: Its payload; a binary one is read as UTF-8.
        text_limit: Bytes of text that it may have.

    Raises:
        BadMessage: If it is no message of the protocol.
        TextNotUtf8: If bytes are not UTF-8.
    """
    if isinstance(message, bytes):
        message = as_utf8(message)
    try:
        given = json.loads(message)
    except (ValueError, RecursionError):
        raise BadMessage("message: expected a JSON object, got something else") from None
    if not isinstance(given, dict):
        raise BadMessage("message: expected a JSON object, got another value")
    if "text" not in given and given.get("operation") is None:
        raise BadMessage("message: expected text or operation, got neither")
    speeds = given.get("inlineSpeedAlpha")
    return JsonMessage(_text(given, text_limit), _operation(given), _label(given), speeds)


def _text(given: dict[str, Any], limit: int) -> str | None:
    if "text" not in given:
        return None
    text = given["text"]
    if not isinstance(text, str):
        raise BadMessage("text: expected a string, got another value")
    raw = text.encode(errors="replace")  # JSON may hold lone surrogates
    if len(raw) > limit:
        raise BadMessage("text is too long")
    return raw.decode()


def _operation(given: dict[str, Any]) -> Operation | None:
    operation = given.get("operation")
    if operation is None:
        return None
    if not isinstance(operation, str) or operation.lower() not in _OPERATIONS:
        raise BadMessage(f"operation: expected {', '.join(_OPERATIONS)}, got another value")
    return _OPERATIONS[operation.lower()]


def _label(given: dict[str, Any]) -> str | None:
    label = given.get("contextId")
    if label is None:
        return None
    if not isinstance(label, str):
        raise BadMessage("contextId: expected a string or null, got another value")
    if len(label.encode(errors="replace")) > ID_LIMIT:
        raise BadMessage(f"contextId: expected at most {ID_LIMIT} bytes, got more")
    return label
