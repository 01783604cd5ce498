"""A connection in virtual time, with its client, its engine and its listener in reach."""

import asyncio
from types import TracebackType
from typing import Any, Self

from hoarfrost.protocol.codec import Codec
from hoarfrost.protocol.plain import PlainCodec
from hoarfrost.session import events
from hoarfrost.session.connection import Connection
from hoarfrost.session.conversation import Backend, Conversation
from hoarfrost.session.events import SessionEvent
from hoarfrost.session.loading import Loader
from hoarfrost.units import Milliseconds, Seconds
from tests.support.options import make_options
from tests.support.scheduler import VirtualScheduler
from tests.support.speech import Recorder, words_in
from tests.support.transport import FakeTransport

STEP_S: Seconds = 0.02
"""What a step of work takes, unless a test says otherwise."""

VOCABULARY = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]

LONG = "One two three four five six seven eight nine ten. "
"""All of them in one sentence: 2.7 s in 25 chunks."""


class Facts:
    """A listener that keeps what it was told.

    Attributes:
        told: The facts in order: their names and what came with them, without the session's id.
    """

    def __init__(self) -> None:
        self.told: list[tuple[Any, ...]] = []

    def __call__(self, event: SessionEvent) -> None:
        match event:
            case events.Opened(_, options):
                self.told.append(("opened", options))
            case events.FirstAudio(_, after):
                self.told.append(("first_audio", round(after, 6)))
            case events.UtteranceDone(_, audio_ms):
                self.told.append(("delivered", round(audio_ms, 6)))
            case events.Underrun(_, gap_ms):
                self.told.append(("underran", round(gap_ms, 6)))
            case events.Interrupted():
                self.told.append(("cleared",))
            case events.Failed(_, error):
                self.told.append(("failed", type(error)))
            case events.Closed(_, code):
                self.told.append(("closed", code))

    def of(self, name: str) -> list[tuple[Any, ...]]:
        """Return the facts of one kind."""
        return [fact for fact in self.told if fact[0] == name]


class Call:
    """A connection that runs while the context lasts; at its end the client hangs up.

    Leaving the context waits for the session, raises what it raised, and makes sure that no engine
    is left at work.
    """

    def __init__(
        self,
        *,
        transport: FakeTransport | None = None,
        scheduler: Any = None,
        recorder: Any = None,
        observer: Any = None,
        codec: Codec | None = None,
        loader: Loader | None = None,
        unknown: tuple[str, ...] = (),
        text_limit: int = 65_536,
        server_lookahead_ms: Milliseconds | None = None,
        **options: Any,
    ) -> None:
        self.transport = transport or FakeTransport()
        self.scheduler = scheduler or VirtualScheduler(STEP_S)
        self.recorder = recorder or Recorder()
        self.observer = observer or Facts()
        self.connection = Connection(
            self.transport,
            codec or PlainCodec(),
            make_options(**options),
            Backend(
                self.recorder,
                self.scheduler,
                self.observer,
                loader,
                session_id="test",
                text_limit=text_limit,
                lookahead_ms=server_lookahead_ms,
            ),
            unknown=unknown,
        )
        self.ended_at: Seconds | None = None

    async def __aenter__(self) -> Self:
        self.running = asyncio.create_task(self._run())
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if error is not None:
            self.running.cancel()
            return
        self.transport.hang_up()
        await self.running
        assert self.recorder.n_open == 0

    async def _run(self) -> None:
        try:
            await self.connection.run()
        finally:
            self.ended_at = asyncio.get_running_loop().time()

    @property
    def conversation(self) -> Conversation:
        """The only conversation, in a protocol without contexts."""
        return self.connection._conversations[None]

    def say(self, *messages: str | bytes) -> None:
        """Have the client send messages."""
        self.transport.say(*messages)

    def words(self, first_frame: int = 0) -> list[str]:
        """Return the words in the audio from a frame on."""
        pcm = b"".join(frame.data for frame in self.transport.sounding[first_frame:])
        return words_in(pcm, VOCABULARY)


def now() -> Seconds:
    """Return the virtual time."""
    return asyncio.get_running_loop().time()
