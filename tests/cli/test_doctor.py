"""``hoarfrost doctor``: what is in order is told as such, and what is not is found."""

import json
import socket
from pathlib import Path

import pytest

from .conftest import Run


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder of its own, a quick voice, any free port."""
    monkeypatch.setenv("HOARFROST_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("HOARFROST_ENGINES", "tone")
    monkeypatch.setenv("HOARFROST_PORT", "0")
    return tmp_path


def grades(run: Run) -> dict[str, str]:
    """Return the worst grade of each thing examined."""
    told = json.loads(run("doctor", "--json").stdout)
    found: dict[str, str] = {}
    for finding in sorted(told, key=lambda each: ["ok", "note", "bad"].index(each["grade"])):
        found[finding["what"]] = finding["grade"]
    return found


def test_an_installation_in_order(run: Run, place: Path) -> None:
    """Nothing is bad, nothing is made, and the status is 0."""
    result = run("doctor")
    assert result.exit_code == 0, result.stdout
    lines = result.stdout.splitlines()
    assert any(line.startswith("ok    tone: tone") for line in lines)
    assert "ok    telemetry: off" in lines
    assert not any(line.startswith("bad") for line in lines)
    assert not (place / "data").exists()


def test_a_port_that_is_taken(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that runs already, or another program, is found."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        monkeypatch.setenv("HOARFROST_PORT", str(other.getsockname()[1]))
        result = run("doctor")
    assert result.exit_code == 1
    assert "bad   port: 127.0.0.1:" in result.stdout
    assert "1 of" in result.stderr


def test_one_broken_thing_does_not_hide_another(run: Run, place: Path) -> None:
    """A damaged key file is told, and so is all that comes after it."""
    (place / "data").mkdir()
    (place / "data" / "keys.json").write_text("{", "utf-8")
    found = grades(run)
    assert found["keys"] == "bad"
    assert found["port"] == found["voices"] == found["tone"] == "ok"


def test_a_file_where_a_folder_is_meant(run: Run, place: Path) -> None:
    """What cannot ever be written is bad."""
    (place / "data").write_text("")
    assert grades(run)["data_dir"] == "bad"


def test_what_voices_come_from_may_be_missing(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a package of voices the server starts: a note says what is missing."""
    monkeypatch.setattr("hoarfrost.cli.doctor.find_spec", lambda _name: None)
    found = grades(run)
    assert found["hibari"] == found["espeakng_loader"] == "note"
    assert run("doctor").exit_code == 0


def test_telemetry_that_is_on(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is off whenever the package is imported; should that fail one day, it is told."""
    monkeypatch.setenv("ORT_DISABLE_TELEMETRY", "0")
    assert grades(run)["telemetry"] == "bad"


def test_more_workers_than_cores(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """It works, and is seldom meant."""
    monkeypatch.setenv("HOARFROST_WORKERS", "1000")
    assert grades(run)["machine"] == "note"
