"""Lexicons: how they are read, and what they do to speech."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hoarfrost.text.lexicon import BadLexicon, Lexicon, parse_lexicon
from hoarfrost.text.reading.sentences import read_sentences
from hoarfrost.text.script import Speech, SpeedSpan

TOML = """
[words]
nguyen = "win"
GIF = "/dʒˈɪf/"
"see you" = "seeya"
see = "look"
"C++" = "see plus plus"
"""


def said(lexicon: Lexicon, text: str) -> list[str]:
    speech = lexicon.rewrite(Speech(text))
    return [word.said for sentence in read_sentences(speech.text) for word in sentence.words]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Mr. Nguyen", ["mister", "win"]),
        ("NGUYEN'S a GIF’s", ["win's", "a", "⟦dʒˈɪfz⟧"]),
        ("a GIF, a gif", ["a", "⟦dʒˈɪf⟧", "a", "gif"]),
        ("See you, see", ["seeya", "look"]),
        ("seeing", ["seeing"]),
        ("C++ it", ["see plus plus", "it"]),
    ],
)
def test_entries_are_said(text: str, words: list[str]) -> None:
    """Whole words are found, the longest first; case counts for entries with a capital."""
    assert said(parse_lexicon(TOML), text) == words


def test_csv_is_the_same() -> None:
    """Two columns, with a line of names or without, comments left out."""
    text = 'word,said\n# names\nNguyen,win\n"see you",seeya\n\n'
    assert parse_lexicon(text, is_csv=True) == parse_lexicon('Nguyen = "win"\n"see you" = "seeya"')


@pytest.mark.parametrize(
    ("text", "is_csv", "fault"),
    [
        ("a = ", False, "expected TOML, got what is none"),
        ("words = 1", False, "words: expected a table, got int"),
        ("a = 1", False, "a: expected a string, got 1"),
        ('"..." = "b"', False, "entry 1: expected a word or phrase, got '...'"),
        ('a = "//"', False, "entry 1: a: expected a spelling or /IPA/, got '//'"),
        ('a = "/12/"', False, "entry 1: a: expected IPA between slashes, got '/12/'"),
        ('a = "⟦b⟧"', False, "entry 1: a: expected a spelling or /IPA/, got '⟦b⟧'"),
        ("a,b\nc\n", True, "line 2: expected two columns, word and pronunciation, got 1"),
        ("a,b\nc,\n", True, "line 2: c: expected a spelling or /IPA/, got ''"),
    ],
)
def test_faults_are_told(text: str, is_csv: bool, fault: str) -> None:
    """What is wrong, and where."""
    with pytest.raises(BadLexicon) as caught:
        parse_lexicon(text, is_csv=is_csv)
    assert caught.value.faults[0].startswith(fault)


def test_one_lexicon_over_another() -> None:
    """The named one counts, then the one that holds for everybody."""
    both = parse_lexicon('a = "x"').over(parse_lexicon('a = "y"\nb = "z"'))
    assert said(both, "a b") == ["x", "z"]
    assert len(both) == 2


def test_words_keep_their_places() -> None:
    """What is said for a word stands for all of it, and speeds stay with their words."""
    lexicon = parse_lexicon('"see you" = "seeya"')
    speech = Speech("I see you now", (SpeedSpan(2, 9, 0.5),), tuple(range(10, 23)))
    rewritten = lexicon.rewrite(speech)
    (sentence,) = read_sentences(rewritten.text)
    spans = [rewritten.source_span(word.start, word.end) for word in sentence.words]
    assert spans == [(10, 11), (12, 19), (20, 23)]
    (span,) = rewritten.spans
    assert rewritten.text[span.start : span.end] == "⟦=seeya|see you⟧"


@given(st.text(st.sampled_from("abc ÄGIF'seyou+."), min_size=1, max_size=40))
def test_rewriting_is_sound(text: str) -> None:
    """Sources go forward, and an empty lexicon changes nothing."""
    speech = Speech(text, (), tuple(range(5, 5 + len(text))))
    rewritten = parse_lexicon(TOML).rewrite(speech)
    assert list(rewritten.sources) == sorted(rewritten.sources)
    assert len(rewritten.sources) == len(rewritten.text)
    assert Lexicon().rewrite(speech) is speech
