"""How far ahead of its listener a client gets audio, over a real socket."""

import time

from tests.e2e.talk import RATE_HZ, connect, listen, talk
from tests.support.server import RealServer

FINE_HZ = 44_100
LONG = "alpha bravo charlie. " * 500
"""Some ten minutes of the tone voice."""

CLOCKS_MS = 40
"""How far the server's timer may fire early by this clock: two ticks of the coarsest (Windows)."""
KEPT_MS = 2000 + 750
"""What may be on the way to a client that does not read, and the frame that goes beyond it."""


async def test_little_waits_in_the_buffers_of_a_client_that_does_not_read(
    server: RealServer,
) -> None:
    """Stale audio is bounded in time, in sockets with room for minutes of it."""
    alone = await talk(server, "yankee zulu<EOS>", samplingRate=FINE_HZ)
    async with connect(server, samplingRate=FINE_HZ) as socket:
        began = time.monotonic()
        socket.transport.pause_reading()
        await socket.send(f"{LONG}<FLUSH>")
        for _ in range(5):
            await talk(server, "yankee<EOS>")  # meanwhile the server sends what it may
        await socket.send("<CLEAR>yankee zulu<EOS>")
        waited_ms = (time.monotonic() - began) * 1000
        socket.transport.resume_reading()
        heard = await listen(socket)
    assert heard.audio.endswith(alone.audio)
    stale_ms = (heard.n_samples - alone.n_samples) / FINE_HZ * 1000
    assert stale_ms < KEPT_MS + waited_ms


async def test_client_that_reads_gets_everything_faster_than_it_plays(server: RealServer) -> None:
    """Pongs keep the way open: a minute of audio takes a fraction of that, and none is lost."""
    began = time.monotonic()
    heard = await talk(server, f"{LONG[: len(LONG) // 8]}<EOS>")
    whole_s = heard.n_samples / RATE_HZ
    assert whole_s > 40
    assert time.monotonic() - began < whole_s / 4


async def test_lookahead_paces_the_audio(server: RealServer) -> None:
    """With ``lookahead=200`` no more than 200 ms are ever ahead of real time."""
    received_ms = 0.0
    async with connect(server, lookahead=200) as socket:
        began = time.monotonic()
        await socket.send("alpha bravo charlie delta echo. <FLUSH>")
        while received_ms < 1000:
            frame = await socket.recv()
            received_ms += len(frame) / 2 / RATE_HZ * 1000
            assert received_ms <= (time.monotonic() - began) * 1000 + 200 + CLOCKS_MS
