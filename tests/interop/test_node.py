"""A second implementation of a client: Node's `ws` package."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.support.server import RealServer

pytestmark = pytest.mark.interop

SCRIPT = Path(__file__).parent / "node" / "client.mjs"
LIMIT_S = 60


@pytest.fixture(scope="module")
def node() -> str:
    found = shutil.which("node")
    if found is None or not (SCRIPT.parent / "node_modules" / "ws").is_dir():
        pytest.fail("expected node and the ws package, got neither: run `make test-interop`")
    return found


def converse(node: str, url: str, key: str, messages: list[str]) -> tuple[bytes, dict[str, object]]:
    done = subprocess.run(
        [node, str(SCRIPT), url, key],
        input=json.dumps(messages).encode(),
        capture_output=True,
        timeout=LIMIT_S,
        check=False,
    )
    return done.stdout, json.loads(done.stderr)


def test_a_turn(node: str, server: RealServer) -> None:
    """Binary frames only, whole samples, at most 32 KiB, no gap, no compression, a clean close."""
    url = server.url(speaker="luna", audioFormat="pcm", samplingRate=16000)
    text = "The quick brown fox jumps over the lazy dog, and then it sleeps. " * 4
    audio, summary = converse(node, url, server.key, [*text.split(), "<EOS>"])
    assert len(audio) / 2 / 16000 > 8
    assert summary["close"] == 1000
    assert summary["extensions"] == ""
    assert (summary["text"], summary["odd"]) == (0, 0)
    assert summary["largest"] <= 32 * 1024
    assert summary["widestGap"] < 250


def test_telephony(node: str, server: RealServer) -> None:
    """Bare µ-law at 8 kHz: one byte a sample, silence is 0xFF, no header."""
    url = server.url(
        speaker="cove", audioFormat="mulaw", samplingRate=8000, pauseBetweenBrackets="true"
    )
    audio, summary = converse(node, url, server.key, ["<500>", "<FLUSH>", "Hello.", "<EOS>"])
    assert summary["close"] == 1000
    assert audio[:4000] == b"\xff" * 4000
    assert 0.2 < (len(audio) - 4000) / 8000 < 3


def test_a_wrong_key(node: str, server: RealServer) -> None:
    """The refusal arrives as a status before the upgrade."""
    audio, summary = converse(node, server.url(speaker="cove"), "wrong", [])
    assert (audio, summary) == (b"", {"status": 401})
