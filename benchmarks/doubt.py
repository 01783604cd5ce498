"""What it costs that the end of a text may be in doubt.

A full stop at the end of all that was sent is held for a moment, as more may follow (``3.`` before
``14``). Synthesis begins meanwhile. So first audio should take as long as the longer of the two,
not as both: the same words are spoken with a ``<FLUSH>``, which leaves no doubt, and without.
"""

import asyncio
import statistics
import time
from typing import Final

from benchmarks.measure import Figure, spread
from benchmarks.natural import PLACES
from benchmarks.serving import Served, driving, run_until_complete
from hoarfrost.synthesis.engine import SynthesisRequest
from hoarfrost.synthesis.registry import Engines
from hoarfrost.synthesis.voice import Voice
from hoarfrost.text.segmenter import LIKELY_HOLD

TEXT: Final = "Hello there, my friend from {}."
ROUNDS: Final = 40
ADDED_AT_MOST_MS: Final = 5.0

_PATIENCE_S: Final = 30.0


def measure(served: Served) -> list[Figure]:
    """Time first audio of the engine alone, of certain text and of text in doubt, in turns."""
    with driving(served.subject) as (engines, voice):
        _first_chunk(engines, voice, TEXT.format("Hull"))
        return run_until_complete(_measure(served, engines, voice))


async def _measure(served: Served, engines: Engines, voice: Voice) -> list[Figure]:
    alone, certain, in_doubt = [], [], []
    for number in range(ROUNDS):
        text = TEXT.format(f"{PLACES[number % len(PLACES)]}{' again' * (number // len(PLACES))}")
        alone.append(_first_chunk(engines, voice, text))
        certain.append(await _first_frame(served, f"{text}<FLUSH>"))
        in_doubt.append(await _first_frame(served, text))
    return figures(alone, certain, in_doubt)


def figures(alone: list[float], certain: list[float], in_doubt: list[float]) -> list[Figure]:
    """Return what was timed, and what the doubt adds to the longer of hold and synthesis."""
    hold_ms = LIKELY_HOLD * 1000
    certain_ms, in_doubt_ms = (statistics.median(way) * 1000 for way in (certain, in_doubt))
    return [
        *spread("first audio, the engine in-process", alone),
        *spread("first audio over the socket, with <FLUSH>", certain),
        *spread("first audio over the socket, end in doubt", in_doubt),
        Figure("the hold", hold_ms, "ms"),
        Figure("hold and synthesis one after the other", hold_ms + certain_ms, "ms"),
        Figure(
            "end in doubt, above the longer of hold and synthesis",
            in_doubt_ms - max(hold_ms, certain_ms),
            "ms",
            ADDED_AT_MOST_MS,
        ),
    ]


def _first_chunk(engines: Engines, voice: Voice, text: str) -> float:
    began = time.perf_counter()
    chunks = engines.synthesize(SynthesisRequest(voice, text, voice.language))
    while not next(chunks).samples.size:
        pass
    taken = time.perf_counter() - began
    chunks.close()
    return taken


async def _first_frame(served: Served, message: str) -> float:
    line = await served.dial()
    try:
        async with asyncio.timeout(_PATIENCE_S):
            began = time.perf_counter()
            await line.send(message)
            await line.receive()
            return time.perf_counter() - began
    finally:
        await line.close()
