"""The state machine of one conversation, the same for every protocol and every driver.

In: an `Event` and the moment it happened. Out: one `Action` after the other, when the driver asks
for the `next`. Invariant: whatever the client sends, nothing raises, and nothing is spoken of what
was said before a clear.

A conversation is OPEN until its text ends, then ENDING until its last audio is sent, then CLOSED.
What each event does in each state, and the state it leads to if that is another one:

==============  ==========================  ==========================  ========
event           OPEN                        ENDING                      CLOSED
==============  ==========================  ==========================  ========
Text            buffer it, speak what is    --                          --
                certain
Flush           speak the whole buffer,     --                          --
                piece by piece
Clear           drop everything             drop everything, close      --
                                            → CLOSED
Eos             speak the buffer → ENDING   --                          --
PeerClosed      drop everything → CLOSED    drop everything → CLOSED    --
Refused         drop everything, close      drop everything, close      --
                with the fault → CLOSED     with the fault → CLOSED
AudioSent       advance the clock           advance the clock           --
SpeechSent      speak what has become       speak what is left          --
                certain; flush the audio
                after the last
SpeechFailed    drop everything, close      drop everything, close      --
                with the fault → CLOSED     with the fault → CLOSED
Tick            speak what has become       speak what is left          --
                certain
==============  ==========================  ==========================  ========

Three things the table does not say. ENDING, once all is said and sent, becomes CLOSED by itself, at
once if it was idle. Text over the limit counts as Refused; where the protocol's conduct says that a
conversation survives failures, that and SpeechFailed drop everything, and it goes on. What is told
of speech that has been dropped meanwhile (SpeechSent, SpeechFailed) changes nothing.

An inline-speed utterance is what lies between silence, a flush and a clear. Silence: nothing is
buffered, nothing is being spoken, and the listener has heard all.
"""

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from types import MappingProxyType
from typing import Any, ClassVar, Final, NamedTuple, TypeAlias

from hoarfrost.dialogue.actions import Action, Close, FlushAudio, Speak
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
from hoarfrost.dialogue.options import Conduct
from hoarfrost.dialogue.outputs import Cleared, Failure, Flushed
from hoarfrost.dialogue.playback import PlaybackClock
from hoarfrost.errors import HoarfrostError, TextTooLong
from hoarfrost.text.markup import Reading, read_script
from hoarfrost.text.script import Cut, Pause, Script, Segment
from hoarfrost.text.segmenter import Listener, Segmenter, SegmentMode
from hoarfrost.text.wrapping import Unwrapper
from hoarfrost.units import Seconds, Speed

UNSPOKEN_TEXT_LIMIT = 65_536
"""Bytes (UTF-8) of text that a connection may hold unspoken: some 70 minutes of speech."""


class State(Enum):
    """Where a conversation stands."""

    OPEN = auto()
    ENDING = auto()
    CLOSED = auto()


_PLAIN_CONDUCT: Final = Conduct()

# Any: each handler takes the one event it is listed under; a mapping's type cannot say so.
_Handler: TypeAlias = Callable[[Any, Any, Seconds], bool | None]


class Transition(NamedTuple):
    """Row of the table: what an event does in a state.

    Attributes:
        handle: Method of the machine; False says that the event counts for nothing.
        state: The next state.
    """

    handle: _Handler
    state: State


