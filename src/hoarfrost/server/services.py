"""What requests are answered with: made once at start, shared by all, closed at the end."""

import asyncio
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from hoarfrost.errors import Unauthorized
from hoarfrost.server.events import RequestObserver
from hoarfrost.server.keys import KeyFileFault, KeyStore
from hoarfrost.server.lexicons import LexiconFolder
from hoarfrost.server.metrics import Metrics
from hoarfrost.server.settings import Settings
from hoarfrost.session.capacity import Capacity, Estimate
from hoarfrost.session.limits import ConnectionLimit
from hoarfrost.session.scheduler import Scheduler
from hoarfrost.session.session import Session
from hoarfrost.synthesis.catalogue import Catalogue
from hoarfrost.synthesis.registry import Engines
from hoarfrost.synthesis.voice import Voice
from hoarfrost.units import Seconds

log = logging.getLogger("hoarfrost.server")

REVOCATION_INTERVAL: Seconds = 1.0
"""How often open connections are held against the keys; one ``stat`` of a file each time."""


@dataclass(slots=True)
class Services:
    """Everything that a request can need.

    Attributes:
        settings: As the server was started.
        engines: Where speech comes from.
        catalogue: Which voices a client may name.
        keys: Who may come in; None when everybody may.
        limit: How many may be in at once.
        capacity: How many can be served at once.
        scheduler: Where CPU work runs.
        observer: Who is told.
        metrics: What can be scraped.
        lexicons: How words are pronounced.
        is_warm: Whether the voices that are to be loaded at the start have been.
    """

    settings: Settings
    engines: Engines
    catalogue: Catalogue
    keys: KeyStore | None
    limit: ConnectionLimit
    capacity: Capacity
    scheduler: Scheduler
    observer: RequestObserver
    metrics: Metrics
    lexicons: LexiconFolder
    is_warm: bool = False
    _sessions: dict[Session, str] = field(default_factory=dict, init=False)

    @property
    def is_ready(self) -> bool:
        """Whether somebody who comes now is spoken to at once."""
        return self.is_warm and self.usual_voice() is not None

    def usual_voice(self) -> Voice | None:
        """Return the voice that estimates are made for: the default one, else any."""
        default = self.catalogue.find(self.settings.default_speaker)
        return default or next(iter(self.catalogue.voices()), None)

    def estimate(self) -> Estimate | None:
        """Return how full it is, and who would still be let in; None without a voice."""
        voice = self.usual_voice()
        if voice is None:
            return None
        estimate = self.capacity.estimate(voice)
        n_places = max(0, self.settings.max_connections - self.limit.n_open)
        return replace(
            estimate,
            n_continuous=min(estimate.n_continuous, n_places),
            n_typical=min(estimate.n_typical, n_places),
        )

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
