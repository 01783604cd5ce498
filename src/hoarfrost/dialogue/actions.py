"""Everything that the machine can ask of its driver.

`Speak`, `Deliver` and `Close` are carried out one after the other, in the order given; `Cancel` is
carried out at once and drops those that wait.
"""

from dataclasses import dataclass
from typing import TypeAlias

from hoarfrost.errors import HoarfrostError
from hoarfrost.text.script import Script

CLOSE_NORMAL = 1000
"""RFC 6455, section 7.4.1: the purpose of the connection is fulfilled."""


@dataclass(frozen=True, slots=True)
class Speak:
    """Synthesise a script and send its audio.

    Attributes:
        number: Counts up from 1 within a conversation.
        script: What to say; not empty.
    """

    number: int
    script: Script


@dataclass(frozen=True, slots=True)
class Deliver:
    """Send what the encoder still holds: for now, nothing follows."""


@dataclass(frozen=True, slots=True)
class Cancel:
    """Drop waiting actions, the synthesis under way, and audio that is not yet on the socket."""


@dataclass(frozen=True, slots=True)
class Close:
    """Close the connection.

    Attributes:
        fault: Why; None when the conversation came to its proper end.
    """

    fault: HoarfrostError | None = None

    @property
    def code(self) -> int:
        """The WebSocket close code."""
        return CLOSE_NORMAL if self.fault is None else self.fault.close_code

    @property
    def reason(self) -> str:
        """The text of the close frame, at most 123 bytes."""
        return "" if self.fault is None else self.fault.close_reason


Action: TypeAlias = Speak | Deliver | Cancel | Close
"""Whatever `Machine.receive` returns."""
