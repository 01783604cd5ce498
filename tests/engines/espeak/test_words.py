"""Words: one mark each, from whatever the library reports."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hoarfrost.engines.espeak.words import Word, WordTracker
from hoarfrost.espeak import WordEvent

LOUD = np.full(1000, 1000, np.int16)
QUIET = np.zeros(1000, np.int16)


def track(text: str, events: list[tuple[int, int]], samples: np.ndarray) -> list[Word]:
    tracker = WordTracker(text)
    reported = tuple(WordEvent(position, sample) for position, sample in events)
    return [*tracker.feed(samples, reported), *tracker.flush()]


CASES = [
    ("one two", [(0, 0), (4, 500)], [("one", 0, 500), ("two", 500, 1000)]),
    ("in the hat", [(0, 0), (7, 500)], [("in", 0, 200), ("the", 200, 500), ("hat", 500, 1000)]),
    ("1234 go", [(0, 0), (1, 100), (0, 200), (5, 800)], [("1234", 0, 800), ("go", 800, 1000)]),
    ("(Hi!) - you", [(1, 0), (8, 600)], [("Hi", 0, 600), ("you", 600, 1000)]),
    (
        "rock & roll",
        [(0, 0), (5, 300), (7, 500)],
        [("rock", 0, 300), ("&", 300, 500), ("roll", 500, 1000)],
    ),
    ("你好吗", [(0, 0), (2, 600)], [("你好", 0, 600), ("吗", 600, 1000)]),
    ("こんにちは。", [(0, 0)], [("こんにちは", 0, 1000)]),
    ("ab", [(-1, 0), (9, 0)], []),
    ("a ", [(1, 100)], [("a", 100, 1000)]),
    ("", [], []),
]


@pytest.mark.parametrize(("text", "events", "words"), CASES)
def test_events_become_words(
    text: str, events: list[tuple[int, int]], words: list[tuple[str, int, int]]
) -> None:
    """Repeats are dropped, words without an event share a time, marks around words do not count."""
    assert [
        (text[word.text_start : word.text_end], word.sample_start, word.sample_end)
        for word in track(text, events, LOUD)
    ] == words


def test_a_word_ends_with_its_last_sound() -> None:
    """The pause after a word is not part of it."""
    samples = np.concatenate((LOUD, QUIET, LOUD, QUIET))
    words = track("one, two.", [(0, 0), (5, 2000)], samples)
    assert [(word.sample_start, word.sample_end) for word in words] == [(0, 1000), (2000, 3000)]


@given(
    cuts=st.lists(st.integers(0, 4000), max_size=6),
    events=st.lists(st.tuples(st.integers(0, 20), st.integers(0, 3999)), max_size=8),
)
def test_buffers_make_no_difference(cuts: list[int], events: list[tuple[int, int]]) -> None:
    """However the audio is cut into buffers, the words are the same, ordered and disjoint."""
    text = "one two (three) 漢字 4"
    samples = np.concatenate((LOUD, QUIET, LOUD, QUIET))
    reported = [
        WordEvent(position, sample) for position, sample in sorted(events, key=lambda each: each[1])
    ]
    tracker = WordTracker(text)
    words = []
    borders = [0, *sorted(cuts), len(samples)]
    for start, end in pairwise(borders):
        inside = tuple(event for event in reported if start <= event.sample < end)
        words.extend(tracker.feed(samples[start:end], inside))
    words.extend(tracker.flush())
    assert words == track(text, [(event.position, event.sample) for event in reported], samples)
    for earlier, later in pairwise(words):
        assert earlier.text_end <= later.text_start
        assert earlier.sample_end <= later.sample_start
