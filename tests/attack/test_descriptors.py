"""A server that runs out of descriptors keeps enough for those inside (L20)."""

import asyncio
import os
from pathlib import Path

import pytest

from hoarfrost.server.limits.descriptors import RESERVED, connection_limit
from tests.attack.process import server_process
from tests.e2e.talk import PATIENCE_S, listen

N_DESCRIPTORS = 256


@pytest.mark.skipif(os.name != "posix", reason="no limit of descriptors")
async def test_callers_inside_go_on(tmp_path: Path) -> None:
    """With more connections than descriptors, callers inside speak with ever other voices."""
    options = {"speaker": "ambrose", "audioFormat": "pcm"}
    with server_process(
        tmp_path, "--no-admission", n_descriptors=N_DESCRIPTORS, engines=("espeak", "tone")
    ) as server:
        host, _, port = server.address.rpartition(":")
        async with server.connect(**options, lang="en") as one, server.connect() as other:
            opening = [
                asyncio.create_task(asyncio.open_connection(host, int(port)))
                for _ in range(2 * N_DESCRIPTORS)
            ]
            await asyncio.wait(opening, timeout=5)
            for _ in range(3):
                for socket in (one, other):
                    await socket.send("alpha bravo. <FLUSH>")
                    async with asyncio.timeout(PATIENCE_S):
                        assert await socket.recv()
            for socket in (one, other):
                await socket.send("<EOS>")
                assert (await listen(socket)).code == 1000
        for task in opening:
            task.cancel()
        for answer in await asyncio.gather(*opening, return_exceptions=True):
            if isinstance(answer, tuple):
                answer[1].close()
        async with server.connect() as newcomer:  # and afterwards everybody is let in again
            await newcomer.send("alpha<EOS>")
            assert (await listen(newcomer)).code == 1000


@pytest.mark.parametrize(("limit", "expected"), [(None, None), (1024, 1024 - RESERVED), (64, 32)])
def test_some_are_reserved(limit: int | None, expected: int | None) -> None:
    """Connections get what is left of the descriptors, half of them at least."""
    assert connection_limit(limit) == expected
