"""What requests are answered with: made once at start, shared by all, closed at the end."""

import asyncio
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Protocol

from hoarfrost.errors import Unauthorized
from hoarfrost.server.keys import KeyFileFault, KeyStore
from hoarfrost.server.settings import Settings
from hoarfrost.session.limits import ConnectionLimit
from hoarfrost.session.observer import Observer
from hoarfrost.session.scheduler import Scheduler
from hoarfrost.session.session import Session
from hoarfrost.synthesis.catalogue import Catalogue
from hoarfrost.synthesis.registry import Engines
from hoarfrost.units import Seconds

log = logging.getLogger("hoarfrost.server")

REVOCATION_INTERVAL: Seconds = 1.0
"""How often open connections are held against the keys; one ``stat`` of a file each time."""


class RequestObserver(Observer, Protocol):
    """An observer of sessions who is also told of those that never began."""

    def rejected(self, status: int) -> None:
        """Note that a request was refused before the upgrade."""


@dataclass(slots=True)
class Services:
    """Everything that a request can need.

    Attributes:
        settings: As the server was started.
        engines: Where speech comes from.
        catalogue: Which voices a client may name.
        keys: Who may come in; None when everybody may.
        limit: How many may be in at once.
        scheduler: Where CPU work runs.
        observer: Who is told.
    """

    settings: Settings
    engines: Engines
    catalogue: Catalogue
    keys: KeyStore | None
    limit: ConnectionLimit
    scheduler: Scheduler
    observer: RequestObserver
    _sessions: dict[Session, str] = field(default_factory=dict, init=False)

    @contextmanager
    def holding(self, session: Session, key_id: str) -> Iterator[None]:
        """Have a session ended when its key is revoked, for as long as the context lasts."""
        self._sessions[session] = key_id
        try:
            yield
        finally:
            del self._sessions[session]

    async def watch_keys(self) -> None:
        """End the sessions of keys that are revoked while the server runs; never returns."""
        while self.keys is not None:
            await asyncio.sleep(REVOCATION_INTERVAL)
            try:
                valid = {key.id for key in self.keys.list() if not key.is_revoked}
            except KeyFileFault as fault:
                log.error("%s", fault)  # a damaged file lets nobody in, but throws nobody out
                continue
            for session, key_id in list(self._sessions.items()):
                if key_id not in valid:
                    session.refuse(Unauthorized("the API key of this connection was revoked"))

    def close(self) -> None:
        """Stop the threads and release the engines."""
        self.scheduler.close()
        self.engines.close()
