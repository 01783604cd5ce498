"""What can go wrong between the catalogue and the folder.

::

    HoarfrostError
    └── LibraryFault        a voice cannot be found, fetched, kept or removed
        ├── UnknownVoice    there is none of that name
        └── Unreachable     no answer that helps: no network, a wrong address, a server that fails

The messages are for the person at the terminal: they name addresses and folders.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hoarfrost.errors import HoarfrostError


class LibraryFault(HoarfrostError):
    """A voice cannot be found, fetched, kept or removed. The message says why and what to do."""


class UnknownVoice(LibraryFault):
    """No voice has the name that was given."""


class Unreachable(LibraryFault):
    """The address of the voices does not answer, or fails for longer than we wait."""

    retry_helps = True


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Tell of errors of the file system as faults that name the path and a way out.

    Raises:
        LibraryFault: In place of any `OSError`.
    """
    try:
        yield
    except OSError as error:
        where = error.filename or path
        raise LibraryFault(
            f"{where}: expected to write there, got: {error.strerror or error}; make room or let "
            "this user write, or choose another folder with --voices-dir"
        ) from error
