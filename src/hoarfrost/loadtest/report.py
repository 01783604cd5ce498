"""Everything that is told of a run, and its form as JSON.

In: trials, and the circumstances under which they were made. Out: a plain dictionary. Invariant: no
key, no user name, no text that was spoken.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from hoarfrost.loadtest.figures import Figures
from hoarfrost.loadtest.percentiles import Distribution
from hoarfrost.loadtest.plan import Plan
from hoarfrost.loadtest.records import Journal
from hoarfrost.loadtest.targets import Target, Verdict
from hoarfrost.loadtest.trials import Trial

FORMAT: Final = 1
"""Of the JSON document; raised when a figure changes its name or meaning."""

PERCENTS: Final = (50, 90, 99)


@dataclass(frozen=True, slots=True)
class Capacity:
    """What a search found.

    Attributes:
        best: The highest number of callers that met the targets, confirmed; 0 if one was too many,
            None if the trials ran out first.
        highest_met: The highest that met them at least once.
        is_capped: Whether the search was stopped by its cap.
    """

    best: int | None
    highest_met: int
    is_capped: bool


@dataclass(frozen=True, slots=True)
class Report:
    """What there is to tell.

    Attributes:
        place: Host and port of the server.
        query: The options it was asked with.
        made_at: When, ISO 8601.
        machine: What the tester ran on.
        version: Of hoarfrost.
        plan: What was to be done; in a search the number of callers is the first one's.
        targets: What was demanded.
        trials: What was measured.
        journal: All that happened in the last trial.
        capacity: What a search found; None if there was none.
    """

    place: str
    query: Mapping[str, str]
    made_at: str
    machine: str
    version: str
    plan: Plan
    targets: tuple[Target, ...]
    trials: Sequence[Trial]
    journal: Journal
    capacity: Capacity | None = None

    @property
    def is_met(self) -> bool:
        """Whether the targets were met: in a search, by any number of callers."""
        if self.capacity is not None:
            return bool(self.capacity.best)
        return self.trials[-1].is_met

    @property
    def chosen(self) -> Trial:
        """The trial to be shown in full: the last, in a search the last of the number found."""
        best = self.capacity.best if self.capacity else None
        return next(
            (trial for trial in reversed(self.trials) if trial.callers == best), self.trials[-1]
        )


def to_document(report: Report) -> dict[str, Any]:
    """Return the report as what JSON can hold."""
    plan = report.plan
    document = {
        "format": FORMAT,
        "tool": f"hoarfrost bench {report.version}",
        "made_at": report.made_at,
        "server": {"place": report.place, "query": dict(report.query)},
        "machine": report.machine,
        "plan": {
            "scenario": plan.scenario.value,
            "callers": plan.callers,
            "duration_s": plan.duration_s,
            "ramp_s": plan.ramp_s,
            "seed": plan.seed,
            "tokens_per_second": plan.tokens_per_second,
            "talking": plan.talking,
            "interrupted": plan.interrupted,
            "interrupt_by": plan.interrupt_by.value,
            "jitter_ms": plan.jitter_ms,
            "tolerance_ms": plan.tolerance_ms,
            "texts": len(plan.texts.lines) or "built in",
        },
        "targets": [target.text for target in report.targets],
        "is_met": report.is_met,
        "trials": [_trial(trial) for trial in report.trials],
    }
    if report.capacity is not None:
        document["capacity"] = {
            "callers": report.capacity.best,
            "highest_met": report.capacity.highest_met,
            "is_capped": report.capacity.is_capped,
        }
    return document


def _trial(trial: Trial) -> dict[str, Any]:
    return {
        "callers": trial.callers,
        "is_met": trial.is_met,
        "verdicts": [_verdict(verdict) for verdict in trial.verdicts],
        **_figures(trial.figures),
    }


def _verdict(verdict: Verdict) -> dict[str, Any]:
    return {
        "target": verdict.target.text,
        "measured": _finite(verdict.measured),
        "n": verdict.n,
        "is_met": verdict.is_met,
    }


def _figures(figures: Figures) -> dict[str, Any]:
    latencies, gaps, broken = figures.latencies, figures.gaps, figures.interruptions
    return {
        "turns": {
            "tried": figures.n_turns,
            "failed": figures.n_failed,
            "failures": dict(figures.failures),
            "success": figures.success,
        },
        "refusals": {
            "count": figures.n_refusals,
            "callers": figures.n_callers_refused,
            "retry_after_s": figures.retry_after,
        },
        "ttfa_ms": _distribution(latencies.ttfa),
        "ttfa_audible_ms": _distribution(latencies.ttfa_audible),
        "rtf": _distribution(latencies.rtf),
        "connect_ms": _distribution(latencies.connect),
        "redial_ms": _distribution(latencies.redial),
        "underruns": {
            "count": gaps.n_underruns,
            "callers": gaps.n_callers,
            "dry_ms": gaps.dry_ms,
            "starved_by_tester": gaps.n_starved,
        },
        "interruptions": {
            "by_clear": broken.n_cleared,
            "stale_ms": _distribution(broken.stale),
            "stale_bytes": broken.n_stale_bytes,
            "with_stale_audio": broken.n_with_stale,
            "by_reconnect": broken.n_redials,
            "compared": broken.n_compared,
            "identical": broken.n_identical,
            "excess_bytes": broken.n_excess_bytes,
            "server_is_reproducible": broken.is_reproducible,
        },
        "oddities": {
            "unasked_bytes": figures.n_unasked_bytes,
            "split_frames": figures.n_split_frames,
        },
        "throughput": figures.throughput,
        "listening": figures.listening,
        "tester": {
            "lag_ms": _distribution(figures.strain.lag_ms),
            "cpu_share": figures.strain.cpu_share,
            "is_bottleneck": figures.strain.is_bottleneck,
        },
    }


def _distribution(distribution: Distribution) -> dict[str, Any]:
    """Return the percentiles; null where it never came, with how often that was."""
    return {
        "n": distribution.n,
        "n_never": sum(map(math.isinf, distribution.ranked)),
        **{f"p{percent}": _finite(distribution.at(percent)) for percent in PERCENTS},
        "max": _finite(distribution.at(100)),
    }


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None
