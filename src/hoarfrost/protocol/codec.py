"""The seam between the core and a wire protocol: a codec.

A protocol is one file with one codec: messages in, addressed events out; outputs in, frames out.
Invariant: a codec knows no socket or task, and its state is that of one connection. One that tells
of time is given a clock, and says when it wants to be woken.

A *context* is one conversation of several that share a connection, told apart by a name that the
client chose. A protocol without contexts has one conversation, of the name None, that lives as long
as the connection.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Protocol, TypeAlias

from hoarfrost.dialogue.events import ClientEvent
from hoarfrost.dialogue.options import Conduct, Options
from hoarfrost.dialogue.outputs import Output
from hoarfrost.units import Seconds

Frame: TypeAlias = str | bytes
"""A WebSocket frame: text or binary. Of an HTTP response, a piece of the body."""


@dataclass(frozen=True, slots=True)
class Open:
    """Beginning of a context, where the protocol has several.

    Attributes:
        options: What holds in it; None for those of the connection.
    """

    options: Options | None = None


@dataclass(frozen=True, slots=True)
class Leave:
    """End of a context, at once: all work for it stops, and nothing more is told of it."""


@dataclass(frozen=True, slots=True)
class Addressed:
    """Event of one context.

    Attributes:
        context: Its name; None in a protocol without contexts.
        event: What the client said, or that the context begins or is left.
    """

    context: str | None
    event: ClientEvent | Open | Leave


@dataclass(frozen=True, slots=True)
class Reply:
    """Answer to a message that no conversation need know of.

    Attributes:
        frames: What is sent.
    """

    frames: Sequence[Frame]


class Codec(Protocol):
    """A wire protocol, as `hoarfrost.session.connection` drives it.

    Attributes:
        has_contexts: Whether conversations come and go on one connection. If not, the connection
            ends with its only one.
        conduct: What is expected of the conversations.
    """

    has_contexts: ClassVar[bool]
    conduct: ClassVar[Conduct]

    def decode(self, message: str | bytes) -> Sequence[Addressed | Reply]:
        """Read one message.

        Raises:
            ClientFault: If it cannot be read; the connection is closed then.
        """
        ...

    def encode(self, context: str | None, output: Output, /) -> Sequence[Frame]:
        """Return the frames that tell an output; none if the protocol has no word for it."""
        ...

    def wake_at(self) -> Seconds | None:
        """Return when to call `wake` if nothing else happens before; None for never."""
        ...

    def wake(self) -> Sequence[Frame]:
        """Return what is told at the moment that `wake_at` named."""
        ...


class Untimed:
    """Part of a codec that tells nothing by time."""

    def wake_at(self) -> Seconds | None:
        """Return None."""
        return None

    def wake(self) -> Sequence[Frame]:
        """Return nothing."""
        return []
