"""The voices that there are now: added and removed while the engine runs, kept within memory."""

import json
import logging
import os
import shutil
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from hoarfrost.engines.natural import NaturalEngine
from hoarfrost.engines.natural import voice_cache as cache_module
from hoarfrost.engines.natural.folder import VoiceFolder
from hoarfrost.engines.natural.phonemes import Phonemizer
from hoarfrost.engines.natural.piper.importing import import_voice
from hoarfrost.engines.natural.piper.speaker import VitsVoices
from hoarfrost.engines.natural.voice_cache import VoiceCache
from hoarfrost.errors import VoiceFault
from hoarfrost.synthesis.voice import Voice
from tests.engines.conformance import ask, join, speak

from .piper.humming import write_humming
from .test_folder import settle

HUMMING = "en_us-humming-low"


@pytest.fixture(autouse=True)
def _look_always(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the folder looked at each time it is asked for."""
    monkeypatch.setattr(cache_module, "LOOK_INTERVAL", 0.0)


@pytest.fixture(scope="module")
def hummed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one stock voice, cut: a whole one, so that it is made and opened at once."""
    folder = tmp_path_factory.mktemp("hummed")
    import_voice(settle(write_humming(folder)))
    return folder


@pytest.fixture
def place(hummed: Path, tmp_path: Path) -> Path:
    """A copy of that, which a test may change."""
    return Path(shutil.copytree(hummed, tmp_path / "voices"))


def add_package(place: Path, name: str) -> Path:
    """Make a package by hand: the humming one under another name."""
    package = place / name
    shutil.copytree(place / ".cut" / "en_US-humming-low", package)
    manifest = json.loads((package / "voice.json").read_text("utf-8"))
    (package / "voice.json").write_text(json.dumps({**manifest, "name": name}), "utf-8")
    return package


def say_a(_language: str) -> Phonemizer:
    return lambda _text: "a"


Make = Callable[..., VoiceCache]


@pytest.fixture
def make(place: Path) -> Iterator[Make]:
    """Make shelves of the folder, closed afterwards."""
    made: list[VoiceCache] = []

    def make_cache(budget_bytes: int = 1 << 30) -> VoiceCache:
        cache = VoiceCache(
            [],
            VoiceFolder(place),
            phonemize=say_a,
            engine="natural",
            schedule=None,
            budget_bytes=budget_bytes,
        )
        made.append(cache)
        return cache

    yield make_cache
    for cache in made:
        cache.close()


def names(cache: VoiceCache | NaturalEngine) -> list[str]:
    return [voice.name for voice in cache.voices()]


def loaded(cache: VoiceCache) -> list[str]:
    """Return the voices whose graphs are in memory."""
    return [v.name for e in cache._entries.values() if e.speakers is not None for v in e.voices]


def test_a_voice_that_is_dropped_in_appears(place: Path, make: Make) -> None:
    """A package is offered at once, a stock model when it is cut; nobody who asks waits for it."""
    cache = make()
    settle(write_humming(place, "en_US-new-low"))
    add_package(place, "package")
    assert names(cache) == [HUMMING, "package"]
    assert cache._folder is not None
    cache._folder.join()
    assert names(cache) == [HUMMING, "package", "en_us-new-low"]
    assert cache.speaker("en_us-new-low").rate_hz == 16_000


def test_an_engine_speaks_what_was_dropped_in(tmp_path: Path) -> None:
    """No restart: the voice speaks as soon as it is offered."""
    engine = NaturalEngine(str(tmp_path / "voices"))
    before = names(engine)
    (tmp_path / "voices").mkdir()
    settle(write_humming(tmp_path / "voices"))
    assert names(engine) == before
    engine._cache._folder.join()  # type: ignore[union-attr]
    (voice,) = [voice for voice in engine.voices() if voice.name not in before]
    assert voice.name == HUMMING
    assert join(speak(engine, ask(voice, "Hello."))).size > 0
    engine.close()


def test_a_voice_that_is_replaced_is_never_missing(place: Path) -> None:
    """An equal file put in the place of one in use: it is there, and speaks, at every moment."""
    engine = NaturalEngine(str(place), phonemize=lambda _text: "a")
    voice = next(voice for voice in engine.voices() if voice.name == HUMMING)
    expected = join(speak(engine, ask(voice, "One. Two.")))
    stock = place / "en_US-humming-low.onnx"
    for age in (2_000_000, 3_000_000):
        copy = stock.with_suffix(".new")
        shutil.copy(stock, copy)
        os.utime(copy, (age, age))
        begun = engine.synthesize(ask(voice, "One. Two."))
        first = next(begun)
        copy.replace(stock)
        assert HUMMING in names(engine)
        assert np.array_equal(join(speak(engine, ask(voice, "One. Two."))), expected)
        engine._cache._folder.join()  # type: ignore[union-attr]
        assert HUMMING in names(engine)
        assert np.array_equal(join([first, *begun]), expected)
        assert np.array_equal(join(speak(engine, ask(voice, "One. Two."))), expected)
    engine.close()


def test_a_voice_that_is_removed_finishes_its_speech(place: Path) -> None:
    """It is offered no more; what it has begun to say it says to the end."""
    engine = NaturalEngine(str(place), phonemize=lambda _text: "a")
    voice = next(voice for voice in engine.voices() if voice.name == HUMMING)
    expected = join(speak(engine, ask(voice, "One. Two. Three.")))
    steps = engine.synthesize(ask(voice, "One. Two. Three."))
    begun = [next(steps), next(steps)]
    shutil.rmtree(place)
    assert HUMMING not in names(engine)
    with pytest.raises(VoiceFault, match=f"expected one of its voices, got {HUMMING}"):
        engine.synthesize(ask(voice, "Four."))
    assert np.array_equal(join([*begun, *steps]), expected)
    engine.close()


def test_a_name_can_be_taken_once(place: Path, make: Make) -> None:
    """Of two packages with a voice of one name the first keeps it; the other one is told of."""
    package = add_package(place, "zweite")
    manifest = json.loads((package / "voice.json").read_text("utf-8"))
    (package / "voice.json").write_text(json.dumps({**manifest, "name": HUMMING}), "utf-8")
    cache = make()
    assert names(cache) == [HUMMING]
    assert cache.refusals == {
        "zweite": f"voice package zweite: expected a new name, got {HUMMING} again"
    }
    (place / "en_US-humming-low.onnx").unlink()
    cache.voices()
    shutil.rmtree(package)
    assert names(cache) == []
    assert cache.refusals == {}


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"name": "Mine"}, "name: expected lower case without spaces, got 'Mine'"),
        ({"name": "my voice"}, "name: expected lower case without spaces"),
        ({"languages": "en"}, "languages: expected a list of texts, got str"),
        ({"rate_hz": 5}, "rate_hz: expected an integer from 8000 to 48000, got 5"),
        ({"hop": 1}, "hop: expected an integer from 16 to 4096, got 1"),
        ({"gains_db": []}, "gains_db: expected an object, got list"),
        ({"gains_db": {}}, "gains_db.0: expected a number from -24.0 to 24.0, got None"),
        ({"gains_db": {"0": 99}}, "gains_db.0: expected a number from -24.0 to 24.0, got 99"),
        ({"speakers": {"a": -1}}, "speakers: expected ids by name"),
        ({"speakers": {"a": 3}, "default_speaker": 1}, "default_speaker: expected one of speakers"),
        ({"phonemes": {}}, "phonemes: expected ids by symbol"),
        ({"phonemes": {"_": [0], "^": [1], "$": []}}, "phonemes: expected ['$'] among them"),
        ({"phonemes": {"_": ["0"]}}, "phonemes: expected a list of ids for '_'"),
        ({"length_scale": 0}, "length_scale: expected a number from 0.05 to 20.0, got 0"),
        ({"format": 9}, "format: expected 1, got 9"),
        ({"family": "hmm"}, "family: expected hibari or piper, got 'hmm'"),
        ({"whole_because": ""}, "text.onnx: expected a graph, got no file"),
    ],
)
def test_wrong_packages_are_left_out(
    place: Path, make: Make, fields: dict[str, object], reason: str
) -> None:
    """A package made by hand is refused at the start with the reason; the others are offered."""
    package = add_package(place, "mine")
    manifest = json.loads((package / "voice.json").read_text("utf-8"))
    (package / "voice.json").write_text(json.dumps({**manifest, **fields}), "utf-8")
    cache = make()
    assert names(cache) == [HUMMING]
    assert reason in cache.refusals["mine"]
    assert cache.refusals["mine"].startswith("voice package mine: ")


