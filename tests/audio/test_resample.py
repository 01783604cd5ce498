"""The resampler: the same tone, level, time and length at another rate, however it is fed."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hoarfrost.audio.resample import Resampler
from hoarfrost.audio.stage import Samples

RATES = [
    (22050, 8000),
    (22050, 16000),
    (22050, 24000),
    (22050, 44100),
    (22050, 11025),
    (22050, 4000),
    (16000, 8000),
    (16000, 22050),
    (24000, 22050),
    (22050, 12345),
]

a_rate = st.sampled_from([4000, 8000, 11025, 12345, 16000, 22050, 24000, 44100])


def sine(frequency_hz: float, rate_hz: int, *, n_samples: int | None = None) -> Samples:
    time = np.arange(rate_hz // 2 if n_samples is None else n_samples) / rate_hz
    return (0.5 * np.sin(2 * np.pi * frequency_hz * time)).astype(np.float32)


def resample(samples: Samples, source_hz: int, rate_hz: int) -> Samples:
    resampler = Resampler(source_hz, rate_hz)
    return np.concatenate([resampler.feed(samples), resampler.flush()])


def in_chunks(samples: Samples, resampler: Resampler, sizes: list[int]) -> Samples:
    """Feed chunks of these sizes, then what is left in one, then flush."""
    borders = np.cumsum(sizes)
    pieces = [resampler.feed(chunk) for chunk in np.split(samples, borders[borders < samples.size])]
    return np.concatenate([*pieces, resampler.flush()])


def rms_db(samples: Samples) -> float:
    return float(10 * np.log10(np.mean(samples.astype(np.float64) ** 2) + 1e-30))


def inner(samples: Samples) -> Samples:
    """The middle half: the beginning and the end of a tone are not tones."""
    return samples[len(samples) // 4 : -(len(samples) // 4)]


@pytest.mark.parametrize(("source_hz", "rate_hz"), RATES)
@pytest.mark.parametrize("share", [0.05, 0.5, 0.9])
def test_tone_keeps_frequency_level_and_time(source_hz: int, rate_hz: int, share: float) -> None:
    """A tone up to 0.9 of the common band keeps its level within 0.01 dB, its phase, its purity."""
    frequency_hz = share * min(source_hz, rate_hz) / 2
    heard = resample(sine(frequency_hz, source_hz), source_hz, rate_hz)
    angle = 2 * np.pi * frequency_hz * np.arange(heard.size) / rate_hz
    basis = inner(np.stack([np.sin(angle), np.cos(angle)], axis=1))
    fit = np.linalg.lstsq(basis, inner(heard).astype(np.float64), rcond=None)[0]
    assert 20 * np.log10(np.hypot(*fit) / 0.5) == pytest.approx(0, abs=0.01)
    assert np.arctan2(fit[1], fit[0]) == pytest.approx(0, abs=1e-5)
    assert rms_db(inner(heard) - basis @ fit) - rms_db(basis @ fit) < -120


@pytest.mark.parametrize(("source_hz", "rate_hz"), [r for r in RATES if r[0] > r[1]])
@pytest.mark.parametrize("share", [1.02, 1.2, 1.35])
def test_tone_that_has_no_place_is_not_heard(source_hz: int, rate_hz: int, share: float) -> None:
    """A tone beyond the new band is gone by 120 dB, not folded back into it."""
    frequency_hz = min(share * rate_hz / 2, 0.48 * source_hz)
    if frequency_hz <= rate_hz / 2:
        pytest.skip("the source has nothing beyond the new band")
    heard = resample(sine(frequency_hz, source_hz), source_hz, rate_hz)
    assert rms_db(inner(heard)) < -120


@pytest.mark.parametrize(("source_hz", "rate_hz"), RATES)
def test_constant_stays_constant(source_hz: int, rate_hz: int) -> None:
    """A direct current keeps its value within a tenth of a 16-bit step."""
    heard = resample(np.full(source_hz // 2, 0.25, np.float32), source_hz, rate_hz)
    assert np.max(np.abs(inner(heard) - 0.25)) < 0.1 / 32768


@pytest.mark.parametrize(("source_hz", "rate_hz"), RATES)
def test_click_stays_where_it_was(source_hz: int, rate_hz: int) -> None:
    """A single sample is heard at its own time, to the nearest sample of the new rate."""
    click = np.zeros(source_hz // 2, np.float32)
    position = source_hz // 4
    click[position] = 1
    heard = resample(click, source_hz, rate_hz)
    assert abs(int(np.argmax(np.abs(heard))) - position * rate_hz / source_hz) <= 0.5


@settings(max_examples=60)
@given(a_rate, a_rate, st.lists(st.integers(0, 700), max_size=8), st.integers(0, 6000))
def test_chunks_do_not_matter(source: int, rate: int, sizes: list[int], n_samples: int) -> None:
    """Cut anywhere, empty pieces included, the output is the same to the bit."""
    samples = np.random.default_rng(7).uniform(-1, 1, n_samples).astype(np.float32)
    streamed = in_chunks(samples, Resampler(source, rate), sizes)
    assert np.array_equal(streamed, resample(samples, source, rate))


@pytest.mark.parametrize("size", [1, 2, 441, 1023])
def test_chunks_of_one_size_do_not_matter(size: int) -> None:
    """Fed sample by sample, or in pieces of any one size, the output is the same to the bit."""
    samples = np.random.default_rng(7).uniform(-1, 1, 5000).astype(np.float32)
    streamed = in_chunks(samples, Resampler(22050, 8000), [size] * (5000 // size))
    assert np.array_equal(streamed, resample(samples, 22050, 8000))


@settings(max_examples=150)
@given(st.integers(4000, 48000), st.integers(4000, 48000), st.integers(0, 3000))
def test_length_is_exact(source_hz: int, rate_hz: int, n_samples: int) -> None:
    """So many samples in, exactly the rounded quotient out, whatever the rates."""
    heard = resample(np.ones(n_samples, np.float32), source_hz, rate_hz)
    assert heard.size == round(n_samples * rate_hz / source_hz)
    assert heard.dtype == np.float32


@pytest.mark.parametrize("n_samples", [1, 3, 5, 5333])
def test_length_rounds_halves_to_even(n_samples: int) -> None:
    """At half the rate an odd number of samples leaves a half: it goes to the even number."""
    assert resample(np.ones(n_samples, np.float32), 16000, 8000).size == round(n_samples / 2)


def test_flush_begins_a_new_stream() -> None:
    """The stream after a flush is that of a new resampler, and a second flush gives nothing."""
    resampler = Resampler(22050, 8000)
    samples = np.random.default_rng(7).uniform(-1, 1, 3000).astype(np.float32)
    streams = [np.concatenate([resampler.feed(samples), resampler.flush()]) for _ in range(3)]
    assert all(np.array_equal(stream, streams[0]) for stream in streams)
    assert resampler.flush().size == 0


def test_equal_rates_pass_through() -> None:
    """At equal rates the very array comes back and nothing is held."""
    resampler = Resampler(22050, 22050)
    samples = sine(440, 22050)
    assert resampler.feed(samples) is samples
    assert resampler.flush().size == 0


@pytest.mark.parametrize(
    ("source_hz", "rate_hz", "n_samples"), [(22050, 8000, 1768), (22050, 24000, 922)]
)
def test_first_output_is_as_early_as_stated(source_hz: int, rate_hz: int, n_samples: int) -> None:
    """The module's table of waits holds: 80 ms from 22050 to 8000 Hz, 42 ms to 24000 Hz."""
    resampler = Resampler(source_hz, rate_hz)
    assert resampler.feed(np.zeros(n_samples - 1, np.float32)).size == 0
    assert resampler.feed(np.zeros(1, np.float32)).size > 0


def test_input_may_be_read_only_and_strided() -> None:
    """An engine may hand over a view that cannot be written and is not contiguous."""
    samples = np.random.default_rng(7).uniform(-1, 1, 4000).astype(np.float32)
    samples.flags.writeable = False
    expected = resample(samples[::2].copy(), 22050, 16000)
    assert np.array_equal(resample(samples[::2], 22050, 16000), expected)


@pytest.mark.parametrize("rates", [(0, 8000), (22050, 0), (-1, 8000)])
def test_rate_must_be_positive(rates: tuple[int, int]) -> None:
    """A rate of nothing is refused when the resampler is made."""
    with pytest.raises(ValueError, match="expected positive sample rates"):
        Resampler(*rates)
