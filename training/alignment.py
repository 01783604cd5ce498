"""Which frames belong to which phoneme: hidden Markov models trained on the corpus itself.

Three states a phoneme, Gaussian mixtures over cepstra, flat start, Viterbi training (Rabiner, *A
Tutorial on Hidden Markov Models*, 1989). A pause may or may not stand at each word gap and comma;
if it does, it lasts at least 41 ms. Works at half frames (5.8 ms).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from training.config import HOP, N_MELS
from training.features import Array, frames_of, mel_matrix
from training.phonemes import GAPS, START

Ints = npt.NDArray[np.int64]
_STEP = HOP // 2
_WINDOW, _N_FFT = 512, 1024
_CEPSTRA = 14
_LONG, _SHORT_PAUSE, _FINAL_PAUSE = 3, 7, 4
"""Half frames: at least so many of leading silence, of a pause inside, of the pause at the end."""
_STATES = 3
SILENCE = 0
PASSES = (1,) * 7 + (2,) * 4 + (4,) * 5
"""Mixtures in each training pass."""
_SCARCE = 60
"""Half frames of speech that each mixture of a state needs."""
_MOST = 6000
_TYPICAL = {
    "start": 9.0,
    "pause": 18.0,
    "end": 14.0,
    "vowel": 11.0,
    "stressed": 18.0,
    "hiss": 16.0,
    "other": 11.0,
}
"""Half frames, for the flat start."""
_VOWELS = "aeiouɑɔəɚɛɜɪʊʌæɐᵻ"
_HISSES = ("s", "z", "ʃ", "f", "θ", "tʃ")


@dataclass(frozen=True, slots=True)
class Chain:
    """The states that a sentence passes, in order.

    Attributes:
        states: Model state of each link.
        tokens: Token of each link.
        skips: For each link, an earlier one from which it may be entered too, or -1.
    """

    states: Ints
    tokens: Ints
    skips: Ints


@dataclass(frozen=True, slots=True)
class Mixtures:
    """Diagonal Gaussians of every state: each array has shape (states, mixtures, …)."""

    means: Array
    variances: Array
    weights: Array


def cepstra_of(samples: Array) -> Array:
    """Cepstra with slopes and curvatures, float32, shape (half frames, 42), mean removed."""
    window = np.hanning(_WINDOW).astype(np.float32)
    spectra = np.abs(np.fft.rfft(frames_of(samples, _WINDOW, _STEP) * window, _N_FFT, axis=1))
    logs = np.log(np.maximum(spectra @ mel_matrix().T, 1e-4))
    order = np.arange(_CEPSTRA)[:, None]
    basis = np.cos(np.pi / N_MELS * (np.arange(N_MELS) + 0.5) * order) * np.sqrt(2 / N_MELS)
    cepstra = logs @ basis.T
    cepstra[:, 1:] -= cepstra[:, 1:].mean(0)
    slope, wide = np.arange(-2, 3) / 10, np.arange(-4, 5) / 60
    parts = [cepstra, 3 * _slopes(cepstra, slope), 6 * _slopes(cepstra, wide)]
    return np.concatenate(parts, 1).astype(np.float32)


def _slopes(track: npt.NDArray[np.float64], kernel: npt.NDArray[np.float64]) -> Array:
    half = len(kernel) // 2
    padded = np.pad(track, ((half, half), (0, 0)), mode="edge")
    columns = [np.convolve(column, kernel[::-1], "valid") for column in padded.T]
    return np.stack(columns, 1).astype(np.float32)


def chain_of(tokens: Sequence[str], phonemes: Sequence[str]) -> Chain:
    """The states of a sentence; `phonemes` gives the numbering."""
    number = {phoneme: 1 + _STATES * i for i, phoneme in enumerate(phonemes)}
    states: list[int] = []
    owners: list[int] = []
    skips: dict[int, int] = {}
    for i, token in enumerate(tokens):
        if token in number:
            links = [number[token] + k for k in range(_STATES)]
        elif token == START:
            links = [SILENCE] * _LONG
        elif i == len(tokens) - 1:
            links = [SILENCE] * _FINAL_PAUSE
        else:
            links = [SILENCE] * _SHORT_PAUSE
            skips[len(states) + _SHORT_PAUSE] = len(states) - 1
        states += links
        owners += [i] * len(links)
    skip = np.full(len(states), -1, np.int64)
    for link, source in skips.items():
        skip[link] = source
    return Chain(np.array(states), np.array(owners), skip)


def flat_path(tokens: Sequence[str], stress: Sequence[int], chain: Chain, length: int) -> Ints:
    """A first guess: every token takes its typical share of the time."""
    pairs = zip(tokens, stress, strict=True)
    shares = np.array([_typical(sign, s) for sign, s in pairs])
    if tokens[-1] in GAPS:
        shares[-1] = _TYPICAL["end"]
    ends = np.round(np.cumsum(shares * length / shares.sum())).astype(int)
    path = np.zeros(length, np.int64)
    start = 0
    for i, end in enumerate(ends):
        links = np.flatnonzero(chain.tokens == i)
        n = end - start
        if n > 0:
            path[start:end] = links[np.minimum(np.arange(n) * len(links) // n, len(links) - 1)]
        start = max(start, end)
    return path


def _typical(sign: str, stress: int) -> float:
    """Half frames that a token usually lasts."""
    if sign == " ":
        return 0.0
    if sign in GAPS:
        return _TYPICAL["pause"]
    if sign == START:
        return _TYPICAL["start"]
    if sign[0] in _VOWELS:
        length = _TYPICAL["stressed" if stress else "vowel"]
        return length * (1.3 if len(sign) > 1 else 1.0) * (0.8 if sign in "əɐᵻ" else 1.0)
    return _TYPICAL["hiss" if sign in _HISSES else "other"]


def best_path(likelihood: Array, chain: Chain) -> Ints:
    """The likeliest link of each half frame (Viterbi), from the first link to the last."""
    length, n = len(likelihood), len(chain.states)
    emitted = likelihood[:, chain.states]
    skip = np.maximum(chain.skips, 0)
    can_skip = chain.skips >= 0
    score = np.full(n, -np.inf)
    score[0] = emitted[0, 0]
    back = np.zeros((length, n), np.int8)
    for t in range(1, length):
        moved = np.concatenate([[-np.inf], score[:-1]])
        skipped = np.where(can_skip, score[skip], -np.inf)
        step = (moved > score).astype(np.int8)
        best = np.maximum(moved, score)
        step[skipped > best] = 2
        back[t] = step
        score = np.maximum(best, skipped) + emitted[t]
    path = np.zeros(length, np.int64)
    link = n - 1
    for t in range(length - 1, -1, -1):
        path[t] = link
        link -= 0 if back[t, link] == 0 else 1 if back[t, link] == 1 else link - skip[link]
    return path


def fit(features: Array, labels: Ints, n_states: int, mixtures: int) -> Mixtures:
    """Gaussian mixtures of every state from the half frames assigned to it (EM, six rounds)."""
    width = features.shape[1]
    spread = features.var(0)
    result = Mixtures(
        np.tile(features.mean(0), (n_states, mixtures, 1)).astype(np.float32),
        np.tile(spread, (n_states, mixtures, 1)).astype(np.float32),
        np.full((n_states, mixtures), 1e-10, np.float32),
    )
    result.weights[:, 0] = 1.0
    order = np.argsort(labels, kind="stable")
    bounds = np.searchsorted(labels[order], np.arange(n_states + 1))
    rng = np.random.default_rng(0)
    for state in range(n_states):
        mine = features[order[bounds[state] : bounds[state + 1]]]
        if len(mine) < width // 8:
            continue
        mine = mine[rng.permutation(len(mine))[:_MOST]]
        count = min(mixtures, max(1, len(mine) // _SCARCE))
        means, variances, weights = _mixture(mine, count, spread)
        result.means[state, :count] = means
        result.variances[state, :count] = variances
        result.weights[state, :count] = weights
    return result


def _mixture(points: Array, count: int, spread: Array) -> tuple[Array, Array, Array]:
    if count == 1:
        one = np.ones(1, np.float32)
        return points.mean(0)[None], np.maximum(points.var(0), 0.02 * spread)[None], one
    means, variances = points[:count].copy(), np.tile(points.var(0), (count, 1))
    weights = np.full(count, 1 / count, np.float32)
    for _ in range(6):
        logs = _log_densities(points, means, variances) + np.log(weights)
        share = np.exp(logs - logs.max(1, keepdims=True))
        share /= share.sum(1, keepdims=True)
        mass = share.sum(0) + 1e-6
        means = (share.T @ points) / mass[:, None]
        variances = (share.T @ points**2) / mass[:, None] - means**2
        variances = np.maximum(variances, 0.03 * spread)
        weights = (mass / mass.sum()).astype(np.float32)
    return means, variances, weights


def _log_densities(points: Array, means: Array, variances: Array) -> Array:
    inverse = 1 / variances
    constant = (means**2 * inverse).sum(1) + np.log(variances).sum(1)
    result: Array = -0.5 * ((points**2) @ inverse.T - 2 * points @ (means * inverse).T + constant)
    return result


def log_likelihoods(features: Array, model: Mixtures) -> Array:
    """Log likelihood of every half frame in every state, shape (half frames, states)."""
    states, mixtures, width = model.means.shape
    flat = _log_densities(
        features, model.means.reshape(-1, width), model.variances.reshape(-1, width)
    )
    each = (flat + np.log(model.weights.reshape(-1))).reshape(len(features), states, mixtures)
    top: Array = each.max(2)
    if mixtures == 1:
        return top
    return np.asarray(top + np.log(np.exp(each - top[..., None]).sum(2)), np.float32)


def durations_of(path: Ints, chain: Chain, tokens: Sequence[str], n_frames: int) -> Ints:
    """Frames of each token; they add up to `n_frames`, and every phoneme has at least one."""
    counts = np.bincount(chain.tokens[path], minlength=len(tokens))
    ends = np.round(np.cumsum(counts) / 2).astype(np.int64)
    ends[-1] = n_frames
    durations = np.diff(np.concatenate([[0], np.minimum(ends, n_frames)]))
    for i, token in enumerate(tokens):
        if token not in GAPS and token != START and durations[i] < 1:
            near = range(max(0, i - 3), min(len(tokens), i + 4))
            donor = max(near, key=lambda j: durations[j])
            durations[donor] -= 1
            durations[i] += 1
    return durations
