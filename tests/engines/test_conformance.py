"""The checks on engines find what they look for: each broken engine fails, by the right check."""

import threading
from collections.abc import Callable, Generator, Iterator
from dataclasses import replace
from typing import TypeAlias

import numpy as np
import pytest

from hoarfrost.engines.tone import VOICES, ToneEngine
from hoarfrost.synthesis.engine import Engine, PcmChunk, SynthesisRequest

from . import conformance
from .conformance import TEXT

TONE = VOICES["tone"]

Breaking: TypeAlias = Callable[[SynthesisRequest, Iterator[PcmChunk]], Iterator[PcmChunk]]


class Broken(ToneEngine):
    """The tone engine with something wrong in what it is asked, or in what it yields."""

    def __init__(self, breaking: Breaking) -> None:
        self._break = breaking

    def synthesize(self, request: SynthesisRequest) -> Generator[PcmChunk, None, None]:
        yield from self._break(request, super().synthesize(request))


def respell(request: SynthesisRequest) -> Iterator[PcmChunk]:
    return ToneEngine().synthesize(request)


def in_double_precision(_: SynthesisRequest, chunks: Iterator[PcmChunk]) -> Iterator[PcmChunk]:
    for chunk in chunks:
        yield replace(chunk, samples=chunk.samples.astype(np.float64))


def in_one_piece(_: SynthesisRequest, chunks: Iterator[PcmChunk]) -> Iterator[PcmChunk]:
    yield PcmChunk(np.concatenate([chunk.samples for chunk in chunks]))


def silently(_: SynthesisRequest, chunks: Iterator[PcmChunk]) -> Iterator[PcmChunk]:
    for chunk in chunks:
        yield replace(chunk, samples=chunk.samples * 0)


def with_holes(_: SynthesisRequest, chunks: Iterator[PcmChunk]) -> Iterator[PcmChunk]:
    for chunk in chunks:
        yield replace(chunk, samples=np.append(chunk.samples, np.float32(np.nan)))


def with_marks_twice(_: SynthesisRequest, chunks: Iterator[PcmChunk]) -> Iterator[PcmChunk]:
    for chunk in chunks:
        yield replace(chunk, marks=chunk.marks * 2)


def with_marks_too_late(_: SynthesisRequest, chunks: Iterator[PcmChunk]) -> Iterator[PcmChunk]:
    for chunk in chunks:
        late = [replace(mark, sample_end=mark.sample_end + 9999) for mark in chunk.marks]
        yield replace(chunk, marks=tuple(late))


def with_words_unmarked(_: SynthesisRequest, chunks: Iterator[PcmChunk]) -> Iterator[PcmChunk]:
    for n, chunk in enumerate(chunks):
        yield chunk if n else replace(chunk, marks=())


def always_at_one_speed(request: SynthesisRequest, _: Iterator[PcmChunk]) -> Iterator[PcmChunk]:
    return respell(replace(request, speed=1.0))


def slower_when_faster(request: SynthesisRequest, _: Iterator[PcmChunk]) -> Iterator[PcmChunk]:
    return respell(replace(request, speed=1 / request.speed))


def without_spans(request: SynthesisRequest, _: Iterator[PcmChunk]) -> Iterator[PcmChunk]:
    return respell(replace(request, spans=()))


def never_giving_up(_: SynthesisRequest, chunks: Iterator[PcmChunk]) -> Iterator[PcmChunk]:
    for chunk in chunks:
        try:
            yield chunk
        except GeneratorExit:
            yield chunk


def deaf_to_letters(request: SynthesisRequest, chunks: Iterator[PcmChunk]) -> Iterator[PcmChunk]:
    return chunks if len(request.text) > 1 else iter(())


def drifting() -> Breaking:
    """Louder with every request."""
    level = 1.0

    def play(_: SynthesisRequest, chunks: Iterator[PcmChunk]) -> Iterator[PcmChunk]:
        nonlocal level
        level *= 1.01
        mine = level
        for chunk in chunks:
            yield replace(chunk, samples=chunk.samples * np.float32(mine))

    return play


def sharing() -> Breaking:
    """Keeps what belongs to a request where the next request overwrites it."""
    current: list[SynthesisRequest] = []

    def play(request: SynthesisRequest, chunks: Iterator[PcmChunk]) -> Iterator[PcmChunk]:
        current[:] = [request]
        for chunk in chunks:
            yield replace(chunk, samples=chunk.samples[: 500 + len(current[0].text)])

    return play


def spoiled_by_closing() -> Breaking:
    """Never finds its way back after a request was closed in the middle."""
    spoiled = threading.Event()

    def play(_: SynthesisRequest, chunks: Iterator[PcmChunk]) -> Iterator[PcmChunk]:
        for chunk in chunks:
            try:
                yield replace(chunk, samples=chunk.samples[: 100 if spoiled.is_set() else None])
            except GeneratorExit:
                spoiled.set()
                raise

    return play


@pytest.mark.parametrize(
    ("breaking", "check"),
    [
        (in_double_precision, conformance.check_chunks),
        (in_one_piece, conformance.check_chunks),
        (silently, conformance.check_chunks),
        (with_holes, conformance.check_chunks),
        (with_marks_twice, conformance.check_marks),
        (with_marks_too_late, conformance.check_marks),
        (with_words_unmarked, conformance.check_marks),
        (always_at_one_speed, conformance.check_speed),
        (slower_when_faster, conformance.check_speed),
        (without_spans, conformance.check_speed),
        (drifting(), conformance.check_repetition),
        (spoiled_by_closing(), conformance.check_closing),
        (sharing(), conformance.check_threads),
    ],
)
def test_broken_engine_is_found(
    breaking: Breaking, check: Callable[[Engine, object, str], None]
) -> None:
    """What is wrong with an engine fails the check that is about it."""
    with pytest.raises(AssertionError):
        check(Broken(breaking), TONE, TEXT)


def test_engine_that_cannot_be_closed_is_found() -> None:
    """An engine that yields on instead of ending is an error of Python's own."""
    with pytest.raises(RuntimeError, match="generator ignored GeneratorExit"):
        conformance.check_closing(Broken(never_giving_up), TONE, TEXT)


def test_engine_that_swallows_letters_is_found() -> None:
    """A text of one letter must be heard."""
    with pytest.raises(AssertionError):
        conformance.check_little_texts(Broken(deaf_to_letters), TONE)


def test_voice_that_is_not_listed_is_found() -> None:
    """A voice must be among those that the engine says it has."""
    with pytest.raises(AssertionError):
        conformance.check_voices(ToneEngine(), replace(TONE, name="other"))
