"""Questions and emphasis, by the pitch of what is heard."""

import numpy as np
import pytest

from hoarfrost.engines.natural import NaturalEngine
from hoarfrost.synthesis.voice import Voice
from tests.engines.conformance import ask, join, speak
from tests.engines.natural.measure import pitch_of


def last_pitch(engine: NaturalEngine, voice: Voice, text: str) -> float:
    """Return the pitch of the last 100 ms of voice, in hertz."""
    samples = join(speak(engine, ask(voice, text)))
    return float(np.median(pitch_of(samples * np.float32(4))[-5:]))


@pytest.mark.parametrize(
    ("question", "statement"),
    [
        ("You are coming home?", "You are coming home."),
        ("Is it raining?", "It is raining."),
        ("Did they sign the contract yesterday?", "They signed the contract yesterday."),
        ("Would you like some tea?", "You would like some tea."),
        ("Really?", "Really."),
        ("Hmm, is it?", "Hmm, it is."),
        ("Hello, is it?", "Hello, it is."),
        ("Would you like some tea or something?", "You would like some tea or something."),
        ("Or tomorrow?", "Or tomorrow."),
    ],
)
def test_yes_no_questions_rise(
    engine: NaturalEngine, voices: dict[str, Voice], question: str, statement: str
) -> None:
    """Their last sound lies at least two semitones above that of the statement."""
    asked, stated = (last_pitch(engine, voices["heart"], text) for text in (question, statement))
    assert 12 * np.log2(asked / stated) > 2


@pytest.mark.parametrize(
    ("question", "statement"),
    [
        ("Where are you coming from?", "Where you are coming from."),
        ("What’s your name?", "That’s your name."),
        ("And then, who paid?", "And then, he paid."),
    ],
)
def test_open_questions_fall(
    engine: NaturalEngine, voices: dict[str, Voice], question: str, statement: str
) -> None:
    """They end where a statement does, to two semitones."""
    asked, stated = (last_pitch(engine, voices["heart"], text) for text in (question, statement))
    assert abs(12 * np.log2(asked / stated)) < 2


@pytest.mark.parametrize(
    ("question", "statement"),
    [
        ("Tea or coffee?", "Tea or coffee."),
        ("Would you like tea, or coffee?", "You would like tea, or coffee."),
        ("Is it Monday, Tuesday or Friday?", "It is Monday, Tuesday or Friday."),
        ("Are you coming or not?", "You are coming or not."),
    ],
)
def test_questions_that_offer_a_choice_fall(
    engine: NaturalEngine, voices: dict[str, Voice], question: str, statement: str
) -> None:
    """They end where a statement does, to two semitones."""
    asked, stated = (last_pitch(engine, voices["heart"], text) for text in (question, statement))
    assert abs(12 * np.log2(asked / stated)) < 2


def test_emphasis_is_higher_and_slower(engine: NaturalEngine, voices: dict[str, Voice]) -> None:
    """A word in capitals stands out by its pitch and takes longer."""
    plain, strong = (
        speak(engine, ask(voices["heart"], f"She wants {word} from us."))
        for word in ("more", "MORE")
    )
    lengths, pitches = [], []
    for chunks in (plain, strong):
        [mark] = [mark for chunk in chunks for mark in chunk.marks if mark.text_start == 10]
        spoken = join(chunks)[mark.sample_start : mark.sample_end]
        lengths.append(len(spoken))
        pitches.append(np.median(pitch_of(spoken)))
    assert lengths[1] > 1.08 * lengths[0]
    assert 12 * np.log2(pitches[1] / pitches[0]) > 1
