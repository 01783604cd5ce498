"""One connection: messages read and routed, outputs encoded, paced and sent, one close.

In: messages from a `Transport`. Out: a codec's frames and at last a close. Invariant: whatever
happens, the peer is sent at most one close frame, with the code of what happened; a defect of ours
is told as one (1011), and never passes for a peer that left.
"""

import asyncio
import contextlib
import functools
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TypeAlias

from hoarfrost.dialogue.events import in_pieces
from hoarfrost.dialogue.options import Options
from hoarfrost.dialogue.outputs import Audio, Ended, Output, Ready
from hoarfrost.errors import ClientFault, HoarfrostError, ServerBusy, ServerFault
from hoarfrost.protocol.codec import Addressed, Codec, Leave, Open, Reply
from hoarfrost.session import events
from hoarfrost.session.conversation import Backend, Conversation
from hoarfrost.session.pacing import Pacer
from hoarfrost.session.transport import PeerGone, Transport
from hoarfrost.units import Milliseconds, Seconds

CLOSE_NORMAL = 1000
"""RFC 6455, section 7.4.1: the purpose of the connection is fulfilled."""

CLOSE_TIMEOUT: Seconds = 2.0
"""How long to wait for the peer's half of the closing handshake (pipecat's own limit)."""


Admit: TypeAlias = Callable[[Options], AbstractContextManager[Backend]]


