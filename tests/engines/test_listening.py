"""The listener that other tests rely on: it hears what is there, and fails on what is not."""

import numpy as np
import pytest

from hoarfrost.audio.chain import AudioFormat, OutputChain
from hoarfrost.audio.stage import Samples
from hoarfrost.engines.tone import GAP_MS, LETTER_MS, VOICES, ToneEngine

from .conformance import ask, join, speak
from .listening import hear, measure_frequency, samples_of_pcm

VOCABULARY = ("hello", "there", "how", "are", "you", "I", "seven")


def say(text: str, voice: str, rate_hz: int, *, speed: float = 1.0) -> Samples:
    """Speak through the whole output chain, as 16-bit PCM."""
    spoken = join(speak(ToneEngine(), ask(VOICES[voice], text, speed=speed)))
    chain = OutputChain(
        source_hz=VOICES[voice].rate_hz, rate_hz=rate_hz, audio_format=AudioFormat.PCM
    )
    return samples_of_pcm(chain.feed(spoken).data + chain.flush().data)


@pytest.mark.parametrize("rate_hz", [8000, 16000, 22050, 24000, 44100])
@pytest.mark.parametrize("voice", VOICES)
@pytest.mark.parametrize("speed", [0.5, 1.0, 1.5])
def test_words_are_heard_in_order_and_in_time(rate_hz: int, voice: str, speed: float) -> None:
    """Each word is heard where it was put, within the ramps, "how" apart from "seven" (4 Hz)."""
    words = ["hello", "I", "seven", "how", "are", "are", "you"]
    heard = hear(
        say(" ".join(words), voice, rate_hz, speed=speed), rate_hz, VOCABULARY, voice=voice
    )
    assert [each.word for each in heard] == words
    expected_ms = 0.0
    for each in heard:
        length_ms = len(each.word) * LETTER_MS / speed
        assert each.start_ms == pytest.approx(expected_ms, abs=3)
        assert each.end_ms == pytest.approx(expected_ms + length_ms, abs=3)
        expected_ms += length_ms + GAP_MS / speed


def test_silence_has_no_words() -> None:
    """Zeros, and no audio at all, give no words."""
    assert hear(np.zeros(8000, np.float32), 8000, VOCABULARY) == []
    assert hear(np.empty(0, np.float32), 8000, VOCABULARY) == []


def test_unknown_word_is_not_taken_for_another() -> None:
    """A tone that no word of the vocabulary has is a failure."""
    with pytest.raises(AssertionError, match="expected a known word"):
        hear(say("goodbye", "tone", 22050), 22050, VOCABULARY)


def test_wrong_voice_is_noticed() -> None:
    """A word an octave lower is not that word."""
    with pytest.raises(AssertionError, match="expected a known word"):
        hear(say("hello", "tone-low", 22050), 22050, VOCABULARY)


def test_wrong_rate_is_noticed() -> None:
    """Audio played at another rate than it was made for has no known words."""
    with pytest.raises(AssertionError, match="expected a known word"):
        hear(say("hello", "tone", 22050), 24000, VOCABULARY)


def test_vocabulary_must_be_distinct() -> None:
    """Words of one frequency cannot be told apart, so the listener refuses them."""
    with pytest.raises(AssertionError, match="distinct tones"):
        hear(np.zeros(100, np.float32), 8000, ("hello", "Hello!"))


@pytest.mark.parametrize("frequency_hz", [200.0, 1234.0, 2800.0])
def test_frequency_is_measured_to_one_hertz(frequency_hz: float) -> None:
    """Even the shortest word is told to 1 Hz."""
    tone = np.sin(2 * np.pi * frequency_hz * np.arange(480) / 8000).astype(np.float32)
    assert measure_frequency(tone, 8000) == pytest.approx(frequency_hz, abs=1)
