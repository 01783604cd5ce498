"""uvicorn's two protocols, with what they leave open closed.

In: a connection's bytes. Invariant: no connection stays open without an answer or a session. The
defects are those of uvicorn 0.54; a later one may make some of this unnecessary.
"""

import asyncio
import itertools
from typing import Any, Final

from uvicorn.protocols.http.auto import AutoHTTPProtocol
from uvicorn.protocols.utils import ClientDisconnected
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from hoarfrost.units import Seconds

REQUEST_PATIENCE: Final[Seconds] = 10
"""How long a connection may take to send its first request; a slow link needs a second or two."""

PROBE: Final = "hoarfrost.probe"
"""Name of the ASGI extension that tells how far a peer has read."""

_TOO_LARGE: Final = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\n"
    b"Content-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n"
    b"expected at most 8 KiB a header and 100 headers, got more\n"
)


class RequestProtocol(AutoHTTPProtocol):  # type: ignore[valid-type, misc] # one of two, by platform
    """Parts with a client that does not finish its first request."""

    def connection_made(self, transport: asyncio.Transport) -> None:
        """Begin, and set the clock."""
        super().connection_made(transport)
        self._patience = self.loop.call_later(REQUEST_PATIENCE, self._give_up)

    def connection_lost(self, exc: Exception | None) -> None:
        """End."""
        self._patience.cancel()
        super().connection_lost(exc)

    def handle_websocket_upgrade(self, *args: Any) -> None:
        """Hand the connection over; from here on it is a `SocketProtocol`'s."""
        self._patience.cancel()
        super().handle_websocket_upgrade(*args)

    def _give_up(self) -> None:
        if self.cycle is None:  # no request was ever complete
            self.transport.close()


class SocketProtocol(WebSocketsSansIOProtocol):
    """Answers what uvicorn's own leaves unanswered, and takes ordinary ends for what they are.

    An upgrade with too many or too large headers gets no answer from uvicorn; a refusal with a
    response of its own is logged as a handshake left open; and sending on a connection that uvicorn
    has closed, after a broken frame say, counts as a defect of the application.
    """

    def handle_connect(self, event: Any) -> None:
        """Begin; hand the application `probe`, which ASGI has no message for."""
        self._probes: dict[bytes, asyncio.Future[None]] = {}
        self._probe_numbers = itertools.count()
        super().handle_connect(event)
        if hasattr(self, "scope"):
            self.scope["extensions"][PROBE] = {"probe": self.probe}

    def probe(self) -> "asyncio.Future[None]":
        """Send a ping; return what is done when the peer has read all that was sent before it."""
        answered: asyncio.Future[None] = self.loop.create_future()
        if self.disconnected or self.close_sent:
            answered.set_result(None)
            return answered
        payload = b"read%d" % next(self._probe_numbers)
        self._probes[payload] = answered
        self.conn.send_ping(payload)
        self.transport.write(b"".join(self.conn.data_to_send()))
        return answered

    def handle_pong(self, event: Any) -> None:
        """Note how far the peer has read; a pong answers the pings before it as well."""
        payload = bytes(event.data)
        if payload not in self._probes:
            super().handle_pong(event)
            return
        while self._probes:
            first = next(iter(self._probes))
            answered = self._probes.pop(first)
            if not answered.done():
                answered.set_result(None)
            if first == payload:
                return

    def connection_lost(self, exc: Exception | None) -> None:
        """End; nobody will answer what was asked."""
        super().connection_lost(exc)
        for answered in getattr(self, "_probes", {}).values():
            if not answered.done():
                answered.set_result(None)

    def data_received(self, data: bytes) -> None:
        """Take bytes; refuse an upgrade that cannot be read."""
        super().data_received(data)
        if self.conn.handshake_exc is not None and not self.handshake_initiated:
            self.handshake_initiated = True
            self.transport.write(_TOO_LARGE)
            self.transport.close()

    async def send(self, message: Any) -> None:
        """Send an ASGI message.

        Raises:
            ClientDisconnected: If the connection is closed.
        """
        if self.handshake_complete and self.close_sent:
            raise ClientDisconnected
        await super().send(message)
        if message["type"] == "websocket.http.response.body" and not message.get("more_body"):
            self.handshake_complete = True
