"""The engine: its contract, its family of speakers, and that it says anything sanely."""

import os
from dataclasses import replace

import numpy as np
import pytest

from hoarfrost.engines.natural import NaturalEngine
from hoarfrost.engines.natural.engine import (
    PARAGRAPH_PAUSE_MS,
    SENTENCE_PAUSE_MS,
)
from hoarfrost.engines.natural.hibari.speaker import STREAMED
from hoarfrost.engines.natural.windows import ONE_SHOT
from hoarfrost.errors import VoiceFault
from hoarfrost.synthesis.engine import PcmChunk, SynthesisRequest, WordMark
from hoarfrost.synthesis.voice import Gender, Voice
from hoarfrost.text.script import SpeedSpan
from tests.engines.conformance import ask, check_engine, join, speak

from .corpus import sentences
from .measure import levels

N_SENTENCES = int(os.environ.get("HOARFROST_SENTENCES", "18"))
"""How many sentences the sanity test speaks; thousands take minutes."""

LEAD_MS = 50
"""Silence before the first sound of a sentence of the voice in the default installation."""
TAIL_MS = 110
"""How long its last word is inaudible before its tokens end."""


def sounding(chunks: list[PcmChunk]) -> list[PcmChunk]:
    """Return the chunks with samples; the others are steps of the text graph."""
    return [chunk for chunk in chunks if chunk.samples.size]


def test_contract(engine: NaturalEngine, voices: dict[str, Voice]) -> None:
    """The engine keeps the contract that every engine keeps, with a reshaped speaker too."""
    check_engine(engine, voices["alder"], text="Good day to you all. We are here.")


def test_windows_give_the_samples_of_one(engine: NaturalEngine, voices: dict[str, Voice]) -> None:
    """What is sounded window by window has the samples and marks of what is sounded at once."""
    whole = NaturalEngine(schedule=replace(STREAMED, frames=ONE_SHOT.frames))
    long = "The train to the coast, the last one for today, leaves at ten to nine"
    for name, text in [("heart", "OK"), ("heart", long), ("fenn", long)]:
        streamed, at_once = (speak(each, ask(voices[name], text)) for each in (engine, whole))
        assert len(sounding(streamed)) > len(sounding(at_once)) == 1
        assert join(streamed).shape == join(at_once).shape
        assert np.max(np.abs(join(streamed) - join(at_once))) < 1e-5
        marks, expected = (
            [mark for chunk in chunks for mark in chunk.marks] for chunks in (streamed, at_once)
        )
        assert marks == expected
    whole.close()


def test_everything_typed_is_said_sanely(engine: NaturalEngine, voices: dict[str, Voice]) -> None:
    """Nothing is silent, endless, clipped or broken, whatever is written and who speaks."""
    speakers = list(voices.values())
    for index, text in enumerate(sentences(N_SENTENCES, seed=5)):
        voice = speakers[index % len(speakers)]
        chunks = speak(engine, ask(voice, text))
        samples = join(chunks)
        where = f"{voice.name}: {text!r}"
        assert np.all(np.isfinite(samples)), where
        assert 0.01 < np.max(np.abs(samples)) <= 1, where
        loud = levels(samples)
        assert 0.02 < np.sqrt(np.mean(loud[loud > 0.05 * loud.max()] ** 2)) < 0.2, where
        assert np.flatnonzero(loud > 0.01)[0] <= 15, f"{where}: expected sound within 160 ms"
        quiet = np.diff(np.flatnonzero(np.append(loud > 0.004, True)))
        assert np.max(quiet, initial=0) * 256 / voice.rate_hz < 0.75, (
            f"{where}: expected no gap over 750 ms"
        )
        for mark in (mark for chunk in chunks for mark in chunk.marks):
            written = text[mark.text_start : mark.text_end]
            seconds = (mark.sample_end - mark.sample_start) / voice.rate_hz
            longest = 1.0 + (
                0.7 if any(map(str.isdigit, written)) or "." in written else 0.12
            ) * len(written)
            assert seconds < longest, f"{where}: {written!r} lasts {seconds:.2f} s"


