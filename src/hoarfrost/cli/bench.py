"""``hoarfrost bench``: how many callers a server carries, and what they hear."""

import asyncio
import json
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import click
from rich.console import Console

from hoarfrost.cli.configuration import config_option, load
from hoarfrost.cli.failures import FAILED, Failure, Misuse, NoServer
from hoarfrost.loadtest.findings import show_number
from hoarfrost.loadtest.hearing import FORMATS
from hoarfrost.loadtest.line import Destination, NotOpened, Refused, SocketLine
from hoarfrost.loadtest.machine import describe_machine, make_room
from hoarfrost.loadtest.page import to_page
from hoarfrost.loadtest.plan import MAX_CALLERS, InterruptBy, Plan, Scenario
from hoarfrost.loadtest.report import Capacity, Report, to_document
from hoarfrost.loadtest.run import warm_up
from hoarfrost.loadtest.search import DEFAULT_MAX_TRIALS, Search
from hoarfrost.loadtest.table import show
from hoarfrost.loadtest.targets import DEFAULT_TARGETS, Target, parse_targets
from hoarfrost.loadtest.texts import Texts, read_lines
from hoarfrost.loadtest.trials import Trial, run_trial, search_capacity
from hoarfrost.protocol.options import DEFAULT_RATE_HZ, MODELS

TELEPHONE_RATE_HZ: Final = 8000
DEFAULT_CALLERS: Final = 10
DEFAULT_MAX_CALLERS: Final = 200
DEFAULT_INTERRUPTED: Final = 0.2

_FLAGS: Final = {
    "speaker": "--speaker",
    "audioFormat": "--format",
    "samplingRate": "--sampling-rate",
    "immediate": "--param segment=immediate",
}
"""By parameter that may not be given with ``--param``, what to use instead."""

Run = Callable[..., Any]


@dataclass(frozen=True, slots=True)
class Job:
    """What is to be done.

    Attributes:
        plan: With how many callers, doing what.
        destination: To which server.
        targets: What it is held to.
        search: How to look for a capacity; None for a single run.
        is_quiet: Whether to say nothing meanwhile.
    """

    plan: Plan
    destination: Destination
    targets: tuple[Target, ...]
    search: Search | None
    is_quiet: bool


def server_options(function: Run) -> Run:
    """Add the options that say which server is loaded, and what it is asked for."""
    for option in reversed(
        (
            click.option(
                "--url", default="ws://127.0.0.1:8000/ws", show_default=True, help="The server."
            ),
            click.option("--allow-remote", is_flag=True, help="It may be on another machine."),
            click.option(
                *("--key", "--api-key", "key"),
                envvar="HOARFROST_API_KEY",
                metavar="KEY",
                help="Or HOARFROST_API_KEY.",
            ),
            click.option("--speaker", "-s", metavar="VOICE", help="Who speaks."),
            click.option(
                "--format", "audio_format", type=click.Choice(FORMATS), default="pcm", help="[pcm]"
            ),
            click.option(
                "--sampling-rate", "rate_hz", type=int, help="[22050; for mulaw 8000]", metavar="HZ"
            ),
            click.option(
                "--param", multiple=True, metavar="NAME=VALUE", help="More of the query string."
            ),
        )
    ):
        function = option(function)
    return function


def load_options(function: Run) -> Run:
    """Add the options that say what the callers do."""
    kinds = [scenario.value for scenario in Scenario]
    ways = [way.value for way in InterruptBy]
    for option in reversed(
        (
            click.option(
                "--scenario", type=click.Choice(kinds), default=kinds[0], show_default=True
            ),
            click.option(
                "--callers",
                "-n",
                type=int,
                help="How many; in a search, the first number.  [10; 1]",
            ),
            click.option(
                "--duration", type=float, default=30.0, show_default=True, help="Seconds a run."
            ),
            click.option("--seed", type=int, default=1, show_default=True, help="Of all chance."),
            click.option("--texts", type=click.Path(path_type=Path), help="A text on each line."),
            click.option(
                "--tokens-per-second",
                type=float,
                default=30.0,
                show_default=True,
                help="Of a turn.",
            ),
            click.option(
                "--talking",
                type=float,
                default=0.3,
                show_default=True,
                help="Share of a conversation that is speech.",
            ),
            click.option(
                "--interrupted",
                type=float,
                metavar="SHARE",
                help="Of turns, in conversations.  [0.2]",
            ),
            click.option(
                "--interrupt-by", type=click.Choice(ways), default=ways[0], show_default=True
            ),
            click.option(
                "--jitter-ms", type=float, default=40.0, show_default=True, help="Player's buffer."
            ),
            click.option(
                "--tolerance-ms",
                type=float,
                default=20.0,
                show_default=True,
                help="Gaps in a turn that pass unnoticed.",
            ),
        )
    ):
        function = option(function)
    return function


