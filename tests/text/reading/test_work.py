"""What reading costs, counted rather than timed."""

import pytest

from hoarfrost.text.reading import context
from hoarfrost.text.reading.sentences import read_sentences

PROSE = "Actually, I called the office on Monday because the order had not arrived. "
TEXTS = [PROSE, "1:", "1,", "a.", "A ", "AB ", "1/2 ", "415 555 0132 ", "a@", "&a", "Main St. "]
LIMIT = 60
"""Patterns tried a character: all that are asked of one, of some hundred and fifty."""


@pytest.fixture
def n_tried(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    tried = [0]
    match = context.Context.match

    def counted(self, pattern, at):
        tried[0] += 1
        return match(self, pattern, at)

    monkeypatch.setattr(context.Context, "match", counted)
    return tried


@pytest.mark.parametrize("text", TEXTS)
def test_the_work_grows_with_the_text_only(n_tried: list[int], text: str) -> None:
    """Four times the text takes four times the work, and no text much more than another."""
    counts = []
    for n_characters in (1000, 4000):
        n_tried[0] = 0
        read_sentences((text * n_characters)[:n_characters])
        counts.append(n_tried[0])
    assert counts[0] < LIMIT * 1000
    assert counts[1] < 4.5 * counts[0] + 200


def test_prose_takes_little_work(n_tried: list[int]) -> None:
    """A plain word is known before its classes are asked."""
    read_sentences(PROSE * 10)
    assert n_tried[0] < 2 * len(PROSE * 10)
