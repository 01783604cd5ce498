"""The store of keys: on real files, with a clock of its own."""

import hashlib
import json
import os
import stat
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hoarfrost.server.keys import KeyFileFault, KeyStore, UnknownKey

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)

GOOD_ENTRY = {
    "id": "a1b2c3",
    "label": "",
    "sha256": "0" * 64,
    "created": "2026-11-22T12:00:00+00:00",
    "revoked": None,
}

DAMAGED = [
    "",
    "{",
    "[]",
    "null",
    "{}",
    '{"version": 2, "keys": []}',
    '{"version": 1, "keys": {"id": "x"}}',
    '{"version": 1, "keys": ["x"]}',
    json.dumps({"version": 1, "keys": [{**GOOD_ENTRY, "id": 7}]}),
    json.dumps({"version": 1, "keys": [{**GOOD_ENTRY, "label": None}]}),
    json.dumps({"version": 1, "keys": [{**GOOD_ENTRY, "sha256": "00"}]}),
    json.dumps({"version": 1, "keys": [{**GOOD_ENTRY, "sha256": "x" * 64}]}),
    json.dumps({"version": 1, "keys": [{**GOOD_ENTRY, "created": "yesterday"}]}),
    json.dumps({"version": 1, "keys": [{**GOOD_ENTRY, "revoked": False}]}),
]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "keys.json"


@pytest.fixture
def store(path: Path) -> KeyStore:
    return KeyStore(path, now=lambda: NOON)


def test_a_store_without_a_file_has_no_keys(store: KeyStore, path: Path) -> None:
    """Before the first key there is no file, and nobody is let in."""
    assert store.list() == ()
    assert store.check("hf_anything") is None
    assert not path.parent.exists()


def test_a_new_key_is_known_by_its_secret(store: KeyStore) -> None:
    """What `create` gives out is what `check` takes."""
    key, secret = store.create("telephone bot")
    assert secret.startswith("hf_")
    assert len(secret) == len("hf_") + 43  # 32 bytes in base64
    assert (key.label, key.created, key.is_revoked) == ("telephone bot", NOON, False)
    assert store.check(secret) == key
    assert store.list() == (key,)


@given(guess=st.text())
def test_no_other_text_opens(guess: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Whatever is not a secret is nobody's, also what is no text that can be encoded."""
    store = KeyStore(tmp_path_factory.getbasetemp() / "shared-keys.json", now=lambda: NOON)
    if not store.list():
        store.create()
    assert store.check(guess) is None
    assert store.check("\ud800" + guess) is None


def test_the_file_holds_digests_for_this_user_only(store: KeyStore, path: Path) -> None:
    """The secret is not in the file; its SHA-256 is; and only the owner may read it."""
    _, secret = store.create()
    text = path.read_text(encoding="utf-8")
    assert secret not in text
    assert hashlib.sha256(secret.encode()).hexdigest() in text
    if os.name == "posix":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert {each.name for each in path.parent.iterdir()} == {"keys.json", "keys.json.lock"}


def test_a_revoked_key_opens_nothing_and_stays_in_the_list(path: Path) -> None:
    """Revoking keeps the record, with the date of the first time."""
    moments = iter([NOON, NOON, NOON + timedelta(days=1), NOON + timedelta(days=2)])
    store = KeyStore(path, now=lambda: next(moments))
    key, secret = store.create("one")
    other, other_secret = store.create("two")
    revoked = store.revoke(key.id)
    assert revoked.revoked == NOON + timedelta(days=1)
    assert store.revoke(key.id) == revoked
    assert store.check(secret) is None
    assert store.check(other_secret) == other
    assert store.list() == (revoked, other)


def test_an_unknown_id_cannot_be_revoked(store: KeyStore) -> None:
    """A wrong id is told, and changes nothing."""
    key, _ = store.create()
    with pytest.raises(UnknownKey, match="expected an id of `hoarfrost keys list`, got nobody"):
        store.revoke("nobody")
    assert store.list() == (key,)


def test_a_running_server_sees_what_others_change(path: Path) -> None:
    """A second store on the same file sees new keys and revocations at the next check."""
    server, operator = KeyStore(path), KeyStore(path)
    assert server.list() == ()
    key, secret = operator.create()
    assert server.check(secret) == key
    operator.revoke(key.id)
    assert server.check(secret) is None
    path.unlink()
    with pytest.raises(KeyFileFault, match="is gone"):
        server.list()  # no reason to throw everybody out


def test_an_unchanged_file_is_not_read_again(path: Path, store: KeyStore) -> None:
    """A check without a change costs one look at the file's status."""
    key, secret = store.create()
    assert store.check(secret) == key
    before = path.stat()
    content = path.read_bytes()
    path.write_bytes(b"#" * len(content))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert store.check(secret) == key


def test_two_processes_at_once_lose_no_key(path: Path) -> None:
    """Programs that create keys at the same time wait for each other."""
    code = (
        "import sys; from pathlib import Path; from hoarfrost.server.keys import KeyStore\n"
        "store = KeyStore(Path(sys.argv[1]))\n"
        "for number in range(10): store.create(str(number))"
    )
    processes = [subprocess.Popen([sys.executable, "-c", code, str(path)]) for _ in range(3)]
    assert [process.wait() for process in processes] == [0, 0, 0]
    keys = KeyStore(path).list()
    assert sorted(key.label for key in keys) == sorted(str(n) for n in range(10) for _ in range(3))
    assert len({key.id for key in keys}) == 30


@pytest.mark.parametrize("content", DAMAGED)
def test_a_damaged_file_lets_nobody_in_and_says_what_to_do(
    path: Path, store: KeyStore, content: str
) -> None:
    """Any damage is one error with the path and the way out; the file is left as it is."""
    path.parent.mkdir()
    path.write_text(content, encoding="utf-8")
    for use in (store.list, lambda: store.check("hf_x"), store.create, lambda: store.revoke("x")):
        with pytest.raises(KeyFileFault) as caught:
            use()
        assert str(caught.value).startswith(f"{path}: expected the file of the keys, but it is ")
        assert "hoarfrost keys create" in str(caught.value)
    assert path.read_text(encoding="utf-8") == content


def test_a_file_that_cannot_be_read_or_written_is_told(tmp_path: Path) -> None:
    """A folder in the file's place, or a file in the folder's, is an error with the path."""
    with pytest.raises(KeyFileFault) as caught:
        KeyStore(tmp_path).list()
    assert str(caught.value) == (
        f"{tmp_path}: expected to read the file of the keys, but it cannot be read "
        "(Is a directory); let this user read it, or choose another with --keys-file"
    )
    (tmp_path / "file").touch()
    path = tmp_path / "file" / "keys.json"
    with pytest.raises(KeyFileFault) as caught:
        KeyStore(path).create()
    assert str(caught.value).startswith(
        f"{path}: expected to write the file of the keys, but it cannot be written ("
    )
    assert str(caught.value).endswith(
        "); make its folder writable, or choose another with --data-dir"
    )


def test_a_failed_write_leaves_the_old_file(
    store: KeyStore, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If the new file cannot be completed, the old one stays whole and nothing lies about."""
    key, secret = store.create()

    def fail(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", fail)  # a full disk cannot be had otherwise
        with pytest.raises(KeyFileFault, match=r"cannot be written \(No space left on device\)"):
            store.create()
    assert store.check(secret) == key
    assert {each.name for each in path.parent.iterdir()} == {"keys.json", "keys.json.lock"}
