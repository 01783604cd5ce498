"""Which brackets are markup, and where they end."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hoarfrost.text.brackets import STRETCH_LIMIT, close_bracket, opens_spelling, read_pause

PLAIN = "plain"
OPEN = "open"

CASES = [
    # pauses
    ("<200>", 5),
    ("<500.0> x", 7),
    ("< 200 >", 7),
    ("<.5>", 4),
    ("<", OPEN),
    ("<2", OPEN),
    ("<20", OPEN),
    ("<500.", OPEN),
    ("< 500 ", OPEN),
    ("< 5 and y > 3", PLAIN),
    ("<3 you", PLAIN),
    ("<=", PLAIN),
    ("<-200>", PLAIN),
    ("<2x>", PLAIN),
    # tags
    ("<b>", 3),
    ("</b>", 4),
    ("<br/>", 5),
    ("<FLUSH>", 7),
    ("<say-as>", 8),
    ('<break time="1.5s"/>', 20),
    ("<a href='x. y' id=\"z\">", 22),
    ("<br", OPEN),
    ("</", OPEN),
    ('<break time="1.', OPEN),
    ("<break ", OPEN),
    ("<break ti", OPEN),
    ("<b and c> d", PLAIN),
    ("<me@rime.ai>", PLAIN),
    ("<b\nc>", PLAIN),
    ("<<b>", PLAIN),
    # pairs
    ("[slow]", 6),
    ("[very slow] [x]", 11),
    ("[a [b] c] d", 9),
    ("{h'El.o}", 8),
    ("[slow", OPEN),
    ("[a [b]", OPEN),
    ("[a\nb]", PLAIN),
    ("[a\u2028b]", PLAIN),
    ("(a. b)", PLAIN),
    ("[" + "a" * (STRETCH_LIMIT - 2) + "]", STRETCH_LIMIT),
    ("[" + "a" * (STRETCH_LIMIT - 1) + "]", PLAIN),
    ("[" + "a" * (STRETCH_LIMIT - 2), OPEN),
    ("[" + "a" * (STRETCH_LIMIT - 1), PLAIN),
    ("<" + "b" * STRETCH_LIMIT, PLAIN),
]


@pytest.mark.parametrize(("text", "expected"), CASES)
def test_stretch(text, expected):
    """A bracket opens markup that ends somewhere, or is plain, or cannot be told yet."""
    expected_end = {PLAIN: 0, OPEN: None}.get(expected, expected)
    assert close_bracket(text, 0) == expected_end


@pytest.mark.parametrize("text", [text for text, expected in CASES if expected == OPEN])
def test_at_the_end_an_open_bracket_is_plain(text):
    """When no more text is to come, what was not closed is a character like any other."""
    assert close_bracket(text, 0, is_over=True) == 0


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("spell(A-1) x", 10),
        ("SPELL(A-1)", 10),
        ("a spell(b(c)d)", 14),
        ("spell(A", None),
        ("misspell(A)", 8),
        ("pell(A)", 4),
        ("spell (A)", 6),
        ("1spell(A)", 6),
    ],
)
def test_spelling(text, expected):
    """A parenthesis is markup right after the word spell, in capitals or not."""
    assert close_bracket(text, text.index("(")) == expected
    assert opens_spelling(text, text.index("(")) is (expected != text.index("("))


@pytest.mark.parametrize(
    ("tag", "expected"),
    [("<200>", 200.0), ("<500.0>", 500.0), ("< .5 >", 0.5), ("<b>", None), ("<200", None)],
)
def test_read_pause(tag, expected):
    """A tag with a number in it is a pause of as many milliseconds, no other one is."""
    assert read_pause(tag) == expected


@given(
    st.sampled_from("<[{("),
    st.lists(st.sampled_from([*"<>[]{}()/ab= \"'19.\n", "spell(", "a" * 70]), max_size=12),
)
def test_more_text_never_changes_an_answer(opener, parts):
    """What was found with half of the text is still true with all of it."""
    text = opener + "".join(parts)
    answers = [close_bracket(text[:end], 0) for end in range(1, len(text) + 1)]
    settled = [answer for answer in answers if answer is not None]
    assert len(set(settled)) <= 1
    assert answers[len(answers) - len(settled) :] == settled
    assert close_bracket(text, 0, is_over=True) == (settled[0] if settled else 0)
