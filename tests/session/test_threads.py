"""Sessions on the scheduler's real threads: held and let go by events, never by a clock."""

import asyncio
import itertools
import threading
from collections.abc import Generator, Iterator

import pytest

from hoarfrost.session.scheduler import Scheduler
from hoarfrost.synthesis.engine import PcmChunk, SynthesisRequest
from tests.session.call import LONG, VOCABULARY, Call
from tests.support.speech import Recorder, words_in

PATIENCE_S = 10
"""How long a broken session hangs before its test fails."""


class Held(Recorder):
    """Speaks in tones; a sentence with "one" in it is held inside its second step.

    Attributes:
        is_held: Set once a thread is inside that step.
        is_let_go: Lets it out.
        is_closed: Set once the held sentence's generator was closed.
    """

    def __init__(self) -> None:
        super().__init__()
        self.is_held = threading.Event()
        self.is_let_go = threading.Event()
        self.is_closed = threading.Event()

    def _speak(self, request: SynthesisRequest) -> Generator[PcmChunk, None, None]:
        chunks = super()._speak(request)
        if "One" not in request.text:
            yield from chunks
            return
        try:
            yield next(chunks)
            self.is_held.set()
            assert self.is_let_go.wait(PATIENCE_S)
            yield from chunks
        finally:
            chunks.close()
            self.is_closed.set()


@pytest.fixture
def scheduler() -> Iterator[Scheduler]:
    """A scheduler with two threads."""
    scheduler = Scheduler(2)
    yield scheduler
    scheduler.close()


async def test_clear_does_not_wait_for_a_step_under_way(scheduler: Scheduler) -> None:
    """While a thread is inside a step of cleared speech, new text is spoken on another one."""
    recorder = Held()
    async with asyncio.timeout(PATIENCE_S), Call(scheduler=scheduler, recorder=recorder) as call:
        call.say(LONG)
        assert await asyncio.to_thread(recorder.is_held.wait, PATIENCE_S)
        await call.transport.until_sent(1)
        call.say("<CLEAR>", "Six", "<EOS>")
        await call.transport.until_closed()
        assert call.words(1) == ["six"]
        assert not recorder.is_closed.is_set()
        recorder.is_let_go.set()
        assert await asyncio.to_thread(recorder.is_closed.wait, PATIENCE_S)
    # The step under way gave its chunk to nobody, and no other was done.
    assert recorder.n_chunks == 3


async def test_vanished_client_s_step_is_the_last(scheduler: Scheduler) -> None:
    """A session does not wait for the step of a client who is gone; the thread ends the work."""
    recorder = Held()
    async with asyncio.timeout(PATIENCE_S):
        call = Call(scheduler=scheduler, recorder=recorder)
        call.running = asyncio.create_task(call.connection.run())
        call.say(LONG)
        assert await asyncio.to_thread(recorder.is_held.wait, PATIENCE_S)
        call.transport.vanish()
        await call.running
        recorder.is_let_go.set()
        assert await asyncio.to_thread(recorder.is_closed.wait, PATIENCE_S)
    assert recorder.n_open == 0


async def test_many_callers_who_interrupt(scheduler: Scheduler) -> None:
    """Callers who clear at any moment hear their own words, and after each clear only new ones."""

    async def talk(first: int) -> None:
        async with Call(scheduler=scheduler) as call:
            edges = [0]
            for turn in range(4):
                word = VOCABULARY[(first + turn) % len(VOCABULARY)]
                call.say(f"{word} {word} {word}. ")
                await call.transport.until_sent(edges[-1] + 1 + (first + turn) % 4)
                call.say("<CLEAR>")
                while len(call.observer.of("cleared")) == turn:  # noqa: ASYNC110 -- a plain record
                    await asyncio.sleep(0)
                edges.append(len(call.transport.frames))
            for turn, (begin, end) in enumerate(itertools.pairwise(edges)):
                pcm = b"".join(frame.data for frame in call.transport.frames[begin:end])
                words_in(pcm, [VOCABULARY[(first + turn) % len(VOCABULARY)]], is_cut=True)
            call.say("ten", "<EOS>")
            assert (await call.transport.until_closed()).code == 1000
            assert call.words(edges[-1]) == ["ten"]

    async with asyncio.timeout(PATIENCE_S), asyncio.TaskGroup() as callers:
        for number in range(20):
            callers.create_task(talk(number))
