"""Packages: what is read, and what is refused with which reason."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from hoarfrost.engines.natural import NaturalEngine
from hoarfrost.engines.natural.hibari import installed
from hoarfrost.engines.natural.hibari import package as package_module
from hoarfrost.engines.natural.hibari.installed import installed_file
from hoarfrost.engines.natural.hibari.package import read_package
from hoarfrost.engines.natural.voice_cache import read_voices
from hoarfrost.errors import VoiceFault

BUILT_IN = Path(NaturalEngine.__init__.__code__.co_filename).parent / "hibari" / "heart"


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A copy of the built-in package, under another name."""
    folder = tmp_path / "copy"
    shutil.copytree(BUILT_IN, folder)
    change(folder, name="copy")
    return folder


def change(folder: Path, **fields: Any) -> None:
    manifest = folder / "voice.json"
    manifest.write_text(json.dumps({**json.loads(manifest.read_text("utf-8")), **fields}))


def test_built_in_package_is_read() -> None:
    """The manifest in the wheel is valid; the graph that it names is the one that is installed."""
    package = read_package(BUILT_IN)
    assert (package.name, package.licence, package.languages) == (
        "heart", "Apache-2.0", ("en-US",),
    )  # fmt: skip
    assert package.graph == installed_file("assets", "hibari.onnx")


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"format": 2}, "format: expected 1, got 2"),
        ({"name": ""}, "name: expected a short text"),
        ({"languages": []}, "languages: expected a list of texts"),
        ({"graph": "../hibari.onnx"}, "graph: expected the name of a file"),
        ({"gender": "cat"}, "gender: expected one of"),
        ({"ranges": [1]}, "ranges: expected an object, got list"),
        ({"ranges": {"m.head": 1}}, "ranges.m.head: expected two numbers, got 1"),
        ({"ranges": {"m.head": [0, "a"]}}, "ranges.m.head: expected a number"),
        ({"ranges": {"m.head": [1, 1]}}, "ranges.m.head: expected rising numbers"),
    ],
)
def test_wrong_manifests_are_refused(package: Path, fields: dict[str, Any], reason: str) -> None:
    """A manifest that cannot be run is refused by the package's name, with the reason."""
    change(package, **fields)
    with pytest.raises(VoiceFault) as caught:
        read_package(package)
    assert str(caught.value).startswith("voice package copy: voice.json: ")
    assert reason in str(caught.value)


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b"\xff\xfe", b"[" * 100_000, b" " * 2_000_000]
)
def test_broken_manifests_are_refused(package: Path, content: bytes) -> None:
    """A manifest that is no JSON object is refused."""
    (package / "voice.json").write_bytes(content)
    with pytest.raises(VoiceFault, match=r"voice package copy: voice\.json: "):
        read_package(package)


def test_folder_without_manifest_is_refused(tmp_path: Path) -> None:
    """A foreign folder is refused."""
    with pytest.raises(VoiceFault, match=r"voice\.json: expected a file, got none"):
        read_package(tmp_path)


@pytest.mark.parametrize("family", ["hmm", 5, ["piper"]])
def test_unknown_families_are_refused(package: Path, family: object) -> None:
    """A package of a family that nothing here runs is refused with those that can be run."""
    change(package, family=family)
    with pytest.raises(VoiceFault, match="family: expected hibari or piper, got"):
        read_voices(package)


def test_broken_graphs_are_refused(package: Path) -> None:
    """A graph that is missing, cut short or another one is refused by name."""
    graph = package / "hibari.onnx"
    whole = installed_file("assets", graph.name).read_bytes()
    other = installed_file("assets", "oov.onnx").read_bytes()
    for content in (b"", whole[: len(whole) // 2], other):
        graph.write_bytes(content)
        change(package, is_installed=False, sha256=None)
        with pytest.raises(VoiceFault, match=r"hibari\.onnx: expected the graph of a hibari voice"):
            read_voices(package).load(lambda _: lambda _: "", None)
        change(package, is_installed=False, sha256="0" * 64)
        with pytest.raises(VoiceFault, match="expected the graph that the manifest names, got an"):
            read_package(package)
    graph.unlink()
    with pytest.raises(
        VoiceFault, match=r"voice package copy: hibari\.onnx: expected a graph, got"
    ):
        read_package(package)


@pytest.mark.parametrize("spec", [None, ImportError("broken"), ValueError("no spec")])
def test_without_the_installed_package_there_are_other_voices(
    monkeypatch: pytest.MonkeyPatch, spec: object
) -> None:
    """An installation without `hibari-tts` has an engine that starts and says what is missing."""

    def find(_: str) -> object:
        if isinstance(spec, Exception):
            raise spec
        return spec

    monkeypatch.setattr(installed, "find_spec", find)
    engine = NaturalEngine()
    assert list(engine.voices()) == []
    assert engine.refusals == [
        "voice package heart: expected the package hibari-tts, got none (pip install it)"
    ]
    engine.close()


def test_another_release_is_told_and_left_out(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A graph that is not the one that was measured is not spoken with."""
    (tmp_path / "hibari.onnx").write_bytes(b"another release")
    monkeypatch.setattr(package_module, "installed_file", lambda *parts: tmp_path / parts[-1])
    engine = NaturalEngine()
    assert list(engine.voices()) == []
    [refusal] = engine.refusals
    assert refusal.startswith("voice package heart: hibari.onnx: expected the graph that the")
    engine.close()


def test_folders_add_voices_and_broken_ones_do_no_harm(package: Path) -> None:
    """A good package adds a voice; a broken one is left out and its reason kept."""
    broken = package.parent / "broken"
    broken.mkdir()
    (broken / "voice.json").write_text("{")
    (package.parent / "not-a-package").mkdir()
    engine = NaturalEngine(str(package.parent), phonemize=lambda _: "a")
    assert "copy" in [voice.name for voice in engine.voices()]
    assert len(engine.refusals) == 1
    assert engine.refusals[0].startswith("voice package broken: voice.json: ")
    engine.close()


def test_a_name_can_be_taken_once(package: Path) -> None:
    """A package that brings a name which is already spoken is left out."""
    change(package, name="alder")
    engine = NaturalEngine(str(package.parent), phonemize=lambda _: "a")
    assert engine.refusals == ["voice package copy: expected a new name, got alder again"]
    engine.close()


def test_voices_folder_that_is_none_is_told(tmp_path: Path) -> None:
    """A file in the place of the folder is the caller's mistake."""
    (tmp_path / "voices").write_text("")
    with pytest.raises(VoiceFault, match="voices_dir: expected a folder, got a file, voices"):
        NaturalEngine(str(tmp_path / "voices"), phonemize=lambda _: "a")
