"""The snapshot of the voices."""

import logging
import threading

import pytest

from hoarfrost.engines.tone import VOICES
from hoarfrost.server.voice_watch import VoiceWatch
from hoarfrost.synthesis.voice import Voice

PATIENCE_S = 30
ONE, OTHER, *_ = VOICES.values()


def test_a_snapshot_is_given_without_asking() -> None:
    """Engines are asked by the watch alone, and on its own thread once it runs."""
    asked_by: list[str] = []
    is_seen = threading.Event()
    voices = [ONE]

    def look() -> list[Voice]:
        asked_by.append(threading.current_thread().name)
        seen = list(voices)  # before the event: looks may be many before a voice is added
        if OTHER in seen:
            is_seen.set()
        return seen

    watch = VoiceWatch(look, interval=0.001)
    assert watch.voices() == (ONE,)
    voices.append(OTHER)
    assert is_seen.wait(PATIENCE_S)
    watch.close(timeout=PATIENCE_S)
    assert watch.voices() == (ONE, OTHER)
    assert set(asked_by[1:]) == {"voice-watch"}


def test_an_engine_that_fails_is_asked_again(caplog: pytest.LogCaptureFixture) -> None:
    """What was seen last stays; the reason is logged once, and the watch goes on."""
    n_looks = 0
    is_back = threading.Event()

    def look() -> list[Voice]:
        nonlocal n_looks
        n_looks += 1
        if 1 < n_looks < 5:
            raise OSError("the drive is gone")
        if n_looks >= 6:
            is_back.set()
        return [ONE] if n_looks == 1 else [ONE, OTHER]

    with caplog.at_level(logging.ERROR):
        watch = VoiceWatch(look, interval=0.001)
        assert is_back.wait(PATIENCE_S)
        watch.close(timeout=PATIENCE_S)
    assert watch.voices() == (ONE, OTHER)
    told = [record.getMessage() for record in caplog.records]
    assert told == ["voices are not seen anew: OSError"]
