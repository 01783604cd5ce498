"""Text for the library: composed, without controls, and each character knows its source."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hoarfrost.espeak.reading import read

READINGS = [
    ("plain text", "plain text"),
    ("cafe\u0301 ñ", "café ñ"),
    ("\u0301alone", "\u0301alone"),
    ("a\x00b\x01c\x7fd\x85e", "a b c d e"),
    ("line\r\nbreak\tand\vmore", "line \nbreak and more"),
    ("ex\u00adam\u200bple", "example"),
    ("\ufeff\u202eright\u202c\u200e left", "right left"),
    ("so 😀\ufe0f good ☕", "so    good  "),
    ("5 € + 20 % ² & ½ @ x → y", "5 € + 20 % ² & ½ @ x → y"),
    ("\u28ff\U0001f920\U00012000ᚠ", "    "),
    (
        "Ünïcode, ñ; Ελληνικά. Привет! हिन्दी। 漢字、かな 한국어 עברית ไทย",
        "Ünïcode, ñ; Ελληνικά. Привет! हिन्दी। 漢字、かな 한국어 עברית ไทย",
    ),
    ("می\u200cروم", "می\u200cروم"),
    ("\ud800 \ue000 \uffff", "     "),
    ("Ask the dr. Then, ask St.", "Ask the dr. Then, ask St."),
    ("", ""),
]


@pytest.mark.parametrize(("text", "expected"), READINGS)
def test_text_is_made_fit_to_read(text: str, expected: str) -> None:
    """Accents compose, controls become spaces, format marks go."""
    assert read(text).text == expected


@given(st.text())
def test_every_character_has_its_source(text: str) -> None:
    """Sources never decrease and lie in the text; what was read reads the same again."""
    reading = read(text)
    assert len(reading.sources) == len(reading.ends) == len(reading.text)
    assert list(reading.sources) == sorted(reading.sources)
    assert list(reading.ends) == sorted(reading.ends)
    for source, end in zip(reading.sources, reading.ends, strict=True):
        assert 0 <= source < end <= len(text)
    for character in reading.text:
        assert character == "\n" or unicodedata.category(character) not in {"Cc", "Cs", "Co", "Cn"}
    reading.text.encode()
    assert read(reading.text).text == reading.text
