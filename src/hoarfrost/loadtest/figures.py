"""What a run says of a server.

In: an `Outcome`. Out: `Figures`. Invariant: what is bad counts whenever it happened; latencies are
those of the turns that began in the measured time, and a turn without audio has an infinite one.
Each figure is defined in ``docs/benchmarking.md``.
"""

import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from hoarfrost.loadtest.hearing import bytes_per_second
from hoarfrost.loadtest.lag import Strain
from hoarfrost.loadtest.percentiles import Distribution
from hoarfrost.loadtest.plan import Scenario
from hoarfrost.loadtest.records import Journal, TurnRecord
from hoarfrost.loadtest.run import Outcome
from hoarfrost.units import Milliseconds, Seconds


@dataclass(frozen=True, slots=True)
class Latencies:
    """How long things took.

    Attributes:
        ttfa: Milliseconds from speakable text to the first byte.
        ttfa_audible: Milliseconds from speakable text to the first audible sample.
        rtf: Seconds from speakable text to the last byte, a second of speech.
        connect: Milliseconds from dialling to the end of the upgrade.
        redial: The same, for connections that replace one closed to interrupt.
    """

    ttfa: Distribution
    ttfa_audible: Distribution
    rtf: Distribution
    connect: Distribution
    redial: Distribution


@dataclass(frozen=True, slots=True)
class Gaps:
    """Where listeners ran dry.

    Attributes:
        n_underruns: How often.
        n_callers: How many callers heard one.
        dry_ms: How long buffers were empty inside turns, all together.
        n_starved: How often it was the tester that had sent too little text.
    """

    n_underruns: int
    n_callers: int
    dry_ms: Milliseconds
    n_starved: int


@dataclass(frozen=True, slots=True)
class Interruptions:
    """How interruptions took effect.

    Attributes:
        n_cleared: Interruptions by ``<CLEAR>``.
        stale: Milliseconds for which old audio kept coming after ``<CLEAR>``, for each that broke
            into a turn of which more was to come.
        n_stale_bytes: Bytes of old audio after ``<CLEAR>``, all together.
        n_with_stale: Interruptions by ``<CLEAR>`` after which any came.
        n_redials: Interruptions by closing the connection.
        n_compared: Turns after ``<CLEAR>`` whose audio was compared with the same words alone.
        n_identical: Those that were the same to the byte.
        n_excess_bytes: Bytes by which the others were longer, all together.
        is_reproducible: Whether the server, left alone, gives the same bytes twice.
    """

    n_cleared: int
    stale: Distribution
    n_stale_bytes: int
    n_with_stale: int
    n_redials: int
    n_compared: int
    n_identical: int
    n_excess_bytes: int
    is_reproducible: bool | None


@dataclass(frozen=True, slots=True)
class Figures:
    """All figures of a run.

    Attributes:
        n_callers: How many callers there were.
        n_turns: Turns that were tried.
        failures: By what went wrong, how many turns it cost.
        n_refusals: How often the server was too busy for a caller.
        n_callers_refused: How many callers that happened to.
        retry_after: What the server asked them to wait, at the least and at the most.
        n_unasked_bytes: Audio that came when no text had been sent.
        n_split_frames: Frames that ended inside a sample.
        latencies: How long things took.
        gaps: Where listeners ran dry.
        interruptions: How interruptions took effect.
        throughput: Seconds of audio received a second of measured time.
        listening: Share of the measured time in which callers heard speech, on average; None for
            bursts, which nobody listens to in their time.
        strain: What it took out of the tester.
    """

    n_callers: int
    n_turns: int
    failures: Mapping[str, int]
    n_refusals: int
    n_callers_refused: int
    retry_after: tuple[Seconds, Seconds] | None
    n_unasked_bytes: int
    n_split_frames: int
    latencies: Latencies
    gaps: Gaps
    interruptions: Interruptions
    throughput: float
    listening: float | None
    strain: Strain

    @property
    def n_failed(self) -> int:
        """Turns that went wrong."""
        return sum(self.failures.values())

    @property
    def success(self) -> float | None:
        """Share of turns that went well; None if none was tried."""
        return (self.n_turns - self.n_failed) / self.n_turns if self.n_turns else None

    @property
    def refused(self) -> float:
        """Share of callers who were refused at least once."""
        return self.n_callers_refused / self.n_callers


