"""A real server on a real port, speaking with the deterministic tone engine."""

from collections.abc import Iterator

import pytest

from tests.support.server import RealServer, running_server


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealServer]:
    with running_server(
        tmp_path_factory.mktemp("data"), engines=("tone",), max_connections=64
    ) as server:
        yield server
