"""The state machine: what holds for any events, texts and moments."""

import itertools
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hoarfrost.dialogue.actions import Close, Speak
from hoarfrost.dialogue.events import (
    PIECE_LENGTH,
    AudioSent,
    Clear,
    Eos,
    Event,
    Flush,
    PeerClosed,
    Refused,
    SpeechFailed,
    SpeechSent,
    Text,
    Tick,
)
from hoarfrost.dialogue.machine import Machine, State
from hoarfrost.errors import ServerFault, Unauthorized
from hoarfrost.text.segmenter import SegmentMode
from tests.dialogue.conversation import Conversation, describe

REVOKED = Refused(Unauthorized("revoked"))
BROKEN = ServerFault("synthesis failed")


texts = st.text(st.sampled_from("ab1 ,.!?<>[]2\n…é"), max_size=12)
client_events = st.one_of(
    texts.map(Text), st.sampled_from([Flush(), Clear(), Eos(), Text("Yes. "), Text("<200>")])
)
driver_events = st.one_of(
    st.sampled_from([Tick(), PeerClosed(), REVOKED]),
    st.floats(0, 5000).map(AudioSent),
    st.integers(0, 5).map(SpeechSent),
    st.integers(0, 5).map(lambda number: SpeechFailed(number, BROKEN)),
)
machines = st.builds(
    Machine,
    st.sampled_from(SegmentMode),
    pauses=st.booleans(),
    inline_speeds=st.lists(st.floats(0.25, 4), max_size=3).map(tuple),
    text_limit=st.integers(0, 60),
)


@given(machines, st.lists(st.tuples(client_events | driver_events, st.floats(0, 1))))
def test_nothing_makes_it_raise_and_after_the_end_it_is_silent(
    machine: Machine, happenings: list[tuple[Event, float]]
) -> None:
    """Any events in any order are answered; speeches count up; after CLOSED nothing is asked."""
    now = 0.0
    n_spoken = 0
    for event, later_s in happenings:
        was_closed = machine.state is State.CLOSED
        machine.receive(event, now)
        actions = list(iter(machine.next, None))
        assert not (was_closed and actions)
        for action in actions:
            if isinstance(action, Speak):
                n_spoken += 1
                assert action.number == n_spoken
                assert action.script
        is_closing = any(isinstance(action, Close) for action in actions)
        assert not is_closing or machine.state is State.CLOSED
        wake_at = machine.wake_at(now)
        assert wake_at is None or wake_at >= now
        now += later_s


steps = st.one_of(
    texts.map(lambda text: ("say", text)),
    st.sampled_from([("flush", None), ("clear", None), ("send", 300.0), ("send", 3000.0)]),
    st.floats(0, 0.5).map(lambda duration_s: ("wait", duration_s)),
)


def take(talk: Conversation, step: tuple[str, object]) -> None:
    """Let one step of a conversation happen."""
    match step:
        case ("say", str(text)):
            talk.say(text)
        case ("flush", _):
            talk.note(Flush())
        case ("clear", _):
            talk.note(Clear())
        case ("wait", float(duration_s)):
            talk.wait(duration_s)
        case ("send", float(duration_ms)) if talk.unsent:
            talk.send(duration_ms)


@given(st.sampled_from(SegmentMode), st.lists(steps))
def test_nothing_said_before_a_clear_is_spoken_after_it(
    mode: SegmentMode, course: list[tuple[str, object]]
) -> None:
    """Every character spoken after a clear was sent after it."""
    talk = Conversation(Machine(mode, pauses=True))
    n_fed = 0
    cleared_at = 0
    for step in [*course, ("flush", None)]:
        n_before = len(talk.actions)
        take(talk, step)
        if step[0] == "say":
            n_fed += len(str(step[1]))
        elif step[0] == "clear":
            cleared_at = n_fed
        for action in talk.actions[n_before:]:
            if isinstance(action, Speak):
                sources = [s for part in action.script for s in getattr(part, "sources", ())]
                assert all(cleared_at <= source < n_fed for source in sources)


plain_texts = st.lists(
    st.sampled_from(
        [
            "Hello",
            "you",
            "Dr.",
            "3.14",
            "e.g.",
            "and,",
            "so,",
            "stop.",
            "why?",
            "No!",
            "a",
            "…",
            "!",
        ]
    ),
    max_size=25,
).map(" ".join)


