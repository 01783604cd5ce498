"""How conversations end: at the client's wish, by its going, at ours."""

import asyncio

import pytest

from hoarfrost.audio.chain import AudioFormat
from hoarfrost.dialogue.machine import State
from hoarfrost.session.connection import CLOSE_TIMEOUT
from tests.session.call import LONG, STEP_S, Call, now
from tests.support.speech import pcm_of
from tests.support.transport import Closing, FakeTransport
from tests.support.virtual_time import run_virtually


def test_end_closes_after_the_last_byte() -> None:
    """``<EOS>`` speaks what is buffered, sends all of it, then closes 1000 without a reason."""

    async def talk() -> None:
        async with Call() as call:
            call.say("One two. Three", "<EOS>", "ignored. ")
            closing = await call.transport.until_closed()
            assert call.transport.audio == pcm_of("One two.") + pcm_of("Three")
            assert (closing.code, closing.reason) == (1000, "")
            assert closing.at >= call.transport.frames[-1].at
            await call.running
            assert call.ended_at == closing.at
            assert call.observer.told[-1] == ("closed", 1000)

    run_virtually(talk())


def test_end_of_nothing_closes_at_once() -> None:
    """``<EOS>`` on an idle connection closes without delay."""

    async def talk() -> None:
        async with Call() as call:
            call.say("<EOS>")
            assert await call.transport.until_closed() == Closing(0.0, 1000, "")

    run_virtually(talk())


def test_clear_after_the_end_stops_and_closes() -> None:
    """``<CLEAR>`` after ``<EOS>`` drops the rest; the close comes at once."""

    async def talk() -> None:
        async with Call() as call:
            call.say(LONG, "<EOS>")
            await call.transport.until_sent(2)
            call.say("<CLEAR>")
            closing = await call.transport.until_closed()
            assert (closing.code, closing.at) == (1000, now())
            assert len(call.transport.frames) == 2

    run_virtually(talk())


@pytest.mark.parametrize(
    "messages", [["<EOS>"], ["One two", "<EOS>"], ["One two. ", "<EOS>"], ["<CLEAR>", "<EOS>"]]
)
@pytest.mark.parametrize("wait_s", [0.0, STEP_S / 2, 10.0])
def test_end_and_close_back_to_back(messages: list[str], wait_s: float) -> None:
    """A client that sends ``<EOS>`` and hangs up in one breath ends the session at once."""

    async def talk() -> None:
        async with Call() as call:
            call.say("One. ")
            await asyncio.sleep(wait_s)
            call.say(*messages)
            call.transport.hang_up()
            hung_up_at = now()
            await call.running
            assert call.ended_at == hung_up_at
            assert call.recorder.n_open == 0

    run_virtually(talk())


def test_hanging_up_while_the_tail_is_sent() -> None:
    """A client that goes while the last packet of an ended conversation waits for room."""

    async def talk() -> None:
        transport = FakeTransport(room=0)
        async with Call(transport=transport, audio_format=AudioFormat.MP3) as call:
            call.say("A", "<FLUSH>")  # so short that all its frames come out with the tail
            await asyncio.sleep(1)
            assert call.transport.n_waiting == 1
            call.say("<EOS>")
            await asyncio.sleep(1)
            assert call.conversation.state is State.CLOSED
            call.transport.vanish()
            await call.running
            assert call.ended_at == now() == 2.0

    run_virtually(talk())


def test_hanging_up_between_the_last_byte_and_our_close() -> None:
    """A client that goes when all was sent, just before it is told so, is no failure."""

    async def talk() -> None:
        async with Call() as call:
            call.say("One. ", "<EOS>")
            # Five steps: a word, the end of the speech, no more; the end of the stream, no more.
            await asyncio.sleep(4.5 * STEP_S)
            assert call.conversation.state is State.CLOSED
            assert call.transport.closing is None
            call.transport.hang_up()
            hung_up_at = now()
            await call.running
            assert call.ended_at == hung_up_at
            assert call.words() == ["one"]

    run_virtually(talk())


@pytest.mark.parametrize("chatter", [[], ["One. "] * 3, [b"\xff"], ["<EOS>", "<CLEAR>"]])
def test_peer_that_never_answers_our_close(chatter: list[str | bytes]) -> None:
    """Two seconds after the close frame the session is over, whatever the client still says."""

    async def talk() -> None:
        async with Call(transport=FakeTransport(answers_close=False)) as call:
            call.say("One. ", "<EOS>")
            closing = await call.transport.until_closed()
            call.say(*chatter)
            await call.running
            assert call.ended_at == closing.at + CLOSE_TIMEOUT
            assert call.words() == ["one"]

    run_virtually(talk())


def test_stopping_the_server_stops_the_session() -> None:
    """Cancelling `run` ends the speaker, the timer and the engine's work, and is not swallowed."""

    async def talk() -> None:
        call = Call()
        async with call:
            call.say(LONG, "Six.")
            await call.transport.until_sent(2)
            call.running.cancel()
            await asyncio.wait([call.running])
            assert call.running.cancelled()
            assert call.ended_at == now()
            n_frames = len(call.transport.frames)
            await asyncio.sleep(10)
            assert len(call.transport.frames) == n_frames
            assert call.recorder.n_open == 0
            assert call.observer.told[-1] == ("closed", None)
            call.running = asyncio.create_task(asyncio.sleep(0))

    run_virtually(talk())
