"""Percentiles by nearest rank."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hoarfrost.loadtest.percentiles import Distribution

RANKS = [
    ([7.0], 1, 7.0),
    ([7.0], 100, 7.0),
    ([15.0, 20.0, 35.0, 40.0, 50.0], 5, 15.0),
    ([15.0, 20.0, 35.0, 40.0, 50.0], 30, 20.0),
    ([15.0, 20.0, 35.0, 40.0, 50.0], 40, 20.0),
    ([15.0, 20.0, 35.0, 40.0, 50.0], 50, 35.0),
    ([15.0, 20.0, 35.0, 40.0, 50.0], 100, 50.0),
    ([float(n) for n in range(1, 101)], 99, 99.0),
    ([float(n) for n in range(1, 1001)], 99.9, 999.0),
    ([1.0, math.inf], 50, 1.0),
    ([1.0, math.inf], 51, math.inf),
]

values = st.lists(st.floats(min_value=0, allow_nan=False), min_size=1, max_size=60)
percents = st.floats(min_value=0.1, max_value=100)


@pytest.mark.parametrize(("ranked", "percent", "expected"), RANKS)
def test_the_nearest_rank(ranked: list[float], percent: float, expected: float) -> None:
    """The percentile is the value at the rank that is nearest from above, never between two."""
    assert Distribution.of(reversed(ranked)).at(percent) == expected


def test_without_values_there_is_no_percentile() -> None:
    """Nothing measured is nothing told."""
    assert Distribution().at(50) is None
    assert Distribution().curve(10) == []
    assert Distribution().n == 0


@pytest.mark.parametrize("percent", [0, -1, 100.1, math.nan])
def test_a_percentage_is_checked(percent: float) -> None:
    """A percentile that cannot be is refused."""
    with pytest.raises(ValueError, match=r"^percent: expected more than 0"):
        Distribution((1.0,)).at(percent)


def test_the_order_is_checked() -> None:
    """Values out of order would give wrong ranks."""
    with pytest.raises(ValueError, match="ascending order"):
        Distribution((2.0, 1.0))


@given(values, percents)
def test_enough_values_do_not_exceed_it(measured: list[float], percent: float) -> None:
    """At least that share of the values is at most the percentile, and fewer are below it."""
    at = Distribution.of(measured).at(percent)
    assert at in measured
    share = sum(value <= at for value in measured) / len(measured)
    below = sum(value < at for value in measured) / len(measured)
    assert share * 100 >= percent - 1e-6
    assert below * 100 < percent


@given(values, percents, percents)
def test_percentiles_rise(measured: list[float], a: float, b: float) -> None:
    """A higher percentile is no lower value."""
    distribution = Distribution.of(measured)
    low, high = distribution.at(min(a, b)), distribution.at(max(a, b))
    assert low is not None
    assert high is not None
    assert low <= high


@given(values, st.integers(1, 20))
def test_a_curve_is_a_selection_of_percentiles(measured: list[float], n_points: int) -> None:
    """Its points are percentiles, at most as many as asked for, and the last is the largest."""
    distribution = Distribution.of(measured)
    curve = distribution.curve(n_points)
    assert 1 <= len(curve) <= n_points
    assert all(distribution.at(percent) == value for percent, value in curve)
    assert curve[-1] == (100, max(measured))
