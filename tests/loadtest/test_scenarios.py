"""Callers against a virtual server: every figure is what the server was told to be."""

from dataclasses import replace
from itertools import pairwise

import pytest

from hoarfrost.loadtest.plan import Plan, Scenario
from hoarfrost.loadtest.texts import Texts
from hoarfrost.loadtest.turn import NO_AUDIO, STALLED, TEXT_FRAME
from tests.loadtest.conftest import Load
from tests.loadtest.virtual_server import VirtualServer

# Without a comma a clause is a sentence, which is what the virtual server cuts at.
TEXTS = Texts(
    (
        "The parcel left Dover this morning and should be with you on Friday.",
        "That works for me. I will see you at noon then.",
        "Nobody has picked up the report yet so I asked Maria to call you back about it. Is that "
        "all right with you? Then I wish you a very good day.",
    )
)
CONVERSATION = Plan(callers=5, duration_s=30, interrupted=0.0, texts=TEXTS)
CONTINUOUS = Plan(Scenario.CONTINUOUS, callers=4, duration_s=30, interrupted=0.0, texts=TEXTS)
BURST = Plan(Scenario.BURST, callers=6, duration_s=20, interrupted=0.0, texts=TEXTS)
SCENARIOS = [CONVERSATION, CONTINUOUS, BURST]

FAULTS = [
    ({"is_mute": True}, NO_AUDIO),
    ({"says": "hello"}, TEXT_FRAME),
    ({"closes": 1011}, "closed 1011"),
    ({"is_down": True}, "unreachable"),
    ({"gap_at": 2, "gap": 60.0}, STALLED),
]


def name_of(value: object) -> str:
    return value.scenario.value if isinstance(value, Plan) else str(value)


@pytest.mark.parametrize("plan", SCENARIOS, ids=name_of)
def test_a_good_server_has_perfect_figures(load: Load, plan: Plan) -> None:
    """All succeeds, no listener runs dry, and the first byte comes after the server's delay."""
    figures, outcome = load(VirtualServer(delay=0.125), plan)
    assert (figures.success, figures.failures) == (1.0, {})
    assert (figures.gaps.n_underruns, figures.gaps.n_starved) == (0, 0)
    assert (figures.n_unasked_bytes, figures.n_split_frames, figures.n_refusals) == (0, 0, 0)
    assert figures.latencies.ttfa.n >= plan.callers
    assert figures.latencies.ttfa.at(1) == pytest.approx(125)
    assert figures.latencies.ttfa.at(100) == pytest.approx(125)
    assert figures.latencies.ttfa_audible.at(100) == pytest.approx(125)
    assert outcome.wall_s < plan.ramp_s + plan.duration_s + 30


@pytest.mark.parametrize("plan", SCENARIOS, ids=name_of)
@pytest.mark.parametrize(("fault", "failure"), FAULTS, ids=name_of)
def test_a_fault_is_told_by_its_name(
    load: Load, plan: Plan, fault: dict[str, object], failure: str
) -> None:
    """Whatever a server does wrong, the run ends, nothing succeeds, and the failure is counted."""
    figures, _ = load(VirtualServer(), replace(plan, duration_s=15), **fault)
    assert figures.success == 0.0
    assert set(figures.failures) == {failure}
    assert figures.n_turns == figures.n_failed > 0


def test_a_conversation_that_the_server_ends_has_failed(load: Load) -> None:
    """A clean close that nobody asked for is a failure too."""
    figures, _ = load(VirtualServer(), replace(CONVERSATION, duration_s=20), closes=1000)
    assert set(figures.failures) == {"closed 1000"}
    assert figures.success == 0.0


def test_turns_without_audio_have_an_infinite_latency(load: Load) -> None:
    """What never comes is not left out of the percentiles."""
    figures, _ = load(VirtualServer(), CONVERSATION, is_mute=True)
    assert figures.latencies.ttfa.n == figures.latencies.ttfa_audible.n > 0
    assert figures.latencies.ttfa.at(1) == float("inf")


def test_silence_ahead_of_speech_delays_the_first_sound(load: Load) -> None:
    """The first sound comes as much later than the first byte as there is silence before it."""
    figures, _ = load(VirtualServer(delay=0.125, silence_ms=250), CONVERSATION)
    assert figures.latencies.ttfa.at(100) == pytest.approx(125)
    assert figures.latencies.ttfa_audible.at(1) == pytest.approx(375)
    assert figures.latencies.ttfa_audible.at(100) == pytest.approx(375)


