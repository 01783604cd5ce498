"""The JSON protocols ``/ws3`` and ``/ws2``: text and operations in, audio and times of words out.

In: JSON objects with ``text`` or ``operation``. Out: events of four types, ``chunk``,
``timestamps``, ``done`` and ``error``, each with the ``contextId`` of the text that it is about.
Invariant: each flush of something is answered by one ``done``, and nothing of a context follows it.

A *run* is the text from the first after the start, a ``done`` or a clear, to the next of these. Ids
of contexts are labels on text, spoken in the order of arrival: a change of id is a boundary.
"""

import base64
import json
import re
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Final

from hoarfrost.dialogue.events import Clear, Eos, Flush, Text
from hoarfrost.dialogue.options import Conduct, Options
from hoarfrost.dialogue.outputs import (
    Audio,
    Done,
    Ended,
    Failure,
    Flushed,
    Output,
    Speaking,
    Words,
    WordTime,
)
from hoarfrost.errors import BadMessage, BadOptions, HoarfrostError, TextTooLong
from hoarfrost.protocol.codec import Addressed, Frame, Reply
from hoarfrost.protocol.json_messages import Operation, read_message
from hoarfrost.protocol.parameters import DEFAULT_MODEL, read_inline_speeds
from hoarfrost.protocol.word_times import TimedToken, time_tokens
from hoarfrost.text.segmenter import SegmentMode
from hoarfrost.units import Milliseconds, Seconds, Speed

QUIET: Final[Seconds] = 0.3
"""After so long without text, a run without a context id is done."""

GRACE: Final[Seconds] = 3.0
"""After so long beyond the end of playback, a run with a context id that nobody flushes is done: a
language model pauses, and clients take the first ``done`` for the end."""

_BRACKETED: Final = re.compile(r"\[[^\[\]]*[^\W_][^\[\]]*\]")

SILENCE_MS: Final[Milliseconds] = 100.0
"""Instead of a turn without anything to be spoken: several clients take that for a failure."""


@dataclass(slots=True)
class _Piece:
    """One synthesis, as far as it was told.

    Attributes:
        start: Offset of its text.
        end: Offset after its text.
        origin_ms: Where it begins in its utterance.
        audio_ms: Length of its audio so far.
        words: Its words so far, with times in the utterance.
    """

    start: int
    end: int
    origin_ms: Milliseconds
    audio_ms: Milliseconds = 0.0
    words: list[WordTime] = field(default_factory=list)


@dataclass(slots=True)
class _Labelled:
    """Text of one message, where it begins in all text, and its label."""

    start: int
    text: str
    label: str | None

    @property
    def end(self) -> int:
        return self.start + len(self.text)


