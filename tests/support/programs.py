"""Stand-ins for other programs, written in Python."""

import shlex
import sys
from pathlib import Path


def write_program(path: Path, code: str) -> None:
    """Write an executable that runs Python code, with its arguments in ``sys.argv``.

    A shell starts it: the path of an interpreter in a ``#!`` line may have no space in it, and 127
    characters at most on older kernels.
    """
    source = path.with_name(f".{path.name}.py")
    source.write_text(code, "utf-8")
    command = " ".join(shlex.quote(str(part)) for part in (sys.executable, source))
    path.write_text(f'#!/bin/sh\nexec {command} "$@"\n', "utf-8")
    path.chmod(0o755)
