"""What requests are answered with: made once at start, shared by all, closed at the end."""

import asyncio
import contextlib
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial

from hoarfrost.errors import TooLong, Unauthorized
from hoarfrost.server.access import LINK, Access, valid_ids
from hoarfrost.server.keys import KeyStore
from hoarfrost.server.lexicons import LexiconFolder
from hoarfrost.server.limits.quotas import Quotas
from hoarfrost.server.limits.wrong_keys import WrongKeys
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

CLOSE_RESTART = 1012
CLOSE_GOING_AWAY = 1001

REVOCATION_INTERVAL: Seconds = 1.0
"""How often open connections are held against the keys; one ``stat`` of a file each time."""

SESSION_INTERVAL: Seconds = 0.5
"""How often open connections are held against the limits of their keys."""

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
        quotas: What each key may use.
        grpc_port: Port on which gRPC is served; None if it is not.
        access: Who a caller is.
        is_warm: Whether the voices that are to be loaded at the start have been.
        is_stopping: Whether nobody is let in any more.
        wrong_keys: Who guesses keys.
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
    quotas: Quotas
    grpc_port: int | None = None
    is_warm: bool = False
    is_stopping: bool = False
    wrong_keys: WrongKeys = field(default_factory=WrongKeys)
    access: Access = field(init=False)
    _connections: dict[Connection, "_Session"] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        self.access = Access(self.settings, self.keys, self.wrong_keys)

    @property
    def is_ready(self) -> bool:
        """Whether somebody who comes now is spoken to at once."""
        return self.is_warm and not self.is_stopping and self.usual_voice() is not None

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
            spend=partial(self.quotas.spend, key_id),
            speaking=partial(self.quotas.speaking, key_id),
        )

    @contextmanager
    def holding(self, connection: Connection, key_id: str) -> Iterator[None]:
        """Have a connection ended when its key is revoked, for as long as the context lasts."""
        now = asyncio.get_running_loop().time()
        self._connections[connection] = _Session(key_id, now)
        try:
            yield
        finally:
            del self._connections[connection]

    def dismiss(self, quiet: Seconds) -> None:
        """Close the connections on which nothing has been said for so long (1012)."""
        for connection in list(self._connections):
            if connection.silent_for() >= quiet:
                connection.end(CLOSE_RESTART)

    def cut_off(self) -> None:
        """Close all connections, whatever is being said (1001)."""
        for connection in list(self._connections):
            connection.end(CLOSE_GOING_AWAY)

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
            for connection, session in list(self._connections.items()):
                if session.key_id not in valid and session.key_id != LINK:
                    connection.refuse(Unauthorized("the API key of this connection was revoked"))

    async def watch_sessions(self) -> None:
        """End connections that are idle, or open, for longer than their keys may; never returns."""
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(SESSION_INTERVAL)
            for connection, session in list(self._connections.items()):
                limits = self.quotas.of(session.key_id)
                if limits.idle_s is not None and connection.silent_for() > limits.idle_s:
                    connection.refuse(TooLong(f"idle: expected text within {limits.idle_s:g} s"))
                elif limits.session_s is not None and loop.time() - session.at > limits.session_s:
                    connection.refuse(TooLong(f"session: expected at most {limits.session_s:g} s"))

    def close(self) -> None:
        """Stop the threads and release the engines, within `STOP_TIMEOUT`."""
        self.watch.close(timeout=STOP_TIMEOUT)
        stuck = self.scheduler.close(timeout=STOP_TIMEOUT)
        if stuck:
            # What they use must not be taken from under them; it goes with the process.
            log.error("stopped without waiting for a step of synthesis: %s", ", ".join(stuck))
            return
        self.engines.close()


@dataclass(frozen=True, slots=True)
class _Session:
    """Whose a connection is, and when it was made."""

    key_id: str
    at: Seconds
