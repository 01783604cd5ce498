"""A socket with a client at its other end, in memory, with as little room as a real one."""

import asyncio
from collections import deque
from dataclasses import dataclass

from hoarfrost.session.transport import PeerGone
from hoarfrost.units import Seconds


@dataclass(frozen=True, slots=True)
class Frame:
    """A frame as it was handed to the socket.

    Attributes:
        at: When.
        data: The bytes of a binary frame.
        text: What a text frame says.
    """

    at: Seconds
    data: bytes = b""
    text: str | None = None


@dataclass(frozen=True, slots=True)
class Closing:
    """A close frame that the server sent."""

    at: Seconds
    code: int
    reason: str


class FakeTransport:
    """A `Transport`, and the client's side of it.

    A client that does not read lets the buffer fill up, and `send` waits then. Sending after a
    close, closing twice and receiving after `PeerGone` are errors, as with real sockets.

    Attributes:
        frames: All that went into the socket, in order.
        closing: The server's close frame, once there is one.
        n_waiting: Calls of `send` that wait for room.
    """

    def __init__(self, *, room: int | None = None, answers_close: bool = True) -> None:
        """Connect.

        Args:
            room: Frames that fit into the buffer until the client reads. None for a client that
                reads everything at once.
            answers_close: Whether the client does its half of the closing handshake.
        """
        self.frames: list[Frame] = []
        self.closing: Closing | None = None
        self.n_waiting = 0
        self._room = room
        self._answers_close = answers_close
        self._incoming: deque[str | bytes] = deque()
        self._buffer: deque[Frame] = deque()
        self._probes: deque[tuple[int, asyncio.Future[None]]] = deque()
        self._is_over = False  # nothing comes from the client any more
        self._is_lost = False  # nothing goes to the client any more
        self._has_seen_the_end = False
        self._changed = asyncio.Event()

    async def receive(self) -> str | bytes:
        """Wait for what the client says; what lies ready is returned without waiting.

        Raises:
            PeerGone: When there will be nothing more.
        """
        assert not self._has_seen_the_end, "expected no receive after PeerGone"
        while not self._incoming:
            if self._is_over:
                self._has_seen_the_end = True
                raise PeerGone
            await self._change()
        return self._incoming.popleft()

    async def send(self, frame: str | bytes) -> None:
        """Wait for room, then put a frame into the socket.

        Raises:
            PeerGone: When the client is gone.
        """
        assert self.closing is None, "expected no send after a close"
        self.n_waiting += 1
        try:
            while not self._is_lost and self._room is not None and len(self._buffer) >= self._room:
                await self._change()
        finally:
            self.n_waiting -= 1
        if self._is_lost:
            raise PeerGone
        now = asyncio.get_running_loop().time()
        sent = Frame(now, text=frame) if isinstance(frame, str) else Frame(now, frame)
        self.frames.append(sent)
        if self._room is not None:
            self._buffer.append(sent)
        self._note_change()

    def probe(self) -> asyncio.Future[None]:
        """Return what is done when the client has read all that was sent so far."""
        read: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._probes.append((len(self.frames), read))
        self._answer_probes()
        return read

    async def close(self, code: int, reason: str) -> None:
        """Send a close frame; the client answers it at once, if it does."""
        assert self.closing is None, "expected one close"
        await asyncio.sleep(0)
        if self._is_lost:
            return
        self.closing = Closing(asyncio.get_running_loop().time(), code, reason)
        if self._answers_close:
            self._is_over = True
        self._note_change()

    def say(self, *messages: str | bytes) -> None:
        """Have the client send messages."""
        assert not self._is_over, "expected a client that is still there"
        self._incoming.extend(messages)
        self._note_change()

    def hang_up(self) -> None:
        """Have the client close the connection, after all that it said."""
        self._is_over = self._is_lost = True
        self._answer_probes()
        self._note_change()

    def vanish(self) -> None:
        """Lose the connection: what the client said last is lost with it."""
        self._incoming.clear()
        self.hang_up()

    async def read(self) -> Frame:
        """Have the client take the next frame out of the buffer."""
        while not self._buffer:
            await self._change()
        frame = self._buffer.popleft()
        self._answer_probes()
        self._note_change()
        return frame

    async def until_closed(self) -> Closing:
        """Wait for the server's close frame."""
        while self.closing is None:
            await self._change()
        return self.closing

    async def until_sent(self, n_frames: int) -> None:
        """Wait until so many frames went into the socket."""
        while len(self.frames) < n_frames:
            await self._change()

    @property
    def sounding(self) -> list[Frame]:
        """All binary frames so far."""
        return [frame for frame in self.frames if frame.text is None]

    @property
    def audio(self) -> bytes:
        """The bytes of all frames so far."""
        return b"".join(frame.data for frame in self.sounding)

    def _answer_probes(self) -> None:
        n_read = len(self.frames) - len(self._buffer)
        while self._probes and (self._is_lost or self._probes[0][0] <= n_read):
            _, read = self._probes.popleft()
            if not read.done():
                read.set_result(None)

    def _note_change(self) -> None:
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()

    async def _change(self) -> None:
        await self._changed.wait()
