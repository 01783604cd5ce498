"""Protocols that are not shipped, to show what the seam carries."""

import json
from collections.abc import Sequence
from typing import ClassVar

from hoarfrost.dialogue.events import Eos, Text
from hoarfrost.dialogue.options import Conduct
from hoarfrost.dialogue.outputs import Audio, Cleared, Done, Ended, Output, Ready
from hoarfrost.errors import ClientFault
from hoarfrost.protocol.codec import Addressed, Frame, Open, Untimed
from hoarfrost.protocol.plain import decode


class TaggedCodec(Untimed):
    """Several contexts on one socket: ``NAME|message`` in, ``NAME|what`` and ``NAME|hex`` out.

    ``NAME|open`` begins a context; any other message is read as on ``/ws``.
    """

    has_contexts: ClassVar[bool] = True
    conduct: ClassVar[Conduct] = Conduct()

    def decode(self, message: str | bytes) -> Sequence[Addressed]:
        """Read one message."""
        if isinstance(message, bytes) or "|" not in message:
            raise ClientFault("expected NAME|message, got another")
        name, _, said = message.partition("|")
        if said == "open":
            return [Addressed(name, Open())]
        return [Addressed(name, event) for event in decode(said)]

    def encode(self, context: str | None, output: Output, /) -> Sequence[Frame]:
        """Tell audio, and the ends of things."""
        match output:
            case Audio(data) if data:
                return [f"{context}|{data.hex()}"]
            case Ready() | Done() | Cleared() if context is not None:
                return [f"{context}|{type(output).__name__.lower()}"]
            case Ended(fault):
                return [f"{context}|{'ended' if fault is None else str(fault.http_status)}"]
            case _:
                return []


class BodyCodec(Untimed):
    """A request over HTTP: one message, a JSON body with ``text``; the audio is the answer."""

    has_contexts: ClassVar[bool] = False
    conduct: ClassVar[Conduct] = Conduct()

    def decode(self, message: str | bytes) -> Sequence[Addressed]:
        """Read the body."""
        return [Addressed(None, Text(json.loads(message)["text"])), Addressed(None, Eos())]

    def encode(self, _context: str | None, output: Output, /) -> Sequence[Frame]:
        """Return a piece of the answer's body."""
        return [output.data] if isinstance(output, Audio) and output.data else []
