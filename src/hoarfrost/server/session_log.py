"""The log of sessions: each event as one line.

Invariant: what is written has ids, durations and codes, never text or keys.
"""

import logging

from hoarfrost.session.events import (
    Closed,
    Failed,
    FirstAudio,
    Interrupted,
    Opened,
    Refused,
    SessionEvent,
    Underrun,
    UtteranceDone,
)

log = logging.getLogger("hoarfrost.session")


def log_event(event: SessionEvent) -> None:
    """Log an event of a session."""
    match event:
        case Refused(status, reason):
            log.info("request refused: %d (%s)", status, reason)
        case Opened(session_id, options):
            log.info(
                "session %s opened: %s/%s %s %d Hz",
                session_id,
                options.voice.name,
                options.language,
                options.audio_format,
                options.rate_hz,
            )
        case FirstAudio(session_id, after):
            log.debug("session %s first audio after %.1f ms", session_id, after * 1000)
        case UtteranceDone(session_id, audio_ms):
            log.debug("session %s delivered %.0f ms of audio", session_id, audio_ms)
        case Underrun(session_id, gap_ms):
            log.warning("session %s underran: a gap of %.0f ms", session_id, gap_ms)
        case Interrupted(session_id):
            log.debug("session %s cleared", session_id)
        case Failed(session_id, error):
            log.error("session %s failed: %s", session_id, type(error).__name__, exc_info=error)
        case Closed(session_id, code):
            log.info("session %s closed: %s", session_id, "peer left" if code is None else code)
        case _:  # steps and packets are too many to be logged
            pass
