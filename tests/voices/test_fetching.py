"""One file fetched over a real connection: whole, resumed, and however the server fails."""

import hashlib
import ssl
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hoarfrost.voices.catalogue import PublishedFile
from hoarfrost.voices.faults import LibraryFault, Unreachable
from hoarfrost.voices.fetching import fetch
from hoarfrost.voices.patience import Patience
from hoarfrost.voices.source import Source
from tests.voices.publisher import (
    Compressed,
    Cut,
    Dropped,
    Fault,
    Hang,
    Instead,
    Publisher,
    Status,
    WrongRange,
    publishing,
)

CONTENT = bytes(range(256)) * 1000
HALF = len(CONTENT) // 2
PATH = "en/voice é.onnx"

Fetch = Callable[..., Path]


def published(content: bytes = CONTENT) -> PublishedFile:
    digest = hashlib.md5(content, usedforsecurity=False).hexdigest()
    return PublishedFile(PATH, len(content), digest)


@pytest.fixture
def progress() -> list[int]:
    """What the progress was told to be."""
    return []


@pytest.fixture
def run(
    publisher: Publisher,
    source: Source,
    tmp_path: Path,
    patience: Callable[[], Patience],
    progress: list[int],
) -> Fetch:
    """Fetch the file with these faults of the server; return where it is."""
    publisher.files[PATH] = CONTENT

    def call(*faults: Fault, file: PublishedFile | None = None, source: Source = source) -> Path:
        publisher.faults[PATH] = list(faults)
        target = tmp_path / "incoming" / "it.part"
        fetch(
            source,
            file or published(),
            target=target,
            patience=patience(),
            progress=progress.append,
        )
        return target

    return call


def ranges(publisher: Publisher) -> list[str | None]:
    return [headers.get("Range") for headers in publisher.asked(PATH)]


# What the server does in turn, the ranges that it is asked for, the pauses between.
RECOVERIES = [
    ([], [None], []),
    ([Cut(HALF)], [None, f"bytes={HALF}-"], [1.0]),
    ([Cut(0)], [None, None], [1.0]),
    ([Dropped()], [None, None], [1.0]),
    ([Dropped(), Cut(HALF)], [None, None, f"bytes={HALF}-"], [1.0, 1.0]),
    ([Status(500), Status(502), Status(503)], [None] * 4, [1.0, 2.0, 4.0]),
    ([Status(429)], [None, None], [1.0]),
    ([Status(429, {"Retry-After": "30"})], [None, None], [30.0]),
    ([Status(429, {"Retry-After": "soon"})], [None, None], [1.0]),
    ([Status(503, {"Retry-After": "Thu, 01 Jan 2026 00:00:00 GMT"})], [None, None], [1.0]),
    ([Status(503, {"Retry-After": "Thu, 01 Jan 2026 00:00:00 -0000"})], [None, None], [1.0]),
    ([Compressed()], [None], []),
    ([Instead(CONTENT[:HALF], has_length=False)], [None, f"bytes={HALF}-"], [1.0]),
    ([Cut(HALF), Compressed()], [None, f"bytes={HALF}-"], [1.0]),
    ([Cut(HALF), Status(416)], [None, f"bytes={HALF}-", None], [1.0, 2.0]),
    ([Cut(HALF), WrongRange("bytes 0-9/10")], [None, f"bytes={HALF}-", None], [1.0, 2.0]),
    ([Cut(HALF), WrongRange("")], [None, f"bytes={HALF}-", None], [1.0, 2.0]),
    (
        [Cut(HALF), WrongRange(f"bytes {HALF}-{len(CONTENT)}/{len(CONTENT) + 1}")],
        [None, f"bytes={HALF}-", None],
        [1.0, 2.0],
    ),
    (
        [Cut(HALF), WrongRange(f"bytes {HALF}-{len(CONTENT) - 1}/*")],
        [None, f"bytes={HALF}-"],
        [1.0],
    ),
    # Small gains do not make patience endless; a large one begins its count anew.
    ([Cut(9), Cut(9)], [None, "bytes=9-", "bytes=18-"], [1.0, 2.0]),
    (
        [Dropped(), Cut(100_000), Dropped()],
        [None, None, "bytes=100000-", "bytes=100000-"],
        [1, 1, 2],
    ),
]


@pytest.mark.parametrize(("faults", "asked", "pauses"), RECOVERIES)
def test_what_was_lost_is_asked_for_again(
    run: Fetch,
    publisher: Publisher,
    slept: list[float],
    faults: list[Fault],
    asked: list[str | None],
    pauses: list[float],
) -> None:
    """Whatever goes wrong for a while, the file is whole in the end, and no byte came in vain."""
    target = run(*faults)
    assert target.read_bytes() == CONTENT
    assert ranges(publisher) == asked
    assert slept == pauses
    assert list(target.parent.iterdir()) == [target]


