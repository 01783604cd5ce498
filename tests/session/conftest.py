"""No test of a session may find its event loop waiting for a disk."""

from collections.abc import Iterator

import pytest

from tests.support.blocking import unblocked


@pytest.fixture(autouse=True)
def _unblocked(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with unblocked(monkeypatch):
        yield
