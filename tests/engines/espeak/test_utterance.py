"""Utterances: what comes out begins with sound, ends with little silence, and grows in chunks."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hoarfrost.engines.espeak.utterance import LEAD, TAIL, Utterance
from hoarfrost.engines.espeak.words import Word
from hoarfrost.espeak.reading import read
from hoarfrost.synthesis.engine import PcmChunk

READING = read("cafe\u0301 now")


def run(parts: list[np.ndarray], *, is_trimmed: bool = False) -> list[PcmChunk]:
    utterance = Utterance(READING, gain=1 / 32768, is_trimmed=is_trimmed)
    chunks = []
    for part in parts:
        utterance.add(part)
        chunks += list(utterance.ready())
    return chunks + list(utterance.flush())


def audio(n_before: int, n_loud: int, n_after: int) -> np.ndarray:
    loud = np.full(n_loud, 16384, np.int16)
    return np.concatenate((np.zeros(n_before, np.int16), loud, np.zeros(n_after, np.int16)))


@pytest.mark.parametrize(
    ("n_before", "n_after", "is_trimmed", "n_out"),
    [
        (0, 0, False, 9000),
        (500, 0, False, LEAD + 9000),
        (10, 100, False, 10 + 9000 + 100),
        (0, 20_000, False, 9000 + TAIL),
        (500, 20_000, True, 29_500),
    ],
)
def test_silence_at_both_ends_is_bounded(
    n_before: int, n_after: int, is_trimmed: bool, n_out: int
) -> None:
    """2 ms stay before the sound and 300 ms after it, unless the silence is as it should be."""
    samples = np.concatenate(
        [chunk.samples for chunk in run([audio(n_before, 9000, n_after)], is_trimmed=is_trimmed)]
    )
    assert len(samples) == n_out
    assert np.abs(samples).max() == 0.5


def test_silence_alone_gives_nothing() -> None:
    """A text of which nothing can be read makes no dead air."""
    assert run([np.zeros(50_000, np.int16)]) == []


@given(st.lists(st.integers(0, 30_000), max_size=8))
def test_parts_make_no_difference(cuts: list[int]) -> None:
    """However the audio comes, it goes out as the same samples in chunks of the same sizes."""
    whole = np.concatenate((audio(700, 5000, 8000), audio(0, 9000, 7300)))
    borders = [0, *sorted(cuts), len(whole)]
    parts = [whole[start:end] for start, end in pairwise(borders)]
    expected, chunks = run([whole]), run(parts)
    assert [len(chunk.samples) for chunk in chunks] == [len(chunk.samples) for chunk in expected]
    for one, other in zip(chunks, expected, strict=True):
        assert np.array_equal(one.samples, other.samples)


def test_marks_count_what_came_out() -> None:
    """A word's times are those of the trimmed stream, its offsets those of the request's text."""
    utterance = Utterance(READING, gain=1.0, is_trimmed=False)
    utterance.add(audio(1000, 20_000, 0))
    utterance.mark(Word(0, 4, 1000.0, 1300.4), text_start=0, sample_start=0)
    utterance.mark(Word(0, 3, 9000.0, 9500.0), text_start=5, sample_start=1000)
    chunks = [*utterance.ready(), *utterance.flush()]
    first, second = (mark for chunk in chunks for mark in chunk.marks)
    n_cut = 1000 - LEAD
    assert (first.text_start, first.text_end) == (0, 5)
    assert (first.sample_start, first.sample_end) == (LEAD, 1300 - n_cut)
    assert (second.text_start, second.text_end) == (6, 9)
    assert (second.sample_start, second.sample_end) == (10_000 - n_cut, 10_500 - n_cut)
    assert chunks[0].marks == (first,)
    ends = np.cumsum([len(chunk.samples) for chunk in chunks])
    (index,) = (index for index, chunk in enumerate(chunks) if second in chunk.marks)
    assert ends[index - 1] <= second.sample_start < ends[index]
