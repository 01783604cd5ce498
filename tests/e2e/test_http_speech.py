"""Speech over HTTP on a real port: what is answered, and what happens to who goes away."""

import asyncio
import base64
import io
import json
import socket
import sys
from typing import Any

import av
import httpx
import pytest

from hoarfrost.audio.compressed import is_installed
from tests.e2e.talk import until_open
from tests.support.server import RealServer

RIME = "/v1/rime-tts"
OPENAI = "/v1/audio/speech"
ASKED: dict[str, Any] = {"text": "One two. Three.", "speaker": "tone", "modelId": "mistv3"}
LONG = "One two three four five six seven eight nine ten. " * 400


async def post(
    server: RealServer, path: str, body: Any, accept: str | None = "audio/pcm", **headers: str
) -> httpx.Response:
    """Send a body, JSON or raw, with a key."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    told = {**server.headers, **headers} | ({"Accept": accept} if accept is not None else {})
    async with httpx.AsyncClient(trust_env=False, timeout=60) as client:
        if accept is None:
            client.headers.pop("Accept")
        return await client.post(f"http://{server.address}{path}", content=raw, headers=told)


@pytest.mark.parametrize(
    ("accept", "media_type", "magic"),
    [
        ("audio/pcm", "audio/pcm", b""),
        ("audio/L16", "audio/L16", b""),
        ("Audio/WAV", "Audio/WAV", b"RIFF"),
        ("audio/mpeg", "audio/mpeg", b"\xff"),
        ("audio/PCMU", "audio/PCMU", b""),
        ("audio/ogg;codecs=opus", "audio/ogg;codecs=opus", b"OggS"),
        ("*/*", "audio/mpeg", b"\xff"),
        ("text/html;q=0.9, audio/wav;q=0.5, audio/mp3;q=0.7", "audio/mp3", b"\xff"),
        (None, "audio/mpeg", b"\xff"),
        ("audio/PCMA", "audio/PCMA", b""),
        ("audio/ogg; codecs=opus", "audio/ogg;codecs=opus", b"OggS"),
        ("audio/opus", "audio/ogg;codecs=opus", b"OggS"),
        ('audio/webm;codecs="opus"', "audio/webm;codecs=opus", b"\x1aE\xdf\xa3"),
        ("audio/flac", "audio/flac", b"fLaC"),
        ("audio/aac", "audio/aac", b"\xff\xf1"),
    ],
)
async def test_the_header_chooses_the_audio(
    server: RealServer, accept: str | None, media_type: str, magic: bytes
) -> None:
    """The type that is liked best, and that there is, is what comes, under the name asked for."""
    answer = await post(server, RIME, ASKED, accept)
    assert (answer.status_code, answer.headers["content-type"]) == (200, media_type)
    assert answer.headers["cache-control"] == "no-store"
    assert "content-length" not in answer.headers
    assert answer.content.startswith(magic)
    assert len(answer.content) > 1000


@pytest.mark.parametrize(
    ("model", "accept", "n_per_second"),
    [
        ("mistv3", "audio/pcm", 48_000), ("coda", "audio/pcm", 48_000),
        ("mistv2", "audio/pcm", 32_000), ("mist", "audio/PCMU", 8_000),
        ("mistv2", "audio/wav", 44_100), ("arcana", "audio/PCMU", 24_000),
    ],
)  # fmt: skip
async def test_default_rates(
    server: RealServer, model: str, accept: str, n_per_second: int
) -> None:
    """Without a rate, it is that of the model and format: the speech lasts the same."""
    answer = await post(server, RIME, ASKED | {"modelId": model}, accept)
    reference = await post(server, RIME, ASKED | {"samplingRate": 8000}, "audio/pcm")
    seconds = len(reference.content) / 16_000
    assert len(answer.content) / n_per_second == pytest.approx(seconds, rel=0.02)


async def test_json_for_models_that_have_it(server: RealServer) -> None:
    """The whole audio in base64; at the root as the containers on premises have it."""
    asked = ASKED | {"modelId": "mistv2", "audioFormat": "wav"}
    for path in (RIME, "/"):
        answer = await post(server, path, asked, "application/json")
        audio = answer.json()["audioContent"]
        audio = audio["model_output"] if path == "/" else audio
        assert base64.b64decode(audio).startswith(b"RIFF")


@pytest.mark.parametrize(
    "accept", ["audio/wav", "audio/mpeg", "audio/ogg", "audio/webm", "audio/flac", "audio/aac"]
)
async def test_another_decoder_hears_all_of_it(server: RealServer, accept: str) -> None:
    """FFmpeg finds as much audio in every format as there is in PCM."""
    asked = ASKED | {"text": "One two. Three. <300> Four five.", "pauseBetweenBrackets": True}
    answer = await post(server, RIME, asked, accept)
    n_samples = rate_hz = 0
    with av.open(io.BytesIO(answer.content)) as file:
        for frame in file.decode(audio=0):
            n_samples, rate_hz = n_samples + frame.samples, frame.sample_rate
    plain = await post(server, RIME, asked)
    assert n_samples / rate_hz == pytest.approx(len(plain.content) / 48_000, abs=0.13)


async def test_formats_that_are_not_installed(
    server: RealServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The answer names what the server lacks; a client that takes something else gets it."""
    monkeypatch.setitem(sys.modules, "av", None)
    is_installed.cache_clear()
    try:
        answer = await post(server, RIME, ASKED, "audio/ogg")
        assert (answer.status_code, "hoarfrost[formats]" in answer.text) == (406, True)
        answer = await post(server, RIME, ASKED, "audio/ogg, audio/wav;q=0.5")
        assert (answer.status_code, answer.headers["content-type"]) == (200, "audio/wav")
        asked = ASKED | {"modelId": "mist", "audioFormat": "ogg"}
        answer = await post(server, RIME, asked, "application/json")
        assert (answer.status_code, "hoarfrost[formats]" in answer.text) == (400, True)
        asked = {"input": "One.", "voice": "tone", "model": "x", "response_format": "flac"}
        answer = await post(server, OPENAI, asked)
        assert answer.status_code == 400
        assert "hoarfrost[formats]" in answer.json()["error"]["message"]
    finally:
        is_installed.cache_clear()


