"""Opus, FLAC and AAC: what other decoders hear, and how soon."""

import io
from typing import Any

import av
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hoarfrost.audio.containers import RECIPES, ContainerEncoder

RATES = {"ogg": 48_000, "webm": 48_000, "flac": 22_050, "aac": 24_000}
FREQUENCY = 440.0


def tone(n: int, rate_hz: int) -> Any:
    return (0.3 * np.sin(2 * np.pi * FREQUENCY * np.arange(n) / rate_hz)).astype(np.float32)


def decoded(data: bytes) -> tuple[Any, int]:
    """Return what FFmpeg hears in a file."""
    with av.open(io.BytesIO(data)) as file:
        frames = list(file.decode(audio=0))
        rate_hz = file.streams.audio[0].rate
    samples = np.concatenate([frame.to_ndarray().reshape(-1) for frame in frames])
    scale = 32768 if samples.dtype == np.int16 else 1
    return samples.astype(float) / scale, rate_hz


@pytest.mark.parametrize("name", RECIPES)
@pytest.mark.parametrize("rate_hz", [8_000, 22_050, 48_000])
def test_a_decoder_hears_the_tone(name: str, rate_hz: int) -> None:
    """Its length, its level and its frequency are those of what went in."""
    encoder = ContainerEncoder(RECIPES[name], rate_hz)
    data = encoder.feed(tone(2 * rate_hz, rate_hz)) + encoder.flush()
    samples, rate = decoded(data)
    assert rate == (48_000 if name in ("ogg", "webm") else rate_hz)
    assert len(samples) / rate == pytest.approx(2, abs=0.3)  # AAC fills its last frame
    middle = samples[rate // 2 : rate // 2 + rate]
    assert np.sqrt(np.mean(middle**2)) == pytest.approx(0.3 / np.sqrt(2), rel=0.1)
    loudest = np.argmax(np.abs(np.fft.rfft(middle * np.hanning(rate))))
    assert loudest == pytest.approx(FREQUENCY, abs=2)


@pytest.mark.parametrize("name", RECIPES)
@settings(max_examples=15, deadline=None)
@given(cuts=st.lists(st.integers(0, 20_000), max_size=6).map(sorted))
def test_the_bytes_do_not_depend_on_the_pieces(name: str, cuts: list[int]) -> None:
    """However the samples come."""
    samples = tone(20_000, RATES[name])
    whole = ContainerEncoder(RECIPES[name], RATES[name])
    expected = whole.feed(samples) + whole.flush()
    encoder = ContainerEncoder(RECIPES[name], RATES[name])
    parts = [encoder.feed(part) for part in np.split(samples, cuts)]
    assert b"".join(parts) + encoder.flush() == expected


@pytest.mark.parametrize("name", RECIPES)
def test_it_comes_in_small_pieces(name: str) -> None:
    """Counted in audio: the first bytes and any pause between bytes are within 250 ms."""
    rate_hz = RATES[name]
    encoder = ContainerEncoder(RECIPES[name], rate_hz)
    n_step = rate_hz // 100
    with_bytes = [step for step in range(300) if encoder.feed(tone(n_step, rate_hz))]
    gaps = np.diff([-1, *with_bytes])
    assert gaps.max() <= 25


def test_streams_follow_each_other() -> None:
    """An utterance after the other is a chained file."""
    encoder = ContainerEncoder(RECIPES["ogg"], 48_000)
    data = b"".join(encoder.feed(tone(48_000, 48_000)) + encoder.flush() for _ in range(2))
    assert data.count(b"OpusHead") == 2
    assert encoder.flush() == b""


def test_a_stream_of_nothing_is_nothing() -> None:
    """No samples, no bytes."""
    assert ContainerEncoder(RECIPES["flac"], 24_000).flush() == b""
