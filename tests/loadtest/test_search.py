"""The search for the most callers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hoarfrost.loadtest.search import DECISIVE, Search


def search_for(capacity: int, first: int = 1, cap: int = 200, max_trials: int = 40) -> Search:
    """Search on a server that carries exactly so many."""
    search = Search(first, cap, max_trials=max_trials)
    while (callers := search.next_callers) is not None:
        search.tell(is_met=callers <= capacity)
    return search


FOUND = [(0, 0), (1, 1), (2, 2), (3, 3), (7, 7), (8, 8), (19, 19), (200, 200), (1000, 200)]


@pytest.mark.parametrize(("capacity", "best"), FOUND)
def test_the_capacity_is_found(capacity: int, best: int) -> None:
    """Small ones exactly; beyond the cap, the cap."""
    search = search_for(capacity)
    assert search.best == best
    assert search.is_capped == (capacity >= 200)


def test_the_steps_of_a_search() -> None:
    """Doubling up to a number missed twice, halving between, and once more what was found."""
    up = [(1, True), (2, True), (4, True), (8, False), (8, False)]
    assert search_for(6).trials == [*up, (6, True), (7, False), (7, False), (6, True)]


def test_a_search_that_begins_near_its_end_grows_less() -> None:
    """By a factor of its own, and by one caller at least."""
    search = Search(2, 20, growth=1.25)
    tried = []
    for _ in range(5):
        tried.append(search.next_callers)
        search.tell(is_met=True)
    assert tried == [2, 3, 4, 5, 6]


def test_a_first_number_that_is_too_high_is_halved() -> None:
    """The search goes down as well."""
    search = search_for(3, first=32)
    assert search.trials[:5] == [(32, False), (32, False), (16, False), (16, False), (8, False)]
    assert search.best == 3


NOISY = [
    # answers, numbers tried, the number found
    ("+-+--+--+", [1, 2, 2, 4, 4, 3, 3, 3, 2], 2),
    ("++--+-+", [1, 2, 4, 4, 3, 3, 3], 3),
    ("-+-+", [1, 1, 2, 2], None),
    ("--", [1, 1], 0),
    ("-+--+", [1, 1, 2, 2, 1], 1),
]


@pytest.mark.parametrize(("answers", "tried", "best"), NOISY)
def test_chance_is_told_from_capacity(answers: str, tried: list[int], best: int | None) -> None:
    """A single miss is tried again, a single success confirmed: two of three decide."""
    search = Search(1, 100)
    for answer in answers:
        assert search.next_callers is not None
        search.tell(is_met=answer == "+")
    assert [callers for callers, _ in search.trials] == tried
    assert search.best == best
    assert (search.next_callers is None) == (best is not None)


def test_trials_that_run_out_settle_nothing() -> None:
    """Then only the highest number that was met is known."""
    search = search_for(6, max_trials=4)
    assert search.best is None
    assert search.highest_met == 4
    assert not search.is_capped


def test_a_search_that_is_over_takes_no_more() -> None:
    """To tell it of another trial is a defect."""
    search = search_for(1)
    with pytest.raises(RuntimeError, match="expected a search that goes on"):
        search.tell(is_met=True)


@pytest.mark.parametrize(
    ("first", "cap", "max_trials", "message"),
    [
        (0, 10, 5, "callers: expected 1 to 10"),
        (11, 10, 5, "callers: expected 1 to 10"),
        (1, 10, 1, "max-trials: expected 2 or more"),
    ],
)
def test_what_cannot_be_searched_is_refused(
    first: int, cap: int, max_trials: int, message: str
) -> None:
    """Numbers out of bounds are told by the name of their option."""
    with pytest.raises(ValueError, match=rf"^{message}"):
        Search(first, cap, max_trials=max_trials)


@given(
    capacity=st.integers(0, 400),
    first=st.integers(1, 50),
    cap=st.integers(50, 300),
)
def test_a_steady_server_is_found_within_a_twentieth(capacity: int, first: int, cap: int) -> None:
    """The answer is at most the capacity, and the next step would be too many."""
    search = search_for(capacity, first, cap)
    best = search.best
    assert best is not None
    expected = min(capacity, cap)
    assert best <= expected
    assert expected - best <= max(0, int(best * 0.05))


@given(st.lists(st.booleans(), min_size=40, max_size=40), st.integers(1, 20), st.integers(2, 30))
def test_any_server_ends_the_search(answers: list[bool], first: int, max_trials: int) -> None:
    """However a server answers, the search ends in time, within its cap, on what was confirmed."""
    search = Search(first, 100, max_trials=max_trials)
    for is_met in answers:
        if (callers := search.next_callers) is None:
            break
        assert 1 <= callers <= 100
        search.tell(is_met=is_met)
    assert search.next_callers is None
    assert len(search.trials) <= max_trials
    if search.best:
        assert search.trials.count((search.best, True)) >= DECISIVE
        assert search.trials.count((search.best, False)) < DECISIVE
