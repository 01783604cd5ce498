"""Everything that a client may be told, whatever the protocol; a codec makes frames of it.

Of one conversation, in order: `Ready`; then for each utterance `Started`, any number of `Speaking`,
`Stepped`, `Words` and `Audio`, and `Done`, unless it breaks off; `Flushed` and `Cleared` where a
client asked; at last `Ended`. Invariant: after a `Cleared` or a `Failure` nothing of the speech
before it comes, and after `Ended` nothing at all.

An utterance is a stretch of speech: it begins when there is something to say after everything
before was sent or cleared, and is done when all that was asked for so far is sent.
"""

from dataclasses import dataclass, field
from typing import TypeAlias

from hoarfrost.dialogue.options import Options
from hoarfrost.errors import HoarfrostError
from hoarfrost.text.script import Cut
from hoarfrost.units import Milliseconds


@dataclass(frozen=True, slots=True)
class Ready:
    """Beginning of a conversation; without a context, of the connection.

    Attributes:
        options: Options in effect.
        unknown: Names of parameters that were given and mean nothing here.
    """

    options: Options
    unknown: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Started:
    """Beginning of an utterance: its text was released.

    Attributes:
        utterance: Counts up from 1 within a conversation.
    """

    utterance: int


@dataclass(frozen=True, slots=True)
class Speaking:
    """Beginning of one synthesis: the audio and words that follow, up to the next, are its own.

    Attributes:
        start: Offset of the first character of its text in all text of the conversation (code
            points, commands not counted).
        end: Offset after the last one.
        utterance: The one it belongs to.
        cut: Why the text was cut there; None for silence that stands for it.
    """

    start: int
    end: int
    utterance: int = field(default=1, compare=False)
    cut: Cut | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Stepped:
    """One step of synthesis, before the words and audio that it made.

    Attributes:
        utterance: The one it belongs to.
        work_ms: Time that a worker spent on it.
        audio_ms: Length of the audio that it made.
    """

    utterance: int
    work_ms: Milliseconds
    audio_ms: Milliseconds


@dataclass(frozen=True, slots=True)
class Audio:
    """Encoded audio.

    Attributes:
        data: Whole samples (or MPEG data); empty when a step of work gave none.
        duration_ms: Length when played.
    """

    data: bytes
    duration_ms: Milliseconds


@dataclass(frozen=True, slots=True)
class WordTime:
    """Time at which a word is heard.

    Attributes:
        text: The word as it is spoken.
        start: Offset of its first character in the client's text (code points, commands not
            counted).
        end: Offset after its last character.
        start_ms: Beginning, from the first sample of its utterance.
        end_ms: End, likewise.
    """

    text: str
    start: int
    end: int
    start_ms: Milliseconds
    end_ms: Milliseconds


@dataclass(frozen=True, slots=True)
class Words:
    """Words of an utterance whose times have become known, each word once."""

    utterance: int
    words: tuple[WordTime, ...]


@dataclass(frozen=True, slots=True)
class FirstAudioTiming:
    """Time to an utterance's first audio, and its parts.

    Attributes:
        first_audio_ms: From the release of the text until the first audio was sent.
        held_ms: Before that, from the last text received until its release: the hold of a mark
            that might have gone on.
        synthesis_ms: Worker time until the first audio; part of it may lie in the hold.
        waited_ms: Time within the first that is no synthesis: the queue for a worker, and the
            socket.
    """

    first_audio_ms: Milliseconds
    held_ms: Milliseconds
    synthesis_ms: Milliseconds
    waited_ms: Milliseconds


@dataclass(frozen=True, slots=True)
class Done:
    """End of an utterance: all its audio was sent.

    Attributes:
        utterance: Its number.
        audio_ms: Length of its audio.
        timing: Of its first audio; None if there was none.
    """

    utterance: int
    audio_ms: Milliseconds
    timing: FirstAudioTiming | None = None


@dataclass(frozen=True, slots=True)
class Flushed:
    """Answer to a flush: all audio of the text before it was sent."""


@dataclass(frozen=True, slots=True)
class Failure:
    """Something went wrong and the conversation goes on; all speech was dropped.

    Attributes:
        fault: What.
    """

    fault: HoarfrostError


@dataclass(frozen=True, slots=True)
class Cleared:
    """Answer to an interruption.

    Attributes:
        utterance: The utterance that was being heard, else the last one; 0 if there was none.
        sent_ms: Length of its audio that was sent.
        heard_ms: Length of it that can have been heard: a listener who plays at once what arrives.
    """

    utterance: int
    sent_ms: Milliseconds
    heard_ms: Milliseconds


@dataclass(frozen=True, slots=True)
class Ended:
    """End of the conversation.

    Attributes:
        fault: Why; None at its proper end.
    """

    fault: HoarfrostError | None = None


Output: TypeAlias = (
    Ready
    | Started
    | Speaking
    | Stepped
    | Audio
    | Words
    | Done
    | Flushed
    | Failure
    | Cleared
    | Ended
)
