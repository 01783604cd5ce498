"""WebSockets: an upgrade becomes a connection, or a plain-text refusal before it.

In: ASGI messages. Out: the frames of the protocol that was asked for. Invariant: whatever is
wrong with a request is told before the upgrade, with an HTTP status that clients and proxies
understand.
"""

import asyncio
import contextlib
import functools
import itertools
import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Final

from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from hoarfrost.dialogue.options import Options
from hoarfrost.errors import (
    BadOptions,
    ClientFault,
    Forbidden,
    HoarfrostError,
    NoSuchPage,
    ServerBusy,
    ServerFault,
    Stopping,
    Unauthorized,
    VoiceFault,
)
from hoarfrost.protocol.codec import Codec
from hoarfrost.protocol.events import EventsCodec
from hoarfrost.protocol.json_events import JsonCodec
from hoarfrost.protocol.parameters import DEFAULT_MODEL, Lexicons, Request, resolve
from hoarfrost.protocol.plain import PlainCodec
from hoarfrost.protocol.query import parse_query
from hoarfrost.protocol.v1 import BINARY, SUBPROTOCOLS, V1Codec
from hoarfrost.server.access import refusal
from hoarfrost.server.services import Services
from hoarfrost.server.tickets import take_ticket
from hoarfrost.server.uvicorn_protocols import PROBE
from hoarfrost.session.capacity import AtCapacity
from hoarfrost.session.connection import Connection
from hoarfrost.session.conversation import Backend
from hoarfrost.session.events import Refused
from hoarfrost.session.transport import PeerGone

log = logging.getLogger("hoarfrost.server")


STOPPING_RETRY_AFTER = 5
"""Seconds that a server takes to start again."""


class SocketTransport:
    """A Starlette WebSocket as a connection sees it."""

    def __init__(self, socket: WebSocket) -> None:
        self._socket = socket

    async def receive(self) -> str | bytes:
        """Wait for the next message.

        Raises:
            PeerGone: When there will be none.
        """
        message = await self._socket.receive()
        if message["type"] != "websocket.receive":
            raise PeerGone
        text: str | None = message.get("text")
        data: bytes = message.get("bytes") or b""
        return data if text is None else text

    async def send(self, frame: str | bytes) -> None:
        """Send one frame, of text or binary; return when the socket can take another.

        Raises:
            PeerGone: When nobody can receive it.
        """
        try:
            if isinstance(frame, str):
                await self._socket.send_text(frame)
            else:
                await self._socket.send_bytes(frame)
        except WebSocketDisconnect as error:
            raise PeerGone from error

    def probe(self) -> "asyncio.Future[None] | None":
        """Return a future that is done when the peer has read every frame sent so far.

        None if the ASGI server cannot ping.
        """
        extension = self._socket.scope.get("extensions", {}).get(PROBE)
        return None if extension is None else extension["probe"]()

    async def close(self, code: int, reason: str) -> None:
        """Start the closing handshake; harmless on a lost connection."""
        if self._socket.client_state is not WebSocketState.CONNECTED:
            return
        try:
            await self._socket.close(code, reason)
        except WebSocketDisconnect as error:
            raise PeerGone from error


def make_endpoint(services: Services) -> Callable[[WebSocket], "object"]:
    """Return the ASGI endpoint of all WebSockets: the end of the path says which protocol.

    A prefix, duplicate slashes and one slash at the end make no difference.
    """
    session_numbers = itertools.count(1)

    async def converse(socket: WebSocket) -> None:
        # First: whoever logs the query shall not log the ticket.
        ticket, socket.scope["query_string"] = take_ticket(socket.scope["query_string"])
        try:
            path = [part for part in socket.scope["path"].split("/") if part]
            make_codec = _CODECS.get(path[-1] if path else "")
            if make_codec is None:
                raise NoSuchPage(
                    f"path: expected one that ends in {', '.join(f'/{each}' for each in _CODECS)}"
                )
            _check_open(services)
            key_id = await services.access.of_upgrade(socket.headers, ticket)
            lexicons = await asyncio.to_thread(services.lexicons.current)  # they are files
            session_id = f"{next(session_numbers):x}"
            subprotocol = next((p for p in socket.scope["subprotocols"] if p in SUBPROTOCOLS), None)
            if path[-1] == "ws" and subprotocol is not None:
                await _hold_contexts(services, socket, key_id, session_id, lexicons)
                return
            request = parse_query(socket.scope["query_string"], services.catalogue, lexicons)
            if "context" in path[:-1]:
                request = replace(request, times_from_context=True)
            with services.admitted(request.options.voice, key_id) as backend:
                await socket.accept()
                _log_request(session_id, request)
                connection = Connection(
                    SocketTransport(socket),
                    make_codec(request, services.settings.max_text_bytes),
                    request.options,
                    replace(backend, session_id=session_id),
                    unknown=request.unknown,
                )
                with services.holding(connection, key_id):
                    await connection.run()
        except (ClientFault, ServerBusy) as error:
            services.listener(Refused(error.http_status, reason_for(error)))
            await socket.send_denial_response(refusal(error))
        except HoarfrostError as error:
            # Its message is for the operator: it may name a file.
            log.error("a request could not be answered: %s", error)
            services.listener(Refused(error.http_status, reason_for(error)))
            await socket.send_denial_response(refusal(ServerFault("the server is out of order")))

    return converse


