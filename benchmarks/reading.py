"""What reading a text costs: its markup, its sentences, its numbers written out, on one core.

The lines are those of the tests: each holds what is hardest to read of its kind, so the median is
that of sentences with something to read in them. The dense text is those lines one after another,
which no client sends.
"""

import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from benchmarks.measure import Figure
from hoarfrost.text.markup import read_script
from hoarfrost.text.reading.sentences import read_sentences
from hoarfrost.text.script import Segment, Speech

_LINES: Final = Path(__file__).parents[1] / "tests/text/reading/data/american.tsv"
_PROSE: Final = (
    "Actually, I called the office on Monday because the order had not arrived, and they told me "
    "that it would take another three days. "
)
_N_CHARACTERS: Final = 1000
_TAKES: Final = 20


def run() -> list[Figure]:
    """Return the times, in milliseconds of this thread's CPU time, the best of twenty takes."""
    rows = (line.split("\t") for line in _LINES.read_text("utf-8").splitlines())
    lines = [row[0] for row in rows if len(row) > 1]
    dense = " ".join(lines)[:_N_CHARACTERS]
    prose = (_PROSE * 8)[:_N_CHARACTERS]
    return [
        Figure("a sentence, median", statistics.median(map(_cost_ms, lines)), "ms", target=1),
        Figure("a sentence, worst", max(map(_cost_ms, lines)), "ms", target=5),
        Figure("1 000 characters of prose", _cost_ms(prose), "ms", target=5),
        Figure("1 000 characters of the densest text", _cost_ms(dense), "ms"),
    ]


def _cost_ms(text: str) -> float:
    return min(_time(lambda: _read(text)) for _ in range(_TAKES)) * 1000


def _read(text: str) -> None:
    for part in read_script(Segment(text), pauses=False).script:
        if isinstance(part, Speech):
            read_sentences(part.text)


def _time(work: Callable[[], None]) -> float:
    began = time.thread_time()
    work()
    return time.thread_time() - began
