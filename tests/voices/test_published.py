"""The catalogue as it is published, and as it was kept."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from hoarfrost.voices.faults import LibraryFault, Unreachable
from hoarfrost.voices.patience import Patience
from hoarfrost.voices.published import KEPT_NAME, MAX_CATALOGUE_BYTES, Published, read_published
from hoarfrost.voices.source import Source
from tests.voices.publisher import Compressed, Cut, Instead, Publisher, Status

NAME = "en_US-lessac-medium"
BEFORE = datetime(2026, 8, 1, 12, 30, tzinfo=UTC)

Read = Callable[[], Published]


@pytest.fixture
def read(source: Source, tmp_path: Path, patience: Callable[[], Patience]) -> Read:
    """Read the catalogue, with a clock that stands still."""
    return lambda: read_published(
        source, tmp_path / "voices", patience=patience(), now=lambda: BEFORE
    )


def test_it_is_read_and_kept(read: Read, tmp_path: Path) -> None:
    """What was read is fresh, and kept for a time without a network."""
    published = read()
    assert list(published.catalogue.voices) == [NAME]
    assert (published.read_at, published.stale_because) == (BEFORE, None)
    assert [path.name for path in (tmp_path / "voices").iterdir()] == [KEPT_NAME]


# How the address fails, what is told, the pauses before.
FAILURES = [
    ([Status(404)], "expected the file, got HTTP 404 Not Found", []),
    ([Status(503)] * 5, "got HTTP 503 Service Unavailable (5 attempts)", [1.0, 2.0, 4.0, 8.0]),
    ([Status(429, {"Retry-After": "999"})], "it asks to come back in 999 s", []),
    ([Instead(b"<html>Log in</html>")], "expected the catalogue as JSON, got: Expecting value", []),
    ([Instead(b"\xff\xfe")], "expected the catalogue in UTF-8, got: ", []),
    ([Instead(b"{}")], "expected a catalogue with at least one voice, got none", []),
    ([Cut(10)] * 5, "expected the whole file, got: peer closed", [1.0, 2.0, 4.0, 8.0]),
    (
        [Instead(b" " * (MAX_CATALOGUE_BYTES + 1), has_length=False)],
        "expected a catalogue of at most 16000000 bytes, got more",
        [],
    ),
]


@pytest.mark.parametrize(("faults", "told", "pauses"), FAILURES)
def test_without_a_good_answer_the_one_that_was_kept_has_to_do(
    read: Read,
    publisher: Publisher,
    tmp_path: Path,
    slept: list[float],
    faults: list[Status | Cut | Instead],
    told: str,
    pauses: list[float],
) -> None:
    """The reason is told with the address: as an error if nothing was kept, else beside it."""
    publisher.faults["voices.json"] = list(faults)
    with pytest.raises(LibraryFault) as caught:
        read()
    assert str(caught.value).startswith(f"{publisher.url}voices.json: ")
    assert told in str(caught.value)
    assert slept == pauses
    assert not (tmp_path / "voices").exists()
    read()
    publisher.faults["voices.json"] = list(faults)
    published = read()
    assert list(published.catalogue.voices) == [NAME]
    assert published.read_at == BEFORE
    assert str(published.stale_because) == str(caught.value)


@pytest.mark.parametrize("fault", [Cut(10), Status(500), Compressed()])
def test_what_passes_is_waited_for(read: Read, publisher: Publisher, fault: Cut | Status) -> None:
    """A lost connection or a busy server is asked again; compression is understood."""
    publisher.faults["voices.json"] = [fault]
    assert read().stale_because is None


def test_the_catalogue_of_another_address_does_not_do(read: Read, tmp_path: Path) -> None:
    """What was kept from one address says nothing of the files at another."""
    read()
    with Source("http://127.0.0.1:1/") as nowhere, pytest.raises(Unreachable):
        read_published(nowhere, tmp_path / "voices", patience=Patience())


DAMAGES = ["", "{}", "[]", "null", '{"from": 3}', "\x00", json.dumps({"from": "x"})]


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_copy_does_not_do(
    read: Read, publisher: Publisher, tmp_path: Path, damage: str
) -> None:
    """A copy that cannot be read is as good as none, and the next good answer replaces it."""
    read()
    kept = tmp_path / "voices" / KEPT_NAME
    whole = kept.read_text()
    for broken in (damage, whole[:-9], whole.replace('"read_at": "', '"read_at": "x')):
        kept.write_text(broken)
        publisher.faults["voices.json"] = [Status(404)]
        with pytest.raises(LibraryFault):
            read()
    assert read().stale_because is None
    assert kept.read_text() == whole


def test_where_it_cannot_be_kept_it_is_read_all_the_same(read: Read, tmp_path: Path) -> None:
    """A folder that takes no files is a matter for adding, not for searching."""
    (tmp_path / "voices").write_text("a file where the folder should be")
    assert list(read().catalogue.voices) == [NAME]
    (tmp_path / "voices").unlink()
    (tmp_path / "voices" / KEPT_NAME).mkdir(parents=True)
    (tmp_path / "voices" / KEPT_NAME / "in the way").touch()
    assert list(read().catalogue.voices) == [NAME]
    assert len(list((tmp_path / "voices").iterdir())) == 1
