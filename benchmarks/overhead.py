"""What the server adds to the engine: latency, CPU, and memory of connections that are idle.

The engine is driven in this process, the server in one of its own, in turns, so that both feel the
same noise.
"""

import asyncio
import json
import resource
import statistics
import time
from urllib.parse import urlsplit

import numpy as np
import websockets
from websockets.asyncio.client import ClientConnection

from benchmarks.measure import Figure, cpu_seconds, resident_bytes, spread
from benchmarks.server import RunningServer, running
from hoarfrost.synthesis.engine import SynthesisRequest
from hoarfrost.synthesis.registry import Engines, load_engines
from hoarfrost.synthesis.voice import Voice

SENTENCE = "The next train to the coast leaves from platform four in about twenty minutes."
ROUNDS = 60
UPGRADES = 200
IDLE_CONNECTIONS = 1000
PASSAGES = 40


def run(engine: str) -> list[Figure]:
    """Measure everything with one engine's first English voice."""
    engines = load_engines([engine])
    try:
        voice = next(v for v in engines.voices() if v.language.startswith("en"))
        with running(engine) as server:
            return asyncio.run(_measure(engines, voice, server))
    finally:
        engines.close()


async def _measure(engines: Engines, voice: Voice, server: RunningServer) -> list[Figure]:
    url = server.url(speaker=voice.name, audioFormat="pcm", samplingRate=voice.rate_hz)
    return [
        *await _first_audio(engines, voice, url),
        *await _first_audio_over_http(voice, url),
        *await _upgrades(url),
        *await _cpu(engines, voice, url, server.pid),
        *await _idle(url, server.pid),
    ]


def _connect(url: str) -> websockets.connect:
    return websockets.connect(url, compression=None, max_size=None, proxy=None)


async def _first_audio(engines: Engines, voice: Voice, url: str) -> list[Figure]:
    """Time the first chunk of the engine, and the first frame of a socket that is open."""
    alone, served = [], []
    async with _connect(url) as socket:
        for _ in range(ROUNDS):
            began = time.perf_counter()
            chunks = engines.synthesize(_request(voice))
            while not next(chunks).samples.size:
                pass
            alone.append(time.perf_counter() - began)
            chunks.close()
            began = time.perf_counter()
            await socket.send(f"{SENTENCE}<FLUSH>")
            await socket.recv()
            served.append(time.perf_counter() - began)
            await _settle(socket)
    added = (statistics.median(served) - statistics.median(alone)) * 1000
    return [
        *spread("first audio, the engine in-process", alone),
        *spread("first audio, over the socket", served),
        Figure("first audio, what the server adds (medians)", added, "ms", 5),
    ]


async def _first_audio_over_http(voice: Voice, url: str) -> list[Figure]:
    """Time the first audio of requests and of an open socket, in turns; both connections stay.

    Requests are written by hand: a client's library would be most of the time.
    """
    asked = {
        "text": SENTENCE,
        "speaker": voice.name,
        "modelId": "mistv3",
        "samplingRate": voice.rate_hz,
    }
    body = json.dumps(asked).encode()
    address = urlsplit(url)
    head = (
        f"POST /v1/rime-tts HTTP/1.1\r\nHost: {address.netloc}\r\n"
        f"Accept: audio/pcm\r\nContent-Length: {len(body)}"
    )
    request = head.encode() + b"\r\n\r\n" + body
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    socket_times, request_times = [], []
    async with _connect(url) as socket:
        for _ in range(ROUNDS):
            began = time.perf_counter()
            await socket.send(f"{SENTENCE}<FLUSH>")
            await socket.recv()
            socket_times.append(time.perf_counter() - began)
            await _settle(socket)
            began = time.perf_counter()
            writer.write(request)
            assert b" 200 " in await reader.readuntil(b"\r\n\r\n")
            is_first = True
            while n_bytes := int(await reader.readuntil(b"\r\n"), 16):
                await reader.readexactly(n_bytes + 2)
                if is_first:
                    request_times.append(time.perf_counter() - began)
                    is_first = False
            await reader.readexactly(2)
    writer.close()
    added = (statistics.median(request_times) - statistics.median(socket_times)) * 1000
    return [
        *spread("first audio, over HTTP", request_times),
        Figure("first audio, over HTTP against the socket (medians)", added, "ms", 3),
    ]


def _request(voice: Voice) -> SynthesisRequest:
    return SynthesisRequest(voice=voice, text=SENTENCE, language=voice.language)


async def _settle(socket: ClientConnection) -> None:
    """Read until nothing comes any more, and forget the utterance."""
    while True:
        try:
            async with asyncio.timeout(0.1):
                await socket.recv()
        except TimeoutError:
            break
    await socket.send("<CLEAR>")


async def _upgrades(url: str) -> list[Figure]:
    """Time connecting until the client may send, on a loopback connection of its own each time."""
    durations = []
    for _ in range(UPGRADES):
        began = time.perf_counter()
        async with _connect(url):
            durations.append(time.perf_counter() - began)
    median = statistics.median(durations) * 1000
    return [
        Figure("upgrade to ready, p50", median, "ms", 5),
        Figure("upgrade to ready, p99", spread("", durations)[1].value, "ms"),
    ]


async def _cpu(engines: Engines, voice: Voice, url: str, pid: int) -> list[Figure]:
    """Compare CPU time for a second of speech: the engine alone, and the whole server."""
    n_samples, before = 0, time.process_time()
    for _ in range(PASSAGES):
        n_samples += sum(len(c.samples) for c in engines.synthesize(_request(voice)))
    alone = (time.process_time() - before) / (n_samples / voice.rate_hz)

    n_bytes, before = 0, cpu_seconds(pid)
    async with _connect(url) as socket:
        await socket.send((SENTENCE + " ") * PASSAGES + "<EOS>")
        async for frame in socket:
            n_bytes += len(frame)
    served = (cpu_seconds(pid) - before) / (n_bytes / 2 / voice.rate_hz)
    return [
        Figure("CPU for a second of speech, the engine in-process", alone * 1000, "ms"),
        Figure("CPU for a second of speech, the server", served * 1000, "ms"),
        Figure("CPU, server to engine", served / alone, "x", 3),
    ]


async def _idle(url: str, pid: int) -> list[Figure]:
    """Hold many connections that say nothing."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, max(soft, 8192)), hard))
    async with _connect(url) as first:  # whatever is loaded with the first is not counted
        await first.send("Ready.<FLUSH>")
        await first.recv()
        before = resident_bytes(pid)
        sockets: list[ClientConnection] = []
        while len(sockets) < IDLE_CONNECTIONS:
            sockets += await asyncio.gather(*(_connect(url) for _ in range(50)))
        each = (resident_bytes(pid) - before) / IDLE_CONNECTIONS / 1024
        echoes = []
        for socket in sockets[:: IDLE_CONNECTIONS // 20]:
            began = time.perf_counter()
            await (await socket.ping())
            echoes.append(time.perf_counter() - began)
        await asyncio.gather(*(socket.close() for socket in sockets))
    return [
        Figure(f"memory of an idle connection, {IDLE_CONNECTIONS} of them", each, "KiB", 64),
        Figure("their ping, p50", float(np.median(echoes)) * 1000, "ms"),
    ]
