"""The check that a lock file is complete finds what is missing from one."""

import re
import sys
from pathlib import Path

import pytest
from requirements import complete

LOCKS = Path(complete.__file__).parent


@pytest.fixture
def locks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the lock files that a test may spoil."""
    for name in ("serve.txt", "dev.txt", "build.in"):
        (tmp_path / name).write_text((LOCKS / name).read_text("utf-8"), "utf-8")
    monkeypatch.setattr(complete, "HERE", tmp_path)
    return tmp_path


def _is_installed_as_locked() -> bool:
    """Whether this environment holds the set `dev`, and not the lowest or other versions."""
    return not list(complete.faults("dev"))


def _without(text: str, name: str) -> str:
    return re.sub(rf"(?m)^{name}(?![\w-]).*?(?=^\S|\Z)", "", text, flags=re.DOTALL)


@pytest.mark.skipif(not _is_installed_as_locked(), reason="other versions are installed here")
@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("soxr", "soxr>=0.5: expected a pin for"),
        ("certifi", "certifi: expected a pin for"),
        ("hatchling", "hatchling: expected a pin for"),
        (r"numpy==[\d.]+ ; python_full_version >= '3.12'", "Python 3.1"),
    ],
    ids=["of the project", "of a dependency", "of the build", "of another Python"],
)
def test_a_pin_that_is_missing_is_told(name: str, expected: str, locks: Path) -> None:
    """Of direct requirements, of theirs, of the build, and of what only another Python needs."""
    lock = locks / "serve.txt"
    lock.write_text(_without(lock.read_text("utf-8"), name), "utf-8")
    told = list(complete.faults("serve"))
    assert told
    assert all(expected in line for line in told), told


@pytest.mark.skipif(not _is_installed_as_locked(), reason="other versions are installed here")
def test_a_pin_without_hashes_or_of_another_version_is_told(locks: Path) -> None:
    """What is installed is what the lock says, and could be checked."""
    lock = locks / "serve.txt"
    text = _without(lock.read_text("utf-8"), "soxr")
    lock.write_text(f"{text}soxr==0.4.0\n", "utf-8")
    told = "\n".join(complete.faults("serve"))
    assert "soxr: expected hashes, got none" in told
    assert "soxr>=0.5: expected a pin that satisfies it, got 0.4.0" in told
    assert re.search(r"soxr: expected 0.4.0 installed, got \d", told)


def test_no_lock_names_an_index() -> None:
    """Whoever installs uses the index of their own machine."""
    for lock in LOCKS.glob("*.txt"):
        assert "://" not in lock.read_text("utf-8"), lock.name


def test_the_check_ends_with_a_status(locks: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One line a fault on the standard error, and status 1."""
    (locks / "serve.txt").write_text("numpy==1.0\n", "utf-8")
    assert complete.main(["serve"]) == 1
    assert capsys.readouterr().err.startswith("serve.txt: numpy: expected hashes, got none\n")
    assert sys.modules["requirements.complete"] is complete
