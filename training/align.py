"""Align a prepared corpus: adds the durations that everything after needs.

Comes in: `utterances.json` and `arrays.npz` of `prepare`. Goes out: `corpus.json`.
"""

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np

from training.alignment import (
    PASSES,
    best_path,
    cepstra_of,
    chain_of,
    durations_of,
    fit,
    flat_path,
    log_likelihoods,
)
from training.config import HOP
from training.phonemes import GAPS, NONE, START
from training.progress import say

_SETTLED = 0.002
"""Training ends when fewer half frames than this share change their phoneme."""


def align(folder: Path, passes: tuple[int, ...] = PASSES) -> None:
    """Train the models, align every utterance, write `corpus.json`."""
    facts: dict[str, Any] = json.loads((folder / "utterances.json").read_text(encoding="utf-8"))
    with np.load(folder / "arrays.npz") as arrays:
        samples = arrays["samples"]
    utterances = facts["utterances"]
    spans = [(u["start"] * HOP, (u["start"] + u["n_frames"]) * HOP) for u in utterances]
    features = [cepstra_of(samples[a:b].astype(np.float32)) for a, b in spans]
    phonemes = [s for s in facts["symbols"] if s not in GAPS and s not in (START, NONE)]
    chains = [chain_of(u["tokens"], phonemes) for u in utterances]
    for u, f, c in zip(utterances, features, chains, strict=True):
        if len(f) < len(c.states):
            msg = f"{u['name']}: expected {len(c.states) * HOP // 2} samples or more for its text"
            raise ValueError(msg)
    paths = [
        flat_path(u["tokens"], u["stress"], c, len(f))
        for u, c, f in zip(utterances, chains, features, strict=True)
    ]
    everything = np.concatenate(features)
    for number, mixtures in enumerate(passes, 1):
        labels = np.concatenate([c.states[p] for c, p in zip(chains, paths, strict=True)])
        model = fit(everything, labels, 1 + 3 * len(phonemes), mixtures)
        moved, new = 0, []
        for f, c, old in zip(features, chains, paths, strict=True):
            path = best_path(log_likelihoods(f, model), c)
            moved += int((c.tokens[path] != c.tokens[old]).sum())
            new.append(path)
        paths = new
        share = moved / len(everything)
        say(f"pass {number}: {mixtures} mixture(s), {share:.2%} of half frames moved")
        if mixtures == passes[-1] and share < _SETTLED:
            break
    for u, c, p in zip(utterances, chains, paths, strict=True):
        u["durations"] = durations_of(p, c, u["tokens"], u["n_frames"]).tolist()
    (folder / "corpus.json").write_text(json.dumps(facts, ensure_ascii=False), encoding="utf-8")


def main() -> None:
    """Read the command line and align."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("prepared", type=Path, help="folder written by training.prepare")
    align(parser.parse_args().prepared)


if __name__ == "__main__":
    main()
