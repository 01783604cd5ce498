"""Nothing leaves the machine: no name is resolved, no file is written unasked."""

import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

WATCHED_S = 20
"""How long a server is watched. With its telemetry on, onnxruntime 1.32 looks up its maker's host
within nine seconds of being imported."""


def _environment(home: Path) -> dict[str, str]:
    known = {name: value for name, value in os.environ.items() if not name.startswith("XDG_")}
    known.pop("ORT_DISABLE_TELEMETRY", None)
    return {**known, "HOME": str(home), "TMPDIR": str(home / "tmp")}


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """An empty home folder."""
    (tmp_path / "home" / "tmp").mkdir(parents=True)
    return tmp_path / "home"


def _files(home: Path) -> list[str]:
    return sorted(str(path.relative_to(home)) for path in home.rglob("*") if path.is_file())


@pytest.mark.parametrize(
    "command",
    [
        ["-c", "import hoarfrost.client, onnxruntime"],
        ["-c", "import hoarfrost.engines.natural.piper.cutting"],
        ["-m", "hoarfrost", "--version"],
        ["-m", "hoarfrost", "say", "-q", "-o", "-", "Hello there."],
    ],
    ids=["imported", "cutting", "version", "say"],
)
def test_no_file_appears_in_the_home_folder(command: list[str], home: Path) -> None:
    """Whichever way the package is started or imported, whatever the environment says."""
    environment = _environment(home) | {"ORT_DISABLE_TELEMETRY": "0"}
    done = subprocess.run(
        [sys.executable, *command], env=environment, capture_output=True, check=False,
        timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert [name for name in _files(home) if "hoarfrost" not in name] == []


def test_the_home_folder_would_show_a_file(home: Path) -> None:
    """A program that writes into it is seen: the test above can fail on every machine."""
    code = "import pathlib; (pathlib.Path.home() / '.device-id').write_text('x')"
    subprocess.run([sys.executable, "-c", code], env=_environment(home), check=True, timeout=120)
    assert _files(home) == [".device-id"]


def _lookups(command: list[str], home: Path, log: Path) -> list[str]:
    """Return the traced calls that ask a name server, or connect to anything but loopback."""
    tracer = shutil.which("strace")
    assert tracer is not None, "expected strace; `make system-packages` installs it"
    trace = [tracer, "-f", "-e", "trace=connect,sendto,sendmmsg,sendmsg", "-s", "200"]
    running = subprocess.Popen(
        [*trace, "-o", str(log), sys.executable, *command],
        env=_environment(home), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        start_new_session=True,
    )  # fmt: skip
    try:
        running.wait(timeout=WATCHED_S)
    except subprocess.TimeoutExpired:
        os.killpg(running.pid, signal.SIGINT)
        running.wait(timeout=60)
    calls = log.read_text("utf-8", errors="replace").splitlines()
    internet = re.compile(r"AF_INET6?, .*(?:inet_addr|inet_pton)", re.DOTALL)
    name_server = re.compile(r"port=htons\(53\)")  # it may well be on loopback
    loopback = re.compile(r'"(?:127\.[\d.]+|::1|0\.0\.0\.0|::)"')
    return [
        call
        for call in calls
        if internet.search(call) and (name_server.search(call) or not loopback.search(call))
    ]


@pytest.mark.system
def test_a_server_looks_up_no_name(home: Path, tmp_path: Path) -> None:
    """From its start until it has been idle for a while."""
    command = ["-m", "hoarfrost", "serve", "--port", "0", "--data-dir", str(tmp_path / "data")]
    assert _lookups(command, home, tmp_path / "trace") == []


@pytest.mark.system
@pytest.mark.parametrize("host", ["127.0.0.1", "192.0.2.1"], ids=["beside us", "elsewhere"])
def test_the_watch_would_see_a_lookup(host: str, home: Path, tmp_path: Path) -> None:
    """A program that asks a name server is caught, whether the machine has a network or not."""
    code = f"""
import socket
asking = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
try:
    asking.connect(({host!r}, 53))
except OSError:
    pass
"""
    assert _lookups(["-c", code], home, tmp_path / "trace")
