"""A guard that fails a test in which an event loop waits for a disk or sleeps.

What touches a file goes through a few functions; they are watched, and raise where our code calls
them while an event loop runs on the thread. Imports are left alone: a module's first use reads it.
"""

import asyncio
import builtins
import io
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

WATCHED = [
    (os, "stat"),
    (os, "lstat"),
    (os, "scandir"),
    (os, "listdir"),
    (os, "open"),
    (os, "fsync"),
    (builtins, "open"),
    (io, "open"),
    (time, "sleep"),
]

_NOT_WATCHED = (
    "importlib",  # an import: once in a process
    "linecache.py",  # a traceback that is logged
    "traceback.py",
    "prometheus_client",  # reads /proc, which is no disk
    "coverage",
    "hypothesis",
)


class LoopBlocked(AssertionError):
    """An event loop did what may take as long as a disk likes."""


@contextmanager
def unblocked(
    monkeypatch: pytest.MonkeyPatch, *, in_main_thread: bool = True
) -> Iterator[list[str]]:
    """Watch for as long as the context lasts; at its end, fail if any loop was blocked.

    Gives the list of what was found: an error that is raised may be caught on its way.

    Args:
        monkeypatch: Of the test.
        in_main_thread: Whether the main thread's loop is watched as well; a test that starts a
            server in another thread does so from its own loop, and reads files there.
    """
    found: list[str] = []
    with monkeypatch.context() as patch:
        for module, name in WATCHED:
            patch.setattr(module, name, _guard(getattr(module, name), name, found, in_main_thread))
        yield found
    if found:
        raise LoopBlocked("; ".join(found))


def _guard(
    call: Callable[..., Any], name: str, found: list[str], in_main_thread: bool
) -> Callable[..., Any]:
    def guarded(*args: Any, **kwargs: Any) -> Any:
        is_watched = in_main_thread or threading.current_thread() is not threading.main_thread()
        if is_watched and asyncio._get_running_loop() is not None and not _is_excused():
            caller = sys._getframe(1)
            found.append(f"{name} at {caller.f_code.co_filename}:{caller.f_lineno}")
            raise LoopBlocked(found[-1])
        return call(*args, **kwargs)

    return guarded


def _is_excused() -> bool:
    frame = sys._getframe(2)
    is_ours = False
    while frame is not None:
        file = frame.f_code.co_filename
        if any(part in file for part in _NOT_WATCHED):
            return True
        # What tests themselves do on their loops is their affair, unless they call us.
        is_ours = is_ours or f"{os.sep}hoarfrost{os.sep}" in file
        if frame.f_code.co_name == "_run" and file.endswith("events.py"):
            break
        frame = frame.f_back  # type: ignore[assignment]
    return not is_ours
