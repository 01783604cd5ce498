"""Engines: found by entry point, asked as one, closed as one."""

import sys
from collections.abc import Generator, Sequence
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest

from hoarfrost.errors import VoiceFault
from hoarfrost.synthesis.engine import PcmChunk, SynthesisRequest
from hoarfrost.synthesis.registry import Engines, load_engines
from hoarfrost.synthesis.voice import Gender, Voice


def make_voice(name: str, engine: str) -> Voice:
    return Voice(name, engine, ("en",), Gender.NEUTRAL, "A hum.", 8000, "CC0-1.0")


class HumEngine:
    """Gives as many zeros as the text has letters; one of its kind for each name."""

    def __init__(self, name: str, *voices: str, fails_to_close: bool = False) -> None:
        self._voices = [make_voice(each, name) for each in voices]
        self._fails_to_close = fails_to_close
        self.is_closed = False

    def voices(self) -> Sequence[Voice]:
        return self._voices

    def synthesize(self, request: SynthesisRequest) -> Generator[PcmChunk, None, None]:
        yield PcmChunk(np.zeros(len(request.text), np.float32))

    def close(self) -> None:
        self.is_closed = True
        if self._fails_to_close:
            raise RuntimeError("stuck")


def request(voice: Voice) -> SynthesisRequest:
    return SynthesisRequest(voice, "abc", "en")


def test_speaks_with_the_voices_own_engine() -> None:
    """A request goes to the engine that its voice names."""
    engines = Engines({"hum": HumEngine("hum", "a"), "buzz": HumEngine("buzz", "b")})
    (chunk,) = engines.synthesize(request(make_voice("b", "buzz")))
    assert chunk.samples.size == 3


def test_refuses_a_voice_of_no_engine() -> None:
    """A voice of an engine that is not loaded is a fault that names both."""
    with pytest.raises(VoiceFault, match=r"voice b: .*loaded engines \(hum\), got 'buzz'"):
        Engines({"hum": HumEngine("hum", "a")}).synthesize(request(make_voice("b", "buzz")))


def test_first_engine_wins_a_name() -> None:
    """Where two engines have a voice of one name, that of the first is the one."""
    engines = Engines({"hum": HumEngine("hum", "a", "b"), "buzz": HumEngine("buzz", "b", "c")})
    assert [(each.name, each.engine) for each in engines.voices()] == [
        ("a", "hum"),
        ("b", "hum"),
        ("c", "buzz"),
    ]


def test_closes_all_even_if_one_fails() -> None:
    """Each engine is closed, also after another one that cannot be; that one's error is told."""
    first, stuck, last = (
        HumEngine("a"),
        HumEngine("b", fails_to_close=True),
        HumEngine("c"),
    )
    with pytest.raises(RuntimeError, match="stuck"):
        Engines({"a": first, "b": stuck, "c": last}).close()
    assert first.is_closed
    assert last.is_closed


PLUGIN = """
from hoarfrost.synthesis.voice import Gender, Voice

closed = []

class Good:
    name = "good"
    def __init__(self, pitch=1):
        self.pitch = pitch
    def voices(self):
        return [Voice(f"v{self.pitch}", self.name, ("en",), Gender.NEUTRAL, "A hum.", 8000, "CC0")]
    def synthesize(self, request):
        yield from ()
    def close(self):
        closed.append(self.name)

class Stranger(Good):
    pass

class Broken(Good):
    def __init__(self):
        raise OSError("no model file")
"""

ENTRY_POINTS = """
[hoarfrost.engines]
good = hum_plugin:Good
stranger = hum_plugin:Stranger
broken = hum_plugin:Broken
absent = no_such_module:Engine
"""


@pytest.fixture
def _plugin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Install a distribution with four engines, one of which works."""
    (tmp_path / "hum_plugin.py").write_text(PLUGIN)
    info = tmp_path / "hum_plugin-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: hum-plugin\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(ENTRY_POINTS)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "hum_plugin", raising=False)


@pytest.mark.usefixtures("_plugin")
def test_loads_engines_by_name() -> None:
    """An engine that is asked for is made with its options."""
    engines = load_engines(["good"], {"good": {"pitch": 3}})
    assert engines.names == ("good",)
    assert [voice.name for voice in engines.voices()] == ["v3"]
    assert engines.failures == {}


@pytest.mark.usefixtures("_plugin")
def test_loads_the_rest_without_broken_ones() -> None:
    """Without names, engines that fail are left out and told, and ``tone`` is left alone."""
    engines = load_engines()
    try:
        assert "good" in engines.names
        assert "tone" not in engines.names
        assert engines.failures["broken"] == (
            "engine broken: expected it to load, got OSError: no model file"
        )
        assert "ModuleNotFoundError" in engines.failures["absent"]
        assert engines.failures["stranger"] == (
            "engine stranger: expected voices of that engine, got v1 of 'good'"
        )
        assert "tone" not in engines.failures
    finally:
        engines.close()


NAMED_FAULTS = [
    (["broken"], {}, "engine broken: expected it to load, got OSError: no model file"),
    (["absent"], {}, "engine absent: .*ModuleNotFoundError"),
    (["good"], {"good": {"colour": 1}}, "engine good: .*TypeError"),
    (["nonsense"], {}, "engine: expected one of absent, broken, .*, got 'nonsense'"),
    (["good"], {"nonsense": {}}, "engine: expected one of absent, .*, got 'nonsense'"),
]


@pytest.mark.usefixtures("_plugin")
@pytest.mark.parametrize(("names", "options", "told"), NAMED_FAULTS)
def test_named_engines_must_load(
    names: list[str], options: dict[str, dict[str, object]], told: str
) -> None:
    """An engine that was asked for and cannot be had is an error that names it and the cause."""
    with pytest.raises(VoiceFault, match=told):
        load_engines(names, options)


@pytest.mark.usefixtures("_plugin")
def test_closes_what_was_loaded_before_a_failure() -> None:
    """When a later engine fails, those before it are closed."""
    with pytest.raises(VoiceFault):
        load_engines(["good", "broken"])
    assert import_module("hum_plugin").closed == ["good"]