async def test_events(server: RealServer) -> None:
    """Chunks, times of words, done: server-sent events."""
    answer = await post(server, RIME, ASKED, "text/event-stream")
    lines = answer.text.strip().split("\n\n")
    events = [line.split("\n") for line in lines]
    kinds = [kind.removeprefix("event: ") for kind, _ in events]
    assert kinds[0] == "chunk"
    assert kinds[-1] == "done"
    data = [json.loads(line.removeprefix("data: ")) for _, line in events]
    words = [word for each in data if "word_timestamps" in each
             for word in each["word_timestamps"]["words"]]  # fmt: skip
    assert words == ["One", "two.", "Three."]
    assert data[-1] == {"done": True}


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        (b"", 400, "request body is required"),
        (b"{", 400, "payload must be an object"),
        (b"[" * 100_000, 400, "payload must be an object"),
        ([], 400, "payload must be an object"),
        ({}, 400, "text is required"),
        ({"text": 5}, 400, "text must be a string"),
        ({"text": ""}, 400, "text must not be empty"),
        ({"text": "x"}, 400, "speaker is required"),
        ({"text": "x", "speaker": "tone", "lang": 5}, 400, "lang must be a string"),
        ({"text": "x", "speaker": "tone", "audioFormat": 5}, 400, "audioFormat must be a string"),
        ({"text": "x", "speaker": "nobody"}, 400, "Speaker 'nobody' doesn't match list"),
        ({"text": "x", "speaker": "tone", "speedAlpha": {}}, 400, "speedAlpha: expected"),
        (b" " * 300_000, 413, "body: expected at most"),
    ],
)
async def test_bad_requests(server: RealServer, body: Any, status: int, words: str) -> None:
    """The first line is Rime's own, in plain text."""
    answer = await post(server, RIME, body)
    assert answer.status_code == status
    assert answer.headers["content-type"].startswith("text/plain")
    assert answer.text.splitlines()[0].startswith(words)


