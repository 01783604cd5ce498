"""Figures and reports to be shown, with values that are easy to recognise."""

import math
from dataclasses import replace

from hoarfrost.loadtest.figures import Figures, Gaps, Interruptions, Latencies
from hoarfrost.loadtest.lag import Strain
from hoarfrost.loadtest.percentiles import Distribution
from hoarfrost.loadtest.plan import Plan
from hoarfrost.loadtest.playback import Gap
from hoarfrost.loadtest.records import CallRecord, Interruption, Journal, Refusal, TurnRecord
from hoarfrost.loadtest.report import Capacity, Report
from hoarfrost.loadtest.targets import judge, parse_targets
from hoarfrost.loadtest.trials import Trial

TARGETS = parse_targets("success:1.00,ttfa:p99@500ms,underrun:0")


def sample_figures(n_callers: int = 4, slowest_ms: float = 90.0) -> Figures:
    return Figures(
        n_callers=n_callers,
        n_turns=20,
        failures={},
        n_refusals=0,
        n_callers_refused=0,
        retry_after=None,
        n_unasked_bytes=0,
        n_split_frames=0,
        latencies=Latencies(
            ttfa=Distribution((10.0, 20.0, slowest_ms)),
            ttfa_audible=Distribution((12.0, 22.0, slowest_ms + 2)),
            rtf=Distribution((0.02, 0.04)),
            connect=Distribution((3.0,)),
            redial=Distribution(),
        ),
        gaps=Gaps(n_underruns=0, n_callers=0, dry_ms=0.0, n_starved=0),
        interruptions=Interruptions(
            n_cleared=5,
            stale=Distribution((0.0, 7.0)),
            n_stale_bytes=640,
            n_with_stale=1,
            n_redials=0,
            n_compared=5,
            n_identical=5,
            n_excess_bytes=0,
            is_reproducible=True,
        ),
        throughput=3.5,
        listening=0.31,
        strain=Strain(Distribution((0.1, 0.2)), 0.05),
    )


def bad_figures(n_callers: int = 8) -> Figures:
    """Everything that can be wrong is."""
    base = sample_figures(n_callers)
    return replace(
        base,
        failures={"closed 1011": 3, "no audio": 1},
        n_refusals=6,
        n_callers_refused=2,
        retry_after=(1.0, 5.0),
        n_unasked_bytes=320,
        n_split_frames=2,
        latencies=replace(base.latencies, ttfa=Distribution((30.0, 800.0, math.inf))),
        gaps=Gaps(n_underruns=9, n_callers=3, dry_ms=4200.0, n_starved=4),
        interruptions=replace(
            base.interruptions,
            n_identical=2,
            n_excess_bytes=1280,
            is_reproducible=False,
            n_redials=3,
        ),
        strain=Strain(Distribution((50.0,)), 0.97),
    )


def sample_trial(figures: Figures) -> Trial:
    return Trial(figures.n_callers, figures, judge(TARGETS, figures))


def sample_journal() -> Journal:
    return Journal(
        2.0,
        12.0,
        turns=[
            TurnRecord(
                caller=0,
                sent_at=2.5,
                speakable_at=2.6,
                first_byte_at=2.7,
                heard_until=5.0,
                gaps=(Gap(3.0, 0.4),),
            ),
            TurnRecord(
                caller=1,
                sent_at=3.0,
                first_byte_at=3.1,
                heard_until=4.0,
                interruption=Interruption(4.0, is_clear=True),
            ),
            TurnRecord(caller=1, sent_at=8.0, failure="closed 1011"),
        ],
        calls=[CallRecord(0, 0.1, 0.2, 9.0), CallRecord(1, 1.0, 1.1, 12.5)],
        refusals=[Refusal(2, 1.5, 3.0)],
    )


def sample_report(*figures: Figures, capacity: Capacity | None = None) -> Report:
    trials = [sample_trial(each) for each in figures or (sample_figures(),)]
    return Report(
        place="127.0.0.1:8000",
        query={"speaker": "<b>tone</b>", "audioFormat": "pcm"},
        made_at="2026-08-01T12:00:00+00:00",
        machine="2 cores of something",
        version="0.1.0",
        plan=Plan(callers=trials[0].callers),
        targets=TARGETS,
        trials=trials,
        journal=sample_journal(),
        capacity=capacity,
    )
