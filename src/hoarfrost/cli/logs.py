"""How the server's log looks: one line a fact, on standard error.

Standard output stays free for the banner, which an operator may want to keep.
"""

import json
import logging
from datetime import UTC, datetime
from typing import Final

from hoarfrost.server.settings import Settings

ACCESS_LOGGER: Final = "hoarfrost.session"

_CLIENTS_FAULT: Final = "Invalid UTF-8 sequence received from client."
"""What uvicorn logs with a traceback when a client's text frame is not text; 1007 answers it."""

_NOISY: Final = ("uvicorn", "websockets", "asyncio")
"""Libraries whose informative messages repeat what the banner and our own log say."""


class JsonFormatter(logging.Formatter):
    """One JSON object a line: ``time`` (ISO 8601, UTC), ``level``, ``logger``, ``message``."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as JSON; an exception goes into ``exception``."""
        entry = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            entry["exception"] = self.formatException(record.exc_info)
        return json.dumps(entry, ensure_ascii=False)


def configure_logging(settings: Settings) -> None:
    """Send all logs of this process to standard error, as the settings want them."""
    handler = logging.StreamHandler()
    handler.setFormatter(
        JsonFormatter()
        if settings.log_format == "json"
        else logging.Formatter("%(asctime)s %(levelname)-7s %(name)s: %(message)s", "%H:%M:%S")
    )
    level = logging.getLevelName(settings.log_level.upper())
    logging.basicConfig(handlers=[handler], level=level, force=True)
    for name in _NOISY:
        logging.getLogger(name).setLevel(max(level, logging.WARNING))
    logging.getLogger("uvicorn.error").addFilter(_is_ours)
    quiet = logging.NOTSET if settings.access_log else max(level, logging.WARNING)
    logging.getLogger(ACCESS_LOGGER).setLevel(quiet)


def _is_ours(entry: logging.LogRecord) -> bool:
    return entry.msg != _CLIENTS_FAULT
