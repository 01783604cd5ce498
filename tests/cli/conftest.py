"""The program, run in an empty folder with an environment of its own."""

import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import platformdirs
import pytest
from click.testing import CliRunner, Result

from hoarfrost.cli.root import root
from tests.support.server import RealServer, running_server

Run = Callable[..., Result]

TERMINAL = {"NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE"}
"""What turns the colours and live figures of a terminal on or off, whatever it is."""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Run where nothing is set, with the tone engine, on a wide terminal; return the folder."""
    for name in list(os.environ):
        if name.startswith("HOARFROST_") or name in TERMINAL:
            monkeypatch.delenv(name)
    monkeypatch.setenv("COLUMNS", "120")
    monkeypatch.setenv("HOARFROST_ENGINES", "tone")
    monkeypatch.setenv("HOARFROST_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setattr(platformdirs, "user_config_path", lambda name: tmp_path / "config" / name)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def run() -> Run:
    """Run a command line in this process; return its output and status."""

    def invoke(*arguments: str, stdin: str | bytes = b"") -> Result:
        with tempfile.TemporaryFile() as file:  # a real one: it is read by its descriptor
            file.write(stdin.encode() if isinstance(stdin, str) else stdin)
            file.seek(0)
            return CliRunner().invoke(root, arguments, input=file, prog_name="hoarfrost")

    return invoke


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealServer]:
    """A server with the tone engine, on a real port."""
    with running_server(tmp_path_factory.mktemp("server"), engines=("tone",)) as running:
        yield running
