"""From a stock voice to a package: made once, made anew when files change, or refused by name."""

import json
import os
import shutil
import signal
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import onnx
import pytest

from hoarfrost.engines.natural import NaturalEngine
from hoarfrost.engines.natural.hibari.installed import installed_file
from hoarfrost.engines.natural.piper import importing, making
from hoarfrost.engines.natural.piper.importing import (
    VERSION,
    cut_folder,
    import_voice,
    is_imported,
)
from hoarfrost.engines.natural.piper.package import read_package
from hoarfrost.engines.natural.piper.stock import card_of, config_of
from hoarfrost.errors import VoiceFault

from .conftest import put
from .humming import humming_model, write_humming


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_package_lies_beside_the_voice(prepared: Path) -> None:
    """It has the graphs, the manifest, and nothing that was needed on the way."""
    assert names_in(prepared / ".cut") == sorted(path.stem for path in prepared.glob("*.onnx"))
    for stock in prepared.glob("*.onnx"):
        assert is_imported(stock)
        assert names_in(cut_folder(stock)) == ["sound.onnx", "text.onnx", "voice.json"]
        package = read_package(cut_folder(stock))
        assert package.whole_because == ""
        assert package.hop == 256
        assert set(package.gains_db) == set(package.speakers.values() or {0})


CHANGES: dict[str, Callable[[Path], object]] = {
    "model": lambda stock: onnx.save(humming_model(0.1), stock),
    "config": lambda stock: write_humming(stock.parent, inference={"length_scale": 2}),
    "config's time": lambda stock: os.utime(config_of(stock), (1, 1)),
    "card": lambda stock: card_of(stock).write_text("License: MIT", "utf-8"),
    "no manifest": lambda stock: (cut_folder(stock) / "voice.json").unlink(),
    "half a manifest": lambda stock: (cut_folder(stock) / "voice.json").write_text("{", "utf-8"),
    "half a graph": lambda stock: os.truncate(cut_folder(stock) / "whole.onnx", 100),
    "no graph": lambda stock: (cut_folder(stock) / "whole.onnx").unlink(),
    "other files": lambda stock: _rewrite(stock, "made_from", {"version": VERSION}),
    "older version": lambda stock: _rewrite(stock, "graphs", []),
}


def _rewrite(stock: Path, key: str, value: object) -> None:
    manifest = cut_folder(stock) / "voice.json"
    manifest.write_text(json.dumps({**json.loads(manifest.read_text("utf-8")), key: value}))


@pytest.fixture(scope="module")
def hummed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("hummed")
    stock = write_humming(folder)
    import_voice(stock)
    return stock


@pytest.mark.parametrize("change", CHANGES)
def test_a_package_is_for_its_very_files(hummed: Path, tmp_path: Path, change: str) -> None:
    """When a file is another one, or the package is not whole, it has to be made anew."""
    shutil.copytree(hummed.parent, tmp_path, dirs_exist_ok=True)
    stock = tmp_path / hummed.name
    assert is_imported(stock)
    CHANGES[change](stock)
    assert not is_imported(stock)


def test_a_package_is_made_anew(tmp_path: Path) -> None:
    """A changed voice replaces its package."""
    stock = write_humming(tmp_path)
    import_voice(stock)
    card_of(stock).write_text("* License: CC0 1.0\n", "utf-8")
    write_humming(tmp_path, inference={"length_scale": 2})
    import_voice(stock)
    assert is_imported(stock)
    package = read_package(cut_folder(stock))
    assert (package.licence, package.length_scale) == ("CC0 1.0", 2)


