"""A text as sentences, clauses and words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hoarfrost.text.boundaries import Kind, find_mark
from hoarfrost.text.reading.composition import SpokenText
from hoarfrost.text.reading.sentences import begins_paragraph, read_sentences

from .lines import lines_of

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
    "I live in the U.S. It is big.": [(".", ["I live in the U.S"]), (".", ["It is big"])],
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
    """``3. oktober`` is the third for espeak-ng before a small letter only."""
    (sentence,) = read_sentences("Den 3. Oktober", "da")
    assert [word.spoken for word in sentence.words] == ["Den", "3.", "oktober"]


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


TEXTS = st.lists(
    st.sampled_from(
        [line[0] for name in ("american.tsv", "british.tsv") for line in lines_of(name)]
    )
    | st.text(
        st.sampled_from("aBz09 .,!?-—'\"()$%@/\n:é…👍世。，「」。½²#&+<>=*_~°¢€⟦⟧|")
        | st.characters(exclude_categories=["Cs", "Cc"]),
        max_size=30,
    ),
    min_size=1,
    max_size=4,
).map(" ".join)
LANGUAGES = st.sampled_from(["en-US", "en-GB", "de", "es", "fr", "zh", "hi"])


@given(TEXTS, LANGUAGES)
def test_every_letter_and_digit_has_one_word(text: str, language: str) -> None:
    """Words are in order, do not overlap, and hold every letter and digit that can be said."""
    sentences = read_sentences(text, language)
    words = [word for sentence in sentences for word in sentence.words]
    at = 0
    for word in words:
        assert at <= word.start < word.end <= len(text)
        assert text[word.start : word.end] == word.written
        at = word.end
    held = {place for word in words for place in range(word.start, word.end)}
    missing = {place for place, char in enumerate(text) if char.isalnum()} - held
    assert not missing or not words


@given(TEXTS, st.sampled_from(["en-US", "en-GB"]))
def test_english_is_said_in_words(text: str, language: str) -> None:
    """No figure is left to the phonemizer, whose reading would depend on the engine."""
    for sentence in read_sentences(text, language):
        for word in sentence.words:
            assert word.phonemes or not any(map(str.isdecimal, word.spoken))


@given(TEXTS, LANGUAGES)
def test_sentences_end_where_the_segmenter_may_cut(text: str, language: str) -> None:
    """There is one truth: no word lies across a place where the text may be cut."""
    words = [word for sentence in read_sentences(text, language) for word in sentence.words]
    ends = []
    at = 0
    while mark := find_mark(text, at, is_over=True):
        at = mark.end
        if mark.kind is Kind.SENTENCE:
            ends.append(mark.end)
    assert not [word for word in words for end in ends if word.start < end < word.end]


@given(TEXTS)
def test_spoken_text_knows_its_sources(text: str) -> None:
    """Each character of what is passed on to an engine stands for a part of the text."""
    spoken = SpokenText(
        text, read_sentences(text), signs_are_read=True, say=lambda word: word.spoken
    )
    assert len(spoken.text) == len(spoken.starts) == len(spoken.ends)
    assert spoken.starts == sorted(spoken.starts)
    pairs = zip(spoken.starts, spoken.ends, strict=True)
    assert all(0 <= start < end <= len(text) for start, end in pairs)


@pytest.mark.parametrize(
    ("text", "passed_on"),
    [
        ("It is $5.Do it", "It is five dollars. Do it"),
        ("at 12 Main St. Please", "at twelve Main street. Please"),
        ("Title\nText, so", "Title.\nText, so"),
        ("a * b | c", "a   b   c"),
    ],
)
def test_spoken_text_has_its_pauses(text: str, passed_on: str) -> None:
    """A sentence ends in a mark and white space, also where none was written."""
    spoken = SpokenText(
        text, read_sentences(text), signs_are_read=True, say=lambda word: word.spoken
    )
    assert spoken.text == passed_on


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("a", ["none"]),
        ("a,", ["clause"]),
        ('a," ', ["clause"]),
        ("a.", ["sentence"]),
        ("a\n", ["sentence"]),
        ("go. b\nc", ["sentence", "sentence", "none"]),
        ("a.\n\nb\n\nc.", ["paragraph", "paragraph", "sentence"]),
        ("a \n \n b", ["paragraph", "none"]),
    ],
)
def test_what_comes_after_a_sentence(text: str, after: list[str]) -> None:
    """A mark or a line break makes a pause, a blank line a longer one; the end of text none."""
    assert [sentence.after for sentence in read_sentences(text)] == after


def test_a_paragraph_may_begin() -> None:
    """Two line breaks before the first word are a blank line."""
    assert begins_paragraph("\n\na")
    assert not begins_paragraph("\na\n\nb")


def test_phonemes_stand_in_the_text() -> None:
    """What stands between the brackets is said, the word behind the bar is shown."""
    (sentence,) = read_sentences("Mr. ⟦wˈɪn|Nguyen⟧ has ⟦=two|2⟧.")
    said = [(word.spoken, word.phonemes, word.said) for word in sentence.words]
    assert said[1] == ("nguyen", "wˈɪn", "⟦wˈɪn⟧")
    assert said[3] == ("two", "", "two")


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
