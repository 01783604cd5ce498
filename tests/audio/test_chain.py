"""The output chain: the same bytes however the speech was cut, pauses exact to the sample."""

from collections.abc import Iterable
from typing import TypeAlias

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hoarfrost.audio.chain import AudioFormat, Encoded, OutputChain
from hoarfrost.audio.stage import Samples
from hoarfrost.units import samples_in

from . import mulaw_reference
from .mpeg import walk

SpeechPart: TypeAlias = int
"""So many samples of noise."""

PausePart: TypeAlias = float
"""So many milliseconds of silence."""

an_utterance = st.lists(
    st.integers(0, 4000) | st.floats(0, 120, allow_nan=False).map(lambda ms: round(ms, 1)),
    max_size=4,
)
a_wire = st.sampled_from(
    [
        (16000, 8000, AudioFormat.MULAW),
        (22050, 22050, AudioFormat.PCM),
        (22050, 24000, AudioFormat.PCM),
        (22050, 8000, AudioFormat.PCM),
        (22050, 4321, AudioFormat.MULAW),
        (22050, 44100, AudioFormat.MULAW),
        (22050, 22050, AudioFormat.MP3),
        (16000, 8000, AudioFormat.MP3),
        (22050, 48000, AudioFormat.MP3),
    ]
)


def make_chain(source_hz: int, rate_hz: int, audio_format: AudioFormat) -> OutputChain:
    return OutputChain(source_hz=source_hz, rate_hz=rate_hz, audio_format=audio_format)


def noise(n_samples: int) -> Samples:
    return np.random.default_rng(n_samples).uniform(-0.5, 0.5, n_samples).astype(np.float32)


def speak(
    chain: OutputChain, parts: Iterable[SpeechPart | PausePart], chunk_size: int
) -> list[Encoded]:
    """Send an utterance through the chain, its speech in chunks, and flush."""
    encoded = []
    for part in parts:
        if isinstance(part, float):
            encoded.append(chain.pause(part))
        else:
            speech = noise(part)
            encoded += [chain.feed(speech[i : i + chunk_size]) for i in range(0, part, chunk_size)]
    return [*encoded, chain.flush()]


def join(encoded: Iterable[Encoded]) -> bytes:
    return b"".join(part.data for part in encoded)


@settings(max_examples=60)
@given(a_wire, st.lists(an_utterance, max_size=3), st.integers(40, 3000))
def test_chunks_do_not_matter(
    wire: tuple[int, int, AudioFormat], utterances: list[list[int | float]], chunk_size: int
) -> None:
    """Speech, pauses and flushes in any order give the same bytes for every chunk size."""
    chunked, whole = make_chain(*wire), make_chain(*wire)
    for parts in utterances:
        in_chunks, at_once = speak(chunked, parts, chunk_size), speak(whole, parts, 10**6)
        assert join(in_chunks) == join(at_once)
        assert sum(e.n_samples for e in in_chunks) == sum(e.n_samples for e in at_once)


@settings(max_examples=60)
@given(a_wire, an_utterance)
def test_lengths_are_exact(wire: tuple[int, int, AudioFormat], parts: list[int | float]) -> None:
    """Each stretch of speech and each pause has its own rounded length, and nothing is added."""
    source_hz, rate_hz, audio_format = wire
    n_expected = n_speech = 0
    for part in [*parts, 0.0]:
        if isinstance(part, float):
            n_expected += round(n_speech * rate_hz / source_hz) + samples_in(part, rate_hz)
            n_speech = 0
        else:
            n_speech += part
    encoded = speak(make_chain(*wire), parts, 512)
    assert sum(part.n_samples for part in encoded) == n_expected
    if audio_format is not AudioFormat.MP3:
        assert len(join(encoded)) == n_expected * audio_format.alignment_bytes
        for part in encoded:
            assert len(part.data) == part.n_samples * audio_format.alignment_bytes


@pytest.mark.parametrize(
    ("audio_format", "zero"), [(AudioFormat.PCM, b"\x00\x00"), (AudioFormat.MULAW, b"\xff")]
)
@pytest.mark.parametrize("rate_hz", [4000, 8000, 22050, 44100])
@pytest.mark.parametrize("pause_ms", [0.0, 0.1, 200.0, 333.3, 10_000.0])
def test_pause_is_exactly_silent(
    audio_format: AudioFormat, zero: bytes, rate_hz: int, pause_ms: float
) -> None:
    """A pause is exactly its rounded number of exact zeros, after the whole of the speech."""
    chain = make_chain(22050, rate_hz, audio_format)
    begun = chain.feed(noise(2000))
    paused = chain.pause(pause_ms)
    n_speech, n_pause = round(2000 * rate_hz / 22050), round(pause_ms * rate_hz / 1000)
    assert begun.n_samples + paused.n_samples == n_speech + n_pause
    heard = begun.data + paused.data
    assert heard[n_speech * len(zero) :] == zero * n_pause
    assert chain.flush() == Encoded(b"", 0)


