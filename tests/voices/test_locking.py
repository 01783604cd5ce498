"""The lock of a voice: one holder at a time, and none after its holder's end."""

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from hoarfrost.voices.locking import take

HOLDER = """
import sys
from pathlib import Path
from hoarfrost.voices.locking import take
take(Path(sys.argv[1]), lambda: None)
print("held", flush=True)
sys.stdin.read()
"""


def test_the_second_waits_for_the_first(tmp_path: Path) -> None:
    """Whoever comes second is told that there is waiting to do, and goes on when it is over."""
    path = tmp_path / "a.lock"
    give_back = take(path, lambda: pytest.fail("nobody holds it"))
    is_waiting, is_through = threading.Event(), threading.Event()

    def second() -> None:
        take(path, is_waiting.set)()
        is_through.set()

    thread = threading.Thread(target=second)
    thread.start()
    assert is_waiting.wait(30)
    assert not is_through.is_set()
    give_back()
    assert is_through.wait(30)
    thread.join()


def test_a_lock_ends_with_its_holder(tmp_path: Path) -> None:
    """A process that is killed leaves the file behind, but nothing that blocks."""
    path = tmp_path / "a.lock"
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        waited = threading.Event()

        def kill() -> None:
            waited.set()
            holder.kill()

        take(path, kill)()
    assert waited.is_set()
    assert path.exists()
    take(path, lambda: pytest.fail("nobody holds it"))()


def test_a_lock_that_cannot_be_is_an_error(tmp_path: Path) -> None:
    """Where no file can be made, the system's error says so."""
    with pytest.raises(FileNotFoundError):
        take(tmp_path / "none" / "a.lock", lambda: None)
