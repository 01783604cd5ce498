"""``hoarfrost voices``: the list, and what it is narrowed to."""

import json

import pytest

from hoarfrost.cli.voices_page import page
from hoarfrost.engines.tone import VOICES
from hoarfrost.synthesis.catalogue import Catalogue
from hoarfrost.synthesis.voice import Gender, Voice
from tests.cli.conftest import Run


def names(output: str) -> set[str]:
    return {line.split("\t")[0] for line in output.splitlines()}


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ([], set(VOICES)),
        (["--lang", "hi"], {"tone", "tone-16k"}),
        (["--lang", "hin"], {"tone", "tone-16k"}),
        (["--lang", "en"], set(VOICES)),
        (["--lang", "en-GB"], {"tone"}),
        (["--gender", "neutral"], set(VOICES)),
        (["OCTAVE"], {"tone-low"}),
        (["octave", "lower"], {"tone-low"}),
        (["16 khz", "--lang", "hi"], {"tone-16k"}),
        (["English", "not for"], {"tone"}),
    ],
)
def test_the_list_is_narrowed(run: Run, arguments: list[str], expected: set[str]) -> None:
    """Language, gender and words each narrow the list; in a pipe a voice is a line."""
    result = run("voices", *arguments)
    assert result.exit_code == 0
    assert names(result.stdout) == expected


def test_a_line_has_all_that_tells_voices_apart(run: Run) -> None:
    """Name, languages, gender, description, licence, engine: separated by tabs, at any width."""
    assert run("voices", "octave").stdout == (
        "tone-low\ten-US\tneutral\tThe same, an octave lower.\tCC0-1.0\ttone\n"
    )


def test_json_is_what_a_server_gives(run: Run) -> None:
    """--json is the catalogue's own description of its voices."""
    expected = Catalogue(lambda: list(VOICES.values())).describe()
    assert json.loads(run("voices", "--json").stdout) == expected


def test_a_terminal_gets_a_table(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """A person sees the voices under their languages."""
    monkeypatch.setattr("hoarfrost.cli.voices_list._is_terminal", lambda: True)
    lines = run("voices", "--lang", "hi").stdout.splitlines()
    assert lines[0].split() == ["voice", "languages", "gender", "engine", "description", "licence"]
    assert [line.split()[0] for line in lines[1:] if line.strip()][:2] == ["English", "tone"]
    assert any(line.strip() == "Hindi" for line in lines)


def test_an_empty_list_is_a_failure(run: Run) -> None:
    """A search without a result says so, with a status that a script can see."""
    hints = {
        ("--gender", "male"): "",
        ("--lang", "tlh"): "; the languages are ar, de, en-GB, en-US, es, fr, hi, it, ja, nl, pt",
        ("nothing like this",): "",
        ("tonelow",): "; close to it: tone-low, tone",
    }
    for arguments, hint in hints.items():
        result = run("voices", *arguments)
        assert (result.exit_code, result.stdout) == (1, "")
        expected = f"hoarfrost: expected at least one voice that matches, got none{hint}\n"
        assert result.stderr == expected
    assert run("voices", "--json", "nothing like this").stdout == "[]\n"


@pytest.mark.parametrize(
    ("names", "example"),
    [
        (["nasir", "alder", "heart"], "heart"),
        (["nasir", "alder"], "alder"),
        (["nasir"], "nasir"),
    ],
)
def test_the_page_has_an_example_for_its_readers(names: list[str], example: str) -> None:
    """The default speaker stands for another name; else a voice of English, else any."""
    tags = {"nasir": "ar"}
    voices = [
        Voice(name, "e", (tags.get(name, "en-US"),), Gender.MALE, "A voice.", 22050, "CC0-1.0")
        for name in names
    ]
    described = Catalogue(lambda: voices).describe()
    assert f'receptionist = "{example}"\ncove = "{example}"\n' in page(described)
