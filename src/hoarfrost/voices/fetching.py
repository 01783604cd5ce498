"""One file, from an address to a path: resumed where it broke off, and checked.

In: a file's path, size and checksum as a catalogue gives them. Out: the file, complete.
Invariant: what stands at the path after `fetch` has exactly that size and checksum; what came so
far of one that failed is kept where it can be resumed, and never has more bytes than the file.

Resuming follows RFC 9110, sections 13.1.5 (If-Range) and 14 (Range). The ETag of a partial file is
kept beside it, so that a later run resumes only what is still the same. A server that has none, or
a weak one, is asked for the rest all the same: the checksum tells whether the parts fit.
"""

import hashlib
import os
import re
import stat
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import BinaryIO, Final

import httpx

from hoarfrost.voices.catalogue import PublishedFile
from hoarfrost.voices.faults import LibraryFault, writing
from hoarfrost.voices.patience import Patience
from hoarfrost.voices.source import Lost, Source, body_of, is_encoded

Progress = Callable[[int], None]
"""Told how many bytes of a file are there; may go back when the file is begun anew."""

_STRONG_ETAG: Final = re.compile(r'"[\x21\x23-\x7e\x80-\xff]*"')  # RFC 9110, section 8.8.3
_READ_BYTES: Final = 1 << 20
_WORTHWHILE_BYTES: Final = 64 << 10
"""An attempt that brought this much was not in vain: the count of attempts begins anew."""


def fetch(
    source: Source,
    file: PublishedFile,
    *,
    target: Path,
    patience: Patience,
    progress: Progress,
) -> None:
    """Fetch a file, or the rest of it if a part is there already; write it through to the disk.

    Raises:
        Unreachable: If nobody answers at the address.
        LibraryFault: If it cannot be fetched or written, or is not what the catalogue says.
    """
    with writing(target):
        partial = _Partial(target, file)
        while not partial.is_complete(progress):
            n_before = partial.n_bytes
            try:
                _ask(source, partial, progress)
            except Lost as lost:
                if partial.n_bytes - n_before >= _WORTHWHILE_BYTES:
                    patience.renew()
                patience.wait(lost)
        partial.conclude()


@dataclass(slots=True)
class _Partial:
    """What there is of a file so far.

    Attributes:
        path: Where it lies.
        file: What it is to become.
        n_bytes: How many bytes there are.
        is_resumed: Whether they came in several parts, which may not belong together.
        is_whole_only: Whether the rest cannot be asked for by itself.
    """

    path: Path
    file: PublishedFile
    n_bytes: int = 0
    is_resumed: bool = False
    is_whole_only: bool = False

    def __post_init__(self) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        try:
            status = self.path.lstat()
        except FileNotFoundError:
            return
        if stat.S_ISREG(status.st_mode) and status.st_size <= self.file.n_bytes:
            self.n_bytes = status.st_size
            self.is_resumed = True
        else:
            self.drop()

    @property
    def etag(self) -> str | None:
        """The strong ETag that the first part came with."""
        try:
            etag = self._etag_path.read_text(encoding="latin-1")
        except FileNotFoundError:
            return None
        return etag if _STRONG_ETAG.fullmatch(etag) else None

    @property
    def _etag_path(self) -> Path:
        return self.path.with_name(f"{self.path.name}.etag")

    def begin(self, etag: str | None) -> None:
        """Begin anew, with a body that has this ETag."""
        self.drop()
        self.is_resumed = False
        if etag is not None:
            self._etag_path.write_text(etag, encoding="latin-1")

    def drop(self) -> None:
        """Throw away what there is."""
        self.n_bytes = 0
        self.path.unlink(missing_ok=True)
        self._etag_path.unlink(missing_ok=True)

    def is_complete(self, progress: Progress) -> bool:
        """Return whether the file is there. One that was put together wrongly is thrown away.

        Raises:
            LibraryFault: If it came in one piece and is not what the catalogue says.
        """
        progress(self.n_bytes)
        if self.n_bytes < self.file.n_bytes or not self.path.exists():
            return False
        kind, expected = (
            ("SHA-256", self.file.sha256) if self.file.sha256 else ("MD5", self.file.md5)
        )
        with self.path.open("rb") as content:
            found = _digest(content, kind)
        if found == expected:
            return True
        self.drop()
        if not self.is_resumed:
            raise LibraryFault(
                f"{self.file.path}: expected the {kind} {expected} of the catalogue, got {found}"
            )
        self.is_whole_only = True
        return False

    def conclude(self) -> None:
        """Leave nothing but the file, and that on the disk."""
        self._etag_path.unlink(missing_ok=True)
        with self.path.open("rb+") as content:
            os.fsync(content.fileno())


