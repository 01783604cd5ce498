"""What a run may be."""

import pytest

from hoarfrost.loadtest.plan import LONGEST_RAMP, MAX_CALLERS, RAMP, InterruptBy, Plan, Scenario

BAD = [
    ({"callers": 0}, "callers: expected 1 to 1000, got 0"),
    ({"callers": MAX_CALLERS + 1}, "callers: expected 1 to 1000, got 1001"),
    ({"duration_s": 0.1}, "duration: expected 0.2 to 3600, got 0.1"),
    ({"duration_s": 1e9}, "duration: expected 0.2 to 3600, got 1e+09"),
    ({"duration_s": float("nan")}, "duration: expected 0.2 to 3600, got nan"),
    ({"arrivals": 0.0}, "arrivals: expected 0.01 to 1000, got 0"),
    ({"rate_hz": 100}, "sampling-rate: expected 4000 to 48000, got 100"),
    ({"tokens_per_second": 0.0}, "tokens-per-second: expected 1 to 1000, got 0"),
    ({"talking": 1.0}, "talking: expected 0.05 to 0.95, got 1"),
    ({"interrupted": -0.1}, "interrupted: expected 0 to 1, got -0.1"),
    ({"jitter_ms": 2000.0}, "jitter-ms: expected 0 to 1000, got 2000"),
    ({"tolerance_ms": float("inf")}, "tolerance-ms: expected 0 to 1000, got inf"),
    ({"audio_format": "mp3"}, "format: expected one of pcm, mulaw"),
    ({"segment": "often"}, "segment: expected one of bySentence, immediate, never"),
]

MEASURED = [
    (Plan(), "ttfa rtf stale underrun success", ""),
    (Plan(interrupted=0.0), "ttfa rtf", "stale"),
    (Plan(interrupt_by=InterruptBy.RECONNECT), "ttfa rtf", "stale"),
    (Plan(Scenario.CONTINUOUS), "ttfa underrun", "rtf stale"),
    (Plan(Scenario.BURST), "ttfa rtf", "stale"),
]


@pytest.mark.parametrize(("given", "message"), BAD)
def test_a_plan_that_cannot_be_is_refused(given: dict[str, object], message: str) -> None:
    """Each value has bounds, and the message names the option."""
    with pytest.raises(ValueError, match=r"expected") as error:
        Plan(**given)  # type: ignore[arg-type]
    assert str(error.value) == message


@pytest.mark.parametrize(("plan", "measured", "missing"), MEASURED)
def test_what_a_plan_measures(plan: Plan, measured: str, missing: str) -> None:
    """A target that the scenario has no figure for is known beforehand."""
    assert all(map(plan.measures, measured.split()))
    assert not any(map(plan.measures, missing.split()))


def test_the_ramp() -> None:
    """Callers start within seconds, in a short run within half of it; a burst has none."""
    assert Plan(duration_s=60).ramp_s == RAMP
    assert Plan(duration_s=4).ramp_s == 2.0
    assert Plan(Scenario.BURST).ramp_s == 0.0
    assert Plan(callers=60, arrivals=2.0).ramp_s == 30.0
    assert Plan(callers=1000, arrivals=0.01).ramp_s == LONGEST_RAMP