async def test_what_nobody_can_be_given(server: RealServer) -> None:
    """A type that there is not is a 406 that lists those there are."""
    answer = await post(server, RIME, ASKED, "text/html")
    assert answer.status_code == 406
    assert "audio/mpeg" in answer.text


@pytest.mark.parametrize("path", [RIME, OPENAI])
async def test_a_key_is_asked_for(server: RealServer, path: str) -> None:
    """Without one nothing is said."""
    answer = await post(server, path, ASKED, Authorization="Bearer wrong")
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"


async def test_without_a_key_the_words_are_rimes(server: RealServer) -> None:
    """Clients look for them in the first line."""
    async with httpx.AsyncClient(trust_env=False) as client:
        answer = await client.post(f"http://{server.address}{RIME}", json=ASKED)
    assert answer.status_code == 401
    assert answer.text.splitlines()[0] == "Missing Authorization header"


async def test_nothing_to_speak_is_a_short_silence(server: RealServer) -> None:
    """An empty body is a failure to several clients."""
    answer = await post(server, RIME, ASKED | {"text": "🙂", "samplingRate": 8000})
    assert answer.content == bytes(1600)


@pytest.mark.parametrize("path", [RIME, OPENAI])
async def test_who_goes_away_is_not_spoken_to(server: RealServer, path: str) -> None:
    """A client that closes in the middle frees its place at once."""
    asked = {"text": LONG, "input": LONG, "speaker": "tone", "voice": "tone", "model": "x"}
    body = json.dumps(asked).encode()
    host, _, port = server.address.rpartition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(
        f"POST {path} HTTP/1.1\r\nHost: x\r\nAccept: audio/pcm\r\n"
        f"Authorization: Bearer {server.key}\r\nContent-Length: {len(body)}\r\n\r\n".encode()
        + body
    )
    await writer.drain()
    assert b"200 OK" in await reader.readuntil(b"\r\n")
    await until_open(server, 1)
    writer.transport.abort()
    await until_open(server, 0)


async def test_a_body_that_never_ends(server: RealServer) -> None:
    """It is given up, and holds no place meanwhile."""
    host, _, port = server.address.rpartition(":")
    with socket.create_connection((host, int(port))) as line:
        line.sendall(
            f"POST {RIME} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {server.key}\r\n"
            "Content-Length: 1000\r\n\r\n{".encode()
        )
        await asyncio.sleep(0.2)
        assert server.services.limit.n_open == 0
        line.settimeout(60)
        answer = await asyncio.to_thread(line.recv, 1000)
    assert b" 408 " in answer


@pytest.mark.parametrize(
    ("wanted", "media_type", "magic"),
    [
        ("mp3", "audio/mpeg", b"\xff"), ("wav", "audio/wav", b"RIFF"), ("pcm", "audio/pcm", b""),
        ("opus", "audio/ogg", b"OggS"), ("flac", "audio/flac", b"fLaC"),
        ("aac", "audio/aac", b"\xff\xf1"),
    ],
)  # fmt: skip
async def test_the_other_endpoint(
    server: RealServer, wanted: str, media_type: str, magic: bytes
) -> None:
    """`POST /v1/audio/speech` answers with audio at 24,000 Hz."""
    asked = {"input": "One two.", "voice": "tone", "model": "tts-1", "response_format": wanted}
    answer = await post(server, OPENAI, asked)
    assert (answer.status_code, answer.headers["content-type"]) == (200, media_type)
    assert answer.content.startswith(magic)
    if wanted == "pcm":
        expected = await post(server, RIME, ASKED | {"text": "One two.", "samplingRate": 24000})
        assert answer.content == expected.content
        faster = await post(server, OPENAI, asked | {"speed": 2.0})
        assert len(faster.content) == pytest.approx(len(answer.content) / 2, rel=0.1)


