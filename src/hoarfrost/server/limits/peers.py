"""The TCP connections there are, and how many of them nobody has vouched for.

In: connections as they are made, answered, let in and lost. Out: room for the next one. Invariant:
those that no key has let in are bounded, in total and by address; those inside are never closed.

Like OpenSSH's ``MaxStartups``, but it is the oldest of those that wait that goes, not the newcomer:
an honest client says what it wants within moments.
"""

import ipaddress
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from enum import Enum, auto
from typing import Final


class Stage(Enum):
    """How far a connection has come."""

    WAITING = auto()
    """It owes a request, whole or in part."""

    ANSWERED = auto()
    """Its request is being answered; no key has been accepted for it."""

    INSIDE = auto()
    """Its request carries an accepted key."""


class Peer:
    """One connection.

    Args:
        address: Whose it is, as `group_of` names it.
        close: Closes it at once.
        refund: Gives back what its request took from the allowance of its address.
    """

    __slots__ = ("address", "close", "refund", "stage")

    def __init__(
        self,
        address: str,
        close: Callable[[], None],
        refund: Callable[[], None] = lambda: None,
    ) -> None:
        self.address = address
        self.close = close
        self.refund = refund
        self.stage = Stage.WAITING


CURRENT: Final[ContextVar[tuple["Peers", Peer] | None]] = ContextVar("peer", default=None)
"""The connection whose request this task answers."""


class Peers:
    """All connections.

    Args:
        total: How many may be not inside at once.
        per_address: The same, of one address.
    """

    def __init__(self, total: int, per_address: int) -> None:
        self._total = total
        self._per_address = per_address
        self._all: set[Peer] = set()
        self._waiting: dict[Peer, None] = {}  # the one that began to wait first comes first
        self._outside: Counter[str] = Counter()

    @property
    def n_open(self) -> int:
        """Connections there are."""
        return len(self._all)

    @property
    def n_outside(self) -> int:
        """Connections that no key has let in."""
        return self._outside.total()

    def add(self, peer: Peer) -> bool:
        """Take a new connection, in the place of an older one if need be; return whether."""
        is_address_full = self._outside[peer.address] >= self._per_address
        if is_address_full and not self.close_oldest(peer.address):
            return False
        if self.n_outside >= self._total and not self.close_oldest():
            return False
        self._all.add(peer)
        self._outside[peer.address] += 1
        self._waiting[peer] = None
        return True

    def move(self, peer: Peer, stage: Stage) -> None:
        """Note how far a connection has come."""
        if peer not in self._all or peer.stage is stage:
            return
        if (peer.stage is Stage.INSIDE) != (stage is Stage.INSIDE):
            self._count(peer, -1 if stage is Stage.INSIDE else 1)
        peer.stage = stage
        if stage is Stage.WAITING:
            self._waiting[peer] = None
        else:
            self._waiting.pop(peer, None)

    def remove(self, peer: Peer) -> None:
        """Forget a connection that is lost; harmless the second time."""
        if peer not in self._all:
            return
        self._all.remove(peer)
        self._waiting.pop(peer, None)
        if peer.stage is not Stage.INSIDE:
            self._count(peer, -1)

    def close_oldest(self, address: str | None = None) -> bool:
        """Close the connection that has waited longest, of an address or of all; tell whether."""
        for peer in self._waiting:
            if address is None or peer.address == address:
                self.remove(peer)
                peer.close()
                return True
        return False

    def _count(self, peer: Peer, change: int) -> None:
        self._outside[peer.address] += change
        if not self._outside[peer.address]:
            del self._outside[peer.address]


def let_in() -> None:
    """Note that the request which this task answers carries an accepted key."""
    current = CURRENT.get()
    if current is not None:
        peers, peer = current
        peers.move(peer, Stage.INSIDE)
        peer.refund()


@contextmanager
def giving_way() -> Iterator[None]:
    """Let the connection of this task give way to newcomers while the context lasts."""
    current = CURRENT.get()
    if current is None:
        yield
        return
    peers, peer = current
    peers.move(peer, Stage.WAITING)
    try:
        yield
    finally:
        peers.move(peer, Stage.ANSWERED)


def current_address() -> str:
    """Return whose request this task answers, as `group_of` names it; empty if unknown."""
    current = CURRENT.get()
    return "" if current is None else current[1].address


def group_of(host: str) -> str:
    """Return what is counted as one address: of IPv6 the /64, which one customer has whole."""
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return host
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is None:
        return str(ipaddress.ip_network((address, 64), strict=False))
    return host
