"""How written tokens are said."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hoarfrost.engines.natural.spoken import may_end_sentence, spoken

SAID = {
    "$5.99": "5 dollars and 99 cents", "$1": "1 dollar", "$0.99": "99 cents", "€3": "3 euros",
    "$1,200.50": "1200 dollars and 50 cents", "$3M": "3 million dollars",
    "$1.01": "1 dollar and 1 cent",
    "3:30": "3 30", "3:05": "3 oh 5", "12:00": "12 o'clock", "3:00pm": "3 P M",
    "15:00": "15 hundred",
    "12/25/2024": "December 25th 20 24", "2024-06-02": "June 2nd 20 24", "13/45/2024": "13 45 2024",
    "1984": "19 84", "1905": "19 oh 5", "2005": "2005", "2024": "20 24", "1900": "19 hundred",
    "1990s": "19 nineties", "90s": "nineties", "1,234": "1234", "3.14": "3 point 1 4",
    "007": "oh oh 7", "12345678": "1 2 3 4 5 6 7 8", "555-1234": "5 5 5 1 2 3 4",
    "800-555-0199": "8 oh oh 5 5 5 oh 1 9 9", "3-5": "3 to 5", "-5": "minus 5", "#1": "number 1",
    "5kg": "5 kilograms", "1kg": "1 kilogram", "5%": "5 percent", "20°C": "20 degrees Celsius",
    "1/2": "one half", "7/8": "7 over 8", "24/7": "24 7", "2.0.1": "2 point oh point 1",
    "a@b.com": "eigh at B dot com", "www.x.ai/y": "W W W dot X dot eigh I slash Y",
    "rime.ai": "rime dot eigh I", "bob@home.net": "bob at home dot net",
    "22/11/2026": "November 22nd 20 26", "12-25-2024": "December 25th 20 24", "5'11": "5 foot 11",
    "v2.0.1": "version 2 point oh point 1", "№": "number", "A.I.": "eigh I", "U.S.A": "U S eigh",
    "9:00a.m": "9 A.M", "नमस्ते": "नमस्ते", "cafe\u0301": "café",
    "Dr.": "doctor", "etc.": "et cetera", "e.g.": "for example", "&": "and", "AT&T": "eigh T and T",
    "and/or": "and or", "Dvořák": "Dvorák", "naïve": "naïve", "it’s": "it's", "hello": "hello",
    "👍": "", "*": "",
}  # fmt: skip


@pytest.mark.parametrize(("word", "said"), SAID.items())
def test_tokens_are_said_as_people_say_them(word: str, said: str) -> None:
    """A written token is said as a U.S. speaker says it."""
    assert spoken(word) == said


@pytest.mark.parametrize(
    ("before", "word", "after", "said"),
    [
        ("", "$5", "million", "5"),
        ("$5", "million", "", "million dollars"),
        ("", "12:00", "pm", "12"),
        ("", "no.", "5", "number"),
        ("", "no.", "Really", "no."),
        ("Main", "St.", "near", "street"),
        ("on", "St.", "Mary", "saint"),
        ("", "555", "123-4567", "5 5 5"),
    ],
)
def test_neighbours_decide_what_is_ambiguous(before: str, word: str, after: str, said: str) -> None:
    """What a token stands for may depend on the word before or after it."""
    assert spoken(word, before=before, after=after) == said


@pytest.mark.parametrize(
    ("word", "after", "may_end"),
    [
        ("done.", "Next", True), ("Dr.", "Smith", False), ("etc.", "The", True),
        ("etc.", "and", False), ("J.", "Smith", False), ("I.", "Then", True),
        ("U.S.", "Army", False), ("U.S.", "It", True), ("e.g.", "this", False), ("Dr.", "", True),
    ],
)  # fmt: skip
def test_full_stops_of_abbreviations_do_not_end_sentences(
    word: str, after: str, may_end: bool
) -> None:
    """A full stop ends a sentence unless it belongs to an abbreviation inside one."""
    assert may_end_sentence(word, after) is may_end


@given(st.text(st.characters(exclude_categories=["Cs", "Z", "Cc"]), min_size=1, max_size=12))
def test_letters_and_digits_are_never_lost(word: str) -> None:
    """A token with a letter or digit says something, and nothing ever fails."""
    said = spoken(word)
    assert said or not any(map(str.isalnum, word))
