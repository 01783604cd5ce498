"""The limits of keys, over the wire (L21)."""

import asyncio
import contextlib
import http.client
import json
from pathlib import Path

import pytest
import websockets

from benchmarks.flooder import Target, frame
from hoarfrost.server import services as services_module
from hoarfrost.server import uvicorn_protocols
from hoarfrost.server.limits.quotas import KeyLimits
from tests.e2e.talk import PATIENCE_S, connect, listen, talk, until_open
from tests.support.server import running_server


async def test_characters_a_minute(tmp_path: Path) -> None:
    """A text too much is told and closed 1008; over HTTP it is 429 with ``Retry-After``."""
    with running_server(
        tmp_path, engines=("tone",), limits={"characters_per_minute": 100}
    ) as server:
        assert (await talk(server, "alpha" * 10, "<EOS>")).code == 1000
        heard = await talk(server, "alpha" * 11, "<EOS>")
        assert heard.code == 1008
        assert heard.reason == "429: expected at most 100 characters a minute, got more"

        def ask() -> tuple[int, str | None]:
            connection = http.client.HTTPConnection(server.address, timeout=PATIENCE_S)
            body = json.dumps({"text": "alpha " * 10, "speaker": "tone"})
            headers = server.headers | {"Content-Type": "application/json", "Accept": "audio/pcm"}
            connection.request("POST", "/v1/rime-tts", body, headers)
            response = connection.getresponse()
            response.read()
            connection.close()
            return response.status, response.headers["Retry-After"]

        status, retry_after = await asyncio.to_thread(ask)
        assert status == 429
        assert 0 < int(retry_after or 0) <= 60


async def test_speaking_at_a_time(tmp_path: Path) -> None:
    """With one place to speak the second caller is closed 1008, and has it when it is free."""
    with running_server(tmp_path, engines=("tone",), limits={"speaking": 1}) as server:
        async with connect(server, lookahead=300) as first:
            await first.send("alpha bravo charlie. " * 100 + "<FLUSH>")
            await first.recv()
            heard = await talk(server, "alpha", "<EOS>")
            assert (heard.code, heard.reason) == (
                1008,
                "429: expected at most 1 speaking at a time, got more",
            )
            await first.send("<CLEAR>")
            await first.send("delta.<EOS>")
            async with asyncio.timeout(PATIENCE_S):
                assert (await listen(first)).code == 1000
        assert (await talk(server, "alpha", "<EOS>")).code == 1000


@pytest.mark.parametrize(
    ("limits", "reason"),
    [
        ({"idle_s": 0.2}, "408: idle: expected text within 0.2 s"),
        ({"session_s": 0.2}, "408: session: expected at most 0.2 s"),
    ],
)
async def test_idle_and_long_sessions(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limits: dict[str, float], reason: str
) -> None:
    """A connection that says nothing, or is open, for too long is closed 1008 with the reason."""
    monkeypatch.setattr(services_module, "SESSION_INTERVAL", 0.02)
    with running_server(tmp_path, engines=("tone",), limits=limits) as server:
        async with connect(server) as socket, asyncio.timeout(PATIENCE_S):
            heard = await listen(socket)
    assert (heard.code, heard.reason) == (1008, reason)


async def test_connections_of_one_key(tmp_path: Path) -> None:
    """A key's own table holds for it; others have the common limit."""
    with running_server(tmp_path, engines=("tone",), max_connections_per_key=1) as server:
        keys = server.services.keys
        assert keys is not None
        other, secret = keys.create("other")
        server.services.quotas._by_key = {other.id: KeyLimits(connections=2)}
        for key, n_allowed in ((server.key, 1), (secret, 2)):
            async with contextlib.AsyncExitStack() as stack:
                for _ in range(n_allowed):
                    await stack.enter_async_context(connect(server, key=key))
                with pytest.raises(websockets.InvalidStatus, match="429"):
                    await stack.enter_async_context(connect(server, key=key))


async def test_a_reader_that_stops(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A peer that has read nothing for a while is parted with, and its place is free."""
    monkeypatch.setattr(uvicorn_protocols, "STALL_PATIENCE", 0.3)
    with running_server(tmp_path, engines=("tone",), max_text_bytes=10**7) as server:
        host, _, port = server.address.rpartition(":")
        _reader, writer = await Target(host, int(port), server.key).upgrade()
        for _ in range(2000):
            writer.write(frame(0x1, b"alpha bravo charlie. " * 5))
        writer.write(frame(0x1, b"<FLUSH>"))
        await asyncio.sleep(1)
        await until_open(server, 0)
        writer.close()
