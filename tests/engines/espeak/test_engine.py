"""The espeak engine keeps the contract, in every language, at every speed, with many callers."""

import threading
import tracemalloc
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hoarfrost.engines.espeak import EspeakEngine
from hoarfrost.errors import VoiceFault
from hoarfrost.synthesis.engine import SynthesisRequest
from hoarfrost.synthesis.voice import Voice

from ..conformance import check_engine  # noqa: TID252  # tests are no package to import from
from .measure import RATE_HZ, SENTENCES, Spoken, named, pitch, sentence, speak, speaking

SPOKEN_LANGUAGES = sorted(SENTENCES)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (
            "tabitha",
            "Good morning, this is a longer sentence. It goes on for a while, and then it ends.",
        ),
        (
            "jagdish",
            "नमस्ते, यह एक लंबा वाक्य है। यह थोड़ी देर चलता है, और फिर खत्म हो जाता है।",
        ),
    ],
)
def test_engine_keeps_the_contract(engine: EspeakEngine, name: str, text: str) -> None:
    """Voices pass the checks that every engine must pass."""
    check_engine(engine, named(engine, name), text=text)


MARKED_TEXTS = [
    ("en", "naïve café 😀 joy", ["naïve", "café", "joy"]),
    ("en", "rock & roll", ["rock", "&", "roll"]),
    ("en", "the cat in the hat", ["the", "cat", "in", "the", "hat"]),
    (
        "en",
        "it's $5.50 (or 1,234,567), e.g. rime.ai!",
        ["it's", "$5.50", "or", "1,234,567", "e.g.", "rime.ai"],
    ),
    ("en", "cafe\u0301 au\u00ad lait\u200b \u202enow", ["cafe\u0301", "au", "lait", "now"]),
    ("en", "\U0001f468\u200d\U0001f469\u200d\U0001f467 family", ["family"]),
    ("de", "„Größe“, Donaudampfschifffahrtsgesellschaftskapitän", None),
    ("ar", "مرحبا بكم في بيتنا", ["مرحبا", "بكم", "في", "بيتنا"]),
    ("hi", "नमस्ते मेरे दोस्त, आप कैसे हैं", ["नमस्ते", "मेरे", "दोस्त", "आप", "कैसे", "हैं"]),
    ("cmn", "你好，朋友。", ["你", "好", "朋", "友"]),
]


@pytest.mark.parametrize("speed", [1.0, 1.7])
@pytest.mark.parametrize(("language", "text", "words"), MARKED_TEXTS)
def test_each_word_is_marked_once(
    engine: EspeakEngine, language: str, text: str, words: list[str] | None, speed: float
) -> None:
    """Marks name words by code points of the request's text, whatever the script."""
    spoken = speak(engine, speaking(engine, language), text, speed=speed)
    marked = [text[mark.text_start : mark.text_end] for mark in spoken.marks]
    if words is None:
        words = ["Größe", "Donaudampfschifffahrtsgesellschaftskapitän"]
    # The library speaks some syllables of Chinese together.
    assert marked == words or (language == "cmn" and "".join(marked) == "".join(words))


