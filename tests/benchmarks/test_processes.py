"""Servers under test are started, watched and ended as one thing."""

import socket
import sys
from pathlib import Path

import pytest

from benchmarks.processes import HOST, free_port, listening, read_stat, tree_cpu_seconds

LISTEN = "import socket, sys, time; s = socket.create_server((sys.argv[1], int(sys.argv[2]))); "
WITH_CHILD = "import subprocess; subprocess.Popen([sys.executable, '-c', sys.argv[3]]).wait(); "
BURN = "import time\nwhile time.process_time() < 0.3: pass"

linux_only = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


@pytest.mark.parametrize(
    ("line", "read"),
    [
        ("7 (python) S 1 7 7 0 -1 4 90 80 0 0 5 4 3 2 20 0 9 0", (7, 1, 14)),
        ("8 (a) b) (c) R 7 7 7 0 -1 4 90 80 0 0 1 0 0 0 20 0 9 0", (8, 7, 1)),
    ],
)
def test_read_stat(line: str, read: tuple[int, int, int]) -> None:
    """A process's parent and ticks are found behind its name, whatever that is."""
    assert read_stat(line) == read


@linux_only
def test_tree_cpu_seconds(tmp_path: Path) -> None:
    """What a child burnt counts for its parent, though the child has ended."""
    port = free_port()
    command = [sys.executable, "-c", f"import sys; {WITH_CHILD}{LISTEN}time.sleep(60)"]
    with listening([*command, HOST, str(port), BURN], port, folder=tmp_path) as pid:
        assert tree_cpu_seconds(pid) > 0.25  # counted in ticks of 10 ms


def test_listening(tmp_path: Path) -> None:
    """A server is there within the context, in the folder it was given, and not after it."""
    port = free_port()
    command = [sys.executable, "-c", f"open('here', 'w').close(); {LISTEN}time.sleep(60)"]
    with listening([*command, HOST, str(port)], port, folder=tmp_path):
        socket.create_connection((HOST, port)).close()
    with pytest.raises(OSError, match="refused"):
        socket.create_connection((HOST, port))
    assert (tmp_path / "here").exists()


def test_listening_to_one_that_ends(tmp_path: Path) -> None:
    """A server that ends at once is told of, with what it said."""
    with (
        pytest.raises(RuntimeError, match=r"it ended: 3\nno such voice"),
        listening(
            [sys.executable, "-c", "print('no such voice', flush=True); raise SystemExit(3)"],
            free_port(),
            folder=tmp_path,
        ),
    ):
        pass
