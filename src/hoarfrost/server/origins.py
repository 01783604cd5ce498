"""Which web pages may speak to this server.

In: the ``Host`` and ``Origin`` headers of a request. Out: nothing, or a `Forbidden`. Invariant:
what a browser sends for a page of another origin is refused unless the settings allow that one.

Programs send no ``Origin``, or prove themselves with a key in a header that no page can set on a
WebSocket. So this matters where something else opens the door: a ticket, or no key at all.
"""

from collections.abc import Sequence
from typing import Final
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocket

from hoarfrost.errors import Forbidden
from hoarfrost.server.settings import is_loopback
from hoarfrost.session.events import Listener, Refused

_DEFAULT_PORTS: Final = {"http": 80, "https": 443}


def check_origin(headers: Headers, allowed: Sequence[str]) -> None:
    """Check that the page that sends a request, if one does, is the server's own or allowed.

    Args:
        headers: Of the request.
        allowed: Origins as browsers write them: ``https://example.org``.

    Raises:
        Forbidden: If it is another one.
    """
    for origin in headers.getlist("origin"):
        if origin not in allowed and not _is_own(origin, headers.get("host", "")):
            raise Forbidden(
                "Origin: expected the server's own page, or an origin of the setting "
                "allowed_origins, got another one"
            )


def check_host(headers: Headers, allowed: Sequence[str]) -> None:
    """Check that a request was addressed to this machine by a name that nobody else controls.

    A page whose name is made to point at 127.0.0.1 is of its own origin for the browser; the name
    gives it away.

    Raises:
        Forbidden: If it was not, nor to the host of an allowed origin.
    """
    for host in headers.getlist("host"):
        name = urlsplit(f"//{host}").hostname or ""
        if not is_loopback(name) and name not in {urlsplit(each).hostname for each in allowed}:
            raise Forbidden(
                "Host: expected 127.0.0.1, ::1 or localhost for a server without keys, got "
                "another name"
            )


class OpenDoorGuard:
    """ASGI middleware of a server without keys: local names and known pages only."""

    def __init__(self, app: ASGIApp, *, allowed: Sequence[str], listener: Listener) -> None:
        self._app = app
        self._allowed = allowed
        self._listener = listener

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] in {"http", "websocket"}:
            headers = Headers(scope=scope)
            try:
                check_host(headers, self._allowed)
                check_origin(headers, self._allowed)
            except Forbidden as fault:
                self._listener(Refused(fault.http_status, "origin"))
                refusal = PlainTextResponse(f"{fault}\n", status_code=fault.http_status)
                if scope["type"] == "websocket":
                    await WebSocket(scope, receive, send).send_denial_response(refusal)
                else:
                    await refusal(scope, receive, send)
                return
        await self._app(scope, receive, send)


def _is_own(origin: str, host: str) -> bool:
    try:
        page = urlsplit(origin)
        port = _DEFAULT_PORTS[page.scheme]
        server = urlsplit(f"//{host}")
        return page.hostname is not None and (page.hostname, page.port or port) == (
            server.hostname,
            server.port or port,
        )
    except (ValueError, KeyError):
        return False
