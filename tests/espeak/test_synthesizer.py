"""One call after the other, each as if it were the first."""

import ctypes
import platform
from collections.abc import Iterator
from contextlib import closing

import numpy as np
import pytest

from hoarfrost.errors import VoiceFault
from hoarfrost.espeak import SpeechBuffer, SpeechCall, VoiceSetting, WordEvent, owner
from hoarfrost.espeak.synthesizer import RATE_HZ, Synthesizer

TEXT = "The quick brown fox, and so on."
BREATHY = VoiceSetting("en-us", "f3", "breath 10 20 30 30 30 30 30 20")


@pytest.fixture
def synthesizer() -> Iterator[Synthesizer]:
    # The library is one in a process: neither its shared thread, if another module's engine has
    # left it running, nor a synthesizer of another test may use it beside this one.
    owner._state.stop_at_exit()
    synthesizer = Synthesizer()
    yield synthesizer
    synthesizer.close()


def hear(synthesizer: Synthesizer, call: SpeechCall) -> list[SpeechBuffer]:
    buffers: list[SpeechBuffer] = []

    def take(buffer: SpeechBuffer) -> bool:
        buffers.append(buffer)
        return True

    synthesizer.speak(call, take)
    return buffers


def join(buffers: list[SpeechBuffer]) -> np.ndarray:
    return np.concatenate([buffer.samples for buffer in buffers])


def words(buffers: list[SpeechBuffer]) -> list[WordEvent]:
    return [word for buffer in buffers for word in buffer.words]


@pytest.mark.parametrize("n_phonemized", [60, 300])
def test_a_first_call_does_not_remember_phonemes(n_phonemized: int) -> None:
    """What the library turned into phonemes before it first spoke, or in an earlier life."""
    owner._state.stop_at_exit()
    texts = ("Dvořák: €1,200.50; $5.99 — www.example.com/help", "Hello there.", "Zürich; 日本")

    def heard(n_before: int, n_now: int) -> np.ndarray:
        with closing(Synthesizer()) as earlier:
            for n in range(n_before):
                earlier.phonemize(texts[n % 3], "en-us")
        with closing(Synthesizer()) as later:
            for n in range(n_now):
                later.phonemize(texts[n % 3], "en-us")
            return join(hear(later, SpeechCall(VoiceSetting("en-us"), TEXT)))

    expected = heard(0, 0)
    assert np.array_equal(heard(n_phonemized, 0), expected)
    assert np.array_equal(heard(0, n_phonemized), expected)


@pytest.mark.parametrize(
    "setting",
    [
        VoiceSetting("en-us"),
        VoiceSetting("de", "m3"),
        VoiceSetting("en-us", "croak"),
        VoiceSetting("en-us", "klatt2"),
        BREATHY,
    ],
)
def test_a_call_does_not_remember_others(synthesizer: Synthesizer, setting: VoiceSetting) -> None:
    """Noise, flutter and roughness, which the library keeps over calls, do not show."""
    first = join(hear(synthesizer, SpeechCall(setting, TEXT)))
    others = [
        SpeechCall(VoiceSetting("ru"), "Привет"),
        SpeechCall(BREATHY, "Something else entirely", 300),
        SpeechCall(VoiceSetting("en-us", pitch=90, volume=150, word_gap=20), "x"),
    ]
    for other in others:
        hear(synthesizer, other)
        assert np.array_equal(join(hear(synthesizer, SpeechCall(setting, TEXT))), first)


@pytest.mark.parametrize("n_buffers", [1, 2])
def test_a_stopped_call_leaves_nothing_behind(synthesizer: Synthesizer, n_buffers: int) -> None:
    """A sink that wants no more stops the library at once, and the next call is as ever."""
    call = SpeechCall(BREATHY, TEXT)
    first = join(hear(synthesizer, call))
    n_taken = 0

    def take_few(_: SpeechBuffer) -> bool:
        nonlocal n_taken
        n_taken += 1
        return n_taken < n_buffers

    synthesizer.speak(SpeechCall(BREATHY, TEXT * 9), take_few)
    assert n_taken == n_buffers
    assert np.array_equal(join(hear(synthesizer, call)), first)


