"""Silence: exactly so many exact zeros."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hoarfrost.audio.silence import silence


@given(st.integers(0, 50_000))
def test_silence_is_that_many_zeros(n_samples: int) -> None:
    """The blocks hold zeros only, as many as asked for, and none of them is long or empty."""
    blocks = list(silence(n_samples))
    assert sum(block.size for block in blocks) == n_samples
    assert all(0 < block.size <= 4096 and block.dtype == np.float32 for block in blocks)
    assert not any(block.any() for block in blocks)


def test_nobody_can_write_into_the_silence() -> None:
    """The blocks share one array, so they refuse to be changed."""
    (block,) = silence(1)
    with pytest.raises(ValueError, match="read-only"):
        block[0] = 1


def test_negative_length_is_refused_at_once() -> None:
    """The call itself raises, not the first block."""
    with pytest.raises(ValueError, match="expected 0 or more, got -1"):
        silence(-1)
