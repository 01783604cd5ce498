"""uvicorn's two protocols, with what they leave open closed.

In: a connection's bytes. Invariant: no connection stays open without an answer or a session, what
it may store is bounded, and a turn of the event loop does little for it, whatever it sends. The
defects are those of uvicorn 0.54; a later one may make some of this unnecessary.
"""

import asyncio
import itertools
from typing import Any, Final

import h11
from uvicorn.config import Config
from uvicorn.protocols.http.auto import AutoHTTPProtocol
from uvicorn.protocols.http.flow_control import FlowControl
from uvicorn.protocols.utils import ClientDisconnected
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from uvicorn.server import ServerState
from websockets.protocol import State

from hoarfrost.server.limits.allowance import Allowance
from hoarfrost.server.limits.front import Front
from hoarfrost.server.limits.peers import CURRENT, Peer, Stage, group_of
from hoarfrost.units import Seconds

REQUEST_PATIENCE: Final[Seconds] = 10
"""How long a connection may take to send a request; a slow link needs a second or two."""

HEAD_LIMIT: Final = 16 * 1024
"""Bytes of a request's head: nginx takes 32 KiB, Node 16 KiB."""

REQUEST_COST: Final = 5.0
"""Units of a plain request (`Turns`): it takes some 200 us to answer one, of metrics more."""

PIECES_A_TURN: Final = 4
"""Pieces of a request, of at most `HEAD_LIMIT`, that are read in one turn of the loop."""

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

_BLANK_LINE: Final = b"\r\n\r\n"


def _nothing() -> None:
    """Close a connection that has not been made."""


def _refusal(status: str, expected: str) -> bytes:
    return (
        f"HTTP/1.1 {status}\r\nContent-Type: text/plain; charset=utf-8\r\n"
        f"Content-Length: {len(expected) + 1}\r\nConnection: close\r\n\r\n{expected}\n"
    ).encode()


_TOO_LARGE: Final = _refusal(
    "431 Request Header Fields Too Large",
    f"expected a request line and headers of at most {HEAD_LIMIT // 1024} KiB, got more",
)
_TOO_LARGE_TO_UPGRADE: Final = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\n"
    b"Content-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n"
    b"expected at most 8 KiB a header and 100 headers, got more\n"
)
_TOO_MANY: Final = _refusal(
    "429 Too Many Requests\r\nRetry-After: 5",
    "expected fewer connections without a request from this address, got more",
)


class GuardedState(ServerState):
    """uvicorn's state of a server, and what all its connections share beside.

    Args:
        front: That.
    """

    def __init__(self, front: Front) -> None:
        super().__init__()
        self.front = front


class _Reading(FlowControl):
    """Flow control of a request's body, which also holds what has been read but not parsed."""

    def __init__(self, transport: asyncio.Transport, protocol: "RequestProtocol") -> None:
        super().__init__(transport)
        self._protocol = protocol

    def resume_reading(self) -> None:
        """Go on with what is held; the transport is read again when nothing is."""
        if self.read_paused:
            self.read_paused = False
            self._protocol.go_on()


