"""Recordings → what training reads: trimmed and levelled samples, mel spectra, pitch, tokens.

Comes in: a folder of recordings (see `corpus`). Goes out: `arrays.npz` and `utterances.json`.
"""

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np

from training.config import HOP, RATE_HZ
from training.corpus import (
    KATHLEEN_PACK_SHA256,
    Recording,
    checksum,
    held_out_names,
    recordings_of,
    sentences_of,
)
from training.features import Array, log_mel
from training.phonemes import ENGLISH, read_tokens
from training.pitch import track_pitch
from training.progress import say

_LEVEL_DB = -23.0
_RUMBLE_HZ = 55.0
_BLOCK = 220
"""Samples a block when the ends of speech are looked for: 10 ms."""
_BEFORE, _AFTER = 6, 8
"""Blocks kept beside speech."""


def prepare(source: Path, out: Path, limit: int | None = None) -> None:
    """Measure every recording (or the first `limit`) and write the results."""
    held_out = held_out_names(source, sentences_of(source))
    utterances: list[dict[str, Any]] = []
    samples, mels, pitches, voicings, start = [], [], [], [], 0
    for number, recording in enumerate(recordings_of(source)):
        if limit is not None and number >= limit:
            break
        audio = recording.samples if recording.is_prepared else clean(recording)
        tokens, stress = read_tokens(recording.text)
        log_f0, voiced = track_pitch(audio)
        utterances.append(
            {
                "name": recording.name,
                "text": recording.text,
                "is_held_out": recording.name in held_out,
                "tokens": tokens,
                "stress": stress,
                "start": start,
                "n_frames": len(log_f0),
            }
        )
        start += len(log_f0)
        samples.append(audio.astype(np.float16))
        mels.append(log_mel(audio).astype(np.float16))
        pitches.append(log_f0)
        voicings.append(voiced)
    if not any(u["is_held_out"] for u in utterances):
        utterances[-1]["is_held_out"] = True
    out.mkdir(parents=True, exist_ok=True)
    np.savez(
        out / "arrays.npz",
        samples=np.concatenate(samples),
        mel=np.concatenate(mels),
        log_f0=np.concatenate(pitches),
        voiced=np.concatenate(voicings),
    )
    facts = {"symbols": list(ENGLISH), "utterances": utterances}
    text = json.dumps(facts, ensure_ascii=False)
    (out / "utterances.json").write_text(text, encoding="utf-8")
    minutes = start * HOP / RATE_HZ / 60
    say(f"{len(utterances)} recordings, {minutes:.1f} minutes")


def clean(recording: Recording) -> Array:
    """Without rumble, trimmed to its speech, at -23 dB, a whole number of frames.

    Raises:
        ValueError: If there is no speech in it.
    """
    samples = _without_rumble(recording.samples)
    blocks = samples[: len(samples) // _BLOCK * _BLOCK].reshape(-1, _BLOCK)
    level = 20 * np.log10(np.sqrt(np.square(blocks).mean(1)) + 1e-9)
    if len(level) < 10 or level.max() < -70:
        msg = f"{recording.name}: expected speech, got {len(level) / 100:.1f} s of near silence"
        raise ValueError(msg)
    loud, quiet = np.percentile(level, 95), np.percentile(level, 5)
    threshold = max(loud - 38, min(quiet + 8, loud - 20))
    active = np.convolve(level, np.ones(3) / 3, "same") > threshold
    steady = np.flatnonzero(active & (np.convolve(active, np.ones(7), "same") >= 5))
    if len(steady) == 0:
        msg = f"{recording.name}: expected speech, got none above its noise"
        raise ValueError(msg)
    start = max(0, (int(steady[0]) - _BEFORE) * _BLOCK)
    stop = min(len(samples), (int(steady[-1]) + _AFTER) * _BLOCK)
    power = np.power(10, level[steady] / 10).mean()
    gain = 10 ** (_LEVEL_DB / 20) / np.sqrt(power)
    kept = samples[start:stop] * gain
    return np.ascontiguousarray(kept[: len(kept) // HOP * HOP], np.float32)


def _without_rumble(samples: Array) -> Array:
    """High-pass by spectrum: a cosine ramp from half of `_RUMBLE_HZ` to all of it."""
    spectrum = np.fft.rfft(samples)
    hz = np.linspace(0, RATE_HZ / 2, len(spectrum))
    ramp = np.clip(2 * hz / _RUMBLE_HZ - 1, 0, 1)
    spectrum *= 0.5 - 0.5 * np.cos(np.pi * ramp)
    return np.fft.irfft(spectrum, len(samples)).astype(np.float32)


def main() -> None:
    """Read the command line and prepare."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("source", type=Path, help="folder of recordings")
    parser.add_argument("out", type=Path, help="folder for what was measured")
    parser.add_argument("--limit", type=int, help="use the first recordings only (for a trial)")
    told = parser.parse_args()
    pack = told.source / "pack.ogg"
    if pack.exists() and checksum(pack) != KATHLEEN_PACK_SHA256:
        say("note: pack.ogg is not the one that the voice in this package was made from")
    prepare(told.source, told.out, told.limit)


if __name__ == "__main__":
    main()
