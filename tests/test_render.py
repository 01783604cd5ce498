"""From script to packets: exact bytes, exact silence, exact word times."""

from collections.abc import Generator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hoarfrost.audio.chain import AudioFormat
from hoarfrost.audio.mulaw import MulawEncoder
from hoarfrost.audio.pcm import PcmEncoder
from hoarfrost.dialogue.outputs import WordTime
from hoarfrost.engines.tone import GAP_MS, VOICES, length_of
from hoarfrost.errors import VoiceFault
from hoarfrost.render import MAX_PACKET_BYTES, PAUSE_STEP_MS, READY, Packet, Prefetched, Renderer
from hoarfrost.synthesis.engine import PcmChunk, SynthesisRequest, WordMark
from hoarfrost.text.lexicon import parse_lexicon
from hoarfrost.text.markup import read_script
from hoarfrost.text.script import Pause, Script, Segment, Speech, SpeedSpan
from hoarfrost.units import duration_of, samples_in
from tests.support.options import TONE, make_options
from tests.support.speech import Recorder, pcm_of


def render(renderer: Renderer, *scripts: Script) -> list[Packet]:
    """Return all packets of these scripts, and of the end of the stream."""
    packets = [packet for script in scripts for packet in renderer.render(script)]
    return [*packets, *renderer.finish()]


def bytes_of(packets: list[Packet]) -> bytes:
    return b"".join(packet.data for packet in packets)


def make_noise(n_samples: int) -> np.ndarray:
    """Return loud noise: float32, shape (n_samples,), in [-1, 1), always the same."""
    return np.random.default_rng(1).uniform(-1, 1, n_samples).astype(np.float32)


class OneChunk:
    """A `Synthesize` that gives all its samples at once, with one word over all of them."""

    def __init__(self, samples: np.ndarray) -> None:
        self._samples = samples

    def __call__(self, request: SynthesisRequest) -> Generator[PcmChunk, None, None]:
        mark = WordMark(0, len(request.text), 0, self._samples.size)
        yield PcmChunk(self._samples, (mark,))


# Bytes


def test_speech_is_the_engine_s_samples() -> None:
    """At the voice's own rate the bytes are the engine's samples as 16-bit numbers."""
    packets = render(Renderer(Recorder(), make_options()), (Speech("one, two three."),))
    assert bytes_of(packets) == pcm_of("one, two three.")


def test_a_lexicon_changes_what_the_engine_is_given() -> None:
    """The engine gets the pronunciation, begun ahead or not; marks name the client's characters."""
    options = make_options(lexicon=parse_lexicon('Nguyen = "win"'))
    speech = Speech("Ask Nguyen", (), tuple(range(20, 30)))
    recorder = Recorder()
    prefetched = Prefetched((speech,), options, recorder)
    steps = prefetched.steps()
    assert next(steps) is READY
    packets = list(Renderer(recorder, options).render((speech,), prefetched))
    steps.close()
    assert recorder.texts == ["Ask ⟦=win|Nguyen⟧"]
    words = [word for packet in packets for word in packet.words]
    assert (words[-1].start, words[-1].end) == (24, 30)


def test_scripts_follow_each_other_in_one_stream() -> None:
    """One script's audio begins where the last one's ends, to the sample."""
    packets = render(Renderer(Recorder(), make_options()), (Speech("one"),), (Speech("two"),))
    assert bytes_of(packets) == pcm_of("one") + pcm_of("two")


@pytest.mark.parametrize("rate_hz", [4000, 8000, 16_000, 22_050, 44_100])
def test_speech_at_another_rate_lasts_as_long(rate_hz: int) -> None:
    """Resampled speech has the number of samples that its duration makes at the new rate."""
    renderer = Renderer(Recorder(), make_options(rate_hz=rate_hz))
    for text in ("one two", "three"):
        packets = list(renderer.render((Speech(text),)))  # complete without the end of the stream
        n_samples = len(pcm_of(text)) // 2
        assert len(bytes_of(packets)) == 2 * round(n_samples * rate_hz / TONE.rate_hz)


