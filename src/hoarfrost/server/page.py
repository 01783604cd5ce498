"""The web page, and the JavaScript module that it and other pages speak with.

In: files of the package. Out: routes. Invariant: everything is read once, at the start; nothing of
it refers to another origin, and the browser is told to load nothing from any.
"""

from importlib.resources import files
from typing import Final

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from hoarfrost.server.http import WELCOME, Endpoint

MEDIA_TYPES: Final = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}

HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; "
    "img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}


def page_routes(*, asks_for_key: bool) -> list[Route]:
    """Return the routes of the page's files and of the module's, ``/page/…`` and ``/client/…``.

    Args:
        asks_for_key: Whether the page has to sign in.
    """
    routes = [Route("/", _make_front(asks_for_key=asks_for_key))]
    for folder in ("page", "client"):
        for file in sorted((files(__package__) / "static" / folder).iterdir(), key=str):
            suffix = file.name[file.name.rindex(".") :]
            endpoint = _make_file(file.read_bytes(), MEDIA_TYPES[suffix])
            routes.append(Route(f"/{folder}/{file.name}", endpoint))
    return routes


def _make_front(*, asks_for_key: bool) -> Endpoint:
    """Return the endpoint of ``/``: the page for browsers, a few hints for everyone else."""
    page = (files(__package__) / "static" / "page" / "index.html").read_bytes()
    if not asks_for_key:
        page = page.replace(b' data-key="needed"', b"")

    async def front(request: Request) -> Response:
        if "text/html" not in request.headers.get("accept", ""):
            return PlainTextResponse(WELCOME, headers={"Vary": "Accept"})
        return Response(page, media_type=MEDIA_TYPES[".html"], headers=HEADERS | {"Vary": "Accept"})

    return front


def _make_file(content: bytes, media_type: str) -> Endpoint:
    async def file(_request: Request) -> Response:
        return Response(content, media_type=media_type, headers=HEADERS)

    return file
