"""What is answered over plain HTTP: the voices, the server's health and load, and a few hints."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeAlias

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from hoarfrost.errors import ClientFault, ServerBusy
from hoarfrost.protocol.query import parse_query
from hoarfrost.server.access import refusal
from hoarfrost.server.services import Services
from hoarfrost.server.tickets import LIFETIME
from hoarfrost.server.websocket import authorise

Endpoint: TypeAlias = Callable[[Request], Awaitable[Response]]

WELCOME = """\
hoarfrost: real-time text-to-speech

GET /ws       upgrade to a WebSocket; text in, audio out
GET /ws3      the same in JSON, with times of words; /ws2 for older clients
POST /v1/rime-tts      JSON in, audio out, as Rime has it
POST /v1/audio/speech  the same, as OpenAI has it
GET /         in a browser: a page to hear and see it
POST /tickets a one-use ticket for a browser's WebSocket
GET /voices   the speakers, as JSON
GET /healthz  is the process alive
GET /readyz   can it speak, and to how many more
GET /metrics  counters and gauges, for Prometheus
"""

UPGRADE_REQUIRED = (
    "expected a WebSocket upgrade, got a plain request; connect with "
    "ws://HOST/ws?speaker=NAME&audioFormat=pcm and the header Authorization: Bearer KEY\n"
)


async def demand_upgrade(_request: Request) -> Response:
    """Answer a plain request to ``/ws``: 426 with one line of help (RFC 9110, 15.5.22)."""
    headers = {"Upgrade": "websocket", "Connection": "Upgrade"}
    return PlainTextResponse(UPGRADE_REQUIRED, status_code=426, headers=headers)


async def live(_request: Request) -> Response:
    """Answer for as long as the event loop turns."""
    return PlainTextResponse("ok\n")


def make_ready(services: Services) -> Endpoint:
    """Return the endpoint that says whether the server can speak, and to how many more."""

    async def ready(_request: Request) -> Response:
        estimate = services.estimate()
        paces: dict[str, dict[str, float]] = {}
        for cost in services.capacity.costs.measured():
            paces.setdefault(cost.voice.engine, {})[cost.voice.name] = round(1 / cost.value, 1)
        return JSONResponse(
            {
                "ready": services.is_ready,
                "voices": len(services.catalogue.voices()),
                "connections": services.limit.n_open,
                "max_connections": services.settings.max_connections,
                "load": round(estimate.load, 3) if estimate else 0.0,
                "free_callers": {
                    "continuous": estimate.n_continuous if estimate else 0,
                    "typical": estimate.n_typical if estimate else 0,
                },
                "audio_per_core_second": paces,
            },
            status_code=200 if services.is_ready else 503,
        )

    return ready


def make_metrics(services: Services) -> Endpoint:
    """Return the endpoint that Prometheus scrapes."""

    async def metrics(request: Request) -> Response:
        text, media_type = services.metrics.render(request.headers.get("accept", ""))
        return Response(text, media_type=media_type)

    return metrics


def make_voices(services: Services) -> Endpoint:
    """Return the endpoint that lists the speakers and the names they also answer to."""

    async def voices(_request: Request) -> Response:
        return JSONResponse(services.catalogue.describe())

    return voices


def make_tickets(services: Services) -> Endpoint:
    """Return the endpoint that gives tickets; options in the query are judged as an upgrade's are.

    A browser does not tell a page why an upgrade was refused; this answer does.
    """

    async def tickets(request: Request) -> Response:
        try:
            key_id = await authorise(services, request.headers.getlist("authorization"))
            query = request.scope["query_string"]
            if query:
                lexicons = await asyncio.to_thread(services.lexicons.current)
                voice = parse_query(query, services.catalogue, lexicons).options.voice
                with services.admitted(voice, key_id):
                    pass  # there is a place now
            ticket = services.access.tickets.issue(key_id)
        except (ClientFault, ServerBusy) as fault:
            return refusal(fault)
        return JSONResponse(
            {"ticket": ticket, "expires_in": LIFETIME},
            status_code=201,
            headers={"Cache-Control": "no-store"},
        )

    return tickets
