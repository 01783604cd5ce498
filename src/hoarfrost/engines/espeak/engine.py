"""Speakers made of espeak-ng: the voices that need no download and no processor to speak of.

In: a `SynthesisRequest`. Out: `PcmChunk` after `PcmChunk`. Invariant: the same request gives the
same samples, whatever else is spoken before or meanwhile.

A request is written out (`spoken`) and cut into pieces (`pieces`), each one call of the library's
thread (`hoarfrost.espeak`).
At natural speed its audio goes out as it comes; otherwise `pacing` gives it its length. `utterance`
makes chunks of it, with the marks that `words` finds.
"""

from bisect import bisect_left
from collections import deque
from collections.abc import Generator, Iterator, Sequence
from dataclasses import replace
from itertools import chain
from typing import TypeAlias

import numpy as np

from hoarfrost import espeak
from hoarfrost.engines.espeak.pacing import Take, collect, pace
from hoarfrost.engines.espeak.pieces import Piece, cut
from hoarfrost.engines.espeak.rate import clamp_speed
from hoarfrost.engines.espeak.speakers import load_speakers
from hoarfrost.engines.espeak.spoken import read_request
from hoarfrost.engines.espeak.utterance import Utterance
from hoarfrost.engines.espeak.words import WordTracker
from hoarfrost.errors import VoiceFault
from hoarfrost.espeak import SpeechCall, SpeechJob
from hoarfrost.espeak.reading import Reading
from hoarfrost.synthesis.engine import PcmChunk, SynthesisRequest
from hoarfrost.synthesis.voice import Voice
from hoarfrost.text.reading.sentences import begins_paragraph
from hoarfrost.text.script import SpeedSpan
from hoarfrost.units import Speed, samples_in

_FULL_SCALE = 32768

PARAGRAPH_MS = 300
"""Silence before a paragraph, beyond the library's own pause after a sentence, at natural speed."""

_Pieces: TypeAlias = Sequence[tuple[Piece, SpeechCall]]


class EspeakEngine:
    """Speaks with espeak-ng, in this process; any number of engines share the library.

    Raises:
        VoiceFault: If the library or its data cannot be loaded.
    """

    def __init__(self) -> None:
        self._speakers = {speaker.voice.name: speaker for speaker in load_speakers()}
        self._owner = espeak.acquire()

    def voices(self) -> Sequence[Voice]:
        """Return all speakers, in the order of their table."""
        return [speaker.voice for speaker in self._speakers.values()]

    def synthesize(self, request: SynthesisRequest) -> Generator[PcmChunk, None, None]:
        """Speak.

        Letters that the language lacks are spelled at best; emoji and unknown scripts are passed
        over, so that a text of nothing else gives nothing. Speeds are clamped to
        what `hoarfrost.engines.espeak.rate` calls intelligible.

        Raises:
            VoiceFault: If the voice is not of this engine, does not speak the language, or fails;
                or if the engine is closed.
        """
        speaker = self._speakers.get(request.voice.name)
        if speaker is None:
            raise VoiceFault(f"expected a voice of espeak, got {request.voice.name!r}")
        setting = speaker.setting(request.language)
        reading = read_request(request.text, request.language)
        speed = clamp_speed(request.speed)
        is_plain = speed == 1 and not request.spans
        utterance = Utterance(reading, gain=speaker.gain / _FULL_SCALE, is_trimmed=not is_plain)
        pieces = [
            (
                piece,
                SpeechCall(
                    setting,
                    piece.text,
                    speaker.words_per_minute,
                    has_end_pause=piece.has_pause,
                    has_phonemes="[[" in piece.text,
                ),
            )
            for piece in cut(reading.text, request.language)
        ]
        n_before = 0
        if begins_paragraph(request.text) and pieces:
            n_before = samples_in(PARAGRAPH_MS / speed, espeak.RATE_HZ)
            yield PcmChunk(np.zeros(n_before, np.float32))
        if is_plain:
            chunks = self._speak_plainly(pieces, utterance)
        else:
            spans = _place_spans(request.spans, reading)
            chunks = self._speak_paced(pieces, utterance, speed, spans)
        for chunk in chain(chunks, utterance.flush()):
            yield _later(chunk, n_before) if n_before else chunk

    def close(self) -> None:
        """Let go of the library. A second time does nothing."""
        self._owner.release()

    def _speak_plainly(self, pieces: _Pieces, utterance: Utterance) -> Iterator[PcmChunk]:
        """Yield the audio as it comes, the library one piece ahead."""
        jobs: deque[SpeechJob] = deque()
        try:
            for index, (piece, _) in enumerate(pieces):
                for _, call in pieces[index + len(jobs) : index + 2]:
                    jobs.append(self._owner.speak(call))
                tracker = WordTracker(piece.text)
                start = utterance.n_fed
                for buffer in jobs[0]:
                    utterance.add(buffer.samples)
                    for word in tracker.feed(buffer.samples, buffer.words):
                        utterance.mark(word, text_start=piece.start, sample_start=start)
                    yield from utterance.ready()
                for word in tracker.flush():
                    utterance.mark(word, text_start=piece.start, sample_start=start)
                jobs.popleft()
        finally:
            for job in jobs:
                job.cancel()

    def _speak_paced(
        self, pieces: _Pieces, utterance: Utterance, speed: Speed, spans: Sequence[SpeedSpan]
    ) -> Iterator[PcmChunk]:
        """Yield the audio at the speeds that were asked for, one piece after the other."""
        for index, (piece, call) in enumerate(pieces):
            start = utterance.n_fed
            paced = pace(
                call,
                speed,
                _spans_in(piece, spans),
                self._speak_whole,
                is_first=start == 0,
                is_last=index == len(pieces) - 1,
            )
            for word in paced.words:
                utterance.mark(word, text_start=piece.start, sample_start=start)
            for samples in paced.steps:
                utterance.add(samples)
                yield from utterance.ready()

    def _speak_whole(self, call: SpeechCall) -> Take:
        return collect(call.text, iter(self._owner.speak(call)))


def _later(chunk: PcmChunk, n_samples: int) -> PcmChunk:
    """Return a chunk whose words come so many samples later."""
    marks = (
        replace(
            mark,
            sample_start=mark.sample_start + n_samples,
            sample_end=mark.sample_end + n_samples,
        )
        for mark in chunk.marks
    )
    return PcmChunk(chunk.samples, tuple(marks))


def _place_spans(spans: Sequence[SpeedSpan], reading: Reading) -> list[SpeedSpan]:
    """Return the spans with offsets in the reading instead of the request's text."""
    placed = []
    for span in spans:
        start = bisect_left(reading.sources, span.start)
        end = bisect_left(reading.sources, span.end)
        if start < end:
            placed.append(SpeedSpan(start, end, span.speed))
    return placed


def _spans_in(piece: Piece, spans: Sequence[SpeedSpan]) -> list[SpeedSpan]:
    """Return what lies in a piece of each span, with offsets in the piece."""
    end = len(piece.text)
    return [
        SpeedSpan(max(span.start - piece.start, 0), min(span.end - piece.start, end), span.speed)
        for span in spans
        if span.start - piece.start < end and span.end > piece.start
    ]
