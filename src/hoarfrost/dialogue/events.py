"""Everything that can happen in a conversation: what the client says, and what the driver tells.

In: nothing but values. A protocol's codec makes the client's events (`ClientEvent`) of messages.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

from hoarfrost.errors import HoarfrostError
from hoarfrost.units import Milliseconds, Speed

PIECE_LENGTH = 1000
"""Characters that a machine is given at once: reading so many takes 2 to 8 ms of a shared 2.8 GHz
core, and nothing else can happen meanwhile."""


@dataclass(frozen=True, slots=True)
class Text:
    """Text to be spoken, joined verbatim with what came before.

    Attributes:
        text: The text.
        speeds: Speeds of bracketed words that have one of their own, by the offset of the bracket
            in the text; the others have those of the conversation.
    """

    text: str
    speeds: dict[int, Speed] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Clear:
    """Interruption: everything that has not been heard yet is dropped."""


@dataclass(frozen=True, slots=True)
class Flush:
    """What is buffered is spoken now.

    Attributes:
        ends_turn: Whether it ends a turn, as it does unless text of another kind follows.
        is_answered: Whether a `Flushed` is to tell when all audio of the turn was sent.
    """

    ends_turn: bool = True
    is_answered: bool = False


@dataclass(frozen=True, slots=True)
class Eos:
    """End of the text: what is buffered is spoken, all audio sent, the conversation ended."""


ClientEvent: TypeAlias = Text | Clear | Flush | Eos
"""Anything a client can say."""


@dataclass(frozen=True, slots=True)
class PeerClosed:
    """The peer has closed the connection, or vanished."""


@dataclass(frozen=True, slots=True)
class Refused:
    """The driver will not go on: a message could not be read, a key was revoked.

    Attributes:
        fault: Why.
    """

    fault: HoarfrostError


@dataclass(frozen=True, slots=True)
class AudioSent:
    """Audio was handed to the socket.

    Attributes:
        duration_ms: How long it plays.
    """

    duration_ms: Milliseconds


@dataclass(frozen=True, slots=True)
class SpeechSent:
    """All audio of one `Speak` action was handed to the socket.

    Attributes:
        number: The action's number.
    """

    number: int


@dataclass(frozen=True, slots=True)
class SpeechFailed:
    """A `Speak` action cannot be carried out.

    Attributes:
        number: The action's number.
        fault: Why.
    """

    number: int
    fault: HoarfrostError


@dataclass(frozen=True, slots=True)
class Tick:
    """The moment that `Machine.wake_at` named has come."""


Event: TypeAlias = ClientEvent | PeerClosed | Refused | AudioSent | SpeechSent | SpeechFailed | Tick
"""Whatever `Machine.receive` takes."""


def in_pieces(event: ClientEvent) -> Iterator[ClientEvent]:
    """Yield what a client said, long text in pieces of at most `PIECE_LENGTH` characters.

    A piece ends with a letter or a digit where the text has one: should time pass before the next
    piece, nobody takes a mark in the middle of the text for the end of it.
    """
    if not isinstance(event, Text):
        yield event
        return
    text, speeds = event.text, event.speeds
    while len(text) > PIECE_LENGTH:
        ends = range(PIECE_LENGTH, 0, -1)
        end = next((end for end in ends if text[end - 1].isalnum()), PIECE_LENGTH)
        yield Text(text[:end], {at: speed for at, speed in speeds.items() if at < end})
        text = text[end:]
        speeds = {at - end: speed for at, speed in speeds.items() if at >= end}
    yield Text(text, speeds)
