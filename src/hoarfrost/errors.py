"""Every error that hoarfrost answers with: whose fault it was, and what the peer is told.

::

    HoarfrostError
    ├── ClientFault                 the request cannot be served as it stands
    │   ├── BadOptions         400  the query string; carries every fault found, not the first
    │   ├── Forbidden          403  a web page that may not speak to this server
    │   ├── NoSuchPage         404  nothing is at the path
    │   ├── NotAcceptable      406  no kind of answer that the client takes
    │   ├── BadMessage        1007  a message that is none of its protocol
    │   ├── Unauthorized       401  no key, a malformed header, an unknown or revoked key
    │   ├── TextTooLong       1009  more unspoken text than a connection may hold
    │   ├── TooLong           1008  a connection that is idle or open for too long
    │   └── TextNotUtf8       1007  a binary frame that is not UTF-8
    ├── VoiceFault                  an engine could not speak what it was asked to
    ├── ServerBusy             429  over a limit; the same request may succeed later
    │   ├── QuotaExceeded      429  more than a key may use
    │   └── Stopping           503  the server is being stopped
    └── ServerFault            500  ours

Each class says which HTTP status answers it before the WebSocket upgrade, which close code after
it, and whether sending the same request again can help. Messages say what was expected and what
came, and never hold the client's text or key.
"""

from collections.abc import Sequence
from typing import ClassVar

from hoarfrost.units import Seconds

CLOSE_REASON_LIMIT = 123
"""Bytes that a WebSocket close frame has for its reason (RFC 6455, section 5.5)."""


class HoarfrostError(Exception):
    """The root: anything that hoarfrost raises on purpose."""

    http_status: ClassVar[int] = 500
    close_code: ClassVar[int] = 1011
    retry_helps: ClassVar[bool] = False

    @property
    def close_reason(self) -> str:
        """``<http-like status>: <message>``, cut to what a close frame can carry."""
        reason = f"{self.http_status}: {self}".encode()[:CLOSE_REASON_LIMIT]
        return reason.decode(errors="ignore")


class ClientFault(HoarfrostError):
    """What the client asked for cannot be served, now or later."""

    http_status = 400
    close_code = 1008


class BadOptions(ClientFault):
    """One or more options of a request are wrong.

    Attributes:
        faults: One line a fault, each ``name: expected X, got Y``, in the order of the request.

    Args:
        faults: The same.
        headline: First line of the message, for clients that look for Rime's own words.
    """

    def __init__(self, faults: Sequence[str], headline: str = "") -> None:
        super().__init__("\n".join([headline, *faults] if headline else faults))
        self.faults = tuple(faults)


class NoSuchPage(ClientFault):
    """There is nothing at the path."""

    http_status = 404


class Forbidden(ClientFault):
    """A web page of another origin asks, or a name that is not the server's was asked."""

    http_status = 403


class NotAcceptable(ClientFault):
    """The client takes no kind of answer that there is."""

    http_status = 406


class BadMessage(ClientFault):
    """A message that is none of its protocol."""

    close_code = 1007


class Unauthorized(ClientFault):
    """The request carries no key, or none that is valid. The message says which.

    Attributes:
        headline: What clients of Rime look for in the first line of a plain-text answer.
    """

    http_status = 401

    def __init__(self, message: str, headline: str = "invalid api key") -> None:
        super().__init__(message)
        self.headline = headline


class TextTooLong(ClientFault):
    """A connection holds more text that is not yet spoken than it may."""

    http_status = 413
    close_code = 1009


class TooLong(ClientFault):
    """A connection says nothing, or is open, for longer than its key may."""

    http_status = 408


class TextNotUtf8(ClientFault):
    """A frame's bytes are not UTF-8 text."""

    close_code = 1007


class VoiceFault(HoarfrostError):
    """A voice failed: it cannot be loaded, or its engine gave up in the middle of an utterance."""


class ServerBusy(HoarfrostError):
    """A limit is reached.

    Attributes:
        retry_after: Seconds after which it is worth trying again.
    """

    http_status = 429
    close_code = 1013
    retry_helps = True

    def __init__(self, message: str, *, retry_after: Seconds) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class QuotaExceeded(ServerBusy):
    """More is asked for than a key may use. The message says of what, and how much there is."""

    close_code = 1008


class Stopping(ServerBusy):
    """The server is being stopped: another one, or the next one, may serve the same request."""

    http_status = 503
    close_code = 1012


class ServerFault(HoarfrostError):
    """A defect of ours. The message says no more than that; the log says what."""
