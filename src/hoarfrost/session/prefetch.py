"""Prefetch: speculative synthesis of speech while the end of its text is still in doubt.

In: the script that will be spoken if no more text comes. Out: its first sound, ready when it is
certain; nothing, if the text goes on. Invariant: what was begun is never heard by itself, and a
script that fails ahead of time fails again, with its reason, when it is spoken.

A mark at the end of the text is held for 25 to 250 ms, to see what follows it. Synthesis takes as
long as that; side by side they cost no more than the longer of the two.
"""

import asyncio
import contextlib
from asyncio import TaskGroup

from hoarfrost.render import READY, Prefetched
from hoarfrost.session.scheduler import Meter, Scheduler, Work
from hoarfrost.text.script import Script
from hoarfrost.units import Seconds


class Prefetch:
    """One script, begun in the background.

    Args:
        begun: What to begin.
        scheduler: Where work runs.
        due: When it is wanted.
        caller: Who asks, for the scheduler.
        meter: Told of each step.
        tasks: Where to wait for the steps.
    """

    def __init__(
        self,
        begun: Prefetched,
        scheduler: Scheduler,
        *,
        due: Seconds,
        caller: str,
        meter: Meter,
        tasks: TaskGroup,
    ) -> None:
        self._begun = begun
        self._work = Work(begun.steps(), meter=meter)
        self._steps = tasks.create_task(self._run(scheduler, due, caller))

    @property
    def script(self) -> Script:
        """What was begun."""
        return self._begun.script

    async def ready(self) -> Prefetched:
        """Wait until no step is under way and nothing is left to do ahead; return what was made."""
        # By itself, so that a cancel of whoever waits here does not leave a step unwatched.
        await asyncio.wait([self._steps])
        return self._begun

    def drop(self) -> None:
        """Close what was begun, but what was rendered meanwhile."""
        self._work.abandon()
        self._steps.cancel()

    async def _run(self, scheduler: Scheduler, due: Seconds, caller: str) -> None:
        # Whatever goes wrong goes wrong again when it is spoken, and is told then.
        with contextlib.suppress(Exception):
            while (packet := await scheduler.step(self._work, due, caller=caller)) is not READY:
                if packet is None:
                    return
