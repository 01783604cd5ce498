"""Who is let in: a caller who would make others underrun is refused before the conversation begins.

In: callers as they come and go, what they hear, and what their voices cost. Out: a place, or
`AtCapacity`. Invariant: whoever is let in while others are there leaves the demand within the
bound; demand that grows later, because the machine slows down, keeps newcomers out until it fits.

A caller demands its *share* (of its time, how much its listener hears speech) times its voice's
*cost* (worker seconds per second of audio), in workers. Two bounds are kept, each `share` of all
workers:

- for the minutes to come, the mean demand of all callers and `DEVIATIONS` times its standard
  deviation, callers taken as talking or silent at random and independent of each other. Who listens
  without a pause has no deviation, so that such callers fill the bound exactly; in conversation
  twice as many fit or more. Of a newcomer one believes that it is like the others of late, and of
  the first that it talks all the time;
- for this moment, the cost of those who hear something now, with newcomers who have not spoken yet.
  It needs no belief: when fifty listeners come who are not like the others, the first ones to be
  heard keep the rest out.

Everything but `Caller.worked` is called on one thread, that of the event loop.
"""

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from hoarfrost.errors import ServerBusy
from hoarfrost.session.activity import Caller, TalkShare
from hoarfrost.session.costs import VoiceCost, VoiceCosts
from hoarfrost.session.limits import AT_LIMIT
from hoarfrost.synthesis.voice import Voice
from hoarfrost.units import Seconds

DEVIATIONS: Final = 2.0
"""Of conversations of 30 % speech, 2.3 times as many fit as of continuous listeners. A moment that
asks for more than there is, one in 200, is bridged by what was made before: simulated with the
scheduler's own order (docs/decisions/0007-admission.md), nobody heard a gap, nor with 1.5 and 1."""

SHARE_MEMORY: Final[Seconds] = 600.0
"""Time of callers, taken together, after which their share counts 1/e: with 30 of them, 20 s."""

CAUTION: Final[Seconds] = 60.0
"""Time of callers that outweighs the belief, held at the start, that they talk all the time."""

PRIOR_STRENGTH: Final[Seconds] = 10.0
"""Time after which a caller's own share counts as much as that of all: a turn and its answer."""

LEAST_SHARE: Final = 0.1
"""What an idle connection is taken for: it may begin to talk."""

LEAST_TYPICAL_SHARE: Final = 0.2
"""What newcomers are taken for at least, whatever is known of the others."""

UNHEARD_PATIENCE: Final[Seconds] = 10.0
"""How long a newcomer who has not been spoken to yet is taken as about to be."""

RETURN_PATIENCE: Final[Seconds] = 2.0
"""How soon somebody who left counts as the same caller if the same key comes again. Clients that
interrupt by closing the connection are back within milliseconds."""

LEAST_WAIT: Final[Seconds] = 1.0
LONGEST_WAIT: Final[Seconds] = 30.0
"""Bounds on what refused callers are told: a turn's pause; what a person on a telephone waits."""

ROUNDING: Final = 1e-9
"""So that 18 callers of a twentieth each fit into nine tenths."""


class AtCapacity(ServerBusy):
    """One caller more would make others underrun."""


@dataclass(frozen=True, slots=True)
class Demand:
    """What callers demand, in workers.

    Attributes:
        mean: On average.
        variance: Of that, from moment to moment.
        of_all: If all of them heard speech at once: it cannot be more.
        of_now: Of those who hear speech at this moment.
    """

    mean: float = 0.0
    variance: float = 0.0
    of_all: float = 0.0
    of_now: float = 0.0

    def plus(self, cost: float, share: float, *, n: int = 1, n_now: float = 0) -> "Demand":
        """Return what it is with ``n`` more callers, of whom ``n_now`` hear speech now."""
        return Demand(
            self.mean + n * share * cost,
            self.variance + n * share * (1 - share) * cost * cost,
            self.of_all + n * cost,
            self.of_now + n_now * cost,
        )

    @property
    def to_come(self) -> float:
        """What is to be reckoned with in the minutes to come."""
        return min(self.mean + DEVIATIONS * math.sqrt(self.variance), self.of_all)

    @property
    def needed(self) -> float:
        """What is to be reckoned with now and later."""
        return max(self.to_come, self.of_now)


@dataclass(frozen=True, slots=True)
class Estimate:
    """How full it is.

    Attributes:
        load: Demand over what may be demanded: 1.0 is full, and above it the machine has become
            slower since the callers were let in.
        n_continuous: How many more would be let in who listen without a pause.
        n_typical: How many more who talk as much as callers did of late.
        typical_share: How much that is.
    """

    load: float
    n_continuous: int
    n_typical: int
    typical_share: float


