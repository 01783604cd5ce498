"""uvicorn's HTTP protocol, one bounded request at a time.

In: a connection's bytes, up to an upgrade. Invariant: a request's head is bounded in size, each
request in time, and the next one is not looked at before the last one is answered. The defects are
those of uvicorn 0.54; a later one may make some of this unnecessary.
"""

import asyncio
from typing import Any, Final

import h11
from uvicorn.config import Config
from uvicorn.protocols.http.auto import AutoHTTPProtocol
from uvicorn.protocols.http.flow_control import FlowControl

from hoarfrost.server.limits.front import STALL_PATIENCE, GuardedState
from hoarfrost.server.limits.peers import CURRENT, Peer, Stage, group_of
from hoarfrost.units import Seconds

REQUEST_PATIENCE: Final[Seconds] = 10
"""How long a connection may take to send a request's head; a slow link needs a second or two."""

BODY_PATIENCE: Final[Seconds] = 15
"""The same for its body, if the endpoint has not answered before that it takes too long."""

HEAD_LIMIT: Final = 16 * 1024
"""Bytes of a request's head: nginx takes 32 KiB, Node 16 KiB."""

REQUEST_COST: Final = 5.0
"""Units of a plain request (`Turns`): it takes some 200 us to answer one, of metrics more."""

DISCARD_LIMIT: Final = 64 * 1024
"""Bytes of a body that are read and dropped after the answer, for the sake of the next request."""

PIECES_A_TURN: Final = 4
"""Pieces of a request, of at most `HEAD_LIMIT`, that are read in one turn of the loop."""

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
_TOO_MANY: Final = _refusal(
    "429 Too Many Requests\r\nRetry-After: 5",
    "expected fewer connections without a request from this address, got more",
)


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
        self._n_discarded = 0
        self._is_in_body = False
        self._is_asking = False
        self._is_upgraded = False
        self._patience: asyncio.TimerHandle | None = None
        self._stall: asyncio.TimerHandle | None = None
        self._peer = Peer("", _nothing)

    def connection_made(self, transport: asyncio.Transport) -> None:
        """Begin, and set the clock; a connection too many is refused."""
        super().connection_made(transport)
        self.flow = _Reading(transport, self)
        address = group_of(self.client[0]) if self.client else ""
        self._peer = Peer(address, transport.abort, lambda: self._charge(-REQUEST_COST))
        if not self._front.peers.add(self._peer):
            transport.write(_TOO_MANY)
            transport.close()
            return
        self._begin_patience(REQUEST_PATIENCE)

    def connection_lost(self, exc: Exception | None) -> None:
        """End."""
        self._end_patience()
        self._end_stall()
        self._held.clear()
        self._front.peers.remove(self._peer)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take bytes."""
        if self.transport.is_closing():
            return
        self._unset_keepalive_if_required()
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
            self._begin_patience(REQUEST_PATIENCE)
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
        self._charge(cost)
        if is_begun or self._is_upgraded:
            self._front.peers.move(self._peer, Stage.ANSWERED)
            self._n_head_bytes = self._n_discarded = 0
        elif was_in_body:
            self._n_discarded += len(piece) if cycle.response_complete else 0
        else:
            self._n_head_bytes += len(piece)
        if (is_begun or was_in_body) and not self._reads_body:
            self._end_patience()  # the request is whole
        elif is_begun:
            self._begin_patience(BODY_PATIENCE)
        if self._n_head_bytes >= HEAD_LIMIT:
            self.transport.write(_TOO_LARGE)
            self.transport.close()
        elif self._n_discarded >= DISCARD_LIMIT:
            self.transport.close()
        return cost

    def pause_writing(self) -> None:
        """Have the application wait for the peer to read, but not for ever."""
        super().pause_writing()
        self._stall = self.loop.call_later(STALL_PATIENCE, self.transport.abort)

    def resume_writing(self) -> None:
        """Go on writing."""
        super().resume_writing()
        self._end_stall()

    def _end_stall(self) -> None:
        if self._stall is not None:
            self._stall.cancel()
            self._stall = None

    def _charge(self, cost: float) -> None:
        self._front.requests.of(self._peer.address).spend(cost, self.loop.time())

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
        self._end_stall()
        self._is_upgraded = True
        self.transport.resume_reading()
        super().handle_websocket_upgrade(*args)

    def _begin_patience(self, patience: Seconds) -> None:
        self._end_patience()
        self._patience = self.loop.call_later(patience, self._give_up)

    def _end_patience(self) -> None:
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None

    def _give_up(self) -> None:
        self.transport.close()
