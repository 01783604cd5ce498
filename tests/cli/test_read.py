"""``hoarfrost read``: what is spoken for a text, in words, phonemes and JSON."""

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Run


@pytest.mark.parametrize(
    ("arguments", "printed"),
    [
        (["It costs $5.99."], "it costs five dollars and ninety nine cents"),
        (["- [x] Pick a film"], "pick a film"),
        (["-$5", "today"], "minus five dollars today"),
        (["--lang", "en-GB", "5 Jan"], "the fifth of january"),
        (["--lang=de", "am 3. Oktober"], "am dritten oktober"),
        (["One.\n\nTwo."], "one\ntwo"),
        (["12 Main St. Please"], "twelve main street please"),
    ],
)
def test_words_are_printed(run: Run, arguments: list[str], printed: str) -> None:
    """In small letters without marks, a line a paragraph; text may begin with a hyphen."""
    result = run("read", *arguments)
    assert (result.exit_code, result.stdout) == (0, f"{printed}\n")


def test_phonemes_are_printed(run: Run) -> None:
    """What the voices are given: the letter is told from the article."""
    assert run("read", "--phonemes", "Plan A").stdout == "plˈæn ˈeɪ\n"


def test_tokens_are_printed(run: Run) -> None:
    """Each token with its class, its place in the text as it was written, and its words."""
    text = "**Pay** $5[3]"
    tokens = json.loads(run("read", "--json", text).stdout)
    assert tokens == [
        {"class": "plain", "start": 2, "end": 5, "written": "Pay", "words": "Pay"},
        {"class": "money", "start": 8, "end": 10, "written": "$5", "words": "five dollars"},
    ]


def test_lexicons_are_used(run: Run, folder: Path) -> None:
    """A file, or one of the server's folder; ``default`` holds without asking."""
    lexicons = folder / "data" / "lexicons"
    lexicons.mkdir(parents=True)
    (lexicons / "default.toml").write_text('Xu = "shoo"', "utf-8")
    (lexicons / "names.csv").write_text("Nguyen,win\n", "utf-8")
    assert run("read", "Xu, Nguyen").stdout == "shoo nguyen\n"
    assert run("read", "--lexicon", "names", "Xu, Nguyen").stdout == "shoo win\n"
    file = str(lexicons / "names.csv")
    assert run("read", "--lexicon", file, "Xu, Nguyen").stdout == "shoo win\n"
    assert "expected a file" in run("read", "--lexicon", "none", "Xu").stderr


def test_a_language_must_be_one(run: Run) -> None:
    """A code that is none is told."""
    result = run("read", "--lang", "!", "a")
    assert result.exit_code == 2
    assert "--lang: expected a language code" in result.stderr


def test_lexicons_are_checked(run: Run, folder: Path) -> None:
    """All of the folder, or the files named; faults have their file and place."""
    assert run("lexicon", "check").stderr == "No lexicons yet.\n"
    lexicons = folder / "data" / "lexicons"
    lexicons.mkdir(parents=True)
    (lexicons / "good.toml").write_text('a = "b"', "utf-8")
    good = run("lexicon", "check")
    assert (good.exit_code, good.stdout) == (0, "good.toml: 1 entry\n")
    (lexicons / "bad.csv").write_text("a,b\nc\n", "utf-8")
    bad = run("lexicon", "check", str(lexicons / "bad.csv"))
    assert bad.exit_code == 2
    assert "bad.csv: line 2: expected two columns" in bad.stderr
