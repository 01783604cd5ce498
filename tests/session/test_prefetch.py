"""Speech that is begun while the end of its text is in doubt, and what comes of it.

Time is virtual; a step of work takes 20 ms. A mark at the end of the text is held for 25 ms, or for
120 ms after a digit.
"""

import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hoarfrost.text.segmenter import SegmentMode
from hoarfrost.units import Seconds
from tests.session.call import LONG, VOCABULARY, Call
from tests.support.scheduler import VirtualScheduler
from tests.support.speech import Recorder, pcm_of
from tests.support.virtual_time import run_virtually

LIKELY_S: Seconds = 0.025


def test_work_begins_while_the_boundary_is_held() -> None:
    """The engine has made the first sound when the hold ends, and is not asked again."""

    async def talk() -> None:
        async with Call() as call:
            call.say("One two.")
            await asyncio.sleep(LIKELY_S - 0.001)
            assert (call.recorder.texts, call.recorder.n_chunks) == (["One two."], 1)
            assert call.transport.frames == []
            await asyncio.sleep(1)
            assert call.recorder.texts == ["One two."]
            assert call.transport.audio == pcm_of("One two.")

    run_virtually(talk())


def test_slow_step_is_not_waited_for_twice() -> None:
    """A step that outlasts the hold goes on; the speech begins when it is done."""

    async def talk() -> None:
        async with Call(scheduler=VirtualScheduler(0.1)) as call:
            call.say("One two.")
            await asyncio.sleep(2)
            assert call.recorder.texts == ["One two."]
            assert call.transport.frames[0].at == pytest.approx(0.1)

    run_virtually(talk())


def test_text_that_goes_on_throws_away_what_was_begun() -> None:
    """What follows in time makes another sentence; nothing of the first is heard or goes on."""

    async def talk() -> None:
        async with Call() as call:
            call.say("One 3.")
            await asyncio.sleep(0.05)
            assert call.recorder.texts == ["One 3."]
            call.say("5 two. ")
            await asyncio.sleep(1)
            assert call.recorder.texts == ["One 3.", "One 3.5 two."]
            assert call.recorder.n_open == 0
            assert call.transport.audio == pcm_of("One 3.5 two.")

    run_virtually(talk())


def test_clear_drops_what_was_begun() -> None:
    """After a clear nothing of it is heard or made: the step that was asked for is not done."""

    async def talk() -> None:
        async with Call() as call:
            call.say("One two three.")
            await asyncio.sleep(0.01)
            call.say("<CLEAR>")
            await asyncio.sleep(1)
            assert call.transport.frames == []
            assert (call.recorder.n_open, call.recorder.n_chunks) == (0, 0)

    run_virtually(talk())


@pytest.mark.parametrize("command", ["<FLUSH>", "<EOS>"])
def test_flush_takes_what_was_begun(command: str) -> None:
    """A flush inside of the hold speaks at once, from what is there."""

    async def talk() -> None:
        async with Call() as call:
            call.say("One two.")
            await asyncio.sleep(0.021)
            call.say(command)
            await asyncio.sleep(1)
            assert call.recorder.texts == ["One two."]
            assert call.transport.audio == pcm_of("One two.")
            assert call.transport.frames[0].at == pytest.approx(0.021)

    run_virtually(talk())


def test_nothing_is_begun_while_something_is_spoken() -> None:
    """With audio ahead of the listener there is no hurry: the cores are for others."""

    async def talk() -> None:
        async with Call() as call:
            call.say(LONG, "One.")
            await asyncio.sleep(0.021)
            assert call.recorder.texts == [LONG.strip()]

    run_virtually(talk())


def test_failure_ahead_of_time_is_told_when_it_is_spoken() -> None:
    """A voice that fails while nothing is certain fails again, and closes the connection then."""

    async def talk() -> None:
        async with Call(recorder=Recorder(fails_at="One")) as call:
            call.say("One two.")
            await asyncio.sleep(0.02)
            assert call.transport.closing is None
            closing = await call.transport.until_closed()
            assert closing.code == 1011

    run_virtually(talk())


def test_what_failed_and_was_not_spoken_harms_nothing() -> None:
    """A failure of speech that the client never asked for stays unnoticed."""

    async def talk() -> None:
        async with Call(recorder=Recorder(fails_at="One 3.")) as call:
            call.say("One 3.")
            await asyncio.sleep(0.05)
            call.say("<CLEAR>", "Two. ")
            await asyncio.sleep(1)
            assert call.transport.audio == pcm_of("Two.")

    run_virtually(talk())


@settings(deadline=None, max_examples=40)  # a conversation each, on a machine that may be busy
@given(
    st.lists(
        st.tuples(
            st.sampled_from(VOCABULARY),
            st.sampled_from(["", ".", ",", "!", "?"]),
            st.sampled_from([0.0, 0.01, 0.03, 0.13, 0.3]),
        ),
        max_size=8,
    )
)
def test_anticipation_is_never_heard_by_itself(parts: list[tuple[str, str, Seconds]]) -> None:
    """However a text comes, every word of it is heard once, in order."""

    async def talk() -> None:
        async with Call() as call:
            for word, mark, pause in parts:
                call.say(f" {word}{mark}")
                await asyncio.sleep(pause)
            call.say("<EOS>")
            await call.transport.until_closed()
            assert call.words() == [word for word, _, _ in parts]

    run_virtually(talk())


def test_nothing_is_begun_where_only_a_flush_speaks() -> None:
    """Without boundaries there is none to anticipate."""

    async def talk() -> None:
        async with Call(segment=SegmentMode.NEVER) as call:
            call.say("One two.")
            await asyncio.sleep(1)
            assert call.recorder.texts == []

    run_virtually(talk())
