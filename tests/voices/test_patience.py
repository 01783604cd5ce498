"""Patience: how long it waits, and when it gives up."""

import pytest

from hoarfrost.voices.faults import Unreachable
from hoarfrost.voices.patience import DELAYS, Patience
from hoarfrost.voices.source import Lost


def test_each_pause_is_longer_and_the_last_is_followed_by_giving_up() -> None:
    """Four pauses make five attempts; then the loss is told with their number."""
    slept: list[float] = []
    patience = Patience(slept.append)
    for _ in DELAYS:
        patience.wait(Lost("gone"))
    with pytest.raises(Unreachable, match=r"^gone \(5 attempts\)$"):
        patience.wait(Lost("gone"))
    assert slept == [1.0, 2.0, 4.0, 8.0]


def test_success_renews_it() -> None:
    """After an attempt that brought something the pauses begin anew."""
    slept: list[float] = []
    patience = Patience(slept.append)
    patience.wait(Lost("gone"))
    patience.wait(Lost("gone"))
    patience.renew()
    patience.wait(Lost("gone"))
    assert slept == [1.0, 2.0, 1.0]


@pytest.mark.parametrize(
    ("retry_after", "pause"), [(None, 1.0), (0.0, 1.0), (0.5, 1.0), (30.0, 30.0), (60.0, 60.0)]
)
def test_a_server_may_ask_for_more(retry_after: float | None, pause: float) -> None:
    """What the server asks for is waited, up to a minute; never less than the pause itself."""
    slept: list[float] = []
    Patience(slept.append).wait(Lost("busy", retry_after=retry_after))
    assert slept == [pause]


def test_a_server_that_asks_for_too_much_is_left() -> None:
    """Nobody sits at a terminal for longer than a minute."""
    slept: list[float] = []
    with pytest.raises(Unreachable, match=r"^busy; it asks to come back in 3600 s$"):
        Patience(slept.append).wait(Lost("busy", retry_after=3600.0))
    assert slept == []