def test_what_a_sink_raises_is_raised(synthesizer: Synthesizer) -> None:
    """An exception inside of the library's callback is not lost, and does no harm."""

    def fail(_: SpeechBuffer) -> bool:
        raise OverflowError("full")

    with pytest.raises(OverflowError, match="full"):
        synthesizer.speak(SpeechCall(VoiceSetting("en-us"), TEXT), fail)
    assert words(hear(synthesizer, SpeechCall(VoiceSetting("en-us"), "one two")))[1].position == 4


def test_words_are_told_by_code_points(synthesizer: Synthesizer) -> None:
    """Positions count characters, not bytes, and samples lie in the buffer they come with."""
    text = "naïve 😀 café"
    buffers = hear(synthesizer, SpeechCall(VoiceSetting("en-us"), text))
    positions = [word.position for word in words(buffers)]
    assert positions[0] == 0
    assert positions[-1] == 8
    start = 0
    for buffer in buffers:
        assert all(start <= word.sample <= start + len(buffer.samples) for word in buffer.words)
        start += len(buffer.samples)


def test_buffers_hold_a_second_at_most(synthesizer: Synthesizer) -> None:
    """The library hands over its audio in steps of about a millisecond of work."""
    buffers = hear(synthesizer, SpeechCall(VoiceSetting("en-us"), TEXT * 3))
    assert max(len(buffer.samples) for buffer in buffers) <= RATE_HZ + 1
    assert all(buffer.samples.dtype == np.int16 for buffer in buffers)


def test_the_end_pause_can_be_left_out(synthesizer: Synthesizer) -> None:
    """Without it speech ends with the last sound."""
    setting = VoiceSetting("en-us")
    paused = join(hear(synthesizer, SpeechCall(setting, TEXT)))
    plain = join(hear(synthesizer, SpeechCall(setting, TEXT, has_end_pause=False)))
    assert len(paused) - len(plain) == pytest.approx(0.294 * RATE_HZ, rel=0.02)
    assert np.array_equal(paused[: len(plain)], plain)


@pytest.mark.parametrize(
    "setting", [VoiceSetting("xx"), VoiceSetting("en-us", "nobody"), VoiceSetting("en-us", "../f2")]
)
def test_an_unknown_voice_is_refused(synthesizer: Synthesizer, setting: VoiceSetting) -> None:
    """A language or variant that the library lacks is a fault of the voice."""
    with pytest.raises(VoiceFault):
        hear(synthesizer, SpeechCall(setting, TEXT))


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="asks the C library")
@pytest.mark.parametrize("is_spoken", [False, True])
def test_no_call_keeps_memory(synthesizer: Synthesizer, *, is_spoken: bool) -> None:
    """Phonemes without speech, most of all: who never speaks never frees the voices loaded."""

    def call(n: int) -> None:
        if is_spoken:
            hear(synthesizer, SpeechCall(VoiceSetting(("en-us", "de")[n % 2]), "Hello."))
        else:
            synthesizer.phonemize(TEXT, ("en-us", "de")[n % 2])

    n_calls = 200
    for n in range(20):
        call(n)
    before = allocated_bytes()
    for n in range(n_calls):
        call(n)
    assert (allocated_bytes() - before) / n_calls < 200


def allocated_bytes() -> int:
    """Return what the C library has given to this thread's callers and not had back."""

    class Information(ctypes.Structure):  # struct mallinfo2
        _fields_ = tuple(
            (name, ctypes.c_size_t)
            for name in (
                *("arena", "ordblks", "smblks", "hblks", "hblkhd"),
                *("usmblks", "fsmblks", "uordblks", "fordblks", "keepcost"),
            )
        )

    mallinfo2 = ctypes.CDLL(None).mallinfo2
    mallinfo2.restype = Information
    information = mallinfo2()
    return int(information.uordblks + information.hblkhd)