@click.command(
    "bench",
    epilog="Examples:\n\n  hoarfrost bench --callers 20 --html report.html\n\n"
    "  hoarfrost bench --search --targets success:1.00,ttfa:p99@500ms,underrun:0\n\n"
    "What each figure means: docs/benchmarking.md",
)
@server_options
@load_options
@click.option("--targets", metavar="LIST", help=f"What to meet.  [in a search {DEFAULT_TARGETS}]")
@click.option("--search", is_flag=True, help="Look for the most callers that meet the targets.")
@click.option("--max-callers", type=int, default=DEFAULT_MAX_CALLERS, show_default=True)
@click.option("--max-trials", type=int, default=DEFAULT_MAX_TRIALS, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of tables.")
@click.option("--html", "page", type=click.Path(path_type=Path), help="Write a page with plots.")
@click.option("--quiet", "-q", is_flag=True, help="Print no progress.")
@config_option
def command(
    as_json: bool,  # noqa: FBT001 -- a flag
    page: Path | None,
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
    report = _run(_job(given, speaker))
    if as_json:
        click.echo(json.dumps(to_document(report), indent=2, allow_nan=False))
    else:
        show(report, Console())
    if page is not None:
        page.write_text(to_page(report), encoding="utf-8")
    is_spoken = bool(report.chosen.figures.success)
    return 0 if report.is_met and is_spoken else FAILED


def _job(given: dict[str, Any], speaker: str) -> Job:
    """Read what was asked for.

    Raises:
        Misuse: If it cannot be.
    """
    is_search = given["search"]
    n_callers = given["callers"] or (1 if is_search else DEFAULT_CALLERS)
    scenario = Scenario(given["scenario"])
    params = _params(given["param"])
    if given["interrupted"] is not None and scenario is not Scenario.CONVERSATION:
        raise Misuse("--interrupted: expected the scenario conversation")
    interrupted = DEFAULT_INTERRUPTED if given["interrupted"] is None else given["interrupted"]
    rate_hz = {"pcm": DEFAULT_RATE_HZ, "mulaw": TELEPHONE_RATE_HZ}[given["audio_format"]]
    wanted = given["targets"] or (DEFAULT_TARGETS if is_search else None)
    try:
        plan = Plan(
            scenario=scenario,
            callers=n_callers,
            duration_s=given["duration"],
            seed=given["seed"],
            audio_format=given["audio_format"],
            rate_hz=given["rate_hz"] or rate_hz,
            segment=params.get("segment", "bySentence"),
            tokens_per_second=given["tokens_per_second"],
            talking=given["talking"],
            interrupted=interrupted if scenario is Scenario.CONVERSATION else 0.0,
            interrupt_by=InterruptBy(given["interrupt_by"]),
            jitter_ms=given["jitter_ms"],
            tolerance_ms=given["tolerance_ms"],
            texts=_texts(given["texts"]),
        )
        query = {
            "speaker": speaker,
            "modelId": MODELS[0],
            "audioFormat": plan.audio_format,
            "samplingRate": str(plan.rate_hz),
            **params,
        }
        destination = Destination(given["url"], query, given["key"])
        targets = parse_targets(wanted) if wanted else ()
        cap = given["max_callers"]
        if not 1 <= cap <= MAX_CALLERS:
            raise ValueError(f"max-callers: expected 1 to {MAX_CALLERS}, got {cap}")
        search = Search(n_callers, cap, max_trials=given["max_trials"]) if is_search else None
        make_room(cap if is_search else n_callers)
    except ValueError as error:
        raise Misuse(f"--{error}") from error
    if not (destination.is_loopback or given["allow_remote"]):
        raise Misuse(
            f"--url: expected a server on this machine, got {destination.place}; to load another "
            "one, which must be yours to load, add --allow-remote"
        )
    for target in targets:
        if not plan.measures(target.name):
            raise Misuse(f"--targets: {target.name} is not measured by this scenario")
    return Job(plan, destination, targets, search, given["quiet"])


def _params(pairs: tuple[str, ...]) -> dict[str, str]:
    params = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not (name and equals):
            raise Misuse("--param: expected NAME=VALUE")
        if name in _FLAGS:
            raise Misuse(f"--param: expected {_FLAGS[name]} instead of {name}")
        params[name] = value
    return params


def _texts(path: Path | None) -> Texts:
    if path is None:
        return Texts()
    try:
        with path.open(encoding="utf-8") as file:
            return read_lines(file)
    except UnicodeDecodeError as error:
        raise Misuse(f"{path}: expected UTF-8 text") from error
    except ValueError as error:
        raise Misuse(f"{path}: {error}") from error


def _run(job: Job) -> Report:
    """Carry it out.

    Raises:
        NoServer: If there is none.
        Misuse: If the server takes the options for wrong.
        Failure: If it refuses a single caller.
    """
    made_at = datetime.now(UTC).isoformat(timespec="seconds")
    try:
        with asyncio.Runner(loop_factory=_loop_factory()) as runner:
            return runner.run(_measure(job, made_at))
    except Refused as error:
        raise Failure(f"{error}, with a single caller") from error
    except NotOpened as error:
        raise _refusal(error, job.destination) from error


async def _measure(job: Job, made_at: str) -> Report:
    dial = partial(SocketLine.dial, job.destination)
    clock = time.perf_counter
    tell = _tell(job)
    learnt = await warm_up(job.plan, dial, clock)
    capacity = None
    if job.search is None:
        trial, journal = await run_trial(job.plan, dial, learnt, clock, targets=job.targets)
        trials = [trial]
    else:
        trials, journal = await search_capacity(
            job.plan, dial, learnt, clock, search=job.search, targets=job.targets, tell=tell
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


def _tell(job: Job) -> Callable[[Trial], None]:
    def tell(trial: Trial) -> None:
        if job.is_quiet:
            return
        latencies = trial.figures.latencies
        click.echo(
            f"{trial.callers} callers: {'met' if trial.is_met else 'missed'}, TTFA p99 "
            f"{show_number(latencies.ttfa.at(99))} ms, {trial.figures.gaps.n_underruns} underruns",
            err=True,
        )

    if not job.is_quiet:
        plan = job.plan
        many = "a search from " if job.search else ""
        click.echo(
            f"{many}{plan.callers} callers, {plan.scenario.value}, {plan.duration_s:g} s after "
            f"{plan.ramp_s:g} s, against {job.destination.place}",
            err=True,
        )
    return tell


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """Return what makes the fastest event loop there is: the tester must not be the bottleneck."""
    if sys.platform == "win32":
        return None
    import uvloop  # noqa: PLC0415 -- not on every system

    return uvloop.new_event_loop


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
