"""What others notice of a conversation: whoever counts, and whoever shares the machine."""

import asyncio
from typing import Any

import pytest

from hoarfrost.dialogue.machine import State
from hoarfrost.dialogue.options import Options
from hoarfrost.protocol.plain import PlainCodec
from hoarfrost.session.connection import Connection
from hoarfrost.session.conversation import Backend
from hoarfrost.session.events import Closed, Opened, SessionEvent
from hoarfrost.text.segmenter import SegmentMode
from hoarfrost.units import Seconds, duration_of
from tests.session.call import LONG, STEP_S, Call, now
from tests.support.options import make_options
from tests.support.scheduler import VirtualScheduler
from tests.support.speech import Recorder, pcm_of
from tests.support.transport import FakeTransport
from tests.support.virtual_time import Stalled, run_virtually


def test_observer_is_told_the_facts_in_order() -> None:
    """Opening, first audio of each utterance, deliveries, clears, and the close; never a text."""

    async def talk() -> list[tuple[Any, ...]]:
        async with Call() as call:
            call.say("One two. ")
            await asyncio.sleep(10)
            call.say("Three. ")
            await asyncio.sleep(10)
            call.say(LONG)
            await asyncio.sleep(2.5 * STEP_S)
            call.say("<CLEAR>")
            await asyncio.sleep(10)
            call.say("Four", "<EOS>")
            await call.running
        return call.observer.told

    def length(text: str) -> float:
        return round(duration_of(len(pcm_of(text)) // 2, 22_050), 6)

    assert run_virtually(talk()) == [
        ("opened", make_options()),
        ("first_audio", STEP_S),
        ("delivered", length("One two.")),
        ("first_audio", STEP_S),
        ("delivered", length("Three.")),
        ("first_audio", STEP_S),
        ("cleared",),
        ("first_audio", STEP_S),
        ("delivered", length("Four")),
        ("closed", 1000),
    ]


def test_first_audio_is_told_once_an_utterance() -> None:
    """Text that comes while others are spoken has no first audio of its own."""

    async def talk() -> None:
        async with Call() as call:
            call.say("One two. ")
            await call.transport.until_sent(1)
            call.say("Three. ")
            await asyncio.sleep(10)
            assert call.words() == ["one", "two", "three"]
            assert call.observer.of("first_audio") == [("first_audio", STEP_S)]

    run_virtually(talk())


def test_first_audio_does_not_count_what_was_cleared() -> None:
    """Text that was cleared before it was heard does not make the next one look late."""

    async def talk() -> None:
        async with Call() as call:
            call.say("One two. ")
            await asyncio.sleep(STEP_S / 2)
            call.say("<CLEAR>")
            await asyncio.sleep(10)
            call.say("Three. ")
            await asyncio.sleep(10)
            assert call.observer.of("first_audio") == [("first_audio", STEP_S)]

    run_virtually(talk())


def test_first_audio_counts_waiting_for_others() -> None:
    """The time to first audio runs from the release of the text, through the queue for a core."""

    async def talk() -> None:
        scheduler = VirtualScheduler(0.5)
        async with Call(scheduler=scheduler) as first, Call(scheduler=scheduler) as second:
            first.say("One. ")
            second.say("One. ")
            await asyncio.sleep(60)
            assert first.observer.of("first_audio") == [("first_audio", 0.5)]
            assert second.observer.of("first_audio") == [("first_audio", 1.0)]

    run_virtually(talk())


def test_new_speech_goes_before_speech_that_is_well_ahead() -> None:
    """A caller who begins to speak is served before one who has minutes left to hear."""

    async def talk() -> None:
        scheduler = VirtualScheduler()
        async with Call(scheduler=scheduler) as early, Call(scheduler=scheduler) as late:
            early.say(LONG * 3)
            await early.transport.until_sent(20)
            late.say("One. ")
            spoke_at = now()
            await late.transport.until_sent(1)
            # The step under way, at most, comes first.
            assert now() == pytest.approx(spoke_at + 2 * STEP_S)

    run_virtually(talk())


def test_nobody_need_listen() -> None:
    """A connection works without a listener."""

    async def talk() -> bytes:
        transport = FakeTransport()
        transport.say("One. ", "<CLEAR>", "Two. ", "<EOS>")
        backend = Backend(Recorder(), VirtualScheduler())
        await Connection(transport, PlainCodec(), make_options(), backend).run()
        transport = FakeTransport()
        transport.say("One. ")
        backend = Backend(Recorder(fails_at="One"), VirtualScheduler())
        await Connection(transport, PlainCodec(), make_options(), backend).run()
        return transport.audio

    assert run_virtually(talk()) == pcm_of("One.")


@pytest.mark.parametrize(
    ("messages", "quiet_after"),
    [([], 0.0), (["One"], 0.0), (["One.", "<CLEAR>"], 0.02), (["<CLEAR>", " "], 0.0)],
)
def test_idle_session_has_no_timer(messages: list[str], quiet_after: Seconds) -> None:
    """While nothing is held, nothing wakes up: the virtual clock finds nothing to go on to.

    But for a step that was begun before the clear.
    """
    ended_at: list[float] = []

    def listen(event: SessionEvent) -> None:
        if isinstance(event, Closed):
            ended_at.append(now())

    async def idle() -> None:
        transport = FakeTransport()
        transport.say(*messages)
        backend = Backend(Recorder(), VirtualScheduler(), listen)
        await Connection(transport, PlainCodec(), make_options(), backend).run()

    with pytest.raises(Stalled):
        run_virtually(idle())
    assert ended_at == [quiet_after]


@pytest.mark.parametrize("messages", [["x"] * 100, ["x " * 50_000]])
def test_client_with_much_to_say_does_not_keep_others_waiting(messages: list[str]) -> None:
    """However much lies ready, other tasks have their turn before all of it is read."""

    async def talk() -> None:
        async with Call(segment=SegmentMode.NEVER, text_limit=10**6) as call:
            call.say(*messages, "<EOS>")
            n_turns = 0
            await asyncio.sleep(0)
            while call.conversation.state is State.OPEN:
                await asyncio.sleep(0)
                n_turns += 1
            assert n_turns >= 100
            call.transport.vanish()

    run_virtually(talk())


def test_options_are_told_as_they_are() -> None:
    """The observer gets the very options of the session."""
    told: list[Options] = []

    def listen(event: SessionEvent) -> None:
        if isinstance(event, Opened):
            assert event.session_id == "test"
            told.append(event.options)

    async def talk() -> None:
        async with Call(observer=listen, speed=1.5):
            pass

    run_virtually(talk())
    assert told == [make_options(speed=1.5)]


def test_gap_is_told_if_the_text_was_in_time() -> None:
    """A listener who runs dry between two chunks of a sentence hears an underrun."""

    async def talk() -> None:
        async with Call(scheduler=VirtualScheduler(1.5)) as call:
            call.say("One two three four. ")
            await asyncio.sleep(20)
            first_ms = duration_of(len(call.transport.frames[0].data) // 2, 22_050)
            assert call.observer.of("underran")[0][1] == pytest.approx(1500 - first_ms, abs=0.01)

    run_virtually(talk())


def test_gap_before_late_text_is_not_told() -> None:
    """When text comes 20 ms before the listener runs dry, there was hardly time to speak it."""

    async def talk() -> None:
        async with Call(scheduler=VirtualScheduler(0.05)) as call:
            call.say("One two. ")
            await call.transport.until_sent(1)
            dry_at = 0.05 + duration_of(len(pcm_of("One two.")) // 2, 22_050) / 1000
            await asyncio.sleep(dry_at - 0.02 - now())
            call.say("Three. ")
            await asyncio.sleep(10)
            assert call.words() == ["one", "two", "three"]
            assert call.transport.frames[-1].at > dry_at + 0.02
            assert call.observer.of("underran") == []

    run_virtually(talk())
