"""gRPC over TLS with Rime's own SDK, as released, and with raw calls."""

import asyncio
import json
import os
import sys
import warnings
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.talk import until_open
from tests.support.server import RealServer, running_server

grpc = pytest.importorskip("grpc", reason="installed by `make test-interop`")

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from rime_api import text_to_speech_pb2 as proto

pytestmark = [
    pytest.mark.interop,
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

CERT = Path(__file__).parents[1] / "support" / "tls" / "cert.pem"
KEY = CERT.with_name("key.pem")
SPEAK = "/rime.TextToSpeech/SynthesizeStreaming"


@pytest.fixture(scope="module")
def secure(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealServer]:
    with running_server(
        tmp_path_factory.mktemp("data"), engines=("espeak", "tone"), tls_cert=CERT, tls_key=KEY,
        grpc_port=0,
    ) as server:  # fmt: skip
        yield server


@pytest.fixture
async def channel(secure: RealServer) -> AsyncIterator[Any]:
    credentials = grpc.ssl_channel_credentials(CERT.read_bytes())
    address = f"localhost:{secure.services.grpc_port}"
    async with grpc.aio.secure_channel(address, credentials) as opened:
        yield opened


def metadata(server: RealServer, key: str = "") -> tuple[tuple[str, str], ...]:
    return (("authorization", f"Bearer {key or server.key}"),)


def header(*, has_times: bool = False, **more: Any) -> bytes:
    request = proto.SynthesisRequest(
        speaker="ambrose", split_strategy=proto.SPLIT_STRATEGY_ACCUMULATE_SENTENCE, **more
    )
    request.timestamps.enable = has_times
    return proto.StreamingSynthesisRequest(header=request).SerializeToString()


def chunk(text: str) -> bytes:
    return proto.StreamingSynthesisRequest(text_chunk=text).SerializeToString()


async def test_streamed_text(secure: RealServer, channel: Any) -> None:
    """Text in pieces, audio out, the times of words last, and what the SDK checks first."""
    call = channel.stream_stream(SPEAK)(metadata=metadata(secure))
    await call.write(header(has_times=True))
    told = dict(await call.initial_metadata())
    assert told["x-rime-audio-content-type"] == "audio/pcm"
    assert told["x-request-id"]
    for text in ("Thank you ", "for calling. ", "Goodbye"):
        await call.write(chunk(text))
    await call.done_writing()
    answers = [proto.SynthesisResponseStream.FromString(each) async for each in call]
    assert sum(len(each.audio) for each in answers) > 48_000
    spans = answers[-1].trailer.timestamps.spans
    assert [span.text.strip(".") for span in spans] == ["Thank", "you", "for", "calling", "Goodbye"]
    assert await call.code() == grpc.StatusCode.OK


async def test_a_whole_text(secure: RealServer, channel: Any) -> None:
    """`Synthesize` speaks a text that is there."""
    request = proto.SynthesisRequest(speaker="ambrose", text="Good morning.")
    call = channel.unary_stream("/rime.TextToSpeech/Synthesize")(
        request.SerializeToString(), metadata=metadata(secure)
    )
    audio = [proto.SynthesisResponseStream.FromString(each).audio async for each in call]
    assert len(b"".join(audio)) > 24_000


async def test_what_there_is(secure: RealServer, channel: Any) -> None:
    """Voices, by language or all, and languages."""
    method = channel.unary_unary("/rime.TextToSpeech/GetSupportedSpeakers")
    asked = proto.GetSupportedSpeakersRequest(language="de").SerializeToString()
    answer = await method(asked, metadata=metadata(secure))
    names = proto.GetSupportedSpeakersResponse.FromString(answer).speakers
    assert "konrad" in names
    assert "ambrose" not in names
    method = channel.unary_unary("/rime.TextToSpeech/GetSupportedLanguages")
    answer = await method(b"", metadata=metadata(secure))
    assert {"de", "en", "fr"} <= set(
        proto.GetSupportedLanguagesResponse.FromString(answer).languages
    )


@pytest.mark.parametrize(
    ("messages", "status"),
    [
        ([chunk("x")], grpc.StatusCode.INVALID_ARGUMENT),
        ([b"\xff"], grpc.StatusCode.INVALID_ARGUMENT),
        ([header(language="tlh")], grpc.StatusCode.INVALID_ARGUMENT),
        ([header(), b"\xff"], grpc.StatusCode.INVALID_ARGUMENT),
    ],
)
async def test_statuses(
    secure: RealServer, channel: Any, messages: list[bytes], status: Any
) -> None:
    """What is wrong is a status with words, and frees the place."""

    async def said() -> AsyncIterator[bytes]:
        for message in messages:
            yield message

    call = channel.stream_stream(SPEAK)(said(), metadata=metadata(secure))
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        async for _ in call:
            pass
    assert caught.value.code() == status
    assert caught.value.details()
    assert secure.services.limit.n_open == 0


async def test_a_cancelled_call(secure: RealServer, channel: Any) -> None:
    """Its place is free at once."""
    call = channel.stream_stream(SPEAK)(metadata=metadata(secure))
    await call.write(header())
    await call.write(chunk("One two three four five six seven eight nine ten. " * 20))
    await call.read()
    assert secure.services.limit.n_open == 1
    call.cancel()
    await until_open(secure, 0)


async def test_a_wrong_key(secure: RealServer, channel: Any) -> None:
    """It is told as such, before anything is read."""
    call = channel.unary_unary("/rime.TextToSpeech/GetSupportedLanguages")
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await call(b"", metadata=metadata(secure, "wrong"))
    assert caught.value.code() == grpc.StatusCode.UNAUTHENTICATED


async def test_the_released_sdk(secure: RealServer) -> None:
    """`rimelabs-sdk` speaks, lists and is refused, with nothing changed but the endpoint."""
    pytest.importorskip("rimelabs_sdk", reason="installed by `make test-interop`")
    program = Path(__file__).with_name("rimelabs_client.py")
    endpoint = f"localhost:{secure.services.grpc_port}"
    running = await asyncio.create_subprocess_exec(
        sys.executable, str(program), endpoint, secure.key,
        env={**os.environ, "GRPC_DEFAULT_SSL_ROOTS_FILE_PATH": str(CERT)},
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    out, errors = await asyncio.wait_for(running.communicate(), timeout=120)
    assert running.returncode == 0, errors.decode()
    told = json.loads(out)
    assert told["streamed"] > 48_000
    assert told["whole"] > 24_000
    assert "ambrose" in told["voices"]
    assert "en" in told["languages"]
    assert "Speaker 'nobody' doesn't match" in told["refused"]
