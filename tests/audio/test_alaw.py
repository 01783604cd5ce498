"""A-law against the tables of G.711 and against another implementation."""

import av
import numpy as np

from hoarfrost.audio.alaw import AlawEncoder


def level(code: int) -> int:
    """Return the 16-bit value of a code (G.711, table 1a: the middle of its interval)."""
    code ^= 0x55
    segment, step = code >> 4 & 7, code & 0x0F
    magnitude = (step << 4) + 8
    if segment:
        magnitude = (magnitude + 0x100) << (segment - 1)
    return magnitude if code & 0x80 else -magnitude


def encode(samples: "np.typing.NDArray[np.int16]") -> "np.typing.NDArray[np.int64]":
    data = AlawEncoder().feed(samples.astype(np.float32) / np.float32(32768))
    return np.frombuffer(data, np.uint8).astype(np.int64)


def test_every_level_is_its_own_code() -> None:
    """What a decoder gives for a code is encoded as that code."""
    codes = np.arange(256)
    levels = np.array([level(int(code)) for code in codes], np.int16)
    assert encode(levels).tolist() == codes.tolist()


def test_every_sample_is_within_half_a_step() -> None:
    """The error is at most half of the interval: 8 of 32,768 near silence, 1 in 32 above."""
    samples = np.arange(-32768, 32768).astype(np.int16)
    decoded = np.array([level(code) for code in range(256)])[encode(samples)]
    error = np.abs(decoded - samples)
    assert np.all(error <= np.maximum(8, np.abs(samples.astype(int)) / 32 + 1))
    assert np.all(np.diff(decoded) >= 0)


def test_silence() -> None:
    """The code of 0 is 0xD5."""
    assert AlawEncoder().feed(np.zeros(3, np.float32)) == b"\xd5" * 3
    assert AlawEncoder().flush() == b""


def test_as_another_decoder_hears_it() -> None:
    """FFmpeg's decoder gives the levels of the table."""
    decoder = av.CodecContext.create("pcm_alaw", "r")
    decoder.sample_rate, decoder.layout = 8000, "mono"
    (frame,) = decoder.decode(av.Packet(bytes(range(256))))
    assert frame.to_ndarray()[0].tolist() == [level(code) for code in range(256)]
