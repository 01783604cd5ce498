"""Rates: what the library is asked for, to be so much faster."""

import pytest

from hoarfrost.engines.espeak.rate import clamp_speed, words_per_minute


@pytest.mark.parametrize(
    ("natural_wpm", "speed", "wpm"),
    [
        (175, 1.0, 175),
        (160, 1.0, 160),
        (175, 1.155, 200),
        (200, 1 / 1.155, 175),
        (175, 0.25, 80),
        (175, 4.0, 449),
        (120, 2.0, 225),
    ],
)
def test_a_speed_becomes_words_a_minute(natural_wpm: int, speed: float, wpm: int) -> None:
    """The curve is followed from the speaker's own rate, within what the library reaches."""
    assert words_per_minute(natural_wpm, speed) == wpm


def test_faster_is_never_slower() -> None:
    """The rate rises with the speed."""
    rates = [words_per_minute(170, speed / 20) for speed in range(5, 81)]
    assert rates == sorted(rates)


@pytest.mark.parametrize(("speed", "clamped"), [(0.1, 0.25), (0.25, 0.25), (1.0, 1.0), (9.0, 4.0)])
def test_speeds_are_clamped_to_what_is_understood(speed: float, clamped: float) -> None:
    """A quarter is the slowest, four times the fastest."""
    assert clamp_speed(speed) == clamped
