"""The keys that clients prove themselves with, in one file beside the server.

In: a secret that a client sent. Out: the record of the key, or nothing. Invariant: the file holds
no secret, only digests; and at every moment it is either the old or the new one, whole.

A secret is 256 random bits, so a plain SHA-256 keeps it: there is nothing to guess that a slow
password hash could slow down, and the digest is made on every connection, on the event loop.
"""

import hashlib
import hmac
import json
import os
import secrets
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeAlias

from hoarfrost.errors import HoarfrostError

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

SECRET_PREFIX = "hf_"  # noqa: S105 -- not a secret: what every secret begins with, for scanners
FILE_VERSION = 1

_Signature: TypeAlias = tuple[int, int, int]


class KeyFileFault(HoarfrostError):
    """The file of the keys cannot be used.

    The message names the path and what to do: it is for the operator, never for a client.
    """


class UnknownKey(HoarfrostError):
    """There is no key with the id that was given."""


@dataclass(frozen=True, slots=True)
class Key:
    """What is kept of a key.

    Attributes:
        id: Short name, for lists and logs.
        label: What its maker called it; may be empty.
        digest: SHA-256 of the secret, in hexadecimal.
        created: When it was made, in UTC.
        revoked: When it was taken back, in UTC; None while it is valid.
    """

    id: str
    label: str
    digest: str
    created: datetime
    revoked: datetime | None = None

    @property
    def is_revoked(self) -> bool:
        """Whether it is no longer valid."""
        return self.revoked is not None


