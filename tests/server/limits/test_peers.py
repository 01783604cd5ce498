"""How many connections there may be that no key has let in."""

import pytest

from hoarfrost.server.limits.peers import (
    CURRENT,
    Peer,
    Peers,
    Stage,
    current_address,
    group_of,
    let_in,
)


class Closed:
    """Names in the order in which their connections were closed."""

    def __init__(self) -> None:
        self.names: list[str] = []

    def peer(self, name: str, address: str = "a") -> Peer:
        return Peer(address, lambda: self.names.append(name))


def test_the_oldest_that_waits_gives_way() -> None:
    """A newcomer takes the place of the connection that has waited longest, of any address."""
    closed, peers = Closed(), Peers(total=2, per_address=2)
    assert all(peers.add(closed.peer(name, name)) for name in "abcd")
    assert closed.names == ["a", "b"]
    assert peers.n_open == peers.n_outside == 2


def test_an_address_pays_for_itself() -> None:
    """Over its own limit an address loses its own oldest connection, and nobody else's."""
    closed, peers = Closed(), Peers(total=9, per_address=2)
    peers.add(closed.peer("other", "other"))
    for name in ("first", "second", "third"):
        assert peers.add(closed.peer(name))
    assert closed.names == ["first"]


def test_who_is_being_answered_or_inside_stays() -> None:
    """Only who owes a request gives way; without such a one the newcomer is refused."""
    closed, peers = Closed(), Peers(total=2, per_address=2)
    asked, inside = closed.peer("asked"), closed.peer("inside")
    peers.add(asked)
    peers.add(inside)
    peers.move(asked, Stage.ANSWERED)
    peers.move(inside, Stage.INSIDE)
    assert peers.n_outside == 1
    assert peers.add(closed.peer("third"))
    assert peers.add(closed.peer("fourth"))
    assert closed.names == ["third"]
    fifth = closed.peer("fifth")
    peers.move(next(iter(peers._waiting)), Stage.ANSWERED)
    assert not peers.add(fifth)
    assert peers.n_open == 3


def test_places_come_back() -> None:
    """A connection that is lost, or waits again after its answer, counts as what it is."""
    peers = Peers(total=1, per_address=1)
    peer = Closed().peer("one")
    peers.add(peer)
    for stage in (Stage.ANSWERED, Stage.INSIDE, Stage.WAITING, Stage.INSIDE):
        peers.move(peer, stage)
        assert peers.n_outside == (stage is not Stage.INSIDE)
    peers.remove(peer)
    peers.remove(peer)
    peers.move(peer, Stage.WAITING)
    assert (peers.n_open, peers.n_outside) == (0, 0)


def test_letting_in() -> None:
    """The task that answers a request lets its connection in; outside of one it is nobody's."""
    let_in()
    assert current_address() == ""
    peers = Peers(1, 1)
    peer = Closed().peer("one", "192.0.2.1")
    peers.add(peer)
    token = CURRENT.set((peers, peer))
    try:
        assert current_address() == "192.0.2.1"
        let_in()
    finally:
        CURRENT.reset(token)
    assert peer.stage is Stage.INSIDE


@pytest.mark.parametrize(
    ("host", "group"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("::ffff:192.0.2.1", "::ffff:192.0.2.1"),
        ("testclient", "testclient"),
    ],
)
def test_groups(host: str, group: str) -> None:
    """IPv6 addresses of one network count as one."""
    assert group_of(host) == group
