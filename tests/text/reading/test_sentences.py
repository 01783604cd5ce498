"""A text as sentences, clauses and words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hoarfrost.text.reading.sentences import read_sentences

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


AS_WRITTEN = {
    "Frau Dr. Müller kam am 3. Oktober, z. B. um 8 Uhr.": [
        (".", ["Frau Dr. Müller kam am 3. Oktober", "z. B. um 8 Uhr"]),
    ],
    "Das war 1990. Heute nicht.": [(".", ["Das war 1990"]), (".", ["Heute nicht"])],
    "El Sr. Pérez llega. ¿Y tú?": [(".", ["El Sr. Pérez llega"]), ("?", ["Y tú"])],
    "« Oui ! » dit-elle ; il part.": [("!", ["Oui"]), (".", ["dit-elle", "il part"])],
    "你好，世界。今天是5月3日，对吗？": [
        (".", ["你 好", "世 界"]),
        ("?", ["今 天 是 5 月 3 日", "对 吗"]),
    ],
    "他说：「好！」然后走了。": [("!", ["他 说", "好"]), (".", ["然 后 走 了"])],
    "Windows是系统（很大）。": [(".", ["Windows 是 系 统", "很 大"])],
    "यह एक है।मेरे पास": [(".", ["यह एक है"]), (".", ["मेरे पास"])],
    "آپ کیسے ہیں؟ ہے۔": [("?", ["آپ کیسے ہیں"]), (".", ["ہے"])],
    "ok，fine": [(".", ["ok", "fine"])],
}


@pytest.mark.parametrize(("text", "expected"), AS_WRITTEN.items())
def test_other_languages_are_read_as_they_are_written(
    text: str, expected: list[tuple[str, list[str]]]
) -> None:
    """Abbreviations and ordinals keep their stop; Chinese is read character by character."""
    read = [
        (s.ending.value, [" ".join(w.written for w in clause) for clause in s.clauses])
        for s in read_sentences(text, "de")
    ]
    assert read == expected


def test_ordinals_reach_the_phonemizer_as_such() -> None:
    """``3. Oktober`` is the third for espeak-ng before a small letter only."""
    (sentence,) = read_sentences("Am 3. Oktober", "de")
    assert [word.spoken for word in sentence.clauses[0]] == ["Am", "3.", "oktober"]


def test_words_know_what_stands_around_them() -> None:
    """The mark of a pause is kept as it is written, and whether there is white space before."""
    (sentence,) = read_sentences("a; b: c, d — e، 你好，f؟", "de")
    words = [word for clause in sentence.clauses for word in clause]
    assert [word.mark for word in words] == [";", ":", ",", ";", ",", "", "，", ""]
    assert [word.written for word in words if word.is_glued] == ["好"]
    assert sentence.mark == "?"


@pytest.mark.parametrize(
    ("text", "mark"),
    [("a", ""), ("a.", "."), ("a?!", "?"), ("a…", "."), ("a。", "。"), ("a\nb", ""), ('"a!"', "!")],
)
def test_sentences_know_their_mark(text: str, mark: str) -> None:
    """What was written at the end, "" for a sentence without."""
    assert read_sentences(text, "de")[0].mark == mark


@given(
    st.text(
        st.sampled_from("aBz09 .,!?-—'\"()$%@/\n:é…👍世。，「」।")
        | st.characters(exclude_categories=["Cs", "Cc"]),
        max_size=60,
    ),
    st.booleans(),
)
def test_every_letter_and_digit_has_one_word(text: str, writes_out: bool) -> None:
    """Words are in order, do not overlap, and hold every letter and digit that can be said."""
    sentences = read_sentences(text, writes_out=writes_out)
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
