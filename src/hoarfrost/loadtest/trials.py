"""One run judged, or many in search of a capacity.

In: a `Plan`, targets and a way to dial. Out: a `Trial` for each run. Invariant: only the journal of
the latest trial is kept, so that a search needs no more memory than a run.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from hoarfrost.loadtest.figures import Figures, summarize
from hoarfrost.loadtest.line import Dial
from hoarfrost.loadtest.plan import MAX_DURATION, Plan
from hoarfrost.loadtest.records import Journal
from hoarfrost.loadtest.run import WarmUp, run_load
from hoarfrost.loadtest.search import Search
from hoarfrost.loadtest.targets import Target, Verdict, judge, parse_targets
from hoarfrost.units import Seconds

BETWEEN_TRIALS: Seconds = 1.0
"""For the server to finish what callers who left have ordered."""

MAX_PROLONGATIONS: Final = 3
"""How often a trial is run again for twice as long, if it was too short for a figure that a target
is about: few callers take few turns."""

_NO_REFUSAL: Final = parse_targets("refused:0")


@dataclass(frozen=True, slots=True)
class Trial:
    """A run and what is thought of it.

    Attributes:
        callers: How many there were.
        figures: What was measured.
        verdicts: One a target.
    """

    callers: int
    figures: Figures
    verdicts: tuple[Verdict, ...]

    @property
    def is_met(self) -> bool:
        """Whether all targets were met."""
        return all(verdict.is_met for verdict in self.verdicts)

    @property
    def is_too_short(self) -> bool:
        """Whether nothing was missed, but something not measured."""
        missed = [verdict for verdict in self.verdicts if not verdict.is_met]
        return bool(missed) and all(verdict.measured is None for verdict in missed)


Tell = Callable[[Trial], None]


async def run_trial(
    plan: Plan,
    dial: Dial,
    learnt: WarmUp,
    clock: Callable[[], Seconds],
    *,
    targets: Sequence[Target],
    number: int = 0,
) -> tuple[Trial, Journal]:
    """Run once; return what is thought of it, and all that happened."""
    outcome = await run_load(plan, dial, learnt, clock, trial=number)
    figures = summarize(outcome)
    return Trial(plan.callers, figures, judge(targets, figures)), outcome.journal


async def search_capacity(
    plan: Plan,
    dial: Dial,
    learnt: WarmUp,
    clock: Callable[[], Seconds],
    *,
    search: Search,
    targets: Sequence[Target],
    tell: Tell,
) -> tuple[list[Trial], Journal]:
    """Run until the search is over; return the trials, and all that happened in the last.

    Callers who are refused are not served: unless the targets say otherwise, none may be.
    """
    if not any(target.name == "refused" for target in targets):
        targets = (*targets, *_NO_REFUSAL)
    trials: list[Trial] = []
    journal = Journal(0.0, 0.0)
    while (callers := search.next_callers) is not None:
        if trials:
            await asyncio.sleep(BETWEEN_TRIALS)
        trial, journal = await _run_long_enough(
            replace(plan, callers=callers), dial, learnt, clock, targets, len(trials)
        )
        trials.append(trial)
        search.tell(is_met=trial.is_met)
        tell(trial)
    return trials, journal


async def _run_long_enough(
    plan: Plan,
    dial: Dial,
    learnt: WarmUp,
    clock: Callable[[], Seconds],
    targets: Sequence[Target],
    number: int,
) -> tuple[Trial, Journal]:
    trial, journal = await run_trial(plan, dial, learnt, clock, targets=targets, number=number)
    for _ in range(MAX_PROLONGATIONS):
        if not trial.is_too_short:
            break
        plan = replace(plan, duration_s=min(2 * plan.duration_s, MAX_DURATION))
        trial, journal = await run_trial(plan, dial, learnt, clock, targets=targets, number=number)
    return trial, journal
