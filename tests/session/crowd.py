"""Callers by the dozen, who come, listen and leave: a simulated population for admission.

Time is virtual and goes in ticks. Nothing is synthesised: callers are sent what they want to hear,
and the workers' time that this takes is reckoned by the true cost of the voice.
"""

import random
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import count
from typing import Final

from hoarfrost.session.activity import Caller
from hoarfrost.session.capacity import AtCapacity, Capacity
from hoarfrost.session.costs import VoiceCosts
from hoarfrost.units import Seconds
from tests.session.test_costs import voice

TICK: Final[Seconds] = 0.25
VOICE: Final = voice()


@dataclass(eq=False)
class Guest:
    """A caller who was let in.

    Attributes:
        caller: What the server knows of it.
        share: How much of its time it is spoken to.
        leaves_at: When it goes.
        speaks_at: When it is sent something again.
        place: Its place; closing it is leaving.
    """

    caller: Caller
    share: float
    leaves_at: Seconds
    speaks_at: Seconds
    place: ExitStack = field(default_factory=ExitStack)


class Crowd:
    """Callers of one voice and a server's capacity.

    Attributes:
        guests: Who is in.
        waits: What those who were refused were told, in order.
        n_ticks: Ticks so far.
        n_over: Those at which the ones who listened wanted more than all workers can give.
    """

    def __init__(self, cost: float, *, n_workers: int = 2, seed: int = 0, **how: object) -> None:
        self.now: Seconds = 1000.0
        self.cost = cost
        self.n_workers = n_workers
        self.random = random.Random(seed)  # noqa: S311 -- a simulation, the same each time
        self.costs = VoiceCosts()
        how = {"share": 0.9, **how}
        self.capacity = Capacity(n_workers, self.costs, lambda: self.now, **how)  # type: ignore[arg-type]
        self.guests: list[Guest] = []
        self.waits: list[Seconds] = []
        self.n_ticks = self.n_over = 0
        self._keys = (f"key {n}" for n in count())
        self.speak_at_cost(cost)

    def speak_at_cost(self, cost: float) -> None:
        """Have the machine make minutes of speech at a cost, which is the true one from now on."""
        self.cost = cost
        for _ in range(300):
            self.costs.of(VOICE).note(cost, 1000)

    def knock(self, share: float = 1.0, *, stays: Seconds = 1e9, key: str | None = None) -> bool:
        """Have a caller come; return whether it is let in. Its key is its own, unless given."""
        place = ExitStack()
        try:
            caller = place.enter_context(
                self.capacity.place(VOICE, next(self._keys) if key is None else key)
            )
        except AtCapacity as refusal:
            self.waits.append(refusal.retry_after)
            return False
        begins = self.now + self.random.random()
        self.guests.append(Guest(caller, share, self.now + stays, begins, place))
        return True

    def knock_until_full(self, share: float = 1.0, **how: object) -> int:
        """Have callers come one after the other until one is refused; return how many got in."""
        return next(n for n in count() if not self.knock(share, **how))  # type: ignore[arg-type]

    def pass_time(self, seconds: Seconds) -> None:
        """Let guests listen, and leave."""
        for _ in range(round(seconds / TICK)):
            self.now += TICK
            for guest in self.guests:
                while guest.speaks_at <= self.now:
                    self._speak_to(guest)
            for guest in [guest for guest in self.guests if guest.leaves_at <= self.now]:
                self.dismiss(guest)
            wanted = self.cost * sum(guest.caller.hears(self.now) for guest in self.guests)
            self.n_ticks += 1
            self.n_over += wanted > self.n_workers

    def press(self, share: float, seconds: Seconds, *, stays: Seconds = 1e9) -> None:
        """Have somebody try to come in at every moment; stays are random, so long on average."""
        for _ in range(round(seconds / TICK)):
            self.pass_time(TICK)
            self.knock(share, stays=self.random.expovariate(1 / stays))

    def dismiss(self, guest: Guest) -> None:
        """Have a guest leave."""
        self.guests.remove(guest)
        guest.place.close()

    def _speak_to(self, guest: Guest) -> None:
        """Send a turn: some seconds of speech in a burst, and silence for its share of the time."""
        speech = self.random.uniform(1.5, 4.5)
        guest.caller.sent(speech * 1000)
        silence = speech / guest.share - speech
        guest.speaks_at += speech + silence * self.random.uniform(0.6, 1.4)
