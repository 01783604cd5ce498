"""The address of the voices: where a request may lead, and what its failures are."""

import ssl

import pytest

from hoarfrost.voices.faults import LibraryFault, Unreachable
from hoarfrost.voices.source import Lost, Source, body_of
from tests.voices.publisher import Compressed, Dropped, Instead, Publisher, Status, publishing


def read(source: Source, path: str) -> bytes:
    with source.open(path) as response:
        return b"".join(body_of(response, source.url_of(path)))


def test_redirects_are_followed(publisher: Publisher, source: Source) -> None:
    """A file may lie elsewhere, on another server as well; the headers of the request go along."""
    with publishing(Publisher({"stored": b"the file"})) as other:
        publisher.faults["a"] = [Status(302, {"Location": "/b"})]
        publisher.faults["b"] = [Status(307, {"Location": f"{other.url}stored"})]
        with source.open("a", {"Range": "bytes=4-"}) as response:
            assert (response.status_code, response.read()) == (206, b"file")


# What is told must name neither the address redirected to (it may hold a signature) nor a body.
ASTRAY = [
    ("ftp://127.0.0.1/x", "expected a redirect to http, got one to ftp"),
    ("file:///etc/passwd", "expected a redirect to http, got one to file"),
    ("javascript:/alert(1)", "expected a redirect to http, got one to javascript"),
]


@pytest.mark.parametrize(("location", "told"), ASTRAY)
def test_redirects_lead_to_http_only(
    publisher: Publisher, source: Source, location: str, told: str
) -> None:
    """A server cannot make us read something that is not on the web."""
    publisher.faults["a"] = [Status(302, {"Location": location})]
    with pytest.raises(LibraryFault) as caught:
        read(source, "a")
    assert str(caught.value) == f"{publisher.url}a: {told}"


def test_redirects_come_to_an_end(publisher: Publisher, source: Source) -> None:
    """A server that sends us in circles is left after ten rounds."""
    publisher.faults["a"] = [Status(302, {"Location": "/a"})] * 20
    with pytest.raises(LibraryFault, match=r"/a: expected at most 10 redirects, got more$"):
        read(source, "a")
    assert len(publisher.asked("a")) == 11


def test_no_compression_is_asked_for_but_borne(publisher: Publisher, source: Source) -> None:
    """Sizes are those of files; a server that compresses all the same is understood."""
    publisher.files["a"] = b"content"
    publisher.faults["a"] = [Compressed()]
    assert read(source, "a") == b"content"
    assert publisher.asked("a")[0]["Accept-Encoding"] == "identity"
    assert publisher.asked("a")[0]["User-Agent"].startswith("hoarfrost/")


def test_what_cannot_be_decoded_is_told(publisher: Publisher, source: Source) -> None:
    """A body that is not compressed as it says is a fault of the server."""
    publisher.faults["a"] = [Status(200, {"Content-Encoding": "gzip"})]
    with pytest.raises(LibraryFault, match=r"/a: expected a body that can be decoded, got: "):
        read(source, "a")


def test_a_connection_that_is_closed_counts_as_lost(publisher: Publisher, source: Source) -> None:
    """Somebody is there, so the same request may succeed; also if it is the first one."""
    publisher.faults["a"] = [Dropped()]
    publisher.files["a"] = b"content"
    with pytest.raises(Lost, match=r"/a: expected an answer, got: Server disconnected"):
        read(source, "a")
    assert read(source, "a") == b"content"


@pytest.mark.parametrize(
    ("status", "headers", "retry_after"),
    [
        (500, {}, None),
        (503, {"Retry-After": "120"}, 120.0),
        (429, {"Retry-After": "-5"}, None),
        (429, {"Retry-After": "Thu, 01 Jan 1970 00:00:00 GMT"}, 0.0),
        (408, {"Retry-After": ""}, None),
    ],
)
def test_a_server_that_cannot_answer_now_says_when(
    publisher: Publisher,
    source: Source,
    status: int,
    headers: dict[str, str],
    retry_after: float | None,
) -> None:
    """Statuses that pass count as lost, with the pause that the server asks for."""
    publisher.faults["a"] = [Status(status, headers)]
    with pytest.raises(Lost) as caught:
        read(source, "a")
    assert caught.value.retry_after == retry_after


def test_nobody_there_is_unreachable_until_there_was_an_answer(tls: ssl.SSLContext) -> None:
    """A server that goes away in between may come back; one that never was there will not."""
    closing = Instead(b"x", has_length=False)
    with publishing(Publisher(faults={"a": [closing]})) as publisher:
        source = Source(publisher.url, tls=tls)
        assert read(source, "a") == b"x"
    with source, pytest.raises(Lost):
        read(source, "a")
    with Source(publisher.url, tls=tls) as source, pytest.raises(Unreachable):
        read(source, "a")


@pytest.mark.parametrize(
    ("base", "told"),
    [
        ("http://a\x01b/", "expected an address, got: "),
        ("http://xn--/", "expected an address, got: "),
        (f"http://{'a' * 300}/", "expected a host name, got: "),
    ],
)
def test_what_is_no_address_is_told(tls: ssl.SSLContext, base: str, told: str) -> None:
    """A host name that cannot be one is told as such."""
    with Source(base, tls=tls) as source, pytest.raises(LibraryFault) as caught:
        read(source, "a")
    assert str(caught.value).startswith(f"{base}a: {told}")


def test_a_redirect_to_no_address_is_told(publisher: Publisher, source: Source) -> None:
    """Nor can a server confuse us with such a name."""
    publisher.faults["a"] = [Status(302, {"Location": "http://xn--/"})]
    with pytest.raises(LibraryFault, match="/a: expected a host name, got: "):
        read(source, "a")


def test_a_proxy_that_cannot_be_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Settings of the environment that the HTTP library cannot use are one clear line."""
    monkeypatch.setenv("HTTPS_PROXY", "gopher://proxy:1")
    with pytest.raises(LibraryFault, match=r"^expected proxy and certificate settings .* got: "):
        Source("https://example.org/")


def test_a_proxy_of_the_environment_is_used(
    publisher: Publisher, tls: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the network is reached by a proxy only, it is asked, with the whole address."""
    monkeypatch.setenv("HTTP_PROXY", publisher.url)
    monkeypatch.setenv("NO_PROXY", "")
    publisher.faults["ttp://voices.invalid/a"] = [Instead(b"by proxy")]
    with Source("http://voices.invalid/", tls=tls) as source:
        assert read(source, "a") == b"by proxy"
