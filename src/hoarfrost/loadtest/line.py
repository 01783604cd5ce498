"""A connection to the server under test, and the ways in which it is not had.

In: an address, a key, a query. Out: a `Line`. Invariant: without leave, no byte goes to another
machine, not even when the server redirects.
"""

import ipaddress
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, Self
from urllib.parse import urlencode, urlsplit, urlunsplit

from websockets.asyncio.client import ClientConnection
from websockets.asyncio.client import connect as open_websocket
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus

from hoarfrost.errors import HoarfrostError
from hoarfrost.units import Seconds

CLEAN_CLOSE = 1000
NO_CLOSE_FRAME = 1006
BUSY_STATUSES = (429, 503)
OPEN_TIMEOUT: Seconds = 10.0
CLOSE_TIMEOUT: Seconds = 2.0
"""How long a server may take to answer a close (pipecat's own limit)."""

PING_INTERVAL: Seconds = 20.0
FRAME_LIMIT = 16 * 1024 * 1024
"""Bytes of one message; six minutes of speech."""

FRAMES_WAITING = 256
"""Frames that may wait for the caller's task; then the connection is not read further."""


class LineClosed(HoarfrostError):
    """The connection is over.

    Attributes:
        code: The close code that came; 1006 if none did.
    """

    def __init__(self, code: int) -> None:
        super().__init__(f"the connection ended with close code {code}")
        self.code = code


class Refused(HoarfrostError):
    """The server is there, and too busy for one more.

    Attributes:
        status: 429 or 503.
        retry_after: Seconds after which to come back; None if the server does not say.
    """

    def __init__(self, status: int, retry_after: Seconds | None) -> None:
        super().__init__(f"the server is busy ({status})")
        self.status = status
        self.retry_after = retry_after


class NotOpened(HoarfrostError):
    """There is no connection, and it is not for want of room.

    Attributes:
        label: The same in two words, to be counted by.
        status: The HTTP status, if there was an answer.
    """

    def __init__(self, message: str, label: str, status: int | None = None) -> None:
        super().__init__(message)
        self.label = label
        self.status = status


class Line(Protocol):
    """A connection, as callers see it."""

    async def send(self, text: str) -> None:
        """Send a message.

        Raises:
            LineClosed: If the connection is over.
        """

    async def receive(self) -> str | bytes:
        """Wait for a message.

        Raises:
            LineClosed: If there will be no more.
        """

    async def close(self) -> None:
        """Close it, if it is open, and wait until it is."""


Dial = Callable[[], Awaitable[Line]]
"""Opens a line. Raises `Refused` or `NotOpened`."""


@dataclass(frozen=True, slots=True)
class Destination:
    """A server and how it is asked.

    Attributes:
        url: ``ws://HOST:PORT/ws``, without options.
        query: The options.
        key: What the server knows the caller by.
    """

    url: str
    query: Mapping[str, str]
    key: str | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        parts = urlsplit(self.url)
        if parts.scheme not in ("ws", "wss") or not parts.hostname:
            raise ValueError("url: expected ws://HOST:PORT/ws or wss://HOST/ws")
        key = self.key
        if key is not None and not (key.isascii() and key.isprintable() and key and " " not in key):
            raise ValueError("key: expected printable ASCII characters without spaces")

    @property
    def address(self) -> str:
        """The whole address, options included."""
        parts = urlsplit(self.url)
        query = "&".join(filter(None, [parts.query, urlencode(self.query)]))
        path = parts.path if parts.path.strip("/") else "/ws"
        return urlunsplit((parts.scheme, parts.netloc, path, query, ""))

    @property
    def place(self) -> str:
        """Host and port, as it may be shown."""
        return urlsplit(self.url).netloc.rpartition("@")[2]

    @property
    def is_loopback(self) -> bool:
        """Whether it is on this machine."""
        host = urlsplit(self.url).hostname or ""
        try:
            return ipaddress.ip_address(host).is_loopback
        except ValueError:
            return host == "localhost"


class SocketLine:
    """A `Line` over a real WebSocket."""

    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection

    @classmethod
    async def dial(cls, destination: Destination) -> Self:
        """Open a connection.

        Raises:
            Refused: If the server has no room.
            NotOpened: If there is no connection for another reason.
        """
        parts = urlsplit(destination.url)
        # With a host of its own the library follows no redirect to another one.
        port = parts.port or (443 if parts.scheme == "wss" else 80)
        here: dict[str, Any] = (
            {"host": parts.hostname, "port": port} if destination.is_loopback else {}
        )
        try:
            return cls(
                await open_websocket(
                    destination.address,
                    additional_headers=(
                        {"Authorization": f"Bearer {destination.key}"} if destination.key else None
                    ),
                    compression=None,  # audio does not compress, and trying costs latency
                    open_timeout=OPEN_TIMEOUT,
                    ping_interval=PING_INTERVAL,
                    ping_timeout=None,  # patience with a silent server is the listener's to lose
                    close_timeout=CLOSE_TIMEOUT,
                    max_size=FRAME_LIMIT,
                    max_queue=FRAMES_WAITING,
                    proxy=None if destination.is_loopback else True,
                    **here,
                )
            )
        except InvalidStatus as error:
            raise _declined(error) from error
        except TimeoutError as error:
            raise NotOpened(
                f"{destination.place}: expected an answer in {OPEN_TIMEOUT:g} s, got none",
                "no answer",
            ) from error
        except (OSError, InvalidHandshake, ValueError) as error:
            raise NotOpened(
                f"{destination.place}: expected a WebSocket server, got: {error}", "unreachable"
            ) from error

    async def send(self, text: str) -> None:
        """Send a message; see `Line`."""
        try:
            await self._connection.send(text)
        except ConnectionClosed as closed:
            raise _line_closed(closed) from closed

    async def receive(self) -> str | bytes:
        """Wait for a message; see `Line`."""
        try:
            return await self._connection.recv()
        except ConnectionClosed as closed:
            raise _line_closed(closed) from closed

    async def close(self) -> None:
        """Close it; see `Line`."""
        await self._connection.close()


def _declined(error: InvalidStatus) -> Refused | NotOpened:
    response = error.response
    status = response.status_code
    if status in BUSY_STATUSES:
        header = response.headers.get("Retry-After")
        # As a date it is of no use without the server's clock.
        seconds = float(header) if header and header.isascii() and header.isdigit() else None
        return Refused(status, seconds)
    body = (response.body or b"").decode(errors="replace").strip()
    return NotOpened(
        f"the server refused the connection with {status}: {body or 'no reason'}",
        f"rejected {status}",
        status,
    )


def _line_closed(closed: ConnectionClosed) -> LineClosed:
    frame = closed.rcvd
    return LineClosed(frame.code if frame else NO_CLOSE_FRAME)
