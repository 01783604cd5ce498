"""16-bit PCM: exact bytes."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from hoarfrost.audio.pcm import PcmEncoder, quantize
from hoarfrost.audio.stage import Samples

samples_beyond_full_scale = npst.arrays(
    np.float32, st.integers(0, 300), elements=st.floats(-4, 4, width=32)
)


@pytest.mark.parametrize(
    ("sample", "expected"),
    [
        (0.0, b"\x00\x00"),
        (-0.0, b"\x00\x00"),
        (0.5, b"\x00\x40"),
        (-0.5, b"\x00\xc0"),
        (1 / 32768, b"\x01\x00"),
        (-1 / 32768, b"\xff\xff"),
        (1.0, b"\xff\x7f"),
        (-1.0, b"\x00\x80"),
        (1.5, b"\xff\x7f"),
        (-1e9, b"\x00\x80"),
        (float("inf"), b"\xff\x7f"),
        (0.5 / 32768, b"\x00\x00"),
        (1.5 / 32768, b"\x02\x00"),
        (-1.5 / 32768, b"\xfe\xff"),
        (0.75 / 32768, b"\x01\x00"),
    ],
)
def test_sample_becomes_these_two_bytes(sample: float, expected: bytes) -> None:
    """A sample is scaled by 32768, rounded half to even, clipped and written little end first."""
    assert PcmEncoder().feed(np.array([sample], np.float32)) == expected


def test_every_16_bit_sample_comes_back() -> None:
    """All 65,536 values, divided by 32768, leave as the number they came from."""
    every = np.arange(-32768, 32768).astype("<i2")
    as_float = every.astype(np.float32) / 32768
    assert PcmEncoder().feed(as_float) == every.tobytes()


@given(samples_beyond_full_scale)
def test_error_is_at_most_half_a_step(samples: Samples) -> None:
    """What is inside the range is off by half a 16-bit step at most; the input stays untouched."""
    before = samples.copy()
    error = quantize(samples) - np.clip(samples.astype(np.float64) * 32768, -32768, 32767)
    assert np.all(np.abs(error) <= 0.5)
    assert np.array_equal(samples, before)


@given(samples_beyond_full_scale, st.integers(1, 64))
def test_chunk_size_does_not_matter(samples: Samples, size: int) -> None:
    """Fed in pieces, the bytes are those of one call, and a flush adds none."""
    encoder = PcmEncoder()
    pieces = [encoder.feed(samples[i : i + size]) for i in range(0, samples.size, size)]
    assert b"".join([*pieces, encoder.flush()]) == PcmEncoder().feed(samples)


def test_input_may_be_read_only_and_strided() -> None:
    """An engine may hand over a view that cannot be written and is not contiguous."""
    samples = np.linspace(-1, 1, 11, dtype=np.float32)
    samples.flags.writeable = False
    assert PcmEncoder().feed(samples[::2]) == PcmEncoder().feed(samples[::2].copy())
