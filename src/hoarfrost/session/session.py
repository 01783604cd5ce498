"""One conversation over one socket: the machine's decisions carried out as they come.

In: messages from a `Transport`. Out: audio frames and at last a close. Invariant: after a cancel no
byte of what was being spoken is sent, because the one task that sends is gone by then.

The session's own task listens. While there is something to say, a second task, the speaker, carries
out `Speak`, `Deliver` and `Close` one after the other; it renders one packet ahead of the one it
is sending, so a session never holds more than two packets, whatever the client does. An idle
session costs one task and no timer. What will be said if no more text comes is begun before that
is certain (`anticipation`); how far ahead of its listener audio goes is the business of `egress`.
"""

import asyncio
import contextlib
from collections import deque
from collections.abc import Generator, Iterator
from typing import assert_never

from hoarfrost.dialogue.actions import Action, Cancel, Close, Deliver, Speak
from hoarfrost.dialogue.events import (
    AudioSent,
    Event,
    PeerClosed,
    Refused,
    SpeechFailed,
    SpeechSent,
    Tick,
    in_pieces,
)
from hoarfrost.dialogue.machine import UNSPOKEN_TEXT_LIMIT, Machine, State
from hoarfrost.errors import ClientFault, HoarfrostError, ServerFault
from hoarfrost.protocol.frames import Clear, decode
from hoarfrost.protocol.options import Options
from hoarfrost.render import Packet, Renderer, Synthesize
from hoarfrost.session.activity import Activity, NullActivity
from hoarfrost.session.anticipation import Anticipation
from hoarfrost.session.egress import Egress
from hoarfrost.session.observer import NullObserver, Observer
from hoarfrost.session.scheduler import Scheduler, Work
from hoarfrost.session.transport import PeerGone, Transport
from hoarfrost.units import Milliseconds, Seconds

UNDERRUN_MS: Milliseconds = 20.0
"""A shorter gap is hidden by any player's own buffer."""

IN_TIME: Seconds = 0.25
"""Speech asked for so long before the listener runs dry has no excuse; text that comes later is
late itself, as a slow language model's is after a short first clause."""

CLOSE_PATIENCE: Seconds = 2.0
"""How long to wait for the peer's half of the closing handshake (pipecat's own limit)."""


