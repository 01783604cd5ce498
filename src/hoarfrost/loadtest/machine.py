"""The machine that the tester runs on: what it is, its event loop, and room for connections.

In: the operating system. Out: a line for the report, what makes a loop, a limit raised. Invariant:
limits are raised for this process only, and only as far as the system lets it.
"""

import asyncio
import os
import platform
import sys
from collections.abc import Callable
from pathlib import Path

SPARE_DESCRIPTORS = 64
"""For the program itself: its libraries, its report, and lines that are being closed."""


def describe_machine() -> str:
    """Return a line that says what the figures were measured on."""
    model = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        lines = cpuinfo.read_text(encoding="utf-8", errors="replace").splitlines()
        model = next((ln.split(":")[1].strip() for ln in lines if "model name" in ln), model)
    affinity = getattr(os, "sched_getaffinity", None)  # not on every system
    n_cores = len(affinity(0)) if affinity else os.cpu_count() or 1
    return f"{n_cores} cores of {model}, Python {platform.python_version()}, {platform.system()}"


def loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """Return what makes the fastest event loop there is: the tester must not be the bottleneck."""
    if sys.platform == "win32":
        return None
    import uvloop  # noqa: PLC0415 -- not on every system

    return uvloop.new_event_loop


def make_room(n_connections: int) -> None:
    """Have this process be allowed so many connections at once.

    Raises:
        ValueError: If the system does not let it have them.
    """
    if sys.platform == "win32":
        return  # no such limit there
    import resource  # noqa: PLC0415 -- not on every system

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = n_connections + SPARE_DESCRIPTORS
    if soft == resource.RLIM_INFINITY or soft >= needed:
        return
    if hard != resource.RLIM_INFINITY and hard < needed:
        raise ValueError(
            f"callers: expected at most {max(hard - SPARE_DESCRIPTORS, 0)}, as many as this "
            f"system's limit of {hard} open files allows, got {n_connections}"
        )
    resource.setrlimit(resource.RLIMIT_NOFILE, (needed, hard))
