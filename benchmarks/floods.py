"""What a caller hears while somebody else attacks: first audio and gaps, quiet and under floods.

Server, attacker and caller are three processes; the caller is measured quiet and under a flood in
turns. The attacker takes a core for itself: with fewer than three, what
it takes from the server counts as the server's.
"""

import asyncio
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

import websockets
from websockets.asyncio.client import ClientConnection

from benchmarks.flooder import FLOODS
from benchmarks.measure import Figure, quantile, resident_bytes
from benchmarks.server import RunningServer, running

SECONDS = 12.0
ROUNDS = 3
"""Quiet and under the flood in turns, so that both feel the same noise."""

RATIO = 3.0
"""First audio (p99) under a flood may be so many times its quiet value."""

RATE_HZ = 8000
SENTENCE = "alpha bravo charlie delta echo foxtrot. "
GAP = 0.02
"""Seconds; a shorter gap is hidden by any player's own buffer."""


@dataclass(slots=True)
class Heard:
    """What a caller heard.

    Attributes:
        first_audio: Seconds to the first frame, by utterance.
        gaps: Seconds that the listener had nothing to hear in the middle of an utterance.
    """

    first_audio: list[float] = field(default_factory=list)
    gaps: list[float] = field(default_factory=list)


def run(names: Sequence[str] | None = None, seconds: float = SECONDS) -> list[Figure]:
    """Measure under each flood, or those that are named."""
    figures: list[Figure] = []
    for name in names or FLOODS:
        with running("tone", has_keys=True) as server:
            figures += asyncio.run(_measure(name, server, seconds))
    return figures


async def _measure(name: str, server: RunningServer, seconds: float) -> list[Figure]:
    url = server.url(speaker="tone", audioFormat="pcm", samplingRate=RATE_HZ)
    headers = {"Authorization": f"Bearer {server.key}"}
    async with websockets.connect(
        url, additional_headers=headers, compression=None, max_size=None, proxy=None
    ) as socket:
        await listen(socket, 1, Heard())
        quiet, under = Heard(), Heard()
        before = resident_bytes(server.pid)
        for _ in range(ROUNDS):
            await listen(socket, seconds / ROUNDS, quiet)
            await _attacked(name, server, socket, seconds / ROUNDS, under)
        grown = resident_bytes(server.pid) - before
    calm, worst = quantile(quiet.first_audio, 0.99), quantile(under.first_audio, 0.99)
    return [
        Figure(f"{name}: first audio p99, quiet", calm * 1000, "ms"),
        Figure(f"{name}: first audio p99, under the flood", worst * 1000, "ms"),
        Figure(f"{name}: ratio of both", worst / calm, "x", RATIO),
        Figure(f"{name}: gaps in sum, quiet", sum(quiet.gaps) * 1000, "ms"),
        Figure(f"{name}: gaps in sum, under the flood", sum(under.gaps) * 1000, "ms", 0),
        Figure(f"{name}: memory grown by", grown / 2**20, "MiB"),
    ]


async def _attacked(
    name: str, server: RunningServer, socket: ClientConnection, seconds: float, heard: Heard
) -> None:
    """Listen for so long while a flood goes on."""
    host, _, port = server.address.rpartition(":")
    attacker = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "benchmarks.flooder", name, host, port, server.key),
        str(seconds + 2),
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        await asyncio.sleep(1)
        await listen(socket, seconds, heard)
    finally:
        sent, _ = await asyncio.wait_for(attacker.communicate(), 60)
    print(f"{name}: {sent.decode().strip()}", file=sys.stderr)


async def listen(socket: ClientConnection, seconds: float, heard: Heard) -> None:
    """Have sentences spoken for so long, one after the other, as a player would hear them."""
    n_samples = sum(map(len, SENTENCE.rstrip(". ").split())) * 480 + 5 * 320
    ends_at = time.perf_counter() + seconds
    while time.perf_counter() < ends_at:
        began = time.perf_counter()
        dry_at, n_bytes = 0.0, 0
        await socket.send(SENTENCE + "<FLUSH>")
        while n_bytes < 2 * n_samples:
            audio = await asyncio.wait_for(socket.recv(), 60)
            now = time.perf_counter()
            if not n_bytes:
                heard.first_audio.append(now - began)
                dry_at = now
            elif now - dry_at > GAP:
                heard.gaps.append(now - dry_at)
                dry_at = now
            dry_at += len(audio) / 2 / RATE_HZ
            n_bytes += len(audio)
        await asyncio.sleep(0.03)
