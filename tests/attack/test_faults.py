"""Files that break, go or change while somebody speaks (L7, L8)."""

import asyncio
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import websockets
from websockets.asyncio.client import ClientConnection

from hoarfrost.server import services as services_module
from tests.e2e.talk import PATIENCE_S, connect, listen
from tests.support.server import RealServer, running_server

LOOKS = 20
"""How often the keys are looked at before something counts as never happening."""


@pytest.fixture
def often(monkeypatch: pytest.MonkeyPatch) -> float:
    """Have the keys looked at often; return the time of many looks."""
    monkeypatch.setattr(services_module, "REVOCATION_INTERVAL", 0.02)
    return 0.02 * LOOKS


async def status(server: RealServer) -> int:
    """Return the status of an upgrade."""
    try:
        async with connect(server) as socket:
            await socket.send("<EOS>")
            assert (await listen(socket)).code == 1000
    except websockets.InvalidStatus as error:
        return error.response.status_code
    return 101


async def stays(socket: ClientConnection) -> None:
    """Check that a connection is open and speaks."""
    await socket.send("alpha. <FLUSH>")
    async with asyncio.timeout(PATIENCE_S):
        assert await socket.recv()


def _nest(path: Path) -> None:
    path.write_text("[" * 100_000, "utf-8")


def _empty(path: Path) -> None:
    path.write_bytes(b"")


def _remove(path: Path) -> None:
    path.unlink()


def _remove_folder(path: Path) -> None:
    shutil.rmtree(path.parent)


def _make_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


@pytest.mark.parametrize("harm", [_nest, _empty, _remove, _remove_folder, _make_folder])
async def test_a_key_file_that_breaks(
    tmp_path: Path, often: float, harm: Callable[[Path], None]
) -> None:
    """Nobody is let in or thrown out meanwhile; once it is back, revocations hold as before."""
    folder = tmp_path / "data"
    with running_server(folder, engines=("tone",)) as server:
        keys = server.services.keys
        assert keys is not None
        async with connect(server) as socket:
            whole = keys.path.read_bytes()
            harm(keys.path)
            await asyncio.sleep(often)
            await stays(socket)
            assert await status(server) == 500
            if keys.path.is_dir():
                keys.path.rmdir()
            keys.path.parent.mkdir(exist_ok=True)
            keys.path.write_bytes(whole)
            assert await status(server) == 101
            await stays(socket)
            keys.revoke(keys.list()[0].id)
            async with asyncio.timeout(PATIENCE_S):
                assert (await listen(socket)).code == 1008


async def test_a_key_file_written_anew_in_two_steps(tmp_path: Path, often: float) -> None:
    """A file that is away for a moment, as some editors write, throws nobody out."""
    with running_server(tmp_path, engines=("tone",)) as server:
        keys = server.services.keys
        assert keys is not None
        async with connect(server) as socket:
            for _ in range(5):
                whole = keys.path.read_bytes()
                keys.path.unlink()
                await asyncio.sleep(often / 5)
                keys.path.write_bytes(whole)
            await asyncio.sleep(often)
            await stays(socket)
