"""Random bytes, requests and frames: whatever comes, the connection ends and the server goes on."""

import asyncio
import http.client
import random
from collections.abc import Iterator

import pytest

from benchmarks.flooder import Target, frame, upgrade_request
from tests.e2e.talk import PATIENCE_S, talk, until_open
from tests.support.server import RealServer, running_server

REQUESTS = (
    b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET /voices HTTP/1.0\r\n\r\n",
    b"HEAD /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    b"POST /v1/rime-tts HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n{}{}{",
    b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
    b"GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n",
    b"OPTIONS * HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\na",
)
TEXTS = (b"alpha. ", b"<FLUSH>", b"<CLEAR>", b"<EOS>", b"<200>", b"[a]", b"\xff", b"{", b"")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealServer]:
    with running_server(tmp_path_factory.mktemp("data"), engines=("tone",)) as server:
        yield server


def mangle(data: bytes, chance: random.Random) -> bytes:
    """Change, drop, repeat or insert a few bytes."""
    mangled = bytearray(data)
    for _ in range(chance.randrange(4)):
        at = chance.randrange(len(mangled) + 1)
        match chance.randrange(4):
            case 0:
                mangled[at : at + 1] = bytes([chance.randrange(256)])
            case 1:
                del mangled[at : at + chance.randrange(8)]
            case 2:
                mangled[at:at] = mangled[max(0, at - chance.randrange(64)) : at]
            case _:
                mangled[at:at] = chance.randbytes(chance.randrange(32))
    return bytes(mangled)


def pour(chance: random.Random) -> bytes:
    """Return requests, some of them broken, with or without an upgrade."""
    parts = [chance.choice(REQUESTS) for _ in range(chance.randrange(1, 6))]
    if chance.random() < 0.3:
        parts.append(upgrade_request("hf_wrong"))
    return b"".join(mangle(part, chance) if chance.random() < 0.5 else part for part in parts)


def frames(chance: random.Random) -> bytes:
    """Return frames, some of them broken."""
    made = b""
    for _ in range(chance.randrange(1, 40)):
        opcode = chance.choice((0x0, 0x1, 0x1, 0x1, 0x2, 0x8, 0x9, 0xA, chance.randrange(16)))
        payload = b"".join(chance.choice(TEXTS) for _ in range(chance.randrange(4)))
        made += frame(opcode, payload, is_last=chance.random() < 0.8)
    return mangle(made, chance) if chance.random() < 0.5 else made


async def send_in_pieces(writer: asyncio.StreamWriter, data: bytes, chance: random.Random) -> None:
    at = 0
    while at < len(data):
        size = chance.choice((1, 7, 100, 10_000))
        writer.write(data[at : at + size])
        at += size
        await asyncio.sleep(0)
    if writer.can_write_eof():
        writer.write_eof()


async def throw(server: RealServer, seed: int) -> None:
    """Send something random, then no more; the server must part with us."""
    chance = random.Random(seed)  # noqa: S311 -- to be the same each time
    host, _, port = server.address.rpartition(":")
    target = Target(host, int(port), server.key)
    is_inside = chance.random() < 0.5
    reader, writer = await (target.upgrade() if is_inside else target.connect())
    try:
        data = frames(chance) if is_inside else pour(chance)
        async with asyncio.timeout(PATIENCE_S):
            await send_in_pieces(writer, data, chance)
            while await reader.read(65536):
                pass
    except OSError:  # it has parted with us already
        pass
    finally:
        writer.close()


async def throw_many(server: RealServer, seeds: range, caplog: pytest.LogCaptureFixture) -> None:
    for seed in seeds:
        await throw(server, seed)
    assert (await talk(server, "alpha", "<EOS>")).n_samples > 0
    connection = http.client.HTTPConnection(server.address, timeout=PATIENCE_S)
    connection.request("GET", "/healthz")
    assert connection.getresponse().status == 200
    connection.close()
    await until_open(server, 0)
    # uvicorn logs what is no text with a traceback; the command line's log leaves that out.
    told = [entry for entry in caplog.records if not entry.msg.startswith("Invalid UTF-8")]
    # uvicorn does not ask uvloop whether a peer is still there before it answers.
    told = [entry for entry in told if "handler is closed" not in str((entry.exc_info or "  ")[1])]
    assert not [entry for entry in told if entry.exc_info], "expected no traceback"


async def test_random_bytes(server: RealServer, caplog: pytest.LogCaptureFixture) -> None:
    """A few hundred connections of random requests and frames leave nothing behind."""
    await throw_many(server, range(200), caplog)


@pytest.mark.heavy
async def test_more_random_bytes(server: RealServer, caplog: pytest.LogCaptureFixture) -> None:
    """The same for tens of thousands."""
    await throw_many(server, range(1000, 21_000), caplog)
