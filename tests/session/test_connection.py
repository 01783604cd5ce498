"""One connection under every protocol: what is heard, what is told, and several contexts."""

import asyncio
import json
from typing import Any

import pytest

from hoarfrost.audio.chain import AudioFormat
from hoarfrost.protocol.codec import Codec
from hoarfrost.protocol.events import EventsCodec
from hoarfrost.protocol.plain import PlainCodec
from tests.session.call import LONG, STEP_S, VOCABULARY, Call
from tests.support.codecs import BodyCodec, TaggedCodec
from tests.support.speech import Recorder, pcm_of, words_in
from tests.support.transport import FakeTransport
from tests.support.virtual_time import run_virtually

CODECS = [PlainCodec, EventsCodec]


def told_in(transport: FakeTransport) -> list[dict[str, Any]]:
    """Return what the text frames tell."""
    return [json.loads(frame.text) for frame in transport.frames if frame.text is not None]


@pytest.mark.parametrize("audio_format", AudioFormat)
@pytest.mark.parametrize("room", [None, 1])
@pytest.mark.parametrize("lookahead_ms", [None, 200.0])
def test_every_protocol_is_heard_alike(
    audio_format: AudioFormat, room: int | None, lookahead_ms: float | None
) -> None:
    """The same messages give the same bytes, whatever is told beside them, and the same end."""
    heard = []

    async def talk(codec: Codec) -> None:
        transport = FakeTransport(room=room)
        how = {"audio_format": audio_format, "lookahead_ms": lookahead_ms}
        async with Call(transport=transport, codec=codec, **how) as call:
            call.say("One, two and three. ", "Four", "<FLUSH>", "Five. ", "<EOS>")
            while transport.closing is None:
                if room is not None and transport._buffer:
                    await transport.read()
                await asyncio.sleep(0.01)
            heard.append((transport.audio, transport.closing.code))

    for make in CODECS:
        run_virtually(talk(make()))
    assert heard[0] == heard[1]
    assert heard[0][1] == 1000


def test_ready_comes_first() -> None:
    """Before anything is said the client is told what holds, and what it said in vain."""

    async def talk() -> None:
        async with Call(codec=EventsCodec(), unknown=("colour",), speed=1.5) as call:
            await asyncio.sleep(1)
            (ready,) = told_in(call.transport)
            assert (ready["type"], ready["unknown"]) == ("ready", ["colour"])
            assert ready["options"]["speedAlpha"] == 1.5

    run_virtually(talk())


def test_utterances_are_started_and_done() -> None:
    """Each stretch of speech is enclosed by its two events, and its audio stands between them."""

    async def talk() -> None:
        async with Call(codec=EventsCodec()) as call:
            call.say("One two. Three. ")
            await asyncio.sleep(10)
            call.say("Four. ")
            await asyncio.sleep(10)
            course = [
                "audio" if frame.text is None else json.loads(frame.text)["type"]
                for frame in call.transport.frames
            ]
            passed = ("words", "segment", "step")
            events = [event for event in told_in(call.transport) if event["type"] not in passed]
            numbers = [(event["type"], event.get("utterance")) for event in events]
            assert numbers == [
                ("ready", None),
                ("started", 1),
                ("done", 1),
                ("started", 2),
                ("done", 2),
            ]
            assert course.index("audio") > course.index("started")
            assert course[-1] == "done"
            said = len(pcm_of("One two.") + pcm_of("Three.")) / 2 / 22.05
            assert events[2]["audio_ms"] == pytest.approx(said, abs=0.01)

    run_virtually(talk())


def test_first_audio_has_its_parts() -> None:
    """Of a held mark the hold is told; of text that is certain at once there is none."""

    async def talk() -> None:
        async with Call(codec=EventsCodec()) as call:
            call.say("One two. ")
            await asyncio.sleep(10)
            call.say("Three.")
            await asyncio.sleep(10)
            certain, held = (e for e in told_in(call.transport) if e["type"] == "done")
            assert certain["first_audio_ms"] == pytest.approx(STEP_S * 1000)
            assert certain["parts"]["held_ms"] == 0
            assert held["first_audio_ms"] == pytest.approx(0, abs=1e-3)
            assert held["parts"]["held_ms"] == pytest.approx(25)
            for done in (certain, held):
                parts = done["parts"]
                assert 0 <= parts["waited_ms"] <= done["first_audio_ms"]
                assert parts["synthesis_ms"] > 0

    run_virtually(talk())


def test_words_are_told_once_each() -> None:
    """Every word that is spoken is told, in order, with its place in the text."""

    async def talk() -> None:
        async with Call(codec=EventsCodec()) as call:
            call.say(LONG)
            await asyncio.sleep(10)
            events = (event for event in told_in(call.transport) if event["type"] == "words")
            words = [word for event in events for word in event["words"]]
            assert [word["word"].strip(".").lower() for word in words] == VOCABULARY
            assert [LONG[word["start"] : word["end"]] for word in words] == LONG.split()
            edges = [word[edge] for word in words for edge in ("start_ms", "end_ms")]
            assert edges == sorted(edges)

    run_virtually(talk())


def test_clear_is_answered_with_what_was_heard() -> None:
    """At a clear the client learns how much of the utterance was sent and can have been heard."""

    async def talk() -> None:
        async with Call(codec=EventsCodec()) as call:
            call.say(LONG)
            await asyncio.sleep(1)
            n_frames = len(call.transport.frames)
            sent_ms = len(call.transport.audio) / 2 / 22.05
            call.say("<CLEAR>")
            await asyncio.sleep(1)
            (cleared,) = told_in(call.transport)[-1:]
            assert (cleared["type"], cleared["utterance"]) == ("cleared", 1)
            assert cleared["sent_ms"] == pytest.approx(sent_ms, abs=0.01)
            assert cleared["heard_ms"] == pytest.approx(1000 - STEP_S * 1000, abs=1)
            assert len(call.transport.frames) == n_frames + 1
            call.say("<CLEAR>")
            await asyncio.sleep(1)
            again = {"type": "cleared", "utterance": 0, "sent_ms": 0, "heard_ms": 0}
            assert told_in(call.transport)[-1] == again

    run_virtually(talk())