@pytest.mark.parametrize("rate_hz", [8000, 22050, 24000])
def test_speech_in_two_parts_is_two_streams(rate_hz: int) -> None:
    """Ending the speech twice gives the bytes of two chains: neither part leaks into the other."""
    chain = make_chain(22050, rate_hz, AudioFormat.PCM)
    one_chain = [chain.feed(noise(900)), chain.end_speech(), chain.feed(noise(700)), chain.flush()]
    two_chains = [speak(make_chain(22050, rate_hz, AudioFormat.PCM), [n], n) for n in (900, 700)]
    assert join(one_chain) == b"".join(map(join, two_chains))


def test_mp3_stream_runs_through_pauses() -> None:
    """Speech and pauses are one stream: only its first frame stands alone, and all are whole."""
    chain = make_chain(22050, 24000, AudioFormat.MP3)
    encoded = speak(chain, [4000, 250.0, 3000], 441)
    frames = list(walk(join(encoded)))
    n_samples = sum(part.n_samples for part in encoded)
    assert n_samples == round(4000 * 24000 / 22050) + 6000 + round(3000 * 24000 / 22050)
    assert 1105 <= sum(frame.n_samples for frame in frames) - n_samples < 1105 + 2 * 576


def test_tone_reaches_the_telephone() -> None:
    """1010 Hz at -6 dB comes out of 8 kHz µ-law as 1010 Hz at -6 dB, noise 35 dB below."""
    time = np.arange(22050) / 22050
    speech = (0.5 * np.sin(2 * np.pi * 1010 * time)).astype(np.float32)
    chain = make_chain(22050, 8000, AudioFormat.MULAW)
    data = chain.feed(speech).data + chain.flush().data
    heard = np.array([mulaw_reference.decode(code) for code in data])[2000:6000] / 32768
    spectrum = np.abs(np.fft.rfft(heard)) / 2000  # 4000 samples: bins of 2 Hz, amplitude 1 → 1
    assert int(np.argmax(spectrum)) == 505
    assert spectrum[505] == pytest.approx(0.5, rel=0.005)
    spectrum[505] = 0
    assert np.sqrt(np.sum(spectrum**2)) < 0.5 * 10 ** (-35 / 20)


def test_loud_speech_is_clipped_not_wrapped() -> None:
    """What overshoots full scale stays at full scale."""
    chain = make_chain(22050, 22050, AudioFormat.PCM)
    assert chain.feed(np.array([1.7, -1.7], np.float32)).data == b"\xff\x7f\x00\x80"


@pytest.mark.parametrize(
    ("rates", "audio_format", "message"),
    [
        ((22050, 0), AudioFormat.PCM, "expected positive sample rates, got 22050 and 0"),
        ((0, 8000), AudioFormat.MULAW, "expected positive sample rates, got 0 and 8000"),
        ((22050, 10000), AudioFormat.MP3, "expected one of 8000.*got 10000"),
    ],
)
def test_impossible_rate_is_refused(
    rates: tuple[int, int], audio_format: AudioFormat, message: str
) -> None:
    """A rate that cannot be served is refused when the chain is made."""
    with pytest.raises(ValueError, match=message):
        make_chain(*rates, audio_format)


def test_negative_pause_is_refused_and_changes_nothing() -> None:
    """A pause that runs backwards raises before any speech is ended."""
    chain = make_chain(22050, 8000, AudioFormat.PCM)
    chain.feed(noise(100))
    with pytest.raises(ValueError, match="expected 0 or more, got -80"):
        chain.pause(-10)
    assert chain.flush().n_samples == round(100 * 8000 / 22050)


@pytest.mark.parametrize(
    ("audio_format", "alignment_bytes"),
    [(AudioFormat.PCM, 2), (AudioFormat.MULAW, 1), (AudioFormat.MP3, 1)],
)
def test_alignment(audio_format: AudioFormat, alignment_bytes: int) -> None:
    """Only 16-bit samples must not be torn apart."""
    assert audio_format.alignment_bytes == alignment_bytes


def test_names_are_those_of_the_wire() -> None:
    """The values are what clients send as ``audioFormat``."""
    names = ("pcm", "mulaw", "mp3", "wav", "alaw", "ogg", "webm", "flac", "aac")
    assert [AudioFormat(name) for name in names] == list(AudioFormat)


@pytest.mark.parametrize(
    ("audio_format", "asked", "rate_hz"),
    [
        (AudioFormat.PCM, 12345, 12345), (AudioFormat.MP3, 10000, 11025),
        (AudioFormat.MP3, 96000, 48000), (AudioFormat.AAC, 30000, 32000),
        (AudioFormat.AAC, 96001, 96000), (AudioFormat.OGG, 8000, 48000),
        (AudioFormat.WEBM, 96000, 48000), (AudioFormat.FLAC, 12345, 12345),
    ],
)  # fmt: skip
def test_rates_that_formats_have(audio_format: AudioFormat, asked: int, rate_hz: int) -> None:
    """A format that does not have the rate asked for takes the next, and makes a chain of it."""
    assert audio_format.rate_for(asked) == rate_hz
    make_chain(22050, rate_hz, audio_format)
