"""Speech over HTTP when there is no place, or a voice fails, before or after the first audio."""

from collections.abc import Generator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from hoarfrost.engines.tone import ToneEngine
from hoarfrost.errors import VoiceFault
from hoarfrost.synthesis.engine import PcmChunk, SynthesisRequest
from tests.e2e.talk import connect, until_open
from tests.e2e.test_admission import CALLERS, make_dear
from tests.support.server import RealServer, running_server

RIME = "/v1/rime-tts"
OPENAI = "/v1/audio/speech"
PATHS = pytest.mark.parametrize("path", [RIME, OPENAI])
ASKED = {"text": "One two three four.", "speaker": "tone", "samplingRate": 24000}
ASKED |= {"input": ASKED["text"], "voice": "tone", "model": "mistv3", "response_format": "pcm"}


async def post(server: RealServer, path: str, text: str | None = None) -> httpx.Response:
    asked = ASKED if text is None else ASKED | {"text": text, "input": text}
    headers = {**server.headers, "Accept": "audio/pcm"}
    async with httpx.AsyncClient(trust_env=False, timeout=60) as client:
        return await client.post(f"http://{server.address}{path}", json=asked, headers=headers)


@PATHS
async def test_a_caller_too_many(tmp_path: Path, path: str) -> None:
    """Callers over HTTP count like those of sockets: 429, and when to come back; later they can."""
    with running_server(tmp_path, **CALLERS) as server:
        make_dear(server, 0.4)
        async with connect(server), connect(server):
            await until_open(server, 2)
            answer = await post(server, path)
            assert answer.status_code == 429
            assert int(answer.headers["retry-after"]) >= 1
            if path == OPENAI:
                assert answer.json()["error"]["code"] == "rate_limit_exceeded"
            assert server.services.limit.n_open == 2
        await until_open(server, 0)
        assert (await post(server, path)).status_code == 200


@pytest.fixture
def failing(server: RealServer, monkeypatch: pytest.MonkeyPatch) -> RealServer:
    """A server whose voice breaks down at the word "fail"."""
    real = ToneEngine.synthesize

    def synthesize(
        engine: ToneEngine, request: SynthesisRequest
    ) -> Generator[PcmChunk, None, None]:
        before, word, _ = request.text.partition("fail")
        yield from real(engine, replace(request, text=before))
        if word:
            raise VoiceFault("voice tone: expected a voice, got a cold")

    monkeypatch.setattr(ToneEngine, "synthesize", synthesize)
    return server


async def test_a_failure_before_the_first_audio(failing: RealServer) -> None:
    """It is a 500 in the shape of the interface that tells nothing of the inside; others go on."""
    answer = await post(failing, RIME, "fail")
    assert (answer.status_code, answer.json()) == (500, {"error": "internal error"})
    answer = await post(failing, OPENAI, "fail")
    assert (answer.status_code, answer.json()["error"]["code"]) == (500, "server_error")
    assert (await post(failing, RIME)).status_code == 200
    await until_open(failing, 0)


@PATHS
async def test_a_failure_in_the_middle(failing: RealServer, path: str) -> None:
    """The connection ends without the mark of a complete answer; the place is free."""
    with pytest.raises(httpx.RemoteProtocolError):
        await post(failing, path, "One two three four. Five six seven. And fail it does.")
    await until_open(failing, 0)
    assert (await post(failing, path)).status_code == 200
