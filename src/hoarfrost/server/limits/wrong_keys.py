"""Wrong keys, slowed by address: the answer waits once too many have come.

In: addresses that sent a wrong key. Out: a wait. Invariant: a right key never waits, whoever else
has the same address; a key has 256 bits, so it is load and log lines that are slowed, not luck.
"""

import asyncio
import logging
from typing import Final

from hoarfrost.server.limits.allowance import Allowances
from hoarfrost.units import Seconds

log = logging.getLogger("hoarfrost.server")

BURST: Final = 10.0
"""Wrong keys of an address that are answered at once."""

RATE: Final = 1.0
"""The same, a second, from then on."""

MAX_WAIT: Final[Seconds] = 5.0
"""The longest wait. Connections that wait are bounded by `peers`, and so is the rate of answers."""


class WrongKeys:
    """Wrong keys of each address."""

    def __init__(self) -> None:
        self._allowances = Allowances(BURST, RATE)

    async def slow(self, address: str) -> None:
        """Count a wrong key, and wait for as long as its answer is to wait."""
        log.info("a wrong key from %s", address or "an unknown address")
        now = asyncio.get_running_loop().time()
        allowance = self._allowances.of(address)
        allowance.spend(1, now)
        if (wait := allowance.wait(now)) > 0:
            await asyncio.sleep(min(wait, MAX_WAIT))
