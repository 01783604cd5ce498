"""The tone engine: every sample can be foretold."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hoarfrost.engines.tone import (
    VOICES,
    ToneEngine,
    frequency_of,
    length_of,
    letters_of,
)
from hoarfrost.errors import VoiceFault
from hoarfrost.synthesis.engine import WordMark
from hoarfrost.synthesis.voice import Gender, Voice
from hoarfrost.text.script import SpeedSpan

from .conformance import ask, check_engine, join, speak

TONE = VOICES["tone"]


@pytest.mark.parametrize("voice", VOICES.values(), ids=VOICES)
def test_engine_keeps_the_contract(voice: Voice) -> None:
    """Every voice passes the checks that every engine must pass."""
    check_engine(ToneEngine(), voice)


@pytest.mark.parametrize(
    ("word", "letters", "frequency_hz"),
    [
        ("a", "a", 400 + 4 * 97),
        ("A", "a", 400 + 4 * 97),
        ("ab", "ab", 400 + 4 * ((31 * 97 + 98) % 601)),
        ("ba", "ba", 400 + 4 * ((31 * 98 + 97) % 601)),
        ("Don't!", "dont", 400 + 4 * ((((100 * 31 + 111) * 31 + 110) * 31 + 116) % 601)),
        ("3.14", "314", 400 + 4 * (((51 * 31 + 49) * 31 + 52) % 601)),
        ("नमस्ते", "नमसत", 400 + 4 * ((((2344 * 31 + 2350) * 31 + 2360) * 31 + 2340) % 601)),
        ("--", "", 400.0),
    ],
)
def test_word_has_this_frequency(word: str, letters: str, frequency_hz: float) -> None:
    """Only letters and digits count, not their case; their order does."""
    assert letters_of(word) == letters
    assert frequency_of(word) == frequency_hz
    assert frequency_of(word, voice="tone-16k") == frequency_hz
    assert frequency_of(word, voice="tone-low") == frequency_hz / 2


@given(st.text(min_size=1))
def test_every_word_can_be_heard_on_a_telephone(word: str) -> None:
    """Whatever the word, its frequency is between 200 and 2800 Hz."""
    assert 400 <= frequency_of(word) <= 2800
    assert 200 <= frequency_of(word, voice="tone-low") <= 1400


@pytest.mark.parametrize(
    ("word", "rate_hz", "speed", "n_samples"),
    [
        ("a", 22050, 1.0, 1323),
        ("hello", 22050, 1.0, 6615),
        ("Hello,", 16000, 1.0, 4800),
        ("hello", 16000, 2.0, 2400),
        ("hello", 16000, 0.5, 9600),
        ("a", 22050, 4.0, 331),
    ],
)
def test_word_has_this_length(word: str, rate_hz: int, speed: float, n_samples: int) -> None:
    """A word lasts 60 ms a letter, divided by the speed, rounded to the sample."""
    assert length_of(word, rate_hz=rate_hz, speed=speed) == n_samples


@pytest.mark.parametrize("voice", VOICES.values(), ids=VOICES)
def test_samples_are_a_sine_with_soft_edges(voice: Voice) -> None:
    """Between its 5 ms edges a word is its sine at level 0.5, in phase from its first sample on."""
    samples = join(speak(ToneEngine(), ask(voice, "hello")))
    n = np.arange(samples.size)
    angle = 2 * np.pi * frequency_of("hello", voice=voice.name) * n / voice.rate_hz
    n_edge = round(0.005 * voice.rate_hz)
    inner = slice(n_edge, -n_edge)
    assert np.max(np.abs(samples - 0.5 * np.sin(angle))[inner]) < 1e-6
    assert abs(samples[0]) < 0.001
    assert abs(samples[-1]) < 0.001
    assert np.all(np.abs(samples) <= 0.5)


def test_words_gaps_and_marks_are_where_they_belong() -> None:
    """Words are 40 ms apart, exactly silent between, and each mark spans its word and its text."""
    text = "  Hello, big -- world!  "
    chunks = speak(ToneEngine(), ask(VOICES["tone-16k"], text))
    samples = join(chunks)
    marks = [mark for chunk in chunks for mark in chunk.marks]
    assert marks == [
        WordMark(2, 8, 0, 4800),
        WordMark(9, 12, 5440, 8320),
        WordMark(16, 22, 8960, 13760),
    ]
    assert samples.size == 13760
    assert not samples[4800:5440].any()
    assert not samples[8320:8960].any()


def test_spans_change_the_words_that_begin_inside() -> None:
    """A span multiplies the speed of its words, not of the gaps; half a word inside is enough."""
    text = 'a "bcd" ef'
    request = ask(
        VOICES["tone-16k"], text, speed=2.0, spans=(SpeedSpan(3, 5, 3.0), SpeedSpan(9, 10, 0.5))
    )
    chunks = speak(ToneEngine(), request)
    lengths = [mark.sample_end - mark.sample_start for chunk in chunks for mark in chunk.marks]
    assert lengths == [480, 480, 960]
    assert join(chunks).size == 480 + 320 + 480 + 320 + 960


def test_steps_are_short() -> None:
    """No chunk is longer than 200 ms, however long the word or slow the speech."""
    chunks = speak(ToneEngine(), ask(TONE, "incomprehensible word", speed=0.5))
    assert max(chunk.samples.size for chunk in chunks) == 4410
    assert [len(chunk.marks) for chunk in chunks if chunk.marks] == [1, 1]
    assert chunks[0].marks


def test_text_without_words_is_no_audio() -> None:
    """Marks and spaces alone give no chunk at all."""
    assert speak(ToneEngine(), ask(TONE, " -- ... ")) == []


@given(st.text(max_size=30), st.floats(0.05, 50))
def test_any_text_can_be_spoken(text: str, speed: float) -> None:
    """No text and no speed is a fault, and the audio is as long as its last mark says."""
    chunks = speak(ToneEngine(), ask(TONE, text, speed=speed))
    marks = [mark for chunk in chunks for mark in chunk.marks]
    assert len(marks) == sum(any(map(str.isalnum, word)) for word in text.split())
    assert join(chunks).size == (marks[-1].sample_end if marks else 0)


def test_voices_differ() -> None:
    """Octave, rate and languages tell the voices apart."""
    voices = ToneEngine().voices()
    assert [(voice.name, voice.rate_hz, voice.language) for voice in voices] == [
        ("tone", 22050, "en-US"),
        ("tone-low", 22050, "en-US"),
        ("tone-16k", 16000, "hi"),
    ]
    assert {voice.engine for voice in voices} == {"tone"}


def test_strange_voice_is_refused() -> None:
    """A voice of another engine is a fault of the voice, told at the first step."""
    stranger = Voice("cello", "strings", ("en-US",), Gender.NEUTRAL, "A cello.", 22050, "CC0-1.0")
    with pytest.raises(VoiceFault, match="expected one of tone, tone-low, tone-16k, got cello"):
        next(ToneEngine().synthesize(ask(stranger, "hello")))