@pytest.mark.parametrize("rate_hz", [4000, 8000, 11_025, 22_050, 24_000, 44_100])
@pytest.mark.parametrize("duration_ms", [0.0, 0.1, 1.0, 333.3, 500.0, 1234.5, 10_000.0])
def test_pause_is_exact_to_the_sample(rate_hz: int, duration_ms: float) -> None:
    """A pause is that many zeros, and nothing else, in PCM and in µ-law."""
    n_samples = samples_in(duration_ms, rate_hz)
    for audio_format, zero in ((AudioFormat.PCM, b"\0\0"), (AudioFormat.MULAW, b"\xff")):
        options = make_options(rate_hz=rate_hz, audio_format=audio_format)
        packets = render(Renderer(Recorder(), options), (Pause(duration_ms),))
        assert bytes_of(packets) == zero * n_samples
        total_ms = sum(packet.duration_ms for packet in packets)
        assert total_ms == pytest.approx(duration_of(n_samples, rate_hz))


def test_pause_stands_between_the_words() -> None:
    """The words around a pause are whole, and keep their distance to the sample."""
    script = (Speech("one"), Pause(200.0), Speech("two"), Pause(50.0))
    packets = render(Renderer(Recorder(), make_options()), script)
    silence = bytes(2 * 4410)
    assert bytes_of(packets) == pcm_of("one") + silence + pcm_of("two") + bytes(2 * 1102)


def test_pause_keeps_its_length_at_any_speed() -> None:
    """Speech at twice the speed lasts half as long; the pause in it does not."""
    options = make_options(speed=2.0)
    packets = render(Renderer(Recorder(), options), (Speech("one"), Pause(200.0)))
    n_samples = length_of("one", rate_hz=TONE.rate_hz, speed=2.0) + 4410
    assert len(bytes_of(packets)) == 2 * n_samples


def test_mulaw_is_one_byte_a_sample() -> None:
    """µ-law packets are the same samples through the µ-law table."""
    options = make_options(audio_format=AudioFormat.MULAW)
    packets = render(Renderer(Recorder(), options), (Speech("one two"),))
    samples = np.frombuffer(pcm_of("one two"), "<i2").astype(np.float32) / 32768
    assert bytes_of(packets) == MulawEncoder().feed(samples)


