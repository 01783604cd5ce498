"""The voices that there are now, as a snapshot: no request waits for a disk.

In: engines, which may look at files when they are asked for their voices. Out: what they said last.
Invariant: only the watching thread asks them, once the server answers.
"""

import logging
import threading
from collections.abc import Callable, Sequence

from hoarfrost.synthesis.voice import Voice
from hoarfrost.units import Seconds

log = logging.getLogger("hoarfrost.server")

LOOK_INTERVAL: Seconds = 0.5
"""How old the snapshot may be."""


class VoiceWatch:
    """A snapshot of voices that is kept up to date.

    Args:
        look: Gives the voices that there are; called here, and then on a thread.
        interval: Time between two looks.
    """

    def __init__(
        self, look: Callable[[], Sequence[Voice]], *, interval: Seconds = LOOK_INTERVAL
    ) -> None:
        self._ask = look
        self._interval = interval
        self.look()
        self._is_closed = threading.Event()
        self._thread = threading.Thread(target=self._run, name="voice-watch", daemon=True)
        self._thread.start()

    def look(self) -> None:
        """Bring the snapshot up to date. May take as long as a disk does."""
        self._voices = tuple(self._ask())

    def voices(self) -> Sequence[Voice]:
        """Return the voices of the last look."""
        return self._voices

    def close(self, *, timeout: Seconds) -> None:
        """Look no more; wait so long for a look under way."""
        self._is_closed.set()
        self._thread.join(timeout)

    def _run(self) -> None:
        told = ""
        while not self._is_closed.wait(self._interval):
            try:
                self.look()
                told = ""
            except Exception as error:  # an engine's code; a dead watch sees nothing more
                if str(error) != told:
                    log.exception("voices are not seen anew: %s", type(error).__name__)
                told = str(error)
