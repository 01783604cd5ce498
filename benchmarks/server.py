"""A real server in a process of its own, on a free port of the loopback interface."""

import contextlib
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from hoarfrost.server.app import serve
from hoarfrost.server.services import Services
from hoarfrost.server.settings import Settings


@dataclass(frozen=True, slots=True)
class RunningServer:
    """Where a server listens, and which process it is."""

    address: str
    pid: int
    key: str = ""

    def url(self, **options: object) -> str:
        """Return the address of ``/ws`` with these options."""
        query = "&".join(f"{name}={value}" for name, value in options.items())
        return f"ws://{self.address}/ws?{query}"


@contextlib.contextmanager
def running(*engines: str, has_keys: bool = False) -> Iterator[RunningServer]:
    """Start a server with these engines, and with a key if so asked; stop it at the end."""
    with tempfile.TemporaryDirectory() as folder:
        process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.server", folder, str(int(has_keys)), *engines],
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            assert process.stdout is not None
            address, _, key = process.stdout.readline().strip().partition(" ")
            if not address:
                raise RuntimeError("expected the server's address, got none; see its errors above")
            yield RunningServer(address, process.pid, key)
        finally:
            process.terminate()
            process.wait(10)


def _announce(services: Services, address: str) -> None:
    key = services.keys.create()[1] if services.keys else ""
    print(address, key, flush=True)


if __name__ == "__main__":
    serve(
        Settings(
            auth=bool(int(sys.argv[2])),
            port=0,
            data_dir=Path(sys.argv[1]),
            engines=tuple(sys.argv[3:]),
            max_connections=2000,
        ),
        announce=_announce,
    )
