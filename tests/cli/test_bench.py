"""``hoarfrost bench``: the command, against a real server."""

import json
import re
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.support.server import RealServer

SHORT = ("--scenario", "burst", "--duration", "0.3", "--sampling-rate", "8000", "-s", "tone")

MISUSES = [
    (["--url", "http://127.0.0.1/ws"], "--url: expected ws://HOST:PORT/ws or wss://HOST/ws"),
    (
        ["--url", "wss://speech.example.com/ws"],
        "--url: expected a server on this machine, got speech.example.com; to load another one, "
        "which must be yours to load, add --allow-remote",
    ),
    (["--key", "a b"], "--key: expected printable ASCII characters without spaces"),
    (["--callers", "1001"], "--callers: expected 1 to 1000, got 1001"),
    (["--callers", "0"], "--callers: expected 1 to 1000, got 0"),
    (["--duration", "1e9"], "--duration: expected 0.2 to 3600, got 1e+09"),
    (["--duration", "nan"], "--duration: expected 0.2 to 3600, got nan"),
    (["--search", "--max-callers", "2000"], "--max-callers: expected 1 to 1000, got 2000"),
    (
        ["--search", "--callers", "9", "--max-callers", "4"],
        "--callers: expected 1 to 4, the most to try, got 9",
    ),
    (["--search", "--max-trials", "1"], "--max-trials: expected 2 or more, got 1"),
    (["--targets", "speed:1"], "--targets: expected one of success, refused, underrun"),
    (
        ["--scenario", "burst", "--targets", "stale:p99@30ms"],
        "--targets: stale is not measured by this scenario",
    ),
    (
        ["--scenario", "burst", "--interrupted", "0.5"],
        "--interrupted: expected the scenario conversation",
    ),
    (
        ["--scenario", "burst", "--arrivals", "1"],
        "--arrivals: expected a scenario in which callers come one by one",
    ),
    (["--arrivals", "0"], "--arrivals: expected 0.01 to 1000, got 0"),
    (["--param", "speed"], "--param: expected NAME=VALUE"),
    (["--param", "speaker=x"], "--param: expected --speaker instead of speaker"),
    (["--param", "segment=often"], "--segment: expected one of bySentence, immediate, never"),
    (["--param", "immediate=true"], "--param: expected --param segment=immediate instead of"),
    (["--html", "none/report.html"], "--html: expected a file in a folder that exists"),
    (["--texts", "empty.txt"], "empty.txt: expected a text on every line, got no line with one"),
    (["--texts", "latin.txt"], "latin.txt: expected UTF-8 text"),
]


def there(server: RealServer) -> list[str]:
    return ["--url", f"ws://{server.address}/ws", "--api-key", server.key]


@pytest.mark.parametrize(("arguments", "message"), MISUSES)
def test_a_misuse_is_told(run: Run, folder: Path, arguments: list[str], message: str) -> None:
    """What was asked for wrongly is told by its option, before anything is sent."""
    (folder / "empty.txt").write_text("\n")
    (folder / "latin.txt").write_bytes(b"caf\xe9\n")
    result = run("bench", *arguments)
    assert result.exit_code == 2
    assert result.stderr.startswith(f"hoarfrost: {message}")
    assert result.stdout == ""


def test_a_run_as_a_table_and_a_page(run: Run, folder: Path, server: RealServer) -> None:
    """The terminal has the figures, the file the plots, and the status is 0: targets were met."""
    (folder / "texts.txt").write_text("Hello there.\nHow are you\n")
    result = run(
        *("bench", *there(server), *SHORT, "--callers", "2", "--texts", "texts.txt"),
        *("--targets", "success:1.00,underrun:0", "--html", "report.html"),
    )
    assert result.exit_code == 0, result.output
    assert re.search(r"TTFA, first byte \(ms\) +│ +[\d.]+ │", result.stdout)
    assert re.search(r"success:1.00 +│ 1.0000 +│ +│ met", result.stdout)
    assert result.stderr.startswith("2 callers, burst, 0.3 s after 0 s, against 127.0.0.1:")
    page = (folder / "report.html").read_text()
    assert page.startswith("<!doctype html>")
    assert server.key not in page + result.output


def test_a_run_as_json(run: Run, server: RealServer) -> None:
    """One document on standard output, and with -q nothing else."""
    arguments = [*there(server), *SHORT, "--format", "mulaw", "-n", "1", "--json", "-q"]
    result = run("bench", *arguments, "--param", "segment=never", "--param", "lang=en")
    assert result.exit_code == 0, result.output
    assert result.stderr == ""
    document = json.loads(result.stdout)
    assert document["server"]["query"] == {
        "speaker": "tone",
        "modelId": "mistv3",
        "audioFormat": "mulaw",
        "samplingRate": "8000",
        "segment": "never",
        "lang": "en",
    }
    assert document["plan"]["scenario"] == "burst"
    assert document["trials"][0]["turns"]["success"] == 1.0
    assert server.key not in result.stdout


def test_a_search_tells_each_trial(run: Run, server: RealServer) -> None:
    """A line a trial, and the number found."""
    arguments = [*there(server), *SHORT, "--max-callers", "1", "--search"]
    result = run("bench", *arguments, "--targets", "success:1.00")
    assert result.exit_code == 0, result.output
    trials = re.findall(r"^(\d) caller: met, TTFA p99 ", result.stderr, re.MULTILINE)
    assert trials == ["1", "1"]
    assert result.stdout.endswith("1 caller meets success:1.00 (the most that was to be tried)\n")


def test_a_missed_target_is_a_failure(run: Run, server: RealServer) -> None:
    """The status is 1, so that scripts can tell."""
    arguments = [*there(server), *SHORT, "-n", "1", "--targets", "ttfa:p50@0ms"]
    result = run("bench", *arguments)
    assert result.exit_code == 1
    assert "missed" in result.stdout


def test_a_server_that_refuses_is_told(run: Run, server: RealServer) -> None:
    """No key, a wrong voice, a wrong path and nobody there have a message and a status each."""
    url = ["--url", f"ws://{server.address}/ws"]
    result = run("bench", *url, *SHORT, "-q")
    assert result.exit_code == 1
    assert "with 401" in result.stderr
    assert result.stderr.endswith("; give a key with --key or HOARFROST_API_KEY\n")
    result = run("bench", *there(server), "-s", "nobody", "-q")
    assert result.exit_code == 2
    assert "with 400: Speaker" in result.stderr
    wrong = ["--url", f"ws://{server.address}/nope", "--key", server.key]
    result = run("bench", *wrong, *SHORT, "-q")
    assert result.exit_code == 1
    assert result.stderr.endswith("; expected the path /ws, got /nope\n")
    result = run("bench", "--url", "ws://127.0.0.1:1/ws", *SHORT, "-q")
    assert result.exit_code == 3
    assert result.stderr.startswith("hoarfrost: 127.0.0.1:1: expected a WebSocket server, got")


def test_the_key_may_be_in_the_environment(
    run: Run, server: RealServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As with the other commands."""
    monkeypatch.setenv("HOARFROST_API_KEY", server.key)
    url = ["--url", f"ws://{server.address}/ws"]
    assert run("bench", *url, *SHORT, "-n", "1", "-q").exit_code == 0
