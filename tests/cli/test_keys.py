"""``hoarfrost keys``: the life of a key, from the terminal."""

import re
from pathlib import Path

from hoarfrost.server.keys import KeyStore
from tests.cli.conftest import Run


def test_a_key_is_created_listed_and_revoked(run: Run, folder: Path) -> None:
    """The secret is all that goes to standard output; the list shows what becomes of the key."""
    made = run("keys", "create", "--label", "telephone bot")
    secret = made.stdout.strip()
    key = KeyStore(folder / "data" / "keys.json").check(secret)
    assert made.exit_code == 0
    assert key is not None
    assert made.stdout == f"{secret}\n"
    assert made.stderr == f"Key {key.id}. Keep its secret, it is not shown again:\n"
    listed = run("keys", "list").stdout
    assert re.fullmatch(
        rf"{key.id}  \d{{4}}-\d\d-\d\d \d\d:\d\d  valid {{21}}telephone bot\n", listed
    )
    assert secret not in listed
    revoked = run("keys", "revoke", key.id)
    assert (revoked.exit_code, revoked.stderr) == (0, f"Key {key.id} is revoked.\n")
    assert re.search(
        r"revoked \d{4}-\d\d-\d\d \d\d:\d\d  telephone bot$", run("keys", "list").stdout
    )
    assert KeyStore(folder / "data" / "keys.json").check(secret) is None


def test_without_keys_the_list_says_how_to_make_one(run: Run) -> None:
    """An empty list has nothing on standard output, and a hint beside it."""
    result = run("keys", "list")
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == "No keys yet; make one with: hoarfrost keys create\n"


def test_the_file_can_be_named(run: Run, folder: Path) -> None:
    """--keys-file, --data-dir and the settings' file lead to the same keys as the server's."""
    run("keys", "create", "--keys-file", "my.json")
    assert len(KeyStore(folder / "my.json").list()) == 1
    (folder / "c.toml").write_text("keys_file = 'my.json'")
    assert len(run("keys", "list", "--config", "c.toml").stdout.splitlines()) == 1
    assert run("keys", "list").stdout == ""
    run("keys", "create", "--data-dir", "other")
    assert len(KeyStore(folder / "other" / "keys.json").list()) == 1
    listed = run("keys", "list", "--data-dir", "other").stdout
    assert run("keys", "revoke", "--data-dir", "other", listed.split()[0]).exit_code == 0


def test_wrong_use_is_told(run: Run, folder: Path) -> None:
    """An unknown id is a usage error, a damaged file a failure."""
    result = run("keys", "revoke", "nobody")
    assert result.exit_code == 2
    assert result.stderr == "hoarfrost: key: expected an id of `hoarfrost keys list`, got nobody\n"
    (folder / "bad.json").write_text("{")
    result = run("keys", "list", "--keys-file", "bad.json")
    assert result.exit_code == 1
    assert result.stderr.startswith(
        f"hoarfrost: {folder / 'bad.json'}: expected the file of the keys"
    )
