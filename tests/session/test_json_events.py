"""``/ws3`` and ``/ws2`` over a whole connection, in virtual time, as released clients need them."""

import asyncio
import base64
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hoarfrost.errors import VoiceFault
from hoarfrost.protocol.json_events import GRACE, QUIET, SILENCE_MS, JsonCodec
from hoarfrost.text.segmenter import SegmentMode
from hoarfrost.units import Seconds
from tests.session.call import Call, now
from tests.support.options import make_options
from tests.support.speech import Recorder
from tests.support.transport import FakeTransport
from tests.support.virtual_time import run_virtually

BYTES_PER_MS = 2 * 22.05


class JsonCall(Call):
    """A connection of the JSON protocol, and what its client is told."""

    def __init__(
        self,
        *,
        is_second: bool = False,
        times_from_context: bool = False,
        text_limit: int = 65_536,
        **more: Any,
    ) -> None:
        segment = more.get("segment", SegmentMode.BY_SENTENCE)
        codec = JsonCodec(
            make_options(segment=segment),
            asyncio.get_running_loop().time,
            text_limit=text_limit,
            is_second=is_second,
            times_from_context=times_from_context,
        )
        super().__init__(codec=codec, text_limit=text_limit, **more)

    def tell(self, *messages: dict[str, object]) -> None:
        """Have the client send JSON."""
        self.say(*map(json.dumps, messages))

    @property
    def events(self) -> list[dict[str, Any]]:
        """All that came, in order."""
        return [json.loads(frame.text or "") for frame in self.transport.frames]

    def story(self) -> list[str]:
        """Return what came in short: chunks in a row as one, with the id."""
        told: list[str] = []
        for event in self.events:
            line = f"{event['type']} {event['contextId']}"
            if event["type"] != "chunk" or told[-1:] != [line]:
                told.append(line)
        return told

    def audio(self) -> bytes:
        """Return all audio."""
        return b"".join(
            base64.b64decode(event["data"]) for event in self.events if event["type"] == "chunk"
        )

    def at(self, kind: str) -> list[Seconds]:
        """Return when events of a kind came."""
        return [
            frame.at
            for frame, event in zip(self.transport.frames, self.events, strict=True)
            if event["type"] == kind
        ]


def text(said: str, label: str | None = None) -> dict[str, object]:
    return {"text": said} if label is None else {"text": said, "contextId": label}


FLUSH: dict[str, object] = {"operation": "flush"}
CLEAR: dict[str, object] = {"operation": "clear"}
EOS: dict[str, object] = {"operation": "eos"}


def test_a_turn() -> None:
    """Sentences come as chunks with their words' times; the flush is answered by one done."""

    async def talk() -> None:
        async with JsonCall() as call:
            call.tell(text("One two. ", "a"), text("Three"), FLUSH)
            await asyncio.sleep(60)
            assert call.story() == [
                *("chunk a", "timestamps a", "chunk a", "timestamps a", "done a")
            ]
            first, second = [e["word_timestamps"] for e in call.events if e["type"] == "timestamps"]
            assert (first["words"], second["words"]) == (["One", "two."], ["Three"])
            assert first["start"][0] == second["start"][0] == 0
            in_all = len(call.audio()) / BYTES_PER_MS / 1000
            assert first["end"][-1] + second["end"][-1] == pytest.approx(in_all, abs=1e-4)

    run_virtually(talk())


def test_done_waits_for_the_flush() -> None:
    """With a context id, while a language model pauses between sentences, up to the grace."""

    async def talk() -> None:
        async with JsonCall() as call:
            call.tell(text("One. ", "a"))
            await asyncio.sleep(2)
            call.tell(text("Two. ", "a"))
            await asyncio.sleep(2)
            assert "done a" not in call.story()
            call.tell(FLUSH)
            await asyncio.sleep(1)
            assert call.story()[-1] == "done a"
            await asyncio.sleep(10)
            assert call.story().count("done a") == 1

    run_virtually(talk())


