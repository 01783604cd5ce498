"""Alignment: boundaries that are known are found."""

import numpy as np
from training.alignment import (
    best_path,
    cepstra_of,
    chain_of,
    durations_of,
    fit,
    flat_path,
    log_likelihoods,
)
from training.config import HOP

PHONEMES = ("a", "s", "m")
_BANDS = {"a": (600, 1200), "s": (5000, 9000), "m": (150, 400)}


def speech_like(tokens: list[str], durations: list[int], seed: int) -> np.ndarray:
    """Noise in a band of its own for each phoneme, near silence for each mark."""
    rng = np.random.default_rng(seed)
    parts = []
    for token, n in zip(tokens, durations, strict=True):
        if n == 0:
            continue
        noise = rng.standard_normal(n * HOP) * 0.1
        spectrum = np.fft.rfft(noise)
        hz = np.linspace(0, 11_025, len(spectrum))
        low, high = _BANDS.get(token, (0, 0))
        spectrum[(hz < low) | (hz > high)] *= 0.01
        parts.append(np.fft.irfft(spectrum, n * HOP))
    return np.concatenate(parts).astype(np.float32)


def test_boundaries_are_found() -> None:
    """Boundaries between bands of noise are found to within three frames, pauses included."""
    rng = np.random.default_rng(3)
    tokens = ["^", "s", "a", " ", "m", "a", ",", "s", "m", "."]
    wanted, features, chains, paths = [], [], [], []
    for i in range(8):
        d = [int(x) for x in rng.integers(8, 20, len(tokens))]
        d[3] = 0 if i % 2 else 12
        wanted.append(d)
        features.append(cepstra_of(speech_like(tokens, d, i)))
        chains.append(chain_of(tokens, PHONEMES))
        paths.append(flat_path(tokens, [0] * len(tokens), chains[-1], len(features[-1])))
    everything = np.concatenate(features)
    for _ in range(6):
        labels = np.concatenate([c.states[p] for c, p in zip(chains, paths, strict=True)])
        model = fit(everything, labels, 1 + 3 * len(PHONEMES), 1)
        paths = [
            best_path(log_likelihoods(f, model), c) for f, c in zip(features, chains, strict=True)
        ]
    for path, chain, d in zip(paths, chains, wanted, strict=True):
        got = durations_of(path, chain, tokens, sum(d))
        assert got.sum() == sum(d)
        assert np.abs(np.cumsum(got) - np.cumsum(d)).max() <= 3


def test_every_phoneme_lasts() -> None:
    """A phoneme squeezed to nothing by rounding is given a frame by its longest neighbour."""
    tokens = ["^", "a", "s", "."]
    chain = chain_of(tokens, PHONEMES)
    path = np.repeat(np.flatnonzero(chain.tokens >= 0), 1)
    path = np.concatenate([np.zeros(10, np.int64), path])
    durations = durations_of(path, chain, tokens, len(path) // 2)
    assert durations.sum() == len(path) // 2
    assert (durations[1:3] >= 1).all()
