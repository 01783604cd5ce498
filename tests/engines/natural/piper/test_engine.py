"""Piper voices in the engine: the fixture voices, cut and spoken as a client hears them."""

import json
import shutil
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hoarfrost.audio.stage import Samples
from hoarfrost.engines.natural import NaturalEngine
from hoarfrost.engines.natural.piper.speaker import STREAMED
from hoarfrost.engines.natural.windows import ONE_SHOT, Schedule
from hoarfrost.errors import VoiceFault
from hoarfrost.synthesis.engine import PcmChunk, SynthesisRequest, WordMark
from hoarfrost.synthesis.voice import Gender, Voice
from hoarfrost.text.script import SpeedSpan
from tests.engines.conformance import ask, check_engine, join, speak

ENGLISH, OLDER, GERMAN = "en_us-fixture-low", "en_gb-older-medium", "de_de-crowd-low"
HOP = 256
LONG = (
    "The train to the coast, the last one for today, leaves at ten to nine from the platform "
    "behind the old station, and nobody who has been here before would ever want to miss it."
)


def marks_of(chunks: Sequence[PcmChunk]) -> list[WordMark]:
    return [mark for chunk in chunks for mark in chunk.marks]


def words_of(text: str, chunks: Sequence[PcmChunk]) -> list[str]:
    return [text[mark.text_start : mark.text_end] for mark in marks_of(chunks)]


@contextmanager
def scheduled(engine: NaturalEngine, name: str, schedule: Schedule) -> Iterator[None]:
    """Have a voice speak by another schedule for a while."""
    speaker = engine._cache.speaker(name)
    kept, speaker.schedule = speaker.schedule, schedule
    try:
        yield
    finally:
        speaker.schedule = kept


def variant(prepared: Path, folder: Path, **fields: object) -> NaturalEngine:
    """Return an engine with a further voice: the English one, changed."""
    package = folder / "packages" / str(fields["name"])
    shutil.copytree(prepared / ".cut" / "en_US-fixture-low", package)
    manifest = json.loads((package / "voice.json").read_text("utf-8"))
    (package / "voice.json").write_text(json.dumps({**manifest, **fields}), "utf-8")
    return NaturalEngine(str(package.parent))


def voice_of(engine: NaturalEngine, name: str) -> Voice:
    return next(voice for voice in engine.voices() if voice.name == name)


def relative_error(got: Samples, expected: Samples) -> float:
    return float(np.max(np.abs(got - expected)) / np.max(np.abs(expected)))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (ENGLISH, "Good day to you all. We are here."),
        (OLDER, "Good day to you all. We are here."),
        (f"{GERMAN}.clara", "Guten Tag zusammen. Wir sind da."),
    ],
)
def test_contract(engine: NaturalEngine, voices: dict[str, Voice], name: str, text: str) -> None:
    """Piper voices keep the contract that every engine keeps."""
    check_engine(engine, voices[name], text=text)


def test_voices_are_described(voices: dict[str, Voice]) -> None:
    """Voices tell their language, licence and rate; each speaker is one, and the first two."""
    assert [name for name in voices if "fixture" in name or "crowd" in name] == [
        GERMAN, *(f"{GERMAN}.{each}" for each in ("anna", "bernd", "clara", "dieter")), ENGLISH,
    ]  # fmt: skip
    assert voices[f"{GERMAN}.bernd"] == Voice(
        name=f"{GERMAN}.bernd",
        engine="natural",
        languages=("de-DE",),
        gender=Gender.NEUTRAL,
        description="The Piper voice crowd, low quality: speaker bernd.",
        rate_hz=22050,
        licence="see the voice's source",
        tags=("natural", "piper", "low"),
    )
    assert voices[ENGLISH].rate_hz == 16000


@settings(max_examples=25, deadline=None)
@given(
    name=st.sampled_from([ENGLISH, OLDER, f"{GERMAN}.dieter"]),
    words=st.lists(
        st.sampled_from(["so", "I", "Haus,", "winter", "no.", "who?", "telephone", "7"]),
        min_size=1,
        max_size=6,
    ),
    speed=st.sampled_from([0.5, 1.0, 3.0, 10.0]),
    frames=st.lists(st.integers(1, 70), min_size=1, max_size=4).map(sorted),
)
def test_windows_give_the_samples_of_one(
    engine: NaturalEngine,
    voices: dict[str, Voice],
    name: str,
    words: list[str],
    speed: float,
    frames: list[int],
) -> None:
    """However a sentence is cut into windows, its samples and marks are those of one window."""
    request = ask(voices[name], " ".join(words), speed=speed)
    with scheduled(engine, name, replace(STREAMED, frames=tuple(frames))):
        streamed = speak(engine, request)
    with scheduled(engine, name, replace(STREAMED, frames=ONE_SHOT.frames)):
        whole = speak(engine, request)
    assert join(streamed).shape == join(whole).shape
    assert relative_error(join(streamed), join(whole)) < 1e-5
    assert marks_of(streamed) == marks_of(whole)


