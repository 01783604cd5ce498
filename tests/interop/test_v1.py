"""WebSocket v1 with its released clients: pipecat, LiveKit, and the messages of `rime-api`."""

import asyncio
import warnings
from collections.abc import AsyncIterator
from typing import Any

import pytest
import websockets

from tests.support.server import RealServer

pytest.importorskip("rime_api", reason="installed by `make test-interop`")

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # the clients' own business
    import aiohttp
    from livekit.agents.types import APIConnectOptions
    from livekit.plugins import rime
    from pipecat.services.rime.tts_v1 import RimeV1TTSService
    from pipecat.services.tts_service import TextAggregationMode
    from rime_api import text_to_speech_pb2 as proto

    from tests.interop.conversation import conversing

pytestmark = [
    pytest.mark.interop,
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

SENTENCES = ("Thank you for calling. ", "How can I help you today? ")
RATE_HZ = 24_000


def seconds(audio: bytes) -> float:
    return len(audio) / 2 / RATE_HZ


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as opened:
        yield opened


@pytest.mark.parametrize("protocol", ["binary", "json"])
@pytest.mark.parametrize("mode", list(TextAggregationMode))
async def test_pipecat(server: RealServer, protocol: Any, mode: TextAggregationMode) -> None:
    """Two turns, and an interruption that leaves nothing behind."""
    service = RimeV1TTSService(
        api_key=server.key,
        websocket_url=f"ws://{server.address}/ws",
        websocket_protocol=protocol,
        sample_rate=RATE_HZ,
        text_aggregation_mode=mode,
        settings=RimeV1TTSService.Settings(model="mistv3", voice="ambrose", language="en"),
    )
    async with conversing(service, RATE_HZ) as conversation:
        first = await conversation.turn(*SENTENCES)
        assert 2 < seconds(first) < 8
        await conversation.say("One two three four five six seven eight nine ten. " * 8)
        async with asyncio.timeout(20):
            await conversation.listener.heard.wait()
        await conversation.interrupt()
        await asyncio.sleep(0.5)
        conversation.listener.take()
        again = await conversation.turn(*SENTENCES)
        assert conversation.errors == []
    assert seconds(again) == pytest.approx(seconds(first), rel=0.05)


@pytest.mark.parametrize("protocol", ["binary", "json"])
@pytest.mark.parametrize(
    "audio_format",
    [
        "audio/pcm",
        "audio/pcmu",
        "audio/wav",
        "audio/mpeg",
        "audio/ogg;codecs=opus",
        "audio/webm;codecs=opus",
    ],
)
async def test_livekit(
    server: RealServer, session: aiohttp.ClientSession, protocol: Any, audio_format: Any
) -> None:
    """Streams over one pooled socket, a dropped one among them."""
    tts = rime.TTS(
        websocket_url=f"ws://{server.address}/ws",
        websocket_protocol=protocol,
        model="mistv3",
        speaker="ambrose",
        audio_format=audio_format,
        api_key=server.key,
        http_session=session,
    )
    once = APIConnectOptions(max_retry=0, timeout=20)

    async def speak(*tokens: str) -> float:
        async with tts.stream(conn_options=once) as stream, asyncio.timeout(30):
            for token in tokens:
                stream.push_text(token)
            stream.end_input()
            return sum([event.frame.duration async for event in stream])

    first = await speak(*SENTENCES)
    assert 2 < first < 8
    async with tts.stream(conn_options=once) as stream, asyncio.timeout(30):
        stream.push_text("One two three four five six seven eight nine ten. " * 8)
        stream.flush()
        await anext(aiter(stream))
    assert await speak(*SENTENCES) == pytest.approx(first, rel=0.05)
    await tts.aclose()


async def test_the_released_messages(server: RealServer) -> None:
    """Requests written and answers read by the package that Rime publishes."""
    url = f"ws://{server.address}/coda/ws"
    async with (
        websockets.connect(
            url, additional_headers=server.headers, subprotocols=["rime.v1.binary"], proxy=None
        ) as socket,
        asyncio.timeout(30),
    ):
        assert socket.subprotocol == "rime.v1.binary"
        ready = proto.WebSocketResponse.FromString(bytes(await socket.recv()))
        assert (ready.WhichOneof("payload"), ready.ready.protocol) == ("ready", 1)
        start = proto.WebSocketRequest(context_id="a")
        start.start.speaker = "ambrose"
        start.start.text = "It costs five dollars."
        start.start.audio_parameters.sampling_rate = 8000
        start.start.timestamps.enable = True
        start.start.mist_parameters.inline_time_scale_factors.extend([0.5, 2.0])
        await socket.send(start.SerializeToString())
        kinds, audio = [], b""
        while not kinds or kinds[-1] != "done":
            answer = proto.WebSocketResponse.FromString(bytes(await socket.recv()))
            assert answer.context_id == "a"
            kinds.append(answer.WhichOneof("payload"))
            audio += answer.audio
        assert kinds[0] == "started"
        assert len(audio) > 8000
        spans = answer.done.timestamps.spans
        assert [span.text.strip(".") for span in spans] == ["It", "costs", "five", "dollars"]
        assert 0 < spans[-1].end.ToTimedelta().total_seconds() <= len(audio) / 16_000 + 0.05
