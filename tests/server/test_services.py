"""The services of a server: what watches, and what stops."""

import asyncio
import logging
import threading
from pathlib import Path

import pytest

from hoarfrost.errors import HoarfrostError
from hoarfrost.render import Packet
from hoarfrost.server import services as module
from hoarfrost.server.app import build_services
from hoarfrost.server.services import Services
from hoarfrost.server.settings import Settings
from hoarfrost.session.scheduler import Work


def make(folder: Path) -> Services:
    return build_services(Settings(data_dir=folder, engines=("tone",), workers=1))


class Refusals:
    """A session as the watcher of the keys sees it."""

    def __init__(self) -> None:
        self.refused = asyncio.Event()

    def refuse(self, _fault: HoarfrostError) -> None:
        self.refused.set()


async def test_the_watcher_of_the_keys_outlives_whatever_happens(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A file that cannot be read, for whatever reason, is told once, and watched on."""
    monkeypatch.setattr(module, "REVOCATION_INTERVAL", 0.001)
    services = make(tmp_path)
    assert services.keys is not None
    key, _ = services.keys.create("one")
    n_looks = 0
    is_looked_at = asyncio.Event()
    loop = asyncio.get_running_loop()
    listed = services.keys.list

    def failing() -> object:
        nonlocal n_looks
        n_looks += 1
        if n_looks <= 3:
            raise RuntimeError("the disk is on fire")
        loop.call_soon_threadsafe(is_looked_at.set)
        return listed()

    monkeypatch.setattr(services.keys, "list", failing)
    session = Refusals()
    watch = asyncio.create_task(services.watch_keys())
    try:
        with caplog.at_level(logging.ERROR), services.holding(session, key.id):  # type: ignore[arg-type]
            await is_looked_at.wait()
            assert not session.refused.is_set()
            services.keys.revoke(key.id)
            await session.refused.wait()
    finally:
        watch.cancel()
        await asyncio.gather(watch, return_exceptions=True)
        services.close()
    assert [record.getMessage() for record in caplog.records] == [
        "keys are not watched: RuntimeError: the disk is on fire"
    ]


async def test_stopping_is_bounded_whatever_a_step_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A step that does not end is told by its thread, and its engine is not closed under it."""
    monkeypatch.setattr(module, "STOP_TIMEOUT", 0.01)
    services = make(tmp_path)
    may_end, is_begun, is_closed = threading.Event(), threading.Event(), threading.Event()
    monkeypatch.setattr(services.engines, "close", is_closed.set)

    def stuck():
        is_begun.set()
        may_end.wait()
        yield Packet(b"", 0.0)

    step = services.scheduler.step(Work(stuck()), 0.0)
    await asyncio.to_thread(is_begun.wait)
    services.close()
    assert not is_closed.is_set()
    assert "step of synthesis: synthesis-0" in caplog.text
    may_end.set()
    await step
    services.close()
    assert is_closed.is_set()
