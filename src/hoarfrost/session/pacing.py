"""Pacing: how far ahead of its listener audio is sent, as far as the client reads or asks for.

In: frames of audio, and when their playback buffer is empty. Out: the same on the socket, when
their turn has come. Invariant: of the audio that was sent, a client has at most `UNREAD_LIMIT_MS`
unread, and beyond that only what it should have played by now; with a lookahead, at most so much
has been sent that should not have been played yet.

What lies in a socket's buffers no `<CLEAR>` reaches: a client that reads only as fast as it plays
had 11 to 18 seconds of stale audio there. How far it has read, it says itself: a ping stands in
line behind the audio that was sent before, and is answered when it is read.
"""

import asyncio
from collections import deque
from collections.abc import Iterator, Sequence

from hoarfrost.dialogue.outputs import Audio
from hoarfrost.protocol.codec import Frame
from hoarfrost.session.transport import Transport
from hoarfrost.units import Milliseconds, Seconds

UNREAD_LIMIT_MS: Milliseconds = 2000.0
"""Audio on its way to a client: at 200 ms of round trip, enough for ten times real time."""

PROBE_EVERY_MS: Milliseconds = 250.0
"""Audio between two pings."""

_CLOCK_STEP_MS: Milliseconds = 0.5
"""Less is not waited for: clocks do not keep it."""

PIECE_MS: Milliseconds = 100.0
"""Audio that is sent in one go where a lookahead holds."""


def pieces(audio: Audio, alignment: int) -> Iterator[Audio]:
    """Cut audio into pieces of about `PIECE_MS`, each of whole samples.

    Args:
        audio: What to cut.
        alignment: Bytes of a whole sample.
    """
    n_bytes = len(audio.data)
    n_pieces = max(1, round(audio.duration_ms / PIECE_MS)) if n_bytes else 1
    size = -(-n_bytes // n_pieces)
    size = -(-size // alignment) * alignment
    if n_pieces == 1 or size >= n_bytes:
        yield audio
        return
    for start in range(0, n_bytes, size):
        data = audio.data[start : start + size]
        yield Audio(data, audio.duration_ms * len(data) / n_bytes)


class Pacer:
    """The way out of one connection, for all its conversations.

    Args:
        transport: The socket.
    """

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._unread: deque[tuple[asyncio.Future[None], Milliseconds]] = deque()
        self._unread_ms: Milliseconds = 0.0
        self._unprobed_ms: Milliseconds = 0.0

    async def wait_for_turn(
        self,
        duration_ms: Milliseconds,
        *,
        dry_at: Seconds,
        lookahead_ms: Milliseconds | None = None,
    ) -> None:
        """Wait until audio may be sent.

        Args:
            duration_ms: Its length.
            dry_at: When its listener will have played all that was sent before.
            lookahead_ms: The most that is to be sent ahead of playback; None for no bound.
        """
        if lookahead_ms is not None:
            wait_ms = _excess_ms(duration_ms, lookahead_ms, dry_at)
            await asyncio.sleep(wait_ms / 1000)
        while self._unread and self._count_unread() + duration_ms > UNREAD_LIMIT_MS:
            wait_ms = _excess_ms(duration_ms, UNREAD_LIMIT_MS, dry_at)
            if wait_ms < _CLOCK_STEP_MS or not self._unread:
                return
            await asyncio.wait([self._unread[0][0]], timeout=wait_ms / 1000)

    async def send(self, frames: Sequence[Frame], duration_ms: Milliseconds = 0.0) -> None:
        """Send frames, which hold audio of this length.

        Raises:
            PeerGone: When nobody can receive them.
        """
        for frame in frames:
            await self._transport.send(frame)
        self._unread_ms += duration_ms
        self._unprobed_ms += duration_ms
        if self._unprobed_ms >= PROBE_EVERY_MS:
            self._probe()

    def _count_unread(self) -> Milliseconds:
        while self._unread and self._unread[0][0].done():
            self._unread_ms -= self._unread.popleft()[1]
        return self._unread_ms

    def _probe(self) -> None:
        self._count_unread()  # what was answered need not be kept
        read = self._transport.probe()
        if read is None:  # a socket that cannot tell: the playback clock alone must do
            self._unread_ms -= self._unprobed_ms
        else:
            self._unread.append((read, self._unprobed_ms))
        self._unprobed_ms = 0.0


def _excess_ms(duration_ms: Milliseconds, limit_ms: Milliseconds, dry_at: Seconds) -> Milliseconds:
    """Return how long to wait before so much more is within a limit ahead of the listener."""
    ahead_ms = max(0.0, dry_at - asyncio.get_running_loop().time()) * 1000
    # Who has nothing to hear is never kept waiting, however long a piece is.
    return max(0.0, min(ahead_ms + duration_ms - limit_ms, ahead_ms))
