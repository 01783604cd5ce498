"""Somebody else is heard while an attacker, in a process of its own, floods the server.

The floods are those of ``python -m benchmarks floods``, which measures what this only bounds: the
bound is generous, and was exceeded several times over before there were limits.
"""

import asyncio
import contextlib
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from benchmarks.flooder import FLOODS
from hoarfrost.server import uvicorn_protocols
from tests.e2e.talk import PATIENCE_S, connect, until_open
from tests.support.server import RealServer, running_server

BOUND_S = 5.0
"""For an utterance; alone it takes some milliseconds."""


@contextlib.asynccontextmanager
async def attacked(server: RealServer, flood: str, seconds: float) -> AsyncIterator[None]:
    """Flood the server meanwhile."""
    host, _, port = server.address.rpartition(":")
    attacker = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "benchmarks.flooder", flood, host, port, server.key, str(seconds)),
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        yield
    finally:
        with contextlib.suppress(ProcessLookupError):
            attacker.kill()
        await attacker.communicate()


async def hear_out(server: RealServer, flood: str, seconds: float) -> float:
    """Return the longest that an utterance took during a flood."""
    longest = 0.0
    async with connect(server) as socket, attacked(server, flood, seconds):
        ends_at = time.monotonic() + seconds
        while time.monotonic() < ends_at:
            began = time.monotonic()
            await socket.send("alpha bravo charlie.<FLUSH>")
            n_bytes = 0
            while n_bytes < 17 * 60 * 16:
                async with asyncio.timeout(PATIENCE_S):
                    n_bytes += len(await socket.recv())
            longest = max(longest, time.monotonic() - began)
            await asyncio.sleep(0.05)
    return longest


@pytest.mark.parametrize("flood", FLOODS)
async def test_others_are_heard(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, flood: str
) -> None:
    """Whatever is poured in, others are answered, and nothing of it is left when it is over."""
    monkeypatch.setattr(uvicorn_protocols, "FLOOD_PATIENCE", 1)
    with running_server(tmp_path, engines=("tone",)) as server:
        assert await hear_out(server, flood, 1.5) < BOUND_S
        await until_open(server, 0)


@pytest.mark.heavy
@pytest.mark.parametrize("flood", FLOODS)
async def test_others_are_heard_for_long(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, flood: str
) -> None:
    """The same for half a minute."""
    monkeypatch.setattr(uvicorn_protocols, "FLOOD_PATIENCE", 5)
    with running_server(tmp_path, engines=("tone",)) as server:
        assert await hear_out(server, flood, 30) < BOUND_S
        await until_open(server, 0)
