"""Conversations from text to audio, and clears in between.

Time is virtual. A step of work takes 20 ms; the tone voice gives a chunk a step: a gap, or up to
200 ms of a word.
"""

import asyncio
import itertools

import pytest

from hoarfrost.audio.chain import AudioFormat
from hoarfrost.render import Renderer
from hoarfrost.session.transport import PeerGone
from hoarfrost.text.script import Speech
from hoarfrost.text.segmenter import SegmentMode
from hoarfrost.units import duration_of
from tests.session.call import LONG, STEP_S, VOCABULARY, Call, now
from tests.support.options import make_options
from tests.support.speech import Recorder, pcm_of
from tests.support.transport import FakeTransport
from tests.support.virtual_time import run_virtually

# From text to audio


def test_text_becomes_audio() -> None:
    """What is said is sent as exactly the bytes of its words, the first after one step."""

    async def talk() -> None:
        async with Call() as call:
            call.say("One ", "two. ")
            await asyncio.sleep(1)
            assert call.transport.audio == pcm_of("One two.")
            assert call.transport.frames[0].at == STEP_S

    run_virtually(talk())


def test_sentence_that_is_last_is_spoken_after_its_hold() -> None:
    """A sentence that nothing follows is spoken 25 ms later, without another message.

    Its first sound was made meanwhile, and waits for no thread.
    """

    async def talk() -> None:
        async with Call() as call:
            call.say("One two.")
            await asyncio.sleep(1)
            assert call.transport.audio == pcm_of("One two.")
            assert call.transport.frames[0].at == pytest.approx(0.025)

    run_virtually(talk())


def test_utterances_follow_each_other() -> None:
    """A connection speaks utterance after utterance, with any silence between them."""

    async def talk() -> None:
        async with Call() as call:
            for text in ("One two. ", "Three. ", "Four. "):
                call.say(text)
                await asyncio.sleep(100)
            assert call.transport.audio == pcm_of("One two.") + pcm_of("Three.") + pcm_of("Four.")

    run_virtually(talk())


def test_text_in_binary_messages_is_text() -> None:
    """A binary message that is UTF-8 is spoken like any other."""

    async def talk() -> None:
        async with Call() as call:
            call.say(b"One two. ")
            await asyncio.sleep(1)
            assert call.words() == ["one", "two"]

    run_virtually(talk())


def test_options_reach_machine_and_engine() -> None:
    """Segmentation, pauses, speeds and the format are those that the client asked for."""

    async def talk() -> None:
        options = {
            "segment": SegmentMode.NEVER,
            "pauses": True,
            "phonemes": True,
            "inline_speeds": (2.0,),
            "audio_format": AudioFormat.MULAW,
        }
        async with Call(**options) as call:
            call.say("[One]. <200> {t1u}. ")
            await asyncio.sleep(1)
            assert call.transport.frames == []
            call.say("<FLUSH>")
            await asyncio.sleep(1)
            assert call.recorder.texts == ["One.", "⟦tˈuː|⟧."]
            assert call.recorder.requests[0].spans[0].speed == 2.0
            assert b"\xff" * 4410 in call.transport.audio

    run_virtually(talk())


def test_no_gap_within_an_utterance() -> None:
    """Sentence after sentence, frames are never 250 ms apart: clients take that for the end."""

    async def talk() -> None:
        async with Call() as call:
            call.say(LONG * 5)
            await asyncio.sleep(100)
            assert call.words() == VOCABULARY * 5
            moments = [frame.at for frame in call.transport.frames]
            assert max(b - a for a, b in itertools.pairwise(moments)) < 0.25

    run_virtually(talk())


