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
from hoarfrost.protocol.options import Options
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
class HeardWord:
    """When a word of the client's text is heard: for protocols that tell, which ``/ws`` does not.

    Attributes:
        start: Offset of the word's first character in the client's text.
        end: Offset after its last character.
        start_ms: When it begins, from the start of the stream.
        end_ms: When it ends, likewise.
    """

    start: int
    end: int
    start_ms: Milliseconds
    end_ms: Milliseconds


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
    words: tuple[HeardWord, ...] = ()


_NOTHING = Packet(b"", 0.0)
READY = Packet(b"", 0.0)
"""What `Renderer.anticipate` gives when there is nothing left to do ahead."""


class _Beginning:
    """Speech begun before it is known that it will be spoken; driven by one thread at a time."""

    def __init__(self, request: SynthesisRequest, synthesize: Synthesize) -> None:
        self.request = request
        self.made: list[PcmChunk] = []
        self.chunks: _Chunks | None = None
        self.is_whole = True  # nothing that was asked of the engine is missing in `made`
        self.is_taken = False
        self._synthesize = synthesize

    @property
    def first_sound(self) -> PcmChunk | None:
        """What was made, in one chunk; None if it cannot be heard."""
        if not self.is_whole or not self.made or not self.made[-1].samples.size:
            return None
        return PcmChunk(self.made[-1].samples, tuple(m for chunk in self.made for m in chunk.marks))

    def steps(self) -> Generator[Packet, None, None]:
        """Make chunks until one can be heard, then give `READY`, and wait to be taken or closed."""
        try:
            self.is_whole = False
            self.chunks = self._synthesize(self.request)
            for chunk in self.chunks:
                self.made.append(chunk)
                if chunk.samples.size:
                    break
                yield _NOTHING
            self.is_whole = True
            yield READY
        finally:
            if self.chunks is not None and not self.is_taken:
                self.chunks.close()


class Renderer:
    """Makes one stream of audio from script after script.

    Args:
        synthesize: Where speech comes from.
        options: Voice, speed, and the format of the stream.
    """

    def __init__(self, synthesize: Synthesize, options: Options) -> None:
        self._synthesize = synthesize
        self._options = options
        self._n_samples = 0
        self._beginning: _Beginning | None = None
        self._chain = OutputChain(
            source_hz=options.voice.rate_hz,
            rate_hz=options.rate_hz,
            audio_format=options.audio_format,
        )

    def render(self, script: Script) -> Generator[Packet, None, None]:
        """Speak a script. Closing the generator abandons the rest within one step.

        Raises:
            VoiceFault: If the voice fails.
        """
        for part in script:
            match part:
                case Speech():
                    yield from self._speak(part)
                case Pause():
                    yield from self._pause(part)
                case _:
                    assert_never(part)

    def anticipate(self, script: Script) -> Generator[Packet, None, None]:
        """Begin the first speech of a script that may be rendered next, up to its first sound.

        Nothing of the stream is touched, and the packets are empty. Done when it gives `READY`;
        `render` of the same speech goes on from there. To have it dropped call `forget` and close
        the generator. Nothing may be rendered while a step of it is under way.

        Raises:
            VoiceFault: If the voice fails.
        """
        if not script or not isinstance(script[0], Speech):
            return _ready()
        speech = self._options.lexicon.rewrite(script[0])
        self._beginning = _Beginning(self._request(speech), self._synthesize)
        return self._beginning.steps()

    @property
    def has_first_sound(self) -> bool:
        """Whether the first step of `render`, of what was begun ahead, is next to no work.

        There is nothing to synthesise then, and no more than `SHORT_MS` to resample and encode.
        """
        first = None if self._beginning is None else self._beginning.first_sound
        if first is None:
            return False
        return duration_of(len(first.samples), self._options.voice.rate_hz) <= SHORT_MS

    def forget(self) -> None:
        """Have `render` begin anew what was begun ahead."""
        self._beginning = None

    def finish(self) -> Generator[Packet, None, None]:
        """Give out what the encoder still holds. Another script may follow."""
        yield from self._packets(self._chain.flush())

    def _speak(self, speech: Speech) -> Generator[Packet, None, None]:
        options = self._options
        began_ms = duration_of(self._n_samples, options.rate_hz)
        speech = options.lexicon.rewrite(speech)
        made, chunks = self._begin(self._request(speech))
        try:
            for chunk in itertools.chain(made, chunks):
                words = (_heard(mark, speech, began_ms, options) for mark in chunk.marks)
                yield from self._packets(self._chain.feed(chunk.samples), words)
        finally:
            chunks.close()
        yield from self._packets(self._chain.end_speech())

    def _request(self, speech: Speech) -> SynthesisRequest:
        options = self._options
        return SynthesisRequest(
            voice=options.voice,
            text=speech.text,
            language=options.language,
            speed=options.speed,
            spans=tuple(_bounded(span, options.speed) for span in speech.spans),
        )

    def _begin(self, request: SynthesisRequest) -> tuple[list[PcmChunk], _Chunks]:
        """Return the chunks that were made ahead, and where the others come from."""
        beginning, self._beginning = self._beginning, None
        if (
            beginning is None
            or beginning.request != request
            or beginning.chunks is None
            or not beginning.is_whole
        ):
            return [], self._synthesize(request)
        beginning.is_taken = True
        first = beginning.first_sound
        return beginning.made if first is None else [first], beginning.chunks

    def _pause(self, pause: Pause) -> Generator[Packet, None, None]:
        rate_hz = self._options.rate_hz
        n_samples = samples_in(pause.duration_ms, rate_hz)
        n_step = samples_in(PAUSE_STEP_MS, rate_hz)
        for start in range(0, n_samples, n_step):
            step_ms = duration_of(min(n_step, n_samples - start), rate_hz)
            yield from self._packets(self._chain.pause(step_ms))

    def _packets(
        self, encoded: Encoded, words: Iterable[HeardWord] = ()
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


def _ready() -> Generator[Packet, None, None]:
    yield READY


def _bounded(span: SpeedSpan, speed: float) -> SpeedSpan:
    """Keep the product of both speeds within what stays intelligible."""
    product = min(max(speed * span.speed, SLOWEST), FASTEST)
    return SpeedSpan(span.start, span.end, product / speed)


def _heard(mark: WordMark, speech: Speech, began_ms: Milliseconds, options: Options) -> HeardWord:
    rate_hz = options.voice.rate_hz
    start, end = speech.source_span(mark.text_start, mark.text_end)
    return HeardWord(
        start=start,
        end=end,
        start_ms=began_ms + duration_of(mark.sample_start, rate_hz),
        end_ms=began_ms + duration_of(mark.sample_end, rate_hz),
    )
