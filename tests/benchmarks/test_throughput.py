"""How the engine by itself and the server are compared."""

from collections.abc import Generator

import numpy as np
import pytest

from benchmarks.throughput import Pass, drive, figures, pace_of
from hoarfrost.engines.tone import ToneEngine
from hoarfrost.synthesis.engine import PcmChunk, SynthesisRequest
from hoarfrost.synthesis.registry import Engines


def test_figures() -> None:
    """The median passes are compared; nine tenths must arrive."""
    alone = [Pass(100, 1, 2), Pass(100, 2, 4), Pass(100, 4, 6)]
    through = [Pass(99, 1, 6), Pass(99, 2.2, 6), Pass(99, 9, 6)]
    told = {figure.what: figure for figure in figures(alone, through)}
    assert pace_of(alone) == 50
    assert told["its share"].value == pytest.approx(0.9)
    assert told["the engine to the server"].target == pytest.approx(1 / 0.9)
    assert told["CPU for a second of speech, the engine in-process"].value == pytest.approx(40)
    assert told["CPU for a second of speech, the server"].value == pytest.approx(60.606, abs=0.001)
    assert told["audio of the same texts, the server to the engine"].value == pytest.approx(0.99)


def test_drive() -> None:
    """All sentences of all passages are spoken, and their audio added up."""
    engine = ToneEngine()
    [voice, *_] = engine.voices()
    engines = Engines({voice.engine: engine})
    texts = ("One two three.", "Four.", "Five six.")

    def seconds(chunks: Generator[PcmChunk, None, None]) -> float:
        return np.concatenate([chunk.samples for chunk in chunks]).size / voice.rate_hz

    expected = sum(
        seconds(engine.synthesize(SynthesisRequest(voice, text, voice.language))) for text in texts
    )
    spoken = drive(engines, voice, [texts[:2], texts[2:]], 2)
    assert spoken.speech == pytest.approx(expected)