def test_mp3_utterances_are_delivered_to_their_end() -> None:
    """With MP3, what the encoder holds back is sent as soon as nothing more is to be said."""

    async def talk() -> None:
        async with Call(audio_format=AudioFormat.MP3) as call:
            renderer = Renderer(Recorder(), make_options(audio_format=AudioFormat.MP3))
            expected = b""
            for text in ("A two.", "Three."):
                call.say(f"{text} ")
                await asyncio.sleep(10)
                for packets in (renderer.render((Speech(text),)), renderer.finish()):
                    expected += b"".join(packet.data for packet in packets)
                assert call.transport.audio == expected
            # Every sample counts, also those of chunks that gave no frame by themselves.
            delivered = [duration_ms for _, duration_ms in call.observer.of("delivered")]
            said = [len(pcm_of(text)) // 2 for text in ("A two.", "Three.")]
            assert delivered == pytest.approx([duration_of(n, 22_050) for n in said])

    run_virtually(talk())


def test_deadlines_are_when_the_listener_runs_dry() -> None:
    """The first step of an utterance is due at once; later ones when the audio sent is over."""

    async def talk() -> None:
        async with Call() as call:
            call.say("One two. ")
            await asyncio.sleep(1)
            one_ends = STEP_S + 0.18
            ends = [one_ends, one_ends + 0.04, one_ends + 0.04 + 0.18]
            # A step is asked for before the packet in hand is sent, which counts as sent; after the
            # last there is the end of the speech, and that of the stream in two steps.
            expected = [0.0, *ends, ends[-1], ends[-1], ends[-1]]
            assert call.scheduler.dues == pytest.approx(expected, abs=1e-3)

    run_virtually(talk())


# Clear


def test_clear_stops_within_an_utterance_and_new_text_is_spoken_at_once() -> None:
    """After a clear no byte of the old text is sent; new text is heard one step later."""

    async def talk() -> None:
        async with Call() as call:
            call.say(LONG)
            await call.transport.until_sent(3)
            call.say("<CLEAR>", "Six. ")
            n_old, cleared_at = len(call.transport.frames), now()
            await asyncio.sleep(10)
            assert call.words(n_old) == ["six"]
            # The step that was under way at the clear is finished first.
            assert call.transport.frames[n_old].at <= cleared_at + 2 * STEP_S
            assert call.recorder.n_open == 0

    run_virtually(talk())


def test_clear_drops_what_waits_in_send() -> None:
    """What a client has not made room for is not sent after its clear, though it was rendered."""

    async def talk() -> None:
        async with Call(transport=FakeTransport(room=1)) as call:
            call.say(LONG)
            await asyncio.sleep(10)
            assert (len(call.transport.frames), call.transport.n_waiting) == (1, 1)
            call.say("<CLEAR>", "Six. ")
            await asyncio.sleep(10)
            assert len(call.transport.frames) == 1
            await call.transport.read()
            await asyncio.sleep(10)
            assert call.words(1) == ["six"]

    run_virtually(talk())


def test_clear_before_the_first_step_ends() -> None:
    """Text and clear in one breath: nothing is heard of it."""

    async def talk() -> None:
        async with Call() as call:
            call.say("One two. ", "<CLEAR>", "three. <CLEAR>", "four. ")
            await asyncio.sleep(10)
            assert call.words() == ["four"]

    run_virtually(talk())


def test_clear_does_not_end_the_mp3_stream_badly() -> None:
    """After a clear an MP3 stream begins anew: nothing of the old one is in the encoder."""

    async def talk() -> None:
        async with Call(audio_format=AudioFormat.MP3) as call:
            call.say(LONG)
            await call.transport.until_sent(4)
            call.say("<CLEAR>", "Six. ")
            n_old = len(call.transport.frames)
            await asyncio.sleep(10)
            renderer = Renderer(Recorder(), make_options(audio_format=AudioFormat.MP3))
            packets = [*renderer.render((Speech("Six."),)), *renderer.finish()]
            sent = b"".join(frame.data for frame in call.transport.frames[n_old:])
            assert sent == b"".join(packet.data for packet in packets)

    run_virtually(talk())


def test_clear_on_an_idle_connection_is_harmless() -> None:
    """Clears without anything to clear change nothing."""

    async def talk() -> None:
        async with Call() as call:
            call.say("<CLEAR>", "<CLEAR>", "One. ")
            await asyncio.sleep(10)
            call.say("<CLEAR>", "Two. ")
            await asyncio.sleep(10)
            assert call.words() == ["one", "two"]
            assert len(call.observer.of("cleared")) == 3

    run_virtually(talk())


# Clients who do not read, or go


def test_client_who_never_reads_costs_two_packets() -> None:
    """Work stops one packet ahead of the one that cannot be sent, however much there is to say."""

    async def talk() -> None:
        async with Call(transport=FakeTransport(room=2)) as call:
            call.say(LONG * 20)
            await asyncio.sleep(1000)
            assert len(call.transport.frames) == 2
            assert call.recorder.n_chunks == 4

    run_virtually(talk())


def test_slow_reader_hears_everything() -> None:
    """A client who reads a frame a second gets all of them, in order."""

    async def talk() -> None:
        async with Call(transport=FakeTransport(room=1)) as call:
            call.say(LONG, "<EOS>")
            while call.transport.closing is None:
                await call.transport.read()
                await asyncio.sleep(1)
            assert call.words() == VOCABULARY
            assert call.transport.closing.code == 1000

    run_virtually(talk())


@pytest.mark.parametrize("room", [None, 1])
def test_client_who_vanishes_costs_one_step(room: int | None) -> None:
    """A lost connection ends the session and the engine's work within the step under way."""

    async def talk() -> None:
        async with Call(transport=FakeTransport(room=room)) as call:
            call.say(LONG)
            await call.transport.until_sent(1)
            await asyncio.sleep(STEP_S / 2)
            call.transport.vanish()
            lost_at, n_chunks = now(), call.recorder.n_chunks
            await asyncio.wait([call.running], timeout=STEP_S)
            assert call.ended_at is not None
            assert call.ended_at <= lost_at + STEP_S
            assert call.recorder.n_open == 0
            assert call.recorder.n_chunks <= n_chunks + 1
            assert call.observer.told[-1] == ("closed", None)

    run_virtually(talk())


def test_loss_that_only_send_notices_stops_the_work() -> None:
    """When sending fails first, nothing more is rendered, though `receive` still waits."""

    class HalfLost(FakeTransport):
        async def send(self, frame: str | bytes) -> None:
            raise PeerGone

    async def talk() -> None:
        async with Call(transport=HalfLost()) as call:
            call.say(LONG)
            await asyncio.sleep(10)
            assert call.recorder.n_open == 0
            assert call.recorder.n_chunks <= 2
            call.say("Six. ")
            await asyncio.sleep(10)
            assert len(call.recorder.requests) == 1

    run_virtually(talk())
