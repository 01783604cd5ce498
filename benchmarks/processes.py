"""Servers under test: started on a loopback port, watched for CPU time, ended with what they began.

CPU time is that of the whole tree of processes, ended threads and reaped children included, in the
ticks of the kernel (10 ms): read it around seconds of work (Linux).
"""

import contextlib
import os
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO

HOST = "127.0.0.1"
START_TIMEOUT_S = 120.0
STOP_TIMEOUT_S = 10.0
_POLL_S = 0.05


def free_port() -> int:
    """Return a port that nobody listens on at the moment."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def listening(command: Sequence[str | Path], port: int, *, folder: Path) -> Iterator[int]:
    """Run a server in a folder; yield its process id once it takes connections; end it.

    Raises:
        RuntimeError: If it ends before that, or takes too long; with the end of what it printed.
    """
    with tempfile.TemporaryFile("w+") as output:
        process = subprocess.Popen(command, cwd=folder, stdout=output, stderr=output)
        try:
            _wait(process, port, output)
            yield process.pid
        finally:
            process.terminate()
            try:
                process.wait(STOP_TIMEOUT_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _wait(process: subprocess.Popen[bytes], port: int, output: IO[str]) -> None:
    until = time.monotonic() + START_TIMEOUT_S
    while process.poll() is None and time.monotonic() < until:
        with contextlib.suppress(OSError), socket.create_connection((HOST, port), timeout=1):
            return
        time.sleep(_POLL_S)
    output.seek(0)
    state = "was not ready in time" if process.poll() is None else f"ended: {process.returncode}"
    raise RuntimeError(f"expected a server on port {port}, it {state}\n{output.read()[-2000:]}")


def tree_cpu_seconds(pid: int) -> float:
    """Return the CPU time so far of a process and all that descend from it (Linux)."""
    children: dict[int, list[int]] = {}
    ticks: dict[int, int] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):  # it may end while we look
            number, parent, spent = read_stat(stat.read_text())
            children.setdefault(parent, []).append(number)
            ticks[number] = spent
    total, open_ends = 0, [pid]
    while open_ends:
        each = open_ends.pop()
        total += ticks[each]
        open_ends += children.get(each, [])
    return total / os.sysconf("SC_CLK_TCK")


def read_stat(line: str) -> tuple[int, int, int]:
    """Return process, parent and CPU ticks from a line of proc(5)'s ``stat``.

    The ticks are the fields 14 to 17: own user and system time, and that of reaped children.
    """
    before, _, after = line.rpartition(")")  # the name in between may hold anything
    fields = after.split()
    return int(before.split("(")[0]), int(fields[1]), sum(int(field) for field in fields[11:15])
