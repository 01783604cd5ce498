"""The client, against a real WebSocket server on a real port that plays each part."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from http import HTTPStatus
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.asyncio.server import ServerConnection, serve
from websockets.datastructures import Headers
from websockets.http11 import Request, Response

from hoarfrost.client import (
    ConnectionLost,
    Rejected,
    SpeechOptions,
    Unreachable,
    connect,
    encode_query,
)

Handler = Callable[[ServerConnection], Awaitable[None]]

QUERIES: list[tuple[SpeechOptions, str]] = [
    ({"speaker": "luna"}, "speaker=luna"),
    ({"speaker": "a&b=c d"}, "speaker=a%26b%3Dc+d"),
    ({"speaker": "å"}, "speaker=%C3%A5"),
    ({"speaker": "a", "model": "mistv3"}, "speaker=a&modelId=mistv3"),
    ({"speaker": "a", "audio_format": "pcm"}, "speaker=a&audioFormat=pcm"),
    ({"speaker": "a", "rate_hz": 24000}, "speaker=a&samplingRate=24000"),
    ({"speaker": "a", "language": "en-US"}, "speaker=a&lang=en-US"),
    ({"speaker": "a", "pauses": True}, "speaker=a&pauseBetweenBrackets=true"),
    ({"speaker": "a", "pauses": False}, "speaker=a&pauseBetweenBrackets=false"),
    ({"speaker": "a", "inline_speeds": [0.5, 3]}, "speaker=a&inlineSpeedAlpha=0.5%2C3"),
    ({"speaker": "a", "speed": 1.5}, "speaker=a&speedAlpha=1.5"),
    ({"speaker": "a", "segment": "never"}, "speaker=a&segment=never"),
    ({"speaker": "a", "time_scale_factor": 2}, "speaker=a&timeScaleFactor=2"),
    ({"speaker": "a", "lookahead_ms": 300}, "speaker=a&lookahead=300"),
]

ADDRESSES = [
    ("", "/ws?speaker=a"),
    ("/", "/ws?speaker=a"),
    ("/ws", "/ws?speaker=a"),
    ("/tts/ws", "/tts/ws?speaker=a"),
    ("/ws?tenant=1", "/ws?tenant=1&speaker=a"),
]


@asynccontextmanager
async def server(handler: Handler, refuse: Response | None = None) -> AsyncIterator[str]:
    def answer(_connection: ServerConnection, _request: Request) -> Response | None:
        return refuse

    async with serve(handler, "127.0.0.1", 0, process_request=answer) as running:
        yield f"ws://127.0.0.1:{running.sockets[0].getsockname()[1]}"


def sending(*frames: bytes | str) -> Handler:
    async def handle(connection: ServerConnection) -> None:
        for frame in frames:
            await connection.send(frame)

    return handle


async def echo_until_eos(connection: ServerConnection) -> None:
    async for message in connection:
        if message == "<EOS>":
            return
        await connection.send(str(message).encode())


@pytest.mark.parametrize(("options", "query"), QUERIES)
def test_an_option_has_its_name_and_form_in_the_query(options: SpeechOptions, query: str) -> None:
    """Each option goes into the query under the name of the protocol, percent-encoded."""
    assert encode_query(options) == query


@given(speaker=st.text(min_size=1), language=st.text(min_size=1))
def test_any_value_survives_the_query(speaker: str, language: str) -> None:
    """Whatever the characters of a value are, the server reads what was meant."""
    query = encode_query({"speaker": speaker, "language": language})
    assert parse_qsl(query, strict_parsing=True) == [("speaker", speaker), ("lang", language)]


@pytest.mark.parametrize(("path", "target"), ADDRESSES)
async def test_the_address_is_kept_and_completed(path: str, target: str) -> None:
    """A path or a query of the address is kept; without a path, /ws is meant."""
    targets: list[str] = []

    async def handle(connection: ServerConnection) -> None:
        assert connection.request is not None
        targets.append(connection.request.path)

    async with server(handle) as url, connect(url + path, speaker="a") as speech:
        assert [audio async for audio in speech] == []
    assert targets == [target]


@pytest.mark.parametrize("url", ["", "localhost:8000", "http://localhost/ws", "ws://", "ws:///ws"])
async def test_what_is_no_websocket_address_is_refused(url: str) -> None:
    """An address that cannot be one is told before anything is sent."""
    with pytest.raises(ValueError, match=r"^url: expected ws://"):
        async with connect(url, speaker="a"):
            pass


@pytest.mark.parametrize("key", ["", "two words", "line\nbreak", "schlüssel"])
async def test_what_cannot_be_a_key_is_refused_without_showing_it(key: str) -> None:
    """A key that no header can carry is told, and not repeated."""
    with pytest.raises(ValueError, match=r"^key: expected printable ASCII") as caught:
        async with connect("ws://127.0.0.1:1", key=key, speaker="a"):
            pass
    assert not key or key not in str(caught.value)


async def test_the_key_is_a_bearer_token_and_compression_is_not_offered() -> None:
    """The upgrade carries the key in its header, and no extension."""
    seen: list[tuple[str | None, str | None]] = []

    async def handle(connection: ServerConnection) -> None:
        assert connection.request is not None
        headers = connection.request.headers
        seen.append((headers.get("Authorization"), headers.get("Sec-WebSocket-Extensions")))

    async with server(handle) as url:
        for key in ("hf_secret", None):
            async with connect(url, key=key, speaker="a") as speech:
                assert [audio async for audio in speech] == []
    assert seen == [("Bearer hf_secret", None), (None, None)]


async def test_text_and_commands_arrive_verbatim_and_in_order() -> None:
    """Text is sent as it is, spaces included; the three commands are the protocol's."""
    received: list[str | bytes] = []

    async def handle(connection: ServerConnection) -> None:
        async for message in connection:
            received.append(message)
            if message == "<EOS>":
                return

    async with server(handle) as url, connect(url, speaker="a") as speech:
        for text in ("Hello ", "", "there. "):
            await speech.send(text)
        await speech.flush()
        await speech.clear()
        await speech.finish()
        assert [audio async for audio in speech] == []
    assert received == ["Hello ", "there. ", "<FLUSH>", "<CLEAR>", "<EOS>"]