def test_mp3_accounts_for_every_sample() -> None:
    """The durations of MP3 packets sum up to what was said, though the encoder lags behind."""
    options = make_options(audio_format=AudioFormat.MP3)
    packets = render(Renderer(Recorder(), options), (Speech("a two"), Pause(1000.0)))
    said_ms = duration_of(len(pcm_of("a two")) // 2 + 22_050, 22_050)
    assert sum(packet.duration_ms for packet in packets) == pytest.approx(said_ms)
    assert any(packet.duration_ms and not packet.data for packet in packets)


# Packets


@given(st.integers(0, 60_000), st.sampled_from([AudioFormat.PCM, AudioFormat.MULAW]))
def test_packets_are_cut_to_size(n_samples: int, audio_format: AudioFormat) -> None:
    """However much an engine gives at once, packets stay within 32 KiB and hold whole samples."""
    noise = make_noise(n_samples)
    renderer = Renderer(OneChunk(noise), make_options(audio_format=audio_format))
    packets = render(renderer, (Speech("x"),))
    encoder = PcmEncoder() if audio_format is AudioFormat.PCM else MulawEncoder()
    assert bytes_of(packets) == encoder.feed(noise)
    for packet in packets:
        assert len(packet.data) <= MAX_PACKET_BYTES
        assert len(packet.data) % audio_format.alignment_bytes == 0
        n_in_packet = len(packet.data) // audio_format.alignment_bytes
        assert packet.duration_ms == pytest.approx(duration_of(n_in_packet, TONE.rate_hz))
    word = WordTime("x", 0, 1, 0.0, duration_of(n_samples, TONE.rate_hz))
    assert [packet.words for packet in packets if packet.words] == [(word,)]
    assert packets[0].words == (word,)


def test_step_of_a_long_pause_is_bounded() -> None:
    """Ten seconds of silence are encoded half a second a step, in MP3 too."""
    for audio_format in AudioFormat:
        options = make_options(rate_hz=44_100, audio_format=audio_format)
        packets = Renderer(Recorder(), options).render((Pause(10_000.0),))
        assert max(packet.duration_ms for packet in packets) <= PAUSE_STEP_MS == 500


def test_one_packet_at_most_needs_one_chunk() -> None:
    """A step never asks the engine for more than one chunk."""
    recorder = Recorder()
    packets = Renderer(recorder, make_options()).render((Speech("one two three"),))
    n_before = 0
    for _ in packets:
        assert recorder.n_chunks <= n_before + 1
        n_before = recorder.n_chunks


# Requests


def test_engine_is_asked_for_what_the_client_wants() -> None:
    """Voice, language and speed of the options reach the engine, and so do the spans."""
    recorder = Recorder()
    voice = VOICES["tone-16k"]
    options = make_options(voice=voice, language="en-US", speed=1.5)
    render(Renderer(recorder, options), (Speech("one two", (SpeedSpan(0, 3, 2.0),)),))
    span = SpeedSpan(0, 3, 2.0)
    assert recorder.requests == [SynthesisRequest(voice, "one two", "en-US", 1.5, (span,))]


@pytest.mark.parametrize(
    ("speed", "inline", "bounded"),
    [(1.0, 9.0, 4.0), (2.0, 4.0, 2.0), (0.5, 0.25, 0.5), (2.0, 1.5, 1.5), (4.0, 0.01, 0.0625)],
)
def test_speeds_together_stay_intelligible(speed: float, inline: float, bounded: float) -> None:
    """A word's speed times that of all speech is held between a quarter and four."""
    recorder = Recorder()
    script = (Speech("one", (SpeedSpan(0, 3, inline),)),)
    render(Renderer(recorder, make_options(speed=speed)), script)
    assert recorder.requests[0].spans == (SpeedSpan(0, 3, bounded),)


# Words


def words_of(packets: list[Packet]) -> list[WordTime]:
    return [word for packet in packets for word in packet.words]


def test_word_times_refer_to_the_client_text() -> None:
    """Times count from the start of the utterance, offsets in the text with its markup."""
    text = "Hi <200> [slow] spell(AB) end."
    script = read_script(Segment(text, 100), pauses=True, inline_speeds=(0.5,)).script
    words = words_of(render(Renderer(Recorder(), make_options()), script))
    assert [text[word.start - 100 : word.end - 100] for word in words] == [
        "Hi",
        "slow",
        "A",
        "B",
        "end.",
    ]
    begin_ms = 120 + 200.0
    expected = [(0.0, 120.0)]
    for length_ms in (480, 60, 60, 180):
        expected.append((begin_ms, begin_ms + length_ms))
        begin_ms += length_ms + GAP_MS
    for word, (start_ms, end_ms) in zip(words, expected, strict=True):
        assert word.start_ms == pytest.approx(start_ms, abs=0.1)
        assert word.end_ms == pytest.approx(end_ms, abs=0.1)


@pytest.mark.parametrize("rate_hz", [8000, 22_050, 44_100])
@pytest.mark.parametrize("audio_format", AudioFormat)
def test_word_times_run_on_over_scripts(rate_hz: int, audio_format: AudioFormat) -> None:
    """A later script's words begin after all audio before it, whatever the rate and format."""
    options = make_options(rate_hz=rate_hz, audio_format=audio_format)
    scripts = [(Speech("one"),), (Pause(500.0), Speech("two"))]
    one, two = words_of(render(Renderer(Recorder(), options), *scripts))
    assert (one.start_ms, one.end_ms) == pytest.approx((0.0, 180.0), abs=0.1)
    assert (two.start_ms, two.end_ms) == pytest.approx((680.0, 860.0), abs=0.2)


def test_word_times_begin_anew_with_an_utterance() -> None:
    """After the end of an utterance the next one's words count from its own first sample."""
    renderer = Renderer(Recorder(), make_options())
    one = words_of(render(renderer, (Speech("one"),)))
    list(renderer.finish())
    assert words_of(render(renderer, (Speech("one"),))) == one


# Endings


def test_closing_closes_the_engine_s_generator() -> None:
    """An abandoned script leaves no engine at work, and asks it for nothing more."""
    recorder = Recorder()
    packets = Renderer(recorder, make_options()).render((Speech("one two"), Speech("three")))
    next(packets)
    assert recorder.n_open == 1
    packets.close()
    assert (recorder.n_open, recorder.n_chunks, recorder.texts) == (0, 1, ["one two"])


def test_failure_of_the_engine_comes_through() -> None:
    """What an engine raises is raised by the step that met it."""
    recorder = Recorder(fails_at="two")
    packets = Renderer(recorder, make_options()).render((Speech("two"),))
    assert next(packets).data == pcm_of("two")
    with pytest.raises(ZeroDivisionError):
        next(packets)
    assert recorder.n_open == 0


def test_voice_that_cannot_be_found_is_a_voice_fault() -> None:
    """An engine that refuses a request says so when the first step is done."""

    def refuse(request: SynthesisRequest) -> Generator[PcmChunk, None, None]:
        raise VoiceFault(f"voice {request.voice.name}: expected a model, got none")

    packets = Renderer(refuse, make_options()).render((Speech("one"),))
    with pytest.raises(VoiceFault, match="expected a model"):
        next(packets)


@pytest.mark.parametrize(
    ("chunk_ms", "has_first_sound"),
    [([0, 0, 93], True), ([250], True), ([0, 251], False), ([0, 0], False), ([], False)],
)
def test_what_was_begun_is_given_at_once(chunk_ms: list[int], *, has_first_sound: bool) -> None:
    """Steps of a text graph and the first sound are one packet, and whether it is short is told."""

    def synthesize(_: SynthesisRequest) -> Generator[PcmChunk, None, None]:
        for index, ms in enumerate((*chunk_ms, 500)):
            samples = np.full(round(ms * TONE.rate_hz / 1000), index / 8, np.float32)
            yield PcmChunk(samples, (WordMark(index, index + 1, 0, 1),))

    script = (Speech("one two three four"),)
    renderer = Renderer(synthesize, make_options())
    n_ahead = len(chunk_ms) if any(chunk_ms) else 0
    prefetched = Prefetched(script, make_options(), synthesize)
    steps = prefetched.steps()
    while n_ahead and next(steps) is not READY:
        pass
    assert prefetched.has_first_sound is has_first_sound
    packets = list(renderer.render(script, prefetched))
    steps.close()
    assert bytes_of(packets) == bytes_of(render(Renderer(synthesize, make_options()), script))
    words = [word.start for packet in packets for word in packet.words]
    assert words == list(range(len(chunk_ms) + 1))
    if n_ahead:
        assert packets[0].duration_ms == pytest.approx(max(chunk_ms), abs=0.1)


def test_what_was_begun_and_not_rendered_is_closed() -> None:
    """Closing the steps closes the engine's generator, unless it was taken."""
    recorder = Recorder()
    prefetched = Prefetched((Speech("one two"),), make_options(), recorder)
    steps = prefetched.steps()
    assert next(steps) is READY
    assert recorder.n_open == 1
    steps.close()
    assert recorder.n_open == 0
    assert prefetched.take() is None


@pytest.mark.parametrize("script", [(), (Pause(100.0),), (Pause(100.0), Speech("one"))])
def test_nothing_is_begun_of_a_script_that_begins_with_silence(script: Script) -> None:
    """There is nothing to make ahead, and rendering does not care."""
    recorder = Recorder()
    prefetched = Prefetched(script, make_options(), recorder)
    assert list(prefetched.steps()) == [READY]
    assert recorder.texts == []
    rendered = list(Renderer(Recorder(), make_options()).render(script, prefetched))
    assert rendered == list(Renderer(Recorder(), make_options()).render(script))