def test_a_refusal_is_logged_once(
    place: Path, make: Make, caplog: pytest.LogCaptureFixture
) -> None:
    """The log repeats nothing while a broken voice lies there, whatever else changes."""
    (place / "broken").mkdir()
    (place / "broken" / "voice.json").write_text("{", "utf-8")
    with caplog.at_level(logging.WARNING, cache_module.__name__):
        cache = make()
        for name in ("one", "two"):
            add_package(place, name)
            assert name in names(cache)
        (place / "broken" / "voice.json").write_text("[]", "utf-8")
        cache.voices()
    left_out = [each.message for each in caplog.records if each.name == cache_module.__name__]
    assert [message[:42] for message in left_out] == [
        "left out: voice package broken: voice.json"
    ] * 2
    assert left_out[0] != left_out[1]


def test_a_package_that_changes_is_read_again(place: Path, make: Make) -> None:
    """Another manifest is another voice; one that is not changed keeps its graphs."""
    for name in ("kept", "changed"):
        add_package(place, name)
    cache = make()
    kept = cache.speaker("kept")
    manifest = place / "changed" / "voice.json"
    manifest.write_text(manifest.read_text("utf-8").replace('"changed"', '"other"'), "utf-8")
    assert names(cache) == [HUMMING, "kept", "other"]
    assert cache.speaker("kept") is kept