class KeyStore:
    """The keys of one file. Several processes may use the same file at once.

    Args:
        path: The file; it and its folder are made with the first key, for this user only.
        now: The clock that dates are taken from.
    """

    def __init__(self, path: Path, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self.path = path
        self._now = now
        self._keys: tuple[Key, ...] = ()
        self._signature: _Signature | None = None

    def create(self, label: str = "") -> tuple[Key, str]:
        """Make a key; return its record and its secret, which is kept nowhere.

        Raises:
            KeyFileFault: If the file cannot be read or written.
        """
        secret = SECRET_PREFIX + secrets.token_urlsafe(32)
        with self._exclusive():
            keys = self._read()
            key = Key(_unused_id(keys), label, _digest(secret), self._date())
            self._write((*keys, key))
        return key, secret

    def list(self) -> tuple[Key, ...]:
        """Return all keys, revoked ones included, oldest first.

        Raises:
            KeyFileFault: If the file cannot be read.
        """
        self._refresh()
        return self._keys

    def revoke(self, key_id: str) -> Key:
        """Take a key back: from now on `check` does not know it. Harmless the second time.

        Raises:
            UnknownKey: If there is no such id.
            KeyFileFault: If the file cannot be read or written.
        """
        with self._exclusive():
            keys = {key.id: key for key in self._read()}
            if key_id not in keys:
                raise UnknownKey(f"key: expected an id of `hoarfrost keys list`, got {key_id}")
            if not keys[key_id].is_revoked:
                keys[key_id] = replace(keys[key_id], revoked=self._date())
                self._write(tuple(keys.values()))
            return keys[key_id]

    def check(self, secret: str) -> Key | None:
        """Return the valid key with this secret, if there is one.

        Sees keys that other processes made or revoked since: one ``stat`` a call. Compares with
        every key, each in constant time, so that the time taken tells nothing.

        Raises:
            KeyFileFault: If the file has become unreadable; nobody is let in then.
        """
        self._refresh()
        digest = _digest(secret)
        found: Key | None = None
        for key in self._keys:
            if hmac.compare_digest(key.digest, digest) and not key.is_revoked:
                found = key
        return found

    def _date(self) -> datetime:
        return self._now().replace(microsecond=0)  # as the file keeps it

    def _refresh(self) -> None:
        signature = self._stat()
        if signature is None and self._signature is not None:
            raise self._gone()
        if signature is None or signature != self._signature:
            self._keys = self._read()
            self._signature = signature

    def _stat(self) -> _Signature | None:
        # Every write makes a new file, so the inode tells even two writes in one tick of the clock.
        try:
            status = self.path.stat()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise self._unreadable(error) from error
        return status.st_mtime_ns, status.st_ino, status.st_size

    def _read(self) -> tuple[Key, ...]:
        try:
            document = json.loads(self.path.read_text(encoding="utf-8"))
            if document["version"] != FILE_VERSION:
                raise ValueError("unknown version")
            return tuple(_from_json(entry) for entry in document["keys"])
        except FileNotFoundError:
            return ()
        except OSError as error:
            raise self._unreadable(error) from error
        except (ValueError, TypeError, LookupError, AttributeError, RecursionError) as error:
            raise self._damaged() from error

    def _write(self, keys: tuple[Key, ...]) -> None:
        document = {"version": FILE_VERSION, "keys": [_to_json(key) for key in keys]}
        try:
            # mkstemp makes the file readable by this user only, and a rename keeps that.
            descriptor, name = tempfile.mkstemp(dir=self.path.parent, prefix=f".{self.path.name}.")
            try:
                with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                    json.dump(document, file, indent=2)
                    file.flush()
                    os.fsync(descriptor)
                Path(name).replace(self.path)
            except BaseException:
                Path(name).unlink(missing_ok=True)
                raise
        except OSError as error:
            raise self._unwritable(error) from error

    @contextmanager
    def _exclusive(self) -> Iterator[None]:
        """Keep other processes from changing the file between our reading and our writing."""
        lock = self.path.with_name(f"{self.path.name}.lock")
        try:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor = os.open(lock, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise self._unwritable(error) from error
        try:
            if sys.platform == "win32":
                msvcrt.locking(descriptor, msvcrt.LK_LOCK, 1)
            else:
                fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)  # gives the lock back

    def _damaged(self) -> KeyFileFault:
        return KeyFileFault(
            f"{self.path}: expected the file of the keys, but it is damaged; restore or repair it, "
            "or move it away and make new keys with `hoarfrost keys create`"
        )

    def _gone(self) -> KeyFileFault:
        return KeyFileFault(
            f"{self.path}: expected the file of the keys, which was there, but it is gone; put it "
            "back, or stop the server and make new keys with `hoarfrost keys create`"
        )

    def _unreadable(self, error: OSError) -> KeyFileFault:
        return KeyFileFault(
            f"{self.path}: expected to read the file of the keys, but it cannot be read "
            f"({error.strerror}); let this user read it, or choose another with --keys-file"
        )

    def _unwritable(self, error: OSError) -> KeyFileFault:
        return KeyFileFault(
            f"{self.path}: expected to write the file of the keys, but it cannot be written "
            f"({error.strerror}); make its folder writable, or choose another with --data-dir"
        )


def _digest(secret: str) -> str:
    # A client may send anything: what is not text at all shall be wrong, not an error.
    return hashlib.sha256(secret.encode(errors="surrogatepass")).hexdigest()


def _unused_id(keys: tuple[Key, ...]) -> str:
    taken = {key.id for key in keys}
    while (key_id := secrets.token_hex(3)) in taken:
        pass
    return key_id


def _to_json(key: Key) -> dict[str, str | None]:
    return {
        "id": key.id,
        "label": key.label,
        "sha256": key.digest,
        "created": key.created.isoformat(timespec="seconds"),
        "revoked": key.revoked.isoformat(timespec="seconds") if key.revoked else None,
    }


def _from_json(entry: dict[str, str | None]) -> Key:
    digest = bytes.fromhex(_text(entry["sha256"])).hex()
    if len(digest) != hashlib.sha256().digest_size * 2:
        raise ValueError("not a SHA-256")
    return Key(
        id=_text(entry["id"]),
        label=_text(entry["label"]),
        digest=digest,
        created=datetime.fromisoformat(_text(entry["created"])),
        revoked=None
        if entry["revoked"] is None
        else datetime.fromisoformat(_text(entry["revoked"])),
    )


def _text(value: str | None) -> str:
    if not isinstance(value, str):
        raise TypeError("not a string")
    return value
