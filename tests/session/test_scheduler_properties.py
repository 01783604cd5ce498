"""What callers may rely on, proven on a simulated clock over the scheduler's own order."""

import math
from collections.abc import Callable, Iterator
from itertools import count, takewhile
from random import Random

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from hoarfrost.session.capacity import Demand
from hoarfrost.session.step_queue import GUARD_S, PRESSING_RUN
from hoarfrost.units import Seconds
from tests.session.listeners import (
    FIRST_WINDOW,
    LATER_WINDOW,
    LONGEST_S,
    Listener,
    Simulation,
    Turn,
    Wait,
)

BOOK = (15,) * 12
"""Sentences that do not end while a test lasts."""

few = settings(deadline=None, max_examples=15, phases=[Phase.explicit, Phase.generate])
"""Each example is a crowd for half a minute. A smaller seed is not a simpler crowd."""

n_cores = st.sampled_from([1, 2, 4])
seeds = st.integers(0, 2**32)
lookaheads = st.sampled_from([0.3, 0.5, 1.0, math.inf])


def reader(caller: str, *, begins_at: Seconds = 0.0, lookahead_s: Seconds = 0.5) -> Listener:
    """Return someone who listens on and on."""
    return Listener(caller, iter([Turn(begins_at, BOOK)]), lookahead_s)


def talker(caller: str, rng: Random, *, share: float, lookahead_s: Seconds) -> Listener:
    """Return someone in conversation, or (share 1) who asks for more as soon as all was heard."""

    def turns() -> Iterator[Turn]:
        silence_s = rng.uniform(0, 7 / share)
        while True:
            sentences = tuple(rng.randint(2, 18) for _ in range(rng.randint(1, 3)))
            yield Turn(silence_s, sentences)
            silence_s = rng.expovariate(1 / 7) * (1 - share) / share

    return Listener(caller, turns(), lookahead_s)


def newcomers(callers: list[str], *, at: Seconds) -> list[Listener]:
    """Return people who ask for one sentence each, all at one moment."""
    return [Listener(caller, iter([Turn(at, (8,))])) for caller in callers]


def gaps_of(listeners: list[Listener]) -> list[Seconds]:
    return [gap for listener in listeners for gap in listener.gaps_s]


def first_audio_of(listeners: list[Listener]) -> list[Seconds]:
    return [delay for listener in listeners for delay in listener.first_audio_s]


def begun_while_waiting(wait: Wait, simulation: Simulation) -> list[Wait]:
    """Return the steps that began between the moment from which a step mattered and its own."""
    before = reversed(simulation.begun[: wait.rank])
    return list(takewhile(lambda other: other.began_at >= wait.pressed_at, before))


# Nobody underruns while capacity suffices.


@few
@given(n_cores, seeds, lookaheads, st.sampled_from([1, 2, 5, 100]), st.sampled_from([0.3, 0.6, 1]))
def test_nobody_hears_a_gap_at_85_percent(
    n_cores: int, seed: int, lookahead_s: Seconds, n_keys: int, share: float
) -> None:
    """Readers and conversations that come and go at random are all served without a gap.

    What is being heard needs 85 % of the cores at most; more people than that are there, and some
    wait with their turn.
    """
    rng = Random(seed)  # noqa: S311 -- a crowd, not a secret
    n_listeners = round(0.85 * n_cores / (share * 0.066))
    listeners = [
        talker(str(rng.randrange(n_keys)), rng, share=share, lookahead_s=lookahead_s)
        for _ in range(n_listeners)
    ]
    simulation = Simulation(n_cores, listeners, demand_limit=0.85 * n_cores)
    simulation.run(30)
    assert gaps_of(listeners) == []
    busy_s = sum(wait.step.cost_s for wait in simulation.begun)
    assert busy_s > 0.5 * 30 * n_cores, "expected a load worth the name"


