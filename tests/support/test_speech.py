"""Reading tones back: what other tests take for a listener."""

import pytest

from hoarfrost.synthesis.engine import SynthesisRequest
from tests.support.options import TONE
from tests.support.speech import Recorder, pcm_of, words_in

VOCABULARY = ["one", "two", "three"]


@pytest.mark.parametrize(
    ("pcm", "words"),
    [
        (b"", []),
        (bytes(882), []),
        (pcm_of("one"), ["one"]),
        (pcm_of("One, two three!"), ["one", "two", "three"]),
        (pcm_of("two") + pcm_of("one one"), ["two", "one", "one"]),
        (pcm_of("two") + bytes(4410) + pcm_of("three"), ["two", "three"]),
    ],
)
def test_words_are_read_back(pcm: bytes, words: list[str]) -> None:
    """Whole words are found, with any silence or none between them."""
    assert words_in(pcm, VOCABULARY) == words


@pytest.mark.parametrize("pcm", [pcm_of("four"), pcm_of("one")[:-2000], pcm_of("one")[2000:]])
def test_anything_else_is_noticed(pcm: bytes) -> None:
    """A word that is not expected, or a part of one, is an error."""
    with pytest.raises(ValueError, match="expected a word at byte"):
        words_in(pcm, VOCABULARY)


def test_speech_that_breaks_off_is_read_up_to_there() -> None:
    """Where that is allowed, the beginning of a word may stand at the end, and only there."""
    pcm = pcm_of("one two")[:-2000]
    assert words_in(pcm, VOCABULARY, is_cut=True) == ["one"]
    with pytest.raises(ValueError, match="expected a word"):
        words_in(pcm + pcm_of("one"), VOCABULARY, is_cut=True)


def test_recorder_remembers_and_counts() -> None:
    """What is asked is kept, and a generator is open from its first step to its end."""
    recorder = Recorder()
    chunks = recorder(SynthesisRequest(TONE, "one two", "en-US"))
    assert (recorder.texts, recorder.n_open) == (["one two"], 0)
    next(chunks)
    assert (recorder.n_chunks, recorder.n_open) == (1, 1)
    chunks.close()
    assert recorder.n_open == 0


def test_recorder_fails_when_told() -> None:
    """A text that it is told to fail at fails after its first chunk; others do not."""
    recorder = Recorder(fails_at="two")
    assert len(list(recorder(SynthesisRequest(TONE, "one", "en-US")))) == 1
    with pytest.raises(ZeroDivisionError):
        list(recorder(SynthesisRequest(TONE, "two", "en-US")))
    assert recorder.n_open == 0
