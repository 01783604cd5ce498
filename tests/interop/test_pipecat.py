"""pipecat's `RimeNonJsonTTSService`, as released, in a pipeline of its own."""

import asyncio
import warnings

import numpy as np
import pytest

from tests.support.server import RealServer

pytest.importorskip("pipecat", reason="installed by `make test-interop`")

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # the client's own business
    from pipecat.frames.frames import TTSUpdateSettingsFrame
    from pipecat.services.rime.tts import RimeNonJsonTTSService

    from tests.interop.conversation import Conversation, conversing

pytestmark = [
    pytest.mark.interop,
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

RATE_HZ = 24_000
SENTENCES = ("Thank you for calling. ", "How can I help you today? ")


def make_service(server: RealServer, key: str | None = None, **settings: object) -> object:
    """Make the service as its users do, with nothing changed but the address."""
    return RimeNonJsonTTSService(
        api_key=server.key if key is None else key,
        url=f"ws://{server.address}/ws",
        sample_rate=RATE_HZ,
        settings=RimeNonJsonTTSService.Settings(**{"voice": "cove", "model": "mistv3"} | settings),
        stop_frame_timeout_s=0.5,  # its default of 3 s only makes the tests slower
    )


def seconds(audio: bytes) -> float:
    return len(audio) / 2 / RATE_HZ


def level(audio: bytes) -> float:
    samples = np.frombuffer(audio, "<i2").astype(float)
    return float(np.sqrt(np.mean(samples**2)))


def n_connections(server: RealServer) -> int:
    return server.services.limit.n_open


async def until_heard(conversation: Conversation) -> None:
    async with asyncio.timeout(20):
        await conversation.listener.heard.wait()


async def test_a_turn_is_spoken_whole(server: RealServer) -> None:
    """Two sentences come as 16-bit PCM at the rate asked for, in whole samples, and no error."""
    async with conversing(make_service(server), RATE_HZ) as conversation:
        audio = await conversation.turn(*SENTENCES)
        assert conversation.errors == []
    assert 2 < seconds(audio) < 8
    assert len(audio) % 2 == 0
    assert level(audio) > 300


async def test_two_turns_share_a_connection(server: RealServer) -> None:
    """A second turn is spoken over the same socket, and lasts as long as the same words did."""
    async with conversing(make_service(server), RATE_HZ) as conversation:
        first = await conversation.turn(*SENTENCES)
        assert n_connections(server) == 1
        second = await conversation.turn(*SENTENCES)
        assert conversation.errors == []
    assert seconds(second) == pytest.approx(seconds(first), rel=0.02)


async def test_an_interruption_leaves_nothing_behind(server: RealServer) -> None:
    """After an interruption in mid-utterance the next turn has its own audio and no other."""
    async with conversing(make_service(server), RATE_HZ) as conversation:
        alone = await conversation.turn("Certainly. ")
        await conversation.say(*["I will go on for quite a while about nothing at all. "] * 20)
        await until_heard(conversation)
        await conversation.interrupt()
        await asyncio.sleep(0.5)  # the service closes, reconnects, and drops what it had
        conversation.listener.take()
        after = await conversation.turn("Certainly. ")
        assert conversation.errors == []
        assert n_connections(server) == 1
    assert seconds(after) == pytest.approx(seconds(alone), rel=0.02)


async def test_new_settings_take_effect(server: RealServer) -> None:
    """A change of voice reconnects, and the next turn sounds different."""
    async with conversing(make_service(server), RATE_HZ) as conversation:
        before = await conversation.turn(*SENTENCES)
        await conversation.send(
            TTSUpdateSettingsFrame(delta=RimeNonJsonTTSService.Settings(voice="luna"))
        )
        after = await conversation.turn(*SENTENCES)
        assert conversation.errors == []
    assert after != before
    assert 2 < seconds(after) < 8


async def test_tokens_and_settings_of_other_models(server: RealServer) -> None:
    """What the service sends for other models is accepted: tokens, temperature, a language."""
    service = make_service(
        server, model="arcana", language="eng", segment="immediate", temperature=0.5, top_p=0.9
    )
    async with conversing(service, RATE_HZ) as conversation:
        audio = await conversation.turn("Hello ", "there, ", "how ", "are ", "you? ")
        assert conversation.errors == []
    assert 0.8 < seconds(audio) < 6


async def test_an_idle_connection_stays(server: RealServer) -> None:
    """After a while without text the next turn is spoken over the same socket."""
    async with conversing(make_service(server), RATE_HZ) as conversation:
        await asyncio.sleep(2)
        assert n_connections(server) == 1
        assert seconds(await conversation.turn("Still there. ")) > 0.5
        assert conversation.errors == []


async def test_a_wrong_key_is_reported(server: RealServer) -> None:
    """The service reports the 401 as its own error, and the pipeline goes on."""
    async with conversing(make_service(server, key="wrong"), RATE_HZ) as conversation:
        await asyncio.sleep(0.2)
        assert any("401" in error for error in conversation.errors)
    assert n_connections(server) == 0