def test_long_texts_come_in_small_steps(engine: NaturalEngine, voices: dict[str, Voice]) -> None:
    """Hundreds of words without a mark give many small chunks and a mark for each word."""
    chunks = speak(engine, ask(voices["heart"], "all of the words that we know " * 20))
    assert max(len(chunk.samples) for chunk in chunks) <= STREAMED.frames[-1] * 1.25 * 600
    assert sum(len(chunk.marks) for chunk in chunks) == 20 * 7
    assert 27 < len(join(chunks)) / 24000 < 60


def test_sentences_are_parted_by_a_breath(engine: NaturalEngine, voices: dict[str, Voice]) -> None:
    """The tail of the last word, then silence, shorter at twice the speed."""
    for speed in (1.0, 2.0):
        chunks = speak(engine, ask(voices["heart"], "We are here. They are there.", speed=speed))
        marks = [mark for chunk in chunks for mark in chunk.marks]
        pause_ms = (marks[3].sample_start - marks[2].sample_end) / 24
        assert pause_ms == pytest.approx((SENTENCE_PAUSE_MS - TAIL_MS) / speed, abs=25)


@pytest.mark.parametrize(
    ("text", "pause_ms"),
    [
        ("We are here.", SENTENCE_PAUSE_MS),
        ("We are here\n", SENTENCE_PAUSE_MS),
        ("We are here.\n\n", PARAGRAPH_PAUSE_MS),
        ("We are here", None),
    ],
)
def test_the_pause_does_not_wait_for_the_next_sentence(
    engine: NaturalEngine, voices: dict[str, Voice], text: str, pause_ms: float | None
) -> None:
    """The last sentence of a request has its pause too, whatever is said next, and when."""
    samples = join(speak(engine, ask(voices["heart"], text)))
    bare = join(speak(engine, ask(voices["heart"], "We are here")))
    (mark,) = [m for m in marks_of(engine, voices["heart"], text) if m.text_end == 11]
    if pause_ms is None:
        assert samples.size == bare.size
    else:
        # Less what the next sentence begins with.
        assert (samples.size - mark.sample_end) / 24 == pytest.approx(
            pause_ms - LEAD_MS - TAIL_MS, abs=25
        )


def test_a_comma_that_a_text_breaks_off_at_pauses_less_than_a_full_stop(
    engine: NaturalEngine, voices: dict[str, Voice]
) -> None:
    """And no less than no mark at all."""
    none, comma, stop = (
        join(speak(engine, ask(voices["heart"], f"We are here{mark}"))).size
        for mark in ("", ",", ".")
    )
    assert none <= comma < stop - 24 * 40


def test_pauses_are_the_users_to_choose(voices: dict[str, Voice]) -> None:
    """Both are options of the engine; 0 is none."""
    engine = NaturalEngine(sentence_pause_ms=0, paragraph_pause_ms=900)
    lengths = [
        join(speak(engine, ask(voices["heart"], f"We are here{end}"))).size
        for end in ("", ".", ".\n\n")
    ]
    engine.close()
    assert lengths[0] == lengths[1]
    assert 600 < (lengths[2] - lengths[1]) / 24 < 900


def test_a_paragraph_begins_with_what_is_left_of_its_pause(
    engine: NaturalEngine, voices: dict[str, Voice]
) -> None:
    """The sentence before has made its own: so much more silence than that comes first."""
    marks = marks_of(engine, voices["heart"], "\n\nWe are here")
    plain = marks_of(engine, voices["heart"], "We are here")
    later_ms = (marks[0].sample_start - plain[0].sample_start) / 24
    assert later_ms == pytest.approx(PARAGRAPH_PAUSE_MS - SENTENCE_PAUSE_MS, abs=1)


def marks_of(engine: NaturalEngine, voice: Voice, text: str) -> list[WordMark]:
    return [mark for chunk in speak(engine, ask(voice, text)) for mark in chunk.marks]


def test_speed_of_a_span_is_its_words_alone(
    engine: NaturalEngine, voices: dict[str, Voice]
) -> None:
    """A span at half speed lengthens its words about twofold and keeps the others and the pitch."""
    text = "We have moved the appointment to the afternoon."
    span = SpeedSpan(text.index("appointment"), text.index(" to"), 0.5)
    plain, slowed = (
        [
            mark
            for chunk in speak(engine, ask(voices["heart"], text, spans=spans))
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
    voice = voices["heart"]
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
