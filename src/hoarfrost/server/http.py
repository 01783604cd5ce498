"""What is answered over plain HTTP: the list of voices, the server's health, and a few hints."""

from collections.abc import Awaitable, Callable
from typing import TypeAlias

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from hoarfrost.server.services import Services

Endpoint: TypeAlias = Callable[[Request], Awaitable[Response]]

WELCOME = """\
hoarfrost: real-time text-to-speech over a plain-text WebSocket

GET /ws       upgrade to a WebSocket; text in, audio out
GET /voices   the speakers, as JSON
GET /healthz  is the process alive
GET /readyz   can it speak
"""

UPGRADE_REQUIRED = (
    "expected a WebSocket upgrade, got a plain request; connect with "
    "ws://HOST/ws?speaker=NAME&audioFormat=pcm and the header Authorization: Bearer KEY\n"
)


async def welcome(_request: Request) -> Response:
    """Say what is here."""
    return PlainTextResponse(WELCOME)


async def demand_upgrade(_request: Request) -> Response:
    """Answer a plain request to ``/ws``: 426 with one line of help (RFC 9110, 15.5.22)."""
    headers = {"Upgrade": "websocket", "Connection": "Upgrade"}
    return PlainTextResponse(UPGRADE_REQUIRED, status_code=426, headers=headers)


async def live(_request: Request) -> Response:
    """Answer for as long as the event loop turns."""
    return PlainTextResponse("ok\n")


def make_ready(services: Services) -> Endpoint:
    """Return the endpoint that says whether there is a voice to speak with."""

    async def ready(_request: Request) -> Response:
        n_voices = len(services.catalogue.voices())
        return JSONResponse(
            {
                "ready": n_voices > 0,
                "voices": n_voices,
                "connections": services.limit.n_open,
                "max_connections": services.settings.max_connections,
            },
            status_code=200 if n_voices else 503,
        )

    return ready


def make_voices(services: Services) -> Endpoint:
    """Return the endpoint that lists the speakers and the names they also answer to."""

    async def voices(_request: Request) -> Response:
        return JSONResponse(services.catalogue.describe())

    return voices
