"""Packages: what is read, and what is refused with which reason."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from hoarfrost.engines.natural import NaturalEngine
from hoarfrost.engines.natural.shelf import read_voices
from hoarfrost.engines.natural.source_filter.graphs import CurveGraph, TextGraph
from hoarfrost.engines.natural.source_filter.package import read_package
from hoarfrost.errors import VoiceFault

BUILT_IN = Path(NaturalEngine.__init__.__code__.co_filename).parent / "kathleen"


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
    """The package in the wheel is valid and free."""
    package = read_package(BUILT_IN)
    assert (package.name, package.licence, package.languages) == (
        "kathleen", "CC0-1.0", ("en-US",),
    )  # fmt: skip
    assert (package.rate_hz, package.hop, package.n_fft) == (22050, 256, 1024)


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"format": 2}, "format: expected 1, got 2"),
        ({"name": ""}, "name: expected a short text"),
        ({"languages": []}, "languages: expected a list of texts"),
        ({"rate_hz": 1}, "rate_hz: expected an integer from 8000 to 48000, got 1"),
        ({"hop": True}, "hop: expected an integer"),
        ({"n_fft": 1000}, "n_fft: expected an even multiple, 4 or more, of hop, got 1000"),
        ({"noise_n_fft": 128}, "noise_n_fft: expected n_fft, 2 hop or hop, got 128"),
        ({"pitch": 5}, "pitch: expected an object, got int"),
        ({"pitch": {"mean_log_hz": 99, "std_log_hz": 0.1}}, "pitch.mean_log_hz: expected"),
        ({"phonemes": ["a", "a"]}, "phonemes: expected every symbol once"),
        ({"phonemes": ["a"]}, "phonemes: expected [' ', ',', '.', '^'] among them"),
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


@pytest.mark.parametrize("family", ["hmm", 5, ["vits"]])
def test_unknown_families_are_refused(package: Path, family: object) -> None:
    """A package of a family that nothing here runs is refused with those that can be run."""
    change(package, family=family)
    with pytest.raises(VoiceFault, match="family: expected source-filter or vits, got"):
        read_voices(package)


@pytest.mark.parametrize(("file", "opens"), [("text.onnx", TextGraph), ("dec.onnx", CurveGraph)])
def test_broken_graphs_are_refused(package: Path, file: str, opens: type) -> None:
    """A graph that is missing, cut short or another one is refused by name."""
    whole = (package / file).read_bytes()
    (package / file).write_bytes(whole[: len(whole) // 2])
    with pytest.raises(VoiceFault, match=f"voice package copy: {file}: expected an ONNX graph"):
        opens(read_package(package))
    other = {"text.onnx": "dec.onnx", "dec.onnx": "text.onnx"}[file]
    (package / file).write_bytes((BUILT_IN / other).read_bytes())
    with pytest.raises(VoiceFault, match=f"voice package copy: {file}: expected .* among"):
        opens(read_package(package))
    (package / file).unlink()
    with pytest.raises(VoiceFault, match=f"voice package copy: {file}: expected a graph, got no"):
        opens(read_package(package))


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
