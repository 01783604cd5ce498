"""Whatever a client sends after the upgrade: an answer, no harm to others, nothing left behind."""

import asyncio
import contextlib
import socket as sockets
import struct
from pathlib import Path

import pytest
import websockets

from tests.e2e.talk import PATIENCE_S, Heard, connect, listen, talk, until_open
from tests.support.server import RealServer

EVIDENCE = "alpha bravo charlie. delta echo.<EOS>"


@pytest.fixture
async def bystander(server: RealServer):
    """Another session, under way while the test does its worst: it must not notice."""
    expected = await talk(server, EVIDENCE)
    async with connect(server) as socket:
        await socket.send("alpha bravo charlie. ")
        yield
        await socket.send("delta echo.<EOS>")
        heard = await listen(socket)
    assert (heard.audio, heard.code) == (expected.audio, 1000)


pytestmark = pytest.mark.usefixtures("bystander")


def n_open_files() -> int:
    """Return how many file descriptors this process has; 0 where that cannot be told."""
    folder = Path("/proc/self/fd")
    return len(list(folder.iterdir())) if folder.is_dir() else 0


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("Unbalanced (and [so <is {this spell(abc", id="unbalanced tags"),
        pytest.param(")]>}) closing ]]] only >>>", id="closing tags only"),
        pytest.param("a\x00b\x01c\x07d\x1be\x7ff", id="control characters"),
        pytest.param("Great 🎉👩‍👩‍👧‍👦🏳️‍🌈 news", id="emoji"),
        pytest.param("שלום עולם. مرحبا بالعالم", id="right-to-left"),
        pytest.param("日本語です。", id="a language that the voice lacks"),
        pytest.param("\u200b\u202e\u0301\ufeffx", id="invisible characters"),
        pytest.param("[" * 500 + "word" + "]" * 500, id="deep nesting"),
        pytest.param("<" * 1000 + "word", id="many brackets"),
        pytest.param("...!?!?,,,;;;" * 50 + " word", id="marks"),
    ],
)
async def test_odd_text_is_spoken(server: RealServer, text: str) -> None:
    """Text that no one expects is spoken as far as it can be, and ends cleanly."""
    heard = await talk(server, text, "<EOS>", pauseBetweenBrackets="true", inlineSpeedAlpha="0.5")
    assert (heard.code, heard.reason) == (1000, "")
    assert heard.n_samples > 0


@pytest.mark.parametrize("text", ["", " ", "...", "?!", "\n\n", '"', "🎉", "<b>", "[]", "<100>"])
async def test_nothing_speakable_is_silent(server: RealServer, text: str) -> None:
    """Marks, quotes and blanks are never read aloud."""
    assert await talk(server, text, "<EOS>") == Heard(b"", 1000, "")


async def test_invalid_utf8(server: RealServer) -> None:
    """A binary frame that is not UTF-8 ends its session with 1007."""
    heard = await talk(server, b"Hello \xff\xfe")
    assert heard.code == 1007


async def test_invalid_utf8_in_a_text_frame(server: RealServer) -> None:
    """The same in a text frame, which no client library would send."""
    assert (await raw_frame(server, 0x1, b"Hello \xff\xfe")) == 1007


async def test_binary_text(server: RealServer) -> None:
    """A binary frame of UTF-8 is text, commands included."""
    assert await talk(server, b"alpha bravo", b"<EOS>") == await talk(
        server, "alpha bravo", "<EOS>"
    )


async def test_a_frame_of_a_mebibyte(server: RealServer) -> None:
    """A frame far over the limit ends its session with 1009."""
    async with connect(server) as socket:
        await socket.send("x" * 2**20)
        assert (await listen(socket)).code == 1009


