"""A turn as the listener has it: text goes out, audio comes in, and what is in between is measured.

In: what was sent and what came, each with its moment. Out: a `TurnRecord`, and the moments to wait
for. Invariant: no clock and no socket; audio is counted and dropped.
"""

import math
import zlib
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from hoarfrost.loadtest.hearing import Ear, WireFormat
from hoarfrost.loadtest.pace import Pace
from hoarfrost.loadtest.playback import Gap, Playback, Underruns
from hoarfrost.loadtest.records import Echo, Fingerprint, Interruption, TurnRecord
from hoarfrost.loadtest.speakable import ends_sentence, is_speakable
from hoarfrost.units import Milliseconds, SampleRate, Seconds

QUIET: Seconds = 0.6
"""Without audio for this long after the listener has heard all, a turn is over. Voice bots on the
same protocol take 300 to 500 ms for it."""

PATIENCE: Seconds = 10.0
"""A listener who hears nothing for this long hangs up."""

LONGEST_TURN: Seconds = 180.0
"""No turn is longer; a server that never stops sending is not listened to for ever."""

ENOUGH: Final = 0.5
"""The share of the expected duration below which a turn that falls silent has stalled. Single
sentences differ by a third from the mean pace of a voice."""

OWED: Final = 0.75
"""The share of the expected duration that a server surely owes for whole sentences it was sent."""

NO_AUDIO: Final = "no audio"
STALLED: Final = "stalled"
ENDLESS: Final = "endless audio"
NOT_CLOSED: Final = "not closed after <EOS>"
TEXT_FRAME: Final = "text frame"


@dataclass(frozen=True, slots=True)
class Listening:
    """How turns are listened to.

    Attributes:
        audio_format: What the server sends.
        rate_hz: At which rate.
        segment: When it was asked to release text.
        jitter_ms: See `Playback`.
        tolerance_ms: See `Underruns`.
        pace: How long texts should last.
    """

    audio_format: WireFormat
    rate_hz: SampleRate
    segment: str
    jitter_ms: Milliseconds
    tolerance_ms: Milliseconds
    pace: Pace


