"""Slots for connections: taken, given back, refused."""

import pytest

from hoarfrost.errors import ServerBusy
from hoarfrost.session.limits import AT_LIMIT, RETRY_AFTER, ConnectionLimit


def test_slot_is_held_for_as_long_as_the_context_lasts() -> None:
    """Each context counts as one connection until it ends."""
    limit = ConnectionLimit(3)
    with limit.slot("a"), limit.slot("a"), limit.slot("b"):
        assert limit.n_open == 3
    assert limit.n_open == 0


def test_connection_over_the_total_is_refused() -> None:
    """With all slots taken the next one is told to come back, with the words clients know."""
    limit = ConnectionLimit(1)
    with limit.slot("a"):
        with pytest.raises(ServerBusy) as caught, limit.slot("b"):
            pytest.fail("expected no slot")
        assert limit.n_open == 1
    assert str(caught.value) == AT_LIMIT == "Currently at websocket limit"
    assert caught.value.retry_after == RETRY_AFTER
    with limit.slot("b"):
        assert limit.n_open == 1


def test_one_key_cannot_take_everything() -> None:
    """A key at its own limit is refused while others are served."""
    limit = ConnectionLimit(10, per_key=2)
    with limit.slot("a"), limit.slot("a"):
        with pytest.raises(ServerBusy), limit.slot("a"):
            pytest.fail("expected no slot")
        with limit.slot("b"):
            assert limit.n_open == 3
    with limit.slot("a"):
        assert limit.n_open == 1


def test_slot_is_given_back_when_a_conversation_fails() -> None:
    """An exception inside frees the slot and is not changed."""
    limit = ConnectionLimit(1)
    with pytest.raises(ZeroDivisionError), limit.slot("a"):
        raise ZeroDivisionError
    assert limit.n_open == 0


def test_keys_are_forgotten() -> None:
    """A key without connections takes no memory."""
    limit = ConnectionLimit(1)
    for number in range(100):
        with limit.slot(f"key {number}"):
            pass
    assert not limit._open
