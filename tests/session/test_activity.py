"""How much of its time a caller's listener hears something: told by a clock that is set by hand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hoarfrost.session.activity import MEMORY, Caller, TalkShare
from hoarfrost.session.costs import VoiceCosts
from hoarfrost.session.events import FirstAudio, Interrupted, Sent, StepDone
from hoarfrost.units import Milliseconds, Seconds
from tests.session.test_costs import voice

FOREVER = 1e12
"""A memory that forgets nothing a test would notice."""


class Listener:
    """A caller, the talk of all, and a clock."""

    def __init__(self) -> None:
        self.now = 0.0
        self.everybody = TalkShare(FOREVER)
        self.costs = VoiceCosts()
        self.caller = Caller(
            self.costs.of(voice()),
            self.everybody,
            meter=self.costs.meter(voice()),
            clock=lambda: self.now,
        )

    def do(self, *deeds: tuple[float, str, float]) -> None:
        """Do things at times: send so many seconds, clear, or just look."""
        for at, what, seconds in deeds:
            self.now = at
            match what:
                case "send":
                    self.caller.sent(seconds * 1000)
                case "clear":
                    self.caller.cleared()
                case _:
                    self.caller.look(at)


@pytest.mark.parametrize(
    ("deeds", "talked", "hears"),
    [
        pytest.param([(10, "look", 0)], 0, False, id="silence"),
        pytest.param([(2, "send", 3), (10, "look", 0)], 3, False, id="one sentence"),
        pytest.param([(2, "send", 9), (10, "look", 0)], 8, True, id="not at its end yet"),
        pytest.param([(0, "send", 2), (0, "send", 2), (10, "look", 0)], 4, False, id="a burst"),
        pytest.param([(0, "send", 2), (1, "send", 2), (10, "look", 0)], 4, False, id="in time"),
        pytest.param([(0, "send", 2), (5, "send", 2), (10, "look", 0)], 4, False, id="a pause"),
        pytest.param([(0, "send", 9), (3, "clear", 0), (10, "look", 0)], 3, False, id="clear"),
        pytest.param(
            [(0, "send", 9), (3, "clear", 0), (4, "send", 1), (10, "look", 0)], 4, False, id="again"
        ),
        pytest.param([(5, "clear", 0), (10, "look", 0)], 0, False, id="nothing to clear"),
        pytest.param([(10, "send", 5)], 0, True, id="what is to come does not count"),
    ],
)
def test_talk_is_what_a_listener_hears(
    deeds: list[tuple[float, str, float]], talked: float, *, hears: bool
) -> None:
    """Audio counts as it is played, not as it is sent; what was cleared is not played."""
    listener = Listener()
    listener.do(*deeds)
    assert listener.everybody.lasted == pytest.approx(10)
    assert listener.everybody.talked == pytest.approx(talked, abs=1e-3)
    assert listener.caller.hears(listener.now) is hears
    assert listener.caller.has_spoken is any(what == "send" for _, what, _ in deeds)


DEEDS = st.lists(
    st.tuples(st.floats(0, 30), st.sampled_from(["send", "clear", "look"]), st.floats(0.01, 20)),
    min_size=1,
    max_size=12,
)


@given(DEEDS, st.lists(st.floats(0, 400), max_size=10))
def test_looking_changes_nothing(deeds: list[tuple[float, str, float]], looks: list[float]) -> None:
    """However often one looks, the share is the same; and it is one, from 0 to 1."""
    watched, alone = Listener(), Listener()
    at = 0.0
    script = []
    for wait, what, seconds in deeds:
        at += wait
        script.append((at, what, seconds))
    end = at + 1.0
    alone.do(*script, (end, "look", 0))
    seen = [(look, "look", 0.0) for look in looks if look < end]
    watched.do(*sorted([*script, *seen], key=lambda deed: deed[0]), (end, "look", 0))
    share = alone.caller.talk.talked / alone.caller.talk.lasted
    assert watched.caller.talk.talked == pytest.approx(alone.caller.talk.talked, abs=1e-6)
    assert watched.caller.talk.lasted == pytest.approx(alone.caller.talk.lasted)
    assert -1e-9 <= share <= 1 + 1e-9


@pytest.mark.parametrize(("silence", "share"), [(0, 1.0), (MEMORY, 0.368), (10 * MEMORY, 0.0)])
def test_what_is_long_ago_counts_less(silence: float, share: float) -> None:
    """Of an hour of talk, a minute of silence leaves a third, and ten leave nothing."""
    talk = TalkShare(MEMORY)
    talk.note(talked=3600, lasted=3600)
    talk.note(talked=0, lasted=silence)
    assert talk.talked / talk.lasted == pytest.approx(share, abs=1e-3)


@pytest.mark.parametrize(
    ("lasted", "share"),
    [(0.0, 0.4), (10.0, 0.7), (1e6, 1.0)],
)
def test_a_belief_yields_to_what_is_seen(lasted: float, share: float) -> None:
    """A prior counts as much as its strength in time."""
    talk = TalkShare(FOREVER)
    talk.note(talked=lasted, lasted=lasted)
    assert talk.blend(0.4, strength=10) == pytest.approx(share, abs=1e-4)


def test_work_and_audio_are_noted_for_the_voice() -> None:
    """What a caller costs and hears is added to what is known of its voice."""
    listener = Listener()
    listener.caller.worked(0.5, 2000)
    listener.caller.sent(1500)
    cost = listener.costs.of(voice())
    assert (cost.work, cost.audio, cost.sent, cost.value) == (0.5, 2.0, 1.5, pytest.approx(0.25))


def test_caller_listens_to_its_session() -> None:
    """Work, audio and interruptions are taken from its events; the rest is not its affair."""
    now = 100.0
    worked: list[tuple[Seconds, Milliseconds]] = []
    caller = Caller(
        VoiceCosts().of(voice()),
        TalkShare(MEMORY),
        meter=lambda work, audio_ms: worked.append((work, audio_ms)),
        clock=lambda: now,
    )
    for event in (StepDone("1", 0.01, 200.0), FirstAudio("1", 0.04), Sent("1", 200.0)):
        caller.listen(event)
    assert worked == [(0.01, 200.0)]
    assert (caller.has_spoken, caller.cost.sent) == (True, 0.2)
    assert caller.hears(now + 0.1)
    caller.listen(Interrupted("1"))
    assert not caller.hears(now + 0.1)
