"""A script becomes packets of the wire: the engine's chunks, resampled, encoded, cut to size.

In: a `Script`. Out: `Packet` after `Packet`; one ``next()`` is one bounded step of work (one of the
engine's, at most), so all of it can run on a worker thread. Invariant: the packets' bytes, joined,
are what encoding all the samples in one go would give.
"""

import itertools
from collections.abc import Callable, Generator, Iterable
from dataclasses import dataclass
from typing import TypeAlias, assert_never

from hoarfrost.audio.chain import Encoded, OutputChain
from hoarfrost.dialogue.options import Options
from hoarfrost.dialogue.outputs import WordTime
from hoarfrost.synthesis.engine import PcmChunk, SynthesisRequest, WordMark
from hoarfrost.text.script import Pause, Script, Speech, SpeedSpan
from hoarfrost.units import FASTEST, SLOWEST, Milliseconds, duration_of, samples_in

MAX_PACKET_BYTES = 32 * 1024
"""The largest frame sent: small enough for the fixed buffers of telephony bridges."""

PAUSE_STEP_MS: Milliseconds = 500.0
"""How much silence is encoded in one step: at 44.1 kHz, LAME takes some 4 ms of a core for it."""

SHORT_MS: Milliseconds = 250.0
"""Audio that is resampled and encoded in 0.2 ms of a core, as MP3 in 2 ms."""

_Chunks: TypeAlias = Generator[PcmChunk, None, None]
Synthesize: TypeAlias = Callable[[SynthesisRequest], _Chunks]


@dataclass(frozen=True, slots=True)
class Packet:
    """Audio as it is sent.

    Attributes:
        data: Whole samples (or MPEG data) in the wire's format; empty when a step of work has not
            produced any yet.
        duration_ms: How long it plays.
        words: Words whose times became known with it.
    """

    data: bytes
    duration_ms: Milliseconds
    words: tuple[WordTime, ...] = ()


_NOTHING = Packet(b"", 0.0)
READY = Packet(b"", 0.0)
"""What `Prefetched.steps` gives when there is nothing left to do ahead."""


class Prefetched:
    """Speech that was begun before it is known that it will be spoken.

    A value that is handed to `Renderer.render`, or closed. Driven by one thread at a time.

    Args:
        script: What is to be spoken; its first speech is begun, up to the first sound.
        options: Voice, language and speed.
        synthesize: Where speech comes from.
    """

    def __init__(self, script: Script, options: Options, synthesize: Synthesize) -> None:
        self.script = script
        self._options = options
        self._synthesize = synthesize
        self._made: list[PcmChunk] = []
        # One at most. Taken by whoever is first, on whichever thread: a list's pop is atomic.
        self._chunks: list[_Chunks] = []
        self._is_whole = True  # nothing that was asked of the engine is missing in `_made`

    def steps(self) -> Generator[Packet, None, None]:
        """Make chunks until one can be heard, then give `READY`, and wait to be closed.

        The packets are empty. Closing the generator closes what `take` has not taken.

        Raises:
            VoiceFault: If the voice fails.
        """
        try:
            if self.script and isinstance(first := self.script[0], Speech):
                self._is_whole = False
                speech = self._options.lexicon.rewrite(first)
                chunks = self._synthesize(_request(speech, self._options))
                self._chunks.append(chunks)
                for chunk in chunks:
                    self._made.append(chunk)
                    if chunk.samples.size:
                        break
                    yield _NOTHING
                self._is_whole = True
            yield READY
        finally:
            if (rest := self._take_chunks()) is not None:
                rest.close()

    @property
    def has_first_sound(self) -> bool:
        """Whether the first step of rendering it is next to no work.

        There is nothing to synthesise then, and no more than `SHORT_MS` to resample and encode.
        """
        first = self._first_sound
        if first is None:
            return False
        return duration_of(len(first.samples), self._options.voice.rate_hz) <= SHORT_MS

    def take(self) -> tuple[list[PcmChunk], _Chunks] | None:
        """Return the chunks that were made and where the others come from; None if that failed."""
        if not self._is_whole or (chunks := self._take_chunks()) is None:
            return None
        first = self._first_sound
        return self._made if first is None else [first], chunks

    def _take_chunks(self) -> _Chunks | None:
        try:
            return self._chunks.pop()
        except IndexError:
            return None

    @property
    def _first_sound(self) -> PcmChunk | None:
        """What was made, in one chunk; None if it cannot be heard."""
        if not self._is_whole or not self._made or not self._made[-1].samples.size:
            return None
        marks = tuple(mark for chunk in self._made for mark in chunk.marks)
        return PcmChunk(self._made[-1].samples, marks)


