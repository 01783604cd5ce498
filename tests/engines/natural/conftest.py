"""The engine as it is served, and what it says, made once for all tests of a module."""

from collections.abc import Iterator

import pytest

from hoarfrost.engines.natural import NaturalEngine
from hoarfrost.synthesis.voice import Voice


@pytest.fixture(scope="module")
def engine() -> Iterator[NaturalEngine]:
    engine = NaturalEngine()
    yield engine
    engine.close()


@pytest.fixture(scope="module")
def voices(engine: NaturalEngine) -> dict[str, Voice]:
    return {voice.name: voice for voice in engine.voices()}
