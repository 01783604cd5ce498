"""What the products of networks read: the ranges that their integers are to cover.

In: `Weights`, ids of some sentences. Out: by product, the least and the greatest number seen.
Invariant: the same weights and sentences give the same ranges, to float32 rounding.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from hoarfrost.engines.natural.hibari.graphs import ProsodyGraphs, Tokens, decoder_input
from hoarfrost.engines.natural.hibari.networks import (
    Graph,
    decoder_graph,
    prosody_graph,
    text_graph,
)
from hoarfrost.engines.natural.hibari.weights import Weights
from hoarfrost.engines.natural.hibari.writer import Range
from hoarfrost.engines.natural.sessions import open_model, run_graph

SENTENCES: Final = (
    "ðə kwˈɪk bɹˈWn fˈɑks ʤˈʌmps ˌOvəɹ ðə lˈAzi dˈɔɡ, ænd ʃi sˈɛlz sˈi ʃˈɛlz bI ðə sˈi ʃˈɔɹ.",
    "həlˈO! wˌʌt ɑɹ ju dˈuɪŋ ðɪs ˈivnɪŋ?",
    "jˈɛs, ˌI θˈɔt ðæt vˈɪʒən ænd ʧˈYsᵻz wʊd hˈɛlp ˌʌs bˈOθ.",
)
"""Every sound of the voice, in a question, an exclamation and statements."""
_PITCHES: Final = (0.62, 1.0, 1.25)
"""Speakers made from the voice have another pitch than it."""
_MARGIN: Final = 1.1
_EXACT: Final = "pn.text."
"""Products without integers: what is lost there moves whole tokens by a frame."""


def measure_ranges(
    weights: Weights, sentences: Iterable[NDArray[np.int64]], place: str
) -> Mapping[str, Range]:
    """Return what every product of a voice's networks reads while some sentences are said.

    Args:
        weights: Of the voice.
        sentences: The ids of each.
        place: What to call the voice in an error.

    Raises:
        VoiceFault: If a graph fails.
    """
    graphs = ProsodyGraphs(weights, {}, place)
    text, prosody, decoder = (
        _Watched(graph(weights, {}, watches=True), place)
        for graph in (text_graph, prosody_graph, decoder_graph)
    )
    zeros = {
        name: np.zeros((rows, channels), np.float32)
        for name, (channels, rows) in decoder_graph(weights, {}).states.items()
    }
    for ids in sentences:
        tokens = Tokens(ids, np.ones(len(ids), np.float32))
        text.run({"ids": ids})
        _, encoding, durations = graphs.encode(tokens)
        prosody.run({"frames": np.repeat(encoding, durations, axis=0)})
        frames, _ = graphs.run(tokens)
        for pitch in _PITCHES:
            rows = decoder_input(frames, frames.hz * np.float32(pitch))
            decoder.run({"frames": rows, "last": np.ones(1, np.int64), **zeros})
    ranges = text.ranges | prosody.ranges | decoder.ranges
    return {name: pair for name, pair in ranges.items() if not name.startswith(_EXACT)}


class _Watched:
    """A graph that tells what its products read."""

    def __init__(self, graph: Graph, place: str) -> None:
        self._products = graph.products
        self._session = open_model(graph.model, place)
        self.ranges: dict[str, Range] = dict.fromkeys(graph.products, (0.0, 0.0))

    def run(self, feed: Mapping[str, NDArray[Any]]) -> None:
        """Run it once; widen the ranges to what was read, and a little more."""
        pairs = [(name, rows) for name, uses in self._products.items() for rows in uses]
        seen = run_graph(self._session, [rows for _, rows in pairs], feed)
        for (name, _), tensor in zip(pairs, seen, strict=True):
            low, high = self.ranges[name]
            self.ranges[name] = (
                min(low, float(tensor.min()) * _MARGIN),
                max(high, float(tensor.max()) * _MARGIN),
            )