async def test_its_events(server: RealServer) -> None:
    """With ``stream_format`` sse, deltas of audio and a done."""
    asked = {"input": "One two.", "voice": {"id": "tone"}, "model": "x", "response_format": "pcm"}
    whole = await post(server, OPENAI, asked)
    answer = await post(server, OPENAI, asked | {"stream_format": "sse"})
    assert answer.headers["content-type"].startswith("text/event-stream")
    events = [json.loads(line.removeprefix("data: ")) for line in answer.text.strip().split("\n\n")]
    audio = [base64.b64decode(e["audio"]) for e in events if e["type"] == "speech.audio.delta"]
    assert b"".join(audio) == whole.content
    assert events[-1]["type"] == "speech.audio.done"


@pytest.mark.parametrize(
    ("change", "param"),
    [
        ({"input": ""}, "input"), ({"input": 5}, "input"), ({"voice": None}, "voice"),
        ({"voice": "nobody"}, "voice"), ({"response_format": "au"}, "response_format"),
        ({"speed": 5}, "speed"), ({"speed": True}, "speed"),
        ({"stream_format": "x"}, "stream_format"),
    ],
)  # fmt: skip
async def test_its_faults(server: RealServer, change: dict[str, Any], param: str) -> None:
    """An error object as OpenAI's clients read it names the parameter."""
    asked = {"input": "One two.", "voice": "tone", "model": "tts-1"} | change
    answer = await post(server, OPENAI, asked)
    assert answer.status_code == 400
    error = answer.json()["error"]
    assert (error["type"], error["param"]) == ("invalid_request_error", param)


async def test_lists(server: RealServer) -> None:
    """The pages that clients ask before they speak need no key."""
    async with httpx.AsyncClient(trust_env=False, base_url=f"http://{server.address}") as client:
        models = (await client.get("/v1/models")).json()
        assert "tts-1" in {model["id"] for model in models["data"]}
        by_language = (await client.get("/data/voices/all-v2.json")).json()
        assert "tone" in by_language["mistv3"]["eng"]
        assert "tone" in (await client.get("/data/voices/all.json")).json()["coda"]
        details = (await client.get("/data/voices/voice_details.json")).json()
        (tone,) = [e for e in details if (e["speaker"], e["modelId"]) == ("tone", "mistv2")]
        assert (tone["lang"], tone["language"]) == ("eng", "English")
        health = await client.get("/health")
        assert (health.status_code, health.json()["modelReachable"]) == (200, True)
        assert (await client.get("/livez")).status_code == 200
        assert (await client.get("/usage/recent-history")).json() == {"data": []}
        assert (await client.post("/phonemize")).status_code == 501


async def test_how_a_text_is_read(server: RealServer) -> None:
    """The words spoken for it, and those that are in no dictionary, for who has a key."""
    spoken = await post(server, "/textnorm", {"text": "It costs $5."})
    assert spoken.json() == {"normalized": "It costs five dollars."}
    asked = {"text": "The zyxquor cats walked to Paris; don't tell Zyxquor’s qwrtz."}
    unknown = await post(server, "/oov", asked)
    assert unknown.json() == ["zyxquor", "zyxquor's", "qwrtz"]
    for path in ("/textnorm", "/oov"):
        bad = await post(server, path, {"text": 5})
        assert (bad.status_code, list(bad.json())) == (400, ["error"])
        stranger = await post(server, path, {"text": "x"}, Authorization="Bearer wrong")
        assert (stranger.status_code, list(stranger.json())) == (401, ["error"])