@few
@given(n_cores, seeds, st.sampled_from([1, 3, 100]))
def test_nobody_hears_a_gap_among_as_many_conversations_as_are_let_in(
    n_cores: int, seed: int, n_keys: int
) -> None:
    """Admission reckons with some more than the mean of those who talk, not with the most.

    So there are moments at which what is heard needs more than all cores; by then enough was made.
    """
    cost = 0.066
    n_callers = next(
        n
        for n in count()
        if Demand().plus(cost, 0.3, n=n + 1).needed > 0.95 * n_cores  # as many as there is room for
    )
    rng = Random(seed)  # noqa: S311 -- a crowd, not a secret
    listeners = [
        talker(str(rng.randrange(n_keys)), rng, share=0.3, lookahead_s=math.inf)
        for _ in range(n_callers)
    ]
    simulation = Simulation(n_cores, listeners)
    simulation.run(60)
    assert gaps_of(listeners) == []
    busy_s = sum(wait.step.cost_s for wait in simulation.begun)
    assert busy_s > 0.45 * 60 * n_cores, "expected a load worth the name"


@pytest.mark.parametrize("caller", [lambda n: "", str], ids=["one key", "a key each"])
@pytest.mark.parametrize("n_callers", [1, 2, 4, 8, 12, 16])
def test_nobody_hears_a_gap_when_many_begin_at_once(
    n_callers: int, caller: Callable[[int], str]
) -> None:
    """Of up to eight new callers a core at one moment, the first ones are not stopped by the last.

    Each has 93 ms to hear when the next window is asked for; taken in turn by deadline alone, the
    first windows of eight callers on two cores stop the first one for 32 ms, of sixteen for 172 ms.
    """
    listeners = newcomers([caller(n) for n in range(n_callers)], at=1.0)
    Simulation(2, listeners).run(30)
    assert gaps_of(listeners) == []
    worst_s = (FIRST_WINDOW.cost_s + LATER_WINDOW.cost_s) * math.ceil(n_callers / 2)
    assert max(first_audio_of(listeners)) <= worst_s


# New callers' first audio.


@few
@given(n_cores, seeds, st.integers(1, 20), lookaheads)
def test_first_audio_waits_for_nothing_far_ahead(
    n_cores: int, seed: int, n_new: int, lookahead_s: Seconds
) -> None:
    """New speech waits for a step a core, first windows before it, and those who run dry.

    Of the last, for three at most in between. Newcomers, each of a key of their own, come to cores
    that are busy with readers all the time.
    """
    rng = Random(seed)  # noqa: S311 -- a crowd, not a secret
    readers = [reader("", lookahead_s=math.inf) for _ in range(3 * n_cores)]
    readers += [reader("", lookahead_s=lookahead_s) for _ in range(3 * n_cores)]
    late = [newcomers([str(n)], at=rng.uniform(4, 5 if seed % 2 else 4.2))[0] for n in range(n_new)]
    simulation = Simulation(n_cores, [*readers, *late])
    simulation.run(8)
    firsts = [wait for wait in simulation.begun if wait.is_new and wait.asked_at > 1]
    assert len(firsts) >= n_new
    for wait in firsts:
        before = begun_while_waiting(wait, simulation)
        kinds = [other.kind() for other in before]
        n_before = kinds.count("new")
        assert kinds.count("ahead") == 0
        assert all(other.asked_at <= wait.asked_at for other in before if other.is_new)
        assert kinds.count("pressing") <= PRESSING_RUN * (n_before + 1)
        work_s = sum(other.step.cost_s for other in before)
        assert wait.began_at - wait.asked_at <= LONGEST_S + work_s / n_cores + 1e-9


@pytest.mark.parametrize("n_before", [0, 1, 5, 50])
@pytest.mark.parametrize("n_cores", [1, 2, 4])
def test_first_audio_is_one_step_when_another_key_has_a_queue(n_cores: int, n_before: int) -> None:
    """Before a key's only caller come the steps under way and one of the other key, not fifty."""
    crowd = newcomers(["crowd"] * n_before, at=1.0)
    [alone] = newcomers(["alone"], at=1.001)
    Simulation(n_cores, [*crowd, alone]).run(30)
    # Under way, one of the crowd's turn, and one that presses meanwhile: in that order on one core.
    assert alone.first_audio_s[0] <= FIRST_WINDOW.cost_s + 3 * LONGEST_S


