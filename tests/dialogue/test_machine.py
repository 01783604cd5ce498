"""The state machine, by what a client would notice."""

import itertools

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from hoarfrost.dialogue.actions import Close
from hoarfrost.dialogue.events import (
    AudioSent,
    Clear,
    Eos,
    Event,
    Flush,
    PeerClosed,
    SpeechFailed,
    SpeechSent,
    Text,
)
from hoarfrost.dialogue.machine import UNSPOKEN_TEXT_LIMIT, Machine, State
from hoarfrost.errors import ServerFault
from hoarfrost.text.segmenter import SegmentMode
from tests.dialogue.conversation import Conversation, Dropped, describe

BROKEN = ServerFault("synthesis failed")


# Flush, end and clear


def test_flush_while_speaking_queues_behind() -> None:
    """A flush while another utterance is spoken is spoken after it, and all is delivered once."""
    talk = Conversation(Machine())
    talk.say("One two. ")
    assert describe(talk.note(Text("Three"), Flush())) == []
    assert describe(talk.send(300)) == ["speak 2: Three"]
    assert describe(talk.send(300)) == ["deliver"]


def test_words_that_only_a_flush_releases() -> None:
    """Text without a mark waits for the flush for as long as it takes."""
    talk = Conversation(Machine())
    talk.say("One two three")
    assert talk.wait(3600) == []
    assert describe(talk.note(Flush())) == ["speak 1: One two three"]


WRAPPED = "This line of an e-mail was wrapped at its width,\nand goes on here. Next one\n"


@given(st.lists(st.integers(0, len(WRAPPED)), max_size=5).map(sorted))
@example([WRAPPED.index("\n"), WRAPPED.index("\n") + 1])
def test_wrapped_lines_are_one_sentence(cuts: list[int]) -> None:
    """With ``lines=wrapped`` a line break in a paragraph is a space, however the text comes."""
    talk = Conversation(Machine(SegmentMode.NEVER, unwraps=True))
    for start, end in itertools.pairwise([0, *cuts, len(WRAPPED)]):
        talk.note(Text(WRAPPED[start:end]))
    talk.note(Flush())
    assert " ".join(talk.said).split() == WRAPPED.split()
    assert "width, and" in talk.said[0]


def test_a_held_line_break_is_dropped_by_a_clear() -> None:
    """Nothing of the text before a clear is spoken after it."""
    talk = Conversation(Machine(unwraps=True))
    talk.note(Text("x" * 60 + "\n"), Clear(), Text("One two. "))
    assert talk.said == ["One two."]


def test_text_after_the_end_is_ignored() -> None:
    """What comes after ``<EOS>`` is neither spoken nor does it hold up the close."""
    talk = Conversation(Machine())
    talk.note(Text("One two"), Eos(), Text("three. "), Flush())
    assert talk.wait(10) == []
    assert describe(talk.send(300)) == ["deliver", "close 1000"]
    assert talk.said == ["One two"]


def test_close_by_the_peer_outranks_the_end() -> None:
    """``<EOS>`` and a close right behind it: all work is dropped, and nothing is left to close."""
    talk = Conversation(Machine())
    talk.note(Text("One two"), Eos())
    assert describe(talk.note(PeerClosed())) == ["cancel"]
    assert talk.note(SpeechSent(1)) == []


def test_clear_is_idempotent() -> None:
    """Clear after clear drops what is there, once, and the conversation goes on."""
    talk = Conversation(Machine())
    talk.say("One two. Three")
    assert describe(talk.note(Clear(), Clear(), Clear())) == ["cancel", "cleared"] * 3
    assert describe(talk.note(Flush())) == []
    assert describe(talk.say("Four five. ")) == ["speak 2: Four five."]


def test_answers_to_cleared_speech_are_ignored() -> None:
    """A driver that is late with its answers does not disturb what was asked for since."""
    talk = Conversation(Machine())
    talk.say("One two. ")
    talk.note(Clear())
    assert describe(talk.say("Three four. ")) == ["speak 2: Three four."]
    assert talk.note(SpeechSent(1), SpeechFailed(1, BROKEN)) == []
    assert describe(talk.note(SpeechSent(2))) == ["deliver"]


def test_speech_is_answered_in_order() -> None:
    """Only the oldest speech can be sent; an answer out of turn changes nothing."""
    talk = Conversation(Machine())
    talk.say("One two. Three four. ")
    assert talk.note(SpeechSent(2)) == []
    assert talk.note(SpeechSent(1)) == []
    assert describe(talk.note(SpeechSent(2))) == ["deliver"]


