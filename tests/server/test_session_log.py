"""The log of sessions."""

import logging

import pytest

from hoarfrost.server.session_log import log_event
from hoarfrost.session.events import (
    Closed,
    Failed,
    FirstAudio,
    Interrupted,
    Opened,
    Refused,
    Sent,
    SessionEvent,
    StepDone,
    Underrun,
    UtteranceDone,
    tell_all,
)
from tests.support.options import make_options

LINES: list[tuple[SessionEvent, list[str]]] = [
    (Opened("1f", make_options()), ["session 1f opened: tone/en-US pcm 22050 Hz"]),
    (FirstAudio("1f", 0.0355), ["session 1f first audio after 35.5 ms"]),
    (UtteranceDone("1f", 700.0), ["session 1f delivered 700 ms of audio"]),
    (Underrun("1f", 250.0), ["session 1f underran: a gap of 250 ms"]),
    (Interrupted("1f"), ["session 1f cleared"]),
    (Failed("1f", ValueError("a text")), ["session 1f failed: ValueError"]),
    (Closed("1f", 1000), ["session 1f closed: 1000"]),
    (Closed("1f", None), ["session 1f closed: peer left"]),
    (Refused(429, "capacity"), ["request refused: 429 (capacity)"]),
    (StepDone("1f", 0.01, 100.0), []),
    (Sent("1f", 100.0), []),
]


@pytest.mark.parametrize(("event", "lines"), LINES)
def test_each_event_is_a_line(
    caplog: pytest.LogCaptureFixture, event: SessionEvent, lines: list[str]
) -> None:
    """The log has one line an event, with ids, durations and codes; none for steps and packets."""
    with caplog.at_level(logging.DEBUG, "hoarfrost"):
        log_event(event)
    assert [record.getMessage() for record in caplog.records] == lines


def test_several_listeners_are_told_the_same() -> None:
    """Each listener is told each event once, in the order in which they are given."""
    told: list[tuple[str, SessionEvent]] = []
    tell = tell_all(
        lambda event: told.append(("a", event)), lambda event: told.append(("b", event))
    )
    tell(Interrupted("1"))
    tell(Sent("1", 2.0))
    assert told == [
        ("a", Interrupted("1")),
        ("b", Interrupted("1")),
        ("a", Sent("1", 2.0)),
        ("b", Sent("1", 2.0)),
    ]
