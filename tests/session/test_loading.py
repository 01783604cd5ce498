"""Voices that are not loaded yet: who waits for them, and who does not."""

import asyncio
import threading

import pytest

from hoarfrost.errors import VoiceFault
from hoarfrost.session.loading import Loader
from hoarfrost.synthesis.voice import Voice
from tests.session.call import Call
from tests.session.gates import PATIENCE_S
from tests.support.options import TONE
from tests.support.speech import pcm_of

OTHER = Voice("other", "tone", ("en",), TONE.gender, "Another.", 22050, "CC0-1.0")


class Shelf:
    """Voices that are loaded when the gate is open.

    Attributes:
        gate: Loading waits for it.
        loads: Names of the voices that were loaded, and on which threads.
    """

    def __init__(self, failure: Exception | None = None) -> None:
        self.gate = threading.Event()
        self.loads: list[tuple[str, str]] = []
        self._failure = failure
        self._loaded: set[str] = set()

    def is_loaded(self, voice: Voice) -> bool:
        return voice.name in self._loaded

    def load(self, voice: Voice) -> None:
        self.loads.append((voice.name, threading.current_thread().name))
        assert self.gate.wait(PATIENCE_S)
        if self._failure is not None:
            raise self._failure
        self._loaded.add(voice.name)


async def test_many_wait_for_one_load() -> None:
    """A voice is loaded once, on a thread of its own, however many want it; then not again."""
    shelf = Shelf()
    loader = Loader(shelf)
    waiting = [asyncio.create_task(loader.load(TONE)) for _ in range(5)]
    await asyncio.sleep(0)
    assert not loader.is_loaded(TONE)
    waiting[0].cancel()
    shelf.gate.set()
    results = await asyncio.gather(*waiting, return_exceptions=True)
    assert isinstance(results[0], asyncio.CancelledError)
    assert results[1:] == [None] * 4
    await loader.load(TONE)
    assert shelf.loads == [("tone", "load-tone")]


async def test_voices_are_loaded_one_after_the_other() -> None:
    """Cold voices by the dozen do not take all cores."""
    shelf = Shelf()
    loader = Loader(shelf)
    both = [loader.begin(TONE), loader.begin(OTHER)]
    await asyncio.to_thread(lambda: None)
    assert len(shelf.loads) <= 1
    shelf.gate.set()
    await asyncio.gather(*both)
    assert [name for name, _ in shelf.loads] == ["tone", "other"]


@pytest.mark.parametrize(
    ("failure", "told"),
    [
        (VoiceFault("voice tone: expected a model, got none"), "expected a model"),
        (ZeroDivisionError("an engine's own affair"), "expected to load it, got an error"),
    ],
)
async def test_a_voice_that_cannot_be_loaded(failure: Exception, told: str) -> None:
    """Whoever waits is told; whoever comes later tries again."""
    shelf = Shelf(failure)
    shelf.gate.set()
    loader = Loader(shelf)
    for n_loads in (1, 2):
        with pytest.raises(VoiceFault, match=told):
            await loader.load(TONE)
        assert len(shelf.loads) == n_loads


async def test_speech_waits_in_the_session_not_on_a_worker() -> None:
    """While a cold voice is loaded its speech asks for no step, and other callers are served."""
    shelf = Shelf()
    loader = Loader(shelf)
    async with (
        asyncio.timeout(PATIENCE_S),
        Call(loader=loader) as cold,
        Call(scheduler=cold.scheduler) as warm,
    ):
        cold.say("One two. ")
        warm.say("Three. ", "<EOS>")
        await warm.transport.until_closed()
        assert warm.words() == ["three"]
        assert cold.transport.frames == []
        assert cold.recorder.texts == []
        shelf.gate.set()
        cold.say("<EOS>")
        await cold.transport.until_closed()
        assert cold.transport.audio == pcm_of("One two.")


async def test_a_voice_that_cannot_be_loaded_closes_1011() -> None:
    """Whoever asked for it is told why; a clear or a client that leaves waits for nothing."""
    shelf = Shelf(VoiceFault("voice tone: expected a model, got none"))
    loader = Loader(shelf)
    async with asyncio.timeout(PATIENCE_S), Call(loader=loader) as call:
        call.say("One. ", "<CLEAR>", "Two.")
        await asyncio.sleep(0.03)
        shelf.gate.set()
        closing = await call.transport.until_closed()
        assert (closing.code, closing.reason[:20]) == (1011, "500: voice tone: exp")
    shelf.gate.clear()
    async with asyncio.timeout(PATIENCE_S), Call(loader=loader) as call:
        call.say("One. ")
        await asyncio.sleep(0)
    shelf.gate.set()
