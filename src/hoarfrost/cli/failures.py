"""How the program fails: one line on standard error, and a status that scripts can act on.

====== ==================================================================
status meaning
====== ==================================================================
0      done
1      failed: a voice, a file, a refused or broken connection
2      asked for wrongly: arguments, options, settings
3      no server can be reached
130    interrupted from the keyboard (128 + SIGINT)
141    whoever read the output has gone (128 + SIGPIPE)
====== ==================================================================
"""

import os
import sys
from typing import Final

import click

from hoarfrost.errors import HoarfrostError

FAILED: Final = 1
USAGE: Final = 2
UNREACHABLE: Final = 3
INTERRUPTED: Final = 130
READER_GONE: Final = 141


class Failure(click.ClickException):
    """What a command cannot do. The message is for the person who called it."""

    exit_code = FAILED


class Misuse(Failure):
    """What was asked for cannot be, whatever the circumstances."""

    exit_code = USAGE


class NoServer(Failure):
    """There is nobody to ask."""

    exit_code = UNREACHABLE


class ReaderGone(Failure):
    """Nobody reads the output any more: no reason to talk about it."""

    exit_code = READER_GONE


def report(error: BaseException) -> int:
    """Tell what went wrong on standard error; return the status to exit with."""
    message, status = "", FAILED
    match error:
        case KeyboardInterrupt() | click.Abort():
            status = INTERRUPTED
        case ReaderGone() | BrokenPipeError():
            _silence_stdout()
            status = READER_GONE
        case click.UsageError():
            message, status = error.format_message() + _hint(error), USAGE
        case click.ClickException():
            message, status = error.format_message(), error.exit_code
        case HoarfrostError():
            message = str(error)
        case OSError():
            message = f"{f'{error.filename}: ' if error.filename else ''}{error.strerror or error}"
        case _:
            message = (
                f"unexpected {type(error).__name__}: {error} "
                "(a defect: please report it, with what HOARFROST_DEBUG=1 shows)"
            )
    for line in message.splitlines():
        click.echo(f"hoarfrost: {line}", err=True)
    return status


def _hint(error: click.UsageError) -> str:
    return f" (see {error.ctx.command_path} --help)" if error.ctx else ""


def _silence_stdout() -> None:
    """Give what is still buffered nowhere to fail: the interpreter flushes it once more."""
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
