"""Conversions between time and samples."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hoarfrost.units import FASTEST, SLOWEST, duration_of, samples_in

rates = st.integers(4000, 48_000)


@pytest.mark.parametrize(
    ("duration_ms", "rate_hz", "n_samples"),
    [
        (0.0, 22_050, 0),
        (1000.0, 22_050, 22_050),
        (200.0, 22_050, 4410),
        (200.0, 11_025, 2205),
        (0.3, 8000, 2),  # 2.4
        (0.33, 8000, 3),  # 2.64
        (10.0, 44_100, 441),
        (1.0, 22_050, 22),  # 22.05
        (500.5, 8000, 4004),
    ],
)
def test_duration_becomes_samples(duration_ms: float, rate_hz: int, n_samples: int) -> None:
    """A duration is that many samples, rounded to the nearest."""
    assert samples_in(duration_ms, rate_hz) == n_samples


def test_samples_become_a_duration() -> None:
    """441 samples at 44.1 kHz last ten milliseconds."""
    assert duration_of(441, 44_100) == 10.0


@given(st.integers(0, 10**9), rates)
def test_samples_survive_the_way_there_and_back(n_samples: int, rate_hz: int) -> None:
    """A number of samples, said as a duration, is the same number again: no sample is lost."""
    assert samples_in(duration_of(n_samples, rate_hz), rate_hz) == n_samples


@given(st.floats(0, 1e6), rates)
def test_rounding_is_off_by_half_a_sample_at_most(duration_ms: float, rate_hz: int) -> None:
    """What is lost by rounding is at most half a sample."""
    error = samples_in(duration_ms, rate_hz) - duration_ms * rate_hz / 1000
    assert abs(error) <= 0.5


def test_speed_limits_lie_around_the_natural_speed() -> None:
    """What is clamped is clamped to two octaves either side of 1."""
    assert (SLOWEST, FASTEST) == (0.25, 4.0)
