"""The folder of lexicons."""

import logging
import os
from pathlib import Path

import pytest

from hoarfrost.server.lexicons import LexiconFolder, read_lexicon
from hoarfrost.text.lexicon import BadLexicon


def write(path: Path, text: str, at: int) -> None:
    path.write_text(text, "utf-8")
    os.utime(path, (at, at))


def test_names_are_those_of_the_files(tmp_path: Path) -> None:
    """TOML and CSV, ``default`` without a name; everything else is left alone."""
    write(tmp_path / "names.toml", 'a = "b"', 1)
    write(tmp_path / "default.csv", "c,d\n", 1)
    write(tmp_path / "notes.txt", "?", 1)
    found = LexiconFolder(tmp_path).current()
    assert {name: len(lexicon) for name, lexicon in found.items()} == {"names": 1, "": 1}
    assert LexiconFolder(tmp_path / "none").current() == {}


def test_changes_are_noticed(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A changed file is read anew, a broken one keeps what it had, a removed one is gone."""
    path = tmp_path / "names.toml"
    folder = LexiconFolder(tmp_path)
    write(path, 'a = "b"', 1)
    first = folder.current()["names"]
    assert folder.current()["names"] is first
    write(path, 'a = "c"', 2)
    second = folder.current()["names"]
    assert second != first
    write(path, "a = ", 3)
    with caplog.at_level(logging.WARNING):
        assert folder.current()["names"] is second
    assert "lexicon names: left as it was: expected TOML" in caplog.text
    path.unlink()
    assert folder.current() == {}


@pytest.mark.parametrize(
    ("name", "content", "fault"),
    [
        ("a.txt", b"", "expected a file .toml or .csv, got a.txt"),
        ("a.toml", b"\xff", "expected UTF-8 text, got other bytes"),
        ("none.toml", None, "expected a file that can be read"),
    ],
)
def test_files_that_cannot_be_read(
    tmp_path: Path, name: str, content: bytes | None, fault: str
) -> None:
    """The fault says what was expected of the file."""
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(BadLexicon, match=fault):
        read_lexicon(tmp_path / name)
