"""What is served, and how it is called."""

import json
from pathlib import Path

import pytest

from benchmarks import voice
from benchmarks.serving import HEART, PIPER, Served, driving, run_until_complete, subject

FIXTURE = Path(__file__).parent.parent / "voices" / "en_US-fixture-low.onnx"


def test_piper(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A Piper voice is copied to where the server looks for it, and asked for as it is."""
    monkeypatch.setenv(voice.VARIABLE, str(FIXTURE))
    what = subject(PIPER, tmp_path)
    config = json.loads(FIXTURE.with_name(f"{FIXTURE.name}.json").read_text("utf-8"))
    copied = what.data_dir / "voices" / FIXTURE.name
    assert copied.read_bytes() == FIXTURE.read_bytes()
    assert what.rate_hz == config["audio"]["sample_rate"]
    served = Served(what, port=4711, pid=1)
    assert served.destination.address == (
        "ws://127.0.0.1:4711/ws?speaker=en_us-fixture-low&audioFormat=pcm"
        f"&samplingRate={what.rate_hz}"
    )


def test_driving(tmp_path: Path) -> None:
    """The voice that is served can be driven by hand, at the rate that is asked for."""
    what = subject(HEART, tmp_path)
    with driving(what) as (engines, spoken):
        assert (spoken.name, spoken.rate_hz) == (what.speaker, what.rate_hz)
        assert engines.names == ("natural",)


def test_run_until_complete() -> None:
    """What a coroutine returns is handed back."""

    async def answer() -> int:
        return 42

    assert run_until_complete(answer()) == 42
