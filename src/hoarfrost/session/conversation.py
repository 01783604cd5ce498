"""One conversation: the machine's actions carried out, their outputs emitted. Knows no socket.

In: client events. Out: outputs, by `Emit`. Invariant: after a clear no output of what was being
spoken is emitted, because the one task that emits is gone by then.

Events are received as they come. While there is something to do, a task of its own, the speaker,
carries out one action of the machine after the other; it renders one packet ahead of the one it is
sending, so a conversation never holds more than two packets, whatever the client does. An idle one
costs no task and no timer. What will be said if no more text comes is begun before that is certain
(`prefetch`).
"""

import asyncio
from asyncio import TaskGroup
from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager, ExitStack, nullcontext
from dataclasses import dataclass
from typing import TypeAlias, assert_never

from hoarfrost.dialogue.actions import Action, Close, FlushAudio, Speak
from hoarfrost.dialogue.events import (
    AudioSent,
    Clear,
    ClientEvent,
    Event,
    PeerClosed,
    Refused,
    SpeechFailed,
    SpeechSent,
    Text,
    Tick,
)
from hoarfrost.dialogue.machine import UNSPOKEN_TEXT_LIMIT, Machine, State
from hoarfrost.dialogue.options import Conduct, Options
from hoarfrost.dialogue.outputs import (
    Audio,
    Cleared,
    Done,
    Ended,
    Failure,
    Flushed,
    Output,
    Speaking,
    Started,
    Stepped,
    Words,
)
from hoarfrost.errors import HoarfrostError, QuotaExceeded, ServerFault
from hoarfrost.render import Packet, Prefetched, Renderer, Synthesize
from hoarfrost.session import events
from hoarfrost.session.events import Listener
from hoarfrost.session.loading import Loader
from hoarfrost.session.pacing import pieces
from hoarfrost.session.prefetch import Prefetch
from hoarfrost.session.scheduler import Scheduler, Work
from hoarfrost.session.timing import Timing
from hoarfrost.session.transport import PeerGone
from hoarfrost.units import Milliseconds, Seconds

UNDERRUN_MS: Milliseconds = 20.0
"""A shorter gap is hidden by any player's own buffer."""

IN_TIME: Seconds = 0.25
"""Speech asked for so long before the playback buffer is empty has no excuse; text that comes
later is late itself, as a slow language model's is after a short first clause."""

Emit: TypeAlias = Callable[[Output, Seconds], Awaitable[Seconds | None]]
"""Sends an output, when its turn has come; the playback buffer is empty at the moment given.

Returns when the turn of audio that is paced had come: what it takes from then on is the client's.
Raises `PeerGone` when nobody can receive it.
"""


def _have_all(_n_characters: int) -> None:
    """Count nothing: there is no limit."""


@dataclass(frozen=True, slots=True)
class Backend:
    """What serves a connection and all its conversations.

    Attributes:
        synthesize: Where speech comes from.
        scheduler: Where work runs.
        listener: Told what happens.
        loader: Where voices are loaded before they speak; None if all are.
        session_id: What the connection is called in the log.
        caller: Whose it is, for a fair share of the work: the id of a key.
        text_limit: Bytes of unspoken text that a conversation may hold.
        lookahead_ms: Audio to be sent ahead of the listener at most, whatever the client asks for;
            None for as much as it reads.
        spend: Counts characters of text; raises `QuotaExceeded` when the caller has none left.
        speaking: Holds the caller's place among those that speak; entering it raises the same.
    """

    synthesize: Synthesize
    scheduler: Scheduler
    listener: Listener = events.ignore
    loader: Loader | None = None
    session_id: str = ""
    caller: str = ""
    text_limit: int = UNSPOKEN_TEXT_LIMIT
    lookahead_ms: Milliseconds | None = None
    spend: Callable[[int], None] = _have_all
    speaking: Callable[[], AbstractContextManager[None]] = nullcontext


