"""The process that makes a package of a stock voice: cuts the model, measures its level.

    python -m hoarfrost.engines.natural.vits.making VOICE.onnx

In: a stock voice. Out: its package, or one line on the standard error and status 1. Invariant: a
package is there whole or not at all, and has spoken before it is there.
"""

import json
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import numpy as np

from hoarfrost import espeak
from hoarfrost.engines.natural.manifest import MANIFEST
from hoarfrost.engines.natural.phonemes import Phonemizer
from hoarfrost.engines.natural.utterance import Utterance
from hoarfrost.engines.natural.vits.cutting import cut, replace_folder
from hoarfrost.engines.natural.vits.graphs import Array
from hoarfrost.engines.natural.vits.importing import cut_folder, origin_of
from hoarfrost.engines.natural.vits.package import read_package
from hoarfrost.engines.natural.vits.speaker import VitsSpeaker, VitsVoices
from hoarfrost.engines.natural.vits.stock import read_stock
from hoarfrost.engines.natural.windows import ONE_SHOT
from hoarfrost.errors import VoiceFault

_LEVEL_DBFS: Final = -20.0
"""RMS of speech that all voices are brought to."""
_MEASURED_SPEAKERS: Final = 12
"""Of a voice with more, the others get the mean gain of these."""
_SAMPLE: Final = "1, 2, 3, 4, 5, 6, 7, 8, 9."
"""What is said to measure: every language has words for it."""
_GATE: Final = 0.1
"""Of the loudest 20 ms: what is quieter is no speech."""


def main(arguments: Sequence[str]) -> int:
    """Make one package; tell in one line what is wrong."""
    try:
        make_package(Path(arguments[0]))
    except (VoiceFault, OSError) as fault:
        sys.stderr.write(f"{fault}\n")
        return 1
    return 0


def make_package(stock: Path) -> None:
    """Make the package of a stock voice, in this process.

    Raises:
        VoiceFault: If it cannot be run; says why.
        OSError: If the package cannot be written.
    """
    target = cut_folder(stock)
    target.parent.mkdir(exist_ok=True)
    manifest = {**read_stock(stock), "made_from": origin_of(stock)}
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".new-") as scratch:
        made = Path(scratch) / stock.stem
        facts = cut(stock, made)
        manifest |= {
            "hop": facts.hop,
            "whole_because": facts.reason if facts.is_whole else "",
            "cut": asdict(facts),
            "gains_db": [0.0],
        }
        _write(made, manifest)
        manifest["gains_db"] = _gains_db(made)
        _write(made, manifest)
        replace_folder(made, target)


def _write(folder: Path, manifest: Mapping[str, Any]) -> None:
    text = json.dumps(manifest, ensure_ascii=False, indent=1)
    (folder / MANIFEST).write_text(text, encoding="utf-8")


def _gains_db(folder: Path) -> list[float]:
    """Return what brings the speakers of a package to the common level: one each, or one for all.

    Raises:
        VoiceFault: If the package does not speak.
    """
    package = read_package(folder)
    sample = _SAMPLE if package.espeak_voice else _letters(package.phonemes)
    owner = espeak.acquire()
    try:
        speakers = list(VitsVoices(folder).load(_phonemizer, ONE_SHOT).values())
        gains = [
            round(_LEVEL_DBFS - _level_dbfs(_say(speaker, sample), folder), 1)
            for speaker in speakers[:_MEASURED_SPEAKERS]
        ]
    finally:
        owner.release()
    return gains if len(speakers) <= _MEASURED_SPEAKERS else [round(float(np.mean(gains)), 1)]


def _phonemizer(language: str) -> Phonemizer:
    return lambda text: " ".join(clause.ipa for clause in espeak.phonemize(text, language))


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


def _level_dbfs(samples: Array, folder: Path) -> float:
    """Return the RMS of the loud parts of a recording.

    Raises:
        VoiceFault: If there are none, or it holds what is no number.
    """
    size = 441
    rows = samples[: len(samples) // size * size].reshape(-1, size)
    levels = np.sqrt(np.mean(np.square(rows, dtype=np.float64), axis=1))
    if not len(levels) or not np.all(np.isfinite(levels)) or levels.max() < 1e-6:
        raise VoiceFault(f"voice {folder.name}: expected speech from the model, got none")
    loud = levels[levels > _GATE * levels.max()]
    return float(10 * np.log10(np.mean(np.square(loud))))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
