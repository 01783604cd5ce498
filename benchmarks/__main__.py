"""`python -m benchmarks`: measure, print, fail when a target is missed. `--help` says the rest."""

import argparse
import sys
from collections.abc import Iterator, Sequence

from benchmarks import natural, overhead
from benchmarks.measure import Figure, hardware, show, to_json

_ALL = ("overhead", "natural")


def main(arguments: Sequence[str]) -> int:
    """Run the measurements asked for; return 1 if any target was missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=main.__doc__)
    parser.add_argument(
        "what",
        nargs="*",
        metavar="WHAT",
        help="overhead (what the server adds to an engine) or natural (what the natural voice "
        "costs on one core); both if none is named",
    )
    parser.add_argument(
        "--engine",
        action="append",
        help="the engine that the overhead is measured with; may be repeated (espeak)",
    )
    parser.add_argument("--json", action="store_true", help="one JSON object a measurement")
    chosen = parser.parse_args(arguments)
    if unknown := sorted(set(chosen.what) - set(_ALL)):
        parser.error(f"expected some of {', '.join(_ALL)}, got {', '.join(unknown)}")
    print(hardware(), file=sys.stderr if chosen.json else sys.stdout)
    has_missed = False
    for title, figures in _measure(chosen.what or _ALL, chosen.engine or ["espeak"]):
        if chosen.json:
            print(to_json(title, figures))
        else:
            show(title, figures)
        has_missed |= any(not figure.is_met for figure in figures)
    return int(has_missed)


def _measure(what: Sequence[str], engines: Sequence[str]) -> Iterator[tuple[str, list[Figure]]]:
    if "overhead" in what:
        for engine in engines:
            yield f"what the server adds to the engine {engine}", overhead.run(engine)
    if "natural" in what:
        yield "what the natural voice costs on one core", natural.run()


sys.exit(main(sys.argv[1:]))
