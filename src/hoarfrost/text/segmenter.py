"""When text is spoken: a buffer of what the client sent, and a clock.

In: text in pieces of any size, and the moment each came. Out: `Segment` values, as early as they
can be spoken without being heard as cut off. Invariant: the segments, joined with the pieces that
held nothing speakable, are the text; and what is released depends on the text, on when its end
came, on the time and on the listener, never on how the text was cut into messages.

What was flushed is released a piece at a time, each when nothing else is being spoken, so that no
call looks through more than a piece needs. Of the rest, what may be released in ``bySentence`` mode
is the first of these that applies:

1. up to the first comma that has three words before it, if the playback buffer is empty;
2. up to the first sentence mark, whatever the listener does;
3. the best part of `SEGMENT_LIMIT` characters, if there is no mark in them;
4. up to the last comma, if the playback buffer is empty and the first one has waited for 250 ms.

White space belongs to the segment after it, a line break to the one before it. A segment after a
blank line knows that it begins a paragraph, unless it is the first of its utterance.
"""

import re
from bisect import bisect_right
from collections import deque
from dataclasses import dataclass, field, replace
from enum import StrEnum

from hoarfrost.text.boundaries import (
    Kind,
    Mark,
    count_words,
    find_cut,
    find_mark,
    is_unfinished,
)
from hoarfrost.text.brackets import LINE_BREAKS
from hoarfrost.text.characters import cut_between
from hoarfrost.text.full_stops import Certainty
from hoarfrost.text.script import Cut, Segment
from hoarfrost.units import Milliseconds, Seconds

SEGMENT_LIMIT = 1000
"""Longest segment, in characters: the most that Rime takes in one request."""

DRY_BELOW_MS: Milliseconds = 400.0
"""A listener with less audio than this to hear needs more before the sentence is complete."""

LIKELY_HOLD: Seconds = 0.025
"""How long a mark that is last in the buffer must stay so."""

DOUBTFUL_HOLD: Seconds = 0.120
"""The same for a mark that may well be inside of something, and for markup that is not closed."""

SHORT_CLAUSE_WAIT: Seconds = 0.250
"""How long fewer than `CLAUSE_WORDS` words before a comma wait for more."""

CLAUSE_WORDS = 3
"""Words that make a clause worth speaking by itself."""

_CLOCK_STEP: Seconds = 0.001
_LINE_BREAK = re.compile(f"\r\n|[{LINE_BREAKS}]")
_SPEAKABLE = re.compile(r"[^\W_]")


class SegmentMode(StrEnum):
    """What a client asks for as ``segment``."""

    BY_SENTENCE = "bySentence"
    IMMEDIATE = "immediate"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class Listener:
    """What is known of the listener at a moment.

    Attributes:
        ahead_ms: Audio that has been sent and not yet been played.
        is_busy: Whether a segment that was released is still queued, being synthesised or not
            wholly sent.
    """

    ahead_ms: Milliseconds = 0.0
    is_busy: bool = False

    def dry_at(self, now: Seconds) -> Seconds | None:
        """Return when there is less than `DRY_BELOW_MS` to hear, if nothing more is sent.

        That is ``now`` if it is so already, and None if it cannot be told: more is being sent.
        """
        if self.is_busy:
            return None
        if self.ahead_ms < DRY_BELOW_MS:
            return now
        return now + (self.ahead_ms - DRY_BELOW_MS) / 1000 + _CLOCK_STEP


@dataclass(slots=True)
class _Scan:
    """How far the buffer has been read, and the commas met so far: nothing that may yet change."""

    at: int = 0
    n_words: int = 0
    n_counted: int = 0
    clause_end: int = 0
    """Cut after the first comma with enough words before it; 0 = none."""
    first_comma: int = 0
    last_comma_end: int = 0
    """Cut after the last comma of all; 0 = none."""

    def walk(self, text: str, *, is_over: bool) -> Mark | None:
        """Go on to the next mark that is not a comma for certain, and return it.

        None: there is no such mark within `SEGMENT_LIMIT`.
        """
        while mark := find_mark(text, self.at, before=SEGMENT_LIMIT, is_over=is_over):
            self.at = mark.start
            is_settled = mark.certainty is Certainty.CERTAIN
            if is_settled and mark.end > SEGMENT_LIMIT:
                return None
            if not is_settled or mark.kind is not Kind.CLAUSE:
                return mark
            self._note_comma(text, mark)
            self.at = mark.end
        self.at = max(self.at, min(len(text), SEGMENT_LIMIT))
        return None

    def _note_comma(self, text: str, comma: Mark) -> None:
        self.n_words += count_words(text[self.n_counted : comma.start])
        self.n_counted = comma.start
        if not self.clause_end and self.n_words >= CLAUSE_WORDS:
            self.clause_end = comma.end
        if not self.last_comma_end:
            self.first_comma = comma.start
        self.last_comma_end = comma.end


@dataclass(frozen=True, slots=True)
class _Outlook:
    """What can be released now, and when to look again.

    Attributes:
        cut: Offset to release up to; 0 = nothing.
        wake_at: When there may be something, if there is nothing now.
        reason: Why to cut there.
    """

    cut: int = 0
    wake_at: Seconds | None = None
    reason: Cut | None = None


