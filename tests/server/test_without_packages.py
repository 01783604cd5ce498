"""A server of its own in an installation that lacks a package: it says so, and speaks."""

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from websockets.sync.client import connect

_SERVE = """
import sys

class Blocker:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {blocked!r}:
            raise ModuleNotFoundError(name)

sys.meta_path.insert(0, Blocker())
from hoarfrost.__main__ import main
main()
"""


@contextmanager
def serving(folder: Path, *blocked: str) -> Iterator[tuple[str, Path]]:
    """Serve without some packages; give the address and the log."""
    log = folder / "log"
    command = [sys.executable, "-c", _SERVE.format(blocked=blocked), "serve", "--no-auth"]
    with log.open("w") as told:
        process = subprocess.Popen(
            [*command, "--port", "0", "--data-dir", str(folder / "data")],
            stdout=subprocess.PIPE,
            stderr=told,
            text=True,
            cwd=folder,
        )
    try:
        assert process.stdout is not None
        banner = process.stdout.readline()
        url = re.search(r"ws://\S+", banner)
        assert url, log.read_text()
        yield url[0], log
    finally:
        process.terminate()
        process.communicate()


def spoken_bytes(url: str, speaker: str) -> int:
    """Return how much speech a sentence brings."""
    options = f"?speaker={speaker}&audioFormat=pcm&samplingRate=16000"
    with connect(url + options, proxy=None) as client:
        client.send("It speaks all the same.<EOS>")
        return sum(len(frame) for frame in client)


@pytest.mark.parametrize(
    ("blocked", "told", "speaker"),
    [
        ("hibari", "heart: expected the package hibari-tts, got none", "astra"),
        ("hibari", "heart: expected the package hibari-tts, got none", "ambrose"),
        ("espeakng_loader", "expected the package espeakng-loader, got none", "heart"),
    ],
)
def test_a_server_without_a_package_says_so_and_speaks(
    tmp_path: Path, blocked: str, told: str, speaker: str
) -> None:
    """One line of its log tells what is missing, and Rime's names have a voice."""
    with serving(tmp_path, blocked) as (url, log):
        assert spoken_bytes(url, speaker) > 16_000
        assert [told in line for line in log.read_text().splitlines()].count(True) == 1
