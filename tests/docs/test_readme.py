"""``README.md`` is true: its client works when it is pasted, and its pages exist."""

import asyncio
import os
import re
import sys
import wave
from pathlib import Path

import pytest

from hoarfrost.synthesis.registry import load_engines
from hoarfrost.text import languages
from tests.support.server import running_server

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


async def test_the_client_works_when_pasted(tmp_path: Path) -> None:
    """The first Python block, saved and run beside a server, writes speech to hello.wav."""
    [program] = re.findall(r"^```python\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
    with running_server(tmp_path / "data") as server:
        (tmp_path / "hello.py").write_text(program.replace("127.0.0.1:8000", server.address))
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "hello.py",
            cwd=tmp_path,
            env=os.environ | {"HOARFROST_API_KEY": server.key},
        )
        assert await process.wait() == 0
    with wave.open(str(tmp_path / "hello.wav")) as file:
        assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (24000, 1, 2)
        assert 2 < file.getnframes() / 24000 < 6


@pytest.mark.parametrize("target", sorted(set(re.findall(r"\]\(([^)#:]+)\)", README))))
def test_links_resolve(target: str) -> None:
    """Every page that it points to is there."""
    assert (ROOT / target).exists()


def test_the_numbers_of_voices() -> None:
    """It promises as many speakers and languages as a default installation has."""
    engines = load_engines()
    try:
        voices = engines.voices()
    finally:
        engines.close()
    spoken = {languages.language_of(voice.language) for voice in voices}
    assert f"{len(voices)} speakers of {len(spoken)} languages" in README
