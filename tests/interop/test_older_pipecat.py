"""Older releases of pipecat's `RimeTTSService`, each in an environment of its own."""

import asyncio
import json
import os
import subprocess
from pathlib import Path

import pytest

from tests.support.server import RealServer

pytestmark = pytest.mark.interop

ROOT = Path(__file__).parents[2]
PROGRAM = Path(__file__).with_name("pipecat_turn.py")


@pytest.mark.parametrize(
    ("release", "path", "model"),
    [("0.0.98", "/ws2", "mistv2"), ("1.0.0", "/ws3", "mistv3"), ("1.0.0", "/ws2", "mistv2")],
)
async def test_turns_are_spoken_whole(
    server: RealServer, release: str, path: str, model: str
) -> None:
    """Each of two turns has all its audio and all its words, in order, and no error."""
    python = ROOT / f".venv-pipecat-{release}" / "bin" / "python"
    if not python.exists():
        pytest.skip(f"pipecat {release} is installed by `make test-interop`")
    url = f"ws://{server.address}{path}"
    done = await asyncio.to_thread(
        subprocess.run,
        [python, PROGRAM, url, server.key, "ambrose", model],
        capture_output=True,
        timeout=60,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
    )
    assert done.returncode == 0, done.stderr.decode()[-2000:]
    first, second = json.loads(done.stdout.splitlines()[-1])
    assert first["words"] == ["Thank", "you", "for", "calling."]
    assert second["words"] == ["How", "can", "I", "help", "you?"]
    for turn in (first, second):
        assert (turn["errors"], turn["stops"]) == ([], 1)
        assert 0.7 < turn["seconds"] < 5