@dataclass(slots=True)
class _Arrivals:
    """When each part of the buffer came."""

    ends: list[int] = field(default_factory=list)
    times: list[Seconds] = field(default_factory=list)

    def note(self, end: int, now: Seconds) -> None:
        """Remember that the text up to ``end`` had come by ``now``."""
        if self.times and self.times[-1] == now:
            self.ends[-1] = end
        else:
            self.ends.append(end)
            self.times.append(now)

    def time_of(self, offset: int) -> Seconds:
        """Return when the character at ``offset`` came."""
        return self.times[bisect_right(self.ends, offset)]

    def forget(self, offset: int) -> None:
        """Drop what is known of the text before ``offset``."""
        n_past = bisect_right(self.ends, offset)
        del self.ends[:n_past], self.times[:n_past]


class Segmenter:
    """Collects text and releases it in segments.

    Call `feed` with what came, then `release`; call `release` again when the moment that `wake_at`
    names has come, or when the listener has changed. What lies between two calls of `flush`,
    `clear` or `begin_utterance` is an utterance.
    """

    def __init__(self, mode: SegmentMode = SegmentMode.BY_SENTENCE) -> None:
        self._mode = mode
        self._text = ""
        self._pieces: list[str] = []  # fed, not yet joined to the text
        self._start = 0  # offset of the buffer in all the text that was fed
        self._end = 0
        self._n_bytes = 0
        self._is_blank = True
        self._is_fresh = True
        self._flushes: deque[int] = deque()  # where flushed text ends, in all that was fed
        self._fed_at: Seconds = 0.0
        self._arrivals = _Arrivals()
        self._scan = _Scan()
        self._n_breaks = 0  # line breaks taken since the last word

    @property
    def start(self) -> int:
        """Offset of the buffer in all the text that was fed."""
        return self._start

    @property
    def end(self) -> int:
        """Offset after the buffer: characters that were fed in all."""
        return self._end

    @property
    def n_bytes(self) -> int:
        """Size of the buffered text in UTF-8."""
        return self._n_bytes

    @property
    def is_blank(self) -> bool:
        """Whether nothing in the buffer can be spoken, so that nothing more will be released."""
        return self._is_blank

    @property
    def is_fresh(self) -> bool:
        """Whether nothing of the present utterance has been released yet."""
        return self._is_fresh

    def feed(self, text: str, now: Seconds) -> None:
        """Take text that came at ``now``."""
        if not text:
            return
        self._pieces.append(text)
        self._end += len(text)
        self._n_bytes += len(text.encode())
        self._is_blank = self._is_blank and not _is_speakable(text)
        self._fed_at = now
        self._arrivals.note(self._end, now)

    def release(self, now: Seconds, listener: Listener) -> list[Segment]:
        """Return what is certain to be ready to be spoken, in order, maybe nothing.

        All of it is of one utterance. If there is more, `wake_at` will tell.
        """
        segments: list[Segment] = []
        while (outlook := self._look(now, listener)).cut:
            segment = self._take(outlook.cut, outlook.reason)
            if segment is not None:
                segments.append(segment)
                listener = replace(listener, is_busy=True)
            if self._pass_flushes():
                break
        return segments

    def wake_at(self, now: Seconds, listener: Listener) -> Seconds | None:
        """Return when `release` may give something without new text; None if it never will.

        That is ``now`` if it would already; else a later moment.
        """
        outlook = self._look(now, listener)
        return now if outlook.cut else outlook.wake_at

    def anticipate(self, now: Seconds, listener: Listener) -> Segment | None:
        """Return what `release` will give at `wake_at` if no text comes before, taking nothing."""
        outlook = self._look(now, listener)
        if outlook.cut or outlook.wake_at is None:
            return None
        cut = self._look(outlook.wake_at, listener).cut
        piece = self._text[:cut]
        return self._segment(piece, self._start) if _is_speakable(piece) else None

    def flush(self) -> None:
        """Make the whole buffer ready, in pieces of at most `SEGMENT_LIMIT` characters."""
        if self._is_blank:
            self.clear()
        elif not self._flushes or self._flushes[-1] < self._end:
            self._flushes.append(self._end)

    def begin_utterance(self) -> None:
        """Take what comes, and what is buffered, for the beginning of an utterance."""
        self._is_fresh = True

    def clear(self) -> None:
        """Forget the buffer. Offsets of later segments still count what was forgotten."""
        self._text = ""
        self._pieces.clear()
        self._start = self._end
        self._n_bytes = 0
        self._is_blank = True
        self._is_fresh = True
        self._flushes.clear()
        self._arrivals = _Arrivals()
        self._scan = _Scan()
        self._n_breaks = 0

    def skip(self, n_characters: int) -> None:
        """Forget the buffer, and count so much text that is not fed."""
        self.clear()
        self._start = self._end = self._end + n_characters

    def _join(self) -> str:
        if self._pieces:
            self._text += "".join(self._pieces)
            self._pieces.clear()
        return self._text

    def _take(self, cut: int, reason: Cut | None) -> Segment | None:
        """Cut the buffer; None if there is nothing to speak in the piece."""
        piece, self._text = self._text[:cut], self._text[cut:]
        start = self._start
        self._start += cut
        self._n_bytes -= len(piece.encode())
        self._arrivals.forget(self._start)
        self._scan = _Scan()
        if not _is_speakable(piece):
            self._n_breaks += _count_breaks(piece)
            return None
        self._is_blank = not _is_speakable(self._text)
        segment = replace(self._segment(piece, start), cut=reason)
        n_breaks = _count_breaks(piece[len(piece.rstrip()) :])
        self._n_breaks = n_breaks if n_breaks < 2 else 0  # it ends the paragraph by itself
        self._is_fresh = False
        return segment

    def _segment(self, piece: str, start: int) -> Segment:
        n_breaks = self._n_breaks + _count_breaks(piece[: len(piece) - len(piece.lstrip())])
        return Segment(piece, start, begins_paragraph=n_breaks > 1 and not self._is_fresh)

    def _pass_flushes(self) -> bool:
        """Forget the flushes whose text has been taken; tell whether there were any."""
        has_passed = False
        while self._flushes and self._flushes[0] <= self._start:
            self._flushes.popleft()
            self._is_fresh = has_passed = True
        return has_passed

    def _look(self, now: Seconds, listener: Listener) -> _Outlook:
        if self._start == self._end:
            return _Outlook()
        if self._flushes:
            return self._look_at_flushed(listener)
        match self._mode:
            case SegmentMode.BY_SENTENCE:
                return self._look_for_sentence(now, listener)
            case SegmentMode.IMMEDIATE:
                return self._look_for_anything(now, listener)
            case SegmentMode.NEVER:
                return _Outlook()

    def _look_at_flushed(self, listener: Listener) -> _Outlook:
        if listener.is_busy:
            return _Outlook()
        end = _end_of_piece(self._join()[: self._flushes[0] - self._start])
        return _Outlook(end, reason=Cut.FLUSH)

    def _look_for_anything(self, now: Seconds, listener: Listener) -> _Outlook:
        if listener.is_busy:
            return _Outlook()
        text = self._join()
        hold_end = self._fed_at + DOUBTFUL_HOLD
        if now < hold_end and is_unfinished(text):
            return _Outlook(wake_at=hold_end)
        return _Outlook(_end_of_piece(text), reason=Cut.IMMEDIATE)

    def _look_for_sentence(self, now: Seconds, listener: Listener) -> _Outlook:
        text = self._join()
        scan = self._scan
        mark = scan.walk(text, is_over=False)
        hold_end = None
        if mark is not None and mark.certainty is not Certainty.CERTAIN:
            is_likely = mark.certainty is Certainty.LIKELY
            hold_end = self._fed_at + (LIKELY_HOLD if is_likely else DOUBTFUL_HOLD)
            if now >= hold_end:
                # What was in doubt is taken as it stands, until more text comes: on a copy.
                hold_end = None
                scan = replace(scan)
                mark = scan.walk(text, is_over=True)

        dry_at = now if self._is_fresh else listener.dry_at(now)
        is_dry = dry_at is not None and dry_at <= now
        if is_dry and scan.clause_end:
            return _Outlook(scan.clause_end, reason=Cut.CLAUSE)
        if mark is not None and mark.certainty is Certainty.CERTAIN:
            is_held = scan is not self._scan
            return _Outlook(mark.end, reason=Cut.HELD if is_held else Cut.SENTENCE)
        if mark is None and len(text) > SEGMENT_LIMIT:
            return _Outlook(find_cut(text, SEGMENT_LIMIT), reason=Cut.LENGTH)

        moments = [] if hold_end is None else [hold_end]
        if dry_at is not None and scan.clause_end:
            moments.append(dry_at)
        elif dry_at is not None and scan.last_comma_end:
            waited_at = self._arrivals.time_of(self._start + scan.first_comma) + SHORT_CLAUSE_WAIT
            is_sentence_near = mark is not None and mark.kind is Kind.SENTENCE
            if is_dry and now >= waited_at and not is_sentence_near:
                return _Outlook(scan.last_comma_end, reason=Cut.COMMA)
            if not is_sentence_near:
                moments.append(max(dry_at, waited_at))
        return _Outlook(wake_at=min(moments, default=None))


def _end_of_piece(text: str) -> int:
    """Return where to cut text that is to be spoken whatever it is."""
    if len(text) <= SEGMENT_LIMIT:
        return len(text)
    speakable = _SPEAKABLE.search(text)
    n_mute = speakable.start() if speakable else len(text)
    if n_mute > 2 * SEGMENT_LIMIT:  # what stands close to the first word may belong to it
        return cut_between(text, n_mute - SEGMENT_LIMIT)
    return find_cut(text, SEGMENT_LIMIT)


def _count_breaks(text: str) -> int:
    return len(_LINE_BREAK.findall(text))


def _is_speakable(text: str) -> bool:
    """Tell whether there is a letter or a digit: that of ``<200>`` counts, it is a pause."""
    return _SPEAKABLE.search(text) is not None