class JsonCodec:
    """The `Codec` of ``/ws3``, and of ``/ws2``.

    Args:
        options: Of the connection.
        clock: Gives the time.
        text_limit: Bytes of text that a message may have.
        model: The model that the client asked for: it decides what inline speeds mean.
        is_second: Whether it is ``/ws2``: ``done`` says so twice.
        times_from_context: Whether times of words count from the first sample of their context, in
            place of that of their synthesis.
    """

    has_contexts: ClassVar[bool] = False
    conduct: ClassVar[Conduct] = Conduct(silence_ms=SILENCE_MS, survives_failure=True)

    def __init__(
        self,
        options: Options,
        clock: Callable[[], Seconds],
        *,
        text_limit: int,
        model: str = DEFAULT_MODEL,
        is_second: bool = False,
        times_from_context: bool = False,
    ) -> None:
        self._mode = options.segment
        self._clock = clock
        self._text_limit = text_limit
        self._model = model
        self._is_second = is_second
        self._times_from_context = times_from_context
        self._texts: deque[_Labelled] = deque()
        self._end = 0  # of all text
        self._label: str | None = None  # in force
        self._spoken_label: str | None = None
        self._is_open = False  # whether there is a run
        self._is_labelled = False  # whether any text of it has a label
        self._flushed: deque[str | None] = deque()  # labels of the turns that are to be answered
        self._piece: _Piece | None = None
        self._utterance_ms: Milliseconds = 0.0
        self._context_ms: Milliseconds = 0.0
        self._plays_until: Seconds = 0.0
        self._done_at: Seconds | None = None

    def decode(self, message: str | bytes) -> Sequence[Addressed | Reply]:
        """Read one message; what is wrong with it is answered, and changes nothing.

        Raises:
            TextNotUtf8: If bytes are not UTF-8.
        """
        try:
            said = read_message(message, self._text_limit)
            speeds = read_inline_speeds(said.speeds, self._model)
        except (BadMessage, BadOptions) as fault:
            return [self._error(str(fault), self._label)]
        label = self._label if said.label is None else said.label
        events: list[Addressed | Reply] = []
        if said.text:
            events += self._take(said.text, label, speeds)
        self._label = label
        if said.operation is not None:
            events += self._operate(said.operation)
        return events

    def encode(self, _context: str | None, output: Output, /) -> Sequence[Frame]:
        """Return the events that tell an output."""
        frames: Sequence[Frame] = []
        match output:
            case Speaking(start, end):
                frames = self._begin(start, end)
            case Words(_, words) if self._piece is not None:
                self._piece.words += words
            case Audio():
                frames = self._chunk(output)
            case Done():
                self._utterance_ms = 0.0
                self._await_more()
                frames = self._end_piece()
            case Flushed():
                label = self._flushed.popleft() if self._flushed else self._label
                frames = [*self._end_piece(), self._done(label)]
            case Failure(fault):
                frames = self._fail(fault)
            case Ended(None):
                frames = [*self._end_piece(), self._done(self._label)]
            case _:
                pass
        return frames

    def wake_at(self) -> Seconds | None:
        """Return when a run that nobody flushes is done."""
        return self._done_at

    def wake(self) -> Sequence[Frame]:
        """Return the ``done`` of such a run."""
        if self._done_at is None:
            return []
        self._done_at = None
        self._is_open = self._is_labelled = False
        return [self._done(self._spoken_label)]

    def _take(
        self, text: str, label: str | None, speeds: Sequence[Speed]
    ) -> list[Addressed | Reply]:
        events: list[Addressed | Reply] = []
        if self._is_open and self._texts and self._texts[-1].label != label:
            events.append(Addressed(None, Flush(ends_turn=False)))
        self._texts.append(_Labelled(self._end, text, label))
        self._end += len(text)
        self._is_open = True
        self._is_labelled = self._is_labelled or label is not None
        self._done_at = None
        brackets = [found.start() for found in _BRACKETED.finditer(text)] if speeds else []
        events.append(Addressed(None, Text(text, dict(zip(brackets, speeds, strict=False)))))
        return events

    def _operate(self, operation: Operation) -> list[Addressed | Reply]:
        match operation:
            case "clear":
                self._forget()
                return [Addressed(None, Clear())]
            case "eos":
                self._done_at = None
                return [Addressed(None, Eos())]
        is_answered = self._is_open or self._mode is SegmentMode.NEVER
        if is_answered:
            label = self._texts[-1].label if self._is_open and self._texts else self._label
            self._flushed.append(label)
        self._is_open = self._is_labelled = False
        self._done_at = None
        return [Addressed(None, Flush(is_answered=is_answered))]

    def _forget(self) -> None:
        """Forget all text, and what was to be answered; the id in force stays."""
        self._texts.clear()
        self._flushed.clear()
        self._piece = None
        self._is_open = self._is_labelled = False
        self._utterance_ms = self._context_ms = 0.0
        self._plays_until = self._clock()
        self._done_at = None

    def _begin(self, start: int, end: int) -> list[Frame]:
        frames = self._end_piece()
        while len(self._texts) > 1 and self._texts[0].end <= start:
            self._texts.popleft()
        label = self._texts[0].label if self._texts else self._label
        if label != self._spoken_label:
            self._context_ms = 0.0
        self._spoken_label = label
        self._piece = _Piece(start, end, self._utterance_ms)
        return frames

    def _chunk(self, audio: Audio) -> list[Frame]:
        self._utterance_ms += audio.duration_ms
        if self._piece is not None:
            self._piece.audio_ms += audio.duration_ms
        self._plays_until = max(self._plays_until, self._clock()) + audio.duration_ms / 1000
        if not audio.data:
            return []
        data = base64.b64encode(audio.data).decode()
        return [_event("chunk", self._spoken_label, data=data)]

    def _end_piece(self) -> list[Frame]:
        """Return the times of the words of the synthesis that has come to its end."""
        piece, self._piece = self._piece, None
        if piece is None:
            return []
        before_ms = self._context_ms if self._times_from_context else 0.0
        self._context_ms += piece.audio_ms
        tokens = time_tokens(
            self._source(piece), piece.start, piece.words, piece.origin_ms, piece.audio_ms
        )
        if not tokens:
            return []
        return [_event("timestamps", self._spoken_label, word_timestamps=_lists(tokens, before_ms))]

    def _source(self, piece: _Piece) -> str:
        return "".join(
            each.text[max(0, piece.start - each.start) : max(0, piece.end - each.start)]
            for each in self._texts
        )

    def _await_more(self) -> None:
        """Reckon when a run is done in which all was said, and that nobody flushes."""
        last_end = self._piece.end if self._piece is not None else self._end
        rest = "".join(each.text[max(0, last_end - each.start) :] for each in self._texts)
        is_all = not any(map(str.isalnum, rest))
        if not self._is_open or self._flushed or not is_all or self._mode is SegmentMode.NEVER:
            return
        now = self._clock()
        self._done_at = max(self._plays_until, now) + GRACE if self._is_labelled else now + QUIET

    def _fail(self, fault: HoarfrostError) -> Sequence[Frame]:
        label = self._label if self._piece is None else self._spoken_label
        message = "text is too long" if isinstance(fault, TextTooLong) else str(fault)
        self._forget()
        return self._error(message, label).frames

    def _done(self, label: str | None) -> Frame:
        self._context_ms = 0.0
        more = {"done": True} if self._is_second else {}
        return _event("done", label, **more)

    def _error(self, message: str, label: str | None) -> Reply:
        return Reply([_event("error", label, message=message)])


def _event(kind: str, label: str | None, **told: Any) -> str:
    return json.dumps({"type": kind, **told, "contextId": label}, ensure_ascii=False)


def _lists(tokens: Sequence[TimedToken], before_ms: Milliseconds) -> dict[str, list[Any]]:
    return {
        "words": [token.text for token in tokens],
        "start": [round((before_ms + token.start_ms) / 1000, 5) for token in tokens],
        "end": [round((before_ms + token.end_ms) / 1000, 5) for token in tokens],
    }
