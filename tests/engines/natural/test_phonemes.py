"""Phonemes in a voice's symbols, each with its word."""

from hypothesis import given, settings
from hypothesis import strategies as st

from hoarfrost.engines.natural.phonemes import Pronunciation


def spelled(text: str) -> str:
    """Stand in for a phonemizer: every character is a sound, and ``=`` parts words."""
    return " ".join(text.replace("=", " ").split())


def letters(word: str) -> list[tuple[str, int]]:
    return [(char, 0) for char in word]


def test_joined_words_are_parted_again() -> None:
    """When the phonemizer joins some words and splits others, each sound still finds its word."""
    said = {
        "one of the 21": "wˈʌn ʌvðə twˈɛnti wˈʌn",
        "one": "wˈʌn", "of": "ʌv", "the": "ðə", "21": "twˈɛnti wˈʌn",
    }  # fmt: skip
    sounds = Pronunciation(said.__getitem__, letters).phonemes(["one", "of", "the", "21"])
    words = ["".join(s.symbol for s in sounds if s.word == word) for word in range(4)]
    assert words == ["wˈʌn", "ʌv", "ðə", "twˈɛntiwˈʌn"]


WORDS = st.lists(st.sampled_from("abdeioptuəʃθɹ"), min_size=1, max_size=4).map("".join)


@settings(max_examples=40)
@given(st.lists(WORDS, min_size=1, max_size=8), st.data())
def test_words_keep_their_order(words: list[str], data: st.DataObject) -> None:
    """Whatever is joined, sounds come in the order of their words and none is lost."""
    joined = "".join(word + data.draw(st.sampled_from(["", " "])) for word in words)
    said = dict(zip(map(str, range(len(words))), words, strict=True))
    said[" ".join(said)] = joined
    sounds = Pronunciation(said.__getitem__, letters).phonemes(list(map(str, range(len(words)))))
    assert [s.symbol for s in sounds] == list(joined.replace(" ", ""))
    owners = [s.word for s in sounds]
    assert owners == sorted(owners)


def test_words_of_the_phonemizer_begin_where_it_says() -> None:
    """A number may be several words to it: their sounds know which of them begins one."""
    found = Pronunciation(spelled, letters).phonemes(["ab", "c=d"])
    assert [(each.symbol, each.word, each.begins) for each in found] == [
        ("a", 0, True), ("b", 0, False), ("c", 1, True), ("d", 1, True),
    ]  # fmt: skip


def test_glued_words_are_phonemized_as_one() -> None:
    """Without white space between, they reach the phonemizer so, and each keeps its own sounds."""
    found = Pronunciation(spelled, letters).phonemes(["ab", "cd", "", "e", "f"], glued=[1, 4])
    assert [(each.symbol, each.word, each.begins) for each in found] == [
        ("a", 0, True), ("b", 0, False), ("c", 1, False), ("d", 1, False),
        ("e", 3, True), ("f", 4, False),
    ]  # fmt: skip


def test_very_long_words_are_shared_out() -> None:
    """What would take seconds to align is shared evenly; each word still has its part, in order."""
    joined = {"x" * 300 + " " + "y" * 300: "z" * 600, "x" * 300: "x" * 300, "y" * 300: "y" * 300}
    found = Pronunciation(joined.__getitem__, letters).phonemes(["x" * 300, "y" * 300])
    assert [each.word for each in found] == [0] * 300 + [1] * 300