def _ask(source: Source, partial: _Partial, progress: Progress) -> None:
    """Make one request; append to the partial file what it brings.

    Raises:
        Lost: If it did not bring all.
        LibraryFault: If the answer is a refusal, or longer or shorter than the file.
    """
    url = source.url_of(partial.file.address)
    with source.open(partial.file.address, _range_of(partial)) as response:
        if response.status_code == HTTPStatus.OK:
            _check_length(response, partial)
            partial.begin(_strong_etag(response))
        elif _continues(response, partial):
            partial.is_resumed = True
        else:
            partial.drop()
            partial.is_whole_only = True
            raise Lost(f"{url}: expected the rest of the file, got another part or none")
        progress(partial.n_bytes)
        with partial.path.open("ab") as content:
            is_longer = _append(body_of(response, url), partial, content, progress)
    if is_longer:
        partial.drop()
        raise _wrong_size(partial, "more")
    if partial.n_bytes < partial.file.n_bytes:
        raise Lost(f"{url}: expected {partial.file.n_bytes} bytes, got {partial.n_bytes}")


def _range_of(partial: _Partial) -> dict[str, str]:
    if not partial.n_bytes or partial.is_whole_only:
        return {}
    headers = {"Range": f"bytes={partial.n_bytes}-"}
    if partial.etag is not None:
        headers["If-Range"] = partial.etag
    return headers


def _continues(response: httpx.Response, partial: _Partial) -> bool:
    """Return whether a partial answer begins where the partial file ends, and ends where it is to.

    Not so if it tells another length: then it is not the file of the catalogue.
    """
    if response.status_code != HTTPStatus.PARTIAL_CONTENT or is_encoded(response):
        return False
    match = re.fullmatch(
        r"bytes (\d+)-(\d+)/(\d+|\*)", response.headers.get("Content-Range", "").strip()
    )
    if match is None or int(match[1]) != partial.n_bytes:
        return False
    return match[3] in {"*", str(partial.file.n_bytes)} and int(match[2]) < partial.file.n_bytes


def _check_length(response: httpx.Response, partial: _Partial) -> None:
    """Refuse a whole file of another length before a byte of it is read."""
    length = response.headers.get("Content-Length", "")
    if response.status_code == HTTPStatus.OK and length.isdigit() and not is_encoded(response):
        n_bytes = int(length)
        if n_bytes != partial.file.n_bytes:
            raise _wrong_size(partial, str(n_bytes))


def _append(
    pieces: Iterable[bytes], partial: _Partial, content: BinaryIO, progress: Progress
) -> bool:
    """Write what comes; stop at what is too much, and return whether there was such."""
    for piece in pieces:
        if partial.n_bytes + len(piece) > partial.file.n_bytes:
            return True
        content.write(piece)
        partial.n_bytes += len(piece)
        progress(partial.n_bytes)
    return False


def _wrong_size(partial: _Partial, got: str) -> LibraryFault:
    return LibraryFault(
        f"{partial.file.path}: expected {partial.file.n_bytes} bytes as the catalogue says, got "
        f"{got}; if it was published anew just now, try again later"
    )


def _strong_etag(response: httpx.Response) -> str | None:
    """Return the ETag if it is strong: a weak one does not vouch for bytes."""
    etag: str = response.headers.get("ETag", "")
    is_strong = _STRONG_ETAG.fullmatch(etag) and not is_encoded(response)
    return etag if is_strong else None


def _digest(content: BinaryIO, kind: str) -> str:
    digest = hashlib.sha256() if kind == "SHA-256" else hashlib.md5(usedforsecurity=False)
    while piece := content.read(_READ_BYTES):
        digest.update(piece)
    return digest.hexdigest()
