"""One server on a real port for all released clients: the embedded voices, and the tone engine."""

from collections.abc import Iterator

import pytest

from tests.support.server import RealServer, running_server


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealServer]:
    with running_server(tmp_path_factory.mktemp("data"), engines=("espeak", "tone")) as server:
        yield server
