"""The clock of a listener who plays what arrives."""

import pytest

from hoarfrost.dialogue.playback import PlaybackClock


@pytest.mark.parametrize(
    ("heard", "now", "ahead_ms"),
    [
        ([], 5.0, 0.0),
        ([(1.0, 500.0)], 1.0, 500.0),
        ([(1.0, 500.0)], 1.25, 250.0),
        ([(1.0, 500.0)], 1.5, 0.0),
        ([(1.0, 500.0)], 9.0, 0.0),
        ([(1.0, 500.0), (1.25, 500.0)], 1.25, 750.0),  # the second plays after the first
        ([(1.0, 500.0), (4.0, 500.0)], 4.0, 500.0),  # after a silence it plays at once
        ([(1.0, 0.0)], 1.0, 0.0),
    ],
)
def test_what_is_left_to_hear(
    heard: list[tuple[float, float]], now: float, ahead_ms: float
) -> None:
    """Audio is played from when it arrives, piece after piece, and never less than none is left."""
    clock = PlaybackClock()
    for moment, duration_ms in heard:
        clock.hear(duration_ms, moment)
    assert clock.ahead_ms(now) == ahead_ms


def test_end_of_what_was_sent() -> None:
    """The end is the moment the last sample is played; before anything was sent it is long past."""
    clock = PlaybackClock()
    assert clock.ends_at == float("-inf")
    clock.hear(250.0, 2.0)
    assert clock.ends_at == 2.25


def test_clear_forgets_what_was_sent() -> None:
    """After a clear the listener has nothing to hear."""
    clock = PlaybackClock()
    clock.hear(60_000.0, 0.0)
    clock.clear()
    assert clock.ahead_ms(0.0) == 0.0
    assert clock.ends_at == float("-inf")


@pytest.mark.parametrize(
    ("sent", "now", "position"),
    [
        ([], 0.0, (0, 0.0, 0.0)),
        ([(0.0, 1, 500.0)], 0.0, (1, 500.0, 0.0)),
        ([(0.0, 1, 500.0)], 0.125, (1, 500.0, 125.0)),
        ([(0.0, 1, 500.0)], 9.0, (1, 500.0, 500.0)),
        ([(0.0, 1, 500.0), (0.25, 1, 500.0)], 0.75, (1, 1000.0, 750.0)),
        ([(0.0, 1, 500.0), (2.0, 1, 500.0)], 2.25, (1, 1000.0, 750.0)),  # a gap is not heard
        ([(0.0, 1, 500.0), (0.0, 2, 500.0)], 0.25, (1, 500.0, 250.0)),
        ([(0.0, 1, 500.0), (0.0, 2, 500.0)], 0.75, (2, 500.0, 250.0)),
        ([(0.0, 1, 500.0), (0.0, 2, 500.0), (0.0, 3, 500.0)], 0.75, (2, 500.0, 250.0)),
        ([(0.0, 1, 500.0), (0.0, 2, 500.0), (0.0, 3, 500.0)], 9.0, (3, 500.0, 500.0)),
        ([(0.0, 1, 500.0), (1.0, 2, 500.0)], 1.0, (2, 500.0, 0.0)),
    ],
)
def test_position_is_where_the_listener_is(
    sent: list[tuple[float, int, float]], now: float, position: tuple[int, float, float]
) -> None:
    """It is in the utterance being heard, else at the end of the last one."""
    clock = PlaybackClock()
    for moment, utterance, duration_ms in sent:
        clock.hear(duration_ms, moment, utterance=utterance)
    assert clock.position(now) == pytest.approx(position)
    clock.clear()
    assert clock.position(now) == (0, 0.0, 0.0)
