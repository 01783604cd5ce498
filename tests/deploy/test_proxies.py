"""The proxies' files, by the proxies themselves: a conversation through each is one without."""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from websockets.sync.client import connect

from tests.support.server import RealServer, running_server

DEPLOY = Path(__file__).parents[2] / "deploy"
QUERY = "speaker=tone&audioFormat=pcm&samplingRate=8000"

pytestmark = pytest.mark.system


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealServer]:
    with running_server(tmp_path_factory.mktemp("data"), engines=("tone",)) as running:
        yield running


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


def spoken(address: str, key: str) -> bytes:
    headers = {"Authorization": f"Bearer {key}"}
    url = f"ws://{address}/ws?{QUERY}"
    with connect(url, additional_headers=headers, proxy=None, open_timeout=30) as line:
        line.send("One two. ")
        line.send("Three four.")
        line.send("<EOS>")
        return b"".join(bytes(frame) for frame in line if isinstance(frame, bytes))


def nginx(folder: Path, port: int, upstream: str) -> list[str]:
    site = (DEPLOY / "nginx.conf").read_text("utf-8")
    site = site.replace("LISTEN", f"127.0.0.1:{port}").replace("NAME", "localhost")
    site = site.replace("127.0.0.1:8000", upstream)
    (folder / "site.conf").write_text(site, "utf-8")
    paths = "".join(
        f"{kind}_temp_path {folder}/{kind};"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (folder / "nginx.conf").write_text(
        f"daemon off; pid {folder}/pid; error_log stderr; events {{}}\n"
        f"http {{ access_log off; {paths} include {folder}/site.conf; }}\n",
        "utf-8",
    )
    return ["nginx", "-c", str(folder / "nginx.conf"), "-p", str(folder), "-e", "stderr"]


def caddy(folder: Path, port: int, upstream: str) -> list[str]:
    site = (DEPLOY / "Caddyfile").read_text("utf-8").replace("127.0.0.1:8000", upstream)
    site = site.replace("NAME {", f"http://127.0.0.1:{port} {{")
    options = "{\n\tadmin off\n\tauto_https off\n}\n"
    (folder / "Caddyfile").write_text(options + site, "utf-8")
    return ["caddy", "run", "--adapter", "caddyfile", "--config", str(folder / "Caddyfile")]


@pytest.mark.parametrize("proxy", [nginx, caddy])
def test_a_conversation_through_a_proxy(
    proxy: Callable[[Path, int, str], list[str]], server: RealServer, tmp_path: Path
) -> None:
    """The same bytes come, and a wrong key is told with the server's own words."""
    command = proxy(tmp_path, port := free_port(), server.address)
    program = shutil.which(command[0])
    assert program is not None, f"expected {command[0]}; `make system-packages` installs it"
    environment = {**os.environ, "HOME": str(tmp_path), "XDG_DATA_HOME": str(tmp_path)}
    with (tmp_path / "log").open("w") as log:
        running = subprocess.Popen(
            [program, *command[1:]], env=environment, stdout=subprocess.DEVNULL, stderr=log
        )
    try:
        _wait_for(port, running, tmp_path / "log")
        assert spoken(f"127.0.0.1:{port}", server.key) == spoken(server.address, server.key)
        with pytest.raises(Exception, match="401"):
            spoken(f"127.0.0.1:{port}", "wrong")
    finally:
        running.terminate()
        running.wait(timeout=60)


def _wait_for(port: int, running: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        assert running.poll() is None, log.read_text("utf-8")
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    pytest.fail("the proxy did not open its port")
