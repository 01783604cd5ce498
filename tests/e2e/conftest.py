"""A real server on a real port, speaking with the deterministic tone engine."""

from collections.abc import Iterator

import pytest

from tests.support.blocking import unblocked
from tests.support.server import RealServer, running_server


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealServer]:
    with running_server(
        tmp_path_factory.mktemp("data"), engines=("tone",), max_connections=64
    ) as server:
        yield server


@pytest.fixture(autouse=True)
def _unblocked(server: RealServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Have a test fail in which the server's event loop waits for a disk."""
    with unblocked(monkeypatch, in_main_thread=False):
        yield
