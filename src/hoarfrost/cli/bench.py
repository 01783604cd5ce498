"""``hoarfrost bench``: how many callers a server carries, and what they hear."""

import asyncio
import json
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import click
from rich.console import Console

from hoarfrost.cli.bench_options import Job, load_options, read_job
from hoarfrost.cli.configuration import config_option, load
from hoarfrost.cli.failures import FAILED, Failure, Misuse, NoServer
from hoarfrost.loadtest.findings import count_callers, show_milliseconds
from hoarfrost.loadtest.line import Destination, NotOpened, Refused, SocketLine
from hoarfrost.loadtest.machine import describe_machine, loop_factory
from hoarfrost.loadtest.page import to_page
from hoarfrost.loadtest.report import Capacity, Report, to_document
from hoarfrost.loadtest.run import warm_up
from hoarfrost.loadtest.table import show
from hoarfrost.loadtest.trials import Trial, run_trial, search_capacity

Say = Callable[[str], None]


@click.command(
    "bench",
    epilog="Examples:\n\n  hoarfrost bench --callers 20 --html report.html\n\n"
    "  hoarfrost bench --search --targets success:1.00,ttfa:p99@500ms,underrun:0\n\n"
    "What each figure means: docs/benchmarking.md",
)
@load_options
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of tables.")
@click.option("--html", "page", type=click.Path(path_type=Path), help="Write a page with plots.")
@click.option("--quiet", "-q", is_flag=True, help="Print no progress.")
@config_option
def command(
    as_json: bool,  # noqa: FBT001 -- a flag
    page: Path | None,
    quiet: bool,  # noqa: FBT001 -- a flag
    config: Path | None,
    **given: Any,
) -> int:
    """Load a server with simulated callers, measure what they would hear.

    Callers hold conversations (or listen without pause, or all speak at once) for a bounded time.
    The status is 1 if a target was missed, or if nothing was spoken.
    """
    if page is not None and not page.absolute().parent.is_dir():
        raise Misuse(f"--html: expected a file in a folder that exists, got {page}")
    speaker = given["speaker"] or load(config=config).settings.default_speaker
    report = _run(read_job(given, speaker), _mute if quiet else partial(click.echo, err=True))
    if as_json:
        click.echo(json.dumps(to_document(report), indent=2, allow_nan=False))
    else:
        show(report, Console())
    if page is not None:
        page.write_text(to_page(report), encoding="utf-8")
    is_spoken = bool(report.chosen.figures.success)
    return 0 if report.is_met and is_spoken else FAILED


def _run(job: Job, say: Say) -> Report:
    """Carry it out.

    Raises:
        NoServer: If there is none.
        Misuse: If the server takes the options for wrong.
        Failure: If it refuses a single caller.
    """
    plan = job.plan
    first = f"{'a search from ' if job.search else ''}{count_callers(plan.callers)}"
    say(
        f"{first}, {plan.scenario.value}, {plan.duration_s:g} s after {plan.ramp_s:g} s, against "
        f"{job.destination.place}"
    )
    try:
        with asyncio.Runner(loop_factory=loop_factory()) as runner:
            return runner.run(_measure(job, say))
    except Refused as error:
        raise Failure(f"{error}, with a single caller") from error
    except NotOpened as error:
        raise _refusal(error, job.destination) from error


async def _measure(job: Job, say: Say) -> Report:
    made_at = datetime.now(UTC).isoformat(timespec="seconds")
    dial = partial(SocketLine.dial, job.destination)
    clock = time.perf_counter
    learnt = await warm_up(job.plan, dial, clock)
    capacity = None
    if job.search is None:
        trial, journal = await run_trial(job.plan, dial, learnt, clock, targets=job.targets)
        trials = [trial]
    else:
        trials, journal = await search_capacity(
            job.plan,
            dial,
            learnt,
            clock,
            search=job.search,
            targets=job.targets,
            tell=lambda trial: say(_line(trial)),
        )
        capacity = Capacity(job.search.best, job.search.highest_met, job.search.is_capped)
    return Report(
        place=job.destination.place,
        query=job.destination.query,
        made_at=made_at,
        machine=describe_machine(),
        version=version("hoarfrost"),
        plan=job.plan,
        targets=job.targets,
        trials=trials,
        journal=journal,
        capacity=capacity,
    )


def _line(trial: Trial) -> str:
    ttfa = show_milliseconds(trial.figures.latencies.ttfa.at(99))
    verdict = "met" if trial.is_met else "missed"
    return (
        f"{count_callers(trial.callers)}: {verdict}, TTFA p99 {ttfa}, "
        f"{trial.figures.gaps.n_underruns} underruns"
    )


def _mute(_line: str) -> None:
    """Say nothing."""


def _refusal(error: NotOpened, destination: Destination) -> Failure:
    if error.status is None:
        return NoServer(str(error))
    if error.status == 400:
        return Misuse(str(error))
    if error.status == 401 and destination.key is None:
        return Failure(f"{error}; give a key with --key or HOARFROST_API_KEY")
    path = urlsplit(destination.address).path
    if error.status in (403, 404) and path != "/ws":
        return Failure(f"{error}; expected the path /ws, got {path}")
    return Failure(str(error))
