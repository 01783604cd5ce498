"""What every engine must do, as checks that any engine's test can run.

``check_engine(engine, voice)`` runs them all. Nothing here knows how an engine sounds: only the
contract of `hoarfrost.synthesis.engine`.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import numpy as np
import pytest

from hoarfrost.audio.stage import Samples
from hoarfrost.synthesis.engine import Engine, PcmChunk, SynthesisRequest
from hoarfrost.synthesis.voice import Voice
from hoarfrost.text.script import SpeedSpan

TEXT = "Good morning, this is a longer sentence. It goes on for a while, and then it ends."
LITTLE_TEXTS = ("a", "7", "Oh!", "... so?", " no ", "a\n\nb", "x" * 60)


def check_engine(engine: Engine, voice: Voice, *, text: str = TEXT) -> None:
    """Run every check on one voice.

    Args:
        engine: The engine, ready to speak; left open.
        voice: One of its voices.
        text: Two sentences in the voice's language, with spaces between the words.
    """
    check_voices(engine, voice)
    check_chunks(engine, voice, text)
    check_marks(engine, voice, text)
    check_repetition(engine, voice, text)
    check_speed(engine, voice, text)
    check_closing(engine, voice, text)
    check_threads(engine, voice, text)
    check_little_texts(engine, voice)


def speak(engine: Engine, request: SynthesisRequest) -> list[PcmChunk]:
    """Run a request to its end."""
    return list(engine.synthesize(request))


def join(chunks: Sequence[PcmChunk]) -> Samples:
    """Return the samples of all chunks as one array."""
    return np.concatenate([np.empty(0, np.float32), *(chunk.samples for chunk in chunks)])


def ask(
    voice: Voice, text: str, *, speed: float = 1.0, spans: tuple[SpeedSpan, ...] = ()
) -> SynthesisRequest:
    """Return a request in the voice's own language."""
    return SynthesisRequest(voice, text, voice.language, speed=speed, spans=spans)


def check_voices(engine: Engine, voice: Voice) -> None:
    """The voice is listed, and no name is listed twice."""
    voices = engine.voices()
    assert voice in voices
    assert len({each.name for each in voices}) == len(voices)
    assert len({each.engine for each in voices}) == 1


def check_chunks(engine: Engine, voice: Voice, text: str) -> None:
    """Chunks are float32, one-dimensional, finite, audible and several: a long text has steps."""
    chunks = speak(engine, ask(voice, text))
    for chunk in chunks:
        assert chunk.samples.dtype == np.float32
        assert chunk.samples.ndim == 1
    samples = join(chunks)
    assert np.all(np.isfinite(samples))
    assert 0.05 < np.max(np.abs(samples)) < 1.5
    assert len(chunks) > 1
    assert 1 < samples.size / voice.rate_hz < len(text), (
        "expected 1 s or more, 1 s a letter at most"
    )


def check_marks(engine: Engine, voice: Voice, text: str) -> None:
    """Marks are in order and in range, and cover each word once; none at all is allowed too."""
    chunks = speak(engine, ask(voice, text))
    marks = [mark for chunk in chunks for mark in chunk.marks]
    n_samples = join(chunks).size
    for mark in marks:
        assert 0 <= mark.text_start < mark.text_end <= len(text)
        assert 0 <= mark.sample_start <= mark.sample_end <= n_samples
        assert any(map(str.isalnum, text[mark.text_start : mark.text_end]))
    for earlier, later in pairwise(marks):
        assert earlier.text_end <= later.text_start
        assert earlier.sample_start <= later.sample_start
        assert earlier.sample_end <= later.sample_end
    marked = {place for mark in marks for place in range(mark.text_start, mark.text_end)}
    assert not marks or marked >= {place for place, char in enumerate(text) if char.isalnum()}


def check_repetition(engine: Engine, voice: Voice, text: str) -> None:
    """The same request gives the same samples and marks, whatever was spoken in between."""
    first = speak(engine, ask(voice, text))
    speak(engine, ask(voice, "Something else.", speed=1.5))
    again = speak(engine, ask(voice, text))
    assert np.array_equal(join(first), join(again))
    assert [chunk.marks for chunk in first] == [chunk.marks for chunk in again]


def check_speed(engine: Engine, voice: Voice, text: str) -> None:
    """At twice the speed the speech lasts half as long; at half of it twice; spans multiply."""
    natural = join(speak(engine, ask(voice, text))).size
    for speed in (0.5, 2.0):
        lasted = join(speak(engine, ask(voice, text, speed=speed))).size
        assert lasted * speed == pytest.approx(natural, rel=0.05)
    half = len(text) // 2
    spans = (SpeedSpan(0, half, 2.0), SpeedSpan(half, len(text), 2.0))
    hurried = join(speak(engine, ask(voice, text, spans=spans))).size
    assert 0.4 < hurried / natural < 0.65, "expected spans over all the text to halve it, or nearly"


def check_closing(engine: Engine, voice: Voice, text: str) -> None:
    """A request may be dropped before its first step or after any; the next one is not touched."""
    whole = join(speak(engine, ask(voice, text)))
    for n_steps in (0, 1, 2):
        steps = engine.synthesize(ask(voice, text))
        for _ in range(n_steps):
            next(steps)
        steps.close()
        assert next(steps, None) is None
        assert np.array_equal(join(speak(engine, ask(voice, text))), whole)


def check_threads(engine: Engine, voice: Voice, text: str) -> None:
    """Requests in several threads, and requests taken in turns, sound as each does alone."""
    requests = [ask(voice, text[start:] + " end") for start in range(0, 20, 4)]
    alone = [join(speak(engine, request)) for request in requests]
    with ThreadPoolExecutor(max_workers=len(requests)) as pool:
        together = [join(chunks) for chunks in pool.map(lambda each: speak(engine, each), requests)]
    assert all(map(np.array_equal, alone, together))
    in_turns: list[list[PcmChunk]] = [[] for _ in requests]
    running = dict(enumerate(map(engine.synthesize, requests)))
    while running:
        for place, steps in list(running.items()):
            if (chunk := next(steps, None)) is None:
                del running[place]
            else:
                in_turns[place].append(chunk)
    assert all(map(np.array_equal, alone, map(join, in_turns)))


def check_little_texts(engine: Engine, voice: Voice) -> None:
    """A letter, a digit, a word among marks or one very long word: each is spoken, none fails."""
    for text in LITTLE_TEXTS:
        samples = join(speak(engine, ask(voice, text)))
        assert samples.size > 0
        assert np.all(np.isfinite(samples))
