"""The address that voices come from: one request, and what its answer means.

In: a path below the address. Out: an answer with a body to read. Invariant: every way in which a
request fails is one of three: `Lost` (the same request may succeed soon), `Unreachable` (nobody is
there), or another `LibraryFault` (it will not succeed).
"""

import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from importlib.metadata import version
from types import TracebackType
from typing import Final, Self

import httpx

from hoarfrost.units import Seconds
from hoarfrost.voices.faults import LibraryFault, Unreachable

TIMEOUT: Final = httpx.Timeout(30.0, connect=10.0)
"""Seconds without a byte after which a connection counts as lost."""

_NOBODY_THERE: Final = (httpx.ConnectError, httpx.ConnectTimeout, httpx.ProxyError)
_MAX_REDIRECTS: Final = 10
_ANSWERS: Final = {
    HTTPStatus.OK,
    HTTPStatus.PARTIAL_CONTENT,
    HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE,
}
_LATER: Final = {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS}


class Lost(Exception):
    """The answer did not come, or not as a whole; a later request may get it.

    Attributes:
        retry_after: Seconds that the server asks to wait; None if it did not.
    """

    def __init__(self, reason: str, *, retry_after: Seconds | None = None) -> None:
        super().__init__(reason)
        self.retry_after = retry_after


class Source:
    """The address that voices come from. A context manager: it keeps its connections until its end.

    The proxies and certificates that the environment names (``HTTPS_PROXY``, ``SSL_CERT_FILE``)
    are used, as every program with the same library does.

    Args:
        base_url: The address that paths are appended to; ends with a slash.
        timeout: How long a connection may be silent.
        tls: Which certificates are trusted; None for those of the environment, else `certifi`'s.
    """

    def __init__(
        self,
        base_url: str,
        *,
        timeout: httpx.Timeout = TIMEOUT,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.base_url = base_url
        self._has_answered = False
        try:
            self._client = httpx.Client(
                timeout=timeout,
                verify=tls or True,
                # Sizes and offsets are those of the file itself, not of a compressed form of it.
                headers={
                    "Accept-Encoding": "identity",
                    "User-Agent": f"hoarfrost/{version('hoarfrost')}",
                },
            )
        except (ImportError, ValueError, OSError) as error:
            raise LibraryFault(
                "expected proxy and certificate settings in the environment that can be used, "
                f"got: {error}"
            ) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._client.close()

    def url_of(self, path: str) -> str:
        """Return the full address of a (percent-encoded) path."""
        return self.base_url + path

    @contextmanager
    def open(self, path: str, headers: Mapping[str, str] | None = None) -> Iterator[httpx.Response]:
        """Ask for a path, following redirects; give the answer with its body still to be read.

        Only answers of status 200, 206 and 416 are given. Read the body with `body_of`.

        Raises:
            Lost: If the connection broke, or the server cannot answer now.
            Unreachable: If no connection can be made, and there has been none before.
            LibraryFault: If the answer is a refusal, or leads somewhere it must not.
        """
        url = self.url_of(path)
        response = self._follow(url, headers or {})
        try:
            _check(response, url)
            yield response
        finally:
            response.close()

    def _follow(self, url: str, headers: Mapping[str, str]) -> httpx.Response:
        try:
            request = self._client.build_request("GET", url, headers=headers)
        except (httpx.InvalidURL, UnicodeError) as error:
            raise LibraryFault(f"{url}: expected an address, got: {error}") from error
        for _ in range(_MAX_REDIRECTS + 1):
            response = self._send(request, url)
            if response.next_request is None:
                return response
            response.close()
            before, request = request, response.next_request
            is_downgrade = before.url.scheme == "https" and request.url.scheme != "https"
            if request.url.scheme not in {"http", "https"} or is_downgrade:
                raise LibraryFault(
                    f"{url}: expected a redirect to {before.url.scheme}, "
                    f"got one to {request.url.scheme}"
                )
        raise LibraryFault(f"{url}: expected at most {_MAX_REDIRECTS} redirects, got more")

    def _send(self, request: httpx.Request, url: str) -> httpx.Response:
        try:
            response = self._client.send(request, stream=True)
        except httpx.TransportError as error:
            reason = f"{url}: expected an answer, got: {_told(error)}"
            # Where nobody has ever been there is nothing to wait for; what was lost may come back.
            if isinstance(error, _NOBODY_THERE) and not self._has_answered:
                raise Unreachable(reason) from error
            raise Lost(reason) from error
        except UnicodeError as error:  # a host name that cannot be looked up, maybe a redirect's
            raise LibraryFault(f"{url}: expected a host name, got: {error}") from error
        self._has_answered = True
        return response


def body_of(response: httpx.Response, url: str) -> Iterator[bytes]:
    """Read the body in pieces, decoded if the server compressed it all the same.

    Raises:
        Lost: If it ends too early.
        LibraryFault: If it cannot be decoded.
    """
    try:
        yield from response.iter_bytes()
    except httpx.TransportError as error:
        raise Lost(f"{url}: expected the whole file, got: {_told(error)}") from error
    except httpx.DecodingError as error:
        raise LibraryFault(f"{url}: expected a body that can be decoded, got: {error}") from error


def is_encoded(response: httpx.Response) -> bool:
    """Return whether the body is not the bytes of the file but an encoded form of them."""
    encoding: str = response.headers.get("Content-Encoding", "identity")
    return encoding.lower() != "identity"


def _check(response: httpx.Response, url: str) -> None:
    status = response.status_code
    if status in _ANSWERS:
        return
    told = f"{url}: expected the file, got HTTP {status} {response.reason_phrase}".rstrip()
    if status in _LATER or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        raise Lost(told, retry_after=_retry_after(response))
    raise LibraryFault(told)


def _retry_after(response: httpx.Response) -> Seconds | None:
    """Return the seconds of ``Retry-After`` (RFC 9110, section 10.2.3), a number or a date."""
    value = response.headers.get("Retry-After", "").strip()
    if value.isascii() and value.isdigit():
        return float(value)
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return None
    if moment.tzinfo is None:  # written as "-0000": UTC, says RFC 5322
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())


def _told(error: Exception) -> str:
    return str(error) or type(error).__name__
