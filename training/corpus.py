"""Recordings of one speaker with their sentences: where they come from, and how they are read.

A folder of recordings is either

* `metadata.csv` (lines `name|sentence`) beside `wavs/name.wav` (any rate, mono or stereo): the
  layout of LJ Speech, in which nearly all single-speaker corpora are published; or
* `metadata.csv` beside `pack.ogg` and `pack.json`: all recordings in one Opus stream, with offsets.
"""

import hashlib
import json
import wave
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import soxr

from training.config import HOP, RATE_HZ
from training.features import Array

KATHLEEN_SOURCE: Final = "https://github.com/rhasspy/dataset-voice-kathleen"
"""1,620 readings of the CMU ARCTIC prompts, 80 minutes, CC0 1.0. The recordings are not in this
repository; the voice that ships was made from them as one Opus stream (80 kb/s), trimmed and
levelled, with this checksum."""
KATHLEEN_PACK_SHA256: Final = "85ee5622e7a05006cd86c93ae5fdde93a4940c3d26fa7f8b7479d6d55c710b56"


@dataclass(frozen=True, slots=True)
class Recording:
    """One sentence, read.

    Attributes:
        name: Unique in its corpus.
        text: What was read.
        samples: float32, mono, at RATE_HZ, in [-1, 1].
        is_prepared: True if it is already trimmed and levelled.
    """

    name: str
    text: str
    samples: Array
    is_prepared: bool = False


def sentences_of(folder: Path) -> dict[str, str]:
    """Names and sentences of `metadata.csv`; of several columns the last is the sentence.

    Raises:
        ValueError: If a line has no sentence or a name comes twice.
    """
    sentences: dict[str, str] = {}
    lines = (folder / "metadata.csv").read_text(encoding="utf-8").splitlines()
    for number, line in enumerate(lines, 1):
        columns = line.split("|")
        if len(columns) < 2 or not columns[-1].strip():
            msg = (
                f"metadata.csv, line {number}: expected name|sentence, got {len(columns)} column(s)"
            )
            raise ValueError(msg)
        if columns[0] in sentences:
            msg = f"metadata.csv, line {number}: expected a new name, got one again"
            raise ValueError(msg)
        sentences[columns[0]] = columns[-1].strip()
    return sentences


def recordings_of(folder: Path) -> Iterator[Recording]:
    """All recordings of a folder, in the order of `metadata.csv`.

    Raises:
        FileNotFoundError: If the folder has neither wavs/ nor pack.ogg.
        ValueError: If a file is not what it should be.
    """
    sentences = sentences_of(folder)
    if (folder / "pack.ogg").exists():
        yield from _packed(folder, sentences)
    elif (folder / "wavs").is_dir():
        for name, text in sentences.items():
            yield Recording(name, text, read_wave(folder / "wavs" / f"{name}.wav"))
    else:
        msg = f"expected wavs/ or pack.ogg in {folder.name!r}, got neither"
        raise FileNotFoundError(msg)


def held_out_names(folder: Path, sentences: dict[str, str], count: int = 40) -> set[str]:
    """Recordings for evaluation only: those the folder names, or a fortieth drawn by sentence.

    All readings of one sentence go together, so that no network has heard it.
    """
    names = list(sentences)
    if (folder / "pack.json").exists():
        facts = json.loads((folder / "pack.json").read_text(encoding="utf-8"))
        return {names[i] for i in facts["held"]}
    readings: dict[str, list[str]] = {}
    for name, text in sentences.items():
        readings.setdefault(text, []).append(name)
    held: set[str] = set()
    limit = min(count, max(1, len(names) // 40))
    for i in np.random.default_rng(7).permutation(len(readings)):
        group = list(readings.values())[i]
        if len(held) + len(group) <= limit:
            held.update(group)
    return held or {names[-1]}


def checksum(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def read_wave(path: Path) -> Array:
    """Samples of a 16-bit file, mixed to mono, at RATE_HZ.

    Raises:
        ValueError: If the file is not 16-bit PCM.
    """
    with wave.open(str(path), "rb") as file:
        if file.getsampwidth() != 2:
            msg = f"{path.name}: expected 16-bit samples, got {8 * file.getsampwidth()}-bit"
            raise ValueError(msg)
        pcm = np.frombuffer(file.readframes(file.getnframes()), "<i2")
        rate, channels = file.getframerate(), file.getnchannels()
    samples = pcm.reshape(-1, channels).mean(1) / 32_768
    return np.asarray(soxr.resample(samples, rate, RATE_HZ), np.float32)


def _packed(folder: Path, sentences: dict[str, str]) -> Iterator[Recording]:
    import av  # noqa: PLC0415 - needed for this layout only; your own voice does without it

    facts = json.loads((folder / "pack.json").read_text(encoding="utf-8"))
    offsets = facts["off"]
    if len(offsets) != len(sentences) + 1:
        msg = f"pack.json: expected {len(sentences) + 1} offsets, got {len(offsets)}"
        raise ValueError(msg)
    parts, rate = [], RATE_HZ
    with av.open(str(folder / "pack.ogg")) as container:
        for frame in container.decode(audio=0):
            parts.append(frame.to_ndarray().reshape(-1).astype(np.float32))
            rate = frame.sample_rate
    stream = soxr.resample(np.concatenate(parts), rate, RATE_HZ) / facts["gain"]
    stream = np.pad(stream, (0, max(0, offsets[-1] * HOP - len(stream)))).astype(np.float32)
    for (name, text), start, stop in zip(sentences.items(), offsets[:-1], offsets[1:], strict=True):
        yield Recording(name, text, stream[start * HOP : stop * HOP], is_prepared=True)