@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    content=st.binary(max_size=2000),
    cuts=st.lists(st.integers(0, 2000), max_size=4),
    has_ranges=st.booleans(),
    etag_prefix=st.sampled_from(["", "W/"]),
)
def test_any_cuts_leave_the_file_whole(
    tmp_path: Path,
    tls: ssl.SSLContext,
    content: bytes,
    cuts: list[int],
    has_ranges: bool,
    etag_prefix: str,
) -> None:
    """Wherever connections break, four times at most, and whatever the server can do."""
    faults: list[Fault] = [Cut(n_bytes) for n_bytes in cuts]
    publisher = Publisher({PATH: content}, {PATH: faults}, [], has_ranges, etag_prefix)
    target = tmp_path / "any.part"
    target.unlink(missing_ok=True)
    with publishing(publisher), Source(publisher.url, tls=tls) as source:
        patience = Patience(lambda seconds: None)
        told: list[int] = []
        fetch(source, published(content), target=target, patience=patience, progress=told.append)
    assert target.read_bytes() == content
    assert told[-1] == len(content)
    assert max(told) <= len(content)


# What the server does, what is told, whether a part is kept to go on with.
REFUSALS = [
    ([Status(404)], "{}: expected the file, got HTTP 404 Not Found", None),
    ([Status(403)], "{}: expected the file, got HTTP 403 Forbidden", None),
    ([Status(304)], "{}: expected the file, got HTTP 304 Not Modified", None),
    ([Status(204)], "{}: expected the file, got HTTP 204 No Content", None),
    ([Cut(HALF), Status(404)], "{}: expected the file, got HTTP 404 Not Found", HALF),
    (
        [Instead(CONTENT + b"!")],
        f"{PATH}: expected 256000 bytes as the catalogue says, got 256001; if it was published "
        "anew just now, try again later",
        None,
    ),
    (
        [Instead(CONTENT + b"!", has_length=False)],
        f"{PATH}: expected 256000 bytes as the catalogue says, got more; if it was published "
        "anew just now, try again later",
        None,
    ),
    (
        [Instead(CONTENT[:-1])],
        f"{PATH}: expected 256000 bytes as the catalogue says, got 255999; if it was published "
        "anew just now, try again later",
        None,
    ),
    (
        [Instead(bytes(len(CONTENT)))],
        f"{PATH}: expected the MD5 {published().md5} of the catalogue, got "
        f"{published(bytes(len(CONTENT))).md5}",
        None,
    ),
    (
        [Status(429, {"Retry-After": "61"})],
        "{}: expected the file, got HTTP 429 Too Many Requests; it asks to come back in 61 s",
        None,
    ),
    (
        [Status(500)] * 5,
        "{}: expected the file, got HTTP 500 Internal Server Error (5 attempts)",
        None,
    ),
    ([Cut(9)] * 5, "{}: expected the whole file, got: peer closed connection", 45),
]


@pytest.mark.parametrize(("faults", "told", "n_kept"), REFUSALS)
def test_what_cannot_be_fetched_is_told(
    run: Fetch,
    publisher: Publisher,
    tmp_path: Path,
    faults: list[Fault],
    told: str,
    n_kept: int | None,
) -> None:
    """A refusal says what was expected and what came; only a part that is right so far is kept."""
    with pytest.raises(LibraryFault) as caught:
        run(*faults)
    assert str(caught.value).startswith(told.format(f"{publisher.url}en/voice%20%C3%A9.onnx"))
    target = tmp_path / "incoming" / "it.part"
    assert (target.stat().st_size if target.exists() else None) == n_kept


def test_silence_counts_as_a_lost_connection(
    run: Fetch, publisher: Publisher, tls: ssl.SSLContext
) -> None:
    """A server that stops in the middle is left after the timeout, and asked for the rest."""
    timeout = httpx.Timeout(10.0, read=0.3)
    with Source(publisher.url, timeout=timeout, tls=tls) as impatient:
        target = run(Hang(HALF), source=impatient)
    assert target.read_bytes() == CONTENT
    assert ranges(publisher) == [None, f"bytes={HALF}-"]


def test_a_later_run_goes_on_where_the_last_one_ended(run: Fetch, publisher: Publisher) -> None:
    """The part and its tag are kept; the next run asks for the rest of the very same file."""
    with pytest.raises(LibraryFault):
        run(Cut(HALF), Status(404))
    target = run()
    assert target.read_bytes() == CONTENT
    first, _, last = publisher.asked(PATH)
    tag = f'"{hashlib.sha256(CONTENT).hexdigest()}"'
    assert "If-Range" not in first
    assert (last["Range"], last["If-Range"]) == (f"bytes={HALF}-", tag)


