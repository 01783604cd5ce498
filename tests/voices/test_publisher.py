"""The publisher of the tests: it serves as a real one does, and fails as it is told to."""

import gzip
import ssl
from collections.abc import Iterator

import httpx
import pytest

from tests.voices.publisher import Compressed, Cut, Dropped, Instead, Publisher, Status, WrongRange


@pytest.fixture
def client(tls: ssl.SSLContext) -> Iterator[httpx.Client]:
    """A client without any policy of its own."""
    with httpx.Client(verify=tls) as opened:
        yield opened


def test_it_serves_files_parts_and_tags(publisher: Publisher, client: httpx.Client) -> None:
    """A whole file has a length and a tag; a part of it is given to those whose tag is right."""
    publisher.files["a b"] = b"0123456789"
    url = f"{publisher.url}a%20b"
    whole = client.get(url)
    assert (whole.status_code, whole.content) == (200, b"0123456789")
    assert whole.headers["Content-Length"] == "10"
    tag = whole.headers["ETag"]
    part = client.get(url, headers={"Range": "bytes=4-", "If-Range": tag})
    assert (part.status_code, part.content) == (206, b"456789")
    assert part.headers["Content-Range"] == "bytes 4-9/10"
    assert client.get(url, headers={"Range": "bytes=4-", "If-Range": '"x"'}).status_code == 200
    assert client.get(url, headers={"Range": "bytes=10-"}).status_code == 416
    assert client.get(f"{publisher.url}none").status_code == 404
    assert [headers.get("Range") for headers in publisher.asked("a b")] == [
        *(None, "bytes=4-", "bytes=4-", "bytes=10-")
    ]
    publisher.has_ranges = False
    assert client.get(url, headers={"Range": "bytes=4-"}).content == b"0123456789"


def test_it_fails_once_for_each_fault(publisher: Publisher, client: httpx.Client) -> None:
    """The faults of a path are used up one by one."""
    publisher.files["a"] = b"0123456789"
    url = f"{publisher.url}a"
    publisher.faults["a"] = [
        Status(503, {"Retry-After": "7"}),
        Instead(b"else"),
        Instead(b"no length", has_length=False),
        Compressed(),
        Cut(3),
        Dropped(),
        WrongRange("bytes 0-1/2"),
    ]
    busy = client.get(url)
    assert (busy.status_code, busy.headers["Retry-After"]) == (503, "7")
    assert client.get(url).content == b"else"
    bare = client.get(url)
    assert (bare.content, "Content-Length" in bare.headers) == (b"no length", False)
    with client.stream("GET", url) as response:
        assert gzip.decompress(b"".join(response.iter_raw())) == b"0123456789"
    for _ in range(2):
        with pytest.raises(httpx.RemoteProtocolError):
            client.get(url)
    part = client.get(url, headers={"Range": "bytes=5-"})
    assert part.headers["Content-Range"] == "bytes 0-1/2"
    assert client.get(url).content == b"0123456789"
