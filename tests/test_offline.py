"""The synchronous driver: the same decisions as a server's, without one."""

import itertools
from collections.abc import Generator, Iterator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hoarfrost.audio.chain import AudioFormat
from hoarfrost.errors import TextTooLong, VoiceFault
from hoarfrost.offline import speak
from hoarfrost.render import Renderer
from hoarfrost.synthesis.engine import PcmChunk, SynthesisRequest
from hoarfrost.text.script import Speech
from hoarfrost.text.segmenter import SegmentMode
from tests.support.options import make_options
from tests.support.speech import Recorder, pcm_of, words_in

WORDS = ["one", "two", "three", "four", "five", "six"]


def heard(*messages: str, **options: object) -> list[str]:
    """Return the words that are heard when a client sends these messages."""
    packets = speak(messages, make_options(**options), Recorder())
    return words_in(b"".join(packet.data for packet in packets), WORDS)


def test_text_becomes_the_bytes_of_its_words() -> None:
    """All sentences are spoken, in order, and the one without a mark at the end too."""
    packets = list(speak(["One two. Three. ", "Four"], make_options(), Recorder()))
    said = pcm_of("One two.") + pcm_of("Three.") + pcm_of("Four")
    assert b"".join(packet.data for packet in packets) == said


@pytest.mark.parametrize("ending", [[], ["<EOS>"]])
def test_mp3_is_one_stream_to_its_end(ending: list[str]) -> None:
    """The encoder is emptied once, at the end: nothing is lost, and no padding is in between."""
    options = make_options(audio_format=AudioFormat.MP3)
    packets = list(speak(["One two. ", "Three. ", "A.", *ending], options, Recorder()))
    renderer = Renderer(Recorder(), options)
    script = (Speech("One two."), Speech("Three."), Speech("A."))
    expected = [*renderer.render(script), *renderer.finish()]
    assert b"".join(p.data for p in packets) == b"".join(p.data for p in expected)


@pytest.mark.parametrize(
    ("messages", "words"),
    [
        ([], []),
        (["", " ", "?!", "<FLUSH>", "<EOS>"], []),
        (["One two", "<CLEAR>", "three"], ["three"]),
        (["One. Two", "<CLEAR>", "three"], ["one", "three"]),
        (["One", "<FLUSH>", "two", "<CLEAR>", "three"], ["one", "three"]),
        (["One<FLUSH>", "two<EOS>", "three. ", "<FLUSH>"], ["one", "two"]),
        (["<CLEAR>", "<CLEAR>", "one", "<EOS>", "<CLEAR>"], ["one"]),
        (["One, ", "two. "], ["one", "two"]),
        (["On", "e tw", "o thr", "ee"], ["one", "two", "three"]),
    ],
)
def test_commands_are_honoured(messages: list[str], words: list[str]) -> None:
    """A command among the messages does what it does on a socket."""
    assert heard(*messages) == words


@pytest.mark.parametrize("mode", SegmentMode)
def test_every_mode_speaks_everything(mode: SegmentMode) -> None:
    """Whatever the mode, at the end all has been said."""
    assert heard("One two. Three, ", "four five six", segment=mode) == WORDS


def test_options_are_honoured() -> None:
    """Pauses and inline speeds are those of the options."""
    recorder = Recorder()
    options = make_options(pauses=True, inline_speeds=(2.0, 0.5))
    packets = list(speak(["[One] <200> two. ", "[Three]."], options, recorder))
    assert recorder.texts == ["One", "two.", "Three."]
    assert [span.speed for request in recorder.requests for span in request.spans] == [2.0, 0.5]
    assert bytes(2 * 4410) in b"".join(packet.data for packet in packets)


texts = st.lists(
    st.sampled_from(["One", "two,", "three.", "four?", "3.14", "Dr.", "five…", "six!", "<9>"]),
    max_size=12,
).map(" ".join)


@given(
    texts,
    st.lists(st.integers(0, 80), max_size=8),
    st.sampled_from([SegmentMode.BY_SENTENCE, SegmentMode.NEVER]),
    st.sampled_from(AudioFormat),
)
@settings(max_examples=40)
def test_cutting_into_messages_does_not_matter(
    text: str, cuts: list[int], mode: SegmentMode, audio_format: AudioFormat
) -> None:
    """The same text gives the same bytes, in whatever messages it comes."""
    edges = [0, *sorted(min(cut, len(text)) for cut in cuts), len(text)]
    pieces = [text[a:b] for a, b in itertools.pairwise(edges)]
    options = make_options(segment=mode, pauses=True, audio_format=audio_format, rate_hz=8000)
    whole, cut = (
        b"".join(packet.data for packet in speak(messages, options, Recorder()))
        for messages in ([text], pieces)
    )
    assert cut == whole


def test_audio_comes_as_soon_as_the_text_allows() -> None:
    """The first sentence is heard before the next message is asked for."""
    log: list[str] = []

    def messages() -> Iterator[str]:
        for message in ("One two. ", "Three. "):
            log.append(message)
            yield message

    packets = speak(messages(), make_options(), Recorder())
    next(packets)
    assert log == ["One two. "]
    list(packets)
    assert log == ["One two. ", "Three. "]


def test_nothing_is_read_after_the_end() -> None:
    """``<EOS>`` ends it, though the messages may go on for ever."""
    messages = itertools.chain(["One<EOS>"], itertools.repeat("two. "))
    assert b"".join(p.data for p in speak(messages, make_options(), Recorder())) == pcm_of("One")


def test_word_times_come_with_the_packets() -> None:
    """Each word of the text is told once, in order, with its place in all messages together."""
    text = "One two. Three."
    packets = speak([text[:6], text[6:]], make_options(), Recorder())
    words = [word for packet in packets for word in packet.words]
    assert [text[word.start : word.end] for word in words] == ["One", "two.", "Three."]
    assert [word.start_ms for word in words] == sorted(word.start_ms for word in words)


def say_briefly(request: SynthesisRequest) -> Generator[PcmChunk, None, None]:
    """Speak any text in one sample, its length: for texts that would be long to hear."""
    yield PcmChunk(np.array([len(request.text) / 32768], dtype=np.float32))


def test_text_of_any_length_is_spoken() -> None:
    """A book in one message is not too long: it is spoken while it is read."""
    sentence = "Nine characters are not quite enough for this. "
    packets = speak([sentence * 2000], make_options(), say_briefly)
    samples = np.frombuffer(b"".join(packet.data for packet in packets), "<i2")
    assert samples.tolist() == [len(sentence) - 1] * 2000


def test_never_holds_no_more_than_a_server_would() -> None:
    """With ``never``, text that no server would buffer is refused."""
    options = make_options(segment=SegmentMode.NEVER)
    with pytest.raises(TextTooLong, match="expected at most 65536 bytes of unspoken text"):
        list(speak(["word " * 14_000], options, say_briefly))


def test_closing_closes_the_engine_s_generator() -> None:
    """Whoever stops listening leaves no engine at work."""
    recorder = Recorder()
    packets = speak(["One two three. Four."], make_options(), recorder)
    next(packets)
    assert recorder.n_open == 1
    packets.close()
    assert recorder.n_open == 0


def test_failure_of_a_voice_comes_through() -> None:
    """What the engine raises reaches the caller."""

    def fail(request: SynthesisRequest) -> Generator[PcmChunk, None, None]:
        raise VoiceFault("expected a voice, got none")
        yield

    with pytest.raises(VoiceFault, match="expected a voice"):
        list(speak(["One. "], make_options(), fail))
