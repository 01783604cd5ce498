"""``hoarfrost serve``: the program itself, started and stopped as a user does."""

import os
import re
import signal
import socket
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from hoarfrost.server.keys import KeyStore
from hoarfrost.server.settings import Settings, about, default_text
from tests.cli.conftest import Run

pytestmark = pytest.mark.skipif(os.name != "posix", reason="stops servers by signals")


@contextmanager
def serving(*arguments: str) -> Iterator[list[str]]:
    """Run a server on any port; give the lines of its banner."""
    command = [sys.executable, "-m", "hoarfrost", "serve", "--port", "0", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            lines = [process.stdout.readline()]
            while lines[-1] and not lines[-1].startswith(("To make", "No key")):
                lines.append(process.stdout.readline())
            yield [line.rstrip("\n") for line in lines]
        finally:
            process.send_signal(signal.SIGTERM)
            assert process.wait() == -signal.SIGTERM


def test_show_config_prints_and_stops(run: Run, folder: Path) -> None:
    """The settings that hold are TOML with comments; no server is started, no key made."""
    (folder / "hoarfrost.toml").write_text("workers = 3")
    result = run("serve", "--port", "9000", "--no-auth", "--show-config")
    assert result.exit_code == 0
    document = tomllib.loads(result.stdout)
    assert (document["port"], document["auth"], document["workers"]) == (9000, False, 3)
    assert document.keys() >= Settings.model_fields.keys() - {
        "lookahead_ms",
        "max_connections_per_key",
        "tls_cert",
        "tls_key",
        "grpc_port",
    }
    assert "auth = false  # flag --no-auth" in result.stdout
    assert not (folder / "data").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--port", "http"], "port (--port): expected a whole number from 0 to 65535"),
        (["--host", "0.0.0.0", "--no-auth"], "auth: expected a loopback host"),
        (["--engines", "nothing"], "engine: expected one of "),
        (["--config", "none.toml"], "none.toml: expected a file to read"),
        (["--config", "options.toml"], "engine: expected one of "),
        (["--host", "192.0.2.1"], "192.0.2.1 is no address of this machine; "),
        (["--host", "nowhere.invalid"], "nowhere.invalid is no address of this machine; "),
        (["--config", "alias.toml"], "alias luna: expected a voice"),
        (
            ["--config", "nobody.toml"],
            "default_speaker: expected a voice of this server, got 'nobo",
        ),
        (["--preload", "nobody"], "preload: expected a voice of this server, got 'nobody'"),
        (["--keys-file", "damaged.json"], "{}/damaged.json: expected the file of the keys"),
    ],
)
def test_what_is_wrong_is_told_before_anything_starts(
    run: Run, folder: Path, arguments: list[str], message: str
) -> None:
    """A wrong setting, engine, alias, address or key file is one line, and the end."""
    (folder / "options.toml").write_text("[engine_options.nope]\nrate_hz = 1")
    (folder / "damaged.json").write_text("{")
    (folder / "nobody.toml").write_text("default_speaker = 'nobody'")
    (folder / "alias.toml").write_text("[aliases]\nluna = 'nobody'")
    result = run("serve", *arguments)
    assert result.exit_code in (1, 2)
    assert result.stdout == ""
    (line,) = result.stderr.splitlines()
    assert line.startswith(f"hoarfrost: {message.format(folder)}")


@pytest.mark.parametrize("arguments", [("serve",), ("voices",), ("say", "-o", "a.wav", "Hello")])
def test_an_engine_that_is_not_there_is_misuse(
    run: Run, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]
) -> None:
    """A wrong name among the engines has the status of every wrong setting."""
    monkeypatch.setenv("HOARFROST_ENGINES", "nope")
    result = run(*arguments)
    assert result.exit_code == 2
    assert result.stderr.startswith("hoarfrost: engine: expected one of ")


def test_a_folder_that_cannot_be_written_is_told(folder: Path) -> None:
    """Without a place for the first key the program ends with one line and what to do."""
    (folder / "dangling").symlink_to("none")
    command = [sys.executable, "-m", "hoarfrost", "serve", "--port", "0", "--data-dir", "dangling"]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr == (
        f"hoarfrost: {folder}/dangling/keys.json: expected to write the file of the keys, "
        "but it cannot be written (File exists); make its folder writable, "
        "or choose another with --data-dir\n"
    )


def test_help_names_every_setting_with_its_default(run: Run) -> None:
    """A setting is a flag with the default that holds, or the help says how else to give it."""
    told = " ".join(run("serve", "--help").stdout.split())
    for name in Settings.model_fields:
        flag = f"--{name.replace('_', '-')} "
        assert (flag if about(name).has_flag else f"{name}: ") in told, name
        if about(name).has_flag:
            text = told.split(flag, 1)[1]
            default = text[: text.index("]")].rpartition("[default: ")[2]
            assert default == default_text(name), name


@pytest.mark.parametrize(
    ("name", "told"),
    [("capacity_share", "0.95"), ("ping_interval_s", "20"), ("admission", "yes"), ("port", "8000")],
)
def test_a_default_is_told_as_it_is_written(name: str, told: str) -> None:
    """A default reads as one would write it."""
    assert default_text(name) == told


def test_a_port_in_use_is_told_and_makes_no_key(run: Run, folder: Path) -> None:
    """If the port is taken, it is named, and no key is made that nobody would see."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        result = run("serve", "--port", str(port))
    assert result.exit_code == 1
    assert result.stderr == (
        f"hoarfrost: port {port} on 127.0.0.1 is taken; choose another with --port\n"
    )
    assert not (folder / "data" / "keys.json").exists()


def test_the_first_start_makes_a_key_and_its_command_works(folder: Path) -> None:
    """The command in the banner, pasted into a shell, speaks; the next start shows no key."""
    with serving() as banner:
        assert re.fullmatch(
            r"hoarfrost listens on ws://127\.0\.0\.1:\d+/ws \(3 voices, ready in \d+\.\d s\)",
            banner[0],
        )
        assert banner[2] == "The first key, shown only now:"
        assert KeyStore(folder / "data" / "keys.json").check(banner[4].strip()) is not None
        command = f"{banner[12].strip()} -o hello.wav"
        pasted = subprocess.run(command, shell=True, capture_output=True, text=True, check=False)  # noqa: S602 -- what a user does
        assert pasted.returncode == 0, pasted.stderr
        assert (folder / "hello.wav").stat().st_size > 44
    with serving() as banner:
        assert len(banner) == 7
        assert "#link=hfl_" in banner[4]
        assert banner[-1].startswith("To make a key: ")
    assert len(KeyStore(folder / "data" / "keys.json").list()) == 1


def test_without_keys_anybody_here_may_speak(run: Run, folder: Path) -> None:
    """--no-auth on a loopback address makes no key and asks for none."""
    with serving("--no-auth") as banner:
        url = re.search(r"ws://\S+", banner[0])
        assert url
        assert run("say", "-o", "a.wav", "--url", url[0], "-s", "tone", "Hello").exit_code == 0
    assert not (folder / "data").exists()
