"""The process that makes a package of a stock voice: cuts the model, measures its level.

    python -m hoarfrost.engines.natural.piper.making VOICE.onnx FOLDER

In: a stock voice. Out: its package, or one line on the standard error and status 1. Invariant: a
package is there whole or not at all, and has spoken before it is there.
"""

import contextlib
import json
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import numpy as np

from hoarfrost import espeak
from hoarfrost.engines.natural.manifest import MANIFEST
from hoarfrost.engines.natural.phonemes import espeak_phonemizer
from hoarfrost.engines.natural.piper.cutting import Cut, cut, replace_folder
from hoarfrost.engines.natural.piper.graphs import Array
from hoarfrost.engines.natural.piper.importing import origin_of
from hoarfrost.engines.natural.piper.package import GAIN_DB, ONLY, read_package
from hoarfrost.engines.natural.piper.speaker import VitsSpeaker, VitsVoices
from hoarfrost.engines.natural.piper.stock import config_of, read_stock
from hoarfrost.engines.natural.utterance import Utterance
from hoarfrost.engines.natural.windows import ONE_SHOT
from hoarfrost.errors import VoiceFault
from hoarfrost.units import SampleRate, Seconds, samples_in

_LEVEL_DBFS: Final = -20.0
"""RMS of speech that all voices are brought to."""
_MEASURED_SPEAKERS: Final = 12
"""Of a voice with more, the others get the mean gain of these; one takes 0.3 s."""
_SAMPLE: Final = "1, 2, 3, 4, 5, 6, 7, 8, 9."
"""What is said to measure: every language has words for it."""
_GATE: Final = 0.1
"""Of the loudest 20 ms: what is quieter is no speech."""
_ROW_MS: Final = 20
_NEW: Final = ".new-"
"""Begins the names of packages being made."""
_STALE_S: Final[Seconds] = 3600
"""What is older was left by a process that was killed."""
_NICENESS: Final = 10
"""Whoever is speaking meanwhile goes first."""


def main(arguments: Sequence[str]) -> int:
    """Make one package; tell in one line what is wrong."""
    stock, target = map(Path, arguments)
    try:
        make_package(stock, target)
    except VoiceFault as fault:
        sys.stderr.write(f"{fault}\n")
    except OSError as error:
        sys.stderr.write(
            f"voice {stock.stem}: expected to read it and to write into "
            f"{target.parent}, got: {error.strerror or error}\n"
        )
    else:
        return 0
    return 1


