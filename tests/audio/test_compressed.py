"""Opus, FLAC and AAC: what another decoder makes of them, when bytes leave, what may be joined."""

import io

import av
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hoarfrost.audio.chain import AudioFormat
from hoarfrost.audio.compressed import Compressed, CompressedEncoder
from hoarfrost.audio.pcm import quantize
from hoarfrost.audio.stage import Samples

RATES = {
    Compressed.OGG: 48_000,
    Compressed.WEBM: 48_000,
    Compressed.FLAC: 22_050,
    Compressed.AAC: 24_000,
}
forms = pytest.mark.parametrize("form", RATES)


def tone(rate_hz: int, seconds: float, hz: int = 1000) -> Samples:
    time = np.arange(round(rate_hz * seconds)) / rate_hz
    return (0.5 * np.sin(2 * np.pi * hz * time)).astype(np.float32)


def encode(form: Compressed, samples: Samples, cuts: list[int] | None = None) -> bytes:
    encoder = CompressedEncoder(form, RATES[form])
    parts = np.split(samples, sorted(cuts or []))
    return b"".join(map(encoder.feed, parts)) + encoder.flush()


def decode(data: bytes) -> Samples:
    """Return the samples that FFmpeg finds, as floats."""
    heard = []
    with av.open(io.BytesIO(data)) as file:
        resampler = av.AudioResampler(format="flt", layout="mono")
        for frame in file.decode(audio=0):
            heard += [each.to_ndarray()[0] for each in resampler.resample(frame)]
    return np.concatenate(heard)


@forms
@settings(max_examples=10, deadline=None)
@given(cuts=st.lists(st.integers(0, 12_000), max_size=5))
def test_bytes_do_not_depend_on_the_cuts(form: Compressed, cuts: list[int]) -> None:
    """Streamed is one-shot, for every size of chunk, none included."""
    samples = tone(RATES[form], 0.25)
    assert encode(form, samples, cuts) == encode(form, samples)


@forms
@pytest.mark.parametrize("chunk", [1, 7, 480])
def test_sizes_of_chunks(form: Compressed, chunk: int) -> None:
    """Sample by sample too."""
    samples = tone(RATES[form], 0.05)
    assert encode(form, samples, list(range(chunk, samples.size, chunk))) == encode(form, samples)


@forms
def test_a_decoder_hears_the_tone(form: Compressed) -> None:
    """Its frequency, its level within 0.5 dB, its length to a frame of the codec."""
    rate_hz = RATES[form]
    samples = tone(rate_hz, 1.0)
    heard = decode(encode(form, samples))
    assert 0 <= heard.size - samples.size <= (2 * 1024 if form is Compressed.AAC else 0)
    middle = heard[rate_hz // 4 : rate_hz // 4 + rate_hz // 2]
    spectrum = np.abs(np.fft.rfft(middle * np.hanning(middle.size)))
    assert int(np.argmax(spectrum)) * 2 == 1000
    level_db = 20 * np.log10(np.sqrt(np.mean(middle**2)) / np.sqrt(0.125))
    assert abs(level_db) < 0.5


def test_flac_loses_nothing() -> None:
    """Every sample is the one of PCM."""
    samples = np.random.default_rng(1).uniform(-1, 1, 10_001).astype(np.float32)
    heard = decode(encode(Compressed.FLAC, samples))
    assert np.array_equal(np.rint(heard * 32768).astype(np.int16), quantize(samples))


@pytest.mark.parametrize(
    ("form", "latency_ms"),
    [
        (Compressed.OGG, 100), (Compressed.WEBM, 100),
        (Compressed.FLAC, 320), (Compressed.AAC, 140),
    ],
)  # fmt: skip
def test_audio_leaves_as_it_comes(form: Compressed, latency_ms: int) -> None:
    """What has left can be decoded, and is at most so much behind what came, at any time."""
    rate_hz = RATES[form]
    encoder = CompressedEncoder(form, rate_hz)
    left = b""
    chunks = np.split(tone(rate_hz, 1.0), 50)
    for n_chunks, chunk in enumerate(chunks, 1):
        left += encoder.feed(chunk)
        if n_chunks % 10 == 0 and n_chunks * 20 > 2 * latency_ms:
            behind_ms = n_chunks * 20 - 1000 * decode(left).size / rate_hz
            assert behind_ms <= latency_ms


@forms
def test_it_comes_in_small_pieces(form: Compressed) -> None:
    """Counted in audio: the first bytes, and all that follow, are within 250 ms of each other."""
    encoder = CompressedEncoder(form, RATES[form])
    steps = np.array_split(tone(RATES[form], 3.0), 300)
    with_bytes = [n for n, step in enumerate(steps) if encoder.feed(step)]
    assert np.diff([-1, *with_bytes, 300]).max() <= 25


@forms
def test_nothing_is_nothing(form: Compressed) -> None:
    """No samples, no bytes."""
    assert encode(form, np.zeros(0, np.float32)) == b""


@forms
def test_a_flush_ends_the_stream(form: Compressed) -> None:
    """The next stream decodes without the one before, and an abandoned one leaves no trace."""
    encoder = CompressedEncoder(form, RATES[form])
    samples = tone(RATES[form], 0.3)
    first = encoder.feed(samples) + encoder.flush()
    second = encoder.feed(samples) + encoder.flush()
    assert decode(second).size == decode(first).size
    abandoned = CompressedEncoder(form, RATES[form])
    abandoned.feed(samples)
    del abandoned
    assert encode(form, samples) == first


@pytest.mark.parametrize("form", [Compressed.OGG, Compressed.AAC])
def test_streams_can_be_joined(form: Compressed) -> None:
    """A chain of Ogg streams, and frames of ADTS, are heard from beginning to end."""
    encoder = CompressedEncoder(form, RATES[form])
    samples = tone(RATES[form], 0.3)
    parts = [encoder.feed(samples) + encoder.flush() for _ in range(2)]
    alone = [decode(part).size for part in parts]
    assert decode(b"".join(parts)).size == pytest.approx(sum(alone), abs=2048)


@pytest.mark.parametrize(
    ("form", "rate_hz"), [(Compressed.OGG, 24_000), (Compressed.WEBM, 0), (Compressed.AAC, 9999)]
)
def test_rates_that_a_codec_does_not_have(form: Compressed, rate_hz: int) -> None:
    """A fault of the program, told at once."""
    with pytest.raises(ValueError, match="expected"):
        CompressedEncoder(form, rate_hz)


def test_whether_the_extra_is_there() -> None:
    """With PyAV every format can be written."""
    assert all(audio_format.is_available for audio_format in AudioFormat)
