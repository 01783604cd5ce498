"""``hoarfrost voices add fenrir``: a voice that hibari-tts names, from its address."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from hoarfrost.engines.natural import NaturalEngine
from hoarfrost.engines.natural.hibari.installed import installed_file
from hoarfrost.voices import further
from hoarfrost.voices.catalogue import PublishedFile
from hoarfrost.voices.folder import VoicesFolder
from tests.cli.conftest import Run
from tests.engines.conformance import ask, join, speak
from tests.voices.publisher import Cut, Publisher, publishing

GRAPH = installed_file("assets", "hibari.onnx").read_bytes()
FILE = "am_fenrir_v2.int8.onnx"


@pytest.fixture
def publisher(monkeypatch: pytest.MonkeyPatch) -> Iterator[Publisher]:
    """A publisher of the installed voice's graph by fenrir's name, and of one that is none."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    real = further.further_voices()

    def published(name: str, content: bytes) -> further.FurtherVoice:
        voice, digest = real[name], hashlib.sha256(content).hexdigest()
        file = PublishedFile(voice.file.path, len(content), sha256=digest)
        return further.FurtherVoice(name, voice.language, voice.gender, voice.accent, file)

    voices = {"fenrir": published("fenrir", GRAPH), "kore": published("kore", b"no graph" * 9)}
    files = {FILE: GRAPH, voices["kore"].file.path: b"no graph" * 9}
    with publishing(Publisher(files)) as running:
        monkeypatch.setattr(further, "BASE_URL", running.url)
        monkeypatch.setattr("hoarfrost.cli.voices_add.further_voices", lambda: voices)
        yield running


@pytest.fixture
def voices(folder: Path) -> VoicesFolder:
    """The folder of the voices, by default."""
    return VoicesFolder(folder / "data" / "voices")


def test_the_registry_names_size_and_checksum() -> None:
    """Each of them is a file of its own, of megabytes, with a SHA-256."""
    found = further.further_voices()
    assert {"fenrir", "emma", "fable", "kore"} <= found.keys()
    assert "heart" not in found
    assert all(voice.n_bytes > 10**6 and len(voice.file.sha256) == 64 for voice in found.values())


def test_a_further_voice_is_fetched_and_speaks(
    run: Run, publisher: Publisher, voices: VoicesFolder
) -> None:
    """What broke off goes on, and the engine speaks with it."""
    publisher.faults[FILE] = [Cut(len(GRAPH) // 2)]
    result = run("voices", "add", "Fenrir")
    assert result.exit_code == 0, result.stderr
    assert result.stdout.startswith(
        f"fenrir is added: 7.9 MB in {voices.path}\nLicence: Apache-2.0"
    )
    assert publisher.asked(FILE)[1]["Range"] == f"bytes={len(GRAPH) // 2}-"
    assert voices.installed() == ["fenrir"]
    engine = NaturalEngine(str(voices.path))
    try:
        assert engine.refusals == []
        [voice] = [voice for voice in engine.voices() if voice.name == "fenrir"]
        assert (voice.language, voice.gender) == ("en-US", "male")
        assert len(join(speak(engine, ask(voice, "Good day.")))) > voice.rate_hz // 2
    finally:
        engine.close()
    assert "is there already" in run("voices", "add", "fenrir").stdout
    assert run("voices", "remove", "fenrir").exit_code == 0
    assert voices.installed() == []
    assert not (voices.path / "fenrir").exists()


def test_what_is_no_voice_is_not_kept(run: Run, publisher: Publisher, voices: VoicesFolder) -> None:
    """A file with the right checksum that the engine cannot run leaves nothing behind."""
    result = run("voices", "add", "kore")
    assert result.exit_code != 0
    assert "expected the graph of a hibari voice" in result.stderr
    assert voices.installed() == []


def test_another_file_is_refused(run: Run, publisher: Publisher, voices: VoicesFolder) -> None:
    """A file of another checksum than the registry's is told, and not kept."""
    publisher.files[FILE] = bytes(len(GRAPH))
    result = run("voices", "add", "fenrir")
    assert result.exit_code != 0
    assert "expected the SHA-256" in result.stderr
    assert voices.installed() == []