BROKEN: dict[str, tuple[Callable[[Path], object], str]] = {
    "empty": (lambda stock: stock.write_bytes(b""), "of a Piper voice, got 0 inputs"),
    "foreign": (lambda stock: stock.write_bytes(b"\x89PNG\r\n" * 100), "expected an ONNX model"),
    "truncated": (
        lambda stock: os.truncate(stock, stock.stat().st_size // 2),
        "expected an ONNX model",
    ),
    "another model": (
        lambda stock: stock.write_bytes(installed_file("assets", "hibari.onnx").read_bytes()),
        "expected the inputs input, input_lengths, scales",
    ),
    "silent": (
        lambda stock: onnx.save(humming_model(0.0), stock),
        "expected speech from the model, got none",
    ),
    "too many speakers": (
        lambda stock: write_humming(stock.parent, stock.stem, num_speakers=2),
        "speaker_id_map: expected ids below 1, as the model has them, got 1",
    ),
    "no language": (
        lambda stock: write_humming(stock.parent, stock.stem, espeak={"voice": "zz"}),
        "espeak.voice: expected a language of espeak-ng, got 'zz'",
    ),
    "no begin": (
        lambda stock: write_humming(stock.parent, stock.stem, phoneme_id_map={"_": [0]}),
        "phonemes: expected ['^', '$'] among them",
    ),
    "no config": (lambda stock: config_of(stock).unlink(), "expected a file, got none"),
    "no place": (
        lambda stock: (stock.parent / ".cut").write_text(""),
        "expected to read it and to write into",
    ),
}


@pytest.mark.parametrize("fault", BROKEN)
def test_what_is_no_voice_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], fault: str
) -> None:
    """A broken, foreign or unusable file is refused in one line, and nothing is left behind."""
    stock = write_humming(tmp_path, "en_US-broken-low")
    breaks, reason = BROKEN[fault]
    breaks(stock)
    assert making.main([str(stock), str(cut_folder(stock))]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(("voice en_US-broken-low: ", "voice package en_US-broken-low: "))
    assert reason in line
    assert not is_imported(stock)
    assert not list(tmp_path.glob(".cut/*"))


@pytest.mark.parametrize("fault", ["foreign", "silent", "no config"])
def test_the_reason_comes_out_of_the_process(tmp_path: Path, fault: str) -> None:
    """Whoever has a voice prepared gets the reason as a fault, with the voice's name once."""
    stock = write_humming(tmp_path, "en_US-broken-low")
    breaks, reason = BROKEN[fault]
    breaks(stock)
    with pytest.raises(VoiceFault, match=f"^voice en_US-broken-low: .*{reason}") as caught:
        import_voice(stock)
    assert str(caught.value).count("voice en_US-broken-low") == 1


def test_a_symbol_beyond_the_model_is_refused(tmp_path: Path) -> None:
    """A configuration of another model would read past its table of symbols."""
    stock = put("en_US-fixture-low", tmp_path)
    config = json.loads(config_of(stock).read_text("utf-8"))
    config["phoneme_id_map"]["x"] = [256]
    config_of(stock).write_text(json.dumps(config), "utf-8")
    with pytest.raises(VoiceFault, match="phoneme_id_map: expected ids below 256, as the model"):
        making.make_package(stock, cut_folder(stock))


def test_broken_voices_never_stop_the_engine(prepared: Path, tmp_path: Path) -> None:
    """An engine starts with the voices that are whole, and keeps the reasons of the others."""
    shutil.copytree(prepared, tmp_path, dirs_exist_ok=True)
    (tmp_path / "a.onnx").write_bytes(b"")
    (tmp_path / "b.onnx").write_bytes(b"junk")
    write_humming(tmp_path, "b", phoneme_type="pinyin")
    (tmp_path / "c").mkdir()
    (tmp_path / "c" / "voice.json").write_text('{"family": "piper", "format": 1}', "utf-8")
    (tmp_path / "d.onnx").mkdir()
    engine = NaturalEngine(str(tmp_path))
    names = [voice.name for voice in engine.voices()]
    assert {"heart", "en_us-fixture-low", "de_de-crowd-low.anna"} <= set(names)
    assert [refusal.partition(":")[0] for refusal in engine.refusals] == [
        "voice a", "voice b", "voice package c",
    ]  # fmt: skip
    engine.close()


def test_two_at_once_make_one_package(tmp_path: Path) -> None:
    """Two processes that prepare the same voice do not get into each other's way."""
    stock = write_humming(tmp_path)
    with ThreadPoolExecutor() as pool:
        list(pool.map(import_voice, [stock, stock]))
    assert is_imported(stock)
    assert names_in(tmp_path / ".cut") == [stock.stem]


def test_a_killed_process_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Memory may run out: the voice is refused with the signal, and the server goes on."""
    stock = write_humming(tmp_path)
    monkeypatch.setattr(importing, "_MAKING", "tests.engines.natural.piper.killed")
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[4]))
    with pytest.raises(VoiceFault, match=f"ended by signal {signal.SIGKILL.value}$"):
        import_voice(stock)


def test_what_killed_processes_left_is_removed(tmp_path: Path) -> None:
    """An hour later the next one clears it away; what is younger may be somebody's work."""
    stock = write_humming(tmp_path)
    for name, age_s in (("old", 4000), ("young", 100)):
        left = tmp_path / ".cut" / f".new-{name}"
        left.mkdir(parents=True)
        (left / "text.onnx").write_bytes(b"x")
        os.utime(left, (time.time() - age_s,) * 2)
    import_voice(stock)
    assert names_in(tmp_path / ".cut") == [".new-young", stock.stem]


def test_levels_are_measured_on_speech_alone() -> None:
    """Pauses, however long, do not make a voice sound louder than it is."""
    generator = np.random.default_rng(0)
    speech = generator.standard_normal(16_000).astype("float32") * 0.05
    quiet = np.zeros(48_000, "float32")
    alone = making._level_dbfs(speech, 16_000, Path("x"))
    assert alone == pytest.approx(-26.0, abs=0.1)
    paused = np.concatenate([quiet, speech[:8000], quiet, speech[8000:], quiet])
    assert making._level_dbfs(paused, 16_000, Path("x")) == pytest.approx(alone, abs=0.1)


def test_speakers_to_measure_are_spread() -> None:
    """Of many speakers a dozen are measured, the first and the last among them."""
    found = making._spread(range(904), 12)
    assert (len(found), found[0], found[-1]) == (12, 0, 903)
    assert making._spread([4, 7], 12) == [4, 7]
