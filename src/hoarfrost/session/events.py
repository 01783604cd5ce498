"""Events of sessions, for whoever counts, logs or admits.

Invariant: an event never holds the client's text or key; a listener may neither raise nor block,
and is called on the event loop, but for `StepDone`, which comes from a worker thread.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from hoarfrost.dialogue.options import Options
from hoarfrost.units import Milliseconds, Seconds


@dataclass(frozen=True, slots=True)
class Refused:
    """A request was refused before the upgrade.

    Attributes:
        status: HTTP status of the answer.
        reason: Why, in one word.
    """

    status: int
    reason: str


@dataclass(frozen=True, slots=True)
class Opened:
    """A conversation has begun."""

    session_id: str
    options: Options


@dataclass(frozen=True, slots=True)
class StepDone:
    """A worker has done a step of synthesis.

    Attributes:
        session_id: Whose.
        work: Time that it took.
        audio_ms: Audio that came of it, maybe none.
    """

    session_id: str
    work: Seconds
    audio_ms: Milliseconds


@dataclass(frozen=True, slots=True)
class Sent:
    """Audio of this length was sent."""

    session_id: str
    audio_ms: Milliseconds


@dataclass(frozen=True, slots=True)
class FirstAudio:
    """An utterance's first audio was sent, so long after its text was released."""

    session_id: str
    after: Seconds


@dataclass(frozen=True, slots=True)
class UtteranceDone:
    """All audio asked for so far was sent: so much since the last time."""

    session_id: str
    audio_ms: Milliseconds


@dataclass(frozen=True, slots=True)
class Underrun:
    """A listener heard a gap inside of speech that had been asked for in time."""

    session_id: str
    gap_ms: Milliseconds


@dataclass(frozen=True, slots=True)
class Interrupted:
    """A client has cleared."""

    session_id: str


@dataclass(frozen=True, slots=True)
class Failed:
    """An utterance could not be spoken, or the server has a defect."""

    session_id: str
    error: Exception


@dataclass(frozen=True, slots=True)
class Closed:
    """A connection is over.

    Attributes:
        session_id: Whose.
        code: Our close code; None when the peer left.
    """

    session_id: str
    code: int | None


SessionEvent: TypeAlias = (
    Refused
    | Opened
    | StepDone
    | Sent
    | FirstAudio
    | UtteranceDone
    | Underrun
    | Interrupted
    | Failed
    | Closed
)
Listener: TypeAlias = Callable[[SessionEvent], None]


def ignore(_event: SessionEvent) -> None:
    """Take no notice of an event."""


def tell_all(*listeners: Listener) -> Listener:
    """Return a listener that tells several, in the order in which they are given."""

    def tell(event: SessionEvent) -> None:
        for listener in listeners:
            listener(event)

    return tell
