"""Who is let in: bounds kept by every crowd, and nobody refused for whom there is room."""

import contextlib
import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hoarfrost.errors import ServerBusy
from hoarfrost.session.capacity import (
    LONGEST_WAIT,
    RETURN_PATIENCE,
    ROUNDING,
    UNHEARD_PATIENCE,
    AtCapacity,
    Demand,
)
from tests.session.crowd import TICK, VOICE, Crowd

PIPER = 1 / 16
"""The cost of a Piper voice of medium size, one core of the class that it was measured on."""


@pytest.mark.parametrize(
    ("callers", "to_come", "needed"),
    [
        pytest.param([], 0.0, 0.0, id="nobody"),
        pytest.param([(0.1, 1.0, 10, 10)], 1.0, 1.0, id="who listens all the time is certain"),
        pytest.param([(0.1, 0.5, 100, 0)], 5 + 2 * 0.5, 6.0, id="and its deviation"),
        pytest.param([(0.1, 0.5, 1, 0)], 0.1, 0.1, id="no more than all of them"),
        pytest.param([(0.1, 0.5, 100, 70)], 6.0, 7.0, id="those of now, if they are more"),
        pytest.param(
            [(0.1, 0.5, 100, 0), (0.2, 1.0, 10, 10)], 8.0, 8.0, id="different voices and callers"
        ),
    ],
)
def test_demand_adds_up(
    callers: list[tuple[float, float, int, int]], to_come: float, needed: float
) -> None:
    """Means and variances of independent callers add; the bounds on their sum are what counts."""
    demand = Demand()
    for cost, share, n, n_now in callers:
        demand = demand.plus(cost, share, n=n, n_now=n_now)
    assert demand.to_come == pytest.approx(to_come)
    assert demand.needed == pytest.approx(needed)


@pytest.mark.parametrize("cost", [0.01, 0.9, 5.0])
def test_the_first_caller_is_always_let_in(cost: float) -> None:
    """A machine that is too slow for anybody serves one as well as it can."""
    crowd = Crowd(cost, n_workers=1)
    assert crowd.knock()
    crowd.dismiss(crowd.guests[0])
    crowd.pass_time(60)
    assert crowd.knock()


@pytest.mark.parametrize(
    ("cost", "n_workers", "share", "n_callers"),
    [
        (PIPER, 2, 0.9, 28),
        (0.05, 1, 0.9, 18),
        (0.01, 4, 0.9, 360),
        (0.05, 2, 0.5, 20),
        (0.1, 2, 1.0, 20),
        (3.0, 2, 0.9, 1),
    ],
)
def test_strangers_fill_the_share_and_no_more(
    cost: float, n_workers: int, share: float, n_callers: int
) -> None:
    """Callers of whom nothing is known are taken as continuous listeners, and fill the bound."""
    assert Crowd(cost, n_workers=n_workers, share=share).knock_until_full() == n_callers


@pytest.mark.parametrize("cost", [0.01, 0.03, PIPER])
def test_continuous_listeners_fill_nine_tenths(cost: float) -> None:
    """At least 85 % of what the workers can do is given away, and never more than they can do."""
    crowd = Crowd(cost)
    crowd.knock_until_full()
    crowd.press(1.0, 120)
    assert 0.85 <= len(crowd.guests) * cost / crowd.n_workers <= 0.9 + ROUNDING
    assert crowd.n_over == 0


@pytest.mark.parametrize("cost", [0.03, PIPER, 0.15])
def test_conversations_fit_in_greater_number(cost: float) -> None:
    """Callers who hear speech 30 % of the time fit twice as often, and seldom all talk at once.

    Somebody tries to come in four times a second, so that the most favourable moment is found. What
    is wanted beyond what can be made at a moment was made before: nobody hears a gap in
    `test_nobody_hears_a_gap_among_as_many_conversations_as_are_let_in`.
    """
    crowd = Crowd(cost)
    n_continuous = crowd.knock_until_full(0.3)
    crowd.press(0.3, 240)
    assert len(crowd.guests) >= 2 * n_continuous
    assert crowd.n_over <= 0.03 * crowd.n_ticks


def test_callers_who_come_and_go_keep_it_as_full() -> None:
    """With conversations of a minute on average there are as many as if they stayed."""
    crowd = Crowd(PIPER)
    crowd.press(0.3, 240, stays=60)
    assert len(crowd.guests) >= 2 * 28
    assert crowd.n_over <= 0.02 * crowd.n_ticks