class Machine:
    """One conversation.

    Args:
        mode: When text is released for speaking.
        pauses: Whether ``<200>`` is a pause, or dropped.
        phonemes: Whether ``{k1Ast0xm}`` is phonemes, or words.
        inline_speeds: For the i-th bracketed word of an utterance, its speed.
        text_limit: Bytes of unspoken text to hold at most.
        unwraps: Whether line breaks inside of a paragraph are spaces.
        conduct: What the protocol expects.

    Attributes:
        state: Where the conversation stands.
        generation: Counts up whenever all speech is dropped: an action under way, of an earlier
            generation, is to be broken off.
    """

    def __init__(
        self,
        mode: SegmentMode = SegmentMode.BY_SENTENCE,
        *,
        pauses: bool = False,
        phonemes: bool = False,
        inline_speeds: tuple[Speed, ...] = (),
        text_limit: int = UNSPOKEN_TEXT_LIMIT,
        unwraps: bool = False,
        conduct: Conduct = _PLAIN_CONDUCT,
    ) -> None:
        self._conduct = conduct
        self._segmenter = Segmenter(mode)
        self._unwraps = unwraps
        self._unwrapper = Unwrapper()
        self._playback = PlaybackClock()
        self._pauses = pauses
        self._phonemes = phonemes
        self._inline_speeds = inline_speeds
        self._text_limit = text_limit
        self.state = State.OPEN
        self.generation = 0
        # What is to be done, in the order in which `next` gives it.
        self._told: Cleared | Failure | None = None
        self._owes_flush = False
        self._turn = _Turn(start=0)
        self._turns: deque[_Turn] = deque()  # those that are flushed, and not sent to the end
        self._unsent: deque[_Speech] = deque()
        self._n_given = 0  # of these, how many `next` has given
        self._close: Close | None = None
        self._n_unsent_bytes = 0
        self._n_spoken = 0
        self._n_utterances = 0
        self._is_in_utterance = False
        self._n_brackets = 0
        self._own_speeds: dict[int, Speed] = {}  # of brackets, by their offsets in all text

    def receive(self, event: Event, now: Seconds) -> None:
        """Take note of an event that happened at ``now``."""
        transition = self.TRANSITIONS[self.state].get(type(event))
        if transition is None:
            return
        try:
            counts = transition.handle(self, event, now)
        except TextTooLong as fault:
            self._refuse_text(event, fault, now)
            return
        if counts is not False:
            self._enter(transition.state)

    @property
    def has_next(self) -> bool:
        """Whether `next` has something to give."""
        return bool(
            self._told
            or self._owes_flush
            or self._is_turn_over
            or len(self._unsent) > self._n_given
            or self._close
        )

    @property
    def is_idle(self) -> bool:
        """Whether there is no speech to be made, sent or flushed."""
        return not (self._unsent or self._owes_flush or self._turns)

    def next(self) -> Action | None:
        """Return the next thing to do, once; None if there is none for now."""
        if self._told is not None:
            told, self._told = self._told, None
            return told
        while self._is_turn_over:
            if (action := self._end_turn()) is not None:
                return action
        if self._owes_flush:
            self._owes_flush = self._is_in_utterance = False
            return FlushAudio(self._n_utterances)
        if len(self._unsent) > self._n_given:
            return self._speak(self._unsent[self._n_given])
        close, self._close = self._close, None
        return close

    def runs_dry_at(self) -> Seconds:
        """Return when the listener will have played all that was sent."""
        return self._playback.ends_at

    def wake_at(self, now: Seconds) -> Seconds | None:
        """Return when to send a `Tick` if nothing else happens before; None for never."""
        if self.state is State.CLOSED:
            return None
        return self._segmenter.wake_at(now, self._listener(now))

    def upcoming(self, now: Seconds) -> Script:
        """Return what is spoken next, or will be if no text comes; empty if that is not known.

        Known is what a boundary at the end of the text holds back, while nothing else is being
        spoken: it may be synthesised meanwhile, and must not be heard.
        """
        if len(self._unsent) > self._n_given:
            return self._unsent[self._n_given].script
        if self.state is not State.OPEN or self._unsent:
            return ()
        segment = self._segmenter.anticipate(now, self._listener(now))
        return () if segment is None else self._read(segment).script

    def _on_text(self, event: Text, now: Seconds) -> None:
        # Before the text is read: what is too much to hold is too much to look through as well.
        n_bytes = self._segmenter.n_bytes + self._n_unsent_bytes + _count_bytes(event.text)
        if n_bytes > self._text_limit:
            raise TextTooLong(
                f"expected at most {self._text_limit} bytes of unspoken text, got {n_bytes}"
            )
        if self._has_said_all and self._playback.ahead_ms(now) == 0:
            self._segmenter.begin_utterance()
            self._n_brackets = 0
        at = self._segmenter.end + self._unwrapper.n_held
        self._own_speeds |= {at + offset: speed for offset, speed in event.speeds.items()}
        text = self._unwrapper.feed(event.text) if self._unwraps else event.text
        self._segmenter.feed(text, now)
        self._release(now)

    def _on_flush(self, event: Flush | Eos, now: Seconds) -> None:
        self._segmenter.feed(self._unwrapper.flush(), now)
        self._segmenter.flush()
        if not isinstance(event, Flush) or event.ends_turn:
            self._turn.end = self._segmenter.end
            self._turn.is_answered = isinstance(event, Flush) and event.is_answered
            if self._turn.is_answered or self._conduct.silence_ms:
                self._turns.append(self._turn)
            self._turn = _Turn(start=self._turn.end)
        self._release(now)

    def _on_clear(self, _event: Clear, now: Seconds) -> None:
        self._told = Cleared(*self._playback.position(now))
        self._drop()

    def _on_clear_of_the_rest(self, event: Clear, now: Seconds) -> None:
        self._on_clear(event, now)
        self._close = Close()

    def _on_peer_closed(self, _event: PeerClosed, _now: Seconds) -> None:
        self._drop()

    def _on_refused(self, event: Refused, _now: Seconds) -> None:
        self._fail(event.fault)

    def _on_audio_sent(self, event: AudioSent, now: Seconds) -> None:
        self._playback.hear(event.duration_ms, now, utterance=self._n_utterances)

    def _on_speech_sent(self, event: SpeechSent, now: Seconds) -> bool:
        if not self._take_off(event.number):
            return False
        self._release(now)
        self._owes_flush = not self._unsent
        return True

    def _on_rest_sent(self, event: SpeechSent, now: Seconds) -> bool:
        if not self._take_off(event.number):
            return False
        self._on_rest_due(event, now)
        return True

    def _on_rest_due(self, _event: SpeechSent | Tick, now: Seconds) -> None:
        self._release(now)
        # Until then more of the same stream may follow, without a gap.
        self._owes_flush |= self._has_said_all

    def _on_speech_failed(self, event: SpeechFailed, _now: Seconds) -> bool:
        if not any(speech.number == event.number for speech in self._unsent):
            return False
        if self._conduct.survives_failure:
            self._drop()
            self._told = Failure(event.fault)
            self._enter(self.state)
            return False
        self._fail(event.fault)
        return True

    def _on_tick(self, _event: Tick, now: Seconds) -> None:
        self._release(now)

    def _enter(self, state: "State") -> None:
        self.state = state
        if state is State.ENDING and self._has_said_all:
            self.state = State.CLOSED
            self._close = Close()
        if self.state is State.CLOSED:
            self._forget_listener()

    def _release(self, now: Seconds) -> None:
        for segment in self._segmenter.release(now, self._listener(now)):
            reading = self._read(segment)
            self._n_brackets += reading.n_brackets
            if self._own_speeds:
                end = segment.start + len(segment.text)
                self._own_speeds = {at: v for at, v in self._own_speeds.items() if at >= end}
            if reading.script:
                start, end = segment.start, segment.start + len(segment.text)
                self._turn_at(start).is_spoken = True
                n_bytes = _count_bytes(segment.text)
                self._n_spoken += 1
                self._unsent.append(
                    _Speech(self._n_spoken, reading.script, n_bytes, start, end, segment.cut)
                )
                self._n_unsent_bytes += n_bytes
        if self._segmenter.is_fresh:
            self._n_brackets = 0

    def _speak(self, speech: "_Speech") -> Speak:
        self._n_given += 1
        if not self._is_in_utterance:
            self._is_in_utterance = True
            self._n_utterances += 1
        return Speak(
            speech.number,
            speech.script,
            self._n_utterances,
            speech.start,
            speech.end,
            cut=speech.cut,
        )

    def _turn_at(self, offset: int) -> "_Turn":
        return next((turn for turn in self._turns if offset < turn.end), self._turn)

    @property
    def _is_turn_over(self) -> bool:
        """Whether all text of the first turn that was flushed is sent, or is nothing to speak."""
        if not self._turns:
            return False
        sent_to = self._unsent[0].start if self._unsent else self._segmenter.start
        return sent_to >= self._turns[0].end

    def _end_turn(self) -> Action | None:
        """Return what is left to do for a turn that is over; None if that was nothing."""
        turn = self._turns[0]
        if turn.end > turn.start and not turn.is_spoken and self._conduct.silence_ms:
            turn.is_spoken = True
            speech = _Speech(
                self._n_spoken + 1, (Pause(self._conduct.silence_ms),), 0, turn.start, turn.end
            )
            self._n_spoken += 1
            self._unsent.insert(0, speech)
            return self._speak(speech)
        if self._is_in_utterance:
            self._owes_flush = self._is_in_utterance = False
            return FlushAudio(self._n_utterances)
        self._turns.popleft()
        if self.state is State.ENDING:
            self._enter(State.ENDING)
        return Flushed() if turn.is_answered else None

    def _refuse_text(self, event: Event, fault: TextTooLong, now: Seconds) -> None:
        if not self._conduct.survives_failure or not isinstance(event, Text):
            self.receive(Refused(fault), now)
            return
        self._drop()
        self._segmenter.skip(len(event.text))
        self._turn = _Turn(start=self._segmenter.end)
        self._told = Failure(fault)

    def _read(self, segment: Segment) -> Reading:
        return read_script(
            segment,
            pauses=self._pauses,
            phonemes=self._phonemes,
            inline_speeds=self._inline_speeds,
            first_bracket=self._n_brackets,
            own_speeds=self._own_speeds,
        )

    def _listener(self, now: Seconds) -> Listener:
        return Listener(ahead_ms=self._playback.ahead_ms(now), is_busy=bool(self._unsent))

    def _take_off(self, number: int) -> bool:
        """Take a speech off the queue; say whether it stood there (a cleared one does not)."""
        if not self._n_given or self._unsent[0].number != number:
            return False
        self._n_unsent_bytes -= self._unsent.popleft().n_bytes
        self._n_given -= 1
        return True

    @property
    def _has_said_all(self) -> bool:
        return self._segmenter.is_blank and not self._unsent and not self._turns

    def _fail(self, fault: HoarfrostError) -> None:
        self._drop()
        self._told = None
        self._close = Close(fault)

    def _drop(self) -> None:
        """Drop all speech, in the buffer, in the queue and under way."""
        self.generation += 1
        self._unsent.clear()
        self._n_given = 0
        self._owes_flush = self._is_in_utterance = False
        self._n_unsent_bytes = 0
        self._turns.clear()
        self._forget_listener()
        self._turn = _Turn(start=self._segmenter.end)

    def _forget_listener(self) -> None:
        self._unwrapper = Unwrapper()
        self._segmenter.clear()
        self._playback.clear()
        self._n_brackets = 0
        self._own_speeds.clear()

    TRANSITIONS: ClassVar[Mapping[State, Mapping[type[Event], Transition]]] = MappingProxyType(
        {
            State.OPEN: {
                Text: Transition(_on_text, State.OPEN),
                Flush: Transition(_on_flush, State.OPEN),
                Clear: Transition(_on_clear, State.OPEN),
                Eos: Transition(_on_flush, State.ENDING),
                PeerClosed: Transition(_on_peer_closed, State.CLOSED),
                Refused: Transition(_on_refused, State.CLOSED),
                AudioSent: Transition(_on_audio_sent, State.OPEN),
                SpeechSent: Transition(_on_speech_sent, State.OPEN),
                SpeechFailed: Transition(_on_speech_failed, State.CLOSED),
                Tick: Transition(_on_tick, State.OPEN),
            },
            State.ENDING: {
                Clear: Transition(_on_clear_of_the_rest, State.CLOSED),
                PeerClosed: Transition(_on_peer_closed, State.CLOSED),
                Refused: Transition(_on_refused, State.CLOSED),
                AudioSent: Transition(_on_audio_sent, State.ENDING),
                SpeechSent: Transition(_on_rest_sent, State.ENDING),
                SpeechFailed: Transition(_on_speech_failed, State.CLOSED),
                Tick: Transition(_on_rest_due, State.ENDING),
            },
            State.CLOSED: {},
        }
    )


@dataclass(frozen=True, slots=True)
class _Speech:
    """A speech whose audio is not wholly sent."""

    number: int
    script: Script
    n_bytes: int
    start: int
    end: int
    cut: Cut | None = None


@dataclass(slots=True)
class _Turn:
    """Text up to a flush.

    Attributes:
        start: Offset of its first character.
        end: Offset after its last one, once it was flushed.
        is_spoken: Whether there is anything to speak in it, as far as it was read.
        is_answered: Whether a `Flushed` tells of its end.
    """

    start: int
    end: int = 0
    is_spoken: bool = False
    is_answered: bool = False


def _count_bytes(text: str) -> int:
    return len(text.encode())
