"""Bodies of requests, read within bounds of size and time."""

import asyncio
from typing import Final

from starlette.requests import ClientDisconnect, Request

from hoarfrost.errors import ClientFault
from hoarfrost.units import Seconds

BODY_LIMIT: Final = 256 * 1024
"""Bytes of a body: text of over an hour, and all options."""

BODY_TIMEOUT: Final[Seconds] = 10.0
"""How long the body of a request may take to come."""


class TooLarge(ClientFault):
    """A body is larger than any request needs."""

    http_status = 413


class TooSlow(ClientFault):
    """A body does not come to its end."""

    http_status = 408


async def read_body(request: Request) -> bytes:
    """Return the body of a request.

    Raises:
        ClientFault: If it is too large, or does not come.
    """
    parts: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout(BODY_TIMEOUT):
            async for part in request.stream():
                size += len(part)
                if size > BODY_LIMIT:
                    raise TooLarge(f"body: expected at most {BODY_LIMIT} bytes")
                parts.append(part)
    except TimeoutError:
        raise TooSlow(f"body: expected within {BODY_TIMEOUT:g} s") from None
    except ClientDisconnect:
        raise TooSlow("body: expected to its end") from None
    return b"".join(parts)
