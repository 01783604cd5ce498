"""The whole way of a text, from the client's messages to the words that are spoken."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hoarfrost.text.reading.context import TokenClass
from hoarfrost.text.reading.sentences import read_sentences

from .lines import lines_of, words_read

ENGLISH = [line for name in ("kinds.tsv", "american.tsv") for line in lines_of(name)]
BRITISH = list(lines_of("british.tsv"))
OTHERS = list(lines_of("other_languages.tsv"))


@pytest.mark.parametrize(("text", "said"), ENGLISH)
def test_american_english(text: str, said: str) -> None:
    """Each line of the tables is read as a person would read it."""
    assert words_read(text) in said.split("|")


@pytest.mark.parametrize(("text", "said"), BRITISH)
def test_british_english(text: str, said: str) -> None:
    """Dates, *and* in numbers, zed: what is said otherwise in Britain."""
    assert words_read(text, language="en-GB") in said.split("|")


@pytest.mark.parametrize(("text", "said", "language"), OTHERS)
def test_other_languages(text: str, said: str, language: str) -> None:
    """Ordinals, abbreviations, markdown and spelling, which phonemizers cannot do."""
    assert words_read(text, language=language) == said


def test_there_are_enough_lines() -> None:
    """Every class of tokens has lines of its own."""
    assert len(ENGLISH) + len(BRITISH) > 350
    met = {
        word.kind
        for text, _ in ENGLISH
        for sentence in read_sentences(text)
        for word in sentence.words
    }
    assert met >= set(TokenClass) - {TokenClass.LEXICON, TokenClass.PHONEMES}


@given(st.sampled_from(ENGLISH), st.data())
def test_cutting_into_messages_changes_nothing(line: list[str], data: st.DataObject) -> None:
    """Text that comes in pieces within the hold is read as it is when it comes at once."""
    text = line[0]
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=6)))
    pieces = [text[start:end] for start, end in zip([0, *cuts], [*cuts, len(text)], strict=True)]
    assert words_read(*pieces) == words_read(text)


@given(st.lists(st.sampled_from(ENGLISH), min_size=2, max_size=4))
def test_sentences_do_not_change_each_other(lines: list[list[str]]) -> None:
    """What stands in lines of its own is read as it is alone."""
    texts = [text for text, _ in lines]
    together = words_read("\n\n".join(texts))
    assert together == " ".join(filter(None, map(words_read, texts)))
