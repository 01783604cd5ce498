"""What a client's message means: text to speak, or one of three commands.

In: the payload of a WebSocket message. Out: `ClientEvent` values in order. Invariant: joining the
text events gives back everything that was not a command, character for character.
"""

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Text:
    """Bare text, to be joined verbatim with what came before."""

    text: str


@dataclass(frozen=True, slots=True)
class Clear:
    """``<CLEAR>``: forget everything that has not been heard yet."""


@dataclass(frozen=True, slots=True)
class Flush:
    """``<FLUSH>``: speak what is buffered now."""


@dataclass(frozen=True, slots=True)
class Eos:
    """``<EOS>``: speak what is buffered, send all audio, close."""


ClientEvent: TypeAlias = Text | Clear | Flush | Eos
"""Anything a client can say."""
