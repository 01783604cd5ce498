"""``hoarfrost voices search``: what could be added."""

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.voices.publisher import Instead, Publisher, Status, publishing

LESSAC = "en_US-lessac-medium"
FURTHER = ["emma", "fenrir", "fable", "kore"]
"""Those that the package hibari-tts names."""


@pytest.fixture
def publisher(monkeypatch: pytest.MonkeyPatch) -> Iterator[Publisher]:
    """A publisher of three voices, which the environment names; no engine could speak them."""
    monkeypatch.setattr("hoarfrost.cli.voices_add._prepare", lambda _model: None)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with publishing(Publisher()) as running:
        running.add_voice(LESSAC)
        running.add_voice("de_DE-thorsten-high", model=bytes(63_000_000 // 1000))
        running.add_voice("en_US-libritts-low", n_speakers=904)
        monkeypatch.setenv("HOARFROST_VOICES_URL", running.url)
        yield running


def names(output: str) -> list[str]:
    return [line.split("\t")[0] for line in output.splitlines()]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ([], [*FURTHER, LESSAC, "en_US-libritts-low", "de_DE-thorsten-high"]),
        (["english"], [*FURTHER, LESSAC, "en_US-libritts-low"]),
        (["british"], ["emma", "fable"]),
        (["--language", "en-GB"], ["emma", "fable"]),
        (["ENGLISH", "lessac"], [LESSAC]),
        (["--language", "deu"], ["de_DE-thorsten-high"]),
        (["--quality", "low"], ["en_US-libritts-low"]),
    ],
)
def test_the_catalogue_is_narrowed(
    run: Run, publisher: Publisher, arguments: list[str], expected: list[str]
) -> None:
    """Words, language and quality each narrow what is found; in a pipe a voice is a line."""
    result = run("voices", "search", *arguments)
    assert (result.exit_code, names(result.stdout), result.stderr) == (0, expected, "")


def test_a_line_tells_what_a_choice_needs(run: Run, publisher: Publisher) -> None:
    """Language, quality, speakers, bytes and whether it is there already."""
    assert run("voices", "search", "libritts").stdout == (
        "en_US-libritts-low\ten-US\tlow\t904\t5095\tavailable\n"
    )
    run("voices", "add", "en_US-libritts-low")
    assert run("voices", "search", "libritts").stdout.endswith("\tinstalled\n")


def test_json_tells_all(run: Run, publisher: Publisher) -> None:
    """--json is for programs."""
    assert json.loads(run("voices", "search", "thorsten", "--json").stdout) == [
        {
            "name": "de_DE-thorsten-high",
            "language": "de-DE",
            "language_name": "German",
            "native_name": "Deutsch",
            "country": "Germany",
            "quality": "high",
            "n_speakers": 1,
            "n_bytes": 63096,
            "aliases": [],
            "installed": False,
        }
    ]
    assert run("voices", "search", "--json", "nobody").stdout == "[]\n"


def test_a_terminal_gets_a_table(
    run: Run, publisher: Publisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A person sees sizes as people write them."""
    run("voices", "add", LESSAC)
    monkeypatch.setattr("hoarfrost.cli.voices_search._is_terminal", lambda: True)
    lines = [line.split() for line in run("voices", "search").stdout.splitlines()]
    assert [lines[0], *lines[1 + len(FURTHER) :]] == [
        ["voice", "language", "quality", "speakers", "size", "installed"],
        [LESSAC, "English", "(United", "States)", "medium", "1", "5.1", "kB", "yes"],
        ["en_US-libritts-low", "English", "(United", "States)", "low", "904", "5.1", "kB"],
        ["de_DE-thorsten-high", "German", "(Germany)", "high", "1", "63.1", "kB"],
    ]


def test_nothing_found_is_a_failure(run: Run, publisher: Publisher) -> None:
    """A search without a result says so, with a status that a script can see."""
    result = run("voices", "search", "nobody")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == "hoarfrost: expected at least one voice that matches, got none\n"


def test_without_a_network_the_last_catalogue_has_to_do(
    run: Run, publisher: Publisher, folder: Path
) -> None:
    """What was read before is searched, and its date is told beside the result."""
    run("voices", "search")
    kept = json.loads((folder / "data" / "voices" / ".catalogue.json").read_text())
    date = datetime.fromisoformat(kept["read_at"]).astimezone().strftime("%Y-%m-%d %H:%M")
    publisher.faults["voices.json"] = [Status(404)]
    result = run("voices", "search", "lessac")
    assert (result.exit_code, names(result.stdout)) == (0, [LESSAC])
    assert result.stderr == (
        f"hoarfrost: {publisher.url}voices.json: expected the file, got HTTP 404 Not Found; "
        f"going by the catalogue of {date}\n"
    )


def test_without_any_catalogue_the_status_says_why(run: Run, publisher: Publisher) -> None:
    """Nobody there is another status than a server that has something else."""
    result = run("voices", "search", "--from", "http://127.0.0.1:1/")
    assert result.exit_code == 3
    assert result.stderr.startswith("hoarfrost: http://127.0.0.1:1/voices.json: expected an answer")
    publisher.faults["voices.json"] = [Instead(b"<html>")]
    result = run("voices", "search")
    assert result.exit_code == 1
    assert result.stderr.startswith(
        f"hoarfrost: {publisher.url}voices.json: expected the catalogue as JSON, got: "
    )


@pytest.mark.parametrize("option", ["--from", "--voices-url"])
def test_the_address_can_be_given(
    run: Run, publisher: Publisher, monkeypatch: pytest.MonkeyPatch, option: str
) -> None:
    """A flag wins over the environment; a wrong one is told by its name."""
    monkeypatch.setenv("HOARFROST_VOICES_URL", "http://127.0.0.1:1/")
    assert run("voices", "search", option, publisher.url.rstrip("/")).exit_code == 0
    result = run("voices", "search", option, "ftp://x/")
    assert result.exit_code == 2
    assert result.stderr.startswith("hoarfrost: voices_url (--voices-url): expected an http or")
