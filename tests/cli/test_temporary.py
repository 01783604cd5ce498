"""The commands of a user whose home folder cannot be written."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from hoarfrost.server.keys import KeyStore
from tests.cli.conftest import Run
from tests.cli.test_serve import serving

pytestmark = pytest.mark.skipif(os.name != "posix", reason="Windows has no such users")


@pytest.fixture(autouse=True)
def data_dir(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where keys and voices go; the home folder is a file, which stops a superuser too."""
    (folder / "home").touch()
    (folder / "tmp").mkdir()
    monkeypatch.delenv("HOARFROST_DATA_DIR")
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    monkeypatch.setenv("HOME", str(folder / "home"))
    monkeypatch.setenv("TMPDIR", str(folder / "tmp"))
    monkeypatch.setattr(tempfile, "tempdir", None)
    return folder / "tmp" / f"hoarfrost-{os.geteuid()}"


def notice(data_dir: Path) -> str:
    return (
        f"hoarfrost: the user's data folder cannot be written: keys and voices are kept in "
        f"{data_dir} and last no longer than the temporary folder; choose a lasting one with "
        "--data-dir"
    )


def test_a_server_starts_and_its_key_is_found_by_the_commands(run: Run, data_dir: Path) -> None:
    """The next start has the same keys; what does not last is told where it is made."""
    with serving() as banner:
        secret = banner[4].strip()
        assert banner[-1].endswith(f"keys create --keys-file {data_dir / 'keys.json'}")
    assert KeyStore(data_dir / "keys.json").check(secret) is not None
    with serving() as banner:
        assert banner[-1].startswith("To make a key: ")
    assert data_dir.stat().st_mode & 0o777 == 0o700
    created = run("keys", "create")
    assert created.stderr.splitlines()[0] == notice(data_dir)
    listed = run("keys", "list")
    assert (len(listed.stdout.splitlines()), listed.stderr) == (2, "")


def test_serving_tells_once(data_dir: Path) -> None:
    """One line, before anything else; here the start ends at an address that is none."""
    command = [sys.executable, "-m", "hoarfrost", "serve", "--host", "nowhere.invalid"]
    told = subprocess.run(command, capture_output=True, text=True, check=False).stderr.splitlines()
    assert told[0] == notice(data_dir)
    assert "\n".join(told).count("temporary") == 1


def test_what_keeps_nothing_says_nothing(run: Run, data_dir: Path) -> None:
    """Speaking and listing go on as ever; showing the settings does not even make the folder."""
    shown = run("serve", "--show-config")
    assert f'data_dir = "{data_dir}"' in shown.stdout
    assert (shown.stderr, data_dir.exists()) == ("", False)
    assert run("say", "-q", "-o", "a.wav", "Hello").stderr == ""
    assert run("voices").stderr == ""


def test_adding_a_voice_tells(run: Run, data_dir: Path) -> None:
    """Whether or not the voice is there."""
    result = run("voices", "add", "./none.onnx")
    assert result.exit_code != 0
    assert result.stderr.splitlines()[0] == notice(data_dir)


def test_settings_of_ones_own_say_nothing(run: Run, folder: Path, data_dir: Path) -> None:
    """With keys and voices elsewhere nothing lies in the temporary folder."""
    (folder / "hoarfrost.toml").write_text("keys_file = 'keys.json'\nvoices_dir = 'voices'\n")
    result = run("keys", "create")
    assert result.exit_code == 0
    assert len(result.stderr.splitlines()) == 1
    assert not data_dir.exists()


@pytest.mark.parametrize(
    "arguments",
    [
        ("serve", "--port", "0"),
        ("keys", "create"),
        ("keys", "list"),
        ("voices",),
        ("voices", "add", "en_US-lessac-medium"),
        ("say", "-o", "a.wav", "Hello"),
    ],
)
def test_a_folder_that_is_not_ours_is_not_used(
    run: Run, folder: Path, data_dir: Path, arguments: tuple[str, ...]
) -> None:
    """Neither keys nor voices are taken from where another user leads us."""
    (folder / "theirs").mkdir(mode=0o700)
    data_dir.symlink_to(folder / "theirs")
    result = run(*arguments)
    assert result.exit_code == 1
    assert result.stderr.startswith(f"hoarfrost: {data_dir}: expected a folder of this user ")
    assert list((folder / "theirs").iterdir()) == []


def test_a_folder_that_was_asked_for_is_not_exchanged(run: Run, folder: Path) -> None:
    """An explicit data dir that cannot be written is an error, as ever."""
    result = run("keys", "create", "--data-dir", "home/data")
    assert result.exit_code == 1
    assert f"{folder}/home/data/keys.json: expected to write the file" in result.stderr
