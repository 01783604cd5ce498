"""Every protocol: what holds for any codec, and the words of each."""

import json
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hoarfrost.audio.chain import AudioFormat
from hoarfrost.dialogue.outputs import (
    Audio,
    Cleared,
    Done,
    Ended,
    Failure,
    FirstAudioTiming,
    Flushed,
    Output,
    Ready,
    Speaking,
    Started,
    Stepped,
    Words,
    WordTime,
)
from hoarfrost.errors import ServerBusy, TextNotUtf8, VoiceFault
from hoarfrost.protocol.codec import Codec
from hoarfrost.protocol.events import EventsCodec
from hoarfrost.protocol.plain import PlainCodec, decode
from hoarfrost.text.script import Cut
from tests.support.options import make_options

CODECS = [PlainCodec, EventsCodec]
OPTIONS = make_options(
    rate_hz=8000, audio_format=AudioFormat.MULAW, inline_speeds=(0.5, 2.0), lookahead_ms=300.0
)
TIMING = FirstAudioTiming(
    first_audio_ms=40.12345, held_ms=25.0, synthesis_ms=30.0, waited_ms=10.1234
)

TOLD: list[tuple[Output, dict[str, object] | None]] = [
    (
        Ready(OPTIONS, ("colour",)),
        {
            "type": "ready",
            "options": {
                "speaker": "tone",
                "lang": "en-US",
                "audioFormat": "mulaw",
                "samplingRate": 8000,
                "speedAlpha": 1.0,
                "inlineSpeedAlpha": [0.5, 2.0],
                "pauseBetweenBrackets": False,
                "segment": "bySentence",
                "lines": "breaks",
                "lookahead": 300.0,
            },
            "unknown": ["colour"],
        },
    ),
    (Started(3), {"type": "started", "utterance": 3}),
    (
        Speaking(10, 20, 3, Cut.FLUSH),
        {"type": "segment", "utterance": 3, "start": 10, "end": 20, "cut": "flush"},
    ),
    (
        Stepped(3, 4.5, 100.00049),
        {"type": "step", "utterance": 3, "work_ms": 4.5, "audio_ms": 100.0},
    ),
    (Flushed(), None),
    (
        Failure(VoiceFault("synthesis failed")),
        {"type": "error", "status": 500, "message": "synthesis failed", "retry": False},
    ),
    (
        Words(3, (WordTime("Zoë", 10, 13, 0.0, 180.00049),)),
        {
            "type": "words",
            "utterance": 3,
            "words": [{"word": "Zoë", "start": 10, "end": 13, "start_ms": 0.0, "end_ms": 180.0}],
        },
    ),
    (
        Done(3, 180.0, TIMING),
        {
            "type": "done",
            "utterance": 3,
            "audio_ms": 180.0,
            "first_audio_ms": 40.123,
            "parts": {"held_ms": 25.0, "synthesis_ms": 30.0, "waited_ms": 10.123},
        },
    ),
    (Done(3, 0.0), {"type": "done", "utterance": 3, "audio_ms": 0.0}),
    (
        Cleared(3, 500.0, 120.0),
        {"type": "cleared", "utterance": 3, "sent_ms": 500.0, "heard_ms": 120.0},
    ),
    (
        Ended(VoiceFault("voice x: " + "y" * 200)),
        {"type": "error", "status": 500, "message": "voice x: " + "y" * 200, "retry": False},
    ),
    (
        Ended(ServerBusy("full", retry_after=1.0)),
        {"type": "error", "status": 429, "message": "full", "retry": True},
    ),
    (Ended(), None),
    (Audio(b"", 0.0), None),
]
"""By output, what the event channel tells of it."""

OUTPUTS = st.one_of(
    st.binary().map(lambda data: Audio(data, 1.0)),
    st.sampled_from([output for output, _ in TOLD]),
)
MESSAGES = st.one_of(
    st.lists(st.sampled_from(["a", " ", "<CLEAR>", "<EOS>", "<", "é"])).map("".join),
    st.binary(max_size=8),
)


def test_every_output_is_in_the_table() -> None:
    """The table has each kind of output."""
    assert {type(output) for output, _ in TOLD} == set(get_args(Output))


@pytest.mark.parametrize(("output", "told"), TOLD)
def test_events_are_told_as_json(output: Output, told: dict[str, object] | None) -> None:
    """Each output but audio is one text frame; the plain protocol is silent about all of them."""
    assert PlainCodec().encode(None, output) == []
    frames = EventsCodec().encode(None, output)
    assert [json.loads(frame) for frame in frames] == ([] if told is None else [told])
    assert all(isinstance(frame, str) for frame in frames)


@pytest.mark.parametrize("make", CODECS)
@given(
    st.lists(
        st.one_of(
            st.binary().map(lambda data: Audio(data, 1.0)),
            st.sampled_from([output for output, _ in TOLD]),
        )
    )
)
def test_audio_is_the_same_in_every_protocol(make: type[Codec], outputs: list[Output]) -> None:
    """The binary frames, joined, are the audio; none is empty; whatever else is told is text."""
    codec = make()
    frames = [frame for output in outputs for frame in codec.encode(None, output)]
    audio = [output.data for output in outputs if isinstance(output, Audio)]
    assert b"".join(f for f in frames if isinstance(f, bytes)) == b"".join(audio)
    assert all(frames)


@pytest.mark.parametrize("make", CODECS)
@given(MESSAGES)
def test_every_message_is_read_alike(make: type[Codec], message: str | bytes) -> None:
    """Messages mean the same with events and without, and are for the only conversation."""
    try:
        expected = decode(message)
    except TextNotUtf8:
        with pytest.raises(TextNotUtf8):
            make().decode(message)
        return
    addressed = make().decode(message)
    assert [each.event for each in addressed] == expected
    assert {each.context for each in addressed} <= {None}