@pytest.mark.parametrize(("label", "wait"), [("a", GRACE), (None, QUIET)])
def test_a_run_that_nobody_flushes(label: str | None, wait: Seconds) -> None:
    """Without an id it is done when all was sent and it was quiet; with one, after playback."""

    async def talk() -> None:
        async with JsonCall() as call:
            call.tell(text("One two. ", label))
            await asyncio.sleep(30)
            assert call.story()[-1] == f"done {label}"
            (done_at,) = call.at("done")
            sent_at = max(call.at("timestamps"))
            played_s = len(call.audio()) / BYTES_PER_MS / 1000 if label else 0
            assert sent_at + wait <= done_at + 1e-6
            assert done_at <= sent_at + played_s + wait + 0.1

    run_virtually(talk())


def test_unfinished_text_holds_the_done_back() -> None:
    """As long as the buffer has words, the run goes on."""

    async def talk() -> None:
        async with JsonCall() as call:
            call.tell(text("One. Two"))
            await asyncio.sleep(20)
            assert "done None" not in call.story()
            call.tell(FLUSH)
            await asyncio.sleep(20)
            assert call.story().count("done None") == 1

    run_virtually(talk())


def test_spare_flushes_are_not_answered() -> None:
    """A second done would end the next turn of a client that pools its connections."""

    async def talk() -> None:
        async with JsonCall() as call:
            call.tell(FLUSH, text("One. ", "a"), FLUSH, FLUSH, FLUSH)
            await asyncio.sleep(20)
            assert call.story().count("done a") == 1
            assert call.story()[-1] == "done a"

    run_virtually(talk())


def test_never_is_flushed_as_a_whole() -> None:
    """The whole buffer is one synthesis, with one event of times; an empty flush is answered."""

    async def talk() -> None:
        async with JsonCall(segment=SegmentMode.NEVER) as call:
            call.tell(FLUSH)
            await asyncio.sleep(1)
            assert call.story() == ["done None"]
            call.tell(text("One. Two. ", "a"), text("Three. "))
            await asyncio.sleep(5)
            assert call.story() == ["done None"]
            call.tell(FLUSH)
            await asyncio.sleep(20)
            assert call.story()[1:] == ["chunk a", "timestamps a", "done a"]

    run_virtually(talk())


@pytest.mark.parametrize("end", [FLUSH, EOS], ids=["flush", "eos"])
def test_nothing_to_speak_is_a_short_silence(end: dict[str, object]) -> None:
    """Clients take an end without audio for a failure: 100 ms of silence come first, no times."""

    async def talk() -> None:
        async with JsonCall() as call:
            call.tell(text("🙂 ", "a"), end)
            await asyncio.sleep(5)
            assert call.story() == ["chunk a", "done a"]
            assert call.audio() == bytes(round(SILENCE_MS * 22.05) * 2)

    run_virtually(talk())


def test_ids_are_labels_in_the_order_of_arrival() -> None:
    """A change of id is a boundary: what was buffered is a synthesis of its own, under its id."""

    async def talk() -> None:
        async with JsonCall() as call:
            call.tell(text("One ", "a"), text("two ", "b"), text("three", "a"), FLUSH)
            await asyncio.sleep(20)
            assert call.story() == [
                *("chunk a", "timestamps a", "chunk b", "timestamps b"),
                *("chunk a", "timestamps a", "done a"),
            ]

    run_virtually(talk())


def test_a_clear_is_answered_by_nothing() -> None:
    """Neither then nor later; the next turn has its own audio, and only that."""

    async def talk() -> None:
        async with JsonCall() as call:
            call.tell(text("One two three four five six seven. ", "a"), FLUSH)
            await asyncio.sleep(0.05)
            n_before = len(call.events)
            call.tell(CLEAR, CLEAR)
            await asyncio.sleep(0.5)
            assert [e for e in call.events[n_before:] if e["type"] != "chunk"] == []
            n_before = len(call.events)
            call.tell(text("One. ", "b"), FLUSH)
            await asyncio.sleep(20)
            after = [f"{e['type']} {e['contextId']}" for e in call.events[n_before:]]
            assert set(after) == {"chunk b", "timestamps b", "done b"}

    run_virtually(talk())


