"""Which step is next: the order itself, without clock or thread."""

import math
from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hoarfrost.session.step_queue import GUARD_S, PRESSING_RUN, StepQueue

NOW = 100.0
SOON = NOW + GUARD_S
"""Who runs dry then is just within the guard."""
LATER = math.nextafter(SOON, math.inf)
"""Who runs dry then is just beyond it."""

ORDERS = [
    pytest.param("", "", id="nothing waits"),
    pytest.param("a@0 b@0 c@0", "a b c", id="new speech of one caller: as asked for"),
    pytest.param("b@-1 a@-2 c@0", "a b c", id="new speech that was asked for earlier is earlier"),
    pytest.param("b@20 a@10 c@30", "a b c", id="far ahead: who runs dry first is first"),
    pytest.param("a@10 b@10", "a b", id="two who run dry together: as asked for"),
    pytest.param("c@later b@0 a@soon", "a b c", id="pressing, then new speech, then the rest"),
    pytest.param("b@0.05 a@0.01 c@soon", "a b c", id="pressing: who runs dry first is first"),
    pytest.param("p@.01 q@.02 r@.03 s@.04 n@0 m@0", "p q r n s m", id="new speech waits for three"),
    pytest.param("p@.01 q@.02 r@.03 s@.04 f@9", "p q r s f", id="a run nobody interrupts"),
    pytest.param("a@0 b@0 c@0 x/1@0 x/2@0", "a 1 b 2 c", id="callers take turns at new speech"),
    pytest.param("a@.01 b@.02 c@.03 x/1@.04", "a 1 b c", id="callers take turns when it presses"),
    pytest.param("a@9 b@8 x/1@10 y/2@7", "2 b a 1", id="no turns far ahead"),
    pytest.param("a@0 b@0 x/1@0 y/2@0 x/3@-5", "a 3 2 b 1", id="in its turn, a caller's earliest"),
]


@dataclass(frozen=True)
class Asked:
    """A step: ``name@seconds from now`` or ``caller/name@seconds``."""

    name: str
    caller: str
    due: float

    @classmethod
    def read(cls, notation: str) -> "Asked":
        step, moment = notation.split("@")
        caller, _, name = step.rpartition("/")
        due = {"soon": SOON, "later": LATER}.get(moment)
        return cls(name, caller, NOW + float(moment) if due is None else due)


def line_of(steps: list[Asked]) -> StepQueue[str]:
    line: StepQueue[str] = StepQueue()
    for step in steps:
        line.put(step.name, step.due, caller=step.caller, now=NOW)
    return line


def emptied(line: StepQueue[str], now: float = NOW) -> list[str]:
    names = []
    while (name := line.take(now)) is not None:
        names.append(name)
    return names


@pytest.mark.parametrize(("asked", "expected"), ORDERS)
def test_order(asked: str, expected: str) -> None:
    """Pressing steps are first, new speech second, the rest last; callers take turns."""
    line = line_of([Asked.read(notation) for notation in asked.split()])
    assert emptied(line) == expected.split()


def test_what_is_ahead_becomes_pressing_as_time_passes() -> None:
    """A step is told apart when it is taken, not when it was asked for."""
    line = line_of([Asked.read("ahead@9"), Asked.read("new@0")])
    assert line.take(NOW + 9 - GUARD_S) == "ahead"


def test_what_becomes_pressing_goes_before_what_presses_longer_but_is_due_later() -> None:
    """Among one caller's pressing steps the moment counts, not how long each was pressing."""
    line = line_of([Asked.read("b@.02"), Asked.read("c@.03")])
    line.put("a", NOW + 0.01, caller="", now=NOW)
    assert emptied(line) == ["a", "b", "c"]


def test_caller_who_was_served_is_last_in_the_round() -> None:
    """A caller who comes back at once does not overtake those whose turn has not come."""
    line = line_of([Asked.read(notation) for notation in ("x/1@0", "y/2@0", "y/3@0")])
    assert line.take(NOW) == "1"
    line.put("4", NOW, caller="x", now=NOW)
    assert emptied(line) == ["2", "4", "3"]


def test_new_speech_that_comes_during_a_long_run_is_next() -> None:
    """Pressing steps of before count: new speech does not wait for three more."""
    line = line_of([Asked(str(n), "", NOW + 0.01) for n in range(5)])
    assert [line.take(NOW) for _ in range(PRESSING_RUN + 1)] == ["0", "1", "2", "3"]
    line.put("new", NOW, caller="", now=NOW)
    assert emptied(line) == ["new", "4"]


unhurried = settings(deadline=None)
"""How long an example takes is a matter of what else the machine does."""

steps_asked_for = st.lists(
    st.builds(
        Asked,
        st.just(""),
        st.sampled_from("abc"),
        st.sampled_from([-3.0, -1.0, 0.0, 0.02, 0.05, 0.07, 0.5, 60.0]).map(NOW.__add__),
    ),
    max_size=40,
).map(lambda steps: [Asked(str(n), s.caller, s.due) for n, s in enumerate(steps)])


