"""Speeds: exact for every language, text and span, at the same pitch."""

import numpy as np
import pytest

from hoarfrost.engines.espeak import EspeakEngine
from hoarfrost.text.script import SpeedSpan

from .measure import RATE_HZ, SENTENCES, Spoken, named, pitch, sentence, speak, speaking

SPOKEN_LANGUAGES = sorted(SENTENCES)

SHORT_TEXTS = [
    ("en", "Yes."),
    ("en", "No"),
    ("de", "Ja."),
    ("es", "Sí."),
    ("fr", "Oui, bien sûr!"),
    ("hi", "हाँ।"),
    ("ru", "Привет"),
    ("cmn", "好。"),
    ("it", "Ciao"),
]


@pytest.mark.parametrize(
    ("language", "text"),
    [*SHORT_TEXTS, *((language, SENTENCES[language]) for language in SPOKEN_LANGUAGES[::6])],
)
def test_speed_is_exact(engine: EspeakEngine, language: str, text: str) -> None:
    """At speed s speech lasts 1/s as long, within 5 %, in short texts and long ones alike."""
    voice = speaking(engine, language)
    natural = speak(engine, voice, text).seconds
    for speed in (0.25, 0.5, 0.9, 1.4, 2.0, 4.0):
        assert speak(engine, voice, text, speed=speed).seconds * speed == pytest.approx(
            natural, rel=0.05
        )


@pytest.mark.parametrize(("asked", "given"), [(0.01, 0.25), (9.0, 4.0), (1e6, 4.0)])
def test_speeds_out_of_reach_are_clamped(engine: EspeakEngine, asked: float, given: float) -> None:
    """Beyond a quarter and four times the speed nothing changes any more."""
    voice = named(engine, "barnaby")
    one = speak(engine, voice, "Hello there.", speed=asked)
    other = speak(engine, voice, "Hello there.", speed=given)
    assert np.array_equal(one.samples, other.samples)
    assert one.marks == other.marks


@pytest.mark.parametrize("name", ["tabitha", "gonzalo"])
def test_speed_leaves_the_pitch_alone(engine: EspeakEngine, name: str) -> None:
    """The median fundamental moves by less than a semitone over all speeds."""
    voice = named(engine, name)
    natural = pitch(speak(engine, voice, sentence(voice)).samples)
    for speed in (0.25, 2.0, 4.0):
        moved = pitch(speak(engine, voice, sentence(voice), speed=speed).samples) / natural
        assert abs(12 * np.log2(moved)) < 1


SPANS_TEXT = "This is a really slow sentence, and then a surprisingly quick ending comes."


@pytest.mark.parametrize("speed", [1.0, 1.3])
@pytest.mark.parametrize(
    "phrases",
    [
        {"really slow": 0.5},
        {"really slow": 0.5, "surprisingly quick": 3.0},
        {"This": 2.0, "comes": 0.5},
        {"really": 3.0, "slow": 0.5},
    ],
)
def test_spans_have_their_own_speed(
    engine: EspeakEngine, phrases: dict[str, float], speed: float
) -> None:
    """Each span lasts as long as its words do at natural speed, by both speeds, within 10 %."""
    voice = named(engine, "tabitha")
    spans = tuple(
        SpeedSpan(SPANS_TEXT.index(phrase), SPANS_TEXT.index(phrase) + len(phrase), factor)
        for phrase, factor in phrases.items()
    )
    natural = speak(engine, voice, SPANS_TEXT)
    paced = speak(engine, voice, SPANS_TEXT, speed=speed, spans=spans)
    assert [mark.text_start for mark in paced.marks] == [mark.text_start for mark in natural.marks]
    for span in spans:
        expected = lasting(natural, span) / min(speed * span.speed, 4)
        assert lasting(paced, span) == pytest.approx(expected, rel=0.1)


def lasting(spoken: Spoken, span: SpeedSpan) -> int:
    """Return how many samples the words in a span last, from the first to the last."""
    inside = [mark for mark in spoken.marks if span.start <= mark.text_start < span.end]
    return inside[-1].sample_end - inside[0].sample_start


def test_a_span_over_part_of_a_word_changes_that_part(engine: EspeakEngine) -> None:
    """A bracket may stand inside a word."""
    voice = named(engine, "tabitha")
    text = "It is unbelievable."
    natural = speak(engine, voice, text)
    slowed = speak(engine, voice, text, spans=(SpeedSpan(8, 15, 0.5),))
    added = (len(slowed.samples) - len(natural.samples)) / RATE_HZ
    word = (natural.marks[-1].sample_end - natural.marks[-1].sample_start) / RATE_HZ
    assert added == pytest.approx(word * 7 / 12, rel=0.1)
