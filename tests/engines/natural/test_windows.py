"""The schedule: what is made first, and how a sentence is cut."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hoarfrost.engines.natural.hibari.speaker import STREAMED as HIBARI
from hoarfrost.engines.natural.piper.speaker import STREAMED as PIPER
from hoarfrost.engines.natural.windows import ONE_SHOT, Schedule, Stretch


def test_windows_start_small_and_grow() -> None:
    """The first window is there soon; the following ones are worth their fixed cost."""
    assert [HIBARI.window(index) for index in range(5)] == [4, 8, 16, 32, 32]


@pytest.mark.parametrize(
    ("index", "n_left", "wanted"),
    [(0, 500, 4), (1, 500, 8), (3, 500, 32), (3, 33, 17), (4, 100, 25), (9, 30, 30)],
)
def test_the_last_windows_share_what_is_left(index: int, n_left: int, wanted: int) -> None:
    """Once the end is known, no window is left with a few frames."""
    assert HIBARI.window(index, n_left) == wanted


@given(
    st.lists(st.integers(1, 40), min_size=1, max_size=4).map(sorted),
    st.integers(1, 60),
    st.integers(1, 400),
)
def test_windows_cover_what_is_left(frames: list[int], n_last: int, n_left: int) -> None:
    """Windows add up; the last has what those before had to hold back, and little more."""
    schedule = Schedule(tuple(frames), 1, 1, 0, 1, 0)
    most = frames[-1]
    windows: list[int] = []
    while n_left:
        windows.append(schedule.window(len(windows), n_left, n_last=n_last))
        n_left -= windows[-1]
        assert n_left >= 0
    assert all(0 < window <= most for window in windows[:-1])
    assert len(windows) == 1 or windows[-1] >= n_last
    assert windows[-1] < max(most, n_last) + 2 * most


@pytest.mark.parametrize("schedule", [HIBARI, PIPER])
@given(n_tokens=st.integers(1, 500), places=st.sets(st.integers(1, 499), max_size=60))
def test_stretches_cover_a_sentence_between_words(
    schedule: Schedule, n_tokens: int, places: set[int]
) -> None:
    """Stretches follow each other to the last token, each with its context, none too long."""
    breaks = [*sorted(place for place in places if place < n_tokens), n_tokens]
    found = schedule.stretches(breaks, n_tokens)
    assert (found[0].start, found[-1].stop) == (0, n_tokens)
    for one, following in pairwise(found):
        assert one.stop == following.start
    longest = max(schedule.whole_tokens, schedule.more_tokens + 2 * schedule.token_context)
    for stretch in found:
        assert 0 <= stretch.low <= stretch.start < stretch.stop <= stretch.high <= n_tokens
        assert stretch.high - stretch.low <= longest
    for stretch in found[1:]:
        assert stretch.low <= max(0, stretch.start - schedule.token_context)
        assert stretch.high >= min(n_tokens, stretch.stop + schedule.token_context)


def test_long_sentences_begin_with_a_short_stretch() -> None:
    """The first stretch ends with the first word that ends after 40 tokens."""
    schedule = Schedule((4,), 88, 40, 16, more_tokens=48, token_context=24)
    first, second, third = schedule.stretches([4, 39, 43, 60, 90, 95, 120], 150)
    assert first == Stretch(0, 43, 0, 59)
    assert second == Stretch(43, 90, 19, 114)
    assert third == Stretch(90, 150, 54, 150)


def test_the_rest_of_a_common_sentence_is_read_with_all_of_it() -> None:
    """Behind the first stretch its durations are those of the sentence in one piece."""
    schedule = Schedule((4,), 60, 40, 16, more_tokens=48, token_context=24)
    assert schedule.stretches([43, 60, 80], 96) == [Stretch(0, 43, 0, 59), Stretch(43, 96, 0, 96)]


def test_one_shot_is_one_window() -> None:
    """Nothing is cut."""
    assert ONE_SHOT.stretches([5, 3000], 3000) == [Stretch(0, 3000, 0, 3000)]
    assert ONE_SHOT.window(0, 12_345) == 12_345
