"""Pacing: a piece lasts as long as its speed says, whatever the library makes of a rate."""

from dataclasses import replace

import numpy as np
import pytest

from hoarfrost.engines.espeak.pacing import Take, collect, pace
from hoarfrost.engines.espeak.utterance import LEAD, TAIL
from hoarfrost.engines.espeak.words import Word
from hoarfrost.espeak import SpeechBuffer, SpeechCall, VoiceSetting, WordEvent
from hoarfrost.text.script import SpeedSpan

CALL = SpeechCall(VoiceSetting("en-us"), "one two three.")


class StubbornLibrary:
    """Speaks three words of noise whose length follows the rate only so far."""

    def __init__(self, stiffness: float = 0.5) -> None:
        self.stiffness = stiffness
        self.rates: list[int] = []

    def speak(self, call: SpeechCall) -> Take:
        self.rates.append(call.words_per_minute)
        length = round(4000 * (175 / call.words_per_minute) ** self.stiffness)
        noise = np.random.default_rng(1).integers(-9000, 9000, 3 * length).astype(np.int16)
        noise[0] = noise[-1] = 9000
        samples = np.concatenate((np.zeros(800, np.int16), noise, np.zeros(9000, np.int16)))
        words = tuple(
            Word(start, end, 800.0 + index * length, 800.0 + (index + 1) * length)
            for index, (start, end) in enumerate(((0, 3), (4, 7), (8, 13)))
        )
        return Take(samples, words, 800, 800 + 3 * length)


@pytest.mark.parametrize("stiffness", [0.0, 0.3, 1.0])
@pytest.mark.parametrize("speed", [0.25, 0.8, 1.2, 2.0, 4.0])
def test_a_piece_lasts_what_it_has_to(speed: float, stiffness: float) -> None:
    """Speech within 2 %, and the pause after it exactly, even if the library knows one rate."""
    library = StubbornLibrary(stiffness)
    paced = pace(CALL, speed, (), library.speak, is_first=True, is_last=True)
    samples = np.concatenate(list(paced.steps))
    assert len(samples) - TAIL / speed == pytest.approx((LEAD + 12_000) / speed, rel=0.025, abs=80)
    assert paced.words[-1].sample_end == pytest.approx((LEAD + 12_000) / speed, rel=0.03, abs=80)
    assert len(library.rates) <= 3


def test_a_middle_piece_keeps_its_silences() -> None:
    """Between pieces nothing is trimmed: the silences are what the marks ask for."""
    paced = pace(CALL, 2.0, (), StubbornLibrary().speak, is_first=False, is_last=False)
    assert len(np.concatenate(list(paced.steps))) == pytest.approx(
        (800 + 12_000 + 9000) / 2, rel=0.02
    )


def test_a_span_alone_is_stretched() -> None:
    """At natural speed the words around a span are as they were."""
    library = StubbornLibrary()
    spans = (SpeedSpan(4, 7, 0.5),)
    paced = pace(CALL, 1.0, spans, library.speak, is_first=False, is_last=False)
    assert library.rates == [175]
    times = [(word.sample_start, word.sample_end) for word in paced.words]
    assert times == [(800, 4800), (4800, 12_800), (12_800, 16_800)]


def test_silence_is_not_paced() -> None:
    """A piece of which nothing was heard is empty."""

    def mute(_: SpeechCall) -> Take:
        return Take(np.zeros(5000, np.int16), (), 0, 0)

    paced = pace(CALL, 2.0, (SpeedSpan(0, 3, 3.0),), mute, is_first=True, is_last=True)
    assert list(paced.steps) == []
    assert paced.words == ()


def test_a_take_is_collected_from_buffers() -> None:
    """Samples are joined; words, the first sound and the last are found."""
    loud = np.full(100, 500, np.int16)
    quiet = np.zeros(100, np.int16)
    buffers = [
        SpeechBuffer(quiet, ()),
        SpeechBuffer(loud, (WordEvent(0, 100),)),
        SpeechBuffer(quiet, ()),
    ]
    take = collect("one", iter(buffers))
    assert (len(take.samples), take.onset, take.audible_end) == (300, 100, 200)
    assert take.words == (Word(0, 3, 100.0, 200.0),)
    empty = collect("", iter(()))
    assert replace(empty, samples=np.zeros(0)).audible_end == 0