class Connection:
    """A connection from after the upgrade to the end.

    Args:
        transport: The socket.
        codec: The protocol.
        options: What the client asked for; a context may have options of its own.
        backend: What serves it.
        unknown: Names of parameters that were given and mean nothing, for protocols that tell.
        admit: Holds the place of a context, of these options, where each is a caller of its own.
    """

    def __init__(
        self,
        transport: Transport,
        codec: Codec,
        options: Options,
        backend: Backend,
        *,
        unknown: tuple[str, ...] = (),
        admit: Admit | None = None,
    ) -> None:
        self._admit = admit
        self._places: dict[str | None, contextlib.ExitStack] = {}
        self._transport = transport
        self._codec = codec
        self._options = options
        self._backend = backend
        self._unknown = unknown
        self._pacer = Pacer(transport)
        self._conversations: dict[str | None, Conversation] = {}
        self._is_closing = False
        self._has_left = False
        self._close_code: int | None = None
        self._active_at: Seconds = 0.0
        self._timer: asyncio.TimerHandle | None = None

    async def run(self) -> None:
        """Hold all conversations; return when they are over and all their work has stopped."""
        session_id = self._backend.session_id
        self._backend.listener(events.Opened(session_id, self._options))
        try:
            async with asyncio.TaskGroup() as self._tasks:
                # The peer owes us its half of a closing handshake only for so long.
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(None) as self._patience:
                        await self._serve()
        finally:
            self._backend.listener(events.Closed(session_id, self._close_code))

    def refuse(self, fault: HoarfrostError) -> None:
        """End the connection for a reason that lies outside it."""
        for conversation in self._conversations.values():
            conversation.refuse(fault)
        if self._codec.has_contexts and not self._is_closing:
            self._tasks.create_task(self._end(fault))

    async def _end(self, fault: HoarfrostError) -> None:
        """Tell the fault of a connection with contexts, and close it."""
        with contextlib.suppress(PeerGone):
            await self._send(None, Ended(fault))
            await self._close(fault)

    def silent_for(self) -> Seconds:
        """Return how long nothing has been said or asked for; 0 while speech is under way."""
        if not all(each.is_silent for each in self._conversations.values()):
            return 0.0
        return asyncio.get_running_loop().time() - self._active_at

    def end(self, code: int) -> None:
        """Close for a reason that has nothing to do with what was said, and is not told."""
        if not self._is_closing:
            self._tasks.create_task(self._close_with(code, ""))

    async def _serve(self) -> None:
        try:
            if not self._codec.has_contexts:
                self._open(None, self._options)
            await self._send(None, Ready(self._options, self._unknown))
            await self._listen()
        except PeerGone:
            pass
        except Exception as error:  # noqa: BLE001 -- a defect: told to the log, the counter and the peer
            self._backend.listener(events.Failed(self._backend.session_id, error))
            self._leave()
            with contextlib.suppress(PeerGone):
                await self._close(ServerFault("the server has a defect"))
        finally:
            self._leave()

    def _leave(self) -> None:
        self._has_left = True
        self._set_timer()
        for conversation in self._conversations.values():
            conversation.leave()
        for context in list(self._places):
            self._give_up_place(context)

    def _give_up_place(self, context: str | None) -> None:
        if (place := self._places.pop(context, None)) is not None:
            place.close()

    async def _listen(self) -> None:
        while True:
            message = await self._transport.receive()
            self._active_at = asyncio.get_running_loop().time()
            try:
                events_read = self._codec.decode(message)
            except ClientFault as fault:
                self.refuse(fault)
                await asyncio.sleep(0)  # as below
                continue
            for each in events_read:
                if isinstance(each, Reply):
                    await self._pacer.send(each.frames)
                    await asyncio.sleep(0)
                else:
                    await self._route(each)
            self._set_timer()

    async def _route(self, addressed: Addressed) -> None:
        """Give an event to the conversation it is for."""
        context, event = addressed.context, addressed.event
        if isinstance(event, Open):
            options = event.options or self._options
            try:
                self._open(context, options)
            except ServerBusy as busy:
                await self._send(context, Ended(busy))
            else:
                await self._send(context, Ready(options))
        elif isinstance(event, Leave):
            if (left := self._conversations.pop(context, None)) is not None:
                left.leave()
            self._give_up_place(context)
        elif (conversation := self._conversations.get(context)) is not None:
            for piece in in_pieces(event):
                conversation.receive(piece)
                # A socket with much at hand does not wait in `receive`: others must run.
                await asyncio.sleep(0)
        else:
            fault = ClientFault("context: expected one that is open, got another")
            await self._send(context, Ended(fault))
            await asyncio.sleep(0)

    def _open(self, context: str | None, options: Options) -> None:
        """Begin a conversation; one of the same name is broken off.

        Raises:
            ServerBusy: If there is no place for it.
        """
        if (former := self._conversations.pop(context, None)) is not None:
            former.leave()
        backend = self._backend
        if self._admit is not None:
            self._give_up_place(context)
            place = contextlib.ExitStack()
            backend = place.enter_context(self._admit(options))
            self._places[context] = place
        lookahead_ms = _least(backend.lookahead_ms, options.lookahead_ms)
        self._conversations[context] = Conversation(
            options,
            backend,
            emit=functools.partial(self._emit, context, lookahead_ms),
            is_paced=lookahead_ms is not None,
            tasks=self._tasks,
            conduct=self._codec.conduct,
        )

    async def _emit(
        self,
        context: str | None,
        lookahead_ms: Milliseconds | None,
        output: Output,
        dry_at: Seconds,
    ) -> Seconds | None:
        """Send an output of a conversation; return when the turn of paced audio had come.

        Raises:
            PeerGone: When nobody can receive it.
        """
        if self._is_closing:  # a context's last words come too late
            return None
        if isinstance(output, Audio):
            await self._pacer.wait_for_turn(
                output.duration_ms, dry_at=dry_at, lookahead_ms=lookahead_ms
            )
            turn_at = asyncio.get_running_loop().time()
            frames = self._codec.encode(context, output)
            await self._pacer.send(frames, output.duration_ms)
            self._active_at = asyncio.get_running_loop().time()
            self._set_timer()
            return turn_at if lookahead_ms is not None else None
        await self._send(context, output)
        if isinstance(output, Ended):
            if self._codec.has_contexts:
                self._conversations.pop(context, None)
                self._give_up_place(context)
            else:
                await self._close(output.fault)
        return None

    async def _send(self, context: str | None, output: Output) -> None:
        await self._pacer.send(self._codec.encode(context, output))
        self._set_timer()

    def _set_timer(self) -> None:
        """Have the codec woken when it wants to be."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        is_over = self._is_closing or self._has_left
        wake_at = None if is_over else self._codec.wake_at()
        if wake_at is not None:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_at(wake_at, lambda: self._tasks.create_task(self._wake()))

    async def _wake(self) -> None:
        self._timer = None
        with contextlib.suppress(PeerGone):
            if not self._is_closing:
                await self._pacer.send(self._codec.wake())
        self._set_timer()

    async def _close(self, fault: HoarfrostError | None) -> None:
        code = CLOSE_NORMAL if fault is None else fault.close_code
        await self._close_with(code, "" if fault is None else fault.close_reason)

    async def _close_with(self, code: int, reason: str) -> None:
        if self._is_closing:
            return
        self._is_closing = True
        self._close_code = code
        self._patience.reschedule(asyncio.get_running_loop().time() + CLOSE_TIMEOUT)
        with contextlib.suppress(PeerGone):
            await self._transport.close(code, reason)


def _least(*limits: Milliseconds | None) -> Milliseconds | None:
    """Return the least of those that are given."""
    return min((limit for limit in limits if limit is not None), default=None)
