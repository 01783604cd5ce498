"""Phonemes come clause by clause, in IPA, with the mark that ends each."""

from collections.abc import Iterator
from itertools import pairwise

import pytest

from hoarfrost.errors import VoiceFault
from hoarfrost.espeak import VoiceSetting, acquire, phonemize
from hoarfrost.espeak.synthesizer import SpeechCall


@pytest.mark.parametrize(
    ("language", "text", "clauses"),
    [
        (
            "en-us",
            "Hello world, how are you? I'm fine.",
            [("həlˈoʊ wˈɜːld", ","), ("hˈaʊ ɑːɹ juː", "?"), ("aɪm fˈaɪn", ".")],
        ),
        ("en-gb", "Doctor Smith said 3.14", [("dˈɒktə smˈɪθ sˈɛd θɹˈiː pɔɪnt wˈɒn fˈɔː", "")]),
        ("de", "Guten Tag!", [("ɡˈuːtən tˈɑːk", "!")]),
        ("fr", "“Oui,” dit-il.", [("wˈi", ","), ("dˈitˈil", ".")]),
        ("hi", "नमस्ते hello", [("nəmˈʌsteː həlˈəʊ", "")]),
        ("en-us", "", [("", "")]),
        ("en-us", " ... ", [("", ".")]),
    ],
)
def test_clauses_have_phonemes_and_marks(
    language: str, text: str, clauses: list[tuple[str, str]]
) -> None:
    """The library's pronunciation, without its language switches, and the mark of each clause."""
    assert [(clause.ipa, clause.terminator) for clause in phonemize(text, language)] == clauses


@pytest.mark.parametrize(
    ("language", "text", "parts"),
    [
        ("en-us", "One, two. Three four", ["One, ", "two. ", "Three four"]),
        ("cmn", "你好，我的朋友。今天好吗？", ["你好，", "我的朋友。", "今天好吗？"]),
        ("fr", "cafe\u0301, oui", ["cafe\u0301, ", "oui"]),
        ("en-us", "a\u00ad\u00adb: c", ["a\u00ad\u00adb: ", "c"]),
    ],
)
def test_clauses_cover_the_text(language: str, text: str, parts: list[str]) -> None:
    """Offsets count code points of the text as it was given."""
    clauses = phonemize(text, language)
    assert [text[clause.start : clause.end] for clause in clauses] == parts
    assert clauses[0].start == 0
    assert clauses[-1].end == len(text)
    for earlier, later in pairwise(clauses):
        assert earlier.end == later.start


def test_an_unknown_language_is_refused() -> None:
    """The fault names the language."""
    with pytest.raises(VoiceFault, match="expected a voice of the library, got 'xx"):
        phonemize("x", "xx")


@pytest.fixture(scope="module", autouse=True)
def _held() -> Iterator[None]:
    """Keep the library's thread over all of these tests."""
    owner = acquire()
    yield
    owner.release()


def test_speech_that_was_stopped_leaves_no_phoneme_behind() -> None:
    """What the library had read ahead of a stop is not in front of the next phonemes."""
    owner = acquire()
    try:
        job = owner.speak(SpeechCall(VoiceSetting("en-us"), "Hello there. " * 30))
        next(iter(job))
        job.cancel()
        assert [clause.ipa for clause in phonemize("Yes", "en-us")] == ["jˈɛs"]
    finally:
        owner.release()