@pytest.mark.parametrize("plan", SCENARIOS, ids=name_of)
def test_a_pause_of_the_server_is_an_underrun(load: Load, plan: Plan) -> None:
    """Each turn whose first sentence is held up runs dry once, for as long as it was."""
    # Three chunks of 100 ms have come when it stops: it runs dry 270 ms later.
    server = VirtualServer(chunk_every=0.01)
    figures, outcome = load(server, plan, gap_at=3, gap=1.03)
    turns = [turn for turn in outcome.journal.turns if turn.n_underruns]
    assert figures.success == 1.0
    assert figures.gaps.n_callers == plan.callers
    assert turns
    for turn in turns:
        first = turn.gaps[0]
        assert turn.first_byte_at is not None
        assert first.at == pytest.approx(turn.first_byte_at + 0.3)
        assert first.lasted == pytest.approx(1.03 + 0.02 - 0.3)


def test_late_audio_belongs_to_the_turn_that_it_is_of(load: Load) -> None:
    """A turn that goes on within the pause after it was not over: it ran dry."""
    figures, outcome = load(VirtualServer(), replace(CONVERSATION, callers=3), gap_at=20, gap=3.2)
    late = [turn for turn in outcome.journal.turns if turn.n_underruns]
    assert figures.success == 1.0
    assert late
    assert all(turn.gaps[0].lasted > 1 for turn in late)


def test_text_that_comes_too_slowly_is_not_the_servers_fault(load: Load) -> None:
    """A listener who runs dry because the next sentence is still being written is counted apart."""
    plan = replace(CONVERSATION, tokens_per_second=2)
    figures, _ = load(VirtualServer(), plan)
    assert figures.gaps.n_underruns == 0
    assert figures.gaps.n_starved > 0


@pytest.mark.parametrize("talking", [0.2, 0.5])
def test_callers_listen_for_their_share_of_the_time(load: Load, talking: float) -> None:
    """From the start of the measured time they hear speech for about as much as was asked for."""
    plan = replace(CONVERSATION, callers=40, talking=talking, duration_s=20)
    figures, _ = load(VirtualServer(delay=0.02), plan)
    assert figures.listening == pytest.approx(talking, rel=0.2)
    assert figures.throughput == pytest.approx(40 * figures.listening, rel=0.2)


def test_continuous_listeners_always_hear_something(load: Load) -> None:
    """They listen for all but the time it takes to begin."""
    figures, _ = load(VirtualServer(delay=0.05), CONTINUOUS)
    assert figures.listening == pytest.approx(1.0, abs=0.03)


def test_bursts_come_at_one_moment(load: Load) -> None:
    """In a burst all texts are sent at the same moment, on connections that are open already."""
    server = VirtualServer()
    _, outcome = load(server, BURST)
    moments = sorted(turn.sent_at for turn in outcome.journal.turns)
    assert len(moments) % BURST.callers == 0
    assert len(set(moments)) == len(moments) // BURST.callers > 1


def test_callers_start_within_the_ramp(load: Load) -> None:
    """All are there when measuring begins, and not more than were asked for."""
    server = VirtualServer()
    _, outcome = load(server, CONTINUOUS)
    first = {call.caller: call for call in reversed(outcome.journal.calls)}
    assert len(first) == server.most_open == CONTINUOUS.callers
    assert all(call.dialled_at < outcome.journal.measured_from for call in first.values())


def test_a_busy_server_is_not_a_failing_one(load: Load) -> None:
    """Refusals are counted apart from failures, and callers come back after Retry-After."""
    figures, outcome = load(VirtualServer(), CONVERSATION, room=2)
    assert figures.success == 1.0
    assert figures.n_refusals > 1
    assert figures.n_callers_refused >= 2
    assert figures.retry_after == (3.0, 3.0)
    by_caller: dict[int, list[float]] = {}
    for refusal in outcome.journal.refusals:
        by_caller.setdefault(refusal.caller, []).append(refusal.at)
    waits = [
        later - earlier for moments in by_caller.values() for earlier, later in pairwise(moments)
    ]
    assert min(waits) >= 3.0


def test_a_refusal_without_a_time_is_waited_for_as_well(load: Load) -> None:
    """Without Retry-After a caller comes back after a second or more."""
    plan = replace(CONTINUOUS, callers=2, duration_s=10)
    figures, _ = load(VirtualServer(), plan, room=0, retry_after=None)
    assert figures.success is None
    assert 10 <= figures.n_refusals <= 30
    assert figures.retry_after is None


def test_the_seed_decides_everything(load: Load) -> None:
    """The same seed gives the same run, another one another."""
    plan = replace(CONVERSATION, interrupted=0.3, texts=Texts(), duration_s=30)
    runs = []
    for seed in (1, 1, 2):
        server = VirtualServer()
        _, outcome = load(server, replace(plan, seed=seed))
        runs.append((server.texts, outcome.journal.turns))
    assert runs[0] == runs[1]
    assert runs[0][0] != runs[2][0]


def test_built_in_texts_hardly_repeat(load: Load) -> None:
    """A server that remembers what it has spoken gains nothing."""
    server = VirtualServer()
    load(server, replace(BURST, callers=20, texts=Texts()))
    assert len(set(server.texts)) > 0.95 * len(server.texts) > 50
