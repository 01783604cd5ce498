"""What goes wrong in a conversation ends it with a reason, and touches no other."""

import asyncio
import gc
from collections.abc import Generator

import pytest

from hoarfrost.audio.chain import AudioFormat, OutputChain
from hoarfrost.dialogue.events import AudioSent, Event, SpeechSent, Text, Tick
from hoarfrost.dialogue.machine import Machine
from hoarfrost.errors import ServerFault, Unauthorized, VoiceFault
from hoarfrost.session.connection import CLOSE_TIMEOUT
from hoarfrost.session.scheduler import Scheduler
from hoarfrost.session.transport import PeerGone
from hoarfrost.synthesis.engine import PcmChunk, SynthesisRequest
from hoarfrost.units import Seconds
from tests.session.call import LONG, STEP_S, Call, now
from tests.support.scheduler import VirtualScheduler
from tests.support.speech import Recorder
from tests.support.transport import Closing, FakeTransport
from tests.support.virtual_time import run_virtually

# Failures


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (ZeroDivisionError("an engine's own affair"), "500: synthesis failed"),
        (
            VoiceFault("voice x: expected a model, got none"),
            "500: voice x: expected a model, got n",
        ),
        (SystemError("odd"), "500: synthesis failed"),
    ],
)
def test_failing_engine_closes_1011(error: Exception, reason: str) -> None:
    """What fails is told in the close; what only concerns us is not in it, but in the log."""

    class Failing(Recorder):
        def __call__(self, request: SynthesisRequest) -> Generator[PcmChunk, None, None]:
            yield from super().__call__(request)
            raise error

    async def talk() -> None:
        async with Call(recorder=Failing()) as call:
            call.say("One. ", "Two. ")
            closing = await call.transport.until_closed()
            assert closing.code == 1011
            assert closing.reason.startswith(reason)
            assert call.words() == ["one"]
            assert call.observer.of("failed") == [("failed", type(error))]
            assert call.observer.told[-1] != ("closed", None)

    run_virtually(talk())


def test_failure_of_one_caller_ends_that_caller_alone() -> None:
    """Of two callers on one scheduler, one's engine fails; the other is served to the end."""

    async def talk() -> None:
        scheduler = VirtualScheduler()
        failing = Recorder(fails_at="three")
        async with (
            Call(scheduler=scheduler, recorder=failing) as unlucky,
            Call(scheduler=scheduler) as lucky,
        ):
            unlucky.say("One two three. ")
            lucky.say("One two three. ", "<EOS>")
            assert (await unlucky.transport.until_closed()).code == 1011
            assert (await lucky.transport.until_closed()).code == 1000
            assert lucky.words() == ["one", "two", "three"]

    run_virtually(talk())


def test_failure_after_a_clear_is_of_no_interest() -> None:
    """A step that fails when its speech was cleared meanwhile is forgotten without a sound."""

    async def talk() -> None:
        recorder = Recorder(fails_at="Two")
        async with Call(transport=FakeTransport(room=0), recorder=recorder) as call:
            call.say("Two. ")
            await asyncio.sleep(1)  # the step ahead has failed; the first packet waits for room
            assert call.recorder.n_open == 0
            call.say("<CLEAR>", "One. ")
            await asyncio.sleep(1)
            assert call.transport.closing is None
            assert call.observer.of("failed") == []
        gc.collect()  # asyncio reports a failure that nobody looked at when it is forgotten

    run_virtually(talk())


def test_engine_that_cannot_be_closed_disturbs_nobody() -> None:
    """An engine that raises while a clear closes it does not hold up the text after the clear."""

    class Stubborn(Recorder):
        def __call__(self, request: SynthesisRequest) -> Generator[PcmChunk, None, None]:
            try:
                yield from super().__call__(request)
            finally:
                if request.text != "Six.":
                    raise ZeroDivisionError

    async def talk() -> None:
        async with Call(recorder=Stubborn()) as call:
            call.say(LONG)
            await call.transport.until_sent(2)
            call.say("<CLEAR>", "Six. ")
            n_old = len(call.transport.frames)
            await asyncio.sleep(10)
            assert call.words(n_old) == ["six"]
            assert call.observer.of("failed") == []

    run_virtually(talk())


def test_failing_encoder_closes_1011(monkeypatch: pytest.MonkeyPatch) -> None:
    """A failure outside of any speech, at the end of the stream, is told like any other."""

    def fail(_chain: OutputChain) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(OutputChain, "flush", fail)

    async def talk() -> None:
        async with Call() as call:
            call.say("One. ")
            closing = await call.transport.until_closed()
            assert (closing.code, closing.reason) == (1011, "500: synthesis failed")
            assert call.observer.of("failed") == [("failed", ZeroDivisionError)]

    run_virtually(talk())


def test_format_that_cannot_be_made_closes_1011() -> None:
    """Options that no encoder can serve are our fault, and end the session with a reason."""

    async def talk() -> None:
        async with Call(audio_format=AudioFormat.MP3, rate_hz=22_051, is_exact=True) as call:
            call.say("One. ")
            assert (await call.transport.until_closed()).code == 1011

    run_virtually(talk())


def test_stopped_scheduler_closes_1011() -> None:
    """A session that outlives the scheduler is told, and waits for nothing."""

    async def talk() -> Closing:
        scheduler = Scheduler(1)
        scheduler.close()
        async with Call(scheduler=scheduler) as call:
            call.say("One. ")
            return await call.transport.until_closed()

    assert run_virtually(talk()) == Closing(0.0, 1011, "500: synthesis failed")


