"""A report in words: what the terminal and the page both say.

In: a `Report` or its `Figures`. Out: lines. Invariant: whatever makes the figures doubtful is among
the warnings.
"""

import math
from collections.abc import Iterator

from hoarfrost.loadtest.figures import Figures
from hoarfrost.loadtest.percentiles import Distribution
from hoarfrost.loadtest.report import Report
from hoarfrost.loadtest.targets import Verdict
from hoarfrost.loadtest.trials import Trial

NEVER = "never"
"""In place of an infinite latency: no audio came."""


TRIAL_HEAD = ("callers", "TTFA p50", "TTFA p99", "underruns", "success", "refused", "")
"""What stands above the `trial_cells`; the last is the verdict."""


def trial_cells(trial: Trial) -> list[str]:
    """Return a trial of a search in a line of a table, all but its verdict."""
    figures = trial.figures
    return [
        str(trial.callers),
        show_number(figures.latencies.ttfa.at(50)),
        show_number(figures.latencies.ttfa.at(99)),
        str(figures.gaps.n_underruns),
        "-" if figures.success is None else f"{figures.success:.2%}",
        str(figures.n_refusals),
    ]


def facts(figures: Figures) -> Iterator[str]:
    """Yield what is no percentile, a line each."""
    success = "no turn was tried" if figures.success is None else f"{figures.success:.2%}"
    yield f"success      {success} of {figures.n_turns} turns"
    for failure, count in figures.failures.items():
        yield f"             {count} failed: {failure}"
    if figures.n_refusals:
        waits = figures.retry_after
        after = f", Retry-After {waits[0]:g} to {waits[1]:g} s" if waits else ", no Retry-After"
        yield (
            f"refused      {figures.n_refusals} times, {figures.n_callers_refused} of "
            f"{figures.n_callers} callers{after}"
        )
    gaps = figures.gaps
    yield (
        f"underruns    {gaps.n_underruns}, heard by {count_callers(gaps.n_callers)}, "
        f"{gaps.dry_ms:.0f} ms in all"
    )
    yield from _interruption_facts(figures)
    heard = figures.listening
    share = "" if heard is None else f"; callers heard speech {heard:.0%} of the time"
    yield f"throughput   {figures.throughput:.1f} s of audio a second{share}"
    lag = show_number(figures.strain.lag_ms.at(99))
    yield f"tester       {lag} ms late at p99, {figures.strain.cpu_share:.0%} of a core"


def warnings(report: Report) -> Iterator[str]:
    """Yield what the reader must know before believing the figures."""
    trial = report.chosen
    figures = trial.figures
    for verdict in trial.verdicts:
        if verdict.measured is None:
            yield (
                f"{verdict.target.text} was not measured: too few turns; raise --duration or "
                "--callers"
            )
    if any(trial.figures.strain.is_bottleneck for trial in report.trials):
        yield "the tester was a bottleneck: latencies are partly its own; give it more processor"
    if 0 < figures.latencies.ttfa.n < 100:
        yield f"p99 of {figures.latencies.ttfa.n} turns is their largest value; run longer"
    if figures.gaps.n_starved:
        yield (
            f"gaps that are not counted, since the tester's text came too slowly: "
            f"{figures.gaps.n_starved}; raise --tokens-per-second"
        )
    if figures.n_unasked_bytes:
        yield f"{figures.n_unasked_bytes} bytes of audio came when no text had been sent"
    if figures.n_split_frames:
        yield f"{figures.n_split_frames} frames ended inside a sample: clients play that as noise"


def conclusion(report: Report) -> str:
    """Return what a search found, in one line."""
    capacity = report.capacity
    assert capacity is not None  # noqa: S101 -- for the type checker; asked only after a search
    wanted = ",".join(target.text for target in report.targets)
    if capacity.best is None:
        return (
            f"not settled within {len(report.trials)} trials: {count_callers(capacity.highest_met)}"
            f" met {wanted} at least once"
        )
    if capacity.best == 0:
        return f"not even one caller meets {wanted}"
    more = " (the most that was to be tried)" if capacity.is_capped else ""
    meets = "meets" if capacity.best == 1 else "meet"
    return f"{count_callers(capacity.best)} {meets} {wanted}{more}"


def count_callers(n: int) -> str:
    """Return a number of callers in words."""
    return "1 caller" if n == 1 else f"{n} callers"


def show_number(value: float | None) -> str:
    """Return a figure as it is shown: three digits that count."""
    if value is None:
        return "-"
    if math.isinf(value):
        return NEVER
    return f"{value:.0f}" if value >= 100 else f"{value:.3g}"


def show_milliseconds(value: float | None) -> str:
    """Return a time as it is shown, with its unit if it has one."""
    is_time = value is not None and math.isfinite(value)
    return f"{show_number(value)} ms" if is_time else show_number(value)


def _interruption_facts(figures: Figures) -> Iterator[str]:
    broken = figures.interruptions
    if broken.n_cleared:
        yield (
            f"after CLEAR  {broken.n_stale_bytes} old bytes, after {broken.n_with_stale} of "
            f"{broken.n_cleared} interruptions"
        )
        of_them = f"{broken.n_identical} of {broken.n_compared} next turns as if alone"
        if broken.is_reproducible:
            yield f"             {of_them}, to the byte; {broken.n_excess_bytes} bytes too many"
        else:
            yield (
                f"             {broken.n_excess_bytes} bytes more than the words ever took alone "
                f"(the server does not repeat itself to the byte), in {broken.n_compared} turns"
            )
    if broken.n_redials:
        yield f"redialled    {broken.n_redials} times to interrupt"


def distributions(figures: Figures) -> Iterator[tuple[str, Distribution]]:
    """Yield the distributions that have values, by what they are called in a report."""
    latencies = figures.latencies
    named = (
        ("TTFA, first byte (ms)", latencies.ttfa),
        ("TTFA, first sound (ms)", latencies.ttfa_audible),
        ("RTF", latencies.rtf),
        ("stale after CLEAR (ms)", figures.interruptions.stale),
        ("connect (ms)", latencies.connect),
        ("redial (ms)", latencies.redial),
    )
    return ((name, distribution) for name, distribution in named if distribution.n)


def show_measured(verdict: Verdict) -> str:
    """Return the figure of a verdict in the unit of its target."""
    match verdict.target.name:
        case "success" | "refused":
            return "-" if verdict.measured is None else f"{verdict.measured:.4f}"
        case "rtf" | "underrun":
            return show_number(verdict.measured)
        case _:
            return show_milliseconds(verdict.measured)
