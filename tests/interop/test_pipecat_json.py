"""pipecat's `RimeTTSService` on ``/ws3`` and ``/ws2``, and its HTTP services, as released."""

import asyncio
import warnings
from typing import Any

import numpy as np
import pytest

from tests.support.server import RealServer

pytest.importorskip("pipecat", reason="installed by `make test-interop`")

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # the client's own business
    import aiohttp
    from pipecat.frames.frames import TTSTextFrame, TTSUpdateSettingsFrame
    from pipecat.services.openai.tts import OpenAITTSService
    from pipecat.services.rime.tts import RimeHttpTTSService, RimeTTSService

    from tests.interop.conversation import Conversation, conversing

pytestmark = [
    pytest.mark.interop,
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

RATE_HZ = 24_000
SENTENCES = ("Thank you for calling. ", "How can I help you today? ")
TOKENS = ("Thank ", "you ", "for ", "calling", ". ", "How ", "can ", "I ", "help?")


def make_service(server: RealServer, path: str = "/ws3", **settings: object) -> RimeTTSService:
    """Make the service as its users do, with nothing changed but the address."""
    model = "mistv2" if path == "/ws2" else "mistv3"
    return RimeTTSService(
        api_key=server.key,
        url=f"ws://{server.address}{path}",
        sample_rate=RATE_HZ,
        settings=RimeTTSService.Settings(**{"voice": "ambrose", "model": model} | settings),
    )


def seconds(audio: bytes) -> float:
    return len(audio) / 2 / RATE_HZ


def words(conversation: Conversation) -> list[str]:
    return [frame.text for frame in conversation.listener.frames if isinstance(frame, TTSTextFrame)]


@pytest.mark.parametrize("path", ["/ws3", "/ws2"])
async def test_a_turn_is_spoken_whole(server: RealServer, path: str) -> None:
    """All audio comes, the turn ends once, and every word is told once, in order."""
    async with conversing(make_service(server, path), RATE_HZ) as conversation:
        audio = await conversation.turn(*SENTENCES)
        assert conversation.errors == []
        told = " ".join(words(conversation)).split()
    assert 2 < seconds(audio) < 8
    assert told == "".join(SENTENCES).split()
    samples = np.frombuffer(audio, "<i2").astype(float)
    assert np.sqrt(np.mean(samples**2)) > 300


async def test_tokens_with_a_pause_are_one_turn(server: RealServer) -> None:
    """A language model that thinks between two sentences does not end the turn."""
    async with conversing(make_service(server), RATE_HZ) as conversation:
        whole = await conversation.turn(*TOKENS)
        await conversation.say_slowly(*TOKENS[:5], "", *TOKENS[5:], pause_s=1.0)
        async with asyncio.timeout(20):
            await conversation.listener.stopped.wait()
        audio = conversation.listener.take()
        assert conversation.errors == []
    assert seconds(audio) == pytest.approx(seconds(whole), rel=0.15)


async def test_an_interruption_leaves_nothing_behind(server: RealServer) -> None:
    """After an interruption in mid-utterance the next turn has its own audio and no other."""
    async with conversing(make_service(server), RATE_HZ) as conversation:
        alone = await conversation.turn("Goodbye then. ")
        await conversation.say("One two three four five six seven eight nine ten. " * 8)
        async with asyncio.timeout(20):
            await conversation.listener.heard.wait()
        await conversation.interrupt()
        await asyncio.sleep(0.5)
        conversation.listener.take()
        after = await conversation.turn("Goodbye then. ")
        assert conversation.errors == []
    assert seconds(after) == pytest.approx(seconds(alone), rel=0.05)


async def test_another_voice_in_the_middle(server: RealServer) -> None:
    """A change of settings connects anew, and the next turn is spoken."""
    async with conversing(make_service(server), RATE_HZ) as conversation:
        await conversation.turn(*SENTENCES)
        await conversation.send(TTSUpdateSettingsFrame(delta=RimeTTSService.Settings(voice="luna")))
        audio = await conversation.turn(*SENTENCES)
        assert conversation.errors == []
    assert 2 < seconds(audio) < 8


async def test_an_unknown_voice_is_an_error(server: RealServer) -> None:
    """The service reports it, and says nothing."""
    async with conversing(make_service(server, voice="nobody"), RATE_HZ) as conversation:
        await conversation.say(*SENTENCES)
        await asyncio.sleep(1)
        assert conversation.errors
        assert conversation.listener.take() == b""


@pytest.mark.parametrize("model", ["mistv3", "mistv2", "arcana"])
async def test_over_http(server: RealServer, model: str) -> None:
    """`RimeHttpTTSService`, whose host cannot be set otherwise, speaks a turn."""
    async with aiohttp.ClientSession() as session:
        service = RimeHttpTTSService(
            api_key=server.key,
            aiohttp_session=session,
            sample_rate=RATE_HZ,
            settings=RimeHttpTTSService.Settings(voice="ambrose", model=model),
        )
        service._base_url = f"http://{server.address}/v1/rime-tts"
        async with conversing(service, RATE_HZ) as conversation:
            audio = await conversation.turn(*SENTENCES)
            assert conversation.errors == []
    assert 2 < seconds(audio) < 8


async def test_openai_in_pipecat(server: RealServer) -> None:
    """`OpenAITTSService` speaks with hoarfrost by a base URL."""
    settings: Any = OpenAITTSService.Settings(voice="onyx", model="gpt-4o-mini-tts")
    service = OpenAITTSService(
        api_key=server.key,
        base_url=f"http://{server.address}/v1",
        sample_rate=RATE_HZ,
        settings=settings,
    )
    async with conversing(service, RATE_HZ) as conversation:
        audio = await conversation.turn(*SENTENCES)
        assert conversation.errors == []
    assert 2 < seconds(audio) < 8
