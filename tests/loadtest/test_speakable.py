"""From which token on a server can speak."""

import pytest

from hoarfrost.loadtest.speakable import ends_sentence, is_speakable

BY_SENTENCE = [
    ("", False),
    ("Hello", False),
    ("Hello there", False),
    ("Hello there,", True),
    ("Hello there, ", True),
    ("Hello there. And", True),
    ("Hello there!", True),
    ("Is it?", True),
    ("Well…", True),
    ('He said "no." Then', True),
    ("Line\n", True),
    ("... ", False),
    (", ", False),
    ("It is 3.14 in", False),
    ("It is 1,000 in", False),
    ("rime.ai is", False),
    ("今日は。", True),
    ("今日は，", True),
]

ENDS = [
    ("Hello.", True),
    ("Hello. ", True),
    ("Hello?)", True),
    ('"Hello!" ', True),
    ("Hello\n", True),
    ("Hello,", False),
    ("Hello", False),
    ("Hello. And", False),
    ("", False),
]


@pytest.mark.parametrize(("text", "expected"), BY_SENTENCE)
def test_by_sentence_a_clause_can_be_spoken(text: str, expected: bool) -> None:
    """As soon as there is something to say and a mark behind it; a mark inside a word is none."""
    assert is_speakable(text, "bySentence") is expected


@pytest.mark.parametrize(("text", "expected"), [("", False), (" .", False), ("H", True)])
def test_immediate_is_speakable_with_the_first_letter(text: str, expected: bool) -> None:
    """With anything that can be said."""
    assert is_speakable(text, "immediate") is expected


def test_never_waits_for_the_flush() -> None:
    """No text is speakable by itself."""
    assert not is_speakable("Hello there. And so on.", "never")


@pytest.mark.parametrize(("text", "expected"), ENDS)
def test_the_end_of_a_sentence(text: str, expected: bool) -> None:
    """A mark at the end, with the quotes, brackets and spaces that belong to it."""
    assert ends_sentence(text) is expected
