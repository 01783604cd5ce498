"""Who is told what happens: the log, and several observers as one.

Invariant: what is written has ids, durations and codes, never text or keys.
"""

import logging
from typing import Protocol

from hoarfrost.protocol.options import Options
from hoarfrost.session.observer import Observer
from hoarfrost.units import Milliseconds, Seconds

log = logging.getLogger("hoarfrost.session")


class RequestObserver(Observer, Protocol):
    """An observer of sessions who is also told of those that never began."""

    def rejected(self, status: int, reason: str) -> None:
        """Note that a request was refused before the upgrade, and why, in one word."""


class Observers:
    """Tells several observers, in the order in which they are given."""

    def __init__(self, *observers: RequestObserver) -> None:
        self._observers = observers

    def opened(self, session_id: str, options: Options) -> None:
        """Tell all."""
        for each in self._observers:
            each.opened(session_id, options)

    def first_audio(self, session_id: str, after: Seconds) -> None:
        """Tell all."""
        for each in self._observers:
            each.first_audio(session_id, after)

    def delivered(self, session_id: str, duration_ms: Milliseconds) -> None:
        """Tell all."""
        for each in self._observers:
            each.delivered(session_id, duration_ms)

    def underran(self, session_id: str, gap_ms: Milliseconds) -> None:
        """Tell all."""
        for each in self._observers:
            each.underran(session_id, gap_ms)

    def cleared(self, session_id: str) -> None:
        """Tell all."""
        for each in self._observers:
            each.cleared(session_id)

    def failed(self, session_id: str, error: Exception) -> None:
        """Tell all."""
        for each in self._observers:
            each.failed(session_id, error)

    def closed(self, session_id: str, code: int | None) -> None:
        """Tell all."""
        for each in self._observers:
            each.closed(session_id, code)

    def rejected(self, status: int, reason: str) -> None:
        """Tell all."""
        for each in self._observers:
            each.rejected(status, reason)


class LogObserver:
    """Writes each fact as one line."""

    def opened(self, session_id: str, options: Options) -> None:
        """Log what was asked for, once a conversation has begun."""
        log.info(
            "session %s opened: %s/%s %s %d Hz, model %s%s",
            session_id,
            options.voice.name,
            options.language,
            options.audio_format,
            options.rate_hz,
            options.model,
            f", ignoring {', '.join(options.ignored)}" if options.ignored else "",
        )

    def first_audio(self, session_id: str, after: Seconds) -> None:
        """Log how long an utterance's first audio took."""
        log.debug("session %s first audio after %.1f ms", session_id, after * 1000)

    def delivered(self, session_id: str, duration_ms: Milliseconds) -> None:
        """Log how much was spoken."""
        log.debug("session %s delivered %.0f ms of audio", session_id, duration_ms)

    def underran(self, session_id: str, gap_ms: Milliseconds) -> None:
        """Log a gap that was heard."""
        log.warning("session %s underran: a gap of %.0f ms", session_id, gap_ms)

    def cleared(self, session_id: str) -> None:
        """Log an interruption."""
        log.debug("session %s cleared", session_id)

    def failed(self, session_id: str, error: Exception) -> None:
        """Log why an utterance could not be spoken."""
        log.error("session %s failed: %s", session_id, type(error).__name__, exc_info=error)

    def closed(self, session_id: str, code: int | None) -> None:
        """Log how a conversation ended."""
        log.info("session %s closed: %s", session_id, "peer left" if code is None else code)

    def rejected(self, status: int, reason: str) -> None:
        """Log that a request was refused."""
        log.info("request refused: %d (%s)", status, reason)
