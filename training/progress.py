"""What a training tells the person who waits for it: lines on standard output."""

import sys
import time
from collections.abc import Mapping


def say(line: str) -> None:
    """Write one line at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


class Progress:
    """Figures of a run, with the seconds since it began."""

    def __init__(self) -> None:
        self._began = time.monotonic()

    def report(self, step: int, label: str, figures: Mapping[str, float]) -> None:
        """Say where a run stands."""
        parts = " ".join(f"{name} {value:.4f}" for name, value in figures.items())
        say(f"{step} {label}: {parts} ({time.monotonic() - self._began:.0f} s)")