def test_a_file_that_was_published_anew_is_begun_anew(run: Fetch, publisher: Publisher) -> None:
    """The tag of the old part does not fit any more, so the server sends the whole new file."""
    with pytest.raises(LibraryFault):
        run(Cut(HALF), Status(404))
    new = CONTENT[::-1]
    publisher.files[PATH] = new
    assert run(file=published(new)).read_bytes() == new
    assert len(publisher.asked(PATH)) == 3


@pytest.mark.parametrize("tag", [None, "", 'W/"weak"', '"two\nlines"'])
def test_without_a_strong_tag_the_checksum_decides(
    run: Fetch, publisher: Publisher, tmp_path: Path, tag: str | None
) -> None:
    """A part of unknown origin is completed; if it does not fit together, the whole is fetched."""
    target = tmp_path / "incoming" / "it.part"
    target.parent.mkdir()
    for part, asked in [
        (CONTENT[:HALF], [f"bytes={HALF}-"]),
        (bytes(HALF), [f"bytes={HALF}-", None]),
    ]:
        publisher.requests.clear()
        target.write_bytes(part)
        if tag is not None:
            (target.parent / "it.part.etag").write_text(tag)
        assert run().read_bytes() == CONTENT
        assert ranges(publisher) == asked
        assert all("If-Range" not in headers for headers in publisher.asked(PATH))


def test_a_part_that_cannot_be_one_is_thrown_away(
    run: Fetch, publisher: Publisher, tmp_path: Path
) -> None:
    """One that is too long, or complete but wrong, or a link elsewhere, is begun anew."""
    target = tmp_path / "incoming" / "it.part"
    target.parent.mkdir()
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_bytes(b"mine")

    def overlong() -> None:
        target.write_bytes(CONTENT + b"!")

    def wrong() -> None:
        target.write_bytes(bytes(len(CONTENT)))

    def link() -> None:
        target.unlink()
        target.symlink_to(elsewhere)

    for prepare in (overlong, wrong, link):
        publisher.requests.clear()
        prepare()
        assert run().read_bytes() == CONTENT
        assert ranges(publisher) == [None]
        assert not target.is_symlink()
    assert elsewhere.read_bytes() == b"mine"


def test_a_part_that_is_complete_is_not_fetched_again(
    run: Fetch, publisher: Publisher, tmp_path: Path
) -> None:
    """A run that ended between the last byte and the renaming left nothing to ask for."""
    target = tmp_path / "incoming" / "it.part"
    target.parent.mkdir()
    target.write_bytes(CONTENT)
    assert run().read_bytes() == CONTENT
    assert publisher.requests == []


def test_an_empty_file_is_a_file(run: Fetch, publisher: Publisher) -> None:
    """Nothing to fetch is still a file that must be there."""
    publisher.files[PATH] = b""
    assert run(file=published(b"")).read_bytes() == b""


def test_progress_is_what_is_there(run: Fetch, publisher: Publisher, progress: list[int]) -> None:
    """It begins with what was there, grows to the size, and goes back when begun anew."""
    publisher.has_ranges = False
    run(Cut(HALF))
    assert progress[0] == 0
    assert progress[-1] == len(CONTENT)
    restart = progress.index(HALF)
    assert progress[: restart + 1] == sorted(progress[: restart + 1])
    assert 0 in progress[restart:]


def test_nobody_there_is_told_at_once(run: Fetch, slept: list[float]) -> None:
    """Without any answer so far there is no reason to wait for one."""
    with Source("http://127.0.0.1:1/") as nowhere, pytest.raises(Unreachable) as caught:
        run(source=nowhere)
    assert str(caught.value).startswith(
        "http://127.0.0.1:1/en/voice%20%C3%A9.onnx: expected an answer, got: "
    )
    assert slept == []


def test_a_folder_that_may_not_be_written_to_is_told(run: Fetch, tmp_path: Path) -> None:
    """What the system says is passed on with the path and a way out."""
    (tmp_path / "incoming").write_text("a file where a folder should be")
    with pytest.raises(
        LibraryFault, match=r"incoming.*: expected to write there, got: .*voices-dir"
    ):
        run()


def test_a_disk_that_takes_no_more_is_told_and_the_part_kept(
    run: Fetch, publisher: Publisher, tmp_path: Path
) -> None:
    """The fault names the file and says what to do; with room again, it goes on from there."""
    resource = pytest.importorskip("resource")  # not on Windows
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (HALF, limits[1]))
    try:
        with pytest.raises(
            LibraryFault, match=r"expected to write there, got: File too large; make"
        ):
            run()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    n_kept = (tmp_path / "incoming" / "it.part").stat().st_size
    assert 0 < n_kept <= HALF
    assert run().read_bytes() == CONTENT
    assert ranges(publisher) == [None, f"bytes={n_kept}-"]
