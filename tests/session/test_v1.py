"""WebSocket v1 over a whole connection, in virtual time: contexts, their ends, their places."""

import asyncio
import base64
import contextlib
import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hoarfrost.dialogue.options import Options
from hoarfrost.errors import ServerBusy
from hoarfrost.protocol.parameters import resolve
from hoarfrost.protocol.v1 import CONTEXTS, V1Codec
from hoarfrost.session.conversation import Backend
from tests.session.call import Call
from tests.support.options import make_catalogue, make_options
from tests.support.virtual_time import run_virtually

TERMINAL = ("done", "cancelled", "error")


class V1Call(Call):
    """A connection of v1 in JSON, whose contexts are callers of which there may be so many."""

    def __init__(self, *, n_places: int = 100, **more: Any) -> None:
        catalogue = make_catalogue()
        codec = V1Codec(
            lambda given: resolve(given, catalogue).options,
            ["en-US", "hi"],
            make_options(),
            is_binary=False,
        )
        super().__init__(codec=codec, **more)
        self.n_admitted = 0
        self._n_places = n_places
        self.connection._admit = self._admit

    @contextlib.contextmanager
    def _admit(self, _options: Options) -> Iterator[Backend]:
        if self.n_admitted >= self._n_places:
            raise ServerBusy("too many requests", retry_after=1)
        self.n_admitted += 1
        try:
            yield self.connection._backend
        finally:
            self.n_admitted -= 1

    def tell(self, context: str, **payload: Any) -> None:
        """Have the client send a message of a context."""
        self.say(json.dumps({"contextId": context, **payload}))

    def start(self, context: str, **more: Any) -> None:
        """Have the client begin a context that tokens are streamed into."""
        given = {"speaker": "tone", "splitStrategy": "SPLIT_STRATEGY_ACCUMULATE_SENTENCE"} | more
        self.tell(context, start=given)

    @property
    def events(self) -> list[dict[str, Any]]:
        """All that came, in order."""
        return [json.loads(frame.text or "") for frame in self.transport.frames]

    def story(self, context: str | None = None) -> list[str]:
        """Return what came of a context in short: audio in a row as one."""
        told: list[str] = []
        for event in self.events:
            if event.get("contextId") == context:
                (kind,) = event.keys() - {"contextId"}
                if kind != "audio" or told[-1:] != ["audio"]:
                    told.append(kind)
        return told

    def audio(self, context: str) -> bytes:
        """Return the audio of a context."""
        own = (event for event in self.events if event.get("contextId") == context)
        return b"".join(base64.b64decode(event["audio"]) for event in own if "audio" in event)


def test_a_context() -> None:
    """Ready first, started at once, audio, and done only after the end."""

    async def talk() -> None:
        async with V1Call() as call:
            await asyncio.sleep(0.01)
            assert call.story() == ["ready"]
            assert call.events[0]["ready"] == {
                "protocol": 1, "languages": ["en", "hi"], "defaultLanguage": "en"
            }  # fmt: skip
            call.start("a")
            await asyncio.sleep(0.01)
            assert call.story("a") == ["started"]
            call.tell("a", text="One two. ")
            await asyncio.sleep(30)
            assert call.story("a") == ["started", "audio"]
            call.tell("a", text="Three")
            call.tell("a", end={})
            await asyncio.sleep(30)
            assert call.story("a") == ["started", "audio", "done"]
            assert call.n_admitted == 0

    run_virtually(talk())


def test_each_message_is_complete() -> None:
    """Unless text is accumulated, it is spoken without waiting for a mark or for more."""

    async def talk() -> None:
        async with V1Call() as call:
            call.start("a", splitStrategy="SPLIT_STRATEGY_SENTENCE")
            call.tell("a", text="One two")
            await asyncio.sleep(10)
            assert call.story("a") == ["started", "audio"]
            n_first = len(call.audio("a"))
            call.tell("a", text=" ")
            call.tell("a", text="three")
            call.tell("a", end={})
            await asyncio.sleep(10)
            assert len(call.audio("a")) > n_first
            assert call.story("a")[-1] == "done"

    run_virtually(talk())