def test_clears_in_a_row_hold_nothing_up() -> None:
    """A client that clears without end and does not read is held no list of answers for."""

    async def talk() -> None:
        async with Call(codec=EventsCodec(), transport=FakeTransport(room=2)) as call:
            call.say(*["<CLEAR>"] * 1000)
            await asyncio.sleep(10)
            assert len(call.transport.frames) == 2
            while call.transport._buffer:
                await call.transport.read()
                await asyncio.sleep(1)
            assert len(call.transport.frames) <= 4

    run_virtually(talk())


def test_failure_is_told_before_the_close() -> None:
    """A voice that fails is an error event with its message, then the close."""

    async def talk() -> None:
        recorder = Recorder(fails_at="Two")
        async with Call(codec=EventsCodec(), recorder=recorder) as call:
            call.say("Two. ")
            closing = await call.transport.until_closed()
            assert closing.code == 1011
            error = {"type": "error", "status": 500, "message": "synthesis failed", "retry": False}
            assert told_in(call.transport)[-1] == error

    run_virtually(talk())


def test_a_request_over_http_fits() -> None:
    """One body in, audio out, then the end: HTTP is a protocol like any other."""

    async def talk() -> None:
        async with Call(codec=BodyCodec()) as call:
            call.say(json.dumps({"text": "One two. Three <FLUSH> four"}).encode())
            assert (await call.transport.until_closed()).code == 1000
            assert call.words() == ["one", "two", "three", "four"]

    run_virtually(talk())


# Several contexts on one socket


def heard_in(transport: FakeTransport, name: str) -> list[str]:
    """Return what was told of a context, its audio as words at its place."""
    told: list[str] = []
    pcm = b""
    for frame in transport.frames:
        context, _, what = (frame.text or "").partition("|")
        if context != name:
            continue
        try:
            pcm += bytes.fromhex(what)
        except ValueError:
            told += [*words_in(pcm, VOCABULARY, is_cut=True), what]
            pcm = b""
    return told + words_in(pcm, VOCABULARY, is_cut=True)


def test_contexts_are_conversations_of_their_own() -> None:
    """Two contexts speak side by side; each ends by itself, and the connection lives on."""

    async def talk() -> None:
        async with Call(codec=TaggedCodec()) as call:
            call.say("a|open", "b|open", "a|One two. ", "b|Three. ", "a|<EOS>")
            await asyncio.sleep(10)
            assert heard_in(call.transport, "a") == ["ready", "one", "two", "done", "ended"]
            assert heard_in(call.transport, "b") == ["ready", "three", "done"]
            call.say("b|Four. ", "a|open", "a|Five. ")
            await asyncio.sleep(10)
            assert heard_in(call.transport, "b")[1:] == ["three", "done", "four", "done"]
            assert heard_in(call.transport, "a")[-3:] == ["ready", "five", "done"]
            assert call.transport.closing is None

    run_virtually(talk())


def test_clear_and_failure_concern_one_context() -> None:
    """What is cleared or fails in one context is heard to the end in another."""

    async def talk() -> None:
        recorder = Recorder(fails_at="Six")
        async with Call(codec=TaggedCodec(), recorder=recorder) as call:
            call.say("a|open", "b|open", "c|open", f"a|{LONG}", f"b|{LONG}", "c|Six. ")
            await asyncio.sleep(3.5 * STEP_S)
            call.say("a|<CLEAR>")
            await asyncio.sleep(30)
            assert heard_in(call.transport, "a")[-1] == "cleared"
            assert heard_in(call.transport, "b") == ["ready", *VOCABULARY, "done"]
            assert heard_in(call.transport, "c")[-1] == "500"
            assert call.transport.closing is None

    run_virtually(talk())


def test_a_context_that_is_not_open_is_told_so() -> None:
    """Text for nobody is an error of that name, and disturbs no other."""

    async def talk() -> None:
        async with Call(codec=TaggedCodec()) as call:
            call.say("a|open", "b|One. ", "a|Two. ")
            await asyncio.sleep(10)
            assert heard_in(call.transport, "b") == ["400"]
            assert heard_in(call.transport, "a") == ["ready", "two", "done"]

    run_virtually(talk())


def test_a_message_that_cannot_be_read_closes_all_contexts() -> None:
    """Each context is told, then the connection is closed, once."""

    async def talk() -> None:
        async with Call(codec=TaggedCodec()) as call:
            call.say("a|open", "b|open", f"a|{LONG}")
            await call.transport.until_sent(4)
            call.say("nonsense", "a|One. ")
            closing = await call.transport.until_closed()
            assert closing.code == 1008
            await call.running
            assert heard_in(call.transport, "a")[-1] == "400"
            assert heard_in(call.transport, "b") == ["ready", "400"]

    run_virtually(talk())


def test_one_peer_that_leaves_ends_all_its_contexts() -> None:
    """When the socket is lost, every context's work stops."""

    async def talk() -> None:
        async with Call(codec=TaggedCodec()) as call:
            call.say("a|open", "b|open", f"a|{LONG}", f"b|{LONG}")
            await call.transport.until_sent(5)
            call.transport.vanish()
            await call.running
            assert call.recorder.n_open == 0

    run_virtually(talk())
