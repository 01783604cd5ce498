"""Token buckets."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hoarfrost.server.limits import allowance
from hoarfrost.server.limits.allowance import Allowance, Allowances

steps = st.lists(st.tuples(st.floats(0, 5), st.floats(0, 10)), max_size=40)


@given(steps)
def test_no_more_is_spent_than_flows_in(steps: list[tuple[float, float]]) -> None:
    """Whoever spends only while something is left spends at most burst, rate, and one cost."""
    bucket = Allowance(burst=20, rate=3)
    now = spent = 0.0
    for pause, cost in steps:
        now += pause
        if not bucket.is_spent(now):
            bucket.spend(cost, now)
            spent += cost
        assert spent <= 20 + 3 * now + 10 + 1e-6


@given(steps)
def test_after_the_wait_something_is_left(steps: list[tuple[float, float]]) -> None:
    """The wait that is told is long enough, and never longer than it takes a full burst to flow."""
    bucket = Allowance(burst=20, rate=3)
    now = 0.0
    for pause, cost in steps:
        now += pause
        bucket.spend(cost, now)
        wait = bucket.wait(now)
        assert wait <= 20 / 3 + 1e-6
        assert (wait > 0) == bucket.is_spent(now)
        assert not bucket.is_spent(now + wait + 1e-6)


def test_addresses_do_not_share(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each address has its own; the one that came longest ago is forgotten first."""
    monkeypatch.setattr(allowance, "MAX_ADDRESSES", 2)
    of = Allowances(burst=1, rate=1)
    of.of("a").spend(9, 0.0)
    of.of("b").spend(9, 0.0)
    assert of.of("a").is_spent(0.0)
    assert not of.of("c").is_spent(0.0)  # in the place of b
    assert of.of("a").is_spent(0.0)
    assert not of.of("b").is_spent(0.0)
