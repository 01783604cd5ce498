"""The cast by ear: what is measured from the sound of its speakers, not from their parameters."""

from itertools import combinations

import numpy as np
import pytest

from hoarfrost.engines.natural import NaturalEngine
from hoarfrost.synthesis.voice import Gender, Voice
from tests.engines.conformance import ask, join, speak
from tests.engines.natural.measure import RATE_HZ, Heard, formant_factor, hear_speaker

TEXT = "Your new lamp will arrive on Monday. Please hold on while I check that for you."

# By what two voices may differ; thresholds of ours, a good deal above what the measures scatter by.
SEMITONES, FORMANTS, SPREAD, TEMPO = 1.0, 0.04, 0.25, 0.05


@pytest.fixture(scope="module")
def heard(engine: NaturalEngine, voices: dict[str, Voice]) -> dict[str, Heard]:
    """Every speaker, saying the same."""
    return {
        name: hear_speaker(join(speak(engine, ask(voice, TEXT))), voice.rate_hz)
        for name, voice in voices.items()
    }


@pytest.fixture(scope="module")
def formants(heard: dict[str, Heard]) -> dict[str, float]:
    """By what factor the formants of each lie higher than the first speaker's."""
    first = heard["heart"].envelope
    return {name: formant_factor(each.envelope, first) for name, each in heard.items()}


def test_measures_hear_what_is_there() -> None:
    """Pulses through one resonance are heard at their pitch; moving it 10 % is heard as that."""
    pulses = np.zeros(2 * RATE_HZ)
    at = 0.0
    while at < len(pulses) - 1:
        pulses[int(at)] = 1
        at += RATE_HZ / (150 * 2 ** (2 * np.sin(2 * np.pi * 1.5 * at / RATE_HZ) / 12))

    def resonate(hz: float) -> Heard:
        t = np.arange(512) / RATE_HZ
        ringing = sum(
            np.exp(-t * 500) * np.sin(2 * np.pi * hz * m * t) / m for m in (1.0, 2.4, 4.1, 5.8)
        )
        return hear_speaker((0.2 * np.convolve(pulses, ringing)).astype(np.float32))

    plain, raised = resonate(600), resonate(660)
    assert plain.hz == pytest.approx(150, rel=0.02)
    assert plain.spread_semitones == pytest.approx(2 / np.sqrt(2), abs=0.15)
    assert formant_factor(raised.envelope, plain.envelope) == pytest.approx(1.10, abs=0.02)
    assert formant_factor(plain.envelope, plain.envelope) == pytest.approx(1.0, abs=0.003)


def test_speakers_have_one_level(heard: dict[str, Heard]) -> None:
    """Speech is at -20 ± 2 dBFS whoever speaks."""
    for name, each in heard.items():
        assert each.level_dbfs == pytest.approx(-20, abs=2), name


def test_men_and_women_lie_in_their_ranges(
    heard: dict[str, Heard], formants: dict[str, float], voices: dict[str, Voice]
) -> None:
    """Men speak below 172 Hz with formants 5 % lower or more; women above 145 Hz, at most 8 %."""
    for name, voice in voices.items():
        if voice.gender is Gender.MALE:
            assert 70 < heard[name].hz < 172, name
            assert formants[name] <= 0.95, name
        else:
            assert 145 < heard[name].hz < 280, name
            assert 0.92 <= formants[name] <= 1.15, name


def test_there_are_ten_and_any_two_can_be_told_apart(
    heard: dict[str, Heard], formants: dict[str, float], voices: dict[str, Voice]
) -> None:
    """Any two of the ten or more differ in pitch, formants, liveliness or tempo."""
    assert len(heard) >= 10
    assert sum(voice.gender is Gender.MALE for voice in voices.values()) >= 4
    for (one, a), (other, b) in combinations(heard.items(), 2):
        cues = {
            "pitch": abs(12 * np.log2(a.hz / b.hz)) / SEMITONES,
            "formants": abs(np.log(formants[one] / formants[other])) / FORMANTS,
            "liveliness": abs(np.log(a.spread_semitones / b.spread_semitones)) / SPREAD,
            "tempo": abs(np.log(a.seconds / b.seconds)) / TEMPO,
        }
        assert max(cues.values()) > 1, f"{one} and {other}: {cues}"
        # Each cue counts as a dimension: together they are half as far again as one alone needs.
        assert np.hypot.reduce(list(cues.values())) > 1.5, f"{one} and {other}: {cues}"
