"""uvicorn's WebSocket protocol, with what it leaves open closed.

In: a connection's bytes, from the upgrade on. Invariant: no upgrade stays without an answer, what a
connection may store is bounded, and a turn of the event loop does little for it, whatever it sends.
The defects are those of uvicorn 0.54; a later one may make some of this unnecessary.
"""

import asyncio
import contextlib
import itertools
from typing import Any, Final

from uvicorn.config import Config
from uvicorn.protocols.utils import ClientDisconnected
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.exceptions import InvalidState
from websockets.protocol import State

from hoarfrost.server.limits.allowance import Allowance
from hoarfrost.server.limits.front import STALL_PATIENCE, GuardedState
from hoarfrost.server.limits.peers import CURRENT
from hoarfrost.units import Seconds

SLICE: Final = 1024
"""Bytes of a socket that are read in one go: 170 of the shortest frames, 1 to 2 ms of the loop."""

MESSAGE_BURST: Final = 500.0
"""Messages of a connection that are read as they come."""

MESSAGE_RATE: Final = 200.0
"""The same, a second, from then on: more than any language model writes tokens."""

FLOOD_PATIENCE: Final[Seconds] = 30
"""How long a connection may send more than it is allowed, without a pause; then it is closed.

At `Turns.RATE` that is a text of 30,000 messages; and a peer that is gone is not noticed before all
is read that it sent.
"""

PARTING_PATIENCE: Final[Seconds] = 2
"""How long such a connection is still read, and nothing of it kept."""

MAX_FRAGMENTS: Final = 256
"""Fragments of a message that are kept apart; empty ones come without end."""

PROBE: Final = "hoarfrost.probe"
"""Name of the ASGI extension that tells how far a peer has read."""

_TOO_LARGE_TO_UPGRADE: Final = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\n"
    b"Content-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n"
    b"expected at most 8 KiB a header and 100 headers, got more\n"
)


class SocketProtocol(WebSocketsSansIOProtocol):
    """Answers what uvicorn's own leaves unanswered, and takes ordinary ends for what they are.

    An upgrade with too many or too large headers gets no answer from uvicorn; a refusal with a
    response of its own is logged as a handshake left open; sending on a connection that uvicorn
    has closed, after a broken frame say, counts as a defect of the application; and all frames
    that a read brings are parsed in one go, with pongs written to a peer that does not read.
    """

    def __init__(
        self,
        config: Config,
        server_state: GuardedState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._turns = server_state.front.turns
        self._allowance = Allowance(MESSAGE_BURST, MESSAGE_RATE)
        self._held = bytearray()
        self._is_asking = False
        self._n_frames = 0
        self._pong = b""
        self._hungry_since: Seconds | None = None
        self._is_parting = False
        self._stall: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin, for the connection that the upgrade came on."""
        self._current = CURRENT.get()
        super().connection_made(transport)

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

    def handle_ping(self) -> None:
        """Answer a ping; while the peer does not read, only the latest (RFC 6455, 5.5.3)."""
        self._n_frames += 1
        if self.writable.is_set() or self.conn.state is not State.OPEN:
            super().handle_ping()
        elif pong := b"".join(self.conn.data_to_send()):
            self._pong = pong  # of one slice, so not much larger than that

    def pause_writing(self) -> None:
        """Have the application wait for the peer to read, but not for ever."""
        super().pause_writing()
        self._stall = self.loop.call_later(STALL_PATIENCE, self.transport.abort)

    def resume_writing(self) -> None:
        """Send what waited for the peer to read."""
        super().resume_writing()
        self._end_stall()
        pong, self._pong = self._pong, b""
        if pong and not self.close_sent and not self.transport.is_closing():
            self.transport.write(pong)

    def _end_stall(self) -> None:
        if self._stall is not None:
            self._stall.cancel()
            self._stall = None

    def handle_pong(self, event: Any) -> None:
        """Note how far the peer has read; a pong answers the pings before it as well."""
        self._n_frames += 1
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

    def handle_cont(self, event: Any) -> None:
        """Take a fragment; many are joined before the message is whole."""
        self._n_frames += 1
        super().handle_cont(event)
        if len(self.frames) > MAX_FRAGMENTS:
            self.frames = [b"".join(self.frames)]

    def send_receive_event_to_app(self) -> None:
        """Hand on a message; one that is no text, and has a close behind it, is dropped."""
        self._n_frames += 1
        with contextlib.suppress(InvalidState):  # uvicorn would answer 1007 after the close
            super().send_receive_event_to_app()

    def connection_lost(self, exc: Exception | None) -> None:
        """End; nobody will answer what was asked."""
        super().connection_lost(exc)
        self._end_stall()
        self._held.clear()
        if self._current is not None:
            peers, peer = self._current
            peers.remove(peer)
        for answered in getattr(self, "_probes", {}).values():
            if not answered.done():
                answered.set_result(None)

    def data_received(self, data: bytes) -> None:
        """Take bytes; refuse an upgrade that cannot be read."""
        if not self.handshake_initiated:  # the request, whole and bounded
            super().data_received(data)
            if self.conn.handshake_exc is not None and not self.handshake_initiated:
                self.handshake_initiated = True
                self.transport.write(_TOO_LARGE_TO_UPGRADE)
                self.transport.close()
            return
        if not self._is_parting:
            self._held += data
            self._go_on()

    def _go_on(self) -> None:
        """Read what is held, as far as the application and the allowance want it."""
        while self._held and not (self.read_paused or self._is_asking):
            if self._allowance.is_spent(self.loop.time()):
                self._ask_for_turn()
                break
            self._allowance.spend(self._read(), self.loop.time())
        if self.transport.is_closing():
            self._held.clear()
        elif self._held:
            self.transport.pause_reading()
        elif not self.read_paused:
            self._hungry_since = None
            self.transport.resume_reading()

    def _ask_for_turn(self) -> None:
        now = self.loop.time()
        if self._hungry_since is None:
            self._hungry_since = now
        if now - self._hungry_since > FLOOD_PATIENCE and not self.close_sent:
            self._part()
            return
        self._is_asking = True
        self._turns.ask(self._take_turn)

    def _part(self) -> None:
        """Close on a peer that floods; what it still sends is dropped, so that it hears why."""
        reason = f"429: expected at most {MESSAGE_RATE:g} messages a second"
        self.queue.put_nowait({"type": "websocket.disconnect", "code": 1008, "reason": reason})
        self.conn.fail(1008, reason)
        self.transport.write(b"".join(self.conn.data_to_send()))
        self.close_sent = self._is_parting = True
        self.close_timer = self.loop.call_later(PARTING_PATIENCE, self.transport.close)
        self._held.clear()

    def _take_turn(self) -> float:
        self._is_asking = False
        if not self._held or self.read_paused:
            return 0.0
        cost = self._read()
        self._allowance.spend(cost, self.loop.time())
        self._go_on()
        return cost

    def _read(self) -> float:
        """Read a slice; return what that cost, in messages."""
        self._n_frames = 0
        piece = bytes(self._held[:SLICE])
        del self._held[: len(piece)]
        super().data_received(piece)
        return max(1.0, self._n_frames)

    async def receive(self) -> Any:
        """Return the next ASGI message; when there is none left, read on."""
        message = await self.queue.get()
        if self.read_paused and self.queue.empty():
            self.read_paused = False
            self._go_on()
        return message

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
        if message["type"] == "websocket.close":
            self._go_on()  # to the peer's half of the closing handshake