def letters_in(texts_spoken: list[str]) -> str:
    """Return letters and digits only: all that a listener is sure to miss."""
    return "".join(filter(str.isalnum, "".join(texts_spoken)))


@st.composite
def cut_texts(draw: st.DrawFn) -> list[str]:
    """A text, in messages that are cut anywhere."""
    text = draw(plain_texts)
    cuts = sorted(draw(st.lists(st.integers(0, len(text)), max_size=8)))
    return [text[a:b] for a, b in itertools.pairwise([0, *cuts, len(text)])]


@given(st.sampled_from(SegmentMode), cut_texts(), st.floats(0, 0.3), st.floats(1, 3000))
def test_all_that_is_said_is_spoken_once_and_in_order(
    mode: SegmentMode, messages: list[str], wait_s: float, duration_ms: float
) -> None:
    """The words spoken up to the end are the words sent, whatever the timing."""
    talk = Conversation(Machine(mode))
    for message in messages:
        talk.say(message)
        talk.wait(wait_s)
        if talk.unsent:
            talk.send(duration_ms)
    talk.note(Eos())
    talk.send_all(duration_ms)
    assert letters_in(talk.said) == letters_in(messages)
    sources = [source for speech in talk.speeches for source in speech.sources]
    assert sources == sorted(sources)
    assert talk.machine.state is State.CLOSED
    assert describe(talk.actions)[-1] == "close 1000"


@given(st.sampled_from([SegmentMode.BY_SENTENCE, SegmentMode.NEVER]), cut_texts())
@settings(max_examples=200)
def test_cutting_into_messages_does_not_matter(mode: SegmentMode, messages: list[str]) -> None:
    """The same text at the same moment gives the same speeches, in whatever pieces it came."""
    whole, cut = Conversation(Machine(mode)), Conversation(Machine(mode))
    whole.say("".join(messages))
    cut.say(*messages)
    assert cut.said == whole.said
    for talk in (whole, cut):
        talk.wait(1.0)
        talk.note(Eos())
    assert cut.said == whole.said


@given(st.sampled_from(SegmentMode), st.lists(steps))
def test_ticks_come_to_an_end(mode: SegmentMode, course: list[tuple[str, object]]) -> None:
    """A driver that sends each tick when it is due never spins: time, speech or text moves on."""
    talk = Conversation(Machine(mode))
    for step in course:
        take(talk, step)
        for _ in range(30):
            wake_at = talk.machine.wake_at(talk.now)
            if wake_at is None:
                break
            is_later = wake_at > talk.now
            talk.now = wake_at
            n_bytes = talk.machine._segmenter.n_bytes
            assert talk.note(Tick()) or is_later or talk.machine._segmenter.n_bytes < n_bytes
        else:
            pytest.fail("expected ticks to come to an end, got 30 in a row")


@pytest.mark.parametrize("mode", SegmentMode)
@pytest.mark.parametrize(
    "unit", ["word ", "a. ", "a, b, c, ", "[a ", "<", "<b> ", "(", "spell(a", "1."]
)
def test_no_event_takes_long(mode: SegmentMode, unit: str) -> None:
    """However much text waits, an event looks through a piece of it: one caller holds up nobody.

    That is counted, not timed: calls for the longest event of a long text, over those of a shorter.
    """

    def most_calls(n_pieces: int) -> int:
        talk = Conversation(Machine(mode))
        pieces = [Text(unit * (PIECE_LENGTH // len(unit)))] * n_pieces
        calls = [_count_calls(talk, event) for event in [*pieces, Flush(), Text("Bye."), Eos()]]
        while talk.unsent or talk.machine.wake_at(talk.now) == talk.now:
            event = SpeechSent(talk.unsent.pop(0).number) if talk.unsent else Tick()
            calls.append(_count_calls(talk, event))
        return max(calls)

    assert most_calls(24) < 1.5 * most_calls(4)


def _count_calls(talk: Conversation, event: Event) -> int:
    """Have an event happen; return how many functions were called, also what they call."""
    n_calls = 0

    def count(_frame: object, _event: str, _arg: object) -> None:
        nonlocal n_calls
        n_calls += 1

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        talk.note(event)
        talk.machine.wake_at(talk.now)
        talk.machine.upcoming(talk.now)
    finally:
        sys.setprofile(before)
    return n_calls