class RequestProtocol(AutoHTTPProtocol):  # type: ignore[valid-type, misc] # one of two, by platform
    """Reads one request at a time, each bounded in size and time.

    uvicorn's own parses all that a read brings, thousands of pipelined requests for one, keeps
    headers of any size, and has patience without end with every request but the first.
    """

    def __init__(
        self,
        config: Config,
        server_state: GuardedState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._front = server_state.front
        self._held = bytearray()
        self._n_head_bytes = 0
        self._is_in_body = False
        self._is_asking = False
        self._is_upgraded = False
        self._patience: asyncio.TimerHandle | None = None
        self._peer = Peer("", _nothing)

    def connection_made(self, transport: asyncio.Transport) -> None:
        """Begin, and set the clock; a connection too many is refused."""
        super().connection_made(transport)
        self.flow = _Reading(transport, self)
        self._peer = Peer(group_of(self.client[0]) if self.client else "", transport.abort)
        if not self._front.peers.add(self._peer):
            transport.write(_TOO_MANY)
            transport.close()
            return
        self._begin_patience()

    def connection_lost(self, exc: Exception | None) -> None:
        """End."""
        self._end_patience()
        self._held.clear()
        self._front.peers.remove(self._peer)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take bytes."""
        if self.transport.is_closing():
            return
        self._held += data
        self.go_on()

    def go_on(self) -> None:
        """Parse what is held, up to the end of a request; the rest waits for its answer."""
        for _ in range(PIECES_A_TURN):
            if not (self._held and self._may_parse()):
                break
            if self._front.requests.of(self._peer.address).is_spent(self.loop.time()):
                self._is_asking = True
                self._front.turns.ask(self._take_turn)
                break
            self._parse()
        else:
            self.loop.call_soon(self.go_on)
        if self._is_upgraded or self.transport.is_closing():
            self._held.clear()
        elif self._held:
            self.transport.pause_reading()
        elif not self.flow.read_paused:
            self.transport.resume_reading()

    def _may_parse(self) -> bool:
        is_answered = self.cycle is None or self.cycle.response_complete
        is_open = not (self._is_upgraded or self._is_asking or self.transport.is_closing())
        return is_open and not self.flow.read_paused and (is_answered or self._reads_body)

    @property
    def is_answering(self) -> bool:
        """Whether a request has come that is not wholly answered."""
        is_begun = self.cycle is not None and not self.cycle.response_complete
        return is_begun and not self.transport.is_closing()

    @property
    def _reads_body(self) -> bool:
        """Whether what comes next belongs to a body."""
        if hasattr(self, "parser"):
            return self._is_in_body
        return self.conn.their_state is h11.SEND_BODY

    def _take_turn(self) -> float:
        self._is_asking = False
        if not self._held or not self._may_parse():
            return 0.0
        cost = self._parse()
        self.go_on()
        return cost

    def _parse(self) -> float:
        """Parse up to the next blank line, where a request may end; return what that cost."""
        if self._patience is None:
            self._begin_patience()
        was_in_body, cycle = self._reads_body, self.cycle
        room = HEAD_LIMIT if was_in_body else HEAD_LIMIT - self._n_head_bytes
        end = self._held.find(_BLANK_LINE, 0, room)
        piece = bytes(self._held[: room if end < 0 else end + len(_BLANK_LINE)])
        del self._held[: len(piece)]
        token = CURRENT.set((self._front.peers, self._peer))  # for the task that will answer
        try:
            super().data_received(piece)
        finally:
            CURRENT.reset(token)
        is_begun = self.cycle is not cycle
        cost = REQUEST_COST if is_begun or self._is_upgraded else 1.0
        self._front.requests.of(self._peer.address).spend(cost, self.loop.time())
        if is_begun or self._is_upgraded:
            self._front.peers.move(self._peer, Stage.ANSWERED)
            self._n_head_bytes = 0
        elif not was_in_body:
            self._n_head_bytes += len(piece)
        if (is_begun or was_in_body) and not self._reads_body:
            self._end_patience()  # the request is whole
        if self._n_head_bytes >= HEAD_LIMIT:
            self.transport.write(_TOO_LARGE)
            self.transport.close()
        return cost

    def on_headers_complete(self) -> None:
        """Note that a body may follow (called by httptools)."""
        self._is_in_body = True
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """Note that the request is whole (called by httptools)."""
        self._is_in_body = False
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """Go on with the next request, in a later turn of the loop."""
        self._front.peers.move(self._peer, Stage.WAITING)
        super().on_response_complete()
        if self._held:
            self.loop.call_soon(self.go_on)

    def handle_websocket_upgrade(self, *args: Any) -> None:
        """Hand the connection over; from here on it is a `SocketProtocol`'s."""
        self._end_patience()
        self._is_upgraded = True
        self.transport.resume_reading()
        super().handle_websocket_upgrade(*args)

    def _begin_patience(self) -> None:
        self._patience = self.loop.call_later(REQUEST_PATIENCE, self._give_up)

    def _end_patience(self) -> None:
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None

    def _give_up(self) -> None:
        self.transport.close()


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

    def resume_writing(self) -> None:
        """Send what waited for the peer to read."""
        super().resume_writing()
        pong, self._pong = self._pong, b""
        if pong and not self.close_sent and not self.transport.is_closing():
            self.transport.write(pong)

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
        """Hand on a message."""
        self._n_frames += 1
        super().send_receive_event_to_app()

    def connection_lost(self, exc: Exception | None) -> None:
        """End; nobody will answer what was asked."""
        super().connection_lost(exc)
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
