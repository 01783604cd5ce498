"""Taking connections, a few at a time and never more than there are descriptors for.

In: a listening socket. Out: connected transports. Invariant: a connection is taken only while there
is room; until then it waits in the backlog, where it costs nobody here anything.

The loop's own acceptor takes all that come in one turn: a storm of a thousand takes the last
descriptor from those inside before anything of ours runs.
"""

import asyncio
import logging
import socket
import ssl
from collections.abc import Callable, Sequence
from typing import Any, Final

from hoarfrost.server.limits.allowance import Allowance
from hoarfrost.server.limits.peers import Peers
from hoarfrost.units import Seconds

log = logging.getLogger("hoarfrost.server")

BATCH: Final = 8
"""Connections taken in one turn of the loop: about a millisecond."""

BURST: Final = 256.0
"""Connections that are taken as they come."""

RATE: Final = 500.0
"""The same, a second, from then on: each takes some 200 us of the loop, its end included."""

HANDSHAKE_TIMEOUT: Final[Seconds] = 10.0
"""How long a peer may take to agree on TLS."""

MAX_HANDSHAKES: Final = 256
"""Peers that may be at it at once; the one that began first gives way to the next."""

FULL_PAUSE: Final[Seconds] = 0.05
"""How long to wait when there is no room."""


class Acceptor:
    """What takes connections from a listening socket; stands in for an `asyncio.Server`.

    Args:
        listener: The socket.
        make_protocol: Called for each connection.
        peers: The connections there are.
        limit: How many connections there may be; None for no limit.
        tls: Of the server; None for plain connections.
    """

    def __init__(
        self,
        listener: socket.socket,
        make_protocol: Callable[[], asyncio.Protocol],
        peers: Peers,
        limit: int | None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        listener.settimeout(0)
        self.sockets: Sequence[socket.socket] = (listener,)
        self._listener = listener
        self._make_protocol = make_protocol
        self._peers = peers
        self._limit = limit
        self._tls = tls
        # The one that began first comes first.
        self._handshakes: dict[asyncio.Task[Any], socket.socket] = {}
        self._loop = asyncio.get_running_loop()
        self._task = self._loop.create_task(self._run())
        self._is_full = False
        self._allowance = Allowance(BURST, RATE)

    def close(self) -> None:
        """Take no more; those who wait in the backlog are refused by the system."""
        self._task.cancel()
        for handshake in self._handshakes:
            handshake.cancel()
        self._listener.close()

    async def wait_closed(self) -> None:
        """Return when no more is taken."""
        await asyncio.wait([self._task])

    async def _run(self) -> None:
        while True:
            if not self._has_room():
                await asyncio.sleep(FULL_PAUSE)
                continue
            try:
                connection, _address = await self._loop.sock_accept(self._listener)
            except OSError as error:  # out of descriptors, or a peer that is gone already
                self._tell_full(str(error))
                self._peers.close_oldest()
                await asyncio.sleep(FULL_PAUSE)
                continue
            self._is_full = False
            taken = [connection, *self._more()]
            await self._take(taken)
            self._allowance.spend(len(taken), self._loop.time())
            await asyncio.sleep(self._allowance.wait(self._loop.time()))

    def _has_room(self) -> bool:
        if self._limit is None or self._n_open + BATCH <= self._limit:
            return True
        for _ in range(BATCH):
            self._peers.close_oldest()
        if self._n_open + BATCH <= self._limit:
            return True
        self._tell_full(f"all {self._limit} connections are taken")
        return False

    @property
    def _n_open(self) -> int:
        return self._peers.n_open + len(self._handshakes)

    def _tell_full(self, reason: str) -> None:
        if not self._is_full:
            log.warning("no connections are taken for now: %s", reason)
        self._is_full = True

    def _more(self) -> list[socket.socket]:
        """Take what else is there already."""
        taken: list[socket.socket] = []
        while len(taken) < BATCH - 1:
            try:
                connection, _address = self._listener.accept()
            except OSError:  # nobody is there, or as above: then the next round tells
                break
            connection.settimeout(0)
            taken.append(connection)
        return taken

    async def _take(self, connections: Sequence[socket.socket]) -> None:
        timeout = None if self._tls is None else HANDSHAKE_TIMEOUT
        made = [
            self._loop.connect_accepted_socket(
                self._make_protocol, connection, ssl=self._tls, ssl_handshake_timeout=timeout
            )
            for connection in connections
        ]
        if self._tls is None:
            await asyncio.gather(*made, return_exceptions=True)
            return
        # A peer that is slow to shake hands holds up nobody.
        for each, connection in zip(made, connections, strict=True):
            if len(self._handshakes) >= MAX_HANDSHAKES:
                oldest = next(iter(self._handshakes))
                self._handshakes.pop(oldest).close()
                oldest.cancel()
            task = self._loop.create_task(each)
            self._handshakes[task] = connection
            task.add_done_callback(self._end_handshake)
            # Cancelled before it has begun, it would leave its socket open.
            await asyncio.sleep(0)

    def _end_handshake(self, task: "asyncio.Task[Any]") -> None:
        self._handshakes.pop(task, None)
        if not task.cancelled():
            task.exception()  # who cannot shake hands is gone, which is no fault of ours
