"""MP3: nothing but whole frames, streams that join, every sample inside."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hoarfrost.audio.mp3 import MPEG_RATES, Mp3Encoder, mpeg_rate
from hoarfrost.audio.stage import Samples

from .mpeg import walk

KBPS = dict(zip(MPEG_RATES, (32, 40, 40, 48, 64, 64, 80, 96, 96), strict=True))


def tone(n_samples: int, rate_hz: int = 22050) -> Samples:
    return (0.4 * np.sin(2 * np.pi * 440 / rate_hz * np.arange(n_samples))).astype(np.float32)


def encode(samples: Samples, rate_hz: int = 22050, size: int = 441) -> bytes:
    encoder = Mp3Encoder(rate_hz)
    pieces = [encoder.feed(samples[i : i + size]) for i in range(0, samples.size, size)]
    return b"".join([*pieces, encoder.flush()])


@pytest.mark.parametrize(
    ("rate_hz", "expected"),
    [
        (1, 8000),
        (4000, 8000),
        (8000, 8000),
        (8001, 11025),
        (11025, 11025),
        (15999, 16000),
        (22049, 22050),
        (22051, 24000),
        (24001, 32000),
        (44100, 44100),
        (44101, 48000),
        (48000, 48000),
    ],
)
def test_rate_is_the_nearest_not_below(rate_hz: int, expected: int) -> None:
    """A rate that MPEG audio does not have becomes the next one up."""
    assert mpeg_rate(rate_hz) == expected


def test_rate_above_all_is_refused() -> None:
    """There is no rate of MPEG audio above 48 kHz."""
    with pytest.raises(ValueError, match="expected at most 48000, got 48001"):
        mpeg_rate(48001)


def test_rate_between_is_refused_by_the_encoder() -> None:
    """The encoder takes only what MPEG audio has, and says what that is."""
    with pytest.raises(ValueError, match=r"expected one of 8000, 11025, .*, got 10000"):
        Mp3Encoder(10000)


@pytest.mark.parametrize("rate_hz", MPEG_RATES)
def test_stream_is_frames_and_nothing_else(rate_hz: int) -> None:
    """From first byte to last: mono frames of one rate and bit rate, no tag, no Xing or Info."""
    stream = encode(tone(rate_hz, rate_hz), rate_hz, size=rate_hz // 50)
    frames = list(walk(stream))
    assert {(frame.rate_hz, frame.kbps) for frame in frames} == {(rate_hz, KBPS[rate_hz])}
    assert not any(tag in stream for tag in (b"ID3", b"TAG", b"Xing", b"Info", b"VBRI"))


@pytest.mark.parametrize("rate_hz", MPEG_RATES)
def test_every_sample_is_inside(rate_hz: int) -> None:
    """The frames hold all samples, the 1105 of delay and less than two frames of padding."""
    for n_samples in (1, 575, 1152, 5000):
        frames = list(walk(encode(tone(n_samples, rate_hz), rate_hz)))
        n_held = sum(frame.n_samples for frame in frames)
        assert 1105 <= n_held - n_samples < 1105 + 2 * frames[0].n_samples


@pytest.mark.parametrize("rate_hz", MPEG_RATES)
def test_streams_can_be_joined(rate_hz: int) -> None:
    """Each stream begins with a frame that needs no bits from before it, and equals the first."""
    encoder = Mp3Encoder(rate_hz)
    samples = tone(4000, rate_hz)
    streams = [encoder.feed(samples) + encoder.flush() for _ in range(3)]
    assert streams[1:] == streams[:1] * 2
    frames = list(walk(b"".join(streams)))
    firsts = frames[:: len(frames) // 3]
    assert [frame.main_data_begin for frame in firsts] == [0, 0, 0]
    assert any(frame.main_data_begin for frame in frames), "the reservoir was not used at all"


@pytest.mark.parametrize("rate_hz", MPEG_RATES)
def test_every_packet_is_whole_frames(rate_hz: int) -> None:
    """Whatever a call returns can be parsed by itself: audio cut off there leaves no half frame."""
    encoder = Mp3Encoder(rate_hz)
    packets = [encoder.feed(tone(200, rate_hz)) for _ in range(60)] + [encoder.flush()]
    n_frames = [len(list(walk(packet))) for packet in packets]
    assert sum(n_frames) == len(list(walk(b"".join(packets))))
    assert n_frames.count(1) > 8


@pytest.mark.parametrize("rate_hz", MPEG_RATES)
def test_first_frame_comes_as_early_as_stated(rate_hz: int) -> None:
    """The first bytes come with sample 1376, or 2528 from 32 kHz on, and are one frame."""
    n_samples = 2528 if rate_hz >= 32000 else 1376
    encoder = Mp3Encoder(rate_hz)
    noise = np.random.default_rng(7).uniform(-0.5, 0.5, n_samples).astype(np.float32)
    assert encoder.feed(noise[:-16]) == b""
    assert len(list(walk(encoder.feed(noise[-16:])))) == 1


@settings(max_examples=25)
@given(st.sampled_from([8000, 22050, 44100]), st.integers(0, 4000), st.integers(1, 900))
def test_chunk_size_does_not_matter(rate_hz: int, n_samples: int, size: int) -> None:
    """Fed in pieces, the bytes are those of one call."""
    samples = tone(n_samples, rate_hz)
    assert encode(samples, rate_hz, size) == encode(samples, rate_hz, max(1, n_samples))


def test_empty_stream_has_no_bytes() -> None:
    """No samples, no frames: also after an empty chunk, and when flushed twice."""
    encoder = Mp3Encoder(22050)
    assert encoder.flush() == b""
    assert encoder.feed(np.empty(0, np.float32)) == b""
    assert encoder.flush() == b""
    encoder.feed(tone(10))
    assert encoder.flush() != b""
    assert encoder.flush() == b""


def test_nothing_is_printed(capfd: pytest.CaptureFixture[str]) -> None:
    """LAME keeps quiet: standard output may be where the audio goes."""
    encode(tone(3000))
    assert capfd.readouterr() == ("", "")


def test_threads_do_not_mix() -> None:
    """Encoders that run at the same time in several threads give the bytes of one alone."""
    jobs = [(tone(15000, rate_hz), rate_hz) for rate_hz in MPEG_RATES]
    with ThreadPoolExecutor(max_workers=len(jobs)) as pool:
        together = list(pool.map(lambda job: encode(*job), jobs))
    assert together == [encode(*job) for job in jobs]
