"""Plans in virtual time: what a run of minutes shows, in a few milliseconds."""

import asyncio
from collections.abc import Callable
from dataclasses import replace

import pytest

from hoarfrost.loadtest.figures import Figures, summarize
from hoarfrost.loadtest.plan import Plan
from hoarfrost.loadtest.run import Outcome, run_load, warm_up
from tests.loadtest.virtual_server import RATE_HZ, VirtualServer
from tests.support.virtual_time import run_virtually

Load = Callable[..., tuple[Figures, Outcome]]


@pytest.fixture
def load() -> Load:
    """Load a virtual server; return the figures, and all that happened."""

    def run(server: VirtualServer, plan: Plan, **faults: object) -> tuple[Figures, Outcome]:
        """The faults set in after the warm-up."""
        plan = replace(plan, rate_hz=RATE_HZ, jitter_ms=0.0)

        async def whole() -> Outcome:
            clock = asyncio.get_running_loop().time
            learnt = await warm_up(plan, server.dial, clock)
            server.texts.clear()
            server.moments.clear()
            for name, value in faults.items():
                setattr(server, name, value)
            return await run_load(plan, server.dial, learnt, clock)

        outcome = run_virtually(whole())
        return summarize(outcome), outcome

    return run
