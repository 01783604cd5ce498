"""What a key may use."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hoarfrost.errors import QuotaExceeded
from hoarfrost.server.limits.quotas import KeyLimits, Quotas


class Clock:
    """A clock that stands still unless it is moved."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


@given(st.lists(st.tuples(st.floats(0, 40), st.integers(0, 150)), max_size=60))
def test_no_minute_has_more(steps: list[tuple[float, int]]) -> None:
    """Over any time no more is spent than the limit and what flows in; the wait told is enough."""
    clock = Clock()
    quotas = Quotas(KeyLimits(characters_per_minute=100), {}, clock)
    spent = 0
    for pause, n_characters in steps:
        clock.now += pause
        try:
            quotas.spend("a", n_characters)
            spent += n_characters
        except QuotaExceeded as fault:
            if n_characters <= 100:
                clock.now += fault.retry_after + 1e-6
                quotas.spend("a", n_characters)
                spent += n_characters
        assert spent <= 100 + clock.now * 100 / 60 + 1e-6


def test_what_is_refused_is_not_counted() -> None:
    """A text over the limit of the day takes nothing from that of the minute."""
    quotas = Quotas(KeyLimits(characters_per_minute=100, characters_per_day=150), {}, Clock())
    quotas.spend("a", 100)
    quotas.spend("b", 50)
    with pytest.raises(QuotaExceeded, match="expected at most 100 characters a minute, got more"):
        quotas.spend("b", 60)
    quotas.spend("b", 50)


def test_keys_have_limits_of_their_own() -> None:
    """A key's own table takes the place of what it names, and of nothing else."""
    own = KeyLimits.model_validate({"speaking": 3, "idle_s": None})
    quotas = Quotas(KeyLimits(speaking=1, idle_s=5, session_s=9), {"vip": own}, Clock())
    assert quotas.of("any") == KeyLimits(speaking=1, idle_s=5, session_s=9)
    assert quotas.of("vip") == KeyLimits(speaking=3, session_s=9)


def test_places_to_speak_come_back() -> None:
    """So many speak at a time; the next one may when one of them has ended."""
    quotas = Quotas(KeyLimits(speaking=1), {}, Clock())
    for _ in range(3):
        with (
            quotas.speaking("a"),
            quotas.speaking("b"),
            pytest.raises(QuotaExceeded, match="expected at most 1 speaking at a time"),
        ):
            quotas.speaking("a").__enter__()
