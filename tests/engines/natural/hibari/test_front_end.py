"""Words to phonemes, each with the word that it belongs to."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hoarfrost.engines.natural.hibari.front_end import FrontEnd
from hoarfrost.engines.natural.hibari.installed import open_front_end
from hoarfrost.engines.natural.hibari.symbols import from_ipa
from hoarfrost.engines.natural.utterance import NO_WORD
from hoarfrost.text.reading.sentences import Word, read_sentences

CONVERTER, TOKEN = open_front_end(is_british=False)
FRONT_END = FrontEnd(CONVERTER, TOKEN)


def line_of(text: str, front_end: FrontEnd = FRONT_END) -> str:
    return " ".join(front_end.line(sentence).symbols for sentence in read_sentences(text))


@pytest.mark.parametrize(
    "text",
    [
        "Hello there, I read the apple book yesterday.",
        "The record was set to record the live show.",
        "It's a well-known fact; isn't it?",
        "Stop!",
    ],
)
def test_words_sound_as_the_package_reads_them(text: str) -> None:
    """Neighbours and parts of speech count as in the package's own reading of the line."""
    assert line_of(text) == CONVERTER(text)


@pytest.mark.parametrize(
    ("text", "symbols"),
    [
        ("Is it Plan A?", "ɪz ɪt plˈæn ˈA?"),
        ("A plan.", "ɐ plˈæn."),
    ],
)
def test_a_letter_is_no_article(text: str, symbols: str) -> None:
    """A capital A within a sentence is the letter."""
    assert line_of(text).replace("ˌ", "") == symbols.replace("ˌ", "")


def test_given_pronunciations_are_said_as_given() -> None:
    """A word whose sounds were given is not looked up; its neighbours hear its first sound."""

    def given_symbols(word: Word) -> str | None:
        return from_ipa("ˈaʊ.ɚ") if word.written == "Xyz" else None

    front_end = FrontEnd(CONVERTER, TOKEN, given_symbols)
    assert line_of("The Xyz plan.", front_end) == "ði ˈWəɹ plˈæn."


WORDS = ("the", "apple", "I", "read", "$5.99", "IBM", "e.g.", "O'Brien's", "well-known", "7", "zyx")
MORE = ("www.example.com", "A", "don't", "José", "12:30", "—", "3–5", "NASA,", "stop!", "really?")


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(WORDS + MORE), min_size=1, max_size=9))
def test_every_word_with_a_sound_has_its_symbols(words: list[str]) -> None:
    """Owners rise, marks and spaces have none, and no word that is said is lost."""
    for sentence in read_sentences(" ".join(words)):
        line = FRONT_END.line(sentence)
        said = [word for clause in sentence.clauses for word in clause]
        assert len(line.symbols) == len(line.owners)
        owners = [owner for owner in line.owners if owner != NO_WORD]
        assert owners == sorted(owners)
        assert set(owners) == {n for n, word in enumerate(said) if word.spoken}
