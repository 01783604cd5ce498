"""The guard of event loops, itself."""

import asyncio
import threading
from pathlib import Path

import pytest

from hoarfrost.server.keys import KeyStore
from tests.support.blocking import LoopBlocked, unblocked


@pytest.fixture
def keys(tmp_path: Path) -> KeyStore:
    """Something of ours that reads a file."""
    return KeyStore(tmp_path / "keys.json")


def test_a_loop_that_waits_for_a_disk_is_found(
    keys: KeyStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Our code that reads a file on a loop raises there, and fails the test if that is caught."""

    async def look() -> None:
        with pytest.raises(LoopBlocked):
            keys.list()

    with pytest.raises(LoopBlocked, match="stat at "), unblocked(monkeypatch):
        asyncio.run(look())


def test_threads_may_wait_for_a_disk(keys: KeyStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is done off the loop, or without one, is nobody's affair."""
    with unblocked(monkeypatch) as found:
        keys.list()

        async def look() -> None:
            await asyncio.to_thread(keys.list)

        asyncio.run(look())
    assert found == []


def test_the_loop_of_a_test_may_be_left_alone(
    keys: KeyStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a server in a thread, its loop is watched and the test's own is not."""

    async def look() -> None:
        keys.list()

    with unblocked(monkeypatch, in_main_thread=False) as found:
        asyncio.run(look())
        assert found == []
        thread = threading.Thread(target=lambda: _swallow(look))
        thread.start()
        thread.join()
        assert len(found) == 1
        found.clear()


def _swallow(look: object) -> None:
    with pytest.raises(LoopBlocked):
        asyncio.run(look())  # type: ignore[operator]
