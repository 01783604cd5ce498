"""All that a connection knows of a socket.

Invariant: one message is one frame; `send` returns when there is room for more, which is how a
client that reads slowly slows down the work done for it.
"""

import asyncio
from typing import Protocol


class PeerGone(Exception):
    """The peer has closed the connection, or it was lost: an event in its life, not a fault."""


class Transport(Protocol):
    """A WebSocket whose upgrade is done."""

    async def receive(self) -> str | bytes:
        """Wait for the next message.

        Raises:
            PeerGone: When there will be none.
        """
        ...

    async def send(self, frame: str | bytes) -> None:
        """Send one frame, of text or binary; return when the socket can take another.

        Raises:
            PeerGone: When nobody can receive it.
        """
        ...

    def probe(self) -> "asyncio.Future[None] | None":
        """Return what is done when the peer has read all that was sent so far.

        None if the socket cannot tell. Never waits; harmless on a lost connection.
        """
        ...

    async def close(self, code: int, reason: str) -> None:
        """Start the closing handshake, after all that was sent. Harmless on a lost connection."""
        ...