def test_text_in_the_start_is_all_there_is() -> None:
    """It needs no end, and more text is passed over."""

    async def talk() -> None:
        async with V1Call() as call:
            call.start("a", text="One two")
            call.tell("a", text="three")
            call.tell("a", end={})
            await asyncio.sleep(30)
            assert call.story("a") == ["started", "audio", "done"]

    run_virtually(talk())


def test_contexts_side_by_side() -> None:
    """Each has the audio that it has alone; cancelling one leaves the other."""

    async def talk() -> None:
        async with V1Call() as call:
            call.start("alone", text="One two three.")
            await asyncio.sleep(30)
            call.start("a", text="One two three.")
            call.start("b", text="Four five six seven eight nine ten.")
            await asyncio.sleep(0.1)
            call.tell("b", cancel={})
            await asyncio.sleep(30)
            assert call.audio("a") == call.audio("alone")
            assert call.story("b")[-1] == "cancelled"
            assert call.story("b").count("cancelled") == 1
            call.tell("b", cancel={})
            await asyncio.sleep(1)
            assert call.story("b").count("cancelled") == 2
            call.start("b", text="One.")
            await asyncio.sleep(30)
            assert call.story("b")[-3:] == ["started", "audio", "done"]

    run_virtually(talk())


def test_wrong_options_are_an_error_without_a_start() -> None:
    """With that id; it may be used again."""

    async def talk() -> None:
        async with V1Call() as call:
            for more in (
                {"speaker": "nobody"},
                {"audioParameters": {"audioFormat": "audio/midi"}},
                {"audioParameters": {"samplingRate": 5}},
                {"language": "tlh"},
                {"splitStrategy": "NEVER_EVER"},
            ):
                call.start("a", **more)
                call.tell("a", text="One.")
            await asyncio.sleep(5)
            assert call.story("a") == ["error"] * 5
            kinds = {e["error"]["kind"] for e in call.events if "error" in e}
            assert kinds == {"invalid_input"}
            call.start("a", text="One.")
            await asyncio.sleep(5)
            assert call.story("a")[-1] == "done"

    run_virtually(talk())


def test_defaults_hold_for_every_start() -> None:
    """A configuration fills in what a start leaves out; it comes once, before the first start."""

    async def talk() -> None:
        async with V1Call() as call:
            rate = {"samplingRate": 8000}
            call.tell("", config={"defaults": {"speaker": "tone-16k", "audioParameters": rate}})
            call.tell("a", start={"text": "One."})
            await asyncio.sleep(5)
            call.tell("b", start={"text": "One.", "audioParameters": {"audioFormat": "audio/l16"}})
            await asyncio.sleep(5)
            # The object of a start takes the place of the whole default one.
            assert len(call.audio("b")) == pytest.approx(3 * len(call.audio("a")), rel=0.01)
            call.tell("", config={})
            await asyncio.sleep(1)
            assert call.story() == ["ready", "error"]

    run_virtually(talk())


def test_times_are_told_at_the_end() -> None:
    """Where they are asked for, from the first sample of the context, before its scale."""

    async def talk() -> None:
        async with V1Call() as call:
            call.start(
                "a", text="One two. Three.", timestamps={"enable": True},
                audioParameters={"timeScaleFactor": 2.0},
            )  # fmt: skip
            await asyncio.sleep(30)
            done = call.events[-1]["done"]["timestamps"]
            assert [span["text"].strip(".") for span in done["spans"]] == ["One", "two", "Three"]
            last = float(done["spans"][-1]["end"].removesuffix("s"))
            length_s = len(call.audio("a")) / 48_000
            assert last == pytest.approx(length_s / 2, abs=0.05)

    run_virtually(talk())


def test_what_is_said_elsewhere_is_an_error_of_its_own() -> None:
    """A context that never was, one that is open already, an id that is too long."""

    async def talk() -> None:
        async with V1Call() as call:
            call.tell("never", text="One.")
            call.start("a")
            call.start("a")
            call.tell("x" * 200, cancel={})
            await asyncio.sleep(1)
            assert call.story("never") == ["error"]
            assert call.story("a") == ["started"]
            assert call.story() == ["ready", "error", "error"]
            call.tell("", start={"speaker": "tone", "text": "One."})
            await asyncio.sleep(5)
            assert call.story("default") == ["started", "audio", "done"]

    run_virtually(talk())


