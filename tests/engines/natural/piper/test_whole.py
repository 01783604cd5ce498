"""A model that cannot be cut: it runs whole, and says so."""

import logging
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from hoarfrost.engines.natural import NaturalEngine
from hoarfrost.engines.natural.piper.importing import import_voice
from hoarfrost.engines.natural.piper.package import read_package
from hoarfrost.synthesis.voice import Voice
from hoarfrost.text.script import SpeedSpan
from tests.engines.conformance import ask, check_chunks, check_closing, check_marks, join, speak

from .humming import HOP, ID_FRAMES, RATE_HZ, write_humming

NAME = "en_us-humming-low"
LETTERS = "en_us-letters-low"
TEXT = "Good day to you all. We are here."


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("whole")
    import_voice(write_humming(folder))
    import_voice(write_humming(folder, "en_US-letters-low", phoneme_type="text"))
    return folder


@pytest.fixture(scope="module")
def engine(folder: Path) -> Iterator[NaturalEngine]:
    engine = NaturalEngine(str(folder))
    yield engine
    engine.close()


@pytest.fixture(scope="module")
def voice(engine: NaturalEngine) -> Voice:
    return next(voice for voice in engine.voices() if voice.name == NAME)


def test_it_says_so(folder: Path, voice: Voice, caplog: pytest.LogCaptureFixture) -> None:
    """The log tells the reason, the voice's description what it means for the listener."""
    reason = read_package(folder / ".cut" / "en_US-humming-low").whole_because
    assert reason
    assert voice.description == (
        "The Piper voice humming, low quality. It could not be cut, so it is heard sentence by "
        "sentence."
    )
    with caplog.at_level(logging.WARNING):
        NaturalEngine(str(folder)).close()
    assert caplog.messages == [
        f"voice {name}: runs sentence by sentence, since it could not be cut: {reason}"
        for name in (NAME, LETTERS)
    ]


def test_it_speaks_as_others_do(engine: NaturalEngine, voice: Voice) -> None:
    """Chunks, marks and closing are as the contract has them."""
    check_chunks(engine, voice, TEXT)
    check_marks(engine, voice, TEXT)
    check_closing(engine, voice, TEXT)


def test_sentences_come_at_once(engine: NaturalEngine, voice: Voice) -> None:
    """A sentence is one chunk of samples, one for its marks before it, one for its pause."""
    chunks = speak(engine, ask(voice, TEXT))
    assert [bool(chunk.samples.size) for chunk in chunks] == [False, True, True, False, True, True]
    assert [len(chunk.marks) for chunk in chunks] == [5, 0, 0, 3, 0, 0]


@pytest.mark.parametrize("speed", [0.5, 1.0, 2.0])
def test_speed_is_exact(engine: NaturalEngine, speed: float) -> None:
    """Every id lasts as the model says, at any speed; of the first two 30 ms are kept."""
    letters = next(voice for voice in engine.voices() if voice.name == LETTERS)
    samples = join(speak(engine, ask(letters, "abc de", speed=speed)))
    n_ids = 2 + 2 * len("abc de.") + 1
    n_trimmed = 2 * ID_FRAMES / speed - round(0.03 * RATE_HZ / HOP)
    assert samples.size == (n_ids * ID_FRAMES / speed - n_trimmed) * HOP


def test_words_are_timed_by_their_sounds(engine: NaturalEngine, voice: Voice) -> None:
    """Times of words are shares of the sentence; a slower span takes a larger one."""
    plain, slowed = (
        [
            mark
            for chunk in speak(engine, ask(voice, "one two", spans=spans))
            for mark in chunk.marks
        ]
        for spans in ((), (SpeedSpan(0, 3, 0.5),))
    )
    lengths = [mark.sample_end - mark.sample_start for mark in (*plain, *slowed)]
    assert lengths[2] == pytest.approx(2 * lengths[0], abs=2 * HOP)
    assert lengths[3] == pytest.approx(lengths[1], abs=2 * HOP)


def test_nothing_of_the_audio_is_lost(engine: NaturalEngine, voice: Voice) -> None:
    """The tone of the model goes on to the end: what fills up the last frame is less than one."""
    samples = join(speak(engine, ask(voice, "Hello")))
    sounding = np.flatnonzero(np.abs(samples) > 1e-6)
    assert samples.size - sounding[-1] < HOP
