"""What the judged sentences are, and how word errors are counted."""

import pytest

from benchmarks.sentences import everyday
from benchmarks.voices import word_errors


def test_sentences_differ_and_have_no_figures() -> None:
    """A recogniser writes figures in its own way, so there are none; no sentence comes twice."""
    sentences = everyday()
    assert len(sentences) == len(set(sentences)) >= 180
    assert not any(char.isdigit() or char in "{}" for text in sentences for char in text)


@pytest.mark.parametrize(
    ("said", "heard", "errors"),
    [
        ("Is it here?", "is it here", 0),
        ("It's here, now.", "It’s here now", 0),
        ("Is it here?", "Is here", 100 / 3),
        ("Is it here?", "Is it her", 100 / 3),
        ("Is it here?", "Is it here here", 100 / 3),
        ("Is it here?", "", 100),
    ],
)
def test_words_left_out_changed_and_added_count(said: str, heard: str, errors: float) -> None:
    """Marks and capitals do not count; each wrong word does, once."""
    assert word_errors([(said, heard)]) == pytest.approx(errors)
