"""`python -m benchmarks`: measure, print, fail when a target is missed. `--help` says the rest."""

import argparse
import math
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from benchmarks import (
    callers,
    capacity,
    floods,
    natural,
    overhead,
    peers,
    piper,
    reading,
    serving,
    soak,
    voices,
)
from benchmarks.measure import Figure, show, to_json
from hoarfrost.loadtest.machine import describe_machine

_ALL = ("reading", "overhead", "natural", "piper", "peers", "callers")
_SOAK = "soak"
_VOICES = "voices"
"""These take half an hour: only if they are named."""
_FLOODS = "floods"
_NAMED = (_SOAK, _VOICES, _FLOODS)


def main(arguments: Sequence[str]) -> int:
    """Run the measurements asked for; return 1 if any target was missed."""
    parser = _parser()
    chosen = parser.parse_args(arguments)
    if unknown := sorted(set(chosen.what) - {*_ALL, *_NAMED}):
        parser.error(f"expected some of {', '.join((*_ALL, *_NAMED))}, got {', '.join(unknown)}")
    if _SOAK in chosen.what and len(chosen.callers or ()) > 1:
        parser.error("--callers: expected one number for soak")
    if _SOAK in chosen.what and len(chosen.voice or ()) > 1:
        parser.error("--voice: expected one for soak")
    # So that servers under test are ended with us, whoever ends us.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    print(describe_machine(), file=sys.stderr if chosen.json else sys.stdout)
    has_missed = False
    for title, figures in _measure(chosen):
        if chosen.json:
            print(to_json(title, figures), flush=True)
        else:
            show(title, figures)
        has_missed |= any(not figure.is_met for figure in figures)
    return int(has_missed)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=main.__doc__)
    parser.add_argument(
        "what",
        nargs="*",
        metavar="WHAT",
        help="reading (what it costs to read a text), overhead (what the server adds to an "
        "engine), natural (what the natural voice costs on one core), piper (what streaming a "
        "Piper voice costs), peers (the same voice here and in the servers of others; Linux) or "
        "callers (many at once); all these if none is named. Only by name: soak (half an hour of "
        "load, memory watched; Linux), floods (what a caller hears under attack; Linux) and voices "
        "(how every English voice sounds, as networks judge it; a large install)",
    )
    parser.add_argument(
        "--engine",
        action="append",
        help="the engine that the overhead is measured with; may be repeated (espeak)",
    )
    parser.add_argument(
        "--callers",
        type=_counts,
        metavar="N,N",
        help="at a time, against the peers (1,4,8,16), in conversation (1,8,16), or in the soak "
        "(one number; by what the server says it has room for)",
    )
    _add_peers_options(parser)
    _add_voices_options(parser)
    _add_callers_options(parser)
    parser.add_argument("--json", action="store_true", help="one JSON object a measurement")
    return parser


def _add_peers_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--takes",
        type=_count,
        default=peers.TAKES,
        metavar="N",
        help="texts that each server speaks in each measurement against the peers (40)",
    )
    parser.add_argument(
        "--plot",
        type=Path,
        metavar="FILE",
        help="where to write a picture of first audio against callers, for all peers (SVG)",
    )


def _add_voices_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--speaker",
        action="append",
        metavar="NAME",
        help="a voice to judge, or hibari-tts for the package's own code; may be repeated (all "
        "natural ones of U.S. English, the package, and one of espeak-ng)",
    )
    parser.add_argument(
        "--sentences",
        type=_count,
        default=voices.SENTENCES,
        metavar="N",
        help=f"that each voice is judged by, at most 200 ({voices.SENTENCES})",
    )


def _add_callers_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--part",
        action="append",
        choices=callers.PARTS,
        help="of callers; may be repeated (all)",
    )
    parser.add_argument(
        "--voice",
        action="append",
        choices=serving.VOICES,
        help="of callers, may be repeated (both), or of the soak (piper)",
    )
    parser.add_argument(
        "--seconds",
        type=_within(1, 600),
        default=callers.SECONDS,
        metavar="S",
        help="that a trial of callers lasts; conversations last a few times as long (20)",
    )
    parser.add_argument(
        "--trials",
        type=_count,
        default=capacity.TRIALS,
        metavar="N",
        help="at most, in a search for the capacity (8)",
    )
    parser.add_argument(
        "--minutes",
        type=_within(0.5, 60),
        default=soak.MINUTES,
        metavar="M",
        help="that the soak lasts (30)",
    )


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"expected a number from 1 up, got {text!r}")
    return int(text)


def _counts(text: str) -> tuple[int, ...]:
    return tuple(_count(number) for number in text.split(","))


def _within(least: float, most: float) -> Callable[[str], float]:
    def read(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not least <= value <= most:
            raise argparse.ArgumentTypeError(f"expected {least:g} to {most:g}, got {text!r}")
        return value

    return read


def _tell(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _measure(  # noqa: C901 -- one branch a measurement
    chosen: argparse.Namespace,
) -> Iterator[tuple[str, list[Figure]]]:
    what = chosen.what or _ALL
    if "reading" in what:
        yield "what reading a text costs on one core", reading.run()
    if "overhead" in what:
        for engine in chosen.engine or ["espeak"]:
            yield f"what the server adds to the engine {engine}", overhead.run(engine)
    if "natural" in what:
        yield "what the natural voice costs on one core", natural.run()
    if "piper" in what:
        yield "what streaming a Piper voice costs on one core", piper.run()
    if "peers" in what:
        yield from peers.run(chosen.callers or peers.CALLERS, chosen.takes, plot=chosen.plot)
    if "callers" in what:
        yield from callers.run(
            chosen.callers or callers.CALLERS,
            chosen.part or callers.PARTS,
            voices=chosen.voice or serving.VOICES,
            seconds=chosen.seconds,
            n_trials=chosen.trials,
            tell=_tell,
        )
    if _VOICES in what:
        yield from voices.run(chosen.speaker or (), chosen.sentences, tell=_tell)
    if _FLOODS in what:
        yield "what a caller hears while somebody else attacks", floods.run()
    if _SOAK in what:
        [n_callers] = chosen.callers or [None]
        [voice] = chosen.voice or [serving.PIPER]
        yield from soak.run(chosen.minutes, n_callers, voice=voice, tell=_tell)


sys.exit(main(sys.argv[1:]))
