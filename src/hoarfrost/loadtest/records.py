"""What is kept of a run: a few numbers a turn and a call, never audio, never text.

In: facts, as they happen. Out: lists of them. Invariant: moments are seconds on the clock of the
run, which begins at 0 with the first caller.
"""

from dataclasses import dataclass, field

from hoarfrost.loadtest.playback import Gap
from hoarfrost.units import Milliseconds, Seconds


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What tells whether two turns gave the same audio.

    Attributes:
        n_bytes: Its length.
        checksum: CRC-32 of it.
    """

    n_bytes: int
    checksum: int


@dataclass(frozen=True, slots=True)
class Interruption:
    """How a turn was broken off.

    Attributes:
        at: Just before ``<CLEAR>``, or ``<EOS>`` and the close, was sent.
        is_clear: Whether it was ``<CLEAR>``.
        last_old_at: When the last byte of the old turn came after that; None if none came.
        n_old_bytes: How many came.
        was_due: Whether more audio of the turn was to come: only then could the server be late.
    """

    at: Seconds
    is_clear: bool
    last_old_at: Seconds | None = None
    n_old_bytes: int = 0
    was_due: bool = True

    @property
    def stale_ms(self) -> Milliseconds:
        """How long audio of the old turn kept coming."""
        return 0.0 if self.last_old_at is None else (self.last_old_at - self.at) * 1000


@dataclass(frozen=True, slots=True)
class Echo:
    """How the audio of a turn after ``<CLEAR>`` compares with the same words spoken in quiet.

    Attributes:
        is_identical: Whether it is the same to the byte.
        n_excess_bytes: How much longer it is than the words ever were.
    """

    is_identical: bool
    n_excess_bytes: int


@dataclass(frozen=True, slots=True)
class TurnRecord:
    """A turn: texts sent to be spoken in one go, and what came of it.

    Attributes:
        caller: Whose, from 0.
        sent_at: When its first text was sent.
        speakable_at: When there was enough text to begin to speak; None if it never came to that.
        first_byte_at: When the first audio came; None if none did.
        audible_at: When the first audible sample was played by a listener who waits for nothing.
        last_byte_at: When the last audio came that was not stale.
        heard_until: When the listener had heard it all, or broke in.
        speech_ms: How long its audio lasts.
        n_underruns: See `Underruns`.
        dry_ms: How long the buffer was empty inside it.
        gaps: Where the underruns were.
        n_starved: Gaps for which the tester had sent too little text; no fault of the server.
        n_split: Frames that ended inside a sample.
        failure: What went wrong, in two words; None if nothing did.
        is_paced: Whether its text was held back until the listener needed it.
        interruption: How it was broken off, if it was.
        echo: How it compares, if it came after a ``<CLEAR>``.
    """

    caller: int
    sent_at: Seconds
    speakable_at: Seconds | None = None
    first_byte_at: Seconds | None = None
    audible_at: Seconds | None = None
    last_byte_at: Seconds | None = None
    heard_until: Seconds | None = None
    speech_ms: Milliseconds = 0.0
    n_underruns: int = 0
    dry_ms: Milliseconds = 0.0
    gaps: tuple[Gap, ...] = ()
    n_starved: int = 0
    n_split: int = 0
    failure: str | None = None
    is_paced: bool = False
    interruption: Interruption | None = None
    echo: Echo | None = None


@dataclass(frozen=True, slots=True)
class CallRecord:
    """A connection.

    Attributes:
        caller: Whose, from 0.
        dialled_at: When it was asked for.
        opened_at: When the upgrade was done.
        closed_at: When it was over.
        is_redial: Whether it replaced one that was closed to interrupt a turn.
    """

    caller: int
    dialled_at: Seconds
    opened_at: Seconds
    closed_at: Seconds
    is_redial: bool = False


@dataclass(frozen=True, slots=True)
class Refusal:
    """A connection that the server declined because it is busy.

    Attributes:
        caller: Whose, from 0.
        at: When.
        retry_after: Seconds after which to come back; None if the server did not say.
    """

    caller: int
    at: Seconds
    retry_after: Seconds | None


@dataclass(slots=True)
class Journal:
    """All that happened in a run.

    Attributes:
        measured_from: What begins before this is warm-up.
        measured_until: What begins after this is the end.
    """

    measured_from: Seconds
    measured_until: Seconds
    turns: list[TurnRecord] = field(default_factory=list)
    calls: list[CallRecord] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
    n_measured_bytes: int = 0
    n_unasked_bytes: int = 0

    def is_measured(self, moment: Seconds) -> bool:
        """Whether a moment lies in the measured time."""
        return self.measured_from <= moment < self.measured_until
