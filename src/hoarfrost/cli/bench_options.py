"""The options of ``hoarfrost bench``, and what is to be done when they have been read."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import click

from hoarfrost.cli.failures import Misuse
from hoarfrost.dialogue.options import DEFAULT_RATE_HZ
from hoarfrost.loadtest.hearing import FORMATS
from hoarfrost.loadtest.line import Destination
from hoarfrost.loadtest.machine import make_room
from hoarfrost.loadtest.plan import MAX_CALLERS, InterruptBy, Plan, Scenario
from hoarfrost.loadtest.search import DEFAULT_MAX_TRIALS, Search
from hoarfrost.loadtest.targets import DEFAULT_TARGETS, Target, parse_targets
from hoarfrost.loadtest.texts import Texts, read_lines
from hoarfrost.protocol.parameters import MODELS

DEFAULT_CALLERS: Final = 10
DEFAULT_MAX_CALLERS: Final = 200
DEFAULT_INTERRUPTED: Final = 0.2
RATES_HZ: Final = {"pcm": DEFAULT_RATE_HZ, "mulaw": 8000}
"""By format, the sample rate if none is given; µ-law is what telephones speak."""

_INSTEAD: Final = {
    "speaker": "--speaker",
    "audioFormat": "--format",
    "samplingRate": "--sampling-rate",
    "immediate": "--param segment=immediate",
}
"""By parameter that may not be given with ``--param``, what to use instead."""

Run = Callable[..., Any]

_SERVER: Final = (
    click.option(
        "--url", default="ws://127.0.0.1:8000/ws", show_default=True, help="The server's address."
    ),
    click.option("--allow-remote", is_flag=True, help="It may be on another machine."),
    click.option(
        *("--key", "--api-key", "key"),
        envvar="HOARFROST_API_KEY",
        metavar="KEY",
        help="Or HOARFROST_API_KEY.",
    ),
    click.option("--speaker", "-s", metavar="VOICE", help="Who speaks; see `hoarfrost voices`."),
    click.option(
        *("--format", "audio_format"),
        type=click.Choice(FORMATS),
        default="pcm",
        show_default=True,
        help="Of the audio.",
    ),
    click.option(
        *("--sampling-rate", "rate_hz"),
        type=int,
        metavar="HZ",
        help="[default: 22050; for mulaw 8000]",
    ),
    click.option("--param", multiple=True, metavar="NAME=VALUE", help="More for the query string."),
)

_CALLERS: Final = (
    click.option(
        "--scenario",
        type=click.Choice([scenario.value for scenario in Scenario]),
        default=Scenario.CONVERSATION.value,
        show_default=True,
        help="What callers do.",
    ),
    click.option(
        *("--callers", "-n"),
        type=int,
        help="How many; in a search, the first number.  [default: 10; in a search 1]",
    ),
    click.option(
        "--duration", type=float, default=30.0, show_default=True, help="Seconds to measure."
    ),
    click.option(
        "--arrivals",
        type=float,
        metavar="RATE",
        help="Callers who start a second.  [default: all within 5 s]",
    ),
    click.option("--seed", type=int, default=1, show_default=True, help="Of all that is random."),
    click.option("--texts", type=click.Path(path_type=Path), help="A file, a text on each line."),
    click.option(
        "--tokens-per-second",
        type=float,
        default=30.0,
        show_default=True,
        help="How fast a turn is written.",
    ),
    click.option(
        "--talking",
        type=float,
        default=0.3,
        show_default=True,
        help="Share of a conversation in which the caller hears speech.",
    ),
    click.option(
        "--interrupted",
        type=float,
        metavar="SHARE",
        help="Of the turns of conversations.  [default: 0.2]",
    ),
    click.option(
        "--interrupt-by",
        type=click.Choice([way.value for way in InterruptBy]),
        default=InterruptBy.CLEAR.value,
        show_default=True,
        help="How.",
    ),
    click.option(
        "--jitter-ms",
        type=float,
        default=40.0,
        show_default=True,
        help="How long a player gathers audio before it begins.",
    ),
    click.option(
        "--tolerance-ms",
        type=float,
        default=20.0,
        show_default=True,
        help="Gaps in a turn that pass unnoticed, in all.",
    ),
)

_VERDICT: Final = (
    click.option(
        "--targets", metavar="LIST", help=f"What to meet.  [default in a search: {DEFAULT_TARGETS}]"
    ),
    click.option("--search", is_flag=True, help="Look for the most callers that meet the targets."),
    click.option(
        "--max-callers", type=int, default=DEFAULT_MAX_CALLERS, show_default=True, help="To try."
    ),
    click.option(
        "--max-trials", type=int, default=DEFAULT_MAX_TRIALS, show_default=True, help="To make."
    ),
)


@dataclass(frozen=True, slots=True)
class Job:
    """What is to be done.

    Attributes:
        plan: With how many callers, doing what.
        destination: To which server.
        targets: What it is held to.
        search: How to look for a capacity; None for a single run.
    """

    plan: Plan
    destination: Destination
    targets: tuple[Target, ...]
    search: Search | None


def load_options(function: Run) -> Run:
    """Add the options that say which server is loaded, how, and what it is held to."""
    for option in reversed((*_SERVER, *_CALLERS, *_VERDICT)):
        function = option(function)
    return function


def read_job(given: dict[str, Any], speaker: str) -> Job:
    """Return what was asked for.

    Args:
        given: By name, the values of the options.
        speaker: Who is to speak.

    Raises:
        Misuse: If it cannot be done.
    """
    params = _read_params(given["param"])
    texts = _read_texts(given["texts"])
    try:
        plan = _plan(given, params.get("segment", "bySentence"), texts)
        query = {
            "speaker": speaker,
            "modelId": MODELS[0],
            "audioFormat": plan.audio_format,
            "samplingRate": str(plan.rate_hz),
            **params,
        }
        destination = Destination(given["url"], query, given["key"])
        targets = _targets(given, plan)
        search = _search(given, plan.callers) if given["search"] else None
        make_room(given["max_callers"] if search else plan.callers)
    except ValueError as error:
        raise Misuse(f"--{error}") from error
    if not (destination.is_loopback or given["allow_remote"]):
        raise Misuse(
            f"--url: expected a server on this machine, got {destination.place}; to load another "
            "one, which must be yours to load, add --allow-remote"
        )
    return Job(plan, destination, targets, search)


def _plan(given: dict[str, Any], segment: str, texts: Texts) -> Plan:
    scenario = Scenario(given["scenario"])
    n_callers, rate_hz, interrupted = given["callers"], given["rate_hz"], given["interrupted"]
    if n_callers is None:
        n_callers = 1 if given["search"] else DEFAULT_CALLERS
    if rate_hz is None:
        rate_hz = RATES_HZ[given["audio_format"]]
    if scenario is Scenario.BURST and given["arrivals"] is not None:
        raise ValueError("arrivals: expected a scenario in which callers come one by one")
    if scenario is not Scenario.CONVERSATION:
        if interrupted is not None:
            raise ValueError("interrupted: expected the scenario conversation")
        interrupted = 0.0
    return Plan(
        scenario=scenario,
        callers=n_callers,
        duration_s=given["duration"],
        arrivals=given["arrivals"],
        seed=given["seed"],
        audio_format=given["audio_format"],
        rate_hz=rate_hz,
        segment=segment,
        tokens_per_second=given["tokens_per_second"],
        talking=given["talking"],
        interrupted=DEFAULT_INTERRUPTED if interrupted is None else interrupted,
        interrupt_by=InterruptBy(given["interrupt_by"]),
        jitter_ms=given["jitter_ms"],
        tolerance_ms=given["tolerance_ms"],
        texts=texts,
    )


def _targets(given: dict[str, Any], plan: Plan) -> tuple[Target, ...]:
    wanted = given["targets"]
    if wanted is None:
        return parse_targets(DEFAULT_TARGETS) if given["search"] else ()
    targets = parse_targets(wanted)
    for target in targets:
        if not plan.measures(target.name):
            raise ValueError(f"targets: {target.name} is not measured by this scenario")
    return targets


def _search(given: dict[str, Any], first: int) -> Search:
    cap = given["max_callers"]
    if not 1 <= cap <= MAX_CALLERS:
        raise ValueError(f"max-callers: expected 1 to {MAX_CALLERS}, got {cap}")
    return Search(first, cap, max_trials=given["max_trials"])


def _read_params(pairs: Sequence[str]) -> dict[str, str]:
    params = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not (name and equals):
            raise Misuse("--param: expected NAME=VALUE")
        if name in _INSTEAD:
            raise Misuse(f"--param: expected {_INSTEAD[name]} instead of {name}")
        params[name] = value
    return params


def _read_texts(path: Path | None) -> Texts:
    if path is None:
        return Texts()
    try:
        with path.open(encoding="utf-8") as file:
            return read_lines(file)
    except UnicodeDecodeError as error:
        raise Misuse(f"{path}: expected UTF-8 text") from error
    except ValueError as error:
        raise Misuse(f"{path}: {error}") from error
