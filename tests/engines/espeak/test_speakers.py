"""The speakers: enough of them, each unlike the others, all equally loud."""

from itertools import combinations

import numpy as np
import pytest

from hoarfrost.engines.espeak import EspeakEngine
from hoarfrost.engines.espeak.speakers import load_speakers, read_speakers
from hoarfrost.synthesis.voice import Gender, Voice

from .measure import difference, figures

VOICES = [speaker.voice for speaker in load_speakers()]


def language_of(voice: Voice) -> str:
    return voice.language.partition("-")[0]


def test_there_are_voices_for_everyone() -> None:
    """Over 60 speakers, 16 and more of them English in five accents, in 15 languages and more."""
    english = [voice for voice in VOICES if language_of(voice) == "en"]
    assert len(VOICES) >= 60
    assert len(english) >= 16
    assert {"en-US", "en-GB", "en-GB-x-rp", "en-GB-scotland"} <= {
        voice.language for voice in english
    }
    assert {"es-ES", "es-419", "de-DE", "fr-FR", "fr-BE", "fr-CH", "hi-IN"} <= {
        voice.language for voice in VOICES
    }
    assert len({language_of(voice) for voice in VOICES}) >= 15
    for gender in (Gender.FEMALE, Gender.MALE):
        assert sum(voice.gender is gender for voice in english) >= 8


@pytest.mark.parametrize("voice", VOICES, ids=lambda voice: voice.name)
def test_a_voice_is_described(voice: Voice) -> None:
    """Each has a short name of letters, a sentence about it, words to search by and a licence."""
    assert voice.name.isascii()
    assert voice.name.isalpha()
    assert voice.description.endswith(".")
    assert 15 < len(voice.description) < 80
    assert voice.tags
    assert voice.licence == "GPL-3.0-or-later"
    assert voice.engine == "espeak"


@pytest.mark.parametrize("voice", VOICES, ids=lambda voice: voice.name)
def test_a_voice_sounds_as_it_should(engine: EspeakEngine, voice: Voice) -> None:
    """Its pitch fits its gender; it is at -22 dBFS within 2 dB; nothing clips."""
    measured = figures(engine, voice)
    low, high = (150, 300) if voice.gender is Gender.FEMALE else (65, 160)
    assert low < measured.pitch_hz < high
    assert measured.level_db == pytest.approx(-22, abs=2)
    assert measured.peak < 0.95


def test_no_two_voices_of_a_language_sound_alike(engine: EspeakEngine) -> None:
    """Any two differ by 8 % of pitch or of pace, or by 3 dB of colour (see `difference`)."""
    alike = [
        (one.name, other.name)
        for one, other in combinations(VOICES, 2)
        if language_of(one) == language_of(other)
        and difference(figures(engine, one), figures(engine, other)) < 1
    ]
    assert alike == []


@pytest.mark.parametrize("voice", VOICES, ids=lambda voice: voice.name)
def test_nobody_is_silent_or_broken(engine: EspeakEngine, voice: Voice) -> None:
    """The spectrum slopes as a voice's does, and a sentence takes its time."""
    measured = figures(engine, voice)
    assert measured.hiss < 0.2
    assert 2.5 < measured.seconds < 6.5


TABLE = """
[languages]
"en-US" = "en-us"

[speakers.anna]
languages = ["en-US"]
gender = "female"
description = "Somebody."
tags = []
variant = "f2"
gain_db = 6.0
"""


def test_a_table_is_read() -> None:
    """What a speaker leaves out is as the library has it."""
    (speaker,) = read_speakers(TABLE)
    assert speaker.voice.name == "anna"
    assert speaker.languages == {"en-US": "en-us"}
    assert speaker.words_per_minute == 175
    assert speaker.pitch_range == 50
    assert speaker.gain == pytest.approx(1.995, abs=0.001)
    assert speaker.tuning == "echo 0 0"


@pytest.mark.parametrize(
    ("line", "tuning"),
    [
        ("pitch = [80, 120]", "echo 0 0\npitch 80 120"),
        ("tract = 80", "echo 0 0\n" + "\n".join(f"formant {n} 125 -1 -1" for n in range(9))),
    ],
)
def test_tuning_becomes_lines_of_a_variant(line: str, tuning: str) -> None:
    """A pitch and a vocal tract are told to the library in its own words."""
    (speaker,) = read_speakers(TABLE + line)
    assert speaker.tuning == tuning


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('variant = "f2"', "", "speaker anna: expected variant, got none"),
        ('["en-US"]', '["xx"]', "speaker anna: expected xx, got none"),
        ("tags", "volume = 3\ntags", "speaker anna: expected no further keys, got volume"),
        ("female", "loud", "'loud' is not a valid Gender"),
        ("[speakers", "[speakers", None),
    ],
)
def test_a_wrong_table_is_refused(old: str, new: str, message: str | None) -> None:
    """A key that is missing, unknown or wrong is named."""
    document = TABLE.replace(old, new)
    if message is None:
        assert read_speakers(document)
        return
    with pytest.raises(ValueError, match=message):
        read_speakers(document)


def test_levels_are_close(engine: EspeakEngine) -> None:
    """The loudest voice and the softest are less than 2 dB apart."""
    levels = [figures(engine, voice).level_db for voice in VOICES]
    assert np.ptp(levels) < 2
