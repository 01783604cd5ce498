"""Whether the tester keeps up."""

import asyncio

import pytest

from hoarfrost.loadtest.lag import INTERVAL, Strain, StrainGauge
from hoarfrost.loadtest.percentiles import Distribution
from tests.support.virtual_time import run_virtually

VERDICTS = [
    ((1.0,), 0.2, False),
    ((10.0,), 0.2, False),
    ((10.1,), 0.2, True),
    ((1.0,), 0.86, True),
    ((), 0.1, False),
]


@pytest.mark.parametrize(("lags", "cpu_share", "is_bottleneck"), VERDICTS)
def test_a_tester_that_is_late_or_full_says_so(
    lags: tuple[float, ...], cpu_share: float, is_bottleneck: bool
) -> None:
    """More than 10 ms late at p99, or more than 85 % of a core."""
    assert Strain(Distribution(lags), cpu_share).is_bottleneck is is_bottleneck


def test_lag_is_how_late_a_timer_is() -> None:
    """In a loop that is never held up it is zero; held up once, that long once."""
    late = [0.0]

    async def run() -> Strain:
        loop = asyncio.get_running_loop()
        cpu = iter([1.0, 1.5])
        gauge = StrainGauge(lambda: loop.time() + late[0], lambda: next(cpu))
        watching = asyncio.create_task(gauge.watch())
        await asyncio.sleep(10.5 * INTERVAL)
        late[0] = 0.03  # the loop was busy elsewhere for 30 ms
        await asyncio.sleep(10 * INTERVAL)
        watching.cancel()
        await asyncio.wait([watching])
        return gauge.read()

    strain = run_virtually(run())
    assert strain.lag_ms.n == 20
    assert strain.lag_ms.at(95) == pytest.approx(0.0, abs=1e-6)
    assert strain.lag_ms.at(100) == pytest.approx(30.0)
    assert strain.cpu_share == pytest.approx(0.5 / (20.5 * INTERVAL + 0.03))
