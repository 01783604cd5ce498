"""Bytes as durations and first sounds."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hoarfrost.audio.mulaw import MulawEncoder
from hoarfrost.loadtest.hearing import AUDIBLE, Ear, WireFormat, bytes_per_second

RATE_HZ = 8000


def encode(samples: list[int], audio_format: WireFormat) -> bytes:
    array = np.array(samples, dtype="<i2")
    if audio_format == "pcm":
        return array.tobytes()
    return MulawEncoder().feed(array.astype(np.float32) / np.float32(32768))


@pytest.mark.parametrize("audio_format", ["pcm", "mulaw"])
@pytest.mark.parametrize("loud", [AUDIBLE + 8, -AUDIBLE - 8, 32767, -32768])
def test_the_first_sound_is_found(audio_format: WireFormat, loud: int) -> None:
    """It is where the first sample lies that is louder than silence may be, once."""
    quiet = [0, 60, -60, 0]
    ear = Ear(audio_format, RATE_HZ)
    first = ear.feed(encode(quiet * 20, audio_format))
    assert (first.duration_ms, first.audible_after_ms) == (10.0, None)
    second = ear.feed(encode(quiet * 10 + [loud] + quiet, audio_format))
    assert (second.duration_ms, second.audible_after_ms) == (45 / 8, 5.0)
    assert ear.feed(encode([loud], audio_format)).audible_after_ms is None


@pytest.mark.parametrize(("value", "is_heard"), [(AUDIBLE - 1, False), (AUDIBLE, True)])
@pytest.mark.parametrize("sign", [1, -1])
def test_the_threshold_is_exact_in_pcm(value: int, is_heard: bool, sign: int) -> None:
    """One step below is silence; at it, sound."""
    heard = Ear("pcm", RATE_HZ).feed(encode([sign * value], "pcm"))
    assert (heard.audible_after_ms == 0.0) is is_heard


@given(
    samples=st.lists(st.integers(-32768, 32767), max_size=60),
    cuts=st.lists(st.integers(0, 120), max_size=6),
    audio_format=st.sampled_from(["pcm", "mulaw"]),
)
def test_cuts_change_nothing(samples: list[int], cuts: list[int], audio_format: WireFormat) -> None:
    """However the bytes are cut, also inside a sample, durations and first sound are the same."""
    data = encode(samples, audio_format)
    whole = Ear(audio_format, RATE_HZ).feed(data)
    ear = Ear(audio_format, RATE_HZ)
    edges = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    duration_ms, onsets = 0.0, []
    for begin, end in pairwise(edges):
        heard = ear.feed(data[begin:end])
        if heard.audible_after_ms is not None:
            onsets.append(duration_ms + heard.audible_after_ms)
        duration_ms += heard.duration_ms
    assert duration_ms == pytest.approx(whole.duration_ms)
    assert onsets == pytest.approx(
        [] if whole.audible_after_ms is None else [whole.audible_after_ms]
    )


def test_split_samples_are_counted() -> None:
    """A piece that ends inside a sample is noticed: clients play what follows as noise."""
    ear = Ear("pcm", RATE_HZ)
    ear.feed(b"\0\0\0")
    ear.feed(b"\0")
    ear.feed(b"\0\0")
    assert ear.n_split == 1
    mulaw = Ear("mulaw", RATE_HZ)
    mulaw.feed(b"\xff\xff\xff")
    assert mulaw.n_split == 0


def test_bytes_a_second() -> None:
    """Two bytes a sample in PCM, one in mu-law."""
    assert bytes_per_second("pcm", 22050) == 44100
    assert bytes_per_second("mulaw", 8000) == 8000