# How much text is held


def test_too_much_text_closes_1009() -> None:
    """One byte over the limit drops everything and closes, with what was expected and got."""
    talk = Conversation(Machine(SegmentMode.NEVER))
    assert talk.say("é" * (UNSPOKEN_TEXT_LIMIT // 2)) == []
    dropped, close = talk.say("x")
    assert isinstance(dropped, Dropped)
    assert isinstance(close, Close)
    assert close.fault is not None
    assert close.fault.close_code == 1009
    assert (
        close.fault.close_reason == "413: expected at most 65536 bytes of unspoken text, got 65537"
    )
    assert talk.machine.state is State.CLOSED


def test_limit_counts_what_is_asked_for_and_not_sent() -> None:
    """Text that was released counts until its audio is sent, and not any more after that."""
    talk = Conversation(Machine(text_limit=20))
    talk.say("One two. Three four. ")  # 21 bytes: too many at once
    assert talk.machine.state is State.CLOSED

    talk = Conversation(Machine(text_limit=20))
    talk.say("One two. ", "Three four.")
    assert talk.machine.state is State.OPEN
    talk.send(300)
    talk.say(" Five ah")  # as many as were sent
    assert talk.machine.state is State.OPEN
    talk.say("a")
    assert talk.machine.state is State.CLOSED


def test_clear_makes_room() -> None:
    """What was cleared does not count."""
    talk = Conversation(Machine(text_limit=10))
    for _ in range(5):
        talk.say("One two.  ")
        talk.note(Clear())
    assert talk.machine.state is State.OPEN


# Holds


@pytest.mark.parametrize(
    ("text", "hold_s"), [("Hello there.", 0.025), ("It costs 3.", 0.120), ("Ask Dr.", 0.120)]
)
def test_mark_at_the_end_is_held(text: str, hold_s: float) -> None:
    """A mark that nothing follows is spoken after its hold: shorter where it is hardly in doubt."""
    talk = Conversation(Machine())
    assert talk.say(text) == []
    assert talk.machine.wake_at(talk.now) == hold_s
    assert talk.wait(hold_s - 0.001) == []
    assert describe(talk.wait(0.001)) == [f"speak 1: {text}"]
    assert talk.machine.wake_at(talk.now) is None


def test_hold_starts_anew_with_more_text() -> None:
    """Text within the hold decides what the mark was."""
    talk = Conversation(Machine())
    talk.say("It costs 3.")
    talk.wait(0.1)
    assert talk.say("14.") == []
    assert talk.wait(0.1) == []
    assert describe(talk.wait(0.02)) == ["speak 1: It costs 3.14."]


def test_nobody_is_woken_for_nothing() -> None:
    """There is no tick before text came, after it was cleared, or once the end was announced."""
    talk = Conversation(Machine())
    assert talk.machine.wake_at(0.0) is None
    talk.say("Hello there.")
    assert talk.machine.wake_at(0.0) is not None
    talk.note(Clear())
    assert talk.machine.wake_at(0.0) is None
    talk.note(Text("Hello there."), Eos())
    assert talk.machine.wake_at(0.0) is None
    talk.note(PeerClosed())
    assert talk.machine.wake_at(0.0) is None


# Commas, by the listener's clock


def test_first_comma_is_spoken_at_once() -> None:
    """The first clause of an utterance does not wait for the sentence."""
    talk = Conversation(Machine())
    assert describe(talk.say("Well my dear friend, this")) == ["speak 1: Well my dear friend,"]


def test_short_first_clause_waits_for_more() -> None:
    """Fewer than three words before the comma wait 250 ms."""
    talk = Conversation(Machine())
    assert talk.say("Well, this") == []
    assert talk.wait(0.249) == []
    assert describe(talk.wait(0.002)) == ["speak 1: Well,"]


def test_comma_waits_while_the_listener_has_enough_to_hear() -> None:
    """A later comma is spoken when less than 400 ms of what was sent is left to play."""
    talk = Conversation(Machine())
    talk.say("One two three. ")
    talk.send(2000)
    assert talk.say("And then there came, at last") == []
    assert talk.wait(1.6) == []
    assert describe(talk.wait(0.002)) == ["speak 2: And then there came,"]


def test_comma_does_not_wait_for_a_listener_who_runs_dry() -> None:
    """With less than 400 ms left to play a comma is spoken at once."""
    talk = Conversation(Machine())
    talk.say("One two three. ")
    talk.send(399)
    assert describe(talk.say("And then there came, at")) == ["speak 2: And then there came,"]


def test_comma_waits_for_speech_under_way() -> None:
    """While a speech is not wholly sent, nobody knows how much there will be to hear."""
    talk = Conversation(Machine())
    talk.say("One two three. ", "And then there came, at")
    assert talk.said == ["One two three."]
    assert talk.machine.wake_at(talk.now) is None
    assert describe(talk.send(100)) == ["speak 2: And then there came,"]


def test_clear_empties_the_listener_too() -> None:
    """After a clear there is nothing to hear, so the first comma counts again."""
    talk = Conversation(Machine())
    talk.say("One two three. ")
    talk.send(60_000)
    talk.note(Clear())
    assert talk.machine.runs_dry_at() == float("-inf")
    assert describe(talk.say("And then there came, at")) == ["speak 2: And then there came,"]


def test_deadline_is_the_end_of_what_was_sent() -> None:
    """The listener runs dry when all audio sent has been played."""
    talk = Conversation(Machine())
    assert talk.machine.runs_dry_at() == float("-inf")
    talk.now = 5.0
    talk.note(AudioSent(250.0), AudioSent(250.0))
    assert talk.machine.runs_dry_at() == 5.5


# Utterances, and the speeds that run through them


def speeds(talk: Conversation) -> list[float]:
    """Return the speed of each bracketed word that was asked for."""
    return [span.speed for speech in talk.speeches for span in speech.spans]


def test_inline_speeds_run_through_an_utterance() -> None:
    """The i-th bracketed word has the i-th speed, over sentences; without a speed it has none."""
    talk = Conversation(Machine(inline_speeds=(2.0, 0.5)))
    talk.say("Say [one] now. ", "And [two] now. ", "Then [three] now. ")
    assert speeds(talk) == [2.0, 0.5]
    assert talk.said == ["Say one now.", "And two now.", "Then three now."]


@pytest.mark.parametrize(
    ("boundary", "expected"),
    [
        ([], [2.0, 0.5]),
        ([Flush()], [2.0, 2.0]),
        ([Clear()], [2.0, 2.0]),
    ],
)
def test_flush_and_clear_begin_an_utterance(boundary: list[Event], expected: list[float]) -> None:
    """After a flush or a clear the first speed is due again."""
    talk = Conversation(Machine(inline_speeds=(2.0, 0.5)))
    talk.say("Say [one] now. ")
    talk.note(*boundary)
    talk.say("Say [two] now. ")
    assert speeds(talk) == expected


@pytest.mark.parametrize(("wait_s", "expected"), [(0.999, [2.0, 0.5]), (1.0, [2.0, 2.0])])
def test_silence_begins_an_utterance(wait_s: float, expected: list[float]) -> None:
    """Once the listener has heard all, and not before, the first speed is due again."""
    talk = Conversation(Machine(inline_speeds=(2.0, 0.5)))
    talk.say("Say [one] now. ")
    talk.send(1000)
    talk.wait(wait_s)
    talk.say("Say [two] now. ")
    assert speeds(talk) == expected


@pytest.mark.parametrize(("is_on", "said"), [(True, "One <200> two."), (False, "One two.")])
def test_pauses_are_read_or_dropped(is_on: bool, said: str) -> None:
    """``<200>`` is a pause where the client asked for pauses, and never read aloud."""
    talk = Conversation(Machine(pauses=is_on))
    talk.say("One <200> two. ")
    assert talk.said == [said]


# The other modes


def test_never_speaks_only_when_told() -> None:
    """With ``never`` no mark and no wait releases anything; a flush releases all as one."""
    talk = Conversation(Machine(SegmentMode.NEVER))
    assert talk.say("One two. Three four.\n", "Five, six. ") == []
    assert talk.wait(3600) == []
    assert describe(talk.note(Flush())) == ["speak 1: One two. Three four.\nFive, six."]


def test_immediate_speaks_whatever_comes() -> None:
    """With ``immediate`` text is spoken at once; what comes meanwhile is spoken next, as one."""
    talk = Conversation(Machine(SegmentMode.IMMEDIATE))
    assert describe(talk.say("One two")) == ["speak 1: One two"]
    assert talk.say(" three", " four") == []
    assert describe(talk.send(300)) == ["speak 2: three four"]
    assert describe(talk.send(300)) == ["deliver"]
