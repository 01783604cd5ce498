"""The Python client: text in as it is written, audio out as it is spoken.

::

    async with connect(url, key=key, speaker="heart", audio_format="pcm") as speech:
        await speech.send("Hello there. ")
        await speech.finish()
        async for audio in speech:
            play(audio)

In: strings. Out: `bytes` in the wire format that was asked for. Invariant: the iteration ends by
itself only if the server has closed cleanly, that is, if all the audio is there.

Speaks the same protocol to a hoarfrost server and to Rime's cloud.
"""

import asyncio
import ipaddress
import time
from collections import deque
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Literal, Required, Self, TypedDict, Unpack
from urllib.parse import urlencode, urlsplit, urlunsplit

from websockets.asyncio.client import ClientConnection
from websockets.asyncio.client import connect as open_websocket
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus

from hoarfrost.errors import HoarfrostError
from hoarfrost.units import Milliseconds, SampleRate, Seconds, Speed

CLEAN_CLOSE = 1000
NO_CLOSE_FRAME = 1006
DEFAULT_PATH = "/ws"
PING_INTERVAL: Seconds = 20.0
"""The server's own interval, so that a proxy between them sees traffic from both sides."""

CLOSE_TIMEOUT: Seconds = 2.0
"""How long a server may take to answer our close; hoarfrost takes milliseconds."""


class Unreachable(HoarfrostError):
    """No WebSocket server answers at the address."""


class Rejected(HoarfrostError):
    """The server answered, but did not open the connection.

    Attributes:
        status: HTTP status: 400 for wrong options, 401 for the key, 429 for a limit.
        body: What the server says about it.
        retry_after: Seconds after which it is worth trying again, if the server says so.
    """

    def __init__(self, status: int, body: str, retry_after: Seconds | None = None) -> None:
        super().__init__(f"the server refused the connection with {status}: {body or 'no reason'}")
        self.status = status
        self.body = body
        self.retry_after = retry_after


class ConnectionLost(HoarfrostError):
    """The connection ended before the server had closed it cleanly: audio may be missing.

    Attributes:
        code: The close code received; 1006 if the connection just broke.
        reason: What the server said about it; may be empty.
    """

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(f"the connection ended with close code {code}: {reason or 'no reason'}")
        self.code = code
        self.reason = reason


class SpeechOptions(TypedDict, total=False):
    """What to ask of the server. Only what is given is sent: for the rest its defaults hold.

    Attributes:
        speaker: Name of a voice.
        model: Name of the model, ``mistv3``.
        audio_format: Format of the audio; the server's default is ``mp3``.
        rate_hz: Sample rate of the audio, 4000 to 44100.
        language: One of the speaker's languages, such as ``en`` or ``eng``.
        pauses: Whether ``<200>`` in the text is a pause of 200 ms.
        phonemes: Whether ``{k1Ast0xm}`` in the text is phonemes.
        lexicon: Name of the server's lexicon to use.
        inline_speeds: Speeds of the ``[bracketed]`` words, in order; above 1.0 is faster.
        speed: Factor on the rate of speech; above 1.0 is faster.
        segment: When text is released to be spoken.
        lines: What a line break is: ``wrapped`` makes those inside of a paragraph spaces.
        time_scale_factor: Factor on the duration of speech; above 1.0 is slower.
        lookahead_ms: Audio to be sent ahead of playback at most; without it, as fast as it is made.
    """

    speaker: Required[str]
    model: str
    audio_format: Literal["pcm", "mulaw", "mp3"]
    rate_hz: SampleRate
    language: str
    pauses: bool
    phonemes: bool
    lexicon: str
    inline_speeds: Sequence[Speed]
    speed: Speed
    segment: Literal["bySentence", "immediate", "never"]
    lines: Literal["breaks", "wrapped"]
    time_scale_factor: float
    lookahead_ms: Milliseconds


