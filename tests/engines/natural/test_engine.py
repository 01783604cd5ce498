"""The engine: its contract, its family of speakers, and that it says anything sanely."""

import os
from collections.abc import Iterator

import numpy as np
import pytest

from hoarfrost.engines.natural import NaturalEngine
from hoarfrost.errors import VoiceFault
from hoarfrost.synthesis.engine import SynthesisRequest
from hoarfrost.synthesis.voice import Gender, Voice
from hoarfrost.text.script import SpeedSpan
from tests.engines.conformance import ask, check_engine, join, speak

from .corpus import sentences

N_SENTENCES = int(os.environ.get("HOARFROST_SENTENCES", "45"))
"""How many sentences the sanity test speaks; thousands take minutes."""


@pytest.fixture(scope="module")
def engine() -> Iterator[NaturalEngine]:
    engine = NaturalEngine()
    yield engine
    engine.close()


@pytest.fixture(scope="module")
def voices(engine: NaturalEngine) -> dict[str, Voice]:
    return {voice.name: voice for voice in engine.voices()}


def levels(samples: np.ndarray) -> np.ndarray:
    """RMS of each 256 samples."""
    return np.sqrt(np.mean(samples[: len(samples) // 256 * 256].reshape(-1, 256) ** 2, axis=1))


def pitch_of(samples: np.ndarray) -> np.ndarray:
    """Hz of each voiced 54 ms, by autocorrelation."""
    windows = np.lib.stride_tricks.sliding_window_view(samples, 1200)[::512]
    windows = windows[np.sqrt(np.mean(windows**2, axis=1)) > 0.03]
    power = np.abs(np.fft.rfft(windows - windows.mean(axis=1, keepdims=True), 4096)) ** 2
    likeness = np.fft.irfft(power)[:, :340]
    likeness = likeness / likeness[:, :1] / (1 - np.arange(340) / 1200)
    likeness = likeness[:, 50:]
    best = likeness.max(axis=1, keepdims=True)
    first = np.argmax(likeness > 0.9 * best, axis=1)
    places = [
        at + int(np.argmax(row[at : at + 12])) for row, at in zip(likeness, first, strict=True)
    ]
    return 22050 / (np.array(places)[best[:, 0] > 0.6] + 50)


def test_contract(engine: NaturalEngine, voices: dict[str, Voice]) -> None:
    """The engine keeps the contract that every engine keeps, with a reshaped speaker too."""
    check_engine(engine, voices["alder"])


def test_family_is_a_family(voices: dict[str, Voice]) -> None:
    """Nine speakers or more, of both sexes, free, in U.S. English, at one rate."""
    assert len(voices) >= 9
    assert {voice.gender for voice in voices.values()} >= {Gender.FEMALE, Gender.MALE}
    assert {voice.licence for voice in voices.values()} == {"CC0-1.0"}
    assert {voice.languages for voice in voices.values()} == {("en-US",)}
    assert {voice.engine for voice in voices.values()} == {"natural"}


@pytest.mark.parametrize(
    ("name", "hz"),
    [
        ("kathleen", 159), ("hester", 142), ("tamsin", 178), ("linnea", 200), ("wren", 218),
        ("corin", 112), ("fenn", 126), ("bram", 100), ("alder", 89),
    ],
)  # fmt: skip
def test_speakers_have_their_own_pitch_and_one_level(
    engine: NaturalEngine, voices: dict[str, Voice], name: str, hz: float
) -> None:
    """Each speaker's mean pitch is as designed (± 7 %), speech at -21 ± 2 dBFS, unclipped."""
    samples = join(
        speak(engine, ask(voices[name], "Please hold on while I check all of that for you now."))
    )
    assert np.exp(np.mean(np.log(pitch_of(samples)))) == pytest.approx(hz, rel=0.07)
    loud = levels(samples)
    speech = loud[loud > 0.05 * loud.max()]
    assert 10 * np.log10(np.mean(speech**2)) == pytest.approx(-21, abs=2)
    assert np.max(np.abs(samples)) < 1


@pytest.mark.parametrize(
    ("text", "rises"),
    [
        ("Is it ready now?", True),
        ("Do you want me to call you later?", True),
        ("Where is the large room?", False),
        ("It is ready now.", False),
        ("The room is large!", False),
    ],
)
def test_yes_no_questions_rise_and_others_fall(
    engine: NaturalEngine, voices: dict[str, Voice], text: str, rises: bool
) -> None:
    """The pitch ends above the sentence's middle for yes/no questions, below it for all others."""
    pitch = pitch_of(join(speak(engine, ask(voices["kathleen"], text))))
    end, middle = np.max(pitch[-4:]), np.median(pitch[:-6])
    assert end > 1.05 * middle if rises else end < middle


def test_everything_typed_is_said_sanely(engine: NaturalEngine, voices: dict[str, Voice]) -> None:
    """Nothing is silent, endless, clipped or broken, whatever is written and who speaks."""
    speakers = list(voices.values())
    for index, text in enumerate(sentences(N_SENTENCES, seed=5)):
        voice = speakers[index % len(speakers)]
        chunks = speak(engine, ask(voice, text))
        samples = join(chunks)
        where = f"{voice.name}: {text!r}"
        assert np.all(np.isfinite(samples)), where
        assert 0.01 < np.max(np.abs(samples)) < 1, where
        loud = levels(samples)
        assert 0.02 < np.sqrt(np.mean(loud[loud > 0.05 * loud.max()] ** 2)) < 0.2, where
        assert np.flatnonzero(loud > 0.01)[0] <= 12, f"{where}: expected sound within 140 ms"
        quiet = np.diff(np.flatnonzero(np.append(loud > 0.004, True)))
        assert np.max(quiet, initial=0) * 256 / 22050 < 0.75, (
            f"{where}: expected no gap over 750 ms"
        )
        for mark in (mark for chunk in chunks for mark in chunk.marks):
            written = text[mark.text_start : mark.text_end]
            seconds = (mark.sample_end - mark.sample_start) / 22050
            longest = 1.0 + (
                0.7 if any(map(str.isdigit, written)) or "." in written else 0.12
            ) * len(written)
            assert seconds < longest, f"{where}: {written!r} lasts {seconds:.2f} s"


def test_long_texts_come_in_small_steps(engine: NaturalEngine, voices: dict[str, Voice]) -> None:
    """Hundreds of words without a mark give many small chunks and a mark for each word."""
    chunks = speak(engine, ask(voices["kathleen"], "all of the words that we know " * 40))
    assert max(len(chunk.samples) for chunk in chunks) <= 128 * 256 + 64 * 256
    assert sum(len(chunk.marks) for chunk in chunks) == 40 * 7
    assert 55 < len(join(chunks)) / 22050 < 120


def test_sentences_are_parted_by_a_breath(engine: NaturalEngine, voices: dict[str, Voice]) -> None:
    """Between two sentences there are 300 ms without speech, shorter at twice the speed."""
    for speed in (1.0, 2.0):
        chunks = speak(engine, ask(voices["kathleen"], "We are here. They are there.", speed=speed))
        marks = [mark for chunk in chunks for mark in chunk.marks]
        pause_ms = (marks[3].sample_start - marks[2].sample_end) / 22.05
        assert pause_ms == pytest.approx(300 / speed, abs=25)


def test_speed_of_a_span_is_its_words_alone(
    engine: NaturalEngine, voices: dict[str, Voice]
) -> None:
    """A span at half speed lengthens its words about twofold and keeps the others and the pitch."""
    text = "We have moved the appointment to the afternoon."
    span = SpeedSpan(text.index("appointment"), text.index(" to"), 0.5)
    plain, slowed = (
        [
            mark
            for chunk in speak(engine, ask(voices["kathleen"], text, spans=spans))
            for mark in chunk.marks
        ]
        for spans in ((), (span,))
    )
    ratios = [
        (b.sample_end - b.sample_start) / (a.sample_end - a.sample_start)
        for a, b in zip(plain, slowed, strict=True)
    ]
    assert ratios[4] == pytest.approx(2, rel=0.06)
    assert all(
        ratio == pytest.approx(1, abs=0.35) for place, ratio in enumerate(ratios) if place != 4
    )


def test_seeds_change_the_noise_only(engine: NaturalEngine, voices: dict[str, Voice]) -> None:
    """Two seeds give other samples of the same loudness; one seed gives the same samples."""
    voice = voices["kathleen"]
    one, same, other = (
        join(list(engine.synthesize(SynthesisRequest(voice, "Six fish.", "en-US", seed=seed))))
        for seed in (1, 1, 2)
    )
    assert np.array_equal(one, same)
    assert not np.array_equal(one, other)
    assert np.std(one) == pytest.approx(np.std(other), rel=0.1)


def test_foreign_voices_are_refused(engine: NaturalEngine) -> None:
    """A voice of another engine is a fault that names it."""
    stranger = Voice("nobody", "tone", ("en",), Gender.NEUTRAL, "None.", 22050, "CC0-1.0")
    with pytest.raises(VoiceFault, match="expected one of its voices, got nobody"):
        engine.synthesize(SynthesisRequest(stranger, "Hello.", "en"))
