"""Pitch and voicing of a recording: cross-correlation of a period with the next, and the best path.

After Talkin, *A Robust Algorithm for Pitch Tracking* (1995), simplified: one pass, every lag a
candidate, an unvoiced state beside them.
"""

import numpy as np
import numpy.typing as npt
import soxr

from training.config import HOP, RATE_HZ
from training.features import Array

_RATE_HZ = RATE_HZ // 2
_STEP = HOP // 2
LOWEST_HZ, HIGHEST_HZ = 60.0, 420.0
_WINDOW = int(0.020 * _RATE_HZ)
_LAGS = np.arange(int(_RATE_HZ / HIGHEST_HZ), int(_RATE_HZ / LOWEST_HZ) + 1)
_LAG_COST = 0.06
"""What a lag pays for each octave above the shortest: two periods correlate as well as one."""
_VOICED_FROM = 0.5
_SWITCH_COST = 0.15
_OCTAVE_COST = 4.0
_QUIET_DB = -45.0
"""Frames this far below the loudest are unvoiced."""
_SHORTEST = 3


def track_pitch(samples: Array) -> tuple[Array, Array]:
    """Pitch and voicing of every frame.

    Args:
        samples: float32 at RATE_HZ, a multiple of HOP of them.

    Returns:
        Natural log of Hz, continued through unvoiced frames; 1 where voiced, else 0.
    """
    correlation, level = _correlations(samples)
    n_frames = len(samples) // HOP
    correlation, level = correlation[:n_frames], level[:n_frames]
    quiet = level < level.max() + _QUIET_DB
    lag, voiced = _best_path(correlation, quiet)
    voiced = _without_short_runs(voiced)
    log_f0 = np.log(_RATE_HZ / _refined(correlation, lag))
    times = np.flatnonzero(voiced)
    if len(times) == 0:
        return np.full(n_frames, np.log(150.0), np.float32), voiced.astype(np.float32)
    continued = np.interp(np.arange(n_frames), times, log_f0[times])
    return continued.astype(np.float32), voiced.astype(np.float32)


def _correlations(samples: Array) -> tuple[Array, Array]:
    """Normalised correlation at every lag (frames, lags), and the level of each frame in dB."""
    half = soxr.resample(samples.astype(np.float64), RATE_HZ, _RATE_HZ)
    margin = (_WINDOW + _LAGS[-1]) // 2 + 2
    padded = np.pad(half, (margin, margin + _STEP)).astype(np.float32)
    padded = padded - np.convolve(padded, np.ones(201) / 201, "same")
    windows = np.lib.stride_tricks.sliding_window_view(padded, _WINDOW)
    centres = np.arange(len(samples) // HOP) * _STEP + _STEP // 2 + margin
    energy = np.square(padded).cumsum(dtype=np.float64)
    result = np.zeros((len(centres), len(_LAGS)), np.float32)
    for i, lag in enumerate(_LAGS):
        first = centres - (_WINDOW + lag) // 2
        product = np.einsum("ij,ij->i", windows[first], windows[first + lag])
        powers = [energy[s + _WINDOW - 1] - energy[s - 1] + 1e-6 for s in (first, first + lag)]
        result[:, i] = product / np.sqrt(powers[0] * powers[1])
    start = centres - _WINDOW
    level = energy[start + 2 * _WINDOW - 1] - energy[start - 1]
    return result, (10 * np.log10(level + 1e-9)).astype(np.float32)


def _best_path(
    correlation: Array, quiet: npt.NDArray[np.bool_]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
    """The lag index of each frame and whether it is voiced (Viterbi)."""
    n_frames, n_lags = correlation.shape
    reward = correlation - _LAG_COST * np.log2(_LAGS / _LAGS[0])
    reward = np.where(quiet[:, None], reward - 1, reward)
    octaves = np.log2(_LAGS)
    move = -_OCTAVE_COST * np.square(octaves[:, None] - octaves)
    score, silent = reward[0].astype(np.float64), _VOICED_FROM
    back = np.zeros((n_frames, n_lags + 1), np.int64)
    for t in range(1, n_frames):
        ways = score[:, None] + move
        best = ways.argmax(0)
        voiced = ways[best, np.arange(n_lags)]
        start = silent - _SWITCH_COST
        back[t, :n_lags] = np.where(start > voiced, n_lags, best)
        loudest = int(score.argmax())
        stop = score[loudest] - _SWITCH_COST
        back[t, n_lags] = loudest if stop > silent else n_lags
        silent = max(silent, stop) + _VOICED_FROM
        score = np.maximum(voiced, start) + reward[t]
    state = n_lags if silent > score.max() else int(score.argmax())
    path = np.zeros(n_frames, np.int64)
    for t in range(n_frames - 1, -1, -1):
        path[t] = state
        state = int(back[t, state])
    return np.minimum(path, n_lags - 1), path < n_lags


def _without_short_runs(voiced: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    edges = np.diff(np.concatenate([[0], voiced.astype(np.int8), [0]]))
    kept = voiced.copy()
    for start, stop in zip(np.flatnonzero(edges == 1), np.flatnonzero(edges == -1), strict=True):
        if stop - start < _SHORTEST:
            kept[start:stop] = False
    return kept


def _refined(correlation: Array, lag: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    """Lags in samples, between the candidates, by a parabola through three of them."""
    inner = np.clip(lag, 1, len(_LAGS) - 2)
    rows = np.arange(len(lag))
    left, here, right = (correlation[rows, inner + d].astype(np.float64) for d in (-1, 0, 1))
    curve = left - 2 * here + right
    shift = np.where(curve < -1e-6, (left - right) / (2 * np.minimum(curve, -1e-6)), 0.0)
    refined: npt.NDArray[np.float64] = _LAGS[inner] + np.clip(shift, -0.5, 0.5)
    return refined