async def test_audio_comes_until_the_server_closes_cleanly() -> None:
    """The iteration gives every binary frame, passes over text frames, and ends by itself."""
    async with (
        server(sending(b"ab", "an event of a later protocol", b"", b"cd")) as url,
        connect(url, speaker="a") as speech,
    ):
        assert [audio async for audio in speech] == [b"ab", b"", b"cd"]
        assert [audio async for audio in speech] == []
        assert speech.n_bytes == 4


async def test_the_times_count_from_the_first_text() -> None:
    """Times to first and latest audio start with the first text, and need one."""
    async with server(echo_until_eos) as url, connect(url, speaker="a") as speech:
        assert speech.first_audio_after is None
        await speech.send("one")
        await anext(speech)
        first = speech.first_audio_after
        assert first is not None
        assert 0 < first == speech.last_audio_after
        await speech.send("two")
        await anext(speech)
        assert speech.last_audio_after is not None
        assert speech.first_audio_after == first < speech.last_audio_after


@pytest.mark.parametrize(
    ("status", "headers", "body", "retry_after"),
    [
        (400, {}, "speaker: expected a voice, got nothing\n", None),
        (401, {}, "no key\n", None),
        (426, {}, "", None),
        (429, {"Retry-After": "2"}, "Currently at websocket limit", 2.0),
        (429, {"Retry-After": "Fri, 31 Dec 1999 23:59:59 GMT"}, "busy", None),
    ],
)
async def test_a_refused_upgrade_says_why(
    status: int, headers: dict[str, str], body: str, retry_after: float | None
) -> None:
    """A refusal carries the status, the body, and when to come again."""
    sent = Headers({"Content-Length": str(len(body)), **headers})
    refusal = Response(status, HTTPStatus(status).phrase, sent, body.encode())
    async with server(sending(), refusal) as url:
        with pytest.raises(Rejected) as caught:
            async with connect(url, speaker="a"):
                pass
    rejected = caught.value
    assert (rejected.status, rejected.body) == (status, body.strip())
    assert rejected.retry_after == retry_after
    assert str(rejected) == (
        f"the server refused the connection with {status}: {body.strip() or 'no reason'}"
    )