def test_long_texts_come_in_small_steps(engine: NaturalEngine, voices: dict[str, Voice]) -> None:
    """A step is a stretch of tokens or a window; only the last window brings what was held back."""
    lookahead = engine._cache.speaker(ENGLISH).lookahead
    text = LONG.removesuffix(".")
    chunks = speak(engine, ask(voices[ENGLISH], text))
    sizes = [len(chunk.samples) // HOP for chunk in chunks]
    sounding = [size for size in sizes if size]
    assert sizes[:2] == [0, STREAMED.frames[0]]
    assert sounding[:3] == list(STREAMED.frames)
    assert sizes.count(0) > 2
    assert max(sizes[:-1]) == STREAMED.frames[-1]
    assert lookahead <= sizes[-1] <= lookahead + 1 + STREAMED.frames[-1] // 4
    assert [bool(chunk.marks) for chunk in chunks] == [size == 0 for size in sizes]
    assert words_of(text, chunks) == text.replace(",", "").split()


def test_stretches_of_tokens_sound_about_as_the_whole(
    engine: NaturalEngine, voices: dict[str, Voice]
) -> None:
    """A sentence whose text is read in parts lasts as long, within 3 %, and every word with it."""
    for name in (ENGLISH, OLDER):
        parts = speak(engine, ask(voices[name], LONG))
        with scheduled(engine, name, ONE_SHOT):
            whole = speak(engine, ask(voices[name], LONG))
        assert join(parts).size == pytest.approx(join(whole).size, rel=0.03)
        for one, other in zip(marks_of(parts), marks_of(whole), strict=True):
            lasts, should = (mark.sample_end - mark.sample_start for mark in (one, other))
            assert lasts == pytest.approx(should, rel=0.35, abs=3 * HOP)


@pytest.mark.parametrize("name", [ENGLISH, OLDER, GERMAN])
def test_nothing_breaks_at_any_border(
    engine: NaturalEngine, voices: dict[str, Voice], name: str
) -> None:
    """No window, stretch or sentence begins or ends with a click, a gap or what is no number."""
    chunks = speak(engine, ask(voices[name], f"{LONG} We are here"))
    samples = join(chunks)
    assert np.all(np.isfinite(samples))
    assert np.max(np.abs(samples)) < 1
    steps = np.abs(np.diff(samples, prepend=0, append=0))
    ends = np.cumsum([len(chunk.samples) for chunk in chunks if chunk.samples.size])
    assert np.max(steps[ends]) < np.quantile(steps, 0.9995)
    assert steps[[0, -1]].max() < 0.02
    marks, n_words = marks_of(chunks), len(LONG.split())
    low, high = marks[n_words - 1].sample_end, marks[n_words].sample_start
    (silent,) = np.nonzero(samples[low:high] == 0)
    first, last = low + silent[0], low + silent[-1]
    assert last - first > 0.049 * voices[name].rate_hz
    assert not np.any(samples[first : last + 1])
    assert steps[[first, last + 1]].max() < 0.02
    assert np.count_nonzero(samples[:first] == 0) < 5
    assert np.count_nonzero(samples[last + 1 :] == 0) < 5


@pytest.mark.parametrize("speed", [0.25, 0.5, 2.0, 4.0])
def test_speed_is_exact(engine: NaturalEngine, voices: dict[str, Voice], speed: float) -> None:
    """Words last the inverse of the speed, to a frame each and to 2 % together."""
    natural, hurried = (
        marks_of(speak(engine, ask(voices[ENGLISH], LONG, speed=each))) for each in (1.0, speed)
    )
    for one, other in zip(natural, hurried, strict=True):
        expected = (one.sample_end - one.sample_start) / speed
        assert other.sample_end - other.sample_start == pytest.approx(expected, abs=2 * HOP)
    spans = [marks[-1].sample_end - marks[0].sample_start for marks in (natural, hurried)]
    assert spans[1] * speed == pytest.approx(spans[0], rel=0.02)


def test_speed_of_a_span_is_its_words_alone(
    engine: NaturalEngine, voices: dict[str, Voice]
) -> None:
    """Words of a span last as its speed says; all others keep their length."""
    text = "We have moved the appointment to the afternoon."
    span = SpeedSpan(text.index("moved"), text.index(" to"), 0.5)
    plain, slowed = (
        marks_of(speak(engine, ask(voices[ENGLISH], text, spans=spans))) for spans in ((), (span,))
    )
    for place, (one, other) in enumerate(zip(plain, slowed, strict=True)):
        factor = 2 if 2 <= place <= 4 else 1
        expected = factor * (one.sample_end - one.sample_start)
        assert other.sample_end - other.sample_start == pytest.approx(expected, abs=HOP)


MARKED = {
    "Dr. Smith paid $3.50 on 5/6/2024, didn't he?": (
        ENGLISH, ["Dr.", "Smith", "paid", "$3.50", "on", "5/6/2024", "didn't", "he"],
    ),
    "Mail bob@example.com, e.g. at 3:30 p.m. or so.": (
        OLDER, ["Mail", "bob@example.com", "e.g.", "at", "3:30 p.m.", "or", "so"],
    ),
    "*Stop* (now) - I said \"STOP\" & go!": (
        ENGLISH, ["Stop", "now", "I", "said", "STOP", "go"],
    ),
    "Am 3. Oktober kommt Hr. Dr. Müller-Lüdenscheidt mit 3,50 Euro.": (
        GERMAN,
        ["Am", "3.", "Oktober", "kommt", "Hr.", "Dr.", "Müller-Lüdenscheidt", "mit", "3,50",
         "Euro"],
    ),
    "Geht's noch? 1234567 Menschen, z. B. in Köln.": (
        GERMAN, ["Geht's", "noch", "1234567", "Menschen", "z. B.", "in", "Köln"],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("text", "name", "words"), [(k, *v) for k, v in MARKED.items()])
def test_every_word_is_marked(
    engine: NaturalEngine, voices: dict[str, Voice], text: str, name: str, words: list[str]
) -> None:
    """Each written word has its time, in order, inside the audio, and not none."""
    chunks = speak(engine, ask(voices[name], text))
    assert words_of(text, chunks) == words
    marks = marks_of(chunks)
    assert all(mark.sample_end - mark.sample_start >= HOP for mark in marks)
    assert all(one.sample_end <= other.sample_start for one, other in pairwise(marks))
    assert marks[-1].sample_end <= join(chunks).size


FOREIGN = {
    "fr-fr": ("L'homme qu'il a vu est-il là ? Oui !", 7),
    "es": ("¿Cómo estás? El Sr. Pérez llega el 3 de mayo.", 10),
    "ru": ("Это стоит 1500 рублей. Он сказал: «Хорошо!»", 7),
    "ar": ("مرحبا، كيف حالك؟ عندي ٣ كتب.", 6),
    "hi": ("यह एक किताब है। मेरे पास 3 हैं।", 8),
    "cmn": ("你好，世界。今天是5月3日，对吗？", 13),
}


@pytest.mark.parametrize(("language", "text", "n_words"), [(k, *v) for k, v in FOREIGN.items()])
def test_other_languages_are_read(
    tmp_path: Path, prepared: Path, language: str, text: str, n_words: int
) -> None:
    """A voice of another language reads and marks its script: letters, numbers and marks."""
    changes = {"name": "other", "espeak_voice": language, "languages": [language]}
    other = variant(prepared, tmp_path, **changes)
    voice = voice_of(other, "other")
    chunks = speak(other, ask(voice, text))
    other.close()
    words = words_of(text, chunks)
    assert len(words) == n_words
    letters = {char for char in text if char.isalnum()}
    assert {char for word in words for char in word if char.isalnum()} == letters
    assert all(mark.sample_end > mark.sample_start for mark in marks_of(chunks))


def test_silence_at_both_ends_is_short(engine: NaturalEngine, voices: dict[str, Voice]) -> None:
    """The first word begins after 30 ms; after the last one there is the model's own end."""
    for name in (ENGLISH, OLDER, GERMAN):
        voice = voices[name]
        for text in ("OK.", "a", LONG):
            chunks = speak(engine, ask(voice, text))
            marks = marks_of(chunks)
            assert marks[0].sample_start <= 0.03 * voice.rate_hz + HOP / 2
            assert (join(chunks).size - marks[-1].sample_end) / voice.rate_hz < 0.6


@pytest.mark.parametrize(("lead_ms", "n_frames"), [(0, 0), (16, 1), (100, 6)])
def test_silence_before_the_first_word_is_an_option(
    prepared: Path, lead_ms: float, n_frames: int
) -> None:
    """So much of the model's own silence is kept, to half a frame; it has some 20 frames."""
    engine = NaturalEngine(str(prepared), lead_ms=lead_ms)
    voice = voice_of(engine, ENGLISH)
    marks = marks_of(speak(engine, ask(voice, "Hello there.")))
    engine.close()
    assert marks[0].sample_start <= n_frames * HOP
    assert marks[0].sample_start >= min(n_frames, 2) * HOP


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("lead_ms", -1), ("lead_ms", 2000), ("lead_ms", "30"), ("lead_ms", True),
        ("memory_mb", -1), ("memory_mb", float("nan")), ("memory_mb", [1]), ("voices_dir", 5),
    ],
)  # fmt: skip
def test_wrong_options_are_told(option: str, value: object) -> None:
    """An option out of its range is named, with what was expected."""
    with pytest.raises(VoiceFault, match=f"^{option}: expected "):
        NaturalEngine(**{option: value})  # type: ignore[arg-type]


