"""A conversation without a socket: events in, outputs out as they come.

In: `ClientEvent` values. Out: outputs, in order, by `SpeechStream.outputs`. Invariant: outputs that
nobody takes hold the work up; leaving the context stops all of it within one step.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager

from hoarfrost.dialogue.events import ClientEvent, in_pieces
from hoarfrost.dialogue.options import Conduct, Options
from hoarfrost.dialogue.outputs import Ended, Output
from hoarfrost.session import events
from hoarfrost.session.connection import CLOSE_NORMAL
from hoarfrost.session.conversation import Backend, Conversation
from hoarfrost.units import Seconds


class SpeechStream:
    """A conversation that a request over HTTP holds.

    Attributes:
        conversation: Whose outputs come through `put`.
        is_whole: Whether its proper end was taken.
    """

    def __init__(self) -> None:
        self._outputs: asyncio.Queue[Output] = asyncio.Queue(maxsize=1)
        self.is_whole = False
        self.conversation: Conversation | None = None

    async def put(self, output: Output, _dry_at: Seconds) -> None:
        """Hand an output over; wait until the one before was taken."""
        await self._outputs.put(output)

    async def say(self, said: Iterable[ClientEvent]) -> None:
        """Tell the conversation what the client says."""
        assert self.conversation is not None  # noqa: S101 -- `speaking` has set it
        for event in said:
            for piece in in_pieces(event):
                self.conversation.receive(piece)
                await asyncio.sleep(0)  # others must run

    async def outputs(self) -> AsyncIterator[Output]:
        """Yield outputs up to `Ended`."""
        while True:
            output = await self._outputs.get()
            self.is_whole = output == Ended()
            yield output
            if isinstance(output, Ended):
                return


@asynccontextmanager
async def speaking(
    options: Options, backend: Backend, *, conduct: Conduct
) -> AsyncIterator[SpeechStream]:
    """Hold a conversation for as long as the context lasts.

    Args:
        options: What the client asked for.
        backend: What serves it.
        conduct: What the protocol expects.
    """
    stream = SpeechStream()
    backend.listener(events.Opened(backend.session_id, options))
    try:
        async with asyncio.TaskGroup() as tasks:
            stream.conversation = Conversation(
                options, backend, emit=stream.put, is_paced=False, tasks=tasks, conduct=conduct
            )
            try:
                yield stream
            finally:
                stream.conversation.leave()
    finally:
        backend.listener(
            events.Closed(backend.session_id, CLOSE_NORMAL if stream.is_whole else None)
        )
