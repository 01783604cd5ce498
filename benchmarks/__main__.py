"""`python -m benchmarks`: measure, print, fail when a target is missed. `--help` says the rest."""

import argparse
import signal
import sys
from collections.abc import Iterator, Sequence

from benchmarks import natural, overhead, peers, piper
from benchmarks.measure import Figure, hardware, show, to_json

_ALL = ("overhead", "natural", "piper", "peers")


def main(arguments: Sequence[str]) -> int:
    """Run the measurements asked for; return 1 if any target was missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=main.__doc__)
    parser.add_argument(
        "what",
        nargs="*",
        metavar="WHAT",
        help="overhead (what the server adds to an engine), natural (what the natural voice "
        "costs on one core), piper (what streaming a Piper voice costs) or peers (the same voice "
        "here and in the servers of others; Linux); all if none is named",
    )
    parser.add_argument(
        "--engine",
        action="append",
        help="the engine that the overhead is measured with; may be repeated (espeak)",
    )
    parser.add_argument(
        "--callers",
        type=_counts,
        default=peers.CALLERS,
        metavar="N,N",
        help="at a time, against the peers (1,4,8)",
    )
    parser.add_argument(
        "--takes",
        type=_count,
        default=peers.TAKES,
        metavar="N",
        help="texts that each server speaks in each measurement against the peers (40)",
    )
    parser.add_argument("--json", action="store_true", help="one JSON object a measurement")
    chosen = parser.parse_args(arguments)
    if unknown := sorted(set(chosen.what) - set(_ALL)):
        parser.error(f"expected some of {', '.join(_ALL)}, got {', '.join(unknown)}")
    # So that servers under test are ended with us, whoever ends us.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    print(hardware(), file=sys.stderr if chosen.json else sys.stdout)
    has_missed = False
    for title, figures in _measure(chosen):
        if chosen.json:
            print(to_json(title, figures))
        else:
            show(title, figures)
        has_missed |= any(not figure.is_met for figure in figures)
    return int(has_missed)


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"expected a number from 1 up, got {text!r}")
    return int(text)


def _counts(text: str) -> tuple[int, ...]:
    return tuple(_count(number) for number in text.split(","))


def _measure(chosen: argparse.Namespace) -> Iterator[tuple[str, list[Figure]]]:
    what = chosen.what or _ALL
    if "overhead" in what:
        for engine in chosen.engine or ["espeak"]:
            yield f"what the server adds to the engine {engine}", overhead.run(engine)
    if "natural" in what:
        yield "what the natural voice costs on one core", natural.run()
    if "piper" in what:
        yield "what streaming a Piper voice costs on one core", piper.run()
    if "peers" in what:
        yield from peers.run(chosen.callers, chosen.takes)


sys.exit(main(sys.argv[1:]))
