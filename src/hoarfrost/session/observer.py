"""What is told about sessions to whoever counts or logs.

Invariant: an observer never gets the client's text or key, and may neither raise nor block.
"""

from typing import Protocol

from hoarfrost.protocol.options import Options
from hoarfrost.units import Milliseconds, Seconds


class Observer(Protocol):
    """One method a fact."""

    def opened(self, session_id: str, options: Options) -> None:
        """Note that a conversation has begun."""

    def first_audio(self, session_id: str, after: Seconds) -> None:
        """Note that an utterance's first audio was sent, so long after its text was released."""

    def delivered(self, session_id: str, duration_ms: Milliseconds) -> None:
        """Note that all audio asked for so far was sent: so much since the last time."""

    def underran(self, session_id: str, gap_ms: Milliseconds) -> None:
        """Note that a listener heard a gap inside of speech that had been asked for in time."""

    def cleared(self, session_id: str) -> None:
        """Note that a client interrupted."""

    def failed(self, session_id: str, error: Exception) -> None:
        """Note that an utterance could not be spoken."""

    def closed(self, session_id: str, code: int | None) -> None:
        """Note that a conversation is over, with our close code; None when the peer left."""


class NullObserver:
    """Nobody is interested."""

    def opened(self, session_id: str, options: Options) -> None:
        """Ignore it."""

    def first_audio(self, session_id: str, after: Seconds) -> None:
        """Ignore it."""

    def delivered(self, session_id: str, duration_ms: Milliseconds) -> None:
        """Ignore it."""

    def underran(self, session_id: str, gap_ms: Milliseconds) -> None:
        """Ignore it."""

    def cleared(self, session_id: str) -> None:
        """Ignore it."""

    def failed(self, session_id: str, error: Exception) -> None:
        """Ignore it."""

    def closed(self, session_id: str, code: int | None) -> None:
        """Ignore it."""