class Capacity:
    """Keeps the demand of all callers within a share of the workers.

    Args:
        n_workers: How many there are.
        costs: What voices cost.
        clock: Gives the time.
        share: Of the workers, how much may be demanded.
        is_enforced: Whether anybody is refused; if not, it only reckons.
    """

    def __init__(
        self,
        n_workers: int,
        costs: VoiceCosts,
        clock: Callable[[], Seconds],
        *,
        share: float,
        is_enforced: bool = True,
    ) -> None:
        self._n_workers = n_workers
        self._bound = share * n_workers
        self._is_enforced = is_enforced
        self._clock = clock
        self.costs = costs
        self._callers: set[Caller] = set()
        self._left: list[_Left] = []
        self._everybody = TalkShare(SHARE_MEMORY, talked=CAUTION, lasted=CAUTION)
        self._mean_stay: Seconds | None = None

    @contextmanager
    def place(self, voice: Voice, key_id: str) -> Iterator[Caller]:
        """Hold a caller's place for as long as the context lasts.

        Raises:
            AtCapacity: If there is none.
        """
        caller = self._admit(voice, key_id)
        self._callers.add(caller)
        try:
            yield caller
        finally:
            self._callers.discard(caller)
            caller.cleared()
            self._note_stay(caller)
            self._left.append(_Left(self._clock(), key_id, caller))

    def estimate(self, voice: Voice) -> Estimate:
        """Return how full it is, and how many more callers of a voice there is room for."""
        demand = self.demand()
        cost, share = self.costs.of(voice).value, self._typical_share()
        return Estimate(
            load=demand.needed / self._bound,
            n_continuous=self._room(demand, cost, 1.0),
            n_typical=self._room(demand, cost, share),
            typical_share=share,
        )

    def demand(self) -> Demand:
        """Return what the callers demand now."""
        now = self._clock()
        for caller in self._callers:
            caller.look(now)
        typical = self._typical_share()
        mean = variance = of_all = of_now = 0.0
        for caller in self._callers:
            cost, share = caller.cost.value, _share_of(caller, typical)
            mean += share * cost
            variance += share * (1 - share) * cost * cost
            of_all += cost
            if caller.hears(now) or _is_awaited(caller, now):
                of_now += cost
        return Demand(mean, variance, of_all, of_now)

    def _admit(self, voice: Voice, key_id: str) -> Caller:
        """Return the caller who is let in.

        Raises:
            AtCapacity: If nobody is.
        """
        cost = self.costs.of(voice)
        left = self._find_left(cost, key_id)
        typical = self._typical_share()
        share = _share_of(left.caller, typical) if left else typical
        then = self.demand().plus(cost.value, share, n_now=1)
        # In the middle of a conversation nobody is refused for what others did meanwhile, as long
        # as there is enough for all.
        bound = self._n_workers if left else self._bound
        if self._is_enforced and self._callers and then.needed > bound + ROUNDING:
            raise AtCapacity(AT_LIMIT, retry_after=self._wait(then, bound))
        if left:
            self._left.remove(left)
            return left.caller
        return Caller(cost, self._everybody, meter=self.costs.meter(voice), clock=self._clock)

    def _find_left(self, cost: VoiceCost, key_id: str) -> "_Left | None":
        """Return who left last with this key and voice, if that was a moment ago."""
        since = self._clock() - RETURN_PATIENCE
        self._left = [left for left in self._left if left.at >= since]
        alike = (
            left
            for left in reversed(self._left)
            if left.key_id == key_id and left.caller.cost is cost
        )
        return next(alike, None)

    def _typical_share(self) -> float:
        return max(self._everybody.blend(0.0, strength=0.0), LEAST_TYPICAL_SHARE)

    def _room(self, demand: Demand, cost: float, share: float) -> int:
        """Return how many more callers would be let in, one after the other."""

        def fits(n: int) -> bool:
            then = demand.plus(cost, share, n=n, n_now=max(1.0, n * share))
            return then.needed <= self._bound + ROUNDING

        if not fits(1):
            return 0 if self._callers else 1
        n_most = 1
        while fits(2 * n_most):
            n_most *= 2
        step = n_most
        while step := step // 2:
            n_most += step * fits(n_most + step)
        return n_most

    def _note_stay(self, caller: Caller) -> None:
        stay = self._clock() - caller.began_at
        known = stay if self._mean_stay is None else self._mean_stay
        self._mean_stay = known + 0.1 * (stay - known)

    def _wait(self, then: Demand, bound: float) -> Seconds:
        """Return when what is too much will have left, if callers stay as long as of late."""
        if then.to_come <= bound:  # many hear speech at this very moment, no more
            return LEAST_WAIT
        now = self._clock()
        n_callers = len(self._callers)
        stay = self._mean_stay
        if stay is None:
            stay = sum(now - caller.began_at for caller in self._callers) / n_callers
        n_leaving = math.ceil((then.to_come - bound) / (then.to_come / n_callers))
        return min(max(n_leaving * stay / n_callers, LEAST_WAIT), LONGEST_WAIT)


@dataclass(frozen=True, slots=True, eq=False)
class _Left:
    """Somebody who was here, and may be back in a moment."""

    at: Seconds
    key_id: str
    caller: Caller


def _share_of(caller: Caller, typical: float) -> float:
    return max(caller.talk.blend(typical, strength=PRIOR_STRENGTH), LEAST_SHARE)


def _is_awaited(caller: Caller, now: Seconds) -> bool:
    return not caller.has_spoken and now - caller.began_at < UNHEARD_PATIENCE