class Turn:
    """Measures one turn.

    Args:
        caller: Whose it is.
        listening: How it is listened to.
        is_paced: Whether the tester holds its text back until the listener needs it.
        alone: What the same words gave in quiet, if that is to be compared.

    Attributes:
        failure: What went wrong; None as long as nothing did.
        first_byte_at: When the first audio came.
        interrupted_at: When the listener broke in.
        last_old_at: When the last audio came after that.
    """

    def __init__(
        self,
        caller: int,
        listening: Listening,
        *,
        is_paced: bool = False,
        alone: Sequence[Fingerprint] = (),
    ) -> None:
        self.failure: str | None = None
        self.first_byte_at: Seconds | None = None
        self.interrupted_at: Seconds | None = None
        self.last_old_at: Seconds | None = None
        self._caller = caller
        self._listening = listening
        self._is_paced = is_paced
        self._alone = alone
        self._ear = Ear(listening.audio_format, listening.rate_hz)
        self._playback = Playback(listening.jitter_ms)
        self._prompt_playback = Playback()  # of a listener who waits for nothing
        self._underruns = Underruns(listening.tolerance_ms)
        self._text = ""
        self._expected_ms: Milliseconds = 0.0
        self._owed: list[tuple[Seconds, Milliseconds]] = []
        self._is_all_sent = False
        self._is_complete = False
        self._is_clear = False
        self._was_due = False
        self._sent_at: Seconds | None = None
        self._speakable_at: Seconds | None = None
        self._audible_at: Seconds | None = None
        self._last_byte_at: Seconds | None = None
        self._speech_ms: Milliseconds = 0.0
        self._n_bytes = 0
        self._n_old_bytes = 0
        self._checksum = 0
        self._n_starved = 0

    def send(self, text: str, now: Seconds, *, is_last: bool = False) -> None:
        """Note that text goes out; the last of it is followed by a flush."""
        if self._sent_at is None:
            self._sent_at = now
        self._text += text
        self._expected_ms += self._listening.pace.expect_ms(text)
        self._is_all_sent = is_last
        if self._speakable_at is None and (
            is_last or is_speakable(self._text, self._listening.segment)
        ):
            self._speakable_at = now
        if is_last or (self._listening.segment != "never" and ends_sentence(self._text)):
            owed_ms = math.inf if is_last else OWED * self._expected_ms
            self._owed.append((now, owed_ms))

    def hear(self, data: bytes, now: Seconds) -> bool:
        """Note that audio came; return whether somebody may have waited for it."""
        if not data:
            return False
        if self.interrupted_at is not None:
            self.last_old_at = now
            self._n_old_bytes += len(data)
            return False
        was_settled = math.isfinite(self.over_at)
        is_first = self.first_byte_at is None
        if is_first:
            self.first_byte_at = now
        self._last_byte_at = now
        self._n_bytes += len(data)
        self._checksum = zlib.crc32(data, self._checksum)
        heard = self._ear.feed(data)
        _, gap = self._playback.hear(heard.duration_ms, now)
        starts_at, _ = self._prompt_playback.hear(heard.duration_ms, now)
        if gap is not None:
            self._note_gap(gap)
        if heard.audible_after_ms is not None:
            self._audible_at = starts_at + heard.audible_after_ms / 1000
        self._speech_ms += heard.duration_ms
        return is_first or (not was_settled and math.isfinite(self.over_at))

    def interrupt(self, now: Seconds, *, is_clear: bool) -> None:
        """Note that the listener breaks in: all audio from here on is stale."""
        self.interrupted_at = now
        self._is_clear = is_clear
        self._was_due = OWED * self._expected_ms > self._speech_ms

    def fail(self, failure: str) -> None:
        """Note what went wrong; what went wrong first stays."""
        self.failure = self.failure or failure

    def complete(self) -> None:
        """Note that the server says it has sent everything."""
        self._is_complete = True
        if self.first_byte_at is None:
            self.fail(NO_AUDIO)

    def give_up(self, now: Seconds) -> None:
        """Note that it was waited for in vain until now."""
        if self.first_byte_at is None or self._last_byte_at is None:
            self.fail(NO_AUDIO)
        elif now < self._last_byte_at + PATIENCE:
            self.fail(ENDLESS)
        elif math.isfinite(self.over_at):
            self.fail(NOT_CLOSED)
        else:
            self.fail(STALLED)

    @property
    def over_at(self) -> Seconds:
        """When it will be over if nothing more comes; infinite while more must come."""
        ends_at, last_byte_at = self._playback.ends_at, self._last_byte_at
        if ends_at is None or last_byte_at is None:
            return math.inf
        if not self._is_complete:
            if not self._is_all_sent or self._speech_ms < ENOUGH * self._expected_ms:
                return math.inf
            return max(ends_at, last_byte_at + QUIET)
        return ends_at

    @property
    def quiet_at(self) -> Seconds:
        """When the server will have been quiet for `QUIET`; infinite while more must come."""
        is_settled = self._last_byte_at is not None and math.isfinite(self.over_at)
        return (self._last_byte_at or 0.0) + QUIET if is_settled else math.inf

    @property
    def endless_at(self) -> Seconds:
        """When the listener loses patience even if more comes; infinite before it began."""
        return math.inf if self._sent_at is None else self._sent_at + LONGEST_TURN

    @property
    def gives_up_at(self) -> Seconds:
        """When the listener loses patience if nothing more comes; infinite before anything can."""
        if self._speakable_at is None:
            return math.inf
        heard = (self._speakable_at, self._last_byte_at, self._playback.ends_at)
        since = max(moment for moment in heard if moment is not None)
        return min(since + PATIENCE, self.endless_at)

    def runs_dry_at(self, now: Seconds) -> Seconds:
        """When the listener will surely have heard all that was asked for so far."""
        ends_at = max(self._playback.ends_at or now, now)
        return ends_at + max(0.0, OWED * self._expected_ms - self._speech_ms) / 1000

    @property
    def fingerprint(self) -> Fingerprint:
        """What its audio is compared by."""
        return Fingerprint(self._n_bytes, self._checksum)

    @property
    def speech_ms(self) -> Milliseconds:
        """How long its audio lasts so far."""
        return self._speech_ms

    def record(self) -> TurnRecord:
        """Return all that was measured."""
        heard_until = self._playback.ends_at
        if self.interrupted_at is not None and heard_until is not None:
            heard_until = min(heard_until, self.interrupted_at)
        return TurnRecord(
            caller=self._caller,
            sent_at=self._sent_at or 0.0,
            speakable_at=self._speakable_at,
            first_byte_at=self.first_byte_at,
            audible_at=self._audible_at,
            last_byte_at=self._last_byte_at,
            heard_until=heard_until,
            speech_ms=self._speech_ms,
            n_underruns=self._underruns.count,
            dry_ms=self._underruns.dry_ms,
            gaps=tuple(self._underruns.noticed),
            n_starved=self._n_starved,
            n_split=self._ear.n_split,
            failure=self.failure,
            is_paced=self._is_paced,
            interruption=self._interruption(),
            echo=self._echo(),
        )

    def _note_gap(self, gap: Gap) -> None:
        """Charge a gap to the server if it had text for that time; else to the tester."""
        index = bisect_right(self._owed, gap.at, key=lambda entry: entry[0])
        owed_ms = self._owed[index - 1][1] if index else 0.0
        if owed_ms > self._speech_ms:
            self._underruns.note(gap)
        else:
            self._n_starved += 1

    def _interruption(self) -> Interruption | None:
        if self.interrupted_at is None:
            return None
        return Interruption(
            at=self.interrupted_at,
            is_clear=self._is_clear,
            last_old_at=self.last_old_at,
            n_old_bytes=self._n_old_bytes,
            was_due=self._was_due or self._n_old_bytes > 0,
        )

    def _echo(self) -> Echo | None:
        if not self._alone or self.failure is not None:
            return None
        longest = max(alone.n_bytes for alone in self._alone)
        return Echo(self.fingerprint in self._alone, max(0, self._n_bytes - longest))
