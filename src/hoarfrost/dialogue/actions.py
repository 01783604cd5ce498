"""Everything that the machine can ask of its driver, one action at a time.

Invariant: an action holds until it is carried out or `Machine.generation` has moved on; then it is
dropped, whatever has been done of it.
"""

from dataclasses import dataclass, field
from typing import TypeAlias

from hoarfrost.dialogue.outputs import Cleared, Failure, Flushed
from hoarfrost.errors import HoarfrostError
from hoarfrost.text.script import Cut, Script


@dataclass(frozen=True, slots=True)
class Speak:
    """Synthesis of a script, and the sending of its audio.

    Attributes:
        number: Counts up from 1 within a conversation.
        script: What to say; not empty.
        utterance: Number of the utterance that it belongs to.
        start: Offset of its text in all text of the conversation.
        end: Offset after its text.
        cut: Why the text was cut there; None for silence that stands for it.
    """

    number: int
    script: Script
    utterance: int = 1
    start: int = 0
    end: int = 0
    cut: Cut | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class FlushAudio:
    """Sending of what the encoder still holds, at the end of an utterance.

    Attributes:
        utterance: Its number.
    """

    utterance: int = 1


@dataclass(frozen=True, slots=True)
class Close:
    """End of the conversation.

    Attributes:
        fault: Why; None when the conversation came to its proper end.
    """

    fault: HoarfrostError | None = None


Action: TypeAlias = Speak | FlushAudio | Cleared | Flushed | Failure | Close
"""Whatever `Machine.next` returns. Outputs among them are told to the client."""
