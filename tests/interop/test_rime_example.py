"""The shape of Rime's own Python example: a task that sends tokens, a task that joins audio."""

import asyncio
import base64
import io
import json

import pytest
import websockets

from tests.audio.mpeg import walk
from tests.support.server import RealServer

pytestmark = pytest.mark.interop


class Client:
    """Sends tokens and commands, joins all audio until a clean close."""

    def __init__(self, speaker: str, api_key: str, address: str) -> None:
        self.url = (
            f"ws://{address}/ws?speaker={speaker}&modelId=mistv3&audioFormat=mp3"
            "&reduceLatency=true&lang=eng"
        )
        self.auth_headers = {"Authorization": f"Bearer {api_key}"}
        self.audio = b""
        self.close_code: int | None = None

    async def send_messages(self, socket: websockets.ClientConnection, messages: list[str]) -> None:
        for message in messages:
            await socket.send(message)

    async def handle_audio(self, socket: websockets.ClientConnection) -> None:
        while True:
            try:
                audio = await socket.recv()
            except websockets.exceptions.ConnectionClosedOK:
                self.close_code = socket.close_code
                break
            self.audio += audio  # a text frame would raise TypeError here

    async def run(self, messages: list[str]) -> None:
        async with websockets.connect(self.url, additional_headers=self.auth_headers) as socket:
            await asyncio.gather(self.send_messages(socket, messages), self.handle_audio(socket))

    def save_audio(self, file: io.BytesIO) -> None:
        file.write(self.audio)


@pytest.mark.parametrize("speaker", ["cove", "luna"])
async def test_tokens_a_clear_and_eos(server: RealServer, speaker: str) -> None:
    """Tokens with a clear among them give one joinable MP3 and a clean close."""
    messages = ["This ", "is ", "the ", "full ", "sentence. ", "<CLEAR>"]
    messages += ["This ", "is ", "an ", "incomplete ", "phrase ", "<EOS>"]
    client = Client(speaker, server.key, server.address)
    await client.run(messages)
    assert client.close_code == 1000
    file = io.BytesIO()
    client.save_audio(file)
    frames = list(walk(file.getvalue()))
    duration_s = sum(frame.n_samples / frame.rate_hz for frame in frames)
    assert {frame.rate_hz for frame in frames} == {22_050}
    assert 0.8 < duration_s < 5


async def test_several_utterances_join(server: RealServer) -> None:
    """Flushes in between leave one MP3 without a byte between its frames."""
    client = Client("cove", server.key, server.address)
    await client.run(["One moment. ", "<FLUSH>", "Here it is. ", "<FLUSH>", "Goodbye.", "<EOS>"])
    assert client.close_code == 1000
    assert sum(f.n_samples / f.rate_hz for f in walk(client.audio)) > 2


class JsonClient:
    """Rime's example for the JSON socket: tokens, then eos; chunks are joined until the close."""

    def __init__(self, speaker: str, api_key: str, address: str) -> None:
        self.url = f"ws://{address}/ws3?speaker={speaker}&modelId=mistv3&audioFormat=mp3"
        self.auth_headers = {"Authorization": f"Bearer {api_key}"}
        self.audio = b""
        self.words: list[str] = []
        self.close_code: int | None = None

    async def run(self, tokens: list[str]) -> None:
        async with websockets.connect(self.url, additional_headers=self.auth_headers) as socket:
            await asyncio.gather(self.send_messages(socket, tokens), self.handle_audio(socket))

    async def send_messages(self, socket: websockets.ClientConnection, tokens: list[str]) -> None:
        for token in tokens:
            await socket.send(json.dumps({"text": token}))
        await socket.send(json.dumps({"operation": "eos"}))

    async def handle_audio(self, socket: websockets.ClientConnection) -> None:
        while True:
            try:
                message = json.loads(await socket.recv())
            except websockets.exceptions.ConnectionClosedOK:
                self.close_code = socket.close_code
                break
            if message["type"] == "chunk":
                self.audio += base64.b64decode(message["data"])
            elif message["type"] == "timestamps":
                self.words += message["word_timestamps"]["words"]


async def test_json_tokens_and_eos(server: RealServer) -> None:
    """Tokens and an eos give one playable MP3, the client's own words and a clean close."""
    client = JsonClient("cove", server.key, server.address)
    await client.run(["This ", "is ", "one ", "sentence. ", "This ", "is ", "2."])
    assert client.close_code == 1000
    assert client.words == ["This", "is", "one", "sentence.", "This", "is", "2."]
    frames = list(walk(client.audio))
    assert sum(frame.n_samples / frame.rate_hz for frame in frames) > 1


async def test_the_plain_socket_with_wav(server: RealServer) -> None:
    """Rime's example for Coda asks for WAV over the plain socket: one header, then samples."""
    client = Client("cove", server.key, server.address)
    client.url = client.url.replace(
        "modelId=mistv3&audioFormat=mp3", "modelId=coda&audioFormat=wav"
    )
    await client.run(["One moment. ", "Here it is.", "<EOS>"])
    assert client.close_code == 1000
    assert client.audio[:4] == b"RIFF"
    assert int.from_bytes(client.audio[24:28], "little") == 24_000
    assert client.audio.count(b"RIFF") == 1