def test_eos_is_done_and_closed() -> None:
    """All is spoken, done is the last event, and the connection closes with 1000."""

    async def talk() -> None:
        async with JsonCall() as call:
            call.tell(text("One two", "a"), EOS)
            await asyncio.sleep(20)
            assert call.story() == ["chunk a", "timestamps a", "done a"]
            assert call.transport.closing is not None
            assert call.transport.closing.code == 1000

    run_virtually(talk())


@pytest.mark.parametrize(
    "message",
    ["{", "[]", "5", '"text"', "{}", '{"text": 5}', '{"text": null}', '{"operation": "stop"}',
     '{"operation": 5}', '{"text": "x", "contextId": 5}', "[" * 100_000,
     json.dumps({"text": "x", "contextId": "y" * 2000}), '{"text": "' + "x" * 1100 + '"}'],
)  # fmt: skip
def test_a_bad_message_changes_nothing(message: str) -> None:
    """It is answered by an error; the connection and its buffer stay as they were."""

    async def talk() -> None:
        async with JsonCall(text_limit=1000) as call:
            call.tell(text("One ", "a"))
            call.say(message)
            call.tell(text("two"), FLUSH)
            await asyncio.sleep(20)
            assert call.story() == ["error a", "chunk a", "timestamps a", "done a"]
            assert call.events[-2]["word_timestamps"]["words"] == ["One", "two"]

    run_virtually(talk())


def test_bytes_that_are_no_text_end_the_connection() -> None:
    """With 1007, as RFC 6455 has it; binary messages that are text are read."""

    async def talk() -> None:
        async with JsonCall() as call:
            call.say(json.dumps(text("One. ")).encode())
            await asyncio.sleep(1)
            assert call.story()[0] == "chunk None"
            call.say(b"\xff")
            await asyncio.sleep(5)
            assert call.transport.closing is not None
            assert call.transport.closing.code == 1007

    run_virtually(talk())


def test_too_much_text_is_dropped_and_told() -> None:
    """What a connection holds is bounded; it goes on, and later words keep their right times."""

    async def talk() -> None:
        async with JsonCall(text_limit=100, segment=SegmentMode.NEVER) as call:
            call.tell(text("x" * 90, "a"), text("y" * 90), text("One two", "b"), FLUSH)
            await asyncio.sleep(20)
            error, *_, times, done = call.events
            assert (error["type"], error["message"]) == ("error", "text is too long")
            assert times["word_timestamps"]["words"] == ["One", "two"]
            assert (done["type"], done["contextId"]) == ("done", "b")

    run_virtually(talk())


class Failing(Recorder):
    """An engine that cannot say one word."""

    def __call__(self, request: Any) -> Any:
        if "five" in request.text:
            raise VoiceFault("voice tone: expected a voice, got none")
        return super().__call__(request)


def test_a_failure_is_survived() -> None:
    """The run has an error in place of its done, and the next turn is spoken."""

    async def talk() -> None:
        async with JsonCall(recorder=Failing()) as call:
            call.tell(text("Say five. ", "a"), FLUSH)
            await asyncio.sleep(5)
            assert call.story() == ["error a"]
            call.tell(text("One. ", "b"), FLUSH)
            await asyncio.sleep(5)
            assert call.story()[1:] == ["chunk b", "timestamps b", "done b"]

    run_virtually(talk())


def test_the_second_protocol_says_done_twice() -> None:
    """``/ws2`` differs in that alone."""

    async def talk() -> None:
        async with JsonCall(is_second=True) as call:
            call.tell(text("One. ", "a"), FLUSH)
            await asyncio.sleep(5)
            assert call.events[-1] == {"type": "done", "done": True, "contextId": "a"}

    run_virtually(talk())


