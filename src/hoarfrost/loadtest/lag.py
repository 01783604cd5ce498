"""Whether the tester itself keeps up.

In: the event loop. Out: how late it was, and how much of a core it took. Invariant: a tester that
was the bottleneck says so; its latencies are then its own as well as the server's.
"""

import asyncio
import time
from array import array
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from hoarfrost.loadtest.percentiles import Distribution
from hoarfrost.units import Milliseconds, Seconds

INTERVAL: Seconds = 0.05
LAG_LIMIT_MS: Milliseconds = 10.0
"""A tester that is later than this at its 99th percentile adds to what it measures."""

CPU_LIMIT: Final = 0.85
"""The share of a core at which a single thread begins to queue."""


@dataclass(frozen=True, slots=True)
class Strain:
    """What a run took out of the tester.

    Attributes:
        lag_ms: How late the event loop ran what was due.
        cpu_share: Share of one core that the process used.
    """

    lag_ms: Distribution
    cpu_share: float

    @property
    def is_bottleneck(self) -> bool:
        """Whether the figures may be the tester's rather than the server's."""
        return (self.lag_ms.at(99) or 0.0) > LAG_LIMIT_MS or self.cpu_share > CPU_LIMIT


class StrainGauge:
    """Measures from when it is made.

    Args:
        clock: Monotonic, in seconds.
        cpu_clock: CPU seconds of the process.
    """

    def __init__(
        self,
        clock: Callable[[], Seconds],
        cpu_clock: Callable[[], Seconds] = time.process_time,
    ) -> None:
        self._clock = clock
        self._cpu_clock = cpu_clock
        self._begun_at = clock()
        self._cpu_at = cpu_clock()
        self._lags_ms = array("d")  # eight bytes a sample: an hour takes 0.6 MB

    async def watch(self) -> None:
        """Look at the clock again and again, until cancelled."""
        while True:
            due = self._clock() + INTERVAL
            await asyncio.sleep(INTERVAL)
            self._lags_ms.append(max(0.0, self._clock() - due) * 1000)

    def read(self) -> Strain:
        """Return what was measured so far."""
        elapsed = self._clock() - self._begun_at
        share = (self._cpu_clock() - self._cpu_at) / elapsed if elapsed > 0 else 0.0
        return Strain(Distribution.of(self._lags_ms), share)
