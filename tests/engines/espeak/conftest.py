"""One engine for all tests: they share the library anyway."""

from collections.abc import Iterator

import pytest

from hoarfrost.engines.espeak import EspeakEngine


@pytest.fixture(scope="session")
def engine() -> Iterator[EspeakEngine]:
    engine = EspeakEngine()
    yield engine
    engine.close()
