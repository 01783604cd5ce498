"""Peaks are bent, everything else is left alone."""

import numpy as np
import pytest

from hoarfrost.engines.natural.limiter import KNEE, limit


@pytest.mark.parametrize("samples", [[], [0.0], [KNEE, -KNEE], [0.5, -0.79]])
def test_what_is_not_loud_is_left_alone(samples: list[float]) -> None:
    """Samples up to the knee come back as they were."""
    given = np.array(samples, np.float32)
    assert limit(given) is given or np.array_equal(limit(given), given)


def test_peaks_are_bent() -> None:
    """Beyond the knee order and sign stay, the slope falls, and full scale is not passed."""
    given = np.linspace(-2, 2, 4001, dtype=np.float32)
    bent = limit(given)
    assert bent.dtype == np.float32
    assert np.all(np.diff(bent) >= 0)
    assert np.all(np.diff(bent) <= np.diff(given) + 1e-6)
    assert np.array_equal(np.sign(bent), np.sign(given))
    assert float(np.max(np.abs(bent))) <= 1
    assert np.array_equal(bent[np.abs(given) <= KNEE], given[np.abs(given) <= KNEE])


def test_chunks_make_no_difference() -> None:
    """A sample's neighbours do not matter."""
    given = np.linspace(-1.5, 1.5, 999, dtype=np.float32)
    assert np.array_equal(np.concatenate([limit(given[:500]), limit(given[500:])]), limit(given))
