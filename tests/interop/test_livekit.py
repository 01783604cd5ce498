"""LiveKit's plug-ins for Rime (HTTP and ``/ws3``) and OpenAI, as released."""

import asyncio
import warnings
from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.support.server import RealServer

pytest.importorskip("livekit.plugins.rime", reason="installed by `make test-interop`")

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # the client's own business
    import aiohttp
    from livekit.agents import APIStatusError
    from livekit.agents.types import APIConnectOptions
    from livekit.plugins import openai, rime

pytestmark = [
    pytest.mark.interop,
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

SENTENCES = ("Thank you for calling. ", "How can I help you today? ")
ONCE = APIConnectOptions(max_retry=0, timeout=20)


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as opened:
        yield opened


def make_tts(server: RealServer, session: aiohttp.ClientSession, **more: Any) -> "rime.TTS":
    """Make the plug-in as its users do, with nothing changed but the address."""
    given: dict[str, Any] = {
        "base_url": f"http://{server.address}/v1/rime-tts",
        "api_key": server.key,
        "model": "mistv3",
        "speaker": "ambrose",
        "http_session": session,
    } | more
    return rime.TTS(**given)


def over_socket(server: RealServer, session: aiohttp.ClientSession, **more: Any) -> "rime.TTS":
    base = f"ws://{server.address}{more.pop('prefix', '')}"
    return make_tts(server, session, base_url=base, use_websocket=True, **more)


async def spoken(stream: Any) -> tuple[float, list[Any]]:
    """Return the seconds of a stream, and its timed words."""
    length, words = 0.0, []
    async with asyncio.timeout(30):
        async for event in stream:
            length += event.frame.duration
            words += event.frame.userdata.get("lk.timed_transcripts", [])
    return length, words


async def speak(tts: Any, *tokens: str) -> tuple[float, list[Any]]:
    """Have a stream speak tokens."""
    async with tts.stream(conn_options=ONCE) as stream:
        for token in tokens:
            stream.push_text(token)
        stream.end_input()
        return await spoken(stream)


@pytest.mark.parametrize("model", ["mistv3", "mistv2", "coda"])
async def test_over_http(server: RealServer, session: aiohttp.ClientSession, model: str) -> None:
    """A text is spoken, in the same time whatever the model's default rate is."""
    tts = make_tts(server, session, model=model)
    length, _ = await spoken(tts.synthesize("".join(SENTENCES), conn_options=ONCE))
    assert 2 < length < 8


async def test_speed_has_the_models_direction(
    server: RealServer, session: aiohttp.ClientSession
) -> None:
    """Above 1 is faster with Mist v3, and slower with Mist v2."""
    lengths = {}
    for model in ("mistv3", "mistv2"):
        tts = make_tts(server, session, model=model, speed_alpha=1.5)
        lengths[model], _ = await spoken(tts.synthesize("One two three four.", conn_options=ONCE))
    assert lengths["mistv2"] > 1.8 * lengths["mistv3"]


async def test_an_unknown_voice_is_a_status(
    server: RealServer, session: aiohttp.ClientSession
) -> None:
    """The plug-in raises it with the status and no audio."""
    tts = make_tts(server, session, speaker="nobody")
    with pytest.raises(APIStatusError) as caught:
        await spoken(tts.synthesize("Hello.", conn_options=ONCE))
    assert caught.value.status_code == 400


async def test_streams_on_a_pooled_socket(
    server: RealServer, session: aiohttp.ClientSession
) -> None:
    """A stream, and four more over the same connection: each speaks all that it was given."""
    tts = over_socket(server, session)
    first, _ = await speak(tts, *SENTENCES)
    assert 2 < first < 8
    for _ in range(4):
        again, _ = await speak(tts, *SENTENCES)
        assert again == pytest.approx(first, rel=0.02)
    assert server.services.limit.n_open == 1
    await tts.aclose()


async def test_words_of_several_sentences_ascend(
    server: RealServer, session: aiohttp.ClientSession
) -> None:
    """At ``/context/ws3`` times count from the stream's first sample: all lie in its audio."""
    tts = over_socket(server, session, prefix="/context")
    length, words = await speak(tts, *SENTENCES)
    starts = [float(word.start_time) for word in words]
    assert "".join(words).split() == "".join(SENTENCES).split()
    assert starts == sorted(starts)
    assert length / 3 < starts[-1] < length
    await tts.aclose()


async def test_a_model_that_pauses(server: RealServer, session: aiohttp.ClientSession) -> None:
    """A second between two sentences cuts nothing off."""
    tts = over_socket(server, session)
    whole, _ = await speak(tts, *SENTENCES)
    async with tts.stream(conn_options=ONCE) as stream:
        listening = asyncio.create_task(spoken(stream))
        stream.push_text(SENTENCES[0])
        await asyncio.sleep(1)
        stream.push_text(SENTENCES[1])
        stream.end_input()
        length, _ = await listening
    assert length == pytest.approx(whole, rel=0.1)
    await tts.aclose()


async def test_a_stream_that_is_dropped(server: RealServer, session: aiohttp.ClientSession) -> None:
    """An interruption: the next stream has its own audio and no other."""
    tts = over_socket(server, session)
    alone, _ = await speak(tts, "Goodbye then.")
    async with tts.stream(conn_options=ONCE) as stream:
        stream.push_text("One two three four five six seven eight nine ten. " * 8)
        stream.flush()
        async with asyncio.timeout(20):
            await anext(aiter(stream))
    after, _ = await speak(tts, "Goodbye then.")
    assert after == pytest.approx(alone, rel=0.05)
    await tts.aclose()


@pytest.mark.parametrize("segment", ["bySentence", "never", "immediate"])
async def test_nothing_to_speak_is_no_failure(
    server: RealServer, session: aiohttp.ClientSession, segment: str
) -> None:
    """An emoji is a short silence; the plug-in would take no audio for an error."""
    tts = over_socket(server, session, segment=segment)
    length, _ = await speak(tts, "🙂")
    assert 0.05 < length < 0.5
    await tts.aclose()


async def test_openai_in_livekit(server: RealServer, session: aiohttp.ClientSession) -> None:
    """LiveKit's OpenAI service speaks with hoarfrost by a base URL, with events and without."""
    for model in ("tts-1", "gpt-4o-mini-tts"):
        tts = openai.TTS(
            base_url=f"http://{server.address}/v1", api_key=server.key, voice="onyx", model=model,
            response_format="pcm",
        )  # fmt: skip
        length, _ = await spoken(tts.synthesize("".join(SENTENCES), conn_options=ONCE))
        assert 2 < length < 8
