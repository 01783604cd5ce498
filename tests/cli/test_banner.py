"""The greeting: what a first-time user sees, and pastes."""

import os
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from hoarfrost.cli.banner import SAMPLE_TEXT, Start, greeting, program, url_of
from hoarfrost.server.settings import Settings

START = Start(
    settings=Settings(),
    address="127.0.0.1:8000",
    n_voices=112,
    took=0.44,
    speaker="en-us",
    secret="hf_s3cret",
)


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A program called hoarfrost that the shell finds, and that was started."""
    path = tmp_path / "bin" / "hoarfrost"
    path.parent.mkdir()
    path.touch(0o755)
    monkeypatch.setenv("PATH", str(path.parent))
    monkeypatch.setattr(sys, "argv", [str(path), "serve"])
    return path


@pytest.mark.usefixtures("installed")
def test_the_first_start_shows_the_key_and_a_command_to_paste() -> None:
    """The key stands alone on its line, and in a command that speaks."""
    assert greeting(START).splitlines() == [
        "hoarfrost listens on ws://127.0.0.1:8000/ws (112 voices, ready in 0.4 s)",
        "",
        "The first key, shown only now:",
        "",
        "    hf_s3cret",
        "",
        "Open this link to hear it:",
        "",
        "    http://127.0.0.1:8000/",
        "",
        "Hear it, from another terminal (add -o hello.wav where there is no loudspeaker):",
        "",
        "    hoarfrost say --url ws://127.0.0.1:8000/ws --key hf_s3cret --speaker en-us "
        f"'{SAMPLE_TEXT}'",
        "",
        "To make another key: hoarfrost keys create",
    ]


@pytest.mark.usefixtures("installed")
def test_a_later_start_shows_how_to_make_a_key(tmp_path: Path) -> None:
    """Without a new key there is none to show; a file elsewhere is named in the command."""
    assert greeting(replace(START, secret=None)).splitlines()[5:] == [
        "",
        "To make a key: hoarfrost keys create",
    ]
    elsewhere = Settings(keys_file=tmp_path / "my keys.json")
    assert greeting(replace(START, settings=elsewhere, secret=None)).endswith(
        f"hoarfrost keys create --keys-file '{tmp_path / 'my keys.json'}'"
    )


@pytest.mark.parametrize("secret", [None, "hf_s3cret"])
def test_every_start_has_a_link(secret: str | None) -> None:
    """The first start and every later one print a link that signs in."""
    lines = greeting(replace(START, secret=secret, link_secret="hfl_x")).splitlines()
    at = 5 if secret else 1
    assert lines[at : at + 4] == [
        "",
        "Open this link to hear it (good on this machine, until the server stops):",
        "",
        "    http://127.0.0.1:8000/#link=hfl_x",
    ]


@pytest.mark.usefixtures("installed")
def test_without_keys_the_command_has_none() -> None:
    """A server for this machine only is spoken to without a key, and says so."""
    lines = greeting(replace(START, settings=Settings(auth=False), secret=None)).splitlines()
    assert lines[-3:] == [
        f"    hoarfrost say --url ws://127.0.0.1:8000/ws --speaker en-us '{SAMPLE_TEXT}'",
        "",
        "No key is needed: any program on this machine may connect.",
    ]


@pytest.mark.parametrize(
    ("address", "url"),
    [
        ("127.0.0.1:8000", "ws://127.0.0.1:8000/ws"),
        ("0.0.0.0:9000", "ws://127.0.0.1:9000/ws"),
        ("[::]:9000", "ws://[::1]:9000/ws"),
        ("[::1]:9000", "ws://[::1]:9000/ws"),
        ("192.168.1.4:80", "ws://192.168.1.4:80/ws"),
    ],
)
def test_the_address_is_one_to_connect_to(address: str, url: str) -> None:
    """An address that means all interfaces is replaced by one that a client can use."""
    assert url_of(address) == url


def test_the_program_is_called_as_it_can_be_from_here(
    installed: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A bare name where the shell finds it, else the shorter path, else the interpreter."""
    assert program() == ["hoarfrost"]
    monkeypatch.setenv("PATH", os.devnull)
    monkeypatch.chdir(tmp_path)
    assert program() == [str(Path("bin") / "hoarfrost")]
    monkeypatch.setattr(sys, "argv", ["/x/hoarfrost/__main__.py"])
    assert program() == [sys.executable, "-m", "hoarfrost"]


def test_the_link_speaks_tls_where_the_server_does(tmp_path: Path) -> None:
    """A server with a certificate prints an https link."""
    settings = Settings.model_construct(**(dict(Settings()) | {"tls_cert": tmp_path / "cert.pem"}))
    lines = greeting(replace(START, settings=settings, link_secret="hfl_x")).splitlines()
    assert "    https://127.0.0.1:8000/#link=hfl_x" in lines
