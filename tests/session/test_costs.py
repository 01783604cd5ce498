"""What voices cost: exact where nothing changes, and soon right again where something does."""

import threading
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hoarfrost.session.costs import ENOUGH, GUESS, LOADING, MEMORY, VoiceCost, VoiceCosts
from hoarfrost.synthesis.voice import Gender, Voice

STEPS = st.lists(st.floats(0.001, 4000), min_size=1, max_size=40)
"""Audio of steps, in milliseconds."""


def voice(name: str = "anna", engine: str = "one") -> Voice:
    return Voice(name, engine, ("en-US",), Gender.NEUTRAL, "Speaks.", 22_050, "CC0-1.0")


def cost_after(*steps: tuple[float, float], guess: float = GUESS, busy: float = 1.0) -> VoiceCost:
    """Return the cost after steps of so many seconds, for so many milliseconds of audio."""
    cost = VoiceCost(voice(), guess=guess)
    for work, audio_ms in steps:
        cost.note(work, audio_ms, busy=busy)
    return cost


@pytest.mark.parametrize(
    ("steps", "value"),
    [
        pytest.param([], 0.1, id="nothing: the guess"),
        pytest.param([(0.1, 500)], 0.15, id="half of what is enough: half the guess"),
        pytest.param([(0.2, 1000)], 0.2, id="hardly any of it"),
        pytest.param([(0.02, 100), (2, 10_000)], 0.2, id="always the same"),
        pytest.param([(0.1, 0), (0.1, 1000)], 0.2, id="work without audio counts"),
        pytest.param([(9, 0), (0.05, 1000)], 0.54, id="loading counts as half a second"),
        pytest.param([(1.5, 10_000)], 0.15, id="a long step for much audio is work"),
        pytest.param([(30, 10_000)], 2.0, id="beyond twice its audio it is not"),
    ],
)
def test_a_cost_is_work_over_audio(steps: Sequence[tuple[float, float]], value: float) -> None:
    """The cost is what steps took per second of audio; a guess fills up what is missing."""
    assert cost_after(*steps).value == pytest.approx(value, rel=0.05)


@given(STEPS, st.floats(0.001, 2), st.floats(0.001, 5), st.floats(0.1, 1))
def test_an_even_cost_is_known_exactly(
    steps: list[float], value: float, guess: float, busy: float
) -> None:
    """Once there was enough audio, a voice that always costs the same costs that."""
    steps = [*steps, 1000 * ENOUGH, 1000 * ENOUGH]
    cost = cost_after(*((value * ms / 1000, ms) for ms in steps), guess=guess, busy=busy)
    assert cost.is_measured
    assert cost.value == pytest.approx(value)


@given(STEPS, STEPS, st.integers(1, 5))
def test_cutting_steps_changes_nothing(first: list[float], second: list[float], n: int) -> None:
    """A step and the same in parts leave the same cost behind."""
    whole = [(0.03 * ms / 1000, ms) for ms in first] + [(0.2 * ms / 1000, ms) for ms in second]
    parts = [(work / n, ms / n) for work, ms in whole for _ in range(n)]
    assert cost_after(*parts).value == pytest.approx(cost_after(*whole).value)


def test_a_slower_machine_is_noticed() -> None:
    """After `MEMORY` of audio two thirds of a change are known, after three times that all but 5 %.

    The fraction is that of every exponential mean, 1 - 1/e.
    """
    cost = cost_after(*[(0.05, 1000)] * 100)
    for _ in range(round(MEMORY)):
        cost.note(0.1, 1000)
    assert cost.value == pytest.approx(0.05 + 0.05 * 0.632, rel=0.01)
    for _ in range(2 * round(MEMORY)):
        cost.note(0.1, 1000)
    assert cost.value == pytest.approx(0.1 - 0.05 * 0.0498, rel=0.01)


def test_what_was_seen_under_load_outlasts_idle_hours() -> None:
    """A caller who has the machine for himself makes less of the busy times forgotten."""
    alone, together = (cost_after(*[(0.1, 1000)] * 100) for _ in range(2))
    for _ in range(20):
        alone.note(0.05, 1000, busy=0.25)
        together.note(0.05, 1000)
    assert together.value == pytest.approx(0.05 + 0.05 * 0.368, rel=0.01)
    assert alone.value == pytest.approx(0.05 + 0.05 * 0.939, rel=0.01)


def test_all_that_was_done_is_counted() -> None:
    """Totals hold all work and audio, loading included."""
    cost = cost_after((2 + LOADING, 0), (0.5, 2000), (0.25, 500))
    assert (cost.work, cost.audio) == (3.25, 2.5)


def test_an_unknown_voice_is_like_its_dearest_relative() -> None:
    """A voice that never spoke is taken for the dearest one measured of its engine."""
    costs = VoiceCosts()
    for name, work in (("anna", 0.2), ("bert", 0.3)):
        costs.of(voice(name)).note(2 * work, 2000)
    costs.of(voice("carl")).note(0.5, 100)
    assert costs.of(voice("dora")).value == pytest.approx(0.3)
    assert costs.of(voice("emil", engine="two")).value == GUESS
    assert [cost.voice.name for cost in costs.all()] == ["anna", "bert", "carl", "dora", "emil"]
    assert [cost.voice.name for cost in costs.measured()] == ["anna", "bert"]
    assert costs.of(voice("anna")) is costs.all()[0]


def test_meters_are_told_on_any_thread() -> None:
    """Nothing is lost when several workers note steps of one voice at the same time."""
    costs = VoiceCosts(busy=lambda: 0.5)
    meter = costs.meter(voice())

    def work() -> None:
        for _ in range(2000):
            meter(0.5, 1000)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    cost = costs.of(voice())
    assert (cost.work, cost.audio) == (4000.0, 8000.0)
    assert cost.value == pytest.approx(0.5)