class Conversation:
    """A conversation from its first event to its end.

    Args:
        options: What the client asked for.
        backend: What serves it.
        emit: Where outputs go.
        is_paced: Whether audio goes out in small pieces, because it has to wait for its turn.
        tasks: Where its tasks live.
        conduct: What the protocol expects.
    """

    def __init__(
        self,
        options: Options,
        backend: Backend,
        *,
        emit: Emit,
        is_paced: bool,
        tasks: TaskGroup,
        conduct: Conduct | None = None,
    ) -> None:
        self._options = options
        self._backend = backend
        self._emit = emit
        self._is_paced = is_paced
        self._tasks = tasks
        self._loop = asyncio.get_running_loop()
        self._machine = Machine(
            options.segment,
            pauses=options.pauses,
            phonemes=options.phonemes,
            inline_speeds=options.inline_speeds,
            text_limit=backend.text_limit,
            unwraps=options.unwraps,
            conduct=conduct or Conduct(),
        )
        self._renderer: Renderer | None = None
        self._prefetch: Prefetch | None = None
        self._speaker: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._has_begun = False  # to make a stream, whose header is sent once
        self._is_flushing = False
        self._is_broken = False
        self._busy_since: Seconds = 0.0
        self._unflushed_ms: Milliseconds = 0.0
        self._timing = Timing()
        self._step_took: Seconds = 0.0
        self._place: ExitStack | None = None
        if not self._is_loaded and backend.loader is not None:
            backend.loader.begin(options.voice)  # whoever connects is about to speak

    @property
    def state(self) -> State:
        """Where the conversation stands."""
        return self._machine.state

    @property
    def is_silent(self) -> bool:
        """Whether there is no speech to be made, sent or flushed."""
        return self._is_idle and self._speaker is None

    def receive(self, event: ClientEvent) -> None:
        """Take note of what the client says."""
        if isinstance(event, Clear):
            self._tell(events.Interrupted(self._backend.session_id))
        elif isinstance(event, Text):
            self._timing.text_at = self._loop.time()
            try:
                self._backend.spend(len(event.text))
            except QuotaExceeded as fault:
                self.refuse(fault)
                return
        self._note(event)

    def refuse(self, fault: HoarfrostError) -> None:
        """End the conversation for a reason that lies outside it."""
        self._note(Refused(fault))

    def leave(self) -> None:
        """Stop all work, also what the machine has let go of: nobody is there to hear it."""
        self._note(PeerClosed())
        self._drop()
        self._stop_timer()

    def _note(self, event: Event) -> None:
        """Tell the machine, and do what follows. A defect ends the conversation."""
        if self._is_broken:
            return
        try:
            self._advance(event)
        except Exception as error:  # noqa: BLE001 -- a defect of ours must not pass for a peer that left
            self._break(error)

    def _advance(self, event: Event) -> None:
        generation, was_idle = self._machine.generation, self._is_idle
        self._machine.receive(event, self._loop.time())
        if self._machine.generation != generation:
            self._drop()
        if was_idle and not self._machine.is_idle:
            self._busy_since = self._loop.time()
            self._timing.release(self._busy_since)
        if self._machine.has_next and self._speaker is None:
            self._speaker = self._tasks.create_task(self._carry_out())
        self._update_prefetch()
        self._set_timer()

    @property
    def _is_loaded(self) -> bool:
        loader = self._backend.loader
        return loader is None or loader.is_loaded(self._options.voice)

    @property
    def _is_idle(self) -> bool:
        return self._machine.is_idle and not self._is_flushing

    def _break(self, error: Exception) -> None:
        self._is_broken = True
        self._drop()
        self._stop_timer()
        self._tell(events.Failed(self._backend.session_id, error))
        ended = Ended(ServerFault("the server has a defect"))
        self._tasks.create_task(self._emit_last(ended))

    async def _emit_last(self, ended: Ended) -> None:
        try:
            await self._emit(ended, 0.0)
        except PeerGone:
            pass
        except Exception as error:  # noqa: BLE001 -- told; the connection ends when its peer goes
            self._tell(events.Failed(self._backend.session_id, error))

    def _drop(self) -> None:
        """Break off whatever is under way."""
        self._drop_prefetch()
        self._timing.reset()
        self._unflushed_ms = 0.0
        self._is_flushing = False
        # Its samples and encoder belong to what is dropped, and a step may be using them still.
        self._renderer = None
        if self._speaker is not None and self._speaker is not asyncio.current_task():
            self._speaker.cancel()
            self._speaker = None
            self._give_place_back()

    def _give_place_back(self) -> None:
        if self._place is not None:
            self._place.close()
            self._place = None

    def _update_prefetch(self) -> None:
        """Begin what will be spoken if no more text comes; drop what will not be any more."""
        now = self._loop.time()
        script = self._machine.upcoming(now)
        if self._prefetch is not None and self._prefetch.script == script:
            return
        self._drop_prefetch()
        if script and self._is_idle and self._is_loaded:
            self._timing.begin_work()
            self._prefetch = Prefetch(
                Prefetched(script, self._options, self._backend.synthesize),
                self._backend.scheduler,
                # Like new speech that is asked for now: nobody knows that it will be heard.
                due=now,
                caller=self._backend.caller,
                meter=self._meter,
                tasks=self._tasks,
            )

    def _drop_prefetch(self) -> None:
        if self._prefetch is not None:
            self._prefetch.drop()
            self._prefetch = None

    async def _carry_out(self) -> None:
        try:
            while not self._is_broken and (action := self._machine.next()) is not None:
                try:
                    await self._perform(action)
                except PeerGone:
                    raise
                except Exception as error:  # noqa: BLE001 -- one caller's failure ends that caller
                    self._fail(action, error)
        except PeerGone:
            self.leave()
        except Exception as error:  # noqa: BLE001 -- as in `_note`
            self._break(error)
        self._speaker = None
        self._give_place_back()

    async def _perform(self, action: Action) -> None:
        match action:
            case Speak():
                await self._speak(action)
            case FlushAudio(utterance):
                self._is_flushing = True
                await self._send(Work(self._stream.finish(), meter=self._meter), utterance)
                await self._emit(self._conclude(utterance), 0.0)
            case Cleared() | Flushed() | Failure():
                await self._emit(action, 0.0)
            case Close(fault):
                await self._emit(Ended(fault), 0.0)
            case _:
                assert_never(action)

    def _conclude(self, utterance: int) -> Done:
        """Count an utterance as done, before anything of the next one can happen."""
        done = Done(utterance, self._unflushed_ms, self._timing.told())
        self._tell(events.UtteranceDone(self._backend.session_id, self._unflushed_ms))
        self._unflushed_ms = 0.0
        self._timing.reset()
        self._is_flushing = False
        return done

    async def _speak(self, speak: Speak) -> None:
        if self._place is None:
            place = ExitStack()
            try:
                place.enter_context(self._backend.speaking())
            except QuotaExceeded as fault:
                self.refuse(fault)
                return
            self._place = place
        prefetch, prefetched = self._prefetch, None
        if prefetch is not None and prefetch.script == speak.script:
            self._prefetch = None
        else:
            prefetch = None
        try:
            if speak.utterance != self._timing.utterance:
                self._timing.utterance = speak.utterance
                await self._emit(Started(speak.utterance), 0.0)
            await self._emit(Speaking(speak.start, speak.end, speak.utterance, speak.cut), 0.0)
            if self._backend.loader is not None:
                await self._backend.loader.load(self._options.voice)
            if prefetch is not None:
                prefetched = await prefetch.ready()
            is_begun = prefetched is not None and prefetched.has_first_sound
            packets = self._stream.render(speak.script, prefetched)
            await self._send(Work(packets, meter=self._meter), speak.utterance, is_begun=is_begun)
        finally:
            if prefetch is not None:
                prefetch.drop()
        self._note(SpeechSent(speak.number))

    def _fail(self, action: Action, error: Exception) -> None:
        self._tell(events.Failed(self._backend.session_id, error))
        fault = error if isinstance(error, HoarfrostError) else ServerFault("synthesis failed")
        if isinstance(action, Speak):
            self._note(SpeechFailed(action.number, fault))
        else:
            self._note(Refused(fault))

    @property
    def _stream(self) -> Renderer:
        if self._renderer is None:
            begins, self._has_begun = not self._has_begun, True
            self._renderer = Renderer(self._backend.synthesize, self._options, begins=begins)
        return self._renderer

    async def _send(self, work: Work, utterance: int, *, is_begun: bool = False) -> None:
        """Send the packets of some work, each while the next one is made.

        Args:
            work: What makes them.
            utterance: Which one they belong to.
            is_begun: Whether the first one is as good as made: then it does not wait for a thread.
        """
        upcoming: asyncio.Future[Packet | None] = self._loop.create_future()
        try:
            packet = work.step() if is_begun else await self._step(work)
            while packet is not None:
                took = self._step_took  # before the next one sets it
                upcoming = self._step(work, packet.duration_ms)
                if not self._is_paced:
                    self._tell_underrun(packet.duration_ms, self._loop.time())
                # An encoder holds samples back: what had no bytes yet is heard with later ones.
                self._unflushed_ms += packet.duration_ms
                await self._emit(Stepped(utterance, took * 1000, packet.duration_ms), 0.0)
                await self._send_packet(packet, utterance)
                packet = await upcoming
        finally:
            work.abandon()
            upcoming.cancel()  # if it has failed already: nobody is interested

    async def _send_packet(self, packet: Packet, utterance: int) -> None:
        if packet.words:
            await self._emit(Words(utterance, packet.words), 0.0)
        audio = Audio(packet.data, packet.duration_ms)
        alignment = self._options.audio_format.alignment_bytes
        for piece in pieces(audio, alignment) if self._is_paced else (audio,):
            turn_at = await self._emit(piece, self._machine.runs_dry_at())
            if turn_at is not None:
                self._tell_underrun(piece.duration_ms, turn_at)
            self._tell(events.Sent(self._backend.session_id, piece.duration_ms))
            self._note(AudioSent(piece.duration_ms))
        if packet.data and (after := self._timing.note_first_audio(self._loop.time())) is not None:
            self._tell(events.FirstAudio(self._backend.session_id, after))

    def _step(self, work: Work, in_hand_ms: Milliseconds = 0.0) -> "asyncio.Future[Packet | None]":
        """Have a step done, by when the listener has heard what was sent and what is in hand."""
        dry_at = self._machine.runs_dry_at()
        if in_hand_ms:
            dry_at = max(dry_at, self._loop.time()) + in_hand_ms / 1000
        # Who has nothing to hear needs it since it was asked for.
        due = max(dry_at, self._busy_since)
        return self._backend.scheduler.step(work, due, caller=self._backend.caller)

    def _meter(self, work: Seconds, audio_ms: Milliseconds) -> None:
        """Count a step, on the thread that did it."""
        self._timing.work += work
        self._step_took = work
        self._backend.listener(events.StepDone(self._backend.session_id, work, audio_ms))

    def _tell(self, event: events.SessionEvent) -> None:
        self._backend.listener(event)

    def _tell_underrun(self, duration_ms: Milliseconds, now: Seconds) -> None:
        """Tell of an underrun, if there was something to say in time."""
        dry_at = self._machine.runs_dry_at()
        gap_ms = (now - dry_at) * 1000
        is_in_time = dry_at >= self._busy_since + IN_TIME
        if duration_ms and is_in_time and gap_ms > UNDERRUN_MS:
            self._tell(events.Underrun(self._backend.session_id, gap_ms))

    def _set_timer(self) -> None:
        self._stop_timer()
        wake_at = self._machine.wake_at(self._loop.time())
        if wake_at is not None:
            self._timer = self._loop.call_at(wake_at, self._note, Tick())

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
