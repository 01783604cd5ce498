"""Tickets: what opens one WebSocket where no header can be set, as in a browser.

In: a caller who has shown a key. Out: a secret for the query of one upgrade, soon. Invariant: a
ticket opens at most one socket, at most `LIFETIME` after it was made; only digests are kept.
"""

import hashlib
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from hoarfrost.errors import ServerBusy, Unauthorized
from hoarfrost.units import Seconds

LIFETIME: Final[Seconds] = 30.0
"""For a page to open its socket with; a slow phone needs a second or two."""

LIMIT_PER_KEY: Final = 256
"""Unused tickets of one key: as many as there may be connections by default."""

LIMIT: Final = 10_000
"""Unused tickets in all, some 3 MB."""

PREFIX: Final = "hft_"


@dataclass(frozen=True, slots=True)
class _Pending:
    key_id: str
    expires_at: Seconds


class Tickets:
    """The tickets that were issued and not used yet.

    Args:
        now: The clock, in seconds.
    """

    def __init__(self, now: Callable[[], Seconds] = time.monotonic) -> None:
        self._now = now
        self._pending: dict[str, _Pending] = {}  # by digest, oldest first

    def issue(self, key_id: str) -> str:
        """Make a ticket for the holder of a key.

        Raises:
            ServerBusy: If too many are unused.
        """
        self._forget_expired()
        n_own = sum(each.key_id == key_id for each in self._pending.values())
        if n_own >= LIMIT_PER_KEY or len(self._pending) >= LIMIT:
            raise ServerBusy("tickets: expected the earlier ones to be used", retry_after=LIFETIME)
        ticket = PREFIX + secrets.token_urlsafe(32)
        self._pending[_digest(ticket)] = _Pending(key_id, self._now() + LIFETIME)
        return ticket

    def redeem(self, ticket: str) -> str:
        """Use a ticket up; return the id of the key that it was made with.

        Raises:
            Unauthorized: If it is unknown, used or expired.
        """
        self._forget_expired()
        pending = self._pending.pop(_digest(ticket), None)
        if pending is None:
            raise Unauthorized(
                f"ticket: expected one that is unused and younger than {LIFETIME:g} s; "
                "POST /tickets makes another"
            )
        return pending.key_id

    def _forget_expired(self) -> None:
        # All live equally long, so the oldest expire first.
        while self._pending:
            digest = next(iter(self._pending))
            if self._pending[digest].expires_at > self._now():
                return
            del self._pending[digest]


def take_ticket(query: bytes) -> tuple[str | None, bytes]:
    """Return the ticket of a query string, if there is one, and the query without it."""
    pairs = query.split(b"&")
    rest = [pair for pair in pairs if not pair.startswith(b"ticket=")]
    if len(rest) == len(pairs):
        return None, query
    taken = next(pair for pair in reversed(pairs) if pair.startswith(b"ticket="))
    return taken.removeprefix(b"ticket=").decode("ascii", "replace"), b"&".join(rest)


def _digest(ticket: str) -> str:
    return hashlib.sha256(ticket.encode(errors="surrogatepass")).hexdigest()
