"""From a speed to the library's words a minute.

In: a factor on a speaker's natural rate. Out: words a minute, within what the library reaches.
Invariant: the curve is a first guess; how much faster a text really became is measured on that
text (see `pacing`), since short words and pauses shrink less than long vowels.
"""

import numpy as np

from hoarfrost.espeak import FASTEST_WPM, SLOWEST_WPM
from hoarfrost.units import Speed

SLOWEST: Speed = 0.25
FASTEST: Speed = 4.0
"""Speeds beyond these are taken for these: past them speech is not understood."""

_CURVE = (
    (80, 0.456),
    (90, 0.487),
    (100, 0.543),
    (120, 0.661),
    (140, 0.788),
    (160, 0.908),
    (175, 1.0),
    (200, 1.155),
    (230, 1.355),
    (260, 1.55),
    (300, 1.83),
    (340, 2.14),
    (380, 2.42),
    (420, 2.65),
    (449, 2.77),
)
"""Words a minute, and how much faster than at 175 the library then is: the mean over sentences in
ten languages, with espeak-ng 1.52."""

_WPM = np.array([wpm for wpm, _ in _CURVE])
_SPEED = np.array([speed for _, speed in _CURVE])


def clamp_speed(speed: Speed) -> Speed:
    """Return the nearest speed that stays intelligible."""
    return min(max(speed, SLOWEST), FASTEST)


def words_per_minute(natural_wpm: int, speed: Speed) -> int:
    """Return the rate that is ``speed`` times as fast as ``natural_wpm``, as near as can be."""
    natural = float(np.interp(natural_wpm, _WPM, _SPEED))
    wpm = round(float(np.interp(natural * speed, _SPEED, _WPM)))
    return min(max(wpm, SLOWEST_WPM), FASTEST_WPM)