async def test_text_without_end(server: RealServer) -> None:
    """More unspoken text than 64 KiB ends the session with 1009 and a reason that says why."""
    async with connect(server, segment="never") as socket:
        with contextlib.suppress(websockets.ConnectionClosed):
            for _ in range(60):
                await socket.send("and so on and so forth, " * 50)
        heard = await listen(socket)
    assert (heard.audio, heard.code) == (b"", 1009)
    assert "65536 bytes of unspoken text" in heard.reason


async def test_text_without_a_mark(server: RealServer) -> None:
    """A text that never ends a sentence is spoken all the same, piece by piece."""
    async with connect(server, speedAlpha=4) as socket:
        await socket.send("word " * 250)
        async with asyncio.timeout(PATIENCE_S):
            assert len(await socket.recv()) > 0


async def test_thousands_of_empty_messages(server: RealServer) -> None:
    """Empty messages cost nothing and mean nothing."""
    heard = await talk(server, *[""] * 5000, "alpha", *[" "] * 1000, "<EOS>")
    assert heard.code == 1000
    assert heard.audio == (await talk(server, "alpha<EOS>")).audio


async def test_thousands_of_commands(server: RealServer) -> None:
    """Commands on an idle connection are harmless, however many."""
    heard = await talk(server, *["<CLEAR>", "<FLUSH>"] * 2000, "alpha<EOS>")
    assert heard.code == 1000
    assert heard.audio == (await talk(server, "alpha<EOS>")).audio


async def test_a_client_that_vanishes(server: RealServer) -> None:
    """A connection that is reset in mid-utterance frees its place, its work and its socket."""
    n_files = n_open_files()
    for _ in range(20):
        async with connect(server) as socket:
            await socket.send("alpha bravo charlie. " * 200 + "<FLUSH>")
            await socket.recv()
            raw = socket.transport.get_extra_info("socket")
            raw.setsockopt(sockets.SOL_SOCKET, sockets.SO_LINGER, struct.pack("ii", 1, 0))
            socket.transport.abort()
    await until_open(server, 1)  # the bystander
    assert n_open_files() <= n_files + 2


async def test_a_client_that_never_reads(server: RealServer) -> None:
    """A client that does not read is not worked for beyond what its socket takes; it may leave."""
    async with connect(server, samplingRate=44100) as socket:
        socket.transport.pause_reading()
        await socket.send("alpha bravo charlie. " * 2500 + "<FLUSH>")
        heard = await talk(server, EVIDENCE)  # others are served meanwhile
        assert heard.code == 1000
        await until_open(server, 2)
        socket.transport.abort()
    await until_open(server, 1)  # the bystander


async def test_a_clear_reaches_a_client_that_reads_slowly(server: RealServer) -> None:
    """Of all that was synthesised, little is on its way to a client that does not read."""
    alone = await talk(server, "yankee zulu<EOS>", samplingRate=44100)
    with sockets.socket() as small:
        small.setsockopt(sockets.SOL_SOCKET, sockets.SO_RCVBUF, 16 * 1024)
        host, port = server.address.split(":")
        small.connect((host, int(port)))
        small.setblocking(False)
        async with connect(server, sock=small, samplingRate=44100) as socket:
            socket.transport.pause_reading()
            await socket.send("alpha bravo charlie. " * 2500 + "<FLUSH>")  # 60 MB of audio
            for _ in range(5):
                await talk(server, EVIDENCE)  # meanwhile the server fills what it can
            await socket.send("<CLEAR>yankee zulu<EOS>")
            socket.transport.resume_reading()
            heard = await listen(socket)
    assert heard.audio.endswith(alone.audio)
    assert len(heard.audio) - len(alone.audio) < 512 * 1024


async def raw_frame(server: RealServer, opcode: int, payload: bytes) -> int:
    """Send one masked frame by hand; return the code that the server closes with."""
    async with connect(server) as socket:
        mask = b"\0\0\0\0"
        header = bytes([0x80 | opcode, 0x80 | len(payload)])
        socket.transport.write(header + mask + payload)
        return (await listen(socket)).code or 0
