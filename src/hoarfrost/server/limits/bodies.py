"""Request bodies, bounded by endpoint.

In: ASGI requests. Out: the same, or 413. Invariant: an endpoint is handed at most so many bytes of
a body; one that nobody has named is handed none beyond `DEFAULT_LIMIT`.
"""

from collections.abc import Mapping
from typing import Final

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

DEFAULT_LIMIT: Final = 256 * 1024
"""Bytes, as of a WebSocket message: four times the text that a connection may hold."""


class _TooLarge(Exception):
    """More came than the endpoint takes."""


class BodyLimit:
    """ASGI middleware that answers 413 to a body that is too large.

    Args:
        app: What is asked.
        limits: Bytes by path, where they are not `DEFAULT_LIMIT`.
    """

    def __init__(self, app: ASGIApp, limits: Mapping[str, int] | None = None) -> None:
        self._app = app
        self._limits = limits or {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        limit = self._limits.get(scope["path"], DEFAULT_LIMIT)
        refusal = PlainTextResponse(
            f"body: expected at most {limit} bytes, got more\n",
            status_code=413,
            headers={"Connection": "close"},
        )
        if _announced(scope) > limit:
            await refusal(scope, receive, send)
            return
        n_bytes = 0
        is_begun = False

        async def counted() -> Message:
            nonlocal n_bytes
            message = await receive()
            if message["type"] == "http.request":
                n_bytes += len(message.get("body", b""))
                if n_bytes > limit:
                    raise _TooLarge
            return message

        async def noted(message: Message) -> None:
            nonlocal is_begun
            is_begun = True
            await send(message)

        try:
            await self._app(scope, counted, noted)
        except _TooLarge:
            if not is_begun:
                await refusal(scope, receive, send)


def _announced(scope: Scope) -> int:
    """Return the length that a request gives for its body; 0 if it gives none, or no number."""
    for name, value in scope["headers"]:
        if name == b"content-length" and value.isdigit():
            return int(value[:20])
    return 0
