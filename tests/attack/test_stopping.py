"""Signals: SIGTERM drains, SIGQUIT and Ctrl-C stop at once, SIGHUP reloads (L12, L22)."""

import asyncio
import os
import signal
import time
from pathlib import Path

import pytest
import websockets

from tests.attack.process import server_process
from tests.e2e.talk import PATIENCE_S, RATE_HZ, listen

pytestmark = pytest.mark.skipif(os.name != "posix", reason="stops servers by signals")

TEXT = "alpha bravo charlie. "
SECONDS = 17 * 0.06 + 0.08


async def test_sigterm_drains(tmp_path: Path) -> None:
    """Who is silent is closed 1012 at once; speech under way ends whole, then comes the same."""
    n_sentences = 5
    with server_process(tmp_path) as server:
        async with server.connect() as idle, server.connect(lookahead=300) as speaking:
            await speaking.send(TEXT * n_sentences + "<FLUSH>")
            await speaking.recv()
            await asyncio.sleep(1.1)  # so that the other has been silent for long enough
            server.process.send_signal(signal.SIGTERM)
            async with asyncio.timeout(PATIENCE_S):
                silent = await listen(idle)
                spoken = await listen(speaking)
        assert await server.ended() == -signal.SIGTERM
    assert (silent.code, silent.reason) == (spoken.code, spoken.reason) == (1012, "")
    assert spoken.n_samples > (n_sentences - 1) * SECONDS * RATE_HZ


async def test_nobody_is_taken_while_it_drains(tmp_path: Path) -> None:
    """Newcomers find the port closed while others are still being spoken to."""
    with server_process(tmp_path) as server:
        async with server.connect(lookahead=300) as speaking:
            await speaking.send(TEXT * 10 + "<FLUSH>")
            await speaking.recv()
            server.process.send_signal(signal.SIGTERM)
            async with asyncio.timeout(PATIENCE_S):
                while True:
                    try:
                        async with server.connect():
                            await asyncio.sleep(0.02)
                    except (OSError, websockets.InvalidHandshake):
                        break
            assert await speaking.recv()


async def test_speech_without_end_is_cut_off(tmp_path: Path) -> None:
    """After ``drain_s`` who is still being spoken to is closed 1001."""
    with server_process(tmp_path, "--drain-s", "0.5") as server:
        async with server.connect(lookahead=300) as speaking:
            await speaking.send(TEXT * 100 + "<FLUSH>")
            await speaking.recv()
            server.process.send_signal(signal.SIGTERM)
            async with asyncio.timeout(PATIENCE_S):
                heard = await listen(speaking)
        assert await server.ended() == -signal.SIGTERM
    assert heard.code == 1001


@pytest.mark.parametrize("number", [signal.SIGQUIT, signal.SIGINT])
@pytest.mark.parametrize("is_draining", [False, True])
async def test_at_once(tmp_path: Path, number: signal.Signals, is_draining: bool) -> None:
    """SIGQUIT and Ctrl-C stop at once, also a server that drains."""
    with server_process(tmp_path, "--drain-s", "3600") as server:
        async with server.connect(lookahead=300) as speaking:
            await speaking.send(TEXT * 100 + "<FLUSH>")
            await speaking.recv()
            if is_draining:
                server.process.send_signal(signal.SIGTERM)
                await asyncio.sleep(0.3)
            server.process.send_signal(number)
            began = time.monotonic()
            async with asyncio.timeout(PATIENCE_S):
                heard = await listen(speaking)
        await server.ended()
    assert heard.code in {1001, 1012}
    assert time.monotonic() - began < PATIENCE_S


async def test_gaps_of_paced_speech_are_counted(tmp_path: Path) -> None:
    """A server that stood still in the middle of paced audio counts the gap that was heard."""
    with server_process(tmp_path) as server:
        async with server.connect(lookahead=300) as socket:
            await socket.send("alphabravocharliedeltaecho" * 20 + ". <FLUSH>")  # half a minute
            for _ in range(12):  # 900 ms and more: well into it
                await socket.recv()
            await asyncio.sleep(0.05)  # between two pieces: not while one is being written
            server.process.send_signal(signal.SIGSTOP)
            await asyncio.sleep(1)
            server.process.send_signal(signal.SIGCONT)
            await server.until_logged("underran")
            await socket.send("<CLEAR>")
            await socket.send("<EOS>")
            async with asyncio.timeout(PATIENCE_S):
                assert (await listen(socket)).code == 1000


STUCK = """
import time
from hoarfrost.engines.tone import ToneEngine
synthesize = ToneEngine.synthesize
def stuck(self, request):
    while "stuck" in request.text:
        time.sleep(1)
    return synthesize(self, request)
ToneEngine.synthesize = stuck
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGQUIT])
async def test_a_step_that_does_not_return(tmp_path: Path, number: signal.Signals) -> None:
    """The process ends in time although a step of synthesis does not."""
    with server_process(tmp_path, "--drain-s", "0.3", before=STUCK) as server:
        async with server.connect() as socket:
            await socket.send("stuck.<FLUSH>")
            await asyncio.sleep(0.3)
            server.process.send_signal(number)
            async with asyncio.timeout(PATIENCE_S):
                assert (await listen(socket)).code in {1001, 1012}
        await server.ended()


async def test_sighup_reloads(tmp_path: Path) -> None:
    """Aliases hold after SIGHUP, who is inside stays, and a bad file changes nothing."""
    config = tmp_path / "hoarfrost.toml"
    with server_process(tmp_path) as server:
        async with server.connect() as inside:
            config.write_text('workers = 7\n[aliases]\ndesk = "tone-16k"\n', "utf-8")
            server.process.send_signal(signal.SIGHUP)
            await server.until_logged("changed: aliases")
            await server.until_logged("not before the next start: workers")
            config.write_text("lookahead_ms = 1", "utf-8")
            server.process.send_signal(signal.SIGHUP)
            await server.until_logged("settings are not reloaded")
            async with server.connect(speaker="desk") as desk:
                await desk.send("<EOS>")
                assert (await listen(desk)).code == 1000
            await inside.send("<EOS>")
            assert (await listen(inside)).code == 1000
