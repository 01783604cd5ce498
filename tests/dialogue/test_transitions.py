"""The state machine's table, every row of it."""

import itertools
import re
from typing import get_args

import pytest

from hoarfrost.dialogue import machine as machine_module
from hoarfrost.dialogue.events import (
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
from tests.dialogue.conversation import Conversation, describe

REVOKED = Refused(Unauthorized("revoked"))
BROKEN = ServerFault("synthesis failed")
MARKUP = [Text("One two. <tag>"), Flush()]
"""Behind the speech, a piece that turns out to say nothing."""

SITUATIONS: dict[str, list[Event]] = {
    "idle": [],
    "buffered": [Text("Hello")],
    "held": [Text("Hello there.")],
    "nothing to say": [Text("<200>")],
    "speaking": [Text("One two. ")],
    "speaking, buffered": [Text("One two. Three")],
    "speaking, flushed": [Text("One two. Three"), Flush()],
    "speaking two": [Text("One two. Three four. ")],
    "ending": [Text("One two. "), Eos()],
    "ending two": [Text("One two. Three four."), Eos()],
    "past markup": [*MARKUP, Text("Hi"), Flush(), SpeechSent(1)],
    "ending, past markup": [*MARKUP, Text("Hi"), Eos(), SpeechSent(1)],
    "ending in markup": [*MARKUP, Text("<tag>"), Eos(), SpeechSent(1)],
    "closed": [Eos()],
}
"""How a conversation comes to where the table below finds it."""

TRANSITIONS: list[tuple[str, Event, list[str], State]] = [
    ("idle", Text("One two. "), ["speak 1: One two."], State.OPEN),
    ("idle", Text("One"), [], State.OPEN),
    ("idle", Text(" !?\n"), [], State.OPEN),
    ("buffered", Text(" there. "), ["speak 1: Hello there."], State.OPEN),
    ("speaking", Text("Three four. "), ["speak 2: Three four."], State.OPEN),
    ("idle", Flush(), [], State.OPEN),
    ("buffered", Flush(), ["speak 1: Hello"], State.OPEN),
    ("nothing to say", Flush(), [], State.OPEN),
    ("speaking", Flush(), [], State.OPEN),
    ("speaking, buffered", Flush(), [], State.OPEN),
    ("speaking, flushed", SpeechSent(1), ["speak 2: Three"], State.OPEN),
    ("past markup", Tick(), ["speak 2: Hi"], State.OPEN),
    ("idle", Clear(), ["cancel", "cleared"], State.OPEN),
    ("buffered", Clear(), ["cancel", "cleared"], State.OPEN),
    ("speaking", Clear(), ["cancel", "cleared"], State.OPEN),
    ("idle", Eos(), ["close 1000"], State.CLOSED),
    ("nothing to say", Eos(), ["close 1000"], State.CLOSED),
    ("buffered", Eos(), ["speak 1: Hello"], State.ENDING),
    ("speaking", Eos(), [], State.ENDING),
    ("speaking, buffered", Eos(), [], State.ENDING),
    ("idle", PeerClosed(), ["cancel"], State.CLOSED),
    ("speaking", PeerClosed(), ["cancel"], State.CLOSED),
    ("idle", REVOKED, ["cancel", "close 1008"], State.CLOSED),
    ("speaking", REVOKED, ["cancel", "close 1008"], State.CLOSED),
    ("speaking", AudioSent(100.0), [], State.OPEN),
    ("speaking", SpeechSent(1), ["deliver"], State.OPEN),
    ("speaking two", SpeechSent(1), [], State.OPEN),
    ("speaking, buffered", SpeechSent(1), ["deliver"], State.OPEN),
    ("speaking", SpeechSent(2), [], State.OPEN),
    ("idle", SpeechSent(1), [], State.OPEN),
    ("speaking", SpeechFailed(1, BROKEN), ["cancel", "close 1011"], State.CLOSED),
    ("speaking two", SpeechFailed(2, BROKEN), ["cancel", "close 1011"], State.CLOSED),
    ("idle", SpeechFailed(1, BROKEN), [], State.OPEN),
    ("idle", Tick(), [], State.OPEN),
    ("held", Tick(), ["speak 1: Hello there."], State.OPEN),
    ("ending", Text("More. "), [], State.ENDING),
    ("ending", Flush(), [], State.ENDING),
    ("ending", Clear(), ["cancel", "cleared", "close 1000"], State.CLOSED),
    ("ending", Eos(), [], State.ENDING),
    ("ending", PeerClosed(), ["cancel"], State.CLOSED),
    ("ending", REVOKED, ["cancel", "close 1008"], State.CLOSED),
    ("ending", AudioSent(100.0), [], State.ENDING),
    ("ending", SpeechSent(1), ["deliver", "close 1000"], State.CLOSED),
    ("ending", SpeechSent(7), [], State.ENDING),
    ("ending two", SpeechSent(1), ["speak 2: Three four."], State.ENDING),
    ("ending, past markup", Tick(), ["speak 2: Hi"], State.ENDING),
    ("ending in markup", Tick(), ["deliver", "close 1000"], State.CLOSED),
    ("ending", SpeechFailed(1, BROKEN), ["cancel", "close 1011"], State.CLOSED),
    ("ending", SpeechFailed(7, BROKEN), [], State.ENDING),
    ("ending", Tick(), [], State.ENDING),
    ("closed", Text("More. "), [], State.CLOSED),
    ("closed", Flush(), [], State.CLOSED),
    ("closed", Clear(), [], State.CLOSED),
    ("closed", Eos(), [], State.CLOSED),
    ("closed", PeerClosed(), [], State.CLOSED),
    ("closed", REVOKED, [], State.CLOSED),
    ("closed", AudioSent(100.0), [], State.CLOSED),
    ("closed", SpeechSent(1), [], State.CLOSED),
    ("closed", SpeechFailed(1, BROKEN), [], State.CLOSED),
    ("closed", Tick(), [], State.CLOSED),
]


def in_situation(name: str) -> Conversation:
    """Return a conversation that has come to a situation, a second after its beginning."""
    conversation = Conversation(Machine())
    conversation.note(*SITUATIONS[name])
    conversation.now = 1.0
    return conversation


@pytest.mark.parametrize(("situation", "event", "actions", "state"), TRANSITIONS)
def test_every_transition(situation: str, event: Event, actions: list[str], state: State) -> None:
    """In this situation, this event asks for these actions and leads to this state."""
    conversation = in_situation(situation)
    assert describe(conversation.note(event)) == actions
    assert conversation.machine.state is state


def test_transitions_above_are_complete() -> None:
    """The table of this test has every pair of a state and an event."""
    pairs = {(in_situation(row[0]).machine.state, type(row[1])) for row in TRANSITIONS}
    assert pairs == set(itertools.product(State, get_args(Event)))


def test_the_picture_is_the_table() -> None:
    """The picture in the docstring has a dash where an event changes nothing, and each new state.

    It names the state that the table leads to where that is another one, and none elsewhere.
    """
    lines = (machine_module.__doc__ or "").splitlines()
    _, begin, end = (n for n, line in enumerate(lines) if line.startswith("==="))
    columns = [(m.start(), m.end()) for m in re.finditer("=+", lines[begin])]
    pictured: dict[str, list[str]] = {}
    for line in lines[begin + 1 : end]:
        name, *cells = (line[a:b].strip() for a, b in columns)
        rows = pictured.setdefault(name or list(pictured)[-1], [""] * len(State))
        rows[:] = [f"{row} {cell}".strip() for row, cell in zip(rows, cells, strict=True)]
    assert sorted(pictured) == sorted(event.__name__ for event in get_args(Event))
    for name, cells in pictured.items():
        for state, cell in zip(State, cells, strict=True):
            transition = Machine.TRANSITIONS[state].get(getattr(machine_module, name))
            assert (cell == "--") is (transition is None), (name, state)
            leads_to = re.search(r"→ (\w+)$", cell)
            if transition is not None:
                told = state if leads_to is None else State[leads_to[1]]
                assert told is transition.state, (name, state)


def test_every_row_leads_where_the_table_says() -> None:
    """Each row above ends in the state of the table; or in CLOSED, once all is said and sent."""
    for situation, event, _, state in TRANSITIONS:
        before = in_situation(situation).machine.state
        transition = Machine.TRANSITIONS[before].get(type(event))
        assert transition is None or state in {before, transition.state, State.CLOSED}