@unhurried
@given(steps_asked_for, st.floats(0, 100))
def test_every_step_is_taken_once(steps: list[Asked], after: float) -> None:
    """Nothing is lost, nothing is done twice, and the length tells what is left."""
    line = line_of(steps)
    assert len(line) == len(steps)
    names = emptied(line, NOW + after)
    assert sorted(names, key=int) == [step.name for step in steps]
    assert len(line) == 0


@unhurried
@given(steps_asked_for)
def test_own_order_is_kept(steps: list[Asked]) -> None:
    """What is one caller's and of one kind goes by its moment, then as it was asked for."""
    names = emptied(line_of(steps))
    for caller in "abc":
        for is_of_kind in (
            lambda s: s.due <= NOW,
            lambda s: NOW < s.due <= SOON,
            lambda s: s.due > SOON,
        ):
            own = [step for step in steps if step.caller == caller and is_of_kind(step)]
            expected = [step.name for step in sorted(own, key=lambda step: step.due)]
            assert [name for name in names if name in expected] == expected


@unhurried
@given(
    st.integers(0, 8),
    st.lists(st.lists(st.sampled_from(["new", "pressing", "ahead"]), max_size=6), max_size=120),
)
def test_new_speech_is_bounded_whatever_comes(n_before: int, arrivals: list[list[str]]) -> None:
    """Before new speech there are one step of each other key a turn, and three that press for each.

    Two other keys ask for as much as they like, of all kinds, while it waits.
    """
    line: StepQueue[str] = StepQueue()
    for _ in range(n_before):
        line.put("own", NOW, caller="me", now=NOW)
    line.put("me", NOW, caller="me", now=NOW)
    moments = {"new": 0.0, "pressing": 0.01, "ahead": 60.0}
    taken: list[str] = []
    n_asked = 0
    for kinds in [*arrivals, *[["new", "pressing"]] * 200]:
        for kind in kinds:
            n_asked += 1
            caller = f"other {n_asked % 2}"
            line.put(kind, NOW + moments[kind], caller=caller, now=NOW)
        step = line.take(NOW)
        assert step is not None
        if step == "me":
            break
        taken.append(step)
    n_new = taken.count("own") + taken.count("new")
    assert taken.count("own") == n_before
    assert n_new <= n_before + 2 * (n_before + 1)
    assert taken.count("pressing") <= PRESSING_RUN * (n_new + 1)
    assert taken.count("ahead") == 0


@unhurried
@given(
    st.integers(0, 5),
    st.lists(st.lists(st.sampled_from(["new", "pressing"]), max_size=6), max_size=60),
)
def test_pressing_step_is_bounded_whatever_comes(n_run: int, arrivals: list[list[str]]) -> None:
    """Before a pressing step there is one of each other key, and one of new speech in between.

    Two other keys ask for as much as they like while it waits, after any run of pressing steps.
    """
    line: StepQueue[str] = StepQueue()
    for _ in range(n_run):
        line.put("", NOW + 0.01, caller="", now=NOW)
        line.take(NOW)
    line.put("me", NOW + 0.05, caller="me", now=NOW)
    taken: list[str] = []
    for n, kinds in enumerate([*arrivals, *[["new", "pressing"]] * 10]):
        for kind in kinds:
            due = NOW if kind == "new" else NOW + 0.01
            line.put(kind, due, caller=f"other {n % 2}", now=NOW)
        step = line.take(NOW)
        assert step is not None
        if step == "me":
            break
        taken.append(step)
    assert taken.count("pressing") <= 2
    assert taken.count("new") <= 1


STEP_S = 0.02
arrivals_while_a_step_is_done = st.lists(
    st.tuples(st.sampled_from(["own key", "other key"]), st.sampled_from([0.0, 0.09, 0.35, 5.0])),
    max_size=4,
)


@unhurried
@given(st.floats(0.1, 3), st.lists(arrivals_while_a_step_is_done, max_size=200))
def test_nothing_starves(due_in: float, arrivals: list[list[tuple[str, float]]]) -> None:
    """A step far ahead is done after those of its key due before it, however great the overload.

    At least four steps are asked for while one is done, half of them by its own key.
    """
    line: StepQueue[str] = StepQueue()
    line.put("me", NOW + due_in, caller="own key", now=NOW)
    n_earlier = n_steps = 0
    now, step = NOW, None
    flood = [("own key", 0.0), ("own key", 0.09), ("other key", 0.0), ("other key", 0.09)]
    while step != "me":
        for caller, ahead_s in [*flood, *(arrivals[n_steps] if n_steps < len(arrivals) else ())]:
            line.put("other", now + ahead_s, caller=caller, now=now)
            n_earlier += caller == "own key" and ahead_s > 0 and now + ahead_s <= NOW + due_in
        step = line.take(now)
        n_steps += 1
        now += STEP_S
        n_until_pressing = due_in / STEP_S
        # Two keys take turns, and new speech has every fourth step.
        assert n_steps <= n_until_pressing + (n_earlier + 1) * 2 * 4 / 3 + 2
