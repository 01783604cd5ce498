"""One process at a time for a voice.

The lock is the operating system's: it goes with the process that holds it, however that ends, so a
lock file that is left lying blocks nobody.
"""

import os
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl


def take(path: Path, on_wait: Callable[[], None]) -> Callable[[], None]:
    """Take the lock of a file, which is made if need be; return what gives it back.

    Args:
        path: The file; its folder must be there.
        on_wait: Called once if somebody else holds the lock, before waiting for it.

    Raises:
        OSError: If the file cannot be made or locked.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        if not _try(descriptor):
            on_wait()
            _wait(descriptor)
    except BaseException:
        os.close(descriptor)
        raise
    return lambda: os.close(descriptor)


def _try(descriptor: int) -> bool:
    try:
        if sys.platform == "win32":
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        else:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):  # the latter from Windows
        return False
    return True


def _wait(descriptor: int) -> None:
    if sys.platform == "win32":
        while True:
            with suppress(OSError):  # after ten seconds in vain
                msvcrt.locking(descriptor, msvcrt.LK_LOCK, 1)
                return
    else:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