def summarize(outcome: Outcome) -> Figures:
    """Return the figures of a run."""
    plan, journal = outcome.plan, outcome.journal
    waits = [refusal.retry_after for refusal in journal.refusals if refusal.retry_after is not None]
    measured_s = _measured_seconds(outcome)
    rate = bytes_per_second(plan.audio_format, plan.rate_hz)
    return Figures(
        n_callers=plan.callers,
        n_turns=len(journal.turns),
        failures=dict(
            Counter(turn.failure for turn in journal.turns if turn.failure).most_common()
        ),
        n_refusals=len(journal.refusals),
        n_callers_refused=len({refusal.caller for refusal in journal.refusals}),
        retry_after=(min(waits), max(waits)) if waits else None,
        n_unasked_bytes=journal.n_unasked_bytes,
        n_split_frames=sum(turn.n_split for turn in journal.turns),
        latencies=_latencies(journal),
        gaps=_gaps(journal.turns),
        interruptions=_interruptions(outcome),
        throughput=journal.n_measured_bytes / rate / measured_s,
        listening=(
            None
            if plan.scenario is Scenario.BURST
            else _heard_seconds(journal) / (measured_s * plan.callers)
        ),
        strain=outcome.strain,
    )


def _measured_seconds(outcome: Outcome) -> Seconds:
    journal = outcome.journal
    return max(1e-3, min(journal.measured_until, outcome.wall_s) - journal.measured_from)


def _latencies(journal: Journal) -> Latencies:
    turns = [turn for turn in journal.turns if journal.is_measured(turn.sent_at)]
    calls = [call for call in journal.calls if journal.is_measured(call.dialled_at)]
    return Latencies(
        ttfa=Distribution.of(_waits(turns, lambda turn: turn.first_byte_at)),
        ttfa_audible=Distribution.of(_waits(turns, lambda turn: turn.audible_at)),
        rtf=Distribution.of(
            (turn.last_byte_at - turn.speakable_at) * 1000 / turn.speech_ms
            for turn in turns
            if turn.failure is None
            and turn.interruption is None
            and not turn.is_paced
            and turn.last_byte_at is not None
            and turn.speakable_at is not None
            and turn.speech_ms > 0
        ),
        connect=Distribution.of(
            (call.opened_at - call.dialled_at) * 1000 for call in calls if not call.is_redial
        ),
        redial=Distribution.of(
            (call.opened_at - call.dialled_at) * 1000 for call in calls if call.is_redial
        ),
    )


def _waits(
    turns: Iterable[TurnRecord], moment: Callable[[TurnRecord], Seconds | None]
) -> Iterator[Milliseconds]:
    """Yield how long each turn's listener waited for something; infinity if it never came."""
    for turn in turns:
        if turn.speakable_at is None:
            continue  # it failed before there was anything to wait for
        came_at = moment(turn)
        yield math.inf if came_at is None else max(0.0, came_at - turn.speakable_at) * 1000


def _gaps(turns: Iterable[TurnRecord]) -> Gaps:
    turns = list(turns)
    return Gaps(
        n_underruns=sum(turn.n_underruns for turn in turns),
        n_callers=len({turn.caller for turn in turns if turn.n_underruns}),
        dry_ms=sum(turn.dry_ms for turn in turns),
        n_starved=sum(turn.n_starved for turn in turns),
    )


def _interruptions(outcome: Outcome) -> Interruptions:
    journal = outcome.journal
    broken_off = [turn.interruption for turn in journal.turns if turn.interruption is not None]
    cleared = [interruption for interruption in broken_off if interruption.is_clear]
    echoes = [turn.echo for turn in journal.turns if turn.echo is not None]
    return Interruptions(
        n_cleared=len(cleared),
        stale=Distribution.of(
            interruption.stale_ms
            for interruption in cleared
            if interruption.was_due and journal.is_measured(interruption.at)
        ),
        n_stale_bytes=sum(interruption.n_old_bytes for interruption in cleared),
        n_with_stale=sum(interruption.n_old_bytes > 0 for interruption in cleared),
        n_redials=len(broken_off) - len(cleared),
        n_compared=len(echoes),
        n_identical=sum(echo.is_identical for echo in echoes),
        n_excess_bytes=sum(echo.n_excess_bytes for echo in echoes),
        is_reproducible=outcome.is_reproducible,
    )


def _heard_seconds(journal: Journal) -> Seconds:
    """Return for how long callers heard speech in the measured time, all together."""
    total = 0.0
    for turn in journal.turns:
        if turn.first_byte_at is not None and turn.heard_until is not None:
            begins = max(turn.first_byte_at, journal.measured_from)
            ends = min(turn.heard_until, journal.measured_until)
            total += max(0.0, ends - begins)
    return total
