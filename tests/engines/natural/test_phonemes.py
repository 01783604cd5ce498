"""Phonemes in a voice's symbols, each with its word."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hoarfrost.engines.natural.phonemes import Pronunciation
from hoarfrost.engines.natural.source_filter.package import read_package
from hoarfrost.engines.natural.source_filter.sounds import pronunciation

from .test_package import BUILT_IN

SYMBOLS = read_package(BUILT_IN).phonemes


def read(ipa: str) -> list[tuple[str, int]]:
    sounds = pronunciation(SYMBOLS, lambda _: ipa).phonemes(["word"])
    return [(sound.symbol, sound.stress) for sound in sounds]


@pytest.mark.parametrize(
    ("ipa", "symbols"),
    [
        ("həlˈoʊ", "h əl oʊ"),
        ("kˈɔsts", "k ɔ s t s"),
        ("tʃˈɜːtʃ", "tʃ ɜː tʃ"),
        ("fˈɪɹɹ", "f ɪɹ ɹ"),
        ("lˈɑːx", "l ɑː k"),
        ("kwˈɑːsɑ̃", "k w ɑː s ɑː"),
        ("ʀyʎø", "ɹ uː l ɜː"),
        ("ǃ", "t"),
        ("a͡ɪ", "æ ɪ"),
    ],
)
def test_ipa_is_read_into_known_symbols(ipa: str, symbols: str) -> None:
    """Long symbols win over short ones; unknown ones become the nearest that is known."""
    assert [symbol for symbol, _ in read(ipa)] == symbols.split()


def test_stress_belongs_to_the_next_vowel() -> None:
    """A stress mark before consonants is kept for the vowel."""
    assert read("ˌʌndɚstˈænd") == [
        ("ʌ", 1), ("n", 0), ("d", 0), ("ɚ", 0), ("s", 0), ("t", 0), ("æ", 2), ("n", 0), ("d", 0),
    ]  # fmt: skip


def test_joined_words_are_parted_again() -> None:
    """When the phonemizer joins some words and splits others, each sound still finds its word."""
    said = {
        "one of the 21": "wˈʌn ʌvðə twˈɛnti wˈʌn",
        "one": "wˈʌn", "of": "ʌv", "the": "ðə", "21": "twˈɛnti wˈʌn",
    }  # fmt: skip
    sounds = pronunciation(SYMBOLS, said.__getitem__).phonemes(["one", "of", "the", "21"])
    words = ["".join(s.symbol for s in sounds if s.word == word) for word in range(4)]
    assert words == ["wʌn", "ʌv", "ðə", "twɛntiwʌn"]


WORDS = st.lists(st.sampled_from(SYMBOLS[9:]), min_size=1, max_size=4).map("".join)


@settings(max_examples=40)
@given(st.lists(WORDS, min_size=1, max_size=8), st.data())
def test_words_keep_their_order(words: list[str], data: st.DataObject) -> None:
    """Whatever is joined, sounds come in the order of their words and none is lost."""
    joined = "".join(word + data.draw(st.sampled_from(["", " "])) for word in words)
    voice = pronunciation(SYMBOLS, lambda text: joined if text == "whole" else text)
    alone = voice.phonemes(["whole"])
    said = dict(zip(map(str, range(len(words))), words, strict=True))
    said[" ".join(said)] = joined
    sounds = pronunciation(SYMBOLS, said.__getitem__).phonemes(list(map(str, range(len(words)))))
    assert [s.symbol for s in sounds] == [s.symbol for s in alone]
    owners = [s.word for s in sounds]
    assert owners == sorted(owners)


def test_every_ipa_letter_is_said_or_belongs_to_one_that_is() -> None:
    """The whole chart of vowels and consonants has a sound in this voice."""
    vowels = "iyɨʉɯuɪʏʊeøɘɵɤoəɛœɜɞʌɔæɐaɶɑɒ"
    consonants = "pbtdʈɖcɟkɡqɢʔmɱnɳɲŋɴʙrʀⱱɾɽɸβfvθðszʃʒʂʐçʝxɣχʁħʕhɦɬɮʋɹɻjɰlɭʎʟʍwɥɕʑ"
    assert [letter for letter in vowels + consonants if not read(letter)] == []


def spelled(text: str) -> str:
    """Stand in for a phonemizer: every character is a sound, and ``=`` parts words."""
    return " ".join(text.replace("=", " ").split())


def letters(word: str) -> list[tuple[str, int]]:
    return [(char, 0) for char in word]


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
