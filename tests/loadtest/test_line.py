"""Connections to a real WebSocket server that plays each part."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from http import HTTPStatus

import pytest
from websockets.asyncio.server import ServerConnection, serve
from websockets.datastructures import Headers
from websockets.http11 import Request, Response

from hoarfrost.loadtest.line import Destination, LineClosed, NotOpened, Refused, SocketLine

Handler = Callable[[ServerConnection], Awaitable[None]]

LOOPBACK = [
    ("ws://127.0.0.1:8000/ws", True),
    ("ws://127.9.9.9/ws", True),
    ("ws://[::1]:8000/ws", True),
    ("ws://localhost:8000/ws", True),
    ("wss://localhost/ws", True),
    ("ws://0.0.0.0:8000/ws", False),
    ("ws://192.168.0.7:8000/ws", False),
    ("wss://speech.example.com/ws", False),
    ("ws://localhost.example.com/ws", False),
    ("ws://127.0.0.1@speech.example.com/ws", False),
    ("ws://[::ffff:10.0.0.1]/ws", False),
]

ADDRESSES = [
    ("ws://h:1", "ws://h:1/ws?speaker=a+b"),
    ("ws://h:1/", "ws://h:1/ws?speaker=a+b"),
    ("ws://h:1/tts", "ws://h:1/tts?speaker=a+b"),
    ("wss://h/ws?tenant=1", "wss://h/ws?tenant=1&speaker=a+b"),
]

BUSY = [(429, "7", 7.0), (429, None, None), (429, "Wed, 21 Oct 2026", None), (503, "1", 1.0)]


@asynccontextmanager
async def server(
    handler: Handler, answer: Response | None = None, seen: list[Request] | None = None
) -> AsyncIterator[Destination]:
    def note(_connection: ServerConnection, request: Request) -> Response | None:
        if seen is not None:
            seen.append(request)
        return answer

    async with serve(handler, "127.0.0.1", 0, process_request=note) as running:
        port = running.sockets[0].getsockname()[1]
        yield Destination(f"ws://127.0.0.1:{port}/ws", {"speaker": "a"}, "hf_key")


async def hold(connection: ServerConnection) -> None:
    await connection.wait_closed()


def response(status: int, body: bytes = b"", **headers: str) -> Response:
    named = Headers({name.replace("_", "-"): value for name, value in headers.items()})
    return Response(status, HTTPStatus(status).phrase, named, body)


@pytest.mark.parametrize(("url", "is_loopback"), LOOPBACK)
def test_what_is_on_this_machine(url: str, is_loopback: bool) -> None:
    """Loopback addresses and ``localhost`` only: other names could mean anything."""
    assert Destination(url, {}).is_loopback is is_loopback


@pytest.mark.parametrize(("url", "address"), ADDRESSES)
def test_the_address_is_completed(url: str, address: str) -> None:
    """Its path and query are kept; without a path /ws is meant."""
    assert Destination(url, {"speaker": "a b"}).address == address


@pytest.mark.parametrize("url", ["", "http://h/ws", "ws://", "h:8000"])
def test_what_is_no_address_is_refused(url: str) -> None:
    """Before anything is sent."""
    with pytest.raises(ValueError, match=r"^url: expected ws://HOST:PORT/ws"):
        Destination(url, {})


@pytest.mark.parametrize("key", ["", "a b", "schlüssel", "a\nb"])
def test_what_cannot_be_a_key_is_refused(key: str) -> None:
    """And is not repeated in the message."""
    with pytest.raises(ValueError, match=r"^key: expected printable ASCII .* without spaces$"):
        Destination("ws://h/ws", {}, key)


def test_what_may_be_shown_holds_no_secret() -> None:
    """Neither the key nor a password in the address is in its place or its representation."""
    destination = Destination("ws://user:secret@h:1/ws", {}, "hf_secret")
    assert destination.place == "h:1"
    assert "hf_secret" not in repr(destination)


async def test_messages_go_both_ways() -> None:
    """Text out, bytes and text in, the key in the header, the options in the query."""
    seen: list[Request] = []

    async def echo(connection: ServerConnection) -> None:
        message = await connection.recv()
        await connection.send(str(message).encode())
        await connection.send("text")

    async with server(echo, seen=seen) as destination:
        line = await SocketLine.dial(destination)
        await line.send("Hello.")
        assert await line.receive() == b"Hello."
        assert await line.receive() == "text"
        with pytest.raises(LineClosed) as closed:
            await line.receive()
        with pytest.raises(LineClosed):
            await line.send("more")
        await line.close()
    assert closed.value.code == 1000
    [request] = seen
    assert request.path == "/ws?speaker=a"
    assert request.headers["Authorization"] == "Bearer hf_key"
    assert "Sec-WebSocket-Extensions" not in request.headers


@pytest.mark.parametrize("code", [1000, 1008, 1011])
async def test_the_close_code_is_the_servers(code: int) -> None:
    """Whatever it says."""

    async def close(connection: ServerConnection) -> None:
        await connection.close(code, "500: why")

    async with server(close) as destination:
        line = await SocketLine.dial(destination)
        with pytest.raises(LineClosed) as closed:
            await line.receive()
        await line.close()
    assert closed.value.code == code


async def test_a_broken_connection_has_the_code_for_it() -> None:
    """Without a close frame it is 1006."""

    async def vanish(connection: ServerConnection) -> None:
        connection.transport.abort()

    async with server(vanish) as destination:
        line = await SocketLine.dial(destination)
        with pytest.raises(LineClosed) as closed:
            await line.receive()
        await line.close()
    assert closed.value.code == 1006


@pytest.mark.parametrize(("status", "header", "retry_after"), BUSY)
async def test_a_busy_server_has_refused(
    status: int, header: str | None, retry_after: float | None
) -> None:
    """429 and 503 are refusals, with the seconds of Retry-After where it gives any."""
    headers = {} if header is None else {"Retry_After": header}
    async with server(hold, response(status, b"busy", **headers)) as destination:
        with pytest.raises(Refused) as refused:
            await SocketLine.dial(destination)
    assert (refused.value.status, refused.value.retry_after) == (status, retry_after)


async def test_other_answers_are_told_as_they_are() -> None:
    """The status and what the server says; counted by the status."""
    async with server(hold, response(401, b"expected a key\n")) as destination:
        with pytest.raises(NotOpened) as error:
            await SocketLine.dial(destination)
    assert str(error.value) == "the server refused the connection with 401: expected a key"
    assert (error.value.label, error.value.status) == ("rejected 401", 401)


async def test_nobody_there_is_told_by_its_place() -> None:
    """Host and port, and what the system says."""
    with pytest.raises(NotOpened, match=r"^127\.0\.0\.1:1: expected a WebSocket server") as error:
        await SocketLine.dial(Destination("ws://127.0.0.1:1/ws", {}))
    assert (error.value.label, error.value.status) == ("unreachable", None)


async def test_what_is_no_websocket_server_is_told() -> None:
    """Something else on the port is as good as nobody."""

    async def mumble(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        writer.write(b"220 mail\r\n")
        writer.close()
        await writer.wait_closed()

    other = await asyncio.start_server(mumble, "127.0.0.1", 0)
    async with other:
        port = other.sockets[0].getsockname()[1]
        with pytest.raises(NotOpened, match=r"expected a WebSocket server"):
            await SocketLine.dial(Destination(f"ws://127.0.0.1:{port}/ws", {}))


async def test_no_redirect_leads_to_another_machine() -> None:
    """A server here that points elsewhere is not followed."""
    elsewhere = response(302, Location="ws://192.0.2.1:9/ws")
    async with server(hold, elsewhere) as destination:
        with pytest.raises(NotOpened, match=r"cannot follow cross-origin redirect"):
            await SocketLine.dial(destination)