# Fairness, and nothing starves.


@few
@given(n_cores, seeds, st.sampled_from([0.3, 1]), st.booleans())
def test_overload_by_one_key_is_not_heard_by_another(
    n_cores: int, seed: int, share: float, is_talker: bool
) -> None:
    """A key that asks for twice what there is and more does not stop another key's listener.

    On one core, two keys' turns and one of new speech take longer than the guard: what that gives
    is the longest gap. With two cores or more there is hardly any.
    """
    rng = Random(seed)  # noqa: S311 -- a crowd, not a secret
    n_crowd = round(rng.uniform(2, 4) * 15 * n_cores / share)
    crowd = [talker("crowd", rng, share=share, lookahead_s=0.5) for _ in range(n_crowd)]
    if is_talker:
        lone = talker("lone", rng, share=0.3, lookahead_s=math.inf)
    else:
        lone = reader("lone", begins_at=5.0)
    simulation = Simulation(n_cores, [*crowd, lone])
    simulation.run(25)
    assert sum(gaps_of(crowd)) > 0.5 * sum(listener.heard_s for listener in crowd)
    # In the way at worst: a step under way, one turn of the crowd, one of new speech.
    worst_s = LONGEST_S * (math.ceil(3 / n_cores) + 1)
    assert max(lone.gaps_s, default=0.0) <= max(0.0, worst_s - GUARD_S)
    if n_cores > 1:
        assert sum(lone.gaps_s) <= 0.01 * lone.heard_s
    # New speech has one step in four, and the keys take turns at it.
    n_steps = 2 * (PRESSING_RUN + 1)
    assert max(lone.first_audio_s) <= LONGEST_S * (math.ceil(n_steps / n_cores) + 2)


@few
@given(n_cores, seeds, st.integers(25, 50))
def test_nothing_starves_in_an_overload(n_cores: int, seed: int, n_listeners: int) -> None:
    """With twice what the cores can do, all within one key, everybody still gets speech.

    A step waits for no more than all others of its key, while one step in four is new speech.
    """
    rng = Random(seed)  # noqa: S311 -- a crowd, not a secret
    everybody = [
        reader("", begins_at=rng.uniform(0, 3), lookahead_s=rng.choice([0.3, 0.5, 1.0]))
        for _ in range(n_listeners * n_cores)
    ]
    simulation = Simulation(n_cores, everybody)
    simulation.run(25)
    worst_s = LONGEST_S * (PRESSING_RUN + 1) * (n_listeners + 1)
    assert all(min(wait.began_at, 25.0) - wait.pressed_at <= worst_s for wait in simulation.waits)
    heard = [listener.heard_s for listener in everybody]
    assert min(heard) > 0.5 * sum(heard) / len(heard)


# Work far ahead.


@few
@given(n_cores, seeds, st.integers(1, 10))
def test_work_far_ahead_delays_nobody(n_cores: int, seed: int, n_far: int) -> None:
    """A step that matters is delayed by work far ahead for no more than one step a core."""
    rng = Random(seed)  # noqa: S311 -- a crowd, not a secret
    far = [reader(str(n), lookahead_s=math.inf) for n in range(n_far)]
    others = [
        talker(str(rng.randrange(3)), rng, share=0.5, lookahead_s=0.05) for _ in range(8 * n_cores)
    ]
    simulation = Simulation(n_cores, [*far, *others])
    simulation.run(15)
    far_ahead = [wait for wait in simulation.begun if wait.kind() == "ahead"]
    due = [wait for wait in simulation.begun if wait.kind() != "ahead"]
    assert len(far_ahead) > 30
    assert len(due) > 30
    for wait in due:
        # Nothing far ahead began after it mattered: what delays it was under way by then.
        kinds = [other.kind() for other in begun_while_waiting(wait, simulation)]
        assert "ahead" not in kinds