@settings(max_examples=30, deadline=None)
@given(
    st.floats(0.005, 0.4),
    st.integers(1, 4),
    st.floats(0.3, 1.0),
    st.lists(st.tuples(st.floats(0.05, 1), st.floats(1, 90), st.floats(0.25, 10)), max_size=60),
)
def test_whoever_is_let_in_leaves_the_demand_within_the_bound(
    cost: float, n_workers: int, share: float, arrivals: list[tuple[float, float, float]]
) -> None:
    """Whatever callers do, nobody is let in beside others who makes it too much; others are.

    The demand that counts has the newcomer in it, as if it were spoken to at once.
    """
    crowd = Crowd(cost, n_workers=n_workers, share=share)
    for talks, stays, pause in arrivals:
        were_there = len(crowd.guests)
        room = crowd.capacity.estimate(VOICE)
        is_in = crowd.knock(talks, stays=stays)
        assert is_in is (room.n_typical >= 1)
        if is_in and were_there:
            assert crowd.capacity.demand().needed <= share * n_workers + ROUNDING
        crowd.pass_time(min(pause, 5))


def test_when_load_falls_others_are_let_in() -> None:
    """As many as leave can come, at once."""
    crowd = Crowd(PIPER)
    crowd.knock_until_full()
    crowd.pass_time(60)
    assert not crowd.knock()
    for guest in crowd.guests[:5]:
        crowd.dismiss(guest)
    assert crowd.knock_until_full() == 5


def test_a_slower_machine_lets_fewer_in() -> None:
    """When speech comes to cost twice as much nobody is let in until half of them have left."""
    crowd = Crowd(PIPER)
    crowd.knock_until_full()
    crowd.pass_time(10)
    crowd.speak_at_cost(2 * PIPER)
    assert crowd.capacity.estimate(VOICE).load == pytest.approx(28 / 14.4, rel=0.05)
    while len(crowd.guests) > 14:
        assert not crowd.knock()
        crowd.dismiss(crowd.guests[0])
    assert not crowd.knock()
    crowd.speak_at_cost(PIPER)
    assert crowd.knock_until_full() == 14


def test_listeners_unlike_those_before_are_noticed_when_they_are_heard() -> None:
    """After an hour of conversations a crowd of continuous listeners does not get in as such.

    Those who were let in may want somewhat more than the nine tenths, but not than there is.
    """
    crowd = Crowd(PIPER)
    for _ in range(20):
        crowd.knock(0.3)
    crowd.pass_time(600)
    assert crowd.capacity.estimate(VOICE).n_typical > 28
    crowd.n_ticks = crowd.n_over = 0
    crowd.press(1.0, 120)
    wanted = PIPER * sum(guest.share for guest in crowd.guests)
    assert 0.85 * crowd.n_workers <= wanted <= crowd.n_workers
    # With those in conversation, who are heard now and then: a listener or two too many.
    assert crowd.capacity.demand().of_now <= 1.1 * crowd.n_workers


def test_idle_connections_leave_room() -> None:
    """Who was never spoken to counts as a listener for ten seconds, then as little as can be."""
    crowd = Crowd(PIPER)
    with contextlib.ExitStack() as places:
        for number in range(28):
            places.enter_context(crowd.capacity.place(VOICE, f"idle {number}"))
        assert not crowd.knock()
        crowd.pass_time(UNHEARD_PATIENCE - TICK)
        assert not crowd.knock()
        crowd.pass_time(120)
        assert crowd.capacity.estimate(VOICE).n_continuous >= 18


@pytest.mark.parametrize(
    ("key", "pause", "is_in"),
    [
        pytest.param("anna", 0.0, True, id="at once"),
        pytest.param("anna", RETURN_PATIENCE - TICK, True, id="in time"),
        pytest.param("anna", RETURN_PATIENCE + TICK, False, id="too late"),
        pytest.param("bert", 0.0, False, id="somebody else"),
    ],
)
def test_who_is_back_in_a_moment_comes_in(key: str, pause: float, *, is_in: bool) -> None:
    """A client that interrupts by connecting anew is let in though its place was taken."""
    crowd = Crowd(PIPER)
    assert crowd.knock(key="anna")
    crowd.knock_until_full()
    crowd.pass_time(30)
    anna = crowd.guests[0]
    crowd.dismiss(anna)
    assert crowd.knock()
    crowd.pass_time(pause)
    assert crowd.knock(key=key) is is_in
    assert (crowd.guests[-1].caller is anna.caller) is is_in


def test_coming_back_is_for_as_many_as_left() -> None:
    """A key does not get more places by leaving: each departure lets one in beyond the bound."""
    crowd = Crowd(PIPER)
    for _ in range(27):
        assert crowd.knock(key="app")
    crowd.dismiss(crowd.guests[0])
    assert [crowd.knock() for _ in range(3)] == [True, True, False]
    assert [crowd.knock(key="app") for _ in range(2)] == [True, False]


