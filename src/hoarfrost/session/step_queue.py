"""The queue of steps of work that wait for a worker, by deadline and in turns.

In: steps, each with whose it is and when its playback buffer is empty. Out: the one to do now.
Invariant: each step is taken after finitely many others, whatever else is asked for meanwhile.

Earliest deadline first keeps every promise that can be kept, but only if what it sorts are
deadlines. A listener who hears something has one: the moment the audio ends. New speech has none,
only the wish to be early. Taken for a deadline that has passed, that wish lets a handful of new
callers stop the speech of those who began just before them: a first window is short (70 ms of audio
in 30 ms of work), the next one must follow soon. Hence three kinds of steps:

1. *Pressing*: the deadline is within `GUARD_S`. Before everything else, but after
   `PRESSING_RUN` of them in a row one step of new speech has its turn.
2. *New speech*: the listener has nothing to hear. By the moment it was asked for.
3. *Ahead*: the rest. The earliest deadline is first; only when nothing else waits.

Among pressing steps, and among those of new speech, the callers (keys) take turns, step by step;
what belongs to one caller goes by its moment. So a key with more listeners than the cores can serve
makes its own listeners wait, and no other key's.

Nothing starves. What is ahead becomes pressing as time passes. A pressing step's key has its turn
after one step of each other key, and one of new speech after every third; in that turn only what is
due earlier is before it, and whatever is asked for after its own moment is due later. New speech
has every fourth step at worst, in turns too, and before it in its own key is only speech that was
asked for earlier.
"""

import heapq
import itertools
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from hoarfrost.units import Seconds

T = TypeVar("T")

GUARD_S: Seconds = 0.06
"""Time for a step under way (35 ms, the longest first window of a natural voice), for the step
itself (20 ms), and for its way to the socket. More of it makes new speech wait for nothing."""

PRESSING_RUN = 3
"""Simulated: 24 callers who begin at once on two cores. With 2 the worst gap is 52 ms, with 3 and 4
7 and 2 ms; with 4 and more, new speech waits the longer when the cores are overloaded."""


@dataclass(order=True, slots=True)
class _Entry(Generic[T]):
    due: Seconds
    number: int
    caller: str = field(compare=False)
    item: T = field(compare=False)


class _Turns(Generic[T]):
    """Entries whose callers take turns; of one caller's, the first due is first."""

    def __init__(self) -> None:
        self._entries: OrderedDict[str, list[_Entry[T]]] = OrderedDict()

    def __bool__(self) -> bool:
        return bool(self._entries)

    def put(self, entry: _Entry[T]) -> None:
        heapq.heappush(self._entries.setdefault(entry.caller, []), entry)

    def take(self) -> _Entry[T]:
        caller, entries = self._entries.popitem(last=False)
        entry = heapq.heappop(entries)
        if entries:
            self._entries[caller] = entries
        return entry


class StepQueue(Generic[T]):
    """Steps that wait. Takes no notice of threads: its owner sees to that."""

    def __init__(self) -> None:
        self._pressing: _Turns[T] = _Turns()
        self._new: _Turns[T] = _Turns()
        self._ahead: list[_Entry[T]] = []
        self._numbers = itertools.count()
        self._n_waiting = 0
        self._n_pressing_run = 0

    def __len__(self) -> int:
        return self._n_waiting

    def put(self, item: T, due: Seconds, *, caller: str, now: Seconds) -> None:
        """Have a step wait.

        Args:
            item: The step.
            due: When its playback buffer is empty; for one who has nothing to hear, when the speech
                was asked for: now or before.
            caller: Whose it is, for the turns.
            now: The time.
        """
        entry = _Entry(due, next(self._numbers), caller, item)
        if due <= now:
            self._new.put(entry)
        else:
            heapq.heappush(self._ahead, entry)
        self._n_waiting += 1

    def take(self, now: Seconds) -> T | None:
        """Return the step to be done now, which then waits no more; None if there is none."""
        while self._ahead and self._ahead[0].due <= now + GUARD_S:
            self._pressing.put(heapq.heappop(self._ahead))
        is_new_owed = self._n_pressing_run >= PRESSING_RUN and bool(self._new)
        if self._pressing and not is_new_owed:
            entry = self._pressing.take()
            self._n_pressing_run += 1
        elif self._n_waiting:
            entry = self._new.take() if self._new else heapq.heappop(self._ahead)
            self._n_pressing_run = 0
        else:
            return None
        self._n_waiting -= 1
        return entry.item
