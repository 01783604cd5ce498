"""The state machine of one conversation, the same for every protocol and every driver.

In: an `Event` and the moment it happened. Out: a list of `Action`. Invariant: whatever the client
sends, `Machine.receive` raises nothing, and asks for no speech of what was said before a clear.

A conversation is OPEN until ``<EOS>``, then ENDING until its last audio is sent, then CLOSED.
What each event does in each state:

==============  ==========================  =====================  ========
event           OPEN                        ENDING                 CLOSED
==============  ==========================  =====================  ========
Text            buffer it, speak what is    --                     --
                certain
Flush           speak the whole buffer,     --                     --
                piece by piece
Clear           drop everything             drop everything,       --
                                            close
Eos             speak the buffer, go to     --                     --
                ENDING (close if idle)
PeerClosed      drop everything             drop everything        --
Refused         drop everything, close      the same               --
                with the fault
AudioSent       advance the playback clock  the same               --
SpeechSent      speak what has become       speak what is left,    --
                certain; deliver the tail   close after the last
                after the last
SpeechFailed    drop everything, close      the same               --
                with the fault
Tick            speak what has become       speak what is left,    --
                certain                     close after the last
==============  ==========================  =====================  ========

An utterance is what lies between silence, ``<FLUSH>`` and ``<CLEAR>``. Silence: nothing is
buffered, nothing is being spoken, and the listener has heard all.
"""

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from types import MappingProxyType
from typing import Any, ClassVar, TypeAlias

from hoarfrost.dialogue.actions import Action, Cancel, Close, Deliver, Speak
from hoarfrost.dialogue.events import (
    AudioSent,
    Clear,
    Eos,
    Event,
    Flush,
    PeerClosed,
    Refused,
    SpeechFailed,
    SpeechSent,
    Text,
    Tick,
)
from hoarfrost.dialogue.playback import PlaybackClock
from hoarfrost.errors import TextTooLong
from hoarfrost.text.markup import Reading, read_script
from hoarfrost.text.script import Script, Segment
from hoarfrost.text.segmenter import Listener, Segmenter, SegmentMode
from hoarfrost.units import Milliseconds, Seconds, Speed

UNSPOKEN_TEXT_LIMIT = 65_536
"""Bytes (UTF-8) of text that a connection may hold unspoken: some 70 minutes of speech."""


class State(Enum):
    """Where a conversation stands."""

    OPEN = auto()
    ENDING = auto()
    CLOSED = auto()


