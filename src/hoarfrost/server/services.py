"""What requests are answered with: made once at start, shared by all, closed at the end."""

import asyncio
import contextlib
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from hoarfrost.errors import Unauthorized
from hoarfrost.server.access import LINK, Access, valid_ids
from hoarfrost.server.keys import KeyStore
from hoarfrost.server.lexicons import LexiconFolder
from hoarfrost.server.metrics import Metrics
from hoarfrost.server.settings import Settings
from hoarfrost.server.voice_watch import VoiceWatch
from hoarfrost.session.activity import Caller
from hoarfrost.session.capacity import Capacity, Estimate
from hoarfrost.session.connection import Connection
from hoarfrost.session.conversation import Backend
from hoarfrost.session.events import Listener, tell_all
from hoarfrost.session.limits import ConnectionLimit
from hoarfrost.session.loading import Loader
from hoarfrost.session.scheduler import Scheduler
from hoarfrost.synthesis.catalogue import Catalogue
from hoarfrost.synthesis.registry import Engines
from hoarfrost.synthesis.voice import Voice
from hoarfrost.units import Seconds

log = logging.getLogger("hoarfrost.server")

REVOCATION_INTERVAL: Seconds = 1.0
"""How often open connections are held against the keys; one ``stat`` of a file each time."""

STOP_TIMEOUT: Seconds = 5.0
"""How long to wait at the end for the steps of synthesis under way, which no signal interrupts."""


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
        watch: The voices that there are now.
        loader: Where voices are loaded.
        listener: Told what happens in sessions.
        metrics: What can be scraped.
        lexicons: How words are pronounced.
        access: Who a caller is.
        is_warm: Whether the voices that are to be loaded at the start have been.
    """

    settings: Settings
    engines: Engines
    catalogue: Catalogue
    keys: KeyStore | None
    limit: ConnectionLimit
    capacity: Capacity
    scheduler: Scheduler
    watch: VoiceWatch
    loader: Loader
    listener: Listener
    metrics: Metrics
    lexicons: LexiconFolder
    is_warm: bool = False
    access: Access = field(init=False)
    _connections: dict[Connection, str] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        self.access = Access(self.settings, self.keys)

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
    def admitted(
        self, voice: Voice, key_id: str, *, has_connection: bool = True
    ) -> Iterator[Backend]:
        """Hold a place for a caller, whatever the protocol, for as long as the context lasts.

        Args:
            voice: Who is to speak.
            key_id: Of the caller.
            has_connection: Whether the caller is a connection of its own, and not one of several
                on the same.

        Returns:
            What serves the caller.

        Raises:
            ServerBusy: If there is no place.
        """
        with contextlib.ExitStack() as held:
            if has_connection:
                held.enter_context(self.limit.slot(key_id))
            caller = held.enter_context(self.capacity.place(voice, key_id))
            yield self.backend(key_id, caller)

    def backend(self, key_id: str, caller: Caller | None = None) -> Backend:
        """Return what serves a caller; without one, a connection whose contexts are callers."""
        listener = tell_all(self.listener, caller.listen) if caller else self.listener
        return Backend(
            self.engines.synthesize,
            self.scheduler,
            listener,
            self.loader,
            caller=key_id,
            text_limit=self.settings.max_text_bytes,
            lookahead_ms=self.settings.lookahead_ms,
        )

    @contextmanager
    def holding(self, connection: Connection, key_id: str) -> Iterator[None]:
        """Have a connection ended when its key is revoked, for as long as the context lasts."""
        self._connections[connection] = key_id
        try:
            yield
        finally:
            del self._connections[connection]

    async def watch_keys(self) -> None:
        """End the connections of keys that are revoked while the server runs; never returns."""
        told = ""
        while self.keys is not None:
            await asyncio.sleep(REVOCATION_INTERVAL)
            try:
                # Off the loop: the file may lie on a network drive.
                valid = await asyncio.to_thread(valid_ids, self.keys)
            except Exception as error:  # noqa: BLE001 -- a dead watcher would revoke nothing more
                # What cannot be read lets nobody in, but throws nobody out. Each reason once.
                if str(error) != told:
                    log.error("keys are not watched: %s: %s", type(error).__name__, error)
                told = str(error)
                continue
            told = ""
            for connection, key_id in list(self._connections.items()):
                if key_id not in valid and key_id != LINK:
                    connection.refuse(Unauthorized("the API key of this connection was revoked"))

    def close(self) -> None:
        """Stop the threads and release the engines, within `STOP_TIMEOUT`."""
        self.watch.close(timeout=STOP_TIMEOUT)
        stuck = self.scheduler.close(timeout=STOP_TIMEOUT)
        if stuck:
            # What they use must not be taken from under them; it goes with the process.
            log.error("stopped without waiting for a step of synthesis: %s", ", ".join(stuck))
            return
        self.engines.close()
