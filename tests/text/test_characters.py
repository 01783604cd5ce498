"""What single characters are."""

import pytest

from hoarfrost.text.characters import cut_between, expects_more, is_picture, is_unspaced


@pytest.mark.parametrize(
    ("chars", "expected"),
    [("😀🚀❤→★▲🇩\ufffd🦾", True), ("a1é好°™℃€%&+=@#×≤∞𝐀あ①㎏", False)],
)
def test_pictures(chars, expected):
    """Arrows, dingbats and emoji are pictures; letters, units, currencies and mathematics not."""
    assert [char for char in chars if is_picture(char) is not expected] == []


@pytest.mark.parametrize(("chars", "expected"), [("好あカไລမខ𠀀", True), ("aäяشह한1。", False)])
def test_unspaced(chars, expected):
    """Han, kana, Thai, Lao, Burmese and Khmer have no white space; no others, nor marks."""
    assert [char for char in chars if is_unspaced(char) is not expected] == []


@pytest.mark.parametrize(
    ("char", "expected"), [("\u200d", True), ("\u094d", True), ("\u0301", False), ("", False)]
)
def test_expects_more(char, expected):
    """After a zero-width joiner and a virama comes more of the same character."""
    assert expects_more(char) is expected


@pytest.mark.parametrize(
    ("text", "at", "whole"),
    [
        ("abc", 2, "ab"),
        ("ae\u0301b", 2, "a"),
        ("ae\u0301b", 3, "ae\u0301"),
        ("x🏽👩\u200d🚀y", 3, "x🏽"),
        ("x🏽👩\u200d🚀y", 4, "x🏽"),
        ("x👩🏽y", 2, "x"),
        ("ab🇩🇪", 3, "ab"),
        ("हिन्दी", 4, "हि"),
        ("a" + "\u0301" * 200, 150, "a" + "\u0301" * 149),
    ],
)
def test_cut_between(text, at, whole):
    """A cut does not separate accents, emoji sequences, flags or conjuncts, up to a limit."""
    assert text[: cut_between(text, at)] == whole