def test_seeds_change_samples_and_times(engine: NaturalEngine, voices: dict[str, Voice]) -> None:
    """One seed gives the same samples; another gives others, at the same level."""
    one, same, other = (
        join(list(engine.synthesize(SynthesisRequest(voices[OLDER], LONG, "en-GB", seed=seed))))
        for seed in (1, 1, 2)
    )
    assert np.array_equal(one, same)
    assert one.size != other.size
    assert np.std(one) == pytest.approx(np.std(other), rel=0.1)


@pytest.mark.parametrize(
    "name", [ENGLISH, OLDER, *(f"{GERMAN}.{each}" for each in ("anna", "bernd", "clara", "dieter"))]
)
def test_all_speakers_have_one_level(
    engine: NaturalEngine, voices: dict[str, Voice], name: str
) -> None:
    """Speech of every voice and speaker is at -20 dBFS, within 1.5 dB."""
    samples = join(speak(engine, ask(voices[name], "One two three, four five six.")))
    rows = samples[: samples.size // 320 * 320].reshape(-1, 320)
    levels = np.sqrt(np.mean(rows**2, axis=1))
    level = 20 * np.log10(np.sqrt(np.mean(levels[levels > 0.1 * levels.max()] ** 2)))
    assert level == pytest.approx(-20, abs=1.5)


def test_speakers_of_one_model_differ(engine: NaturalEngine, voices: dict[str, Voice]) -> None:
    """Each speaker sounds other than the others; the voice's own name means the first."""
    anna, also, bernd = (
        join(speak(engine, ask(voices[name], "Guten Tag.")))
        for name in (GERMAN, f"{GERMAN}.anna", f"{GERMAN}.bernd")
    )
    assert np.array_equal(anna, also)
    assert anna.size != bernd.size


def test_loud_voices_are_bent_not_clipped(prepared: Path, tmp_path: Path) -> None:
    """A voice far too loud stays within full scale, and no sample is cut off."""
    engine = variant(prepared, tmp_path, name="loud", gains_db={"0": 6})
    voice = voice_of(engine, "loud")
    samples = join(speak(engine, ask(voice, "Far too loud.")))
    engine.close()
    assert 0.95 < np.max(np.abs(samples)) <= 1
    assert np.count_nonzero(np.abs(samples) == 1) == 0


def test_a_request_dropped_midway_leaves_no_trace(
    engine: NaturalEngine, voices: dict[str, Voice]
) -> None:
    """Closing a sentence anywhere, from another thread too, changes nothing for the next."""
    whole = join(speak(engine, ask(voices[ENGLISH], "We are here.")))
    for n_steps in range(1, 8):
        steps = engine.synthesize(ask(voices[ENGLISH], LONG))
        for _ in range(n_steps):
            next(steps)
        closing = threading.Thread(target=steps.close)
        closing.start()
        closing.join(10)
        assert next(steps, None) is None
        assert np.array_equal(join(speak(engine, ask(voices[ENGLISH], "We are here."))), whole)


@pytest.mark.parametrize(
    "text", ["x" * 3000, "9" * 400, "ab1-" * 300, "a. " * 200, "世 9 界 " * 100]
)
def test_odd_texts_are_spoken(engine: NaturalEngine, voices: dict[str, Voice], text: str) -> None:
    """What no sentence is made of comes in bounded steps too: the first six are looked at."""
    steps = engine.synthesize(ask(voices[OLDER], text))
    chunks = [chunk for _, chunk in zip(range(6), steps, strict=False)]
    steps.close()
    assert max(len(chunk.samples) for chunk in chunks) <= 90 * HOP
    assert np.all(np.isfinite(join(chunks)))
