"""TLS: the whole way over ``wss`` and ``https``, and files that will not do."""

import asyncio
import re
import ssl
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import websockets

from hoarfrost.server.configuration import BadSettings, load_settings
from hoarfrost.server.limits import accepting
from tests.support.server import RealServer, running_server

FILES = Path(__file__).parents[1] / "support" / "tls"
CERT, KEY = FILES / "cert.pem", FILES / "key.pem"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealServer]:
    folder = tmp_path_factory.mktemp("data")
    with running_server(folder, engines=("tone",), tls_cert=CERT, tls_key=KEY) as running:
        yield running


@pytest.fixture
def trust() -> ssl.SSLContext:
    return ssl.create_default_context(cafile=CERT)


async def test_a_conversation(server: RealServer, trust: ssl.SSLContext) -> None:
    """Over ``wss``, with a certificate that is checked."""
    url = f"wss://{server.address}/ws?speaker=tone&audioFormat=pcm"
    async with (
        websockets.connect(url, ssl=trust, additional_headers=server.headers, proxy=None) as socket,
        asyncio.timeout(60),
    ):
        await socket.send("One two.")
        await socket.send("<EOS>")
        assert len(b"".join([bytes(frame) async for frame in socket])) > 1000


async def test_over_http(server: RealServer, trust: ssl.SSLContext) -> None:
    """And over ``https``; who does not trust the certificate is told by its own library."""
    url = f"https://{server.address}/readyz"
    async with httpx.AsyncClient(verify=trust, trust_env=False, timeout=60) as client:
        assert (await client.get(url)).json()["ready"]
    async with httpx.AsyncClient(trust_env=False, timeout=60) as client:
        with pytest.raises(httpx.ConnectError):
            await client.get(url)


async def test_peers_that_do_not_shake_hands(
    tmp_path: Path, trust: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They hold up nobody, and the one that began first gives way to the next."""
    monkeypatch.setattr(accepting, "MAX_HANDSHAKES", 3)
    monkeypatch.setattr(accepting, "HANDSHAKE_TIMEOUT", 3600.0)
    with running_server(tmp_path, engines=("tone",), tls_cert=CERT, tls_key=KEY) as server:
        host, _, port = server.address.rpartition(":")
        silent = [await asyncio.open_connection(host, int(port)) for _ in range(3)]
        url = f"wss://{server.address}/ws?speaker=tone&audioFormat=pcm"
        async with (
            asyncio.timeout(60),
            websockets.connect(
                url, ssl=trust, additional_headers=server.headers, proxy=None
            ) as socket,
        ):
            await socket.send("One two.<EOS>")
            assert await socket.recv()
            assert await silent[0][0].read() == b""
        for _reader, writer in silent:
            writer.close()


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        ({"tls_cert": CERT}, "tls_cert, tls_key: expected both or none"),
        ({"tls_key": KEY}, "tls_cert, tls_key: expected both or none"),
        ({"tls_cert": CERT, "tls_key": FILES / "other_key.pem"}, "expected a certificate and its"),
        ({"tls_cert": KEY, "tls_key": KEY}, "expected a certificate and its own key in PEM"),
        ({"tls_cert": CERT, "tls_key": FILES / "none.pem"}, "expected files to read"),
        ({"grpc_port": 1}, "grpc_port: expected tls_cert and tls_key too"),
    ],
)
def test_files_that_will_not_do(flags: dict[str, object], message: str) -> None:
    """One line says what was expected, before anything starts."""
    with pytest.raises(BadSettings, match=re.escape(message)):
        load_settings({name: str(value) for name, value in flags.items()})
