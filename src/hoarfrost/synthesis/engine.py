"""The port that engines plug into.

In: a `SynthesisRequest`. Out: `PcmChunk` after `PcmChunk`. Invariant: one ``next()`` is one bounded
step of work, so that a scheduler can interleave callers and a cancel takes effect within a step.

An engine is a class found by the entry point group ``hoarfrost.engines``; the built-in ones are no
exception. How to write one in one file: ``docs/engines.md``.
"""

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from hoarfrost.audio.stage import Samples
from hoarfrost.synthesis.voice import Voice
from hoarfrost.text.script import SpeedSpan
from hoarfrost.units import Speed


@dataclass(frozen=True, slots=True)
class SynthesisRequest:
    """Speech to be made in one go.

    Attributes:
        voice: One of the engine's own.
        text: Plain text without markup: at least one letter or digit, a few thousand characters
            at most.
        language: BCP 47 tag, one of the voice's.
        speed: Factor on the voice's natural rate: at 2.0 the speech lasts half as long.
        spans: Stretches of the text whose speed is further multiplied; ordered and disjoint.
        seed: For engines that draw random numbers: the same request gives the same samples.
    """

    voice: Voice
    text: str
    language: str
    speed: Speed = 1.0
    spans: tuple[SpeedSpan, ...] = ()
    seed: int = 0

    def __post_init__(self) -> None:
        if not 0 < self.speed < float("inf"):
            raise ValueError(f"speed: expected a number above 0, got {self.speed}")


@dataclass(frozen=True, slots=True)
class WordMark:
    """When a word is heard.

    Attributes:
        text_start: Offset of the word's first character in the request's text.
        text_end: Offset after its last character.
        sample_start: Where it begins, in samples from the beginning of the request's audio.
        sample_end: Where it ends, likewise.
    """

    text_start: int
    text_end: int
    sample_start: int
    sample_end: int


@dataclass(frozen=True, slots=True)
class PcmChunk:
    """A piece of speech.

    Attributes:
        samples: float32, shape (n,), nominally in [-1, 1], at the voice's ``rate_hz``; n may be 0.
        marks: Words whose times became known with this chunk, in order; each word once.
    """

    samples: Samples
    marks: tuple[WordMark, ...] = ()


class Engine(Protocol):
    """Turns text into samples.

    Called from worker threads, for several requests at a time: an engine whose library cannot do
    that must see to it itself. May be slow to construct; must be ready to speak afterwards.
    """

    def voices(self) -> Sequence[Voice]:
        """Return the voices that can be spoken now."""
        ...

    def synthesize(self, request: SynthesisRequest) -> Generator[PcmChunk, None, None]:
        """Speak.

        Each ``next()`` is one bounded step: at most about 20 ms of one core, where the model
        allows. Closing the generator abandons the rest; that must return at once, and may happen on
        another thread than the one that drove it.

        Raises:
            VoiceFault: If the voice cannot be loaded or fails.
        """
        ...

    def close(self) -> None:
        """Release everything. Nothing is called afterwards."""
        ...


@runtime_checkable
class LoadingEngine(Engine, Protocol):
    """The further methods of an engine whose voices take long to load: a model from the disk, say.

    Optional. The server then loads a voice on a thread of its own, before it asks for speech, so
    that no worker is held up: `Engine.synthesize` must still speak a voice that is not loaded.
    """

    def is_loaded(self, voice: Voice) -> bool:
        """Return whether a voice speaks at once. Called on the event loop: looks, and no more."""
        ...

    def load(self, voice: Voice) -> None:
        """Load a voice; return when it speaks at once. May take seconds.

        Raises:
            VoiceFault: If it cannot be loaded.
        """
        ...