WIRE_NAMES = {
    "speaker": "speaker",
    "model": "modelId",
    "audio_format": "audioFormat",
    "rate_hz": "samplingRate",
    "language": "lang",
    "pauses": "pauseBetweenBrackets",
    "phonemes": "phonemizeBetweenBrackets",
    "lexicon": "lexicon",
    "inline_speeds": "inlineSpeedAlpha",
    "speed": "speedAlpha",
    "segment": "segment",
    "lines": "lines",
    "time_scale_factor": "timeScaleFactor",
    "lookahead_ms": "lookahead",
}
"""By field of `SpeechOptions`, the name in the query string."""


def encode_query(options: SpeechOptions) -> str:
    """Return the options as the query string that asks for them."""
    return urlencode([(WIRE_NAMES[name], _wire_value(value)) for name, value in options.items()])


class Speech:
    """A connection that speaks. Made by `connect`.

    Iterate over it for the audio, in one task; send from the same task or another one. Audio is
    taken off the wire as it comes and waits here (at 24 kHz PCM, 2.9 MB a minute of speech), so
    that the server's pings are answered however slowly it is consumed.

    Attributes:
        n_bytes: Bytes of audio received.
        first_audio_after: Seconds from the first text sent to the first audio received.
        last_audio_after: Seconds from the first text sent to the latest audio received.
    """

    def __init__(self, connection: ClientConnection) -> None:
        self.n_bytes = 0
        self.first_audio_after: Seconds | None = None
        self.last_audio_after: Seconds | None = None
        self._connection = connection
        self._text_at: Seconds | None = None
        self._audio: deque[bytes] = deque()
        self._changed = asyncio.Event()
        self._reader = asyncio.create_task(self._read())
        self._reader.add_done_callback(lambda _: self._changed.set())

    async def send(self, text: str) -> None:
        """Send text to be spoken, verbatim: the spaces between messages are the caller's.

        The protocol has no escape: a text that begins or ends with ``<CLEAR>``, ``<FLUSH>`` or
        ``<EOS>`` is the command.

        Raises:
            ConnectionLost: If the connection has ended.
        """
        if not text:
            return
        if self._text_at is None:
            self._text_at = time.monotonic()
        try:
            await self._connection.send(text)
        except ConnectionClosed as closed:
            raise _lost(closed) from closed

    async def flush(self) -> None:
        """Have everything sent so far spoken now, without waiting for the end of a sentence.

        Raises:
            ConnectionLost: If the connection has ended.
        """
        await self._command("<FLUSH>")

    async def clear(self) -> int:
        """Interrupt: have the server forget all that it has not yet sent.

        Audio that is here and not yet taken is dropped; returns its number of bytes. What is on
        the wire at this moment still arrives, and the protocol has no mark of where it ends: it
        is what the server wrote within about one round trip.

        Raises:
            ConnectionLost: If the connection has ended.
        """
        await self._command("<CLEAR>")
        n_dropped = sum(map(len, self._audio))
        self._audio.clear()
        return n_dropped

    async def finish(self) -> None:
        """Have everything spoken and the connection closed: the iteration ends with the audio.

        Raises:
            ConnectionLost: If the connection has ended.
        """
        await self._command("<EOS>")

    async def close(self) -> None:
        """Leave at once; what has not been received is lost. Harmless the second time."""
        await self._connection.close()
        await asyncio.wait([self._reader])

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        """Return the next piece of audio.

        Raises:
            StopAsyncIteration: After the last one.
            ConnectionLost: If the server did not close cleanly.
        """
        while not self._audio:
            if self._reader.done():
                closed = self._reader.result()
                if (closed.rcvd or closed.sent) and _lost(closed).code == CLEAN_CLOSE:
                    raise StopAsyncIteration
                raise _lost(closed) from closed
            self._changed.clear()
            await self._changed.wait()
        return self._audio.popleft()

    async def _command(self, command: str) -> None:
        try:
            await self._connection.send(command)
        except ConnectionClosed as closed:
            raise _lost(closed) from closed

    async def _read(self) -> ConnectionClosed:
        """Take in what comes until the end; return what the end was."""
        while True:
            try:
                message = await self._connection.recv()
            except ConnectionClosed as closed:
                return closed
            if isinstance(message, str):
                continue  # no part of the protocol today; a later one may tell events this way
            now = time.monotonic()
            if self._text_at is not None:
                self.last_audio_after = now - self._text_at
                if self.first_audio_after is None:
                    self.first_audio_after = self.last_audio_after
            self.n_bytes += len(message)
            self._audio.append(message)
            self._changed.set()