def test_nothing_to_speak() -> None:
    """Text of which nothing is spoken is a silence; no text at all is nothing."""

    async def talk() -> None:
        async with V1Call() as call:
            call.start("a", text="🙂")
            call.start("b")
            call.tell("b", end={})
            await asyncio.sleep(5)
            assert call.story("a") == ["started", "audio", "done"]
            assert call.audio("a") == bytes(2 * 2400)
            assert call.story("b") == ["started", "done"]

    run_virtually(talk())


def test_every_context_is_a_caller() -> None:
    """Without a place for one more there is an error; whoever ends gives a place back."""

    async def talk() -> None:
        async with V1Call(n_places=2) as call:
            for name in "abc":
                call.start(name)
            await asyncio.sleep(0.1)
            assert [call.story(name) for name in "abc"] == [["started"], ["started"], ["error"]]
            call.tell("a", cancel={})
            call.start("d")
            await asyncio.sleep(0.1)
            assert call.story("d") == ["started"]
            assert call.n_admitted == 2
        assert call.n_admitted == 0

    run_virtually(talk())


def test_there_are_not_many_contexts_at_once() -> None:
    """One more than there may be is told so, under its own id."""

    async def talk() -> None:
        async with V1Call() as call:
            for number in range(CONTEXTS + 1):
                call.start(f"c{number}")
            await asyncio.sleep(0.1)
            assert call.story(f"c{CONTEXTS}") == ["error"]
            (error,) = [e["error"] for e in call.events if "error" in e]
            assert error["kind"] == "resource_exhausted"

    run_virtually(talk())


HUGE = '{"contextId": "a", "start": {"audioParameters": {"timeScaleFactor": 1%s}}}' % ("0" * 400)


@pytest.mark.parametrize("message", ["garbage", b"\xff", '{"a": 1}', HUGE])
def test_what_cannot_be_read_ends_the_connection(message: str | bytes) -> None:
    """An error of the connection, then 1007."""

    async def talk() -> None:
        async with V1Call() as call:
            call.start("a")
            call.say(message)
            await asyncio.sleep(5)
            assert "error" in call.story()
            assert call.transport.closing is not None
            assert call.transport.closing.code == 1007

    run_virtually(talk())


ACTS = st.lists(
    st.tuples(
        st.sampled_from(["start", "shot", "text", "end", "cancel"]),
        st.sampled_from(["a", "b", ""]),
        st.sampled_from([0.0, 0.01, 0.3]),
    ),
    max_size=16,
)


def do(call: V1Call, act: str, name: str) -> None:
    """Have the client do one thing in a context."""
    match act:
        case "start":
            call.start(name)
        case "shot":
            call.start(name, text="One two three. Four.")
        case "text":
            call.tell(name, text="five six. ")
        case _:
            call.tell(name, **{act: {}})


def check(story: list[str]) -> None:
    """See that each beginning has one end, audio lies between, and ends alone are refusals."""
    is_open = False
    for kind in story:
        if kind == "started":
            assert not is_open
            is_open = True
        elif kind == "audio":
            assert is_open
        else:
            assert is_open or kind in ("cancelled", "error")
            is_open = False
    assert not is_open


@settings(max_examples=150, deadline=None)
@given(ACTS)
def test_one_end_a_context_and_nothing_after_it(acts: list[tuple[str, str, float]]) -> None:
    """Whatever a client does with its contexts, in whatever order."""

    async def talk() -> None:
        async with V1Call() as call:
            for act, name, pause in acts:
                do(call, act, name)
                await asyncio.sleep(pause)
            for name in ("a", "b", "default"):
                call.tell(name, end={})
            await asyncio.sleep(300)
            for name in ("a", "b", "default"):
                check(call.story(name))
            assert call.n_admitted == 0

    run_virtually(talk())
