"""Loading of voices, on threads of their own: no worker and no event loop is held up by it.

In: a voice that is about to speak. Out: a future, done when it is loaded. Invariant: a voice is
loaded once at a time, however many wait for it; voices are loaded one after the other.
"""

import asyncio
import threading
from typing import Protocol

from hoarfrost.errors import VoiceFault
from hoarfrost.synthesis.voice import Voice


class Loading(Protocol):
    """Where voices are loaded: `hoarfrost.synthesis.registry.Engines`."""

    def is_loaded(self, voice: Voice) -> bool:
        """Return whether a voice speaks at once. Looks, and no more."""
        ...

    def load(self, voice: Voice) -> None:
        """Load a voice. May take seconds.

        Raises:
            VoiceFault: If it cannot be loaded.
        """
        ...


class Loader:
    """Loads voices for one event loop.

    Args:
        engines: Where they are loaded.
    """

    def __init__(self, engines: Loading) -> None:
        self._engines = engines
        self._under_way: dict[Voice, asyncio.Future[None]] = {}
        self._one_at_a_time = threading.Lock()

    def is_loaded(self, voice: Voice) -> bool:
        """Return whether a voice speaks at once."""
        return self._engines.is_loaded(voice)

    def begin(self, voice: Voice) -> "asyncio.Future[None]":
        """Begin to load a voice, unless that is under way; return what is done when it is loaded.

        Who waits for it should do so behind `asyncio.shield`: others may wait as well.
        """
        if (under_way := self._under_way.get(voice)) is not None:
            return under_way
        loop = asyncio.get_running_loop()
        loaded = self._under_way[voice] = loop.create_future()
        # A daemon: nobody waits at the end for a voice that nobody will hear.
        thread = threading.Thread(
            target=self._load, args=(voice, loop, loaded), name=f"load-{voice.name}", daemon=True
        )
        thread.start()
        return loaded

    async def load(self, voice: Voice) -> None:
        """Wait until a voice is loaded.

        Raises:
            VoiceFault: If it cannot be loaded.
        """
        if not self.is_loaded(voice):
            await asyncio.shield(self.begin(voice))

    def _load(
        self, voice: Voice, loop: asyncio.AbstractEventLoop, loaded: "asyncio.Future[None]"
    ) -> None:
        failure: Exception | None = None
        try:
            with self._one_at_a_time:
                self._engines.load(voice)
        except Exception as error:  # noqa: BLE001 -- an engine's code; told to whoever waits
            failure = error
        try:
            loop.call_soon_threadsafe(self._settle, voice, loaded, failure)
        except RuntimeError:  # the loop is closed: nobody waits any more
            return

    def _settle(
        self, voice: Voice, loaded: "asyncio.Future[None]", failure: Exception | None
    ) -> None:
        del self._under_way[voice]
        if loaded.cancelled():
            return
        if failure is None:
            loaded.set_result(None)
            return
        if not isinstance(failure, VoiceFault):
            fault = VoiceFault(f"voice {voice.name}: expected to load it, got an error")
            fault.__cause__ = failure
            failure = fault
        loaded.set_exception(failure)
        loaded.exception()  # looked at: maybe nobody waits for it