@asynccontextmanager
async def connect(
    url: str,
    *,
    key: str | None = None,
    open_timeout_s: Seconds = 10.0,
    **options: Unpack[SpeechOptions],
) -> AsyncIterator[Speech]:
    """Open a connection that speaks; it is closed with the context.

    Args:
        url: ``ws://`` or ``wss://`` address; without a path, ``/ws`` is meant.
        key: What the server knows the caller by; sent as a bearer token.
        open_timeout_s: How long to wait for the server's answer.
        options: See `SpeechOptions`.

    Raises:
        ValueError: If the address or the key cannot be one.
        Unreachable: If no WebSocket server answers there.
        Rejected: If the server answers, and refuses.
    """
    connection = await _open(_address(url, options), key, open_timeout_s)
    speech = Speech(connection)
    try:
        yield speech
    finally:
        await speech.close()


async def _open(address: str, key: str | None, timeout_s: Seconds) -> ClientConnection:
    if key is not None and not (key.isascii() and key.isprintable() and key and " " not in key):
        raise ValueError("key: expected printable ASCII characters without spaces")
    parts = urlsplit(address)
    place = parts.netloc.rpartition("@")[2]  # without a user and a password
    try:
        return await open_websocket(
            address,
            additional_headers={"Authorization": f"Bearer {key}"} if key else None,
            compression=None,  # audio does not compress, and trying costs latency
            open_timeout=timeout_s,
            ping_interval=PING_INTERVAL,
            ping_timeout=None,  # a server is given up when the connection breaks, not when busy
            close_timeout=CLOSE_TIMEOUT,
            max_size=None,
            max_queue=None,  # see `Speech`
            proxy=None if _is_loopback(parts.hostname) else True,
        )
    except InvalidStatus as error:
        response = error.response
        body = (response.body or b"").decode(errors="replace").strip()
        retry_after = _seconds(response.headers.get("Retry-After"))
        raise Rejected(response.status_code, body, retry_after) from error
    except TimeoutError as error:
        raise Unreachable(f"{place}: expected an answer in {timeout_s:g} s, got none") from error
    except (OSError, InvalidHandshake) as error:
        raise Unreachable(f"{place}: expected a WebSocket server, got: {error}") from error


def _address(url: str, options: SpeechOptions) -> str:
    parts = urlsplit(url)
    if parts.scheme not in ("ws", "wss") or not parts.hostname:
        raise ValueError("url: expected ws://HOST:PORT/ws or wss://HOST/ws")
    query = "&".join(filter(None, [parts.query, encode_query(options)]))
    path = parts.path if parts.path.strip("/") else DEFAULT_PATH
    return urlunsplit((parts.scheme, parts.netloc, path, query, ""))


def _wire_value(value: object) -> str:
    match value:
        case bool():
            return str(value).lower()
        case str() | int() | float():
            return str(value)
        case [*speeds]:
            return ",".join(map(str, speeds))
        case _:
            raise TypeError(f"expected a value that can be sent, got {type(value).__name__}")


def _lost(closed: ConnectionClosed) -> ConnectionLost:
    # If both sides sent a close frame, the server's says why; if only we did, ours does.
    frame = closed.rcvd or closed.sent
    return ConnectionLost(frame.code, frame.reason) if frame else ConnectionLost(NO_CLOSE_FRAME, "")


def _seconds(header: str | None) -> Seconds | None:
    """Read a ``Retry-After`` in seconds; as a date it is of no use without the server's clock."""
    return float(header) if header is not None and header.isascii() and header.isdigit() else None


def _is_loopback(host: str | None) -> bool:
    try:
        return ipaddress.ip_address(host or "").is_loopback
    except ValueError:
        return host == "localhost"
