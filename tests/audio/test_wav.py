"""WAV of unknown length: what readers make of it."""

import io
import wave

import numpy as np
import pytest

from hoarfrost.audio.chain import AudioFormat, OutputChain
from hoarfrost.audio.wav import WavEncoder


@pytest.mark.parametrize("cuts", [[], [0], [1, 2], [400]])
def test_the_header_comes_once(cuts: list[int]) -> None:
    """With the first samples, 44 bytes; the rest is PCM, however the samples came."""
    samples = np.sin(np.arange(800) / 5).astype(np.float32)
    encoder = WavEncoder(8000)
    parts = [encoder.feed(part) for part in np.split(samples, cuts)]
    data = b"".join(parts) + encoder.flush()
    chain = OutputChain(source_hz=8000, rate_hz=8000, audio_format=AudioFormat.PCM)
    assert data[44:] == chain.feed(samples).data + chain.flush().data
    assert all(len(part) != 44 for part in parts)
    with wave.open(io.BytesIO(data)) as file:
        assert file.getparams()[:3] == (1, 2, 8000)
        assert file.readframes(800) == data[44:]


def test_a_stream_that_goes_on_has_no_header() -> None:
    """After an interruption the same file goes on."""
    samples = np.ones(10, np.float32)
    assert len(WavEncoder(8000, begins=False).feed(samples)) == 20


def test_nothing_is_a_file_as_well() -> None:
    """Who gets no samples gets a header."""
    assert len(WavEncoder(8000).flush()) == 44
