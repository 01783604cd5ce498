"""A run: warm up, let the callers loose, take stock.

In: a `Plan` and a way to dial. Out: an `Outcome`. Invariant: it ends, at the latest a while after
its duration: no caller begins anything after it, and what was begun is bounded by the listeners'
patience.
"""

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass, field

from hoarfrost.errors import HoarfrostError
from hoarfrost.loadtest.call import EOS, FLUSH, Call, Caller, Exchange
from hoarfrost.loadtest.lag import Strain, StrainGauge
from hoarfrost.loadtest.line import Dial
from hoarfrost.loadtest.pace import Pace
from hoarfrost.loadtest.plan import Plan, Scenario
from hoarfrost.loadtest.records import Fingerprint, Journal
from hoarfrost.loadtest.scenarios import burst, converse, listen, starts
from hoarfrost.loadtest.sentences import REPLIES
from hoarfrost.loadtest.turn import Turn
from hoarfrost.units import Seconds

N_WARM_UP_TEXTS = 3
"""One after the other: enough for caches, lazily made parts and a processor to get going."""

N_TAKES = 2
"""How often each reply is spoken in quiet; if twice the same, the server is reproducible."""


class Unusable(HoarfrostError):
    """The server does not speak even to one caller, so that there is nothing to load."""


@dataclass(frozen=True, slots=True)
class WarmUp:
    """What was learnt about the server in quiet.

    Attributes:
        pace: How long texts last.
        alone: By reply after an interruption, what each take gave.
    """

    pace: Pace = field(default_factory=Pace)
    alone: dict[str, tuple[Fingerprint, ...]] = field(default_factory=dict)

    @property
    def is_reproducible(self) -> bool | None:
        """Whether the same words gave the same bytes; None if that was not tried."""
        if not self.alone:
            return None
        return all(len(set(takes)) == 1 for takes in self.alone.values())


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a run.

    Attributes:
        plan: What was to be done.
        journal: What happened.
        strain: What it took out of the tester.
        is_reproducible: See `WarmUp`.
        wall_s: How long it took, from the first caller to the last one's end.
    """

    plan: Plan
    journal: Journal
    strain: Strain
    is_reproducible: bool | None
    wall_s: Seconds


async def warm_up(plan: Plan, dial: Dial, clock: Callable[[], Seconds]) -> WarmUp:
    """Have a few texts spoken by an idle server; nothing of it is counted.

    Raises:
        Refused: If the server is busy.
        NotOpened: If there is no connection to be had.
        Unusable: If there is one, and no speech comes of it.
    """
    learnt = WarmUp()
    exchange = Exchange(plan, dial, clock, Journal(0.0, 0.0), learnt.pace)
    chance = random.Random(f"{plan.seed}/warm-up")  # noqa: S311 -- no secret
    for _ in range(N_WARM_UP_TEXTS):
        text = plan.texts.turn(chance)
        turn = await _speak_alone(exchange, text)
        learnt.pace.learn(text, turn.speech_ms)
    if plan.probes_clear:
        for text in REPLIES:
            learnt.alone[text] = await _take(exchange, text)
    return learnt


async def run_load(
    plan: Plan, dial: Dial, learnt: WarmUp, clock: Callable[[], Seconds], *, trial: int = 0
) -> Outcome:
    """Load the server as planned.

    Args:
        plan: What to do.
        dial: Opens a line.
        learnt: What the warm-up told.
        clock: Monotonic, in seconds.
        trial: Which run of a search it is: each has other texts.
    """
    begun_at = clock()
    journal = Journal(plan.ramp_s, plan.ramp_s + plan.duration_s)
    exchange = Exchange(plan, dial, lambda: clock() - begun_at, journal, learnt.pace, learnt.alone)
    callers = [
        Caller(
            number,
            exchange,
            until=journal.measured_until,
            chance=random.Random(f"{plan.seed}/{trial}/{number}"),  # noqa: S311 -- no secret
        )
        for number in range(plan.callers)
    ]
    gauge = StrainGauge(clock)
    async with asyncio.TaskGroup() as tasks:
        watching = tasks.create_task(gauge.watch())
        await _let_loose(plan, callers, random.Random(f"{plan.seed}/{trial}"))  # noqa: S311
        watching.cancel()
    return Outcome(plan, journal, gauge.read(), learnt.is_reproducible, clock() - begun_at)


async def _let_loose(plan: Plan, callers: list[Caller], chance: random.Random) -> None:
    match plan.scenario:
        case Scenario.BURST:
            await burst(callers)
            return
        case Scenario.CONTINUOUS:
            act = listen
        case Scenario.CONVERSATION:
            act = converse

    async def begin(caller: Caller, start: Seconds) -> None:
        await asyncio.sleep(start)
        await act(caller)

    async with asyncio.TaskGroup() as tasks:
        for caller, start in zip(callers, starts(plan, chance), strict=True):
            tasks.create_task(begin(caller, start))


async def _speak_alone(exchange: Exchange, text: str) -> Turn:
    """Have a text spoken on a connection of its own, to its clean end."""
    line = await exchange.dial()
    async with asyncio.TaskGroup() as tasks:
        call = Call(line, exchange, 0)
        tasks.create_task(call.read())
        turn = call.begin()
        await call.say(text, EOS)
        await call.until_closed(turn)
        await call.hang_up()
    _demand_speech(turn)
    return turn


async def _take(exchange: Exchange, text: str) -> tuple[Fingerprint, ...]:
    """Have a reply spoken as it is after an interruption, a few times."""
    line = await exchange.dial()
    takes = []
    turns = []
    async with asyncio.TaskGroup() as tasks:
        call = Call(line, exchange, 0)
        tasks.create_task(call.read())
        for _ in range(N_TAKES):
            turn = call.begin()
            await call.say(text, FLUSH)
            await call.until_quiet(turn)
            turns.append(turn)
            takes.append(turn.fingerprint)
        await call.hang_up()
    for turn in turns:
        _demand_speech(turn)
    return tuple(takes)


def _demand_speech(turn: Turn) -> None:
    if turn.failure is not None:
        raise Unusable(
            f"expected a text to be spoken to a single caller, got a failure: {turn.failure}"
        )