class Renderer:
    """Makes one stream of audio from script after script.

    Args:
        synthesize: Where speech comes from.
        options: Voice, speed, and the format of the stream.
        begins: Whether this is the beginning of what the listener hears.
    """

    def __init__(self, synthesize: Synthesize, options: Options, *, begins: bool = True) -> None:
        self._synthesize = synthesize
        self._options = options
        self._n_samples = 0  # of the utterance
        self._chain = OutputChain(
            source_hz=options.voice.rate_hz,
            rate_hz=options.rate_hz,
            audio_format=options.audio_format,
            begins=begins,
        )

    def render(
        self, script: Script, prefetched: Prefetched | None = None
    ) -> Generator[Packet, None, None]:
        """Speak a script. Closing the generator abandons the rest within one step.

        Args:
            script: What to speak.
            prefetched: The beginning of the same script; no step of it may be under way.

        Raises:
            VoiceFault: If the voice fails.
        """
        for part in script:
            match part:
                case Speech():
                    yield from self._speak(part, prefetched)
                case Pause():
                    yield from self._pause(part)
                case _:
                    assert_never(part)
            prefetched = None

    def finish(self) -> Generator[Packet, None, None]:
        """Give out what the encoder still holds: the end of an utterance. Others may follow."""
        yield from self._packets(self._chain.flush())
        self._n_samples = 0

    def _speak(
        self, speech: Speech, prefetched: Prefetched | None
    ) -> Generator[Packet, None, None]:
        options = self._options
        began_ms = duration_of(self._n_samples, options.rate_hz)
        speech = options.lexicon.rewrite(speech)
        taken = None if prefetched is None else prefetched.take()
        made, chunks = taken or ([], self._synthesize(_request(speech, options)))
        try:
            for chunk in itertools.chain(made, chunks):
                words = (_word_time(mark, speech, began_ms, options) for mark in chunk.marks)
                yield from self._packets(self._chain.feed(chunk.samples), words)
        finally:
            chunks.close()
        yield from self._packets(self._chain.end_speech())

    def _pause(self, pause: Pause) -> Generator[Packet, None, None]:
        rate_hz = self._options.rate_hz
        n_samples = samples_in(pause.duration_ms, rate_hz)
        n_step = samples_in(PAUSE_STEP_MS, rate_hz)
        for start in range(0, n_samples, n_step):
            step_ms = duration_of(min(n_step, n_samples - start), rate_hz)
            yield from self._packets(self._chain.pause(step_ms))

    def _packets(
        self, encoded: Encoded, words: Iterable[WordTime] = ()
    ) -> Generator[Packet, None, None]:
        self._n_samples += encoded.n_samples
        data, n_bytes = encoded.data, len(encoded.data)
        duration_ms = duration_of(encoded.n_samples, self._options.rate_hz)
        if n_bytes <= MAX_PACKET_BYTES:
            yield Packet(data, duration_ms, tuple(words))
            return
        pending = tuple(words)
        alignment = self._options.audio_format.alignment_bytes
        n_piece = MAX_PACKET_BYTES // alignment * alignment
        for start in range(0, n_bytes, n_piece):
            piece = data[start : start + n_piece]
            yield Packet(piece, duration_ms * len(piece) / n_bytes, pending)
            pending = ()


def _request(speech: Speech, options: Options) -> SynthesisRequest:
    return SynthesisRequest(
        voice=options.voice,
        text=speech.text,
        language=options.language,
        speed=options.speed,
        spans=tuple(_bounded(span, options.speed) for span in speech.spans),
    )


def _bounded(span: SpeedSpan, speed: float) -> SpeedSpan:
    """Keep the product of both speeds within what stays intelligible."""
    product = min(max(speed * span.speed, SLOWEST), FASTEST)
    return SpeedSpan(span.start, span.end, product / speed)


def _word_time(
    mark: WordMark, speech: Speech, began_ms: Milliseconds, options: Options
) -> WordTime:
    rate_hz = options.voice.rate_hz
    start, end = speech.source_span(mark.text_start, mark.text_end)
    return WordTime(
        text=speech.text[mark.text_start : mark.text_end],
        start=start,
        end=end,
        start_ms=began_ms + duration_of(mark.sample_start, rate_hz),
        end_ms=began_ms + duration_of(mark.sample_end, rate_hz),
    )
