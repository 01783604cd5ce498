"""``/ws``: a WebSocket upgrade becomes a session, or a plain-text refusal before it.

In: ASGI messages. Out: binary frames of audio only. Invariant: whatever is wrong with a request is
told before the upgrade, with an HTTP status that clients and proxies understand.
"""

import asyncio
import itertools
import logging
from collections.abc import Callable

from starlette.responses import PlainTextResponse
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from hoarfrost.errors import (
    BadOptions,
    ClientFault,
    HoarfrostError,
    ServerBusy,
    ServerFault,
    Unauthorized,
)
from hoarfrost.protocol.auth import bearer_key
from hoarfrost.protocol.options import parse_options
from hoarfrost.server.services import Services
from hoarfrost.server.uvicorn_protocols import PROBE
from hoarfrost.session.capacity import AtCapacity
from hoarfrost.session.session import Session
from hoarfrost.session.transport import PeerGone

log = logging.getLogger("hoarfrost.server")

ANONYMOUS = "anonymous"
"""What callers without a key are counted as when the server asks for none."""


class SocketTransport:
    """A Starlette WebSocket as a session sees it."""

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

    async def send(self, data: bytes) -> None:
        """Send one binary frame; return when the socket can take another.

        Raises:
            PeerGone: When nobody can receive it.
        """
        try:
            await self._socket.send_bytes(data)
        except WebSocketDisconnect as error:
            raise PeerGone from error

    def probe(self) -> "asyncio.Future[None] | None":
        """Return what is done when the peer has read all so far; None on a foreign server."""
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
    """Return the ASGI endpoint of ``/ws``."""
    session_numbers = itertools.count(1)

    async def converse(socket: WebSocket) -> None:
        try:
            key_id = authorise(services, socket.headers.getlist("authorization"))
            options = parse_options(
                socket.scope["query_string"], services.catalogue, services.lexicons.current()
            )
            with (
                services.limit.slot(key_id),
                services.capacity.place(options.voice, key_id) as activity,
            ):
                await socket.accept()
                session = Session(
                    SocketTransport(socket),
                    options,
                    services.engines.synthesize,
                    services.scheduler,
                    observer=services.observer,
                    activity=activity,
                    session_id=f"{next(session_numbers):x}",
                    caller=key_id,
                    text_limit=services.settings.max_text_bytes,
                    lookahead_ms=services.settings.lookahead_ms,
                )
                with services.holding(session, key_id):
                    await session.run()
        except (ClientFault, ServerBusy) as error:
            services.observer.rejected(error.http_status, reason_for(error))
            await socket.send_denial_response(refusal(error))
        except HoarfrostError as error:
            # Its message is for the operator: it may name a file.
            log.error("a request could not be answered: %s", error)
            services.observer.rejected(error.http_status, reason_for(error))
            await socket.send_denial_response(refusal(ServerFault("the server is out of order")))

    return converse


def authorise(services: Services, headers: list[str]) -> str:
    """Return the id of the key that a request carries.

    Raises:
        Unauthorized: If it carries none that is valid, and the server asks for one.
    """
    if services.keys is None:
        return ANONYMOUS
    key = services.keys.check(bearer_key(", ".join(headers) if headers else None))
    if key is None:
        raise Unauthorized(
            "Authorization: expected a valid API key, got one that is unknown or revoked"
        )
    return key.id


def reason_for(error: HoarfrostError) -> str:
    """Return why a request was refused, in one word, for whoever counts."""
    match error:
        case BadOptions():
            return "options"
        case Unauthorized():
            return "key"
        case AtCapacity():
            return "capacity"
        case ServerBusy():
            return "connections"
        case _:
            return "fault"


def refusal(error: HoarfrostError) -> PlainTextResponse:
    """Return the answer to a request that is refused before the upgrade."""
    headers = {}
    if isinstance(error, Unauthorized):
        headers["WWW-Authenticate"] = "Bearer"
    if isinstance(error, ServerBusy):
        headers["Retry-After"] = f"{max(1, round(error.retry_after))}"
    return PlainTextResponse(f"{error}\n", status_code=error.http_status, headers=headers)
