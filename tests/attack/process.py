"""A server in a process of its own, for what only a process can show: signals and descriptors."""

import asyncio
import contextlib
import re
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import websockets

from tests.e2e.talk import PATIENCE_S, SPEECH

_PROGRAM = """
import sys
from hoarfrost.__main__ import main
exec(sys.argv.pop(1))
if limit := int(sys.argv.pop(1)):
    import resource
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))
main()
"""
_ADDRESS = re.compile(r"ws://(127\.0\.0\.1:\d+)")
_KEY = re.compile(r"hf_[\w-]+")


@dataclass(slots=True)
class ServerProcess:
    """A server, its key, and what it logs."""

    process: "subprocess.Popen[str]"
    address: str = ""
    key: str = ""
    log: list[str] = field(default_factory=list)

    def connect(self, **options: object) -> websockets.connect:
        """Connect as a client."""
        query = "&".join(f"{name}={value}" for name, value in (SPEECH | options).items())
        return websockets.connect(
            f"ws://{self.address}/ws?{query}",
            additional_headers={"Authorization": f"Bearer {self.key}"},
            max_size=None,
            max_queue=None,
            proxy=None,
        )

    async def until_logged(self, part: str) -> None:
        """Wait until a line of the log holds a text."""
        async with asyncio.timeout(PATIENCE_S):
            # Another process has nothing that this loop could wait for.
            while not any(part in line for line in self.log):  # noqa: ASYNC110 -- see above
                await asyncio.sleep(0.02)

    async def ended(self) -> int:
        """Wait until the process has ended; return how."""
        return await asyncio.wait_for(asyncio.to_thread(self.process.wait), PATIENCE_S)


@contextlib.contextmanager
def server_process(
    folder: Path,
    *arguments: str,
    n_descriptors: int = 0,
    engines: Sequence[str] = ("tone",),
    before: str = "",
) -> Iterator[ServerProcess]:
    """Start ``hoarfrost serve`` with its files in a folder; kill what is left of it at the end.

    Args:
        folder: Where its files are.
        arguments: Of the command.
        n_descriptors: How many the process may have; 0 for as many as this one.
        engines: That are loaded.
        before: Code that is run in the process first.
    """
    config = folder / "hoarfrost.toml"
    if not config.exists():
        config.write_text("", "utf-8")
    command = [sys.executable, "-c", _PROGRAM, before, str(n_descriptors), "serve", "--port", "0"]
    command += ["--config", str(config), "--data-dir", str(folder)]
    command += ["--engines", ",".join(engines), *arguments]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        server = ServerProcess(process)
        reader = threading.Thread(target=_follow, args=(process.stderr, server.log), daemon=True)
        reader.start()
        try:
            assert process.stdout is not None
            for line in process.stdout:
                address, key = _ADDRESS.search(line), _KEY.search(line)
                server.address = server.address or (address[1] if address else "")
                server.key = server.key or (key[0] if key else "")
                if server.key:
                    break
            assert server.key, f"expected a server that starts, got {server.log}"
            yield server
        finally:
            process.kill()
            reader.join()


def _follow(lines: Iterator[str], log: list[str]) -> None:
    for line in lines:
        log.append(line)  # noqa: PERF402 -- as they come