def test_on_a_machine_too_slow_nobody_comes_back() -> None:
    """Returning is a favour within what the workers can do: overload does not renew itself."""
    crowd = Crowd(PIPER)
    for _ in range(28):
        assert crowd.knock(key="app")
    crowd.pass_time(30)
    crowd.speak_at_cost(2 * PIPER)
    for guest in crowd.guests[16:]:
        crowd.dismiss(guest)
    assert not crowd.knock(key="app")
    crowd.dismiss(crowd.guests[0])
    assert crowd.knock(key="app")


@pytest.mark.parametrize(
    ("age", "wait"),
    [
        pytest.param(2.8, 1.0, id="bounded below"),
        pytest.param(280.0, 10.0, id="as long as one of 28 takes to leave"),
        pytest.param(28_000.0, LONGEST_WAIT, id="bounded above"),
    ],
)
def test_the_wait_is_until_somebody_leaves(age: float, wait: float) -> None:
    """Who is refused is told when a place will be free, if callers stay as long as they do."""
    crowd = Crowd(PIPER)
    crowd.knock_until_full()
    crowd.waits.clear()
    for guest in crowd.guests:
        guest.caller.sent(1e9)
    crowd.now += age
    assert not crowd.knock()
    assert crowd.waits == [pytest.approx(wait, rel=0.1)]


def test_the_wait_follows_those_who_left() -> None:
    """Once callers have left, what counts is how long they had stayed."""
    crowd = Crowd(PIPER)
    for _ in itertools.repeat(None, 28):
        crowd.knock(stays=140)
    crowd.pass_time(141)
    assert crowd.guests == []
    crowd.knock_until_full()
    assert crowd.waits == [pytest.approx(140 / 28, rel=0.05)]


def test_a_busy_moment_is_worth_a_second() -> None:
    """When no more is wrong than that many are heard right now, the wait is the shortest."""
    crowd = Crowd(PIPER)
    for _ in range(28):
        crowd.knock(0.1)
    crowd.pass_time(300)
    for guest in crowd.guests:
        guest.caller.sent(3000)
    assert not crowd.knock()
    assert crowd.waits == [1.0]


def test_a_refusal_is_a_limit() -> None:
    """Clients are told what they know of limits, and the server knows which one it was."""
    crowd = Crowd(PIPER)
    crowd.knock_until_full()
    with pytest.raises(AtCapacity) as caught, crowd.capacity.place(VOICE, "late"):
        pytest.fail("expected no place")
    assert isinstance(caught.value, ServerBusy)
    assert str(caught.value) == "Currently at websocket limit"


def test_without_admission_nobody_is_refused() -> None:
    """A capacity that is not enforced lets all in, and still tells the load."""
    crowd = Crowd(PIPER, is_enforced=False)
    assert all(crowd.knock() for _ in range(100))
    estimate = crowd.capacity.estimate(VOICE)
    assert estimate.load == pytest.approx(100 / 28.8)
    assert (estimate.n_continuous, estimate.n_typical) == (0, 0)


def test_a_place_is_given_back_when_a_conversation_fails() -> None:
    """An exception inside frees the place and is not changed."""
    crowd = Crowd(PIPER)
    with pytest.raises(ZeroDivisionError), crowd.capacity.place(VOICE, "a"):
        raise ZeroDivisionError
    assert crowd.capacity.demand() == Demand()


def test_those_who_left_are_forgotten() -> None:
    """Callers who come and go leave nothing behind that grows."""
    crowd = Crowd(PIPER)
    for _ in range(200):
        crowd.knock(stays=0.2)
        crowd.pass_time(TICK)
    assert len(crowd.capacity._left) <= RETURN_PATIENCE / TICK + 2


@settings(max_examples=20, deadline=None)
@given(st.floats(0.04, 0.3), st.lists(st.floats(0.1, 1), max_size=15), st.floats(0, 20))
def test_the_estimate_is_what_happens(cost: float, shares: list[float], age: float) -> None:
    """As many as are said to fit are let in, one after the other, and the next is refused."""
    crowd = Crowd(cost)
    for share in shares:
        crowd.knock(share)
    crowd.pass_time(age)
    crowd.capacity.demand()
    crowd.capacity._everybody.talked = crowd.capacity._everybody.lasted  # strangers talk all day
    n_free = crowd.capacity.estimate(VOICE).n_continuous
    assert crowd.knock_until_full() == n_free


def test_typical_callers_are_those_of_late() -> None:
    """Who would still fit is reckoned from how much callers heard, and seen to be true in time."""
    crowd = Crowd(PIPER)
    for _ in range(10):
        crowd.knock(0.3)
    crowd.pass_time(600)
    estimate = crowd.capacity.estimate(VOICE)
    assert estimate.typical_share == pytest.approx(0.3, abs=0.05)
    assert estimate.n_typical == pytest.approx(60, abs=10)
    crowd.press(0.3, 300)
    assert len(crowd.guests) == pytest.approx(10 + estimate.n_typical, abs=10)
