"""A text as sentences, clauses and words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hoarfrost.engines.natural.reading import read_sentences

TABLE = {
    "Hello there. How are you?": [(".", ["Hello there"]), ("?", ["How are you"])],
    "Dr. Smith, please sit.": [(".", ["Dr. Smith", "please sit"])],
    "Wait... what? Yes!!": [("?", ["Wait", "what"]), ("!", ["Yes"])],
    "It is 3.14, e.g. so": [(".", ["It is 3.14", "e.g. so"])],
    "one\ntwo": [(".", ["one"]), (".", ["two"])],
    "done.Next one": [(".", ["done"]), (".", ["Next one"])],
    "yes — no (maybe) so": [(".", ["yes", "no", "maybe", "so"])],
    '"Go," he said. "Now!"': [(".", ["Go", "he said"]), ("!", ["Now"])],
    "- item\n- -5 items": [(".", ["item"]), (".", ["-5 items"])],
    "I live in the U.S. It is big.": [(".", ["I live in the U.S."]), (".", ["It is big"])],
    "no. Really": [(".", ["no"]), (".", ["Really"])],
    "a@b.com, or b.": [(".", ["a@b.com", "or b"])],
    "3–5 or 3-5": [(".", ["3–5 or 3-5"])],
    "?!...": [],
    " ": [],
}


@pytest.mark.parametrize(("text", "expected"), TABLE.items())
def test_text_is_read_in_sentences_and_clauses(
    text: str, expected: list[tuple[str, list[str]]]
) -> None:
    """Marks part sentences and clauses; abbreviations, numbers and addresses stay whole."""
    read = [
        (s.ending.value, [" ".join(w.written for w in clause) for clause in s.clauses])
        for s in read_sentences(text)
    ]
    assert read == expected


@given(
    st.text(
        st.sampled_from("aBz09 .,!?-—'\"()$%@/\n:é…👍")
        | st.characters(exclude_categories=["Cs", "Cc"]),
        max_size=60,
    )
)
def test_every_letter_and_digit_has_one_word(text: str) -> None:
    """Words are in order, do not overlap, and hold every letter and digit that can be said."""
    sentences = read_sentences(text)
    words = [word for s in sentences for clause in s.clauses for word in clause]
    at = 0
    for word in words:
        assert at <= word.start < word.end
        assert text[word.start : word.end] == word.written
        at = word.end
    held = {place for word in words for place in range(word.start, word.end)}
    assert held >= {place for place, char in enumerate(text) if char.isalnum()}


def test_long_stretches_without_marks_get_breaths() -> None:
    """A clause of a hundred words is read in several."""
    (sentence,) = read_sentences("word " * 100)
    assert [len(clause) for clause in sentence.clauses] == [40, 40, 20]


def test_capitals_stand_out_unless_all_are() -> None:
    """One word in capitals is emphatic; a text in capitals is read as any other."""
    (sentence,) = read_sentences("I said STOP right there")
    assert [word.written for word in sentence.clauses[0] if word.is_emphatic] == ["STOP"]
    (shouted,) = read_sentences("THIS IS IT NOW")
    assert [word.spoken for word in shouted.clauses[0]] == ["this", "is", "it", "now"]
    assert not any(word.is_emphatic for word in shouted.clauses[0])