class Machine:
    """One conversation.

    Args:
        mode: When text is released for speaking.
        pauses: Whether ``<200>`` is a pause, or dropped.
        phonemes: Whether ``{k1Ast0xm}`` is phonemes, or words.
        inline_speeds: For the i-th bracketed word of an utterance, its speed.
        text_limit: Bytes of unspoken text to hold at most.
    """

    def __init__(
        self,
        mode: SegmentMode = SegmentMode.BY_SENTENCE,
        *,
        pauses: bool = False,
        phonemes: bool = False,
        inline_speeds: tuple[Speed, ...] = (),
        text_limit: int = UNSPOKEN_TEXT_LIMIT,
    ) -> None:
        self._segmenter = Segmenter(mode)
        self._playback = PlaybackClock()
        self._pauses = pauses
        self._phonemes = phonemes
        self._inline_speeds = inline_speeds
        self._text_limit = text_limit
        self._state = State.OPEN
        self._unsent: deque[_Unsent] = deque()
        self._n_unsent_bytes = 0
        self._n_spoken = 0
        self._n_brackets = 0

    @property
    def state(self) -> State:
        """Where the conversation stands."""
        return self._state

    def receive(self, event: Event, now: Seconds) -> list[Action]:
        """Return what is to be done about an event that happened at ``now``."""
        handle = self._TRANSITIONS[self._state].get(type(event))
        return [] if handle is None else handle(self, event, now)

    def runs_dry_at(self) -> Seconds:
        """Return when the listener will have played all that was sent."""
        return self._playback.ends_at

    def ahead_ms(self, now: Seconds) -> Milliseconds:
        """Return how much of the audio sent the listener has not played yet."""
        return self._playback.ahead_ms(now)

    def wake_at(self, now: Seconds) -> Seconds | None:
        """Return when to send a `Tick` if nothing else happens before; None for never."""
        if self._state is State.CLOSED:
            return None
        return self._segmenter.wake_at(now, self._listener(now))

    def anticipated(self, now: Seconds) -> Script:
        """Return what will be spoken next if no text comes before; empty if that is not known.

        Known is what a boundary at the end of the text holds back, while nothing else is being
        spoken: it may be synthesised meanwhile, and must not be heard.
        """
        if self._state is not State.OPEN or self._unsent:
            return ()
        segment = self._segmenter.anticipate(now, self._listener(now))
        return () if segment is None else self._read(segment).script

    def _take(self, event: Text, now: Seconds) -> list[Action]:
        # Before the text is read: what is too much to hold is too much to look through as well.
        n_bytes = self._segmenter.n_bytes + self._n_unsent_bytes + _count_bytes(event.text)
        if n_bytes > self._text_limit:
            fault = TextTooLong(
                f"expected at most {self._text_limit} bytes of unspoken text, got {n_bytes}"
            )
            return self._end(Cancel(), Close(fault))
        if self._is_silent(now):
            self._segmenter.begin_utterance()
            self._n_brackets = 0
        self._segmenter.feed(event.text, now)
        return self._release(now)

    def _flush(self, _event: Flush, now: Seconds) -> list[Action]:
        self._segmenter.flush()
        return self._release(now)

    def _clear(self, _event: Clear, _now: Seconds) -> list[Action]:
        self._forget()
        return [Cancel()]

    def _finish(self, _event: Eos, now: Seconds) -> list[Action]:
        self._segmenter.flush()
        actions = self._release(now)
        if self._has_said_all:
            return self._end(Close())
        self._state = State.ENDING
        return actions

    def _break_off(self, _event: Clear, _now: Seconds) -> list[Action]:
        return self._end(Cancel(), Close())

    def _leave(self, _event: PeerClosed, _now: Seconds) -> list[Action]:
        return self._end(Cancel())

    def _refuse(self, event: Refused, _now: Seconds) -> list[Action]:
        return self._end(Cancel(), Close(event.fault))

    def _hear(self, event: AudioSent, now: Seconds) -> list[Action]:
        self._playback.hear(event.duration_ms, now)
        return []

    def _go_on(self, event: SpeechSent, now: Seconds) -> list[Action]:
        if not self._note_sent(event.number):
            return []
        actions = self._release(now)
        return actions if self._unsent else [Deliver()]

    def _wind_up(self, event: SpeechSent, now: Seconds) -> list[Action]:
        return self._say_rest(event, now) if self._note_sent(event.number) else []

    def _say_rest(self, _event: SpeechSent | Tick, now: Seconds) -> list[Action]:
        actions = self._release(now)
        return self._end(Deliver(), Close()) if self._has_said_all else actions

    def _fail(self, event: SpeechFailed, _now: Seconds) -> list[Action]:
        if not any(speech.number == event.number for speech in self._unsent):
            return []
        return self._end(Cancel(), Close(event.fault))

    def _poll(self, _event: Tick, now: Seconds) -> list[Action]:
        return self._release(now)

    def _release(self, now: Seconds) -> list[Action]:
        actions = self._speak(self._segmenter.release(now, self._listener(now)))
        if self._segmenter.is_fresh:
            self._n_brackets = 0
        return actions

    def _speak(self, segments: list[Segment]) -> list[Action]:
        actions: list[Action] = []
        for segment in segments:
            reading = self._read(segment)
            self._n_brackets += reading.n_brackets
            if reading.script:
                self._n_spoken += 1
                unsent = _Unsent(self._n_spoken, _count_bytes(segment.text))
                self._unsent.append(unsent)
                self._n_unsent_bytes += unsent.n_bytes
                actions.append(Speak(self._n_spoken, reading.script))
        return actions

    def _read(self, segment: Segment) -> Reading:
        return read_script(
            segment,
            pauses=self._pauses,
            phonemes=self._phonemes,
            inline_speeds=self._inline_speeds,
            first_bracket=self._n_brackets,
        )

    def _listener(self, now: Seconds) -> Listener:
        return Listener(ahead_ms=self._playback.ahead_ms(now), is_busy=bool(self._unsent))

    def _note_sent(self, number: int) -> bool:
        """Take a speech off the list; say whether it stood there (a cleared one does not)."""
        if not self._unsent or self._unsent[0].number != number:
            return False
        self._n_unsent_bytes -= self._unsent.popleft().n_bytes
        return True

    @property
    def _has_said_all(self) -> bool:
        return self._segmenter.is_blank and not self._unsent

    def _is_silent(self, now: Seconds) -> bool:
        return self._has_said_all and self._playback.ahead_ms(now) == 0

    def _forget(self) -> None:
        self._segmenter.clear()
        self._playback.clear()
        self._unsent.clear()
        self._n_unsent_bytes = 0
        self._n_brackets = 0

    def _end(self, *actions: Action) -> list[Action]:
        self._forget()
        self._state = State.CLOSED
        return list(actions)

    # Any: each handler takes the one event it is listed under; a mapping's type cannot say so.
    _Handler: TypeAlias = Callable[["Machine", Any, Seconds], list[Action]]
    _TRANSITIONS: ClassVar[Mapping[State, Mapping[type[Event], _Handler]]] = MappingProxyType(
        {
            State.OPEN: {
                Text: _take,
                Flush: _flush,
                Clear: _clear,
                Eos: _finish,
                PeerClosed: _leave,
                Refused: _refuse,
                AudioSent: _hear,
                SpeechSent: _go_on,
                SpeechFailed: _fail,
                Tick: _poll,
            },
            State.ENDING: {
                Clear: _break_off,
                PeerClosed: _leave,
                Refused: _refuse,
                AudioSent: _hear,
                SpeechSent: _wind_up,
                SpeechFailed: _fail,
                Tick: _say_rest,
            },
            State.CLOSED: {},
        }
    )


@dataclass(frozen=True, slots=True)
class _Unsent:
    """A speech whose audio is not wholly sent."""

    number: int
    n_bytes: int


def _count_bytes(text: str) -> int:
    return len(text.encode())
