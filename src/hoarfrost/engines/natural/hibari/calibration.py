"""What a decoder's products read: the ranges that its integers are to cover.

In: `Weights`, ids of some sentences. Out: by product, the least and the greatest number seen.
Invariant: the same weights and sentences give the same ranges, to float32 rounding.
"""

from collections.abc import Iterable, Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray

from hoarfrost.engines.natural.hibari.graphs import ProsodyGraphs, Tokens, decoder_input
from hoarfrost.engines.natural.hibari.networks import decoder_graph
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


def measure_ranges(
    weights: Weights, graphs: ProsodyGraphs, ids: Iterable[NDArray[np.int64]], place: str
) -> Mapping[str, Range]:
    """Return what every product of the decoder reads while some sentences are said.

    Args:
        weights: Of the voice.
        graphs: Of the same voice.
        ids: Of each sentence.
        place: What to call the voice in an error.

    Raises:
        VoiceFault: If a graph fails.
    """
    graph = decoder_graph(weights, {}, watches=True)
    session = open_model(graph.model, f"{place}: decoder")
    names = list(graph.products)
    ranges: dict[str, Range] = dict.fromkeys(names, (0.0, 0.0))
    zeros = {
        name: np.zeros((rows, channels), np.float32)
        for name, (channels, rows) in graph.states.items()
    }
    for sentence in ids:
        frames, _ = graphs.run(Tokens(sentence, np.ones(len(sentence), np.float32)))
        for pitch in _PITCHES:
            rows = decoder_input(frames, frames.hz * np.float32(pitch))
            feed = {"frames": rows, "last": np.ones(1, np.int64), **zeros}
            seen = run_graph(session, [graph.products[name] for name in names], feed)
            for name, tensor in zip(names, seen, strict=True):
                low, high = ranges[name]
                ranges[name] = (
                    min(low, float(tensor.min()) * _MARGIN),
                    max(high, float(tensor.max()) * _MARGIN),
                )
    return ranges