async def test_nobody_at_the_address_is_told() -> None:
    """A closed port, another kind of server and one that never answers are all unreachable."""

    async def babble(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 mail.example ESMTP\r\n\r\n")
        writer.close()

    async def silence(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    for behaviour, reason in ((babble, "expected a WebSocket server"), (silence, "in 0.1 s")):
        async with await asyncio.start_server(behaviour, "127.0.0.1", 0) as listener:
            port = listener.sockets[0].getsockname()[1]
            with pytest.raises(Unreachable, match=reason):
                async with connect(f"ws://127.0.0.1:{port}", speaker="a", open_timeout_s=0.1):
                    pass
    with pytest.raises(Unreachable, match="expected a WebSocket server, got"):
        async with connect(f"ws://127.0.0.1:{port}", speaker="a"):
            pass


async def test_an_unclean_close_is_an_error_after_the_audio() -> None:
    """Audio that came before a failure is given first; then the code and the reason are told."""

    async def fail(connection: ServerConnection) -> None:
        await connection.send(b"ab")
        await connection.close(1011, "500: voice failed")

    async with server(fail) as url, connect(url, speaker="a") as speech:
        assert await anext(speech) == b"ab"
        with pytest.raises(ConnectionLost, match="1011: 500: voice failed") as caught:
            await anext(speech)
        assert (caught.value.code, caught.value.reason) == (1011, "500: voice failed")
        with pytest.raises(ConnectionLost):
            await speech.send("more")
        with pytest.raises(ConnectionLost):
            await speech.flush()


async def test_a_broken_connection_is_an_error() -> None:
    """A connection that just ends counts as code 1006."""

    async def hang_up(connection: ServerConnection) -> None:
        connection.transport.abort()

    async with server(hang_up) as url, connect(url, speaker="a") as speech:
        with pytest.raises(ConnectionLost) as caught:
            await anext(speech)
        assert caught.value.code == 1006


async def test_pings_are_answered_while_audio_waits() -> None:
    """A listener who takes no audio still answers pings behind megabytes of it."""
    answered = asyncio.Event()

    async def talk(connection: ServerConnection) -> None:
        for _ in range(100):
            await connection.send(bytes(32 * 1024))
        await (await connection.ping())
        answered.set()

    async with server(talk) as url, connect(url, speaker="a") as speech:
        async with asyncio.timeout(5):
            await answered.wait()
        assert sum([len(audio) async for audio in speech]) == 100 * 32 * 1024


async def test_clear_drops_audio_that_was_not_taken() -> None:
    """After an interruption only audio comes that arrives after it."""

    async def talk(connection: ServerConnection) -> None:
        for frame in (b"heard", b"stale", b"old"):
            await connection.send(frame)
        await connection.recv()
        await connection.send(b"fresh")

    async with server(talk) as url, connect(url, speaker="a") as speech:
        assert await anext(speech) == b"heard"
        while speech.n_bytes < len(b"heardstaleold"):  # noqa: ASYNC110 -- no event tells of it
            await asyncio.sleep(0)
        assert await speech.clear() == len(b"staleold")
        assert [audio async for audio in speech] == [b"fresh"]


async def test_leaving_closes_the_connection() -> None:
    """The end of the context closes cleanly, audio or not, error or not."""
    codes: list[int | None] = []

    async def wait(connection: ServerConnection) -> None:
        await connection.send(b"unheard")
        await connection.wait_closed()
        codes.append(connection.close_code)

    async with server(wait) as url:
        async with connect(url, speaker="a") as speech:
            await speech.close()
            assert [audio async for audio in speech] == [b"unheard"]
        with pytest.raises(ZeroDivisionError):
            async with connect(url, speaker="a"):
                raise ZeroDivisionError
    assert codes == [1000, 1000]
