"""Listeners and cores on a simulated clock, over the scheduler's own order (`StepQueue`).

Steps cost and give what those of a natural voice do; listeners play in real time what they get.
Nothing here is a thread or waits: a minute of fifty listeners takes a fraction of a second.
"""

import heapq
import itertools
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from hoarfrost.session.step_queue import GUARD_S, StepQueue
from hoarfrost.units import Seconds


@dataclass(frozen=True, slots=True)
class Step:
    """What a step takes of a core, and what it gives to the listener."""

    cost_s: Seconds
    audio_s: Seconds


FIRST_WINDOW = Step(0.035, 0.093)
LATER_WINDOW = Step(0.020, 0.350)
LONGEST_S = FIRST_WINDOW.cost_s


def sentence(n_later: int) -> list[Step]:
    """Return the steps of a sentence."""
    return [FIRST_WINDOW] + [LATER_WINDOW] * n_later


@dataclass(frozen=True, slots=True)
class Turn:
    """Text that a listener asks for in one go, and the silence before it."""

    silence_s: Seconds
    sentences: tuple[int, ...]

    @property
    def steps(self) -> list[Step]:
        return [step for n_later in self.sentences for step in sentence(n_later)]

    @property
    def demand(self) -> float:
        """How many cores it keeps busy while it is heard."""
        return sum(s.cost_s for s in self.steps) / sum(s.audio_s for s in self.steps)


@dataclass(slots=True)
class Wait:
    """A step's way through the line: what it was, when it came, when and as which it began."""

    step: Step
    listener: "Listener"
    due: Seconds
    asked_at: Seconds
    is_new: bool
    began_at: Seconds = float("inf")
    rank: int = -1

    @property
    def pressed_at(self) -> Seconds:
        """When it began to matter."""
        return self.asked_at if self.is_new else max(self.asked_at, self.due - GUARD_S)

    def kind(self) -> str:
        """Return which kind of step it was when it began."""
        if self.is_new:
            return "new"
        return "pressing" if self.began_at + GUARD_S >= self.due else "ahead"


@dataclass(slots=True)
class Listener:
    """Someone who asks for speech and hears it.

    Attributes:
        caller: Whose listener.
        turns: What to ask for, each when the last one was heard and its silence is over.
        lookahead_s: No step is asked for that would begin further ahead of what is heard.
        first_audio_s: For each turn, the time from asking to hearing.
        gaps_s: For each window that came late inside a turn, how late.
        heard_s: All audio that came.
    """

    caller: str
    turns: Iterator[Turn]
    lookahead_s: Seconds = float("inf")
    first_audio_s: list[Seconds] = field(default_factory=list)
    gaps_s: list[Seconds] = field(default_factory=list)
    heard_s: Seconds = 0.0
    demand: float = 0.0
    dry_at: Seconds = float("-inf")
    asked_at: Seconds = 0.0
    steps: deque[Step] = field(default_factory=deque)


class Simulation:
    """Cores at work for listeners.

    Args:
        n_cores: How many.
        listeners: Who asks for speech.
        demand_limit: How many cores the speech that is being heard may need; a turn that would go
            beyond it stays silent for a while longer.

    Attributes:
        now: The simulated time.
        demand: How many cores the speech that is being heard needs.
        waits: Every step asked for, in the order in which it was.
        begun: Those that began, in the order in which they did.
    """

    def __init__(
        self, n_cores: int, listeners: list[Listener], *, demand_limit: float = float("inf")
    ) -> None:
        self.now: Seconds = 0.0
        self.waits: list[Wait] = []
        self.begun: list[Wait] = []
        self.demand = 0.0
        self._demand_limit = demand_limit
        self._n_idle = n_cores
        self._line: StepQueue[Wait] = StepQueue()
        self._events: list[tuple[Seconds, int, Callable[[], None]]] = []
        self._numbers = itertools.count()
        for listener in listeners:
            self._await_turn(listener)

    def run(self, until: Seconds) -> None:
        """Let time pass."""
        while self._events and self._events[0][0] <= until:
            self.now = self._events[0][0]
            # All that happens at a moment has happened before a core chooses.
            while self._events and self._events[0][0] == self.now:
                heapq.heappop(self._events)[2]()
            self._begin_steps()

    def _at(self, moment: Seconds, happen: Callable[[], None]) -> None:
        heapq.heappush(self._events, (moment, next(self._numbers), happen))

    def _await_turn(self, listener: Listener) -> None:
        turn = next(listener.turns, None)
        if turn is not None:
            self._at(self.now + turn.silence_s, lambda: self._begin_turn(listener, turn))

    def _begin_turn(self, listener: Listener, turn: Turn) -> None:
        if self.demand + turn.demand > self._demand_limit:
            self._at(self.now + 1.0, lambda: self._begin_turn(listener, turn))
            return
        self.demand += turn.demand
        listener.asked_at = self.now
        listener.demand = turn.demand
        listener.steps.extend(turn.steps)
        self._ask(listener)

    def _ask(self, listener: Listener) -> None:
        due = max(listener.dry_at, listener.asked_at)
        step = listener.steps.popleft()
        wait = Wait(step, listener, due, self.now, is_new=due <= self.now)
        self.waits.append(wait)
        self._line.put(wait, due, caller=listener.caller, now=self.now)

    def _begin_steps(self) -> None:
        while self._n_idle and (wait := self._line.take(self.now)) is not None:
            self._n_idle -= 1
            wait.began_at, wait.rank = self.now, len(self.begun)
            self.begun.append(wait)
            self._at(self.now + wait.step.cost_s, lambda wait=wait: self._end(wait))
        assert not (self._n_idle and len(self._line)), "expected no core idle while a step waits"

    def _end(self, wait: Wait) -> None:
        self._n_idle += 1
        listener = wait.listener
        if listener.dry_at <= listener.asked_at:
            listener.first_audio_s.append(self.now - listener.asked_at)
        elif self.now > listener.dry_at:
            listener.gaps_s.append(self.now - listener.dry_at)
        listener.dry_at = max(self.now, listener.dry_at) + wait.step.audio_s
        listener.heard_s += wait.step.audio_s
        if listener.steps:
            ask_at = max(self.now, listener.dry_at - listener.lookahead_s)
            self._at(ask_at, lambda: self._ask(listener))
        else:
            self._at(listener.dry_at, lambda: self._end_turn(listener))

    def _end_turn(self, listener: Listener) -> None:
        self.demand -= listener.demand
        self._await_turn(listener)
