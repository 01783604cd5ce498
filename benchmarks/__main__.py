"""`python -m benchmarks [ENGINE ...] [--json]`: measure, print, fail when a target is missed."""

import sys

from benchmarks import overhead
from benchmarks.measure import hardware, show, to_json


def main(arguments: list[str]) -> int:
    """Run the measurements for each engine; return 1 if any target was missed."""
    engines = [word for word in arguments if not word.startswith("-")] or ["espeak"]
    print(hardware())
    has_missed = False
    for engine in engines:
        figures = overhead.run(engine)
        title = f"what the server adds to the engine {engine}"
        if "--json" in arguments:
            print(to_json(title, figures))
        else:
            show(title, figures)
        has_missed |= any(not figure.is_met for figure in figures)
    return int(has_missed)


sys.exit(main(sys.argv[1:]))
