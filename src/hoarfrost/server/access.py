"""Who a caller is: by a key, by the start link of this run, by a ticket.

In: what a request carries. Out: the id of a key. Invariant: no message and no log holds any of it.
"""

import asyncio
import hmac
import secrets
from typing import Final

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse

from hoarfrost.errors import HoarfrostError, ServerBusy, Unauthorized
from hoarfrost.protocol.auth import bearer_key
from hoarfrost.server.keys import KeyStore
from hoarfrost.server.limits.peers import current_address, giving_way, let_in
from hoarfrost.server.limits.wrong_keys import WrongKeys
from hoarfrost.server.origins import check_origin
from hoarfrost.server.settings import Settings, is_loopback
from hoarfrost.server.tickets import Tickets

ANONYMOUS: Final = "anonymous"
"""What callers without a key are counted as when the server asks for none."""

LINK: Final = "link"
"""What whoever opened the start link is counted as."""


class Access:
    """The doors of a server.

    Args:
        settings: How it was started.
        keys: Who may come in; None when everybody may.
        wrong_keys: Who guesses.

    Attributes:
        tickets: Those that were issued.
        link_secret: What the start link carries, good until the server stops: only on loopback,
            where whoever reads the terminal sits at this machine. Empty where there is none.
    """

    def __init__(self, settings: Settings, keys: KeyStore | None, wrong_keys: WrongKeys) -> None:
        self._keys = keys
        self._wrong_keys = wrong_keys
        self._allowed = settings.allowed_origins
        self.tickets = Tickets()
        self.link_secret = ""
        if keys is not None and is_loopback(settings.host):
            self.link_secret = f"hfl_{secrets.token_urlsafe(32)}"

    async def of_headers(self, headers: list[str]) -> str:
        """Return the id of the key in the ``Authorization`` headers.

        Raises:
            Unauthorized: If there is none that is valid, and the server asks for one.
        """
        if self._keys is None:
            let_in()
            return ANONYMOUS
        secret = bearer_key(", ".join(headers) if headers else None)
        if self.link_secret and hmac.compare_digest(secret, self.link_secret):
            let_in()
            return LINK
        # Off the loop: the file may lie on a network drive.
        key = await asyncio.to_thread(self._keys.check, secret)
        if key is None:
            with giving_way():
                await self._wrong_keys.slow(current_address())
            raise Unauthorized(
                "Authorization: expected a valid API key, got one that is unknown or revoked"
            )
        let_in()
        return key.id

    async def of_upgrade(self, headers: Headers, ticket: str | None) -> str:
        """Return the id of the key that an upgrade carries, in a header or by a ticket.

        Raises:
            Unauthorized: If it carries none that is valid, and the server asks for one.
            Forbidden: If it comes by ticket from a page of another origin.
        """
        if ticket is None or self._keys is None:
            return await self.of_headers(headers.getlist("authorization"))
        check_origin(headers, self._allowed)
        try:
            key_id = self.tickets.redeem(ticket)
        except Unauthorized:
            with giving_way():
                await self._wrong_keys.slow(current_address())
            raise
        if key_id != LINK and key_id not in await asyncio.to_thread(valid_ids, self._keys):
            raise Unauthorized("ticket: expected one of a valid API key, got one of a revoked key")
        let_in()
        return key_id


def refusal(error: HoarfrostError) -> PlainTextResponse:
    """Return the answer to a request that is refused."""
    headers = {}
    body = f"{error}\n"
    if isinstance(error, Unauthorized):
        headers["WWW-Authenticate"] = "Bearer"
        body = f"{error.headline}\n{body}"
    if isinstance(error, ServerBusy):
        headers["Retry-After"] = f"{max(1, round(error.retry_after))}"
    return PlainTextResponse(body, status_code=error.http_status, headers=headers)


def valid_ids(keys: KeyStore) -> set[str]:
    """Return the ids of the keys that are valid now."""
    return {key.id for key in keys.list() if not key.is_revoked}
