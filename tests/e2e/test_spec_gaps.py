"""Rules of ``docs/spec.md`` that only a real socket can show, and no other file is about."""

import asyncio
import http.client
import json
import socket as sockets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import websockets

from hoarfrost.server import request_protocol
from hoarfrost.server.app import open_port
from tests.e2e.talk import PATIENCE_S, RATE_HZ, connect, listen, talk
from tests.support.server import RealServer, running_server

OFFER = {
    "Sec-WebSocket-Extensions": "permessage-deflate; client_max_window_bits",
    "Sec-WebSocket-Protocol": "chat.v9, other",
}


class RawSocket:
    """A client without a library: it sends and sees what a library would mend or hide."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    async def upgrade(
        self,
        target: str,
        key: str | None,
        offer: dict[str, str] | None = None,
        *,
        early: bytes = b"",
    ) -> tuple[int, str]:
        """Ask for an upgrade, say something too early; return the status and the whole answer."""
        lines = {
            "Host": "localhost",
            "Upgrade": "websocket",
            "Connection": "Upgrade",
            "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
            "Sec-WebSocket-Version": "13",
        }
        lines |= offer or {}
        if key is not None:
            lines["Authorization"] = f"Bearer {key}"
        head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
        self._writer.write(f"GET {target} HTTP/1.1\r\n{head}\r\n".encode() + early)
        answer = (await self._reader.readuntil(b"\r\n\r\n")).decode()
        status = int(answer.split(" ", 2)[1])
        if status != 101:
            answer += (await self._reader.read()).decode()
        return status, answer.lower()

    def send(self, opcode: int, payload: bytes, *, is_masked: bool = True) -> None:
        """Send a frame of at most 125 bytes, masked with zeros."""
        mask = b"\0\0\0\0" if is_masked else b""
        length = len(payload) | (0x80 if is_masked else 0)
        self._writer.write(bytes([0x80 | opcode, length]) + mask + payload)

    async def receive(self) -> tuple[int, bytes]:
        """Return opcode and payload of the next frame, which must be a short one."""
        first, length = await self._reader.readexactly(2)
        assert length < 126
        return first & 0x0F, await self._reader.readexactly(length)


PING, PONG, CLOSE = 0x9, 0xA, 0x8


@asynccontextmanager
async def raw_socket(server: RealServer) -> AsyncIterator[RawSocket]:
    """Open a TCP connection."""
    host, _, port = server.address.rpartition(":")
    async with asyncio.timeout(PATIENCE_S):
        reader, writer = await asyncio.open_connection(host, int(port))
        try:
            yield RawSocket(reader, writer)
        finally:
            writer.close()


def ask(
    server: RealServer, path: str, method: str = "GET"
) -> tuple[int, http.client.HTTPMessage, str]:
    """Make a plain request without a key; return status, headers and body."""
    connection = http.client.HTTPConnection(server.address, timeout=PATIENCE_S)
    connection.request(method, path)
    response = connection.getresponse()
    body = response.read().decode()
    connection.close()
    return response.status, response.headers, body


# Connection


async def test_compression_and_subprotocols_are_declined(server: RealServer) -> None:
    """A client that offers them is let in, and told of neither."""
    async with raw_socket(server) as socket:
        status, answer = await socket.upgrade("/ws?speaker=tone", server.key, OFFER)
    assert status == 101
    assert "sec-websocket-extensions" not in answer
    assert "sec-websocket-protocol" not in answer


@pytest.mark.parametrize("name", ["api_key", "token", "authorization", "Authorization"])
async def test_a_key_in_the_query_opens_nothing(server: RealServer, name: str) -> None:
    """The key counts in its header only."""
    async with raw_socket(server) as socket:
        target = f"/ws?speaker=tone&{name}={server.key}"
        status, answer = await socket.upgrade(target, None)
    assert status == 401
    assert server.key not in answer


@pytest.mark.parametrize("path", ["/", "/ws4", "/ws/x", "/voices", "/WS", "/xws"])
async def test_an_upgrade_elsewhere(server: RealServer, path: str) -> None:
    """The end of the path says which protocol it is: an upgrade anywhere else is a 404."""
    async with raw_socket(server) as socket:
        assert (await socket.upgrade(f"{path}?speaker=tone", server.key))[0] == 404


@pytest.mark.parametrize("path", ["/ws", "/ws/", "//ws", "/a/prefix/ws", "/ws2", "/context//ws3/"])
async def test_prefixes_and_slashes_make_no_difference(server: RealServer, path: str) -> None:
    """Clients put what they call a base URL before it, with a slash or without."""
    async with raw_socket(server) as socket:
        assert (await socket.upgrade(f"{path}?speaker=tone", server.key))[0] == 101


@pytest.mark.parametrize("query", ["speaker=tone&inlineSpeedAlpha=0.5, 3", "speaker=tone&x=é"])
async def test_bytes_that_no_request_line_can_hold(server: RealServer, query: str) -> None:
    """A bare space, or a byte above 127, is refused by the HTTP layer before anything is read."""
    async with raw_socket(server) as socket:
        status, answer = await socket.upgrade(f"/ws?{query}", server.key)
    assert status == 400
    assert "invalid http request" in answer


async def test_options_are_judged_before_the_limit(tmp_path: Path) -> None:
    """With all places taken a bad request is still told what is wrong with it."""
    with running_server(tmp_path, engines=("tone",), max_connections=1) as server:
        async with connect(server):
            statuses = []
            for speaker in ("nobody", "tone"):
                with pytest.raises(websockets.InvalidStatus) as caught:
                    async with connect(server, speaker=speaker):
                        pass
                statuses.append(caught.value.response.status_code)
    assert statuses == [400, 429]


async def test_a_damaged_key_file_lets_nobody_in(tmp_path: Path) -> None:
    """A server that cannot read its keys answers 500, and tells clients nothing of its files."""
    with running_server(tmp_path, engines=("tone",)) as server:
        assert server.services.keys is not None
        async with connect(server) as socket:
            server.services.keys.path.write_text("damaged")
            with pytest.raises(websockets.InvalidStatus) as caught:
                async with connect(server):
                    pass
            await socket.send("<EOS>")  # who was in may stay
            assert (await listen(socket)).code == 1000
    response = caught.value.response
    assert (response.status_code, response.body) == (500, b"the server is out of order\n")


async def test_an_idle_connection_is_pinged_and_stays(tmp_path: Path) -> None:
    """A client that only answers pings hears nothing but pings, and can speak at any time."""
    with running_server(tmp_path, engines=("tone",), ping_interval_s=0.1) as server:
        async with raw_socket(server) as socket:
            await socket.upgrade("/ws?speaker=tone", server.key)
            for _ in range(5):
                opcode, payload = await socket.receive()
                assert opcode == PING
                socket.send(PONG, payload)
            socket.send(0x1, b"<EOS>")
            while (frame := await socket.receive())[0] == PING:
                pass
    assert frame == (CLOSE, (1000).to_bytes(2))


async def test_a_late_pong_is_no_reason_to_part(tmp_path: Path) -> None:
    """A client that reads, but answers pings late or never, keeps its connection."""
    with running_server(tmp_path, engines=("tone",), ping_interval_s=0.1) as server:
        async with raw_socket(server) as socket:
            await socket.upgrade("/ws?speaker=tone", server.key)
            for _ in range(5):
                assert (await socket.receive())[0] == PING
            socket.send(0x1, b"<EOS>")
            while (frame := await socket.receive())[0] == PING:
                pass
    assert frame == (CLOSE, (1000).to_bytes(2))


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({"Cookie": "a" * 9000}, id="too large"),
        pytest.param({f"X-{n}": "a" for n in range(130)}, id="too many"),
    ],
)
async def test_headers_that_are_too_much(server: RealServer, headers: dict[str, str]) -> None:
    """An upgrade with more headers than are read is answered 431 and closed."""
    with pytest.raises(websockets.InvalidStatus) as caught:
        async with websockets.connect(
            server.url(speaker="tone"), additional_headers=headers | server.headers, proxy=None
        ):
            pass
    assert caught.value.response.status_code == 431


@pytest.mark.parametrize(
    "begun", [b"", b"GET /ws?speaker=tone HTT", b"GET / HTTP/1.1\r\nHost: x\r\n"]
)
async def test_a_request_that_does_not_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, begun: bytes
) -> None:
    """A connection that never completes its first request is closed after a while."""
    monkeypatch.setattr(request_protocol, "REQUEST_PATIENCE", 0.05)
    with running_server(tmp_path, engines=("tone",)) as server:
        reader, writer = await asyncio.open_connection(*server.address.split(":"))
        writer.write(begun)
        async with asyncio.timeout(PATIENCE_S):
            assert await reader.read() == b""
        writer.close()
        await writer.wait_closed()


async def test_frames_before_the_answer_are_dropped(server: RealServer) -> None:
    """A frame in the same breath as the upgrade request is not heard; those after it are."""
    async with raw_socket(server) as socket:
        early = bytes([0x81, 0x85]) + b"\0\0\0\0" + b"early"
        assert (await socket.upgrade("/ws?speaker=tone", server.key, early=early))[0] == 101
        socket.send(0x1, b"<EOS>")
        assert await socket.receive() == (CLOSE, (1000).to_bytes(2))


@pytest.mark.skipif(not hasattr(sockets, "TCP_USER_TIMEOUT"), reason="only Linux has it")
def test_the_kernel_gives_up_on_a_peer_that_is_gone() -> None:
    """A connection whose peer acknowledges nothing is given up after 40 s."""
    with (
        open_port("127.0.0.1", 0) as listener,
        sockets.create_connection(listener.getsockname()),
        listener.accept()[0] as accepted,
    ):
        assert accepted.getsockopt(sockets.IPPROTO_TCP, sockets.TCP_USER_TIMEOUT) == 40_000


@pytest.mark.parametrize(
    ("opcode", "is_masked"), [pytest.param(0x1, False, id="unmasked"), pytest.param(0x3, True)]
)
async def test_what_is_no_websocket_frame(server: RealServer, opcode: int, is_masked: bool) -> None:
    """A frame that RFC 6455 does not allow closes 1002."""
    async with raw_socket(server) as socket:
        await socket.upgrade("/ws?speaker=tone", server.key)
        socket.send(opcode, b"Hello", is_masked=is_masked)
        opcode, payload = await socket.receive()
    assert (opcode, payload[:2]) == (CLOSE, (1002).to_bytes(2))


async def test_stopping_the_server(tmp_path: Path) -> None:
    """A server that stops closes 1012 at once, whether it is speaking or not."""
    context = running_server(tmp_path, engines=("tone",))
    server = context.__enter__()
    async with connect(server) as idle, connect(server) as speaking:
        await speaking.send("alpha bravo charlie. " * 1000 + "<FLUSH>")
        await speaking.recv()
        async with asyncio.timeout(PATIENCE_S):
            await asyncio.to_thread(context.__exit__, None, None, None)
            ends = [await listen(socket) for socket in (idle, speaking)]
    assert [(end.code, end.reason) for end in ends] == [(1012, ""), (1012, "")]
    assert ends[1].n_samples < 1000 * 3 * RATE_HZ * 0.3  # the rest is dropped, not spoken


# Messages


async def test_a_message_in_fragments_is_one_message(server: RealServer) -> None:
    """Fragments of a message, which some libraries send, count as the whole of it."""
    whole = await talk(server, "alpha bravo", "<EOS>")
    async with connect(server) as socket:
        await socket.send(["alp", "ha br", "avo"])
        await socket.send(["<E", "OS>"])
        assert await listen(socket) == whole


@pytest.mark.parametrize(
    "messages",
    [["<FLU", "SH>"], ["<E", "OS>"], ["<eos>"], ["<Flush> "], ["<CLEAR", ">"]],
)
async def test_what_is_no_command_is_not_read_aloud(
    server: RealServer, messages: list[str]
) -> None:
    """A command in two messages, or in small letters, does nothing and is not spoken."""
    plain = await talk(server, "alpha bravo", "<EOS>")
    assert await talk(server, "alpha ", *messages, " bravo", "<EOS>") == plain


async def test_audio_is_sent_faster_than_it_plays(server: RealServer) -> None:
    """Two minutes of speech arrive at once: pacing is up to the client."""
    n_sentences, n_letters = 100, len("alphabravocharlie")
    async with asyncio.timeout(PATIENCE_S):
        heard = await talk(server, "alpha bravo charlie. " * n_sentences, "<EOS>")
    assert heard.n_samples == n_sentences * (n_letters * 60 + 80) * RATE_HZ // 1000


# HTTP


def test_the_voices_are_listed(server: RealServer) -> None:
    """``GET /voices`` is a JSON list of the speakers, without a key."""
    status, headers, body = ask(server, "/voices")
    assert (status, headers["Content-Type"]) == (200, "application/json")
    voices = {voice["name"]: voice for voice in json.loads(body)}
    assert set(voices) == {"tone", "tone-16k", "tone-low"}
    assert voices["tone-16k"] == {
        "name": "tone-16k",
        "language": "hi",
        "languages": ["hi", "en-US"],
        "language_name": "Hindi",
        "gender": "neutral",
        "description": "The same, at 16 kHz.",
        "engine": "tone",
        "rate_hz": 16000,
        "licence": "CC0-1.0",
        "tags": ["test"],
        "aliases": [],
    }


async def test_readiness(tmp_path: Path) -> None:
    """``GET /readyz`` is 200 with the connections and their limit; 503 without a voice."""
    with running_server(tmp_path, engines=("tone",)) as server:
        async with connect(server):
            status, _headers, body = await asyncio.to_thread(ask, server, "/readyz")
        assert status == 200
        told = json.loads(body)
        expected = {"ready": True, "voices": 3, "connections": 1, "max_connections": 256}
        assert {name: told[name] for name in expected} == expected
        assert told.keys() - expected == {"load", "free_callers", "audio_per_core_second"}
        server.services.engines._engines.clear()
        server.services.watch.look()
        status, _headers, body = await asyncio.to_thread(ask, server, "/readyz")
        assert (status, json.loads(body)["ready"]) == (503, False)


def test_liveness(server: RealServer) -> None:
    """``GET /healthz`` is 200, whatever the voices do."""
    status, _headers, body = ask(server, "/healthz")
    assert (status, body) == (200, "ok\n")


PAGES = ("/ws", "/voices", "/healthz", "/readyz", "/metrics")


def test_the_front_door(server: RealServer) -> None:
    """``GET /`` names every address that there is."""
    status, headers, body = ask(server, "/")
    assert status == 200
    assert headers["Content-Type"].startswith("text/plain")
    assert all(f"GET {path} " in body for path in PAGES)


@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [
        ("GET", "/nothing", 404),
        ("POST", "/voices", 405),
        ("POST", "/ws", 405),
        ("HEAD", "/voices", 200),
    ],
)
def test_other_requests(server: RealServer, method: str, path: str, expected: int) -> None:
    """Other paths are a 404 and other methods a 405, in plain text."""
    status, headers, _body = ask(server, path, method)
    assert status == expected
    assert status == 200 or headers["Content-Type"].startswith("text/plain")
