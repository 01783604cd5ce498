"""The running server: listening, loading, stopping.

In: the application and its services. Out: connections answered until a signal. Invariant: after
SIGTERM nobody new is taken, what is being said is said to its end within ``drain_s``, and the
process ends in time whatever a step of synthesis does.
"""

import asyncio
import contextlib
import faulthandler
import logging
import os
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Final, cast

import uvicorn

from hoarfrost.server.limits.accepting import Acceptor
from hoarfrost.server.limits.descriptors import connection_limit, descriptor_limit
from hoarfrost.server.limits.front import Front, GuardedState
from hoarfrost.server.limits.peers import Peers
from hoarfrost.server.request_protocol import RequestProtocol
from hoarfrost.server.services import STOP_TIMEOUT, Services
from hoarfrost.server.warmup import warm_up
from hoarfrost.units import Seconds

log = logging.getLogger("hoarfrost.server")

SHUTDOWN_PATIENCE: Final[Seconds] = 5
"""How long a stopping server waits for its sessions to end."""

QUIET: Final[Seconds] = 1.0
"""Silence after which a turn of speech counts as over: a language model may pause in between."""

_LOOK_INTERVAL: Final[Seconds] = 0.05

_RELOAD: Final = getattr(signal, "SIGHUP", None)
_STOP_AT_ONCE: Final = getattr(signal, "SIGQUIT", None)


class Server(uvicorn.Server):
    """uvicorn's server with limits before the key, a warm start and a drained end.

    Loads voices while it answers already, ``/readyz`` above all; says so when it is ready.

    Args:
        config: As of uvicorn.
        services: What requests are answered with.
        announce: Called when it is ready.
        reload: Called on SIGHUP, off the event loop.
    """

    def __init__(
        self,
        config: uvicorn.Config,
        services: Services,
        announce: Callable[[], None],
        reload: Callable[[], None],
    ) -> None:
        super().__init__(config)
        self._services = services
        self._announce = announce
        self._reload = reload
        self._is_draining = False

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen, and load voices meanwhile."""
        await super().startup([])
        if not self.started:
            return
        self._listen(sockets or [])
        try:
            await self._warm_up()
        except BaseException:
            await self.shutdown(sockets)
            raise

    def _listen(self, sockets: list[socket.socket]) -> None:
        settings = self._services.settings
        limit = connection_limit(descriptor_limit())
        if limit is not None and settings.max_connections > limit:
            log.warning(
                "max_connections: expected at most %d with the descriptors of this process "
                "(ulimit -n), got %d",
                limit,
                settings.max_connections,
            )
        peers = Peers(settings.max_pending, settings.max_pending_per_address)
        state = GuardedState(Front(asyncio.get_running_loop(), peers))
        self.server_state = state

        def make_protocol() -> asyncio.Protocol:
            return RequestProtocol(self.config, state, self.lifespan.state)

        acceptors = [
            Acceptor(each, make_protocol, peers, limit, self.config.ssl) for each in sockets
        ]
        self.servers = cast("list[asyncio.Server]", acceptors)  # what uvicorn uses of one

    async def _warm_up(self) -> None:
        warming = asyncio.create_task(warm_up(self._services))
        # A signal to stop sets a flag that uvicorn itself looks at as often.
        while not (warming.done() or self.should_exit):
            await asyncio.wait([warming], timeout=0.1)
        if self.should_exit:
            warming.cancel()
            await asyncio.gather(warming, return_exceptions=True)
            return
        await warming
        self._announce()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Take nobody any more; let what is being said end, if so asked; close what is left."""
        for server in self.servers:
            server.close()
            await server.wait_closed()
        self._services.is_stopping = True
        if self._is_draining:
            await self._drain()
        await super().shutdown(sockets)

    async def _drain(self) -> None:
        loop = asyncio.get_running_loop()
        ends_at = loop.time() + self._services.settings.drain_s
        for protocol in list(self.server_state.connections):
            if isinstance(protocol, RequestProtocol):
                protocol.shutdown()  # at once if it is idle, else after its answer
        while self._is_draining and loop.time() < ends_at:
            self._services.dismiss(QUIET)
            # Places are held by callers of every protocol, gRPC included.
            if not self._services.limit.n_open and not self._is_answering():
                return
            await asyncio.sleep(_LOOK_INTERVAL)
        self._services.cut_off()
        await asyncio.sleep(_LOOK_INTERVAL)  # for the closes to be written

    def _is_answering(self) -> bool:
        return any(
            isinstance(each, RequestProtocol) and each.is_answering
            for each in self.server_state.connections
        )

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Have signals mean what they do for nginx: HUP reloads, TERM drains, QUIT is at once."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        handlers = {_RELOAD: self._on_reload, _STOP_AT_ONCE: self._on_stop_at_once}
        former = {
            number: signal.signal(number, handler)
            for number, handler in handlers.items()
            if number is not None
        }
        try:
            with super().capture_signals():
                yield
        finally:
            for number, handler in former.items():
                signal.signal(number, handler)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Stop: after SIGTERM drained, after Ctrl-C or a second signal at once."""
        self._is_draining = sig == signal.SIGTERM and not self.should_exit
        self._end_anyway()
        super().handle_exit(sig, frame)

    def _on_stop_at_once(self, _sig: int, _frame: FrameType | None) -> None:
        self._is_draining = False
        self._end_anyway()
        self.should_exit = True

    def _on_reload(self, _sig: int, _frame: FrameType | None) -> None:
        threading.Thread(target=self._reload, name="reload", daemon=True).start()

    def _end_anyway(self) -> None:
        """End the process when the orderly way takes too long; a thread may never return."""
        drain_s = self._services.settings.drain_s if self._is_draining else 0
        patience = drain_s + SHUTDOWN_PATIENCE + 2 * STOP_TIMEOUT + 2
        timer = threading.Timer(patience, _exit_now)
        timer.daemon = True
        timer.start()


def _exit_now() -> None:
    log.error("stopped without waiting any longer for what is under way")
    faulthandler.dump_traceback()
    os._exit(1)
