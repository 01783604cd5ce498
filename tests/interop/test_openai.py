"""The `openai` package, as released, with nothing changed but the base URL."""

import io
import wave

import av
import pytest

from tests.support.server import RealServer

openai = pytest.importorskip("openai", reason="installed by `make test-interop`")

pytestmark = [
    pytest.mark.interop,
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


def client(server: RealServer, key: str | None = None) -> "openai.AsyncOpenAI":
    return openai.AsyncOpenAI(
        api_key=key or server.key, base_url=f"http://{server.address}/v1", max_retries=0
    )


@pytest.mark.parametrize("voice", ["alloy", "onyx", "ambrose"])
async def test_a_file_of_speech(server: RealServer, voice: str) -> None:
    """The names of OpenAI's voices, and our own, speak; WAV is WAV."""
    async with client(server) as api:
        answer = await api.audio.speech.create(
            model="tts-1", voice=voice, input="Good morning to you.", response_format="wav"
        )
    with wave.open(io.BytesIO(answer.content)) as file:
        assert file.getframerate() == 24_000
    assert len(answer.content) > 24_000


@pytest.mark.parametrize("wanted", ["mp3", "opus", "aac", "flac", "wav"])
async def test_every_format(server: RealServer, wanted: str) -> None:
    """FFmpeg hears as long a speech in each format as there is in PCM."""
    async with client(server) as api:
        asked = {"model": "tts-1", "voice": "nova", "input": "One two three four five."}
        plain = await api.audio.speech.create(**asked, response_format="pcm")
        answer = await api.audio.speech.create(**asked, response_format=wanted)
    with av.open(io.BytesIO(answer.content)) as file:
        seconds = sum(frame.samples / frame.sample_rate for frame in file.decode(audio=0))
    assert seconds == pytest.approx(len(plain.content) / 48_000, abs=0.13)


async def test_speech_is_streamed(server: RealServer) -> None:
    """Audio comes in pieces, and at half the speed there is twice as much of it."""
    async with client(server) as api:
        sizes = []
        for speed in (1.0, 0.5):
            pieces = []
            async with api.audio.speech.with_streaming_response.create(
                model="tts-1", voice="ambrose", input="One two three four five six seven.",
                response_format="pcm", speed=speed,
            ) as answer:  # fmt: skip
                pieces = [piece async for piece in answer.iter_bytes()]
            assert len(pieces) > 1
            sizes.append(sum(map(len, pieces)))
    assert sizes[1] == pytest.approx(2 * sizes[0], rel=0.1)


async def test_errors_are_the_clients_own(server: RealServer) -> None:
    """What is wrong raises what the package's users catch."""
    async with client(server) as api:
        with pytest.raises(openai.BadRequestError) as caught:
            await api.audio.speech.create(model="tts-1", voice="nobody", input="Hello.")
        assert caught.value.param == "voice"
    async with client(server, key="wrong") as api:
        with pytest.raises(openai.AuthenticationError):
            await api.audio.speech.create(model="tts-1", voice="alloy", input="Hello.")


async def test_models_are_listed(server: RealServer) -> None:
    """Interfaces that let one choose a model find some."""
    async with client(server) as api:
        assert "tts-1" in [model.id async for model in api.models.list()]
