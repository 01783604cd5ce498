"""From what happened to what it says."""

import math

import pytest

from hoarfrost.loadtest.figures import summarize
from hoarfrost.loadtest.lag import Strain
from hoarfrost.loadtest.percentiles import Distribution
from hoarfrost.loadtest.plan import Plan, Scenario
from hoarfrost.loadtest.playback import Gap
from hoarfrost.loadtest.records import (
    CallRecord,
    Echo,
    Interruption,
    Journal,
    Refusal,
    TurnRecord,
)
from hoarfrost.loadtest.run import Outcome

PLAN = Plan(callers=2, duration_s=10, rate_hz=8000)


def turn(
    sent_at: float, wait: float | None = 0.1, *, caller: int = 0, **more: object
) -> TurnRecord:
    speakable_at = sent_at + 0.5
    first = None if wait is None else speakable_at + wait
    facts: dict[str, object] = {
        "speakable_at": speakable_at,
        "first_byte_at": first,
        "audible_at": first,
        "last_byte_at": first,
        "heard_until": None if first is None else first + 2.0,
        "speech_ms": 0.0 if first is None else 2000.0,
    }
    return TurnRecord(caller=caller, sent_at=sent_at, **(facts | more))  # type: ignore[arg-type]


def outcome(journal: Journal, wall_s: float = 30.0) -> Outcome:
    return Outcome(PLAN, journal, Strain(Distribution(), 0.1), None, wall_s)


def journal(*turns: TurnRecord) -> Journal:
    return Journal(5.0, 15.0, turns=list(turns))


def test_latencies_are_of_turns_that_began_in_the_measured_time() -> None:
    """What began before is warm-up, what began after is the end; failures count at any time."""
    figures = summarize(
        outcome(
            journal(
                turn(4.9, 3.0),
                turn(5.0, 0.1),
                turn(14.9, 0.2),
                turn(15.0, 4.0),
                turn(1.0, None, failure="no audio"),
            )
        )
    )
    assert figures.latencies.ttfa.ranked == pytest.approx((100, 200))
    assert figures.n_turns == 5
    assert figures.failures == {"no audio": 1}
    assert figures.success == pytest.approx(0.8)


def test_a_turn_without_audio_waits_for_ever() -> None:
    """It is in the percentiles, at their end; one that never had enough text is not."""
    figures = summarize(
        outcome(
            journal(
                turn(6.0, None, failure="no audio"),
                turn(7.0, 0.3),
                TurnRecord(0, 8.0, failure="unreachable"),
            )
        )
    )
    assert figures.latencies.ttfa.ranked == pytest.approx((300, math.inf))
    assert figures.success == pytest.approx(1 / 3)


def test_audio_before_there_was_enough_text_is_no_negative_wait() -> None:
    """A server that speaks half a clause has made nobody wait."""
    figures = summarize(outcome(journal(turn(6.0, -0.2))))
    assert figures.latencies.ttfa.ranked == (0.0,)


def test_the_real_time_factor_is_of_whole_turns() -> None:
    """Turns that were interrupted, failed, or had their text held back say nothing about it."""
    figures = summarize(
        outcome(
            journal(
                turn(6.0, 0.4),
                turn(7.0, 0.4, interruption=Interruption(8.0, is_clear=True)),
                turn(8.0, 0.4, failure="stalled"),
                turn(9.0, 0.4, is_paced=True),
            )
        )
    )
    assert figures.latencies.rtf.ranked == pytest.approx((0.2,))


def test_gaps_count_whenever_they_were() -> None:
    """Also in the warm-up: nothing bad is left out."""
    figures = summarize(
        outcome(
            journal(
                turn(1.0, n_underruns=2, dry_ms=300.0, gaps=(Gap(2.0, 0.3),), n_starved=1),
                turn(6.0, n_underruns=1, dry_ms=50.0),
                turn(7.0, caller=1),
            )
        )
    )
    gaps = figures.gaps
    assert (gaps.n_underruns, gaps.n_callers, gaps.dry_ms, gaps.n_starved) == (3, 1, 350.0, 1)


def test_stale_audio_is_of_clears_that_put_the_server_to_the_test() -> None:
    """Each counts with its bytes; the time is of those that broke into what was still to come."""
    late = Interruption(7.0, is_clear=True, last_old_at=7.02, n_old_bytes=640)
    figures = summarize(
        outcome(
            journal(
                turn(6.0, interruption=late),
                turn(8.0, interruption=Interruption(9.0, is_clear=True)),
                turn(9.0, interruption=Interruption(10.0, is_clear=True, was_due=False)),
                turn(10.0, interruption=Interruption(11.0, is_clear=False)),
                turn(11.0, echo=Echo(is_identical=True, n_excess_bytes=0)),
                turn(12.0, echo=Echo(is_identical=False, n_excess_bytes=64)),
            )
        )
    )
    broken = figures.interruptions
    assert broken.stale.ranked == pytest.approx((0.0, 20.0))
    assert (broken.n_cleared, broken.n_with_stale, broken.n_stale_bytes) == (3, 1, 640)
    assert broken.n_redials == 1
    assert (broken.n_compared, broken.n_identical, broken.n_excess_bytes) == (2, 1, 64)


def test_refusals_are_no_failures() -> None:
    """They are counted by themselves, with what the server asked for."""
    facts = journal()
    facts.refusals += [Refusal(0, 1.0, 2.0), Refusal(0, 4.0, 5.0), Refusal(1, 4.0, None)]
    figures = summarize(outcome(facts))
    assert (figures.n_refusals, figures.n_callers_refused, figures.refused) == (3, 2, 1.0)
    assert figures.retry_after == (2.0, 5.0)
    assert figures.success is None


def test_connections_are_timed_by_their_kind() -> None:
    """First calls and redials after an interruption apart."""
    facts = journal()
    facts.calls += [
        CallRecord(0, 6.0, 6.003, 9.0),
        CallRecord(0, 9.0, 9.005, 12.0, is_redial=True),
        CallRecord(1, 1.0, 2.0, 12.0),
    ]
    latencies = summarize(outcome(facts)).latencies
    assert latencies.connect.ranked == pytest.approx((3.0,))
    assert latencies.redial.ranked == pytest.approx((5.0,))


def test_nobody_listens_to_a_burst_in_its_time() -> None:
    """The next one begins before the last was heard, so there is no share of the time."""
    plan = Plan(Scenario.BURST, callers=2, rate_hz=8000)
    facts = Outcome(plan, journal(turn(6.0)), Strain(Distribution(), 0.1), None, 30.0)
    assert summarize(facts).listening is None


@pytest.mark.parametrize(("wall_s", "seconds"), [(30.0, 10.0), (9.0, 4.0)])
def test_throughput_is_of_the_measured_time(wall_s: float, seconds: float) -> None:
    """Audio a second, over the time that there was if all ended early."""
    facts = journal(turn(5.5), turn(12.9, caller=1))
    facts.n_measured_bytes = 2 * 8000 * 4
    figures = summarize(outcome(facts, wall_s))
    assert figures.throughput == pytest.approx(4 / seconds)
    # The second turn's speech begins at 13.5 and lasts 2 s, half a second too long to be counted.
    assert figures.listening == pytest.approx((2.0 + 1.5) / (2 * seconds))