def test_times_from_the_beginning_of_a_context() -> None:
    """For clients that take times as they stand: they go on from piece to piece."""

    async def talk() -> None:
        async with JsonCall(times_from_context=True) as call:
            call.tell(text("One. ", "a"), text("Two. "), FLUSH, text("Three. ", "b"), FLUSH)
            await asyncio.sleep(20)
            one, two, three = [
                e["word_timestamps"] for e in call.events if e["type"] == "timestamps"
            ]
            assert two["start"][0] >= one["end"][-1] > 0
            assert three["start"][0] == 0

    run_virtually(talk())


def test_a_message_has_inline_speeds_of_its_own() -> None:
    """They hold for its own brackets; others have those of the query."""

    async def talk() -> None:
        recorder = Recorder()
        async with JsonCall(recorder=recorder, inline_speeds=(1.5,)) as call:
            call.tell(
                {"text": "[One] two ", "contextId": "a", "inlineSpeedAlpha": "0.5"},
                {"text": "[three] four [five", "inlineSpeedAlpha": [2.0]},
                {"text": "] [six]."},
                FLUSH,
            )
            await asyncio.sleep(20)
            (request,) = recorder.requests
            spans = {request.text[s.start : s.end].strip(): s.speed for s in request.spans}
            assert spans == {"One": 0.5, "three": 2.0, "five": 1.5}
            call.tell({"text": "[One]", "inlineSpeedAlpha": "fast"})
            await asyncio.sleep(1)
            assert call.events[-1]["message"].startswith("inlineSpeedAlpha: expected numbers")

    run_virtually(talk())


MESSAGES = st.one_of(
    st.sampled_from([FLUSH, CLEAR, {"operation": "x"}, {"text": ""}]),
    st.builds(
        text,
        st.sampled_from(["One. ", "two", " ", "🙂", "three, ", "<CLEAR>", "four!"]),
        st.sampled_from([None, "a", "b"]),
    ),
)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.tuples(MESSAGES, st.sampled_from([0.0, 0.005, 0.02])), max_size=12),
    st.sampled_from(list(SegmentMode)),
)
def test_whatever_a_client_says(
    messages: list[tuple[dict[str, object], float]], segment: SegmentMode
) -> None:
    """Each flush of a run has one done, none comes unasked, and a context ends with its done.

    All pauses together are shorter than what ends a run by itself.
    """

    async def talk() -> None:
        async with JsonCall(segment=segment) as call:
            n_expected = 0
            is_open = False
            for message, pause in messages:
                call.tell(message)
                if message.get("text"):
                    is_open = True
                elif message == FLUSH:
                    n_expected += is_open or segment is SegmentMode.NEVER
                    is_open = False
                elif message == CLEAR:
                    # What was asked for before is answered by then, or never.
                    await asyncio.sleep(0.001)
                    n_expected = sum(e["type"] == "done" for e in call.events)
                    is_open = False
                await asyncio.sleep(pause)
            call.tell(EOS)
            await asyncio.sleep(300)
            events = call.events
            assert sum(e["type"] == "done" for e in events) == n_expected + 1
            assert events[-1]["type"] == "done"
            assert all("contextId" in e for e in events)
            for e in events:
                if e["type"] == "timestamps":
                    times = e["word_timestamps"]
                    starts, ends = times["start"], times["end"]
                    assert len(times["words"]) == len(starts) == len(ends) >= 1
                    assert starts == sorted(starts)
                    assert ends == sorted(ends)
                    assert all(start <= end for start, end in zip(starts, ends, strict=True))

    run_virtually(talk())


def test_a_client_that_reads_nothing_holds_up_nobody() -> None:
    """What is told waits with the audio; the connection ends when the peer goes."""

    async def talk() -> None:
        async with JsonCall(transport=FakeTransport(room=1)) as call:
            call.tell(text("One. ", "a"), FLUSH)
            await asyncio.sleep(60)
            assert call.transport.n_waiting == 1
            assert now() >= 60

    run_virtually(talk())
