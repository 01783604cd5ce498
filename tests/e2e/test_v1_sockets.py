"""WebSocket v1 over a real socket: the offer, and the doors."""

import asyncio
import json

import pytest
import websockets

from tests.support.server import RealServer


@pytest.mark.parametrize("path", ["/ws", "/coda/ws", "//mistv3/ws/"])
@pytest.mark.parametrize(
    ("offers", "chosen"),
    [
        (["rime.v1.json"], "rime.v1.json"),
        (["rime.v1.binary", "rime.v1.json"], "rime.v1.binary"),
        (["other", "rime.v1.json"], "rime.v1.json"),
    ],
)
async def test_the_first_offer_decides(
    server: RealServer, path: str, offers: list[str], chosen: str
) -> None:
    """It is echoed, and the first message is ready, in the frames of that encoding."""
    async with (
        websockets.connect(
            f"ws://{server.address}{path}", additional_headers=server.headers, proxy=None,
            subprotocols=[websockets.Subprotocol(offer) for offer in offers],
        ) as socket,
        asyncio.timeout(30),
    ):  # fmt: skip
        assert socket.subprotocol == chosen
        ready = await socket.recv()
        assert isinstance(ready, str) is (chosen == "rime.v1.json")
        if isinstance(ready, str):
            await socket.send(json.dumps({"start": {"speaker": "tone", "text": "One."}}))
            kinds: set[str] = set()
            while "done" not in kinds:
                kinds |= json.loads(await socket.recv()).keys()
            assert {"started", "audio"} < kinds


async def test_a_key_is_asked_for(server: RealServer) -> None:
    """Before the upgrade, in the header."""
    with pytest.raises(websockets.InvalidStatus) as caught:
        async with websockets.connect(
            f"ws://{server.address}/ws",
            subprotocols=[websockets.Subprotocol("rime.v1.json")],
            proxy=None,
        ):
            pass
    assert caught.value.response.status_code == 401