def make_package(stock: Path, target: Path) -> None:
    """Make the package of a stock voice, in this process.

    Raises:
        VoiceFault: If it cannot be run; says why.
        OSError: If the package cannot be written.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    _remove_stale(target.parent)
    manifest = {**read_stock(stock), "made_from": origin_of(stock)}
    _check_language(stock, manifest["espeak_voice"])
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=_NEW) as scratch:
        made = Path(scratch) / stock.stem
        facts = cut(stock, made)
        _check_ids(stock, manifest, facts)
        ids = sorted((manifest["speakers"] or {"": ONLY}).values())
        manifest |= {
            "hop": manifest["hop"] if facts.is_whole else facts.hop,
            "whole_because": facts.reason if facts.is_whole else "",
            "cut": asdict(facts),
            "gains_db": dict.fromkeys(ids, 0.0),
            "graphs": {path.name: path.stat().st_size for path in sorted(made.glob("*.onnx"))},
        }
        _write(made, manifest)
        manifest["gains_db"] = _gains_db(made, ids)
        _write(made, manifest)
        replace_folder(made, target)


def _remove_stale(folder: Path) -> None:
    """Remove what killed processes left."""
    for path in folder.glob(f"{_NEW}*"):
        with contextlib.suppress(OSError):
            if time.time() - path.stat().st_mtime > _STALE_S:
                shutil.rmtree(path)


def _check_language(stock: Path, espeak_voice: str) -> None:
    """See that there is the language that a voice's phonemes come from.

    Raises:
        VoiceFault: If there is not.
    """
    try:
        if espeak_voice:
            espeak.phonemize("1", espeak_voice)
    except VoiceFault as fault:
        raise VoiceFault(
            f"voice {stock.stem}: {config_of(stock).name}: espeak.voice: expected a language of "
            f"espeak-ng, got {espeak_voice!r:.40}"
        ) from fault


def _check_ids(stock: Path, manifest: Mapping[str, Any], facts: Cut) -> None:
    """See that the model knows the ids of its configuration; 0 in ``facts`` is not known.

    Raises:
        VoiceFault: If it does not.
    """
    symbols = [id_ for ids in manifest["phonemes"].values() for id_ in ids]
    speakers = (manifest["speakers"] or {}).values()
    for what, ids, n_known in (
        ("phoneme_id_map", symbols, facts.n_symbols),
        ("speaker_id_map", speakers, facts.n_speakers),
    ):
        if n_known and (most := max(ids, default=0)) >= n_known:
            raise VoiceFault(
                f"voice {stock.stem}: {config_of(stock).name}: {what}: expected ids below "
                f"{n_known}, as the model has them, got {most}"
            )


def _write(folder: Path, manifest: Mapping[str, Any]) -> None:
    text = json.dumps(manifest, ensure_ascii=False, indent=1)
    (folder / MANIFEST).write_text(text, encoding="utf-8")


def _gains_db(folder: Path, ids: Sequence[int]) -> dict[int, float]:
    """Return what brings each speaker of a package, by id, to the common level.

    Raises:
        VoiceFault: If the package does not speak.
    """
    package = read_package(folder)
    sample = _SAMPLE if package.espeak_voice else _letters(package.phonemes)
    owner = espeak.acquire()
    try:
        speakers = VitsVoices(folder).load(espeak_phonemizer, ONE_SHOT).values()
        by_id = {speaker.id: speaker for speaker in speakers}
        measured = {
            id_: _LEVEL_DBFS - _level_dbfs(_say(by_id[id_], sample), package.rate_hz, folder)
            for id_ in _spread(ids, _MEASURED_SPEAKERS)
        }
    finally:
        owner.release()
    mean = float(np.mean(list(measured.values())))
    gains = {id_: measured.get(id_, mean) for id_ in ids}
    return {id_: round(min(max(gain, -GAIN_DB), GAIN_DB), 1) for id_, gain in gains.items()}


def _spread(ids: Sequence[int], n: int) -> list[int]:
    """Return at most ``n`` of the ids, from the first to the last."""
    places = np.linspace(0, len(ids) - 1, min(n, len(ids))).round()
    return [ids[int(place)] for place in places]


def _letters(symbols: Mapping[str, Sequence[int]]) -> str:
    known = [symbol for symbol in symbols if len(symbol) == 1 and symbol.isalpha()]
    return " ".join("".join(known[start : start + 5]) for start in range(0, 40, 5)).strip() + "."


def _say(speaker: VitsSpeaker, text: str) -> Array:
    chunks = []
    for sentence in speaker.read(text):
        plan = speaker.plan(sentence, lambda _word: 1.0, 0)
        if plan is not None:
            utterance = Utterance(speaker, plan, seed=0, at=0)
            chunks += [chunk.samples for chunk in utterance.chunks()]
    return np.concatenate(chunks) if chunks else np.zeros(0, np.float32)


def _level_dbfs(samples: Array, rate_hz: SampleRate, folder: Path) -> float:
    """Return the RMS of the loud parts of a recording: pauses do not count.

    Raises:
        VoiceFault: If there are none, or it holds what is no number.
    """
    size = samples_in(_ROW_MS, rate_hz)
    rows = samples[: len(samples) // size * size].reshape(-1, size)
    levels = np.sqrt(np.mean(np.square(rows, dtype=np.float64), axis=1))
    if not len(levels) or not np.all(np.isfinite(levels)) or levels.max() < 1e-6:
        raise VoiceFault(f"voice {folder.name}: expected speech from the model, got none")
    loud = levels[levels > _GATE * levels.max()]
    return float(10 * np.log10(np.mean(np.square(loud))))


if __name__ == "__main__":
    with contextlib.suppress(AttributeError, OSError):  # Windows has no such thing
        os.nice(_NICENESS)
    sys.exit(main(sys.argv[1:]))
