"""What is to be said: the arguments, or standard input as it comes."""

import asyncio
import codecs
import os
import sys
import threading
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from typing import Final

import click

from hoarfrost.cli.failures import Misuse
from hoarfrost.text.wrapping import Unwrapper

_PIECE_BYTES: Final = 4096
"""As much as is read at once; what comes in smaller pieces, lines say, is passed on as it comes."""


def read_texts(arguments: Sequence[str]) -> Iterator[str]:
    """Give the arguments as one text; without any, standard input, piece by piece, without waiting.

    Raises:
        Misuse: If the text is not UTF-8.
    """
    if arguments:
        text = " ".join(arguments)
        if any("\ud800" <= char <= "\udfff" for char in text):  # how Python passes other bytes on
            raise Misuse("TEXT: expected UTF-8 text, got other bytes")
        yield text
        return
    if sys.stdin.isatty():
        click.echo("Type what to say; end with Ctrl-D (on Windows Ctrl-Z).", err=True)
    # Not from `sys.stdin`: whoever waits in it holds its lock, also at the interpreter's end.
    descriptor = sys.stdin.fileno()
    decoder = codecs.getincrementaldecoder("utf-8")()
    n_read = 0
    try:
        while piece := os.read(descriptor, _PIECE_BYTES):
            n_read += len(piece)
            if text := decoder.decode(piece):
                yield text
        decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        raise Misuse(
            f"standard input: expected UTF-8 text, got other bytes within its first {n_read}"
        ) from error


def unwrapped(texts: Iterable[str]) -> Iterator[str]:
    """Give texts with the line breaks inside of their paragraphs taken for spaces."""
    unwrapper = Unwrapper()
    for text in texts:
        if ready := unwrapper.feed(text):
            yield ready
    if rest := unwrapper.flush():
        yield rest


async def without_blocking(texts: Iterable[str]) -> AsyncIterator[str]:
    """Take texts from an iterator that may block, while the event loop goes on.

    The thread that waits is not waited for: a person may never type the next line.
    """
    loop = asyncio.get_running_loop()
    # Unbounded: what a person or a pipe writes before it is spoken is small beside its audio.
    queue: asyncio.Queue[str | BaseException | None] = asyncio.Queue()

    def pump() -> None:
        end: BaseException | None = None
        try:
            for text in texts:
                loop.call_soon_threadsafe(queue.put_nowait, text)
        except BaseException as error:  # noqa: BLE001 -- is raised on the other side
            end = error
        try:
            loop.call_soon_threadsafe(queue.put_nowait, end)
        except RuntimeError:
            return  # the loop is closed: nobody listens any more

    threading.Thread(target=pump, name="texts", daemon=True).start()
    while (text := await queue.get()) is not None:
        if isinstance(text, BaseException):
            raise text
        yield text
