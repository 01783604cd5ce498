"""Conversations with clients who do anything at all, at any moment."""

import asyncio
import itertools

from hypothesis import given, settings
from hypothesis import strategies as st

from hoarfrost.session.events import Interrupted, SessionEvent
from hoarfrost.text.segmenter import SegmentMode
from tests.session.call import VOCABULARY, Call, Facts
from tests.support.speech import words_in
from tests.support.transport import FakeTransport
from tests.support.virtual_time import run_virtually


class Clears(Facts):
    """Also keeps how many frames had been sent at each clear."""

    def __init__(self, transport: FakeTransport) -> None:
        super().__init__()
        self._transport = transport
        self.n_sent: list[int] = []

    def __call__(self, event: SessionEvent) -> None:
        super().__call__(event)
        if isinstance(event, Interrupted):
            self.n_sent.append(len(self._transport.frames))


happenings = st.lists(
    st.tuples(
        st.sampled_from(
            ["say", "say", "say", "sentence", "<FLUSH>", "<CLEAR>", "<EOS>", "read", "garbage"]
        ),
        st.sampled_from([0.0, 0.0, 0.01, 0.03, 0.5]),
    ),
    max_size=20,
)


async def happen(call: Call, what: str, word: str) -> None:
    """Have the client do one thing; whatever it says is one word."""
    match what:
        case "say":
            call.say(f"{word} ")
        case "sentence":
            call.say(f"{word}. ")
        case "read":
            if call.transport.n_waiting:
                await call.transport.read()
        case "garbage":
            call.say(b"\xff\xfe")
        case "vanish":
            call.transport.vanish()
        case command:
            call.say(command)


@given(
    happenings,
    st.sampled_from([None, 1, 3]),
    st.sampled_from(SegmentMode),
    st.sampled_from(["sentence", "vanish", "<EOS>"]),
)
@settings(max_examples=150, deadline=None)
def test_whatever_a_client_does(
    course: list[tuple[str, float]], room: int | None, mode: SegmentMode, ending: str
) -> None:
    """Nothing raises, nothing is left at work, and between clears only new words are heard."""

    async def talk() -> None:
        transport = FakeTransport(room=room)
        observer = Clears(transport)
        async with Call(transport=transport, observer=observer, segment=mode) as call:
            n_cleared = 0
            for what, wait_s in course:
                if transport.closing is None:
                    n_cleared += what == "<CLEAR>"
                    await happen(call, what, VOCABULARY[n_cleared % len(VOCABULARY)])
                await asyncio.sleep(wait_s)
            if transport.closing is None:
                await happen(call, ending, "")
        edges = [0, *observer.n_sent, len(transport.frames)]
        for generation, (begin, end) in enumerate(itertools.pairwise(edges)):
            pcm = b"".join(frame.data for frame in transport.frames[begin:end])
            words_in(pcm, [VOCABULARY[generation % len(VOCABULARY)]], is_cut=True)
        assert all(frame.data and len(frame.data) % 2 == 0 for frame in transport.frames)

    run_virtually(talk())
