"""Tickets: one use, soon, for the holder of a key."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hoarfrost.errors import ServerBusy, Unauthorized
from hoarfrost.server.tickets import LIFETIME, LIMIT_PER_KEY, Tickets, take_ticket


class Clock:
    """A clock that is set by hand."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_ticket_opens_once() -> None:
    """It gives the id of the key it was made with, and is nothing the second time."""
    tickets = Tickets()
    first, second = tickets.issue("a"), tickets.issue("b")
    assert tickets.redeem(second) == "b"
    assert tickets.redeem(first) == "a"
    with pytest.raises(Unauthorized) as caught:
        tickets.redeem(first)
    assert first not in str(caught.value)


def test_a_ticket_expires() -> None:
    """It is good until its time is over, and not a moment longer."""
    clock = Clock()
    tickets = Tickets(clock)
    kept, late = tickets.issue("a"), tickets.issue("a")
    clock.now += LIFETIME - 0.001
    assert tickets.redeem(kept) == "a"
    clock.now += 0.001
    with pytest.raises(Unauthorized):
        tickets.redeem(late)


def test_one_key_cannot_use_up_all() -> None:
    """Too many unused tickets of a key are refused, until they expire; other keys have theirs."""
    clock = Clock()
    tickets = Tickets(clock)
    for _ in range(LIMIT_PER_KEY):
        tickets.issue("a")
    with pytest.raises(ServerBusy):
        tickets.issue("a")
    assert tickets.redeem(tickets.issue("b")) == "b"
    clock.now += LIFETIME
    assert tickets.redeem(tickets.issue("a")) == "a"


@given(st.text())
def test_what_is_no_ticket_opens_nothing(text: str) -> None:
    """Whatever is sent in its place is refused."""
    tickets = Tickets()
    tickets.issue("a")
    with pytest.raises(Unauthorized):
        tickets.redeem(text)


@pytest.mark.parametrize(
    ("query", "ticket", "rest"),
    [
        (b"", None, b""),
        (b"speaker=tone", None, b"speaker=tone"),
        (b"ticket=t", "t", b""),
        (b"speaker=tone&ticket=t&x=1", "t", b"speaker=tone&x=1"),
        (b"ticket=a&ticket=b&myticket=c", "b", b"myticket=c"),
        (b"ticket=\xff", "�", b""),
    ],
)
def test_a_query_without_its_ticket(query: bytes, ticket: str | None, rest: bytes) -> None:
    """The ticket is taken out; nothing else of the query changes."""
    assert take_ticket(query) == (ticket, rest)
