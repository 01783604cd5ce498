"""File descriptors: how many connections there may be so that those inside can open files.

In: the limit of this process. Out: a number of connections. Invariant: `RESERVED` of them are never
given to a connection that has just come: voices, keys and logs need some.
"""

import contextlib
import sys
from typing import Final

RESERVED: Final = 128
"""Descriptors for everything that is no connection: libraries, models, espeak-ng's files."""

ENOUGH: Final = 65_536
"""More is not asked for: some systems allow a thousand million, and some libraries count them."""


def descriptor_limit() -> int | None:
    """Raise the soft limit towards the hard one; return it, None where the system has none."""
    if sys.platform == "win32":
        return None
    import resource  # noqa: PLC0415 -- not on Windows

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = ENOUGH if hard == resource.RLIM_INFINITY else min(hard, ENOUGH)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        with contextlib.suppress(OSError, ValueError):  # macOS allows less than it says
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
            soft = wanted
    return None if soft == resource.RLIM_INFINITY else soft


def connection_limit(limit: int | None) -> int | None:
    """Return how many connections there may be under a limit of descriptors."""
    return None if limit is None else max(limit // 2, limit - RESERVED)