def test_graphs_are_loaded_when_they_are_used(place: Path, make: Make) -> None:
    """What was made by hand is opened at the start, what was cut here with its first sentence."""
    add_package(place, "mine")
    cache = make()
    assert loaded(cache) == ["mine"]
    cache.speaker(HUMMING)
    assert loaded(cache) == [HUMMING, "mine"]


def test_memory_is_for_the_voices_used_last(place: Path, make: Make) -> None:
    """Over the budget the voice that was used least recently is unloaded, and loaded on use."""
    for name in ("a", "b", "c"):
        add_package(place, name)
    size = (place / "a" / "whole.onnx").stat().st_size
    cache = make(budget_bytes=2 * size)
    assert len(loaded(cache)) == 2
    for name in ("a", "b", "c"):
        cache.speaker(name)
    assert loaded(cache) == ["b", "c"]
    kept = cache.speaker("b")
    cache.speaker("a")
    assert loaded(cache) == ["a", "b"]
    assert cache.speaker("b") is kept
    cache.speaker("c")
    assert loaded(cache) == ["b", "c"]


def test_a_voice_too_large_for_the_budget_speaks(place: Path, make: Make) -> None:
    """The one that is asked for is never unloaded for being too large."""
    cache = make(budget_bytes=0)
    assert loaded(cache) == []
    speaker = cache.speaker(HUMMING)
    assert loaded(cache) == [HUMMING]
    assert cache.speaker(HUMMING) is speaker


def test_two_who_ask_at_once_load_once(
    place: Path, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Callers share a voice: whoever comes while it is loading waits for that."""
    cache = make()
    together = threading.Barrier(4)
    loads: list[int] = []
    load = VitsVoices.load

    def count(self: VitsVoices, *arguments: object) -> object:
        loads.append(1)
        return load(self, *arguments)  # type: ignore[arg-type]

    def ask_for_it(_: int) -> object:
        together.wait(10)
        return cache.speaker(HUMMING)

    monkeypatch.setattr(VitsVoices, "load", count)
    with ThreadPoolExecutor(4) as pool:
        speakers = list(pool.map(ask_for_it, range(4)))
    assert len(loads) == 1
    assert all(speaker is speakers[0] for speaker in speakers)


def test_voices_come_and_go_while_others_speak(place: Path) -> None:
    """Whatever happens to the folder, those who speak hear what they would alone."""
    add_package(place, "steady")
    engine = NaturalEngine(str(place), memory_mb=0, phonemize=lambda _text: "a")
    voices: dict[str, Voice] = {voice.name: voice for voice in engine.voices()}
    expected = join(speak(engine, ask(voices["steady"], "One. Two.")))

    def say(_: int) -> bool:
        return np.array_equal(join(speak(engine, ask(voices["steady"], "One. Two."))), expected)

    def disturb(turn: int) -> None:
        package = add_package(place, f"guest{turn}")
        engine.voices()
        os.utime(package / "voice.json", (turn, turn))
        speak(engine, ask(voices[HUMMING], "Hello."))
        shutil.rmtree(package)

    with ThreadPoolExecutor(4) as pool:
        said, disturbed = pool.map(say, range(20)), pool.map(disturb, range(5))
        assert all(said)
        assert len(list(disturbed)) == 5
    assert [name for name in names(engine) if "guest" in name] == []
    engine.close()


def test_after_closing_there_is_no_voice(make: Make) -> None:
    """A closed cache neither offers nor looks."""
    cache = make()
    cache.close()
    assert cache.voices() == []
    with pytest.raises(VoiceFault, match="expected one of its voices"):
        cache.speaker(HUMMING)