def test_socket_that_breaks_in_an_unforeseen_way() -> None:
    """A socket whose every use fails ends its session within the patience for a close."""

    class Broken(FakeTransport):
        async def send(self, frame: str | bytes) -> None:
            raise OSError("send")

        async def close(self, code: int, reason: str) -> None:
            raise OSError("close")

    async def talk() -> None:
        async with Call(transport=Broken()) as call:
            call.say("One. ")
            await call.running
            assert call.ended_at == pytest.approx(STEP_S + CLOSE_TIMEOUT)

    run_virtually(talk())


def test_socket_that_fails_to_receive_leaves_nothing_at_work() -> None:
    """An error nobody foresaw is told as ours, to the peer as well, after all work has stopped."""

    class Broken(FakeTransport):
        async def receive(self) -> str | bytes:
            if self._incoming:
                return self._incoming.popleft()
            await self.until_sent(1)
            raise ZeroDivisionError

    async def talk() -> None:
        async with Call(transport=Broken()) as call:
            call.say(LONG)
            closing = await call.transport.until_closed()
            assert (closing.code, closing.reason) == (1011, "500: the server has a defect")
            await call.running
            assert call.recorder.n_open == 0
            assert call.observer.told[-2:] == [("failed", ZeroDivisionError), ("closed", 1011)]

    run_virtually(talk())


@pytest.mark.parametrize(
    ("event", "messages"),
    [
        pytest.param(Text, ["One. "], id="in a message"),
        pytest.param(Tick, ["One."], id="at a timer"),
        pytest.param(AudioSent, ["One. "], id="while sending"),
        pytest.param(SpeechSent, ["One. "], id="after speech"),
    ],
)
def test_defect_in_the_core_is_told_as_one(
    monkeypatch: pytest.MonkeyPatch, event: type, messages: list[str]
) -> None:
    """Wherever the machine raises, the peer gets 1011, and the log and the counter a failure."""
    receive = Machine.receive

    def broken(machine: Machine, received: Event, at: Seconds) -> None:
        if isinstance(received, event):
            raise ZeroDivisionError
        receive(machine, received, at)

    monkeypatch.setattr(Machine, "receive", broken)

    async def talk() -> None:
        async with Call() as call:
            call.say(*messages)
            closing = await call.transport.until_closed()
            assert (closing.code, closing.reason) == (1011, "500: the server has a defect")
            await call.running
            assert call.recorder.n_open == 0
            assert call.observer.told[-2:] == [("failed", ZeroDivisionError), ("closed", 1011)]

    run_virtually(talk())


@pytest.mark.parametrize("where", ["next", "upcoming", "wake_at"])
def test_defect_in_a_question_to_the_core_is_told_as_one(
    monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    """The same holds for what the machine is asked."""

    def broken(*_args: object) -> None:
        raise ZeroDivisionError

    async def talk() -> None:
        async with Call() as call:
            await asyncio.sleep(1)
            monkeypatch.setattr(Machine, where, broken)
            call.say("One. ")
            closing = await call.transport.until_closed()
            assert (closing.code, closing.reason) == (1011, "500: the server has a defect")
            await call.running
            assert call.observer.told[-2:] == [("failed", ZeroDivisionError), ("closed", 1011)]

    run_virtually(talk())


def test_peer_that_goes_during_our_close() -> None:
    """A close that finds nobody is no failure."""

    class Gone(FakeTransport):
        async def close(self, code: int, reason: str) -> None:
            raise PeerGone

    async def talk() -> None:
        async with Call(transport=Gone()) as call:
            call.say("<EOS>")
            await asyncio.sleep(0.1)
            assert call.observer.of("failed") == []

    run_virtually(talk())


# Refusals


@pytest.mark.parametrize("before", [[], ["One. "], [LONG]])
def test_bytes_that_are_no_text_close_1007(before: list[str]) -> None:
    """A binary message that is not UTF-8 drops everything and closes; the rest is ignored."""

    async def talk() -> None:
        async with Call() as call:
            call.say(*before)
            await asyncio.sleep(STEP_S)
            call.say(b"ab\xff", "Six. ", b"\xff")
            closing = await call.transport.until_closed()
            n_frames = len(call.transport.frames)
            assert closing.code == 1007
            assert "expected UTF-8 text, got 3 bytes" in closing.reason
            await call.running
            assert len(call.transport.frames) == n_frames

    run_virtually(talk())


def test_too_much_text_closes_1009() -> None:
    """Text over the limit drops everything and closes with what was expected and got."""

    async def talk() -> None:
        async with Call(text_limit=100) as call:
            call.say("word " * 30)
            closing = await call.transport.until_closed()
            assert closing.code == 1009
            assert "expected at most 100 bytes" in closing.reason
            assert call.transport.frames == []

    run_virtually(talk())


@pytest.mark.parametrize("text", ["", LONG])
def test_refusing_from_outside_closes_with_the_fault(text: str) -> None:
    """A session whose key was revoked stops in the middle of a word and closes 1008."""

    async def talk() -> None:
        async with Call() as call:
            call.say(text)
            await asyncio.sleep(2.5 * STEP_S)
            n_frames = len(call.transport.frames)
            call.connection.refuse(Unauthorized("the API key of this connection was revoked"))
            closing = await call.transport.until_closed()
            assert closing.at == now() == 2.5 * STEP_S
            assert closing.code == 1008
            assert closing.reason == "401: the API key of this connection was revoked"
            call.connection.refuse(ServerFault("again"))
            await call.running
            assert len(call.transport.frames) == n_frames
            call.connection.refuse(ServerFault("too late"))

    run_virtually(talk())
