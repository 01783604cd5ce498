"""A speech server in memory, for virtual time: everything it does is exact, faults included.

Text is spoken sentence by sentence, `MS_PER_LETTER` a letter, in chunks of `CHUNK_MS`.
"""

import asyncio
import re
from collections import deque
from dataclasses import dataclass, field

from hoarfrost.loadtest.line import CLEAN_CLOSE, LineClosed, NotOpened, Refused
from hoarfrost.loadtest.pace import count_letters
from hoarfrost.units import Milliseconds, Seconds

RATE_HZ = 8000
MS_PER_LETTER = 60
CHUNK_MS = 100
SOUND = (1000).to_bytes(2, "little")
_SENTENCE = re.compile(r"[^.?!]*[.?!]\s*")


@dataclass
class VirtualServer:
    """How it behaves.

    Attributes:
        delay: From text to the first audio of a sentence.
        chunk_every: Between two chunks of a sentence.
        silence_ms: Silence at the head of each sentence.
        stale: For how long it goes on with the old sentence after ``<CLEAR>``.
        leftover: Bytes of the old turn that come with the first audio of the next one.
        room: How many calls it takes; None for all.
        retry_after: What it tells those it does not take.
        gap_at: After how many chunks of a connection's sentence it stops for `gap`.
        gap: For how long.
        says: A text frame that it sends with the first audio.
        closes: The code with which it closes instead of speaking.
        is_mute: Whether it never answers.
        slows_above: How many open calls it serves at full speed; with more, chunks come slower in
            proportion.
        is_down: Whether nobody can connect.
    """

    delay: Seconds = 0.1
    chunk_every: Seconds = 0.01
    silence_ms: Milliseconds = 0.0
    stale: Seconds = 0.0
    leftover: int = 0
    room: int | None = None
    retry_after: Seconds | None = 3.0
    gap_at: int | None = None
    gap: Seconds = 0.0
    says: str | None = None
    closes: int | None = None
    is_mute: bool = False
    slows_above: int | None = None
    is_down: bool = False
    n_open: int = 0
    most_open: int = 0
    n_dialled: int = 0
    texts: list[str] = field(default_factory=list)
    moments: list[Seconds] = field(default_factory=list)

    async def dial(self) -> "VirtualLine":
        self.n_dialled += 1
        if self.is_down:
            raise NotOpened("expected a server, got none", "unreachable")
        if self.room is not None and self.n_open >= self.room:
            raise Refused(429, self.retry_after)
        self.n_open += 1
        self.most_open = max(self.most_open, self.n_open)
        return VirtualLine(self)

    @property
    def pause(self) -> Seconds:
        """Between two chunks, as things are."""
        if self.slows_above is None or self.n_open <= self.slows_above:
            return self.chunk_every
        return self.chunk_every * 1000 * self.n_open / self.slows_above


class VirtualLine:
    """A `Line` to it."""

    def __init__(self, server: VirtualServer) -> None:
        self._server = server
        self._text = ""
        self._sentences: deque[str] = deque()
        self._incoming: asyncio.Queue[str | bytes | LineClosed] = asyncio.Queue()
        self._wanted = asyncio.Event()
        self._has_ended = False
        self._is_closed = False
        self._is_stale = False
        self._speakers = [asyncio.ensure_future(self._speak())]

    async def send(self, text: str) -> None:
        if self._is_closed:
            raise LineClosed(CLEAN_CLOSE)
        match text:
            case "<CLEAR>":
                self._clear()
            case "<FLUSH>":
                self._flush()
            case "<EOS>":
                self._flush()
                self._has_ended = True
            case _:
                self._server.texts.append(text)
                self._server.moments.append(asyncio.get_running_loop().time())
                self._text += text
                while sentence := _SENTENCE.match(self._text):
                    self._sentences.append(sentence[0])
                    self._text = self._text[sentence.end() :]
        self._wanted.set()

    async def receive(self) -> str | bytes:
        message = await self._incoming.get()
        if isinstance(message, LineClosed):
            raise message
        return message

    async def close(self) -> None:
        self._end(CLEAN_CLOSE)
        for speaker in self._speakers:
            speaker.cancel()

    def _end(self, code: int) -> None:
        if not self._is_closed:
            self._is_closed = True
            self._server.n_open -= 1
            self._incoming.put_nowait(LineClosed(code))

    def _flush(self) -> None:
        if self._text.strip():
            self._sentences.append(self._text)
        self._text = ""

    def _clear(self) -> None:
        self._text = ""
        self._sentences.clear()
        self._is_stale = True
        asyncio.get_running_loop().call_later(self._server.stale, self._speakers[-1].cancel)
        self._speakers.append(asyncio.ensure_future(self._speak()))

    async def _speak(self) -> None:
        while True:
            while not self._sentences:
                if self._has_ended:
                    self._end(CLEAN_CLOSE)
                    return
                self._wanted.clear()
                await self._wanted.wait()
            await self._say(self._sentences.popleft())

    async def _say(self, sentence: str) -> None:
        server = self._server
        if server.is_mute:
            await asyncio.Event().wait()
        await asyncio.sleep(server.delay)
        if server.closes is not None:
            self._end(server.closes)
            return
        if server.says is not None:
            self._incoming.put_nowait(server.says)
        if self._is_stale and server.leftover:
            self._incoming.put_nowait(SOUND * (server.leftover // 2))
        self._is_stale = False
        n_silent = round(server.silence_ms * RATE_HZ / 1000)
        audio = bytes(2 * n_silent) + SOUND * n_samples_of(sentence)
        step = 2 * RATE_HZ * CHUNK_MS // 1000
        for number, start in enumerate(range(0, len(audio), step)):
            if number:
                await asyncio.sleep(server.gap if number == server.gap_at else server.pause)
            self._incoming.put_nowait(audio[start : start + step])


def n_samples_of(sentence: str) -> int:
    """How many samples a sentence lasts."""
    return count_letters(sentence) * MS_PER_LETTER * RATE_HZ // 1000