def test_marks_enclose_the_sound(engine: EspeakEngine) -> None:
    """Between the marks of a text with pauses it is silent, and inside of them it is not."""
    voice = named(engine, "barnaby")
    spoken = speak(engine, voice, "One. Two. Three. Four.")
    assert len(spoken.marks) == 4
    for mark in spoken.marks:
        word = spoken.samples[mark.sample_start : mark.sample_end]
        assert np.sqrt((word**2).mean()) > 0.03
    for earlier, later in pairwise(spoken.marks):
        gap = spoken.samples[earlier.sample_end : later.sample_start]
        assert len(gap) > RATE_HZ // 10
        assert np.abs(gap[: RATE_HZ // 10]).max() < 0.003


@pytest.mark.parametrize("language", SPOKEN_LANGUAGES)
def test_speech_starts_at_once_and_ends_soon(engine: EspeakEngine, language: str) -> None:
    """At most 5 ms of silence come before the first sound, and 310 ms after the last."""
    voice = speaking(engine, language)
    spoken = speak(engine, voice, sentence(voice))
    audible = np.flatnonzero(np.abs(spoken.samples) > 0.002)
    assert audible[0] < 0.005 * RATE_HZ
    assert len(spoken.samples) - audible[-1] < 0.33 * RATE_HZ


def test_text_without_a_mark_has_no_pause_after_it(engine: EspeakEngine) -> None:
    """What may go on in the next request is not followed by the pause of a sentence."""
    voice = named(engine, "tabitha")
    spoken = speak(engine, voice, "and then we")
    assert len(spoken.samples) - spoken.marks[-1].sample_end < 0.03 * RATE_HZ


def test_chunks_start_small_and_grow(engine: EspeakEngine) -> None:
    """The first chunk is 25 ms, so that it leaves early; from the fourth on they are 200 ms."""
    voice = named(engine, "tabitha")
    request = SynthesisRequest(voice, sentence(voice), voice.language)
    sizes = [len(chunk.samples) for chunk in engine.synthesize(request)]
    assert [round(1000 * size / RATE_HZ) for size in sizes[:4]] == [25, 50, 100, 200]
    assert set(sizes[3:-1]) == {sizes[3]}


CALLERS = [
    ("tabitha", "en", 1.0),
    ("cornelius", "en", 1.6),
    ("gottfried", "de", 0.7),
    ("fiammetta", "it", 1.0),
    ("vasudha", "hi", 1.0),
    ("meiling", "cmn", 2.0),
]


def test_callers_at_once_never_mix(engine: EspeakEngine) -> None:
    """Six threads with voices, languages and speeds of their own each hear what they hear alone."""

    def hear(name: str, language: str, speed: float) -> list[Spoken]:
        voice = named(engine, name)
        text = SENTENCES[language]
        return [speak(engine, voice, text[start:], speed=speed) for start in (0, 3)]

    alone = [hear(*caller) for caller in CALLERS]
    barrier = threading.Barrier(len(CALLERS))

    def hear_with_others(caller: tuple[str, str, float]) -> list[Spoken]:
        barrier.wait()
        return hear(*caller)

    with ThreadPoolExecutor(len(CALLERS)) as pool:
        together = list(pool.map(hear_with_others, CALLERS))
    for expected, heard in zip(alone, together, strict=True):
        for one, other in zip(expected, heard, strict=True):
            assert np.array_equal(one.samples, other.samples)
            assert one.marks == other.marks


def test_engines_share_the_library(engine: EspeakEngine) -> None:
    """A second engine gives the same samples, and its end does not end the first one."""
    voice = named(engine, "kemal")
    expected = speak(engine, voice, sentence(voice))
    second = EspeakEngine()
    assert np.array_equal(speak(second, voice, sentence(voice)).samples, expected.samples)
    second.close()
    second.close()
    assert np.array_equal(speak(engine, voice, sentence(voice)).samples, expected.samples)
    with pytest.raises(VoiceFault, match="closed"):
        speak(second, voice, sentence(voice))


def test_a_dropped_request_leaves_nothing_behind(engine: EspeakEngine) -> None:
    """Requests closed at any step do not change the next one, at natural speed or another."""
    voice = named(engine, "morag")
    text = sentence(voice) + " " + sentence(voice)
    expected = {speed: speak(engine, voice, text, speed=speed) for speed in (1.0, 1.4)}
    for n_steps in (0, 1, 9):
        for speed, whole in expected.items():
            request = SynthesisRequest(voice, text, voice.language, speed=speed)
            steps = engine.synthesize(request)
            for _ in range(n_steps):
                next(steps)
            steps.close()
            assert np.array_equal(speak(engine, voice, text, speed=speed).samples, whole.samples)


@pytest.mark.parametrize(
    ("name", "language", "message"),
    [
        ("tabitha", "de-DE", "voice tabitha: expected one of en-US, got 'de-DE'"),
        ("odile", "fr-FR", "voice odile: expected one of fr-BE, nl-NL, got 'fr-FR'"),
    ],
)
def test_a_language_of_others_is_refused(
    engine: EspeakEngine, name: str, language: str, message: str
) -> None:
    """A voice speaks its own languages only, and says which."""
    request = SynthesisRequest(named(engine, name), "x", language)
    with pytest.raises(VoiceFault, match=message):
        next(engine.synthesize(request))


def test_a_voice_of_others_is_refused(engine: EspeakEngine) -> None:
    """A voice that is not in the table is a fault, not silence."""
    other = Voice("nobody", "tone", ("en",), named(engine, "tabitha").gender, "-", 8000, "-")
    with pytest.raises(VoiceFault, match="expected a voice of espeak, got 'nobody'"):
        next(engine.synthesize(SynthesisRequest(other, "x", "en")))


def test_a_second_language_is_spoken_by_the_same_voice(engine: EspeakEngine) -> None:
    """A voice of two languages keeps its pitch in both and differs in what it makes of a text."""
    voice = named(engine, "aymon")
    text = "Guten Tag, ich heiße Anna und komme aus Basel."
    heard = {}
    for language in voice.languages:
        request = SynthesisRequest(voice, text, language)
        heard[language] = np.concatenate([each.samples for each in engine.synthesize(request)])
    french, german = heard["fr-CH"], heard["de-DE"]
    assert not np.array_equal(french, german)
    assert pitch(french) == pytest.approx(pitch(german), rel=0.06)


NOTHING_TO_OBEY = [
    ("\x0150S fast", " 50S fast"),
    ("one\x00two", "one two"),
    ("a \x01+90Pb", "a  +90Pb"),
    ("mind\u200e the\ufeff gap", "mind the gap"),
    ("ex\u00adam\u00adple", "example"),
    ("cafe\u0301", "café"),
]


@pytest.mark.parametrize(("text", "same"), NOTHING_TO_OBEY)
def test_control_characters_are_never_obeyed(engine: EspeakEngine, text: str, same: str) -> None:
    """A text with controls and marks of direction sounds like the text without them."""
    voice = named(engine, "barnaby")
    assert np.array_equal(speak(engine, voice, text).samples, speak(engine, voice, same).samples)


@pytest.mark.parametrize(
    "markup",
    ['<prosody rate="x-slow">', '<break time="9s"/>', "[[h@loU]]", "&lt;", '<audio src="a.wav">'],
)
def test_markup_is_read_as_text(engine: EspeakEngine, markup: str) -> None:
    """SSML and the library's own phoneme brackets are read aloud: neither obeyed nor dropped."""
    voice = named(engine, "barnaby")
    plain = speak(engine, voice, "Well then, go.")
    marked = speak(engine, voice, f"Well {markup} then, go.")
    assert plain.seconds + 0.2 < marked.seconds < plain.seconds + 6


@pytest.mark.parametrize(
    ("name", "text"),
    [("konrad", "\U0001f920"), ("nasir", "\u28ff \u28df"), ("tabitha", "😀👍🏽🇫🇷 ᚠ")],
)
def test_names_too_long_for_the_library_are_not_asked_for(
    engine: EspeakEngine, name: str, text: str
) -> None:
    """Emoji, Braille and the like, some of which would end the process, are passed over."""
    assert speak(engine, named(engine, name), text).seconds == 0


@pytest.mark.parametrize(
    "text",
    [
        "你好我的朋友" * 3,
        "Привет",
        "\u0301\u0301",
        "\U0001f468\u200d\U0001f469 7",
        "שלום",
        "ᚠᚢᚦ",
        "\ue000\ue001",
    ],
)
def test_scripts_a_voice_cannot_read_do_no_harm(engine: EspeakEngine, text: str) -> None:
    """Letters of another script give some audio or none, with marks in range."""
    for name in ("tabitha", "vasudha"):
        spoken = speak(engine, named(engine, name), text)
        assert spoken.seconds <= 4 * len(text)
        assert all(mark.sample_end <= len(spoken.samples) for mark in spoken.marks)


def test_a_long_text_is_spoken_in_short_steps(engine: EspeakEngine) -> None:
    """2,500 characters need no more memory than a few: only the pieces under way are held."""
    voice = named(engine, "tabitha")
    request = SynthesisRequest(voice, (sentence(voice) + " ") * 30, voice.language)
    tracemalloc.start()
    try:
        n_samples = sum(len(chunk.samples) for chunk in engine.synthesize(request))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert n_samples > 120 * RATE_HZ
    assert peak < 6_000_000


ALPHABETS = st.sampled_from(
    [
        st.characters(),
        st.characters(max_codepoint=0x2FF),
        st.characters(min_codepoint=0x20, max_codepoint=0x30FF),
        st.sampled_from("aZ 0.,:-'$%\n[]<>&\x01\u0301\u200d\u202e\ufeff😀é你かनا"),
    ]
)
TEXTS = ALPHABETS.flatmap(lambda alphabet: st.text(alphabet, max_size=16))


@settings(
    max_examples=50,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    text=TEXTS,
    name=st.sampled_from(["tabitha", "konrad", "kusum", "guowei", "zubayda", "bastien"]),
    speed=st.sampled_from([1.0, 1.0, 0.6, 2.5]),
)
def test_any_text_is_survived(engine: EspeakEngine, text: str, name: str, speed: float) -> None:
    """Whatever the characters, audio is finite and marks are in order and in range."""
    spoken = speak(engine, named(engine, name), text, speed=speed)
    assert np.all(np.isfinite(spoken.samples))
    assert spoken.samples.size == 0 or np.abs(spoken.samples).max() < 1.5
    for mark in spoken.marks:
        assert 0 <= mark.text_start < mark.text_end <= len(text)
        assert 0 <= mark.sample_start <= mark.sample_end <= len(spoken.samples)
    for earlier, later in pairwise(spoken.marks):
        assert earlier.text_end <= later.text_start
        assert earlier.sample_start <= later.sample_start
    assert Counter(mark.text_start for mark in spoken.marks).total() == len(
        {mark.text_start for mark in spoken.marks}
    )
