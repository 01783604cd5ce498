"""``/ws3`` over a real socket: the whole way, and the doors."""

import asyncio
import base64
import json

import pytest
import websockets

from tests.support.server import RealServer

QUERY = "speaker=tone&audioFormat=pcm&samplingRate=8000"


@pytest.mark.parametrize("path", ["/ws3", "//ws3", "/ws2", "/context/ws3"])
async def test_a_turn_over_a_real_socket(server: RealServer, path: str) -> None:
    """The audio is that of the plain socket, byte for byte; a pooled connection speaks again."""
    url = f"ws://{server.address}{path}?{QUERY}"
    async with (
        websockets.connect(url, additional_headers=server.headers, proxy=None) as socket,
        websockets.connect(
            f"ws://{server.address}/ws?{QUERY}", additional_headers=server.headers, proxy=None
        ) as plain,
        asyncio.timeout(60),
    ):
        await plain.send("One two. Three.")
        await plain.send("<EOS>")
        expected = b"".join([bytes(frame) async for frame in plain])
        for turn in ("a", "b"):
            await socket.send(json.dumps({"text": "One two. Three.", "contextId": turn}))
            await socket.send(json.dumps({"operation": "flush", "contextId": turn}))
            audio = b""
            while (event := json.loads(await socket.recv()))["type"] != "done":
                assert event["contextId"] == turn
                if event["type"] == "chunk":
                    audio += base64.b64decode(event["data"], validate=True)
            assert event["contextId"] == turn
            assert audio == expected


@pytest.mark.parametrize(
    ("query", "key", "status", "words"),
    [
        ("speaker=nobody", None, 400, "Speaker 'nobody' doesn't match list of available voices"),
        ("", None, 400, "speaker is required"),
        ("speaker=tone", "wrong", 401, "invalid api key"),
    ],
)
async def test_the_doors_are_those_of_the_plain_socket(
    server: RealServer, query: str, key: str | None, status: int, words: str
) -> None:
    """Key and options are judged before the upgrade; Rime's own words come first."""
    headers = {"Authorization": f"Bearer {key}"} if key else server.headers
    url = f"ws://{server.address}/ws3?{query}"
    with pytest.raises(websockets.InvalidStatus) as caught:
        async with websockets.connect(url, additional_headers=headers, proxy=None):
            pass
    assert caught.value.response.status_code == status
    assert words in (caught.value.response.body or b"").decode().splitlines()[0]