async def _hold_contexts(
    services: Services, socket: WebSocket, key_id: str, session_id: str, lexicons: Lexicons
) -> None:
    """Hold a connection of WebSocket v1: each of its contexts is a caller.

    Raises:
        ServerBusy: If there is no place for the connection.
        VoiceFault: If there is no voice at all.
    """
    subprotocol = next(each for each in socket.scope["subprotocols"] if each in SUBPROTOCOLS)
    voice = services.usual_voice()
    if voice is None:
        raise VoiceFault("expected a voice, got none")

    def settle(given: Mapping[str, object]) -> Options:
        return resolve(given, services.catalogue, lexicons).options

    default = settle({"speaker": voice.name, "audioFormat": "pcm"})
    codec = V1Codec(
        settle,
        [tag for each in services.catalogue.voices() for tag in each.languages],
        default,
        is_binary=subprotocol == BINARY,
        request_prefix=session_id,
        has_key=services.keys is not None,
    )

    @contextlib.contextmanager
    def admit(options: Options) -> Iterator[Backend]:
        with services.admitted(options.voice, key_id, has_connection=False) as backend:
            yield replace(backend, session_id=session_id)

    with services.limit.slot(key_id):
        await socket.accept(subprotocol)
        connection = Connection(
            SocketTransport(socket),
            codec,
            default,
            replace(services.backend(key_id), session_id=session_id),
            admit=admit,
        )
        with services.holding(connection, key_id):
            await connection.run()


def _make_plain(request: Request, _text_limit: int) -> Codec:
    return EventsCodec() if request.events else PlainCodec()


def _make_json(request: Request, text_limit: int, *, is_second: bool = False) -> Codec:
    return JsonCodec(
        request.options,
        asyncio.get_running_loop().time,
        text_limit=text_limit,
        model=request.model,
        is_second=is_second,
        times_from_context=request.times_from_context,
    )


_CODECS: Final[Mapping[str, Callable[[Request, int], Codec]]] = {
    "ws": _make_plain,
    "ws2": functools.partial(_make_json, is_second=True),
    "ws3": _make_json,
}
"""By the end of the path, what makes the codec of a connection: of its request, and the bytes of
text that it may hold unspoken."""


def _log_request(session_id: str, request: Request) -> None:
    """Log what a client believes in that makes no difference here."""
    if request.model != DEFAULT_MODEL or request.ignored:
        log.info(
            "session %s: model %s%s",
            session_id,
            request.model,
            f", ignoring {', '.join(request.ignored)}" if request.ignored else "",
        )


async def authorise(services: Services, headers: list[str]) -> str:
    """Return the id of the key that a request carries, see `Access.of_headers`.

    Raises:
        Stopping: If nobody is let in any more.
        Unauthorized: If it carries none that is valid, and the server asks for one.
    """
    _check_open(services)
    return await services.access.of_headers(headers)


def _check_open(services: Services) -> None:
    if services.is_stopping:
        raise Stopping("the server is being stopped", retry_after=STOPPING_RETRY_AFTER)


_REASONS: Final[tuple[tuple[type[HoarfrostError], str], ...]] = (
    (BadOptions, "options"),
    (NoSuchPage, "path"),
    (Unauthorized, "key"),
    (Forbidden, "origin"),
    (AtCapacity, "capacity"),
    (Stopping, "stopping"),
    (ServerBusy, "connections"),
)


def reason_for(error: HoarfrostError) -> str:
    """Return why a request was refused, in one word, for whoever counts."""
    return next((reason for kind, reason in _REASONS if isinstance(error, kind)), "fault")
