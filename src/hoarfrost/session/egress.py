"""How far ahead of its listener audio is sent: as far as the client reads, or less where asked.

In: packets. Out: frames on the socket, when their turn has come. Invariant: of the audio that was
sent, a client has at most `UNREAD_LIMIT_MS` unread, and beyond that only what it should have
played by now; with a lookahead, at most so much has been sent that should not have been played yet.

What lies in a socket's buffers no `<CLEAR>` reaches: a client that reads only as fast as it plays
had 11 to 18 seconds of stale audio there. How far it has read, it says itself: a ping stands in
line behind the audio that was sent before, and is answered when it is read.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Iterator

from hoarfrost.audio.chain import AudioFormat
from hoarfrost.render import Packet
from hoarfrost.session.transport import Transport
from hoarfrost.units import Milliseconds

UNREAD_LIMIT_MS: Milliseconds = 2000.0
"""Audio on its way to a client: at 200 ms of round trip, enough for ten times real time."""

PROBE_EVERY_MS: Milliseconds = 250.0
"""Audio between two pings."""

_CLOCK_STEP_MS: Milliseconds = 0.5
"""Less is not waited for: clocks do not keep it."""

PIECE_MS: Milliseconds = 100.0
"""Audio that is sent in one go where a lookahead holds."""


class Egress:
    """The way out of one session.

    Args:
        transport: The socket.
        audio_format: What the packets are in.
        ahead_ms: Gives the audio that was sent and should not have been played yet.
        sent: Told of each piece's duration when it was handed to the socket.
        lookahead_ms: The most that `ahead_ms` is to be; None for no bound.
    """

    def __init__(
        self,
        transport: Transport,
        audio_format: AudioFormat,
        *,
        ahead_ms: Callable[[], Milliseconds],
        sent: Callable[[Milliseconds], None],
        lookahead_ms: Milliseconds | None,
    ) -> None:
        self._transport = transport
        self._alignment = audio_format.alignment_bytes
        self._ahead_ms = ahead_ms
        self._sent = sent
        self._lookahead_ms = lookahead_ms
        self._unread: deque[tuple[asyncio.Future[None], Milliseconds]] = deque()
        self._unread_ms: Milliseconds = 0.0
        self._unprobed_ms: Milliseconds = 0.0

    async def send(self, packet: Packet) -> None:
        """Send a packet's audio, piece by piece if it has to wait.

        Raises:
            PeerGone: When nobody can receive it.
        """
        for data, duration_ms in self._pieces(packet):
            await self._wait_for_turn(duration_ms)
            if data:
                await self._transport.send(data)
            self._unread_ms += duration_ms
            self._unprobed_ms += duration_ms
            if self._unprobed_ms >= PROBE_EVERY_MS:
                self._probe()
            self._sent(duration_ms)

    def _pieces(self, packet: Packet) -> Iterator[tuple[bytes, Milliseconds]]:
        n_bytes = len(packet.data)
        n_pieces = 1
        if self._lookahead_ms is not None and n_bytes:
            n_pieces = max(1, round(packet.duration_ms / PIECE_MS))
        size = -(-n_bytes // n_pieces)
        size = -(-size // self._alignment) * self._alignment
        if n_pieces == 1 or size >= n_bytes:
            yield packet.data, packet.duration_ms
            return
        for start in range(0, n_bytes, size):
            piece = packet.data[start : start + size]
            yield piece, packet.duration_ms * len(piece) / n_bytes

    async def _wait_for_turn(self, duration_ms: Milliseconds) -> None:
        if self._lookahead_ms is not None:
            wait_ms = self._excess_ms(duration_ms, self._lookahead_ms)
            await asyncio.sleep(wait_ms / 1000)
        while self._unread and self._count_unread() + duration_ms > UNREAD_LIMIT_MS:
            wait_ms = self._excess_ms(duration_ms, UNREAD_LIMIT_MS)
            if wait_ms < _CLOCK_STEP_MS or not self._unread:
                return
            await asyncio.wait([self._unread[0][0]], timeout=wait_ms / 1000)

    def _excess_ms(self, duration_ms: Milliseconds, limit_ms: Milliseconds) -> Milliseconds:
        """Return how long to wait before so much more is within a limit ahead of the listener."""
        ahead_ms = self._ahead_ms()
        # Who has nothing to hear is never kept waiting, however long a piece is.
        return max(0.0, min(ahead_ms + duration_ms - limit_ms, ahead_ms))

    def _count_unread(self) -> Milliseconds:
        while self._unread and self._unread[0][0].done():
            self._unread_ms -= self._unread.popleft()[1]
        return self._unread_ms

    def _probe(self) -> None:
        read = self._transport.probe()
        if read is None:  # a socket that cannot tell: the playback clock alone must do
            self._unread_ms -= self._unprobed_ms
        else:
            self._unread.append((read, self._unprobed_ms))
        self._unprobed_ms = 0.0