class Session:
    """A conversation from after the upgrade to the end.

    Args:
        transport: The socket.
        options: What the client asked for.
        synthesize: Where speech comes from.
        scheduler: Where work runs.
        observer: Who is told.
        activity: Who reckons what the conversation costs and gives.
        session_id: What it is called in the log.
        caller: Whose it is, for a fair share of the work: the id of a key.
        text_limit: Bytes of unspoken text to hold at most.
        lookahead_ms: Audio to be sent ahead of the listener at most, whatever the client asks for;
            None for as much as it reads.
    """

    def __init__(  # noqa: PLR0913 -- what one session is made of, each part chosen by its driver
        self,
        transport: Transport,
        options: Options,
        synthesize: Synthesize,
        scheduler: Scheduler,
        *,
        observer: Observer | None = None,
        activity: Activity | None = None,
        session_id: str = "",
        caller: str = "",
        text_limit: int = UNSPOKEN_TEXT_LIMIT,
        lookahead_ms: Milliseconds | None = None,
    ) -> None:
        self._transport = transport
        self._options = options
        self._synthesize = synthesize
        self._scheduler = scheduler
        self._observer = observer or NullObserver()
        self._activity = activity or NullActivity()
        self._id = session_id
        self._caller = caller
        self._machine = Machine(
            options.segment,
            pauses=options.pauses,
            phonemes=options.phonemes,
            inline_speeds=options.inline_speeds,
            text_limit=text_limit,
        )
        self._egress = Egress(
            transport,
            options.audio_format,
            ahead_ms=lambda: self._machine.ahead_ms(self._loop.time()),
            sent=self._note_sent,
            lookahead_ms=_least(lookahead_ms, options.lookahead_ms),
        )
        self._renderer: Renderer | None = None
        self._anticipation: Anticipation | None = None
        self._begun: dict[int, Anticipation] = {}
        self._waiting: deque[Speak | Deliver | Close] = deque()
        self._speaker: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._close_code: int | None = None
        self._asked_at: Seconds | None = None
        self._busy_since: Seconds = 0.0
        self._undelivered_ms: Milliseconds = 0.0

    async def run(self) -> None:
        """Hold the conversation; return when it is over and all its work has stopped."""
        self._loop = asyncio.get_running_loop()
        self._observer.opened(self._id, self._options)
        try:
            async with asyncio.TaskGroup() as self._tasks:
                # The peer owes us its half of a closing handshake only for so long.
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(None) as self._patience:
                        await self._listen()
        finally:
            self._stop_timer()
            self._observer.closed(self._id, self._close_code)

    def refuse(self, fault: HoarfrostError) -> None:
        """End the conversation for a reason that lies outside it."""
        self._note(Refused(fault))

    async def _listen(self) -> None:
        try:
            while True:
                for event in _read(await self._transport.receive()):
                    self._note(event)
                    # A socket with much at hand does not wait in `receive`: others must run.
                    await asyncio.sleep(0)
        except PeerGone:
            pass
        finally:
            self._leave()

    def _leave(self) -> None:
        """Stop all work, also what the machine has let go of: nobody is there to hear it."""
        self._note(PeerClosed())
        self._cancel()

    def _note(self, event: Event) -> None:
        """Tell the machine, and do what it says."""
        if isinstance(event, Clear):
            self._observer.cleared(self._id)
            self._activity.cleared()
        for action in self._machine.receive(event, self._loop.time()):
            self._begin(action)
        if self._waiting and self._speaker is None:
            self._speaker = self._tasks.create_task(self._carry_out())
        self._anticipate()
        self._set_timer()

    def _note_sent(self, duration_ms: Milliseconds) -> None:
        self._activity.sent(duration_ms)
        self._note(AudioSent(duration_ms))

    def _begin(self, action: Action) -> None:
        match action:
            case Cancel():
                self._cancel()
            case Speak(number, script):
                if self._is_quiet:
                    self._asked_at = self._busy_since = self._loop.time()
                if self._anticipation is not None and self._anticipation.script == script:
                    self._begun[number] = self._anticipation
                    self._anticipation = None
                self._waiting.append(action)
            case Deliver() | Close():
                self._waiting.append(action)
            case _:
                assert_never(action)

    @property
    def _is_quiet(self) -> bool:
        return self._speaker is None and not self._waiting

    def _cancel(self) -> None:
        self._waiting.clear()
        for begun in self._begun.values():
            begun.drop()
        self._begun.clear()
        self._drop_anticipation()
        self._asked_at = None
        self._undelivered_ms = 0.0
        # Its samples and encoder belong to what is dropped, and a step may be using them still.
        self._renderer = None
        if self._speaker is not None and self._speaker is not asyncio.current_task():
            self._speaker.cancel()
            self._speaker = None

    def _anticipate(self) -> None:
        """Begin what will be spoken if no more text comes; drop what will not be any more."""
        now = self._loop.time()
        script = self._machine.anticipated(now)
        if self._anticipation is not None and self._anticipation.script == script:
            return
        self._drop_anticipation()
        if script and self._is_quiet:
            self._anticipation = Anticipation(
                script,
                self._stream,
                self._scheduler,
                # Like new speech that is asked for now: nobody knows that it will be heard.
                due=now,
                caller=self._caller,
                meter=self._activity.worked,
                tasks=self._tasks,
            )

    def _drop_anticipation(self) -> None:
        if self._anticipation is not None:
            self._anticipation.drop()
            self._anticipation = None

    async def _carry_out(self) -> None:
        try:
            while self._waiting:
                action = self._waiting.popleft()
                try:
                    await self._perform(action)
                except PeerGone:
                    raise
                except Exception as error:  # noqa: BLE001 -- one caller's failure ends that caller
                    self._fail(action, error)
        except PeerGone:
            self._leave()
        self._speaker = None

    async def _perform(self, action: Speak | Deliver | Close) -> None:
        match action:
            case Speak(number, script):
                if (begun := self._begun.get(number)) is not None:
                    await begun.ready()
                is_begun = begun is not None and self._stream.has_first_sound
                await self._send(self._stream.render(script), is_begun=is_begun)
                if begun is not None:
                    self._begun.pop(number).drop()
                self._note(SpeechSent(number))
            case Deliver():
                await self._send(self._stream.finish())
                self._observer.delivered(self._id, self._undelivered_ms)
                self._undelivered_ms = 0.0
            case Close(code=code, reason=reason):
                self._close_code = code
                self._patience.reschedule(self._loop.time() + CLOSE_PATIENCE)
                await self._transport.close(code, reason)
            case _:
                assert_never(action)

    def _fail(self, action: Speak | Deliver | Close, error: Exception) -> None:
        self._observer.failed(self._id, error)
        fault = error if isinstance(error, HoarfrostError) else ServerFault("synthesis failed")
        if isinstance(action, Speak):
            self._note(SpeechFailed(action.number, fault))
        else:
            self._note(Refused(fault))

    @property
    def _stream(self) -> Renderer:
        if self._renderer is None:
            self._renderer = Renderer(self._synthesize, self._options)
        return self._renderer

    async def _send(
        self, packets: Generator[Packet, None, None], *, is_begun: bool = False
    ) -> None:
        """Send packets, each while the next one is made.

        Args:
            packets: What to send.
            is_begun: Whether the first one is as good as made: then it does not wait for a thread.
        """
        work = Work(packets, meter=self._activity.worked)
        upcoming: asyncio.Future[Packet | None] = self._loop.create_future()
        try:
            packet = work.step() if is_begun else await self._step(work)
            while packet is not None:
                upcoming = self._step(work, packet.duration_ms)
                self._tell_underrun(packet)
                # An encoder holds samples back: what had no bytes yet is heard with later ones.
                self._undelivered_ms += packet.duration_ms
                await self._egress.send(packet)
                if packet.data:
                    self._tell_first_audio()
                packet = await upcoming
        finally:
            work.abandon()
            upcoming.cancel()  # if it has failed already: nobody is interested

    def _step(self, work: Work, in_hand_ms: Milliseconds = 0.0) -> "asyncio.Future[Packet | None]":
        """Have a step done, by when the listener has heard what was sent and what is in hand."""
        dry_at = self._machine.runs_dry_at()
        if in_hand_ms:
            dry_at = max(dry_at, self._loop.time()) + in_hand_ms / 1000
        # Who has nothing to hear needs it since it was asked for.
        due = max(dry_at, self._busy_since)
        return self._scheduler.step(work, due, caller=self._caller)

    def _tell_underrun(self, packet: Packet) -> None:
        """Tell if the listener ran dry although there was something to say in time."""
        dry_at = self._machine.runs_dry_at()
        gap_ms = (self._loop.time() - dry_at) * 1000
        is_in_time = dry_at >= self._busy_since + IN_TIME
        if packet.duration_ms and is_in_time and gap_ms > UNDERRUN_MS:
            self._observer.underran(self._id, gap_ms)

    def _tell_first_audio(self) -> None:
        if self._asked_at is not None:
            self._observer.first_audio(self._id, self._loop.time() - self._asked_at)
            self._asked_at = None

    def _set_timer(self) -> None:
        self._stop_timer()
        if self._machine.state is State.CLOSED:
            return
        wake_at = self._machine.wake_at(self._loop.time())
        if wake_at is not None:
            self._timer = self._loop.call_at(wake_at, self._note, Tick())

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


def _least(*limits: Milliseconds | None) -> Milliseconds | None:
    """Return the least of those that are given."""
    return min((limit for limit in limits if limit is not None), default=None)


def _read(message: str | bytes) -> Iterator[Event]:
    """Yield what a message says, a refusal if it cannot be read."""
    try:
        events = decode(message)
    except ClientFault as fault:
        yield Refused(fault)
        return
    for event in events:
        yield from in_pieces(event)
