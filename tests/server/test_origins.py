"""Which pages may speak to a server."""

import pytest
from starlette.datastructures import Headers

from hoarfrost.errors import Forbidden
from hoarfrost.server.origins import check_host, check_origin

ALLOWED = ("https://example.org",)


@pytest.mark.parametrize(
    ("host", "origin"),
    [
        ("127.0.0.1:8000", "http://127.0.0.1:8000"),
        ("[::1]:8000", "http://[::1]:8000"),
        ("tts.example", "https://tts.example"),
        ("tts.example:443", "https://tts.example"),
        ("127.0.0.1:8000", "https://example.org"),
    ],
)
def test_known_pages(host: str, origin: str) -> None:
    """The server's own page may speak, and those that are allowed."""
    check_origin(Headers({"host": host, "origin": origin}), ALLOWED)


@pytest.mark.parametrize(
    "origin",
    [
        "null",
        "",
        "http://127.0.0.1:8001",
        "http://127.0.0.1",
        "http://localhost:8000",
        "http://example.org",
        "https://example.org.evil",
        "https://example.org:444",
        "http://127.0.0.1:8000.evil",
        "http://127.0.0.1:x",
        "file://",
        "chrome-extension://127.0.0.1:8000",
        "http://[",
    ],
)
def test_other_pages(origin: str) -> None:
    """Everything else is refused, and not repeated."""
    with pytest.raises(Forbidden) as caught:
        check_origin(Headers({"host": "127.0.0.1:8000", "origin": origin}), ALLOWED)
    assert caught.value.http_status == 403


def test_programs_have_no_origin() -> None:
    """Without the header there is nothing to check."""
    check_origin(Headers({"host": "127.0.0.1:8000"}), ())


@pytest.mark.parametrize(
    "host", ["127.0.0.1:8000", "localhost", "LOCALHOST:80", "[::1]:1", "127.9.9.9"]
)
def test_local_names(host: str) -> None:
    """This machine's own names and addresses are known."""
    check_host(Headers({"host": host}), ())


@pytest.mark.parametrize(
    "host",
    ["evil.example:8000", "localhost.evil.example", "10.0.0.1", "", "127.0.0.1.evil", "0.0.0.0"],
)
def test_names_that_others_control(host: str) -> None:
    """A name that anybody can make point here is refused, unless its origin is allowed."""
    with pytest.raises(Forbidden):
        check_host(Headers({"host": host}), ALLOWED)
    check_host(Headers({"host": "example.org"}), ALLOWED)
