"""G.711 µ-law: exact bytes."""

import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hoarfrost.audio.mulaw import MulawEncoder

from . import mulaw_reference

EVERY_SAMPLE = np.arange(-32768, 32768).astype(np.int16)


def encode(samples_16_bit: np.ndarray) -> bytes:
    return MulawEncoder().feed(samples_16_bit.astype(np.float32) / 32768)


def test_reference_has_the_values_of_the_standard() -> None:
    """The table in the tests begins, turns and ends where table 2a of G.711 does."""
    assert mulaw_reference.DECISION_VALUES[:3] == [0, 1, 3]
    assert mulaw_reference.DECISION_VALUES[16::16] == [31, 95, 223, 479, 991, 2015, 4063, 8159]
    assert mulaw_reference.OUTPUT_VALUES[-1] == 8031


@pytest.mark.parametrize(
    ("sample", "expected"),
    [(0, 0xFF), (3, 0xFF), (4, 0xFE), (-1, 0x7E), (-4, 0x7E), (32767, 0x80), (-32768, 0x00)],
)
def test_sample_becomes_this_byte(sample: int, expected: int) -> None:
    """The bytes at zero and at both ends are those of G.711."""
    assert encode(np.array([sample])) == bytes([expected])


def test_every_sample_is_as_the_standard_says() -> None:
    """All 65,536 samples give the byte that the table of G.711 gives."""
    assert encode(EVERY_SAMPLE) == bytes(map(mulaw_reference.encode, EVERY_SAMPLE.tolist()))


def test_every_sample_is_as_the_standard_library_said() -> None:
    """All 65,536 samples give the byte that ``audioop`` gives, where Python still has it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        audioop = pytest.importorskip("audioop", reason="removed in Python 3.13")
    assert encode(EVERY_SAMPLE) == audioop.lin2ulaw(EVERY_SAMPLE.tobytes(), 2)


def test_speech_level_survives() -> None:
    """A sine at any level from full scale down to -30 dB comes back 34 dB above its noise."""
    for level_db in (0, -6, -12, -20, -30):
        sine = 10 ** (level_db / 20) * np.sin(2 * np.pi * 1004 / 8000 * np.arange(8000))
        heard = np.array([mulaw_reference.decode(b) for b in encode(sine * 32767)]) / 32767
        assert 10 * np.log10(np.sum(sine**2) / np.sum((heard - sine) ** 2)) > 34


@given(st.lists(st.integers(-32768, 32767), max_size=200), st.integers(1, 64))
def test_chunk_size_does_not_matter(samples: list[int], size: int) -> None:
    """Fed in pieces, the bytes are those of one call, one a sample, and a flush adds none."""
    encoder = MulawEncoder()
    as_float = np.array(samples, np.float32) / 32768
    pieces = [encoder.feed(as_float[i : i + size]) for i in range(0, as_float.size, size)]
    joined = b"".join([*pieces, encoder.flush()])
    assert joined == encode(np.array(samples))
    assert len(joined) == len(samples)
