"""A piece spoken at a speed that is not the speaker's own, or at several.

In: a piece, a speed and stretches of it with speeds of their own. Out: its audio, as long as it
has to be. Invariant: "twice as fast" means half as long as this very text lasts at natural speed,
which is found out by speaking it at natural speed too (1 ms of work a second of speech).

The library's own rates sound better than stretched speech, so the rate that comes nearest is used;
what is missing beyond `_CLOSE` is stretched.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from hoarfrost.audio.stage import Samples
from hoarfrost.engines.espeak.rate import clamp_speed, words_per_minute
from hoarfrost.engines.espeak.stretch import TimeMap, stretch
from hoarfrost.engines.espeak.utterance import LEAD, TAIL
from hoarfrost.engines.espeak.words import Word, WordTracker, find_audible
from hoarfrost.espeak import SpeechBuffer, SpeechCall
from hoarfrost.text.script import SpeedSpan
from hoarfrost.units import Speed

_CLOSE = 0.02
"""How far off a speed may be: less than is noticed, more than one word a minute makes."""

_MOST_TRIES = 2


@dataclass(frozen=True, slots=True)
class Take:
    """A piece as the library spoke it, whole.

    Attributes:
        samples: int16, shape (n,), at the library's rate.
        words: Its words; offsets in the piece's text.
        onset: Its first audible sample; 0 if there is none.
        audible_end: After its last audible sample; likewise.
    """

    samples: NDArray[np.int16]
    words: tuple[Word, ...]
    onset: int
    audible_end: int


@dataclass(frozen=True, slots=True)
class PacedPiece:
    """A piece at the speed that was asked for.

    Attributes:
        steps: Its audio, float32 in 16-bit amplitudes, made step by step as it is taken.
        words: Its words; times in the samples of ``steps`` joined.
    """

    steps: Iterator[Samples]
    words: tuple[Word, ...]


def collect(text: str, buffers: Iterator[SpeechBuffer]) -> Take:
    """Return all of a call's audio and words."""
    tracker = WordTracker(text)
    words: list[Word] = []
    parts = [np.zeros(0, np.int16)]
    for buffer in buffers:
        words.extend(tracker.feed(buffer.samples, buffer.words))
        parts.append(buffer.samples)
    words.extend(tracker.flush())
    samples = np.concatenate(parts)
    audible = find_audible(samples)
    onset, end = (int(audible[0]), int(audible[-1]) + 1) if len(audible) else (0, 0)
    return Take(samples, tuple(words), onset, end)


def pace(
    call: SpeechCall,
    speed: Speed,
    spans: Sequence[SpeedSpan],
    speak: Callable[[SpeechCall], Take],
    *,
    is_first: bool,
    is_last: bool,
) -> PacedPiece:
    """Speak a piece at a speed.

    Args:
        call: The piece at the speaker's natural rate.
        speed: Factor on that rate.
        spans: Stretches of the call's text whose speed is further multiplied.
        speak: Makes a call.
        is_first: Whether nothing was said before it: then it begins with its first sound.
        is_last: Whether nothing comes after it: then its pause is not longer than `TAIL`.
    """
    natural = _trimmed(speak(call)) if is_first else speak(call)
    if natural.audible_end == 0:
        return PacedPiece(iter(()), ())
    take, factor = _nearest(call, natural, clamp_speed(speed), speak)
    if is_first and take is not natural:
        take = _trimmed(take)
    speech = take.samples[: take.audible_end].astype(np.float32)
    n_after = len(natural.samples) - natural.audible_end
    n_pause = (min(n_after, TAIL) if is_last else n_after) / clamp_speed(speed)
    pause = np.zeros(round(n_pause), np.float32)
    if not spans and abs(factor - 1) <= _CLOSE:
        return PacedPiece(iter((speech, pause)), take.words)
    time_map = _plan(natural, take, speed, spans)
    words = tuple(
        replace(
            word,
            sample_start=time_map.output_at(word.sample_start),
            sample_end=time_map.output_at(word.sample_end),
        )
        for word in take.words
    )
    return PacedPiece(chain(stretch(speech, time_map), (pause,)), words)


def _nearest(
    call: SpeechCall, natural: Take, speed: Speed, speak: Callable[[SpeechCall], Take]
) -> tuple[Take, float]:
    """Return the take nearest to the speed, and by which factor it is still too long."""
    take, factor, wpm = natural, speed, call.words_per_minute
    aim = speed
    for _ in range(_MOST_TRIES):
        if abs(factor - 1) <= _CLOSE:
            break
        tried_wpm = words_per_minute(call.words_per_minute, aim)
        if tried_wpm == wpm:
            break
        wpm = tried_wpm
        tried = speak(replace(call, words_per_minute=wpm))
        tried_factor = _length(tried) * speed / max(_length(natural), 1)
        if abs(np.log(tried_factor)) < abs(np.log(factor)):
            take, factor = tried, tried_factor
        aim *= tried_factor
    return take, factor


def _trimmed(take: Take) -> Take:
    """Return the take without the silence before it."""
    n_cut = max(take.onset - LEAD, 0)
    words = tuple(
        replace(
            word,
            sample_start=max(word.sample_start - n_cut, 0),
            sample_end=max(word.sample_end - n_cut, 0),
        )
        for word in take.words
    )
    return Take(take.samples[n_cut:], words, take.onset - n_cut, max(take.audible_end - n_cut, 0))


def _length(take: Take) -> int:
    """Return how long the speech lasts, the pause after it left out."""
    return take.audible_end - take.onset


def _plan(natural: Take, take: Take, speed: Speed, spans: Sequence[SpeedSpan]) -> TimeMap:
    """Return the map that gives every stretch of the take its length: the natural one / speed."""
    inputs, outputs = [0.0], [0.0]
    natural_end = 0.0

    def run_to(natural_moment: float, moment: float, pace: Speed) -> None:
        nonlocal natural_end
        length = max(natural_moment - natural_end, 0) / clamp_speed(pace)
        natural_end = max(natural_moment, natural_end)
        if moment > inputs[-1] and length > 0:
            inputs.append(moment)
            outputs.append(outputs[-1] + length)
        else:
            outputs[-1] += length

    run_to(natural.onset, take.onset, speed)
    for span in spans:
        for offset, is_end in ((span.start, False), (span.end, True)):
            run_to(
                _moment(natural, offset, is_end=is_end),
                _moment(take, offset, is_end=is_end),
                speed * span.speed if is_end else speed,
            )
    run_to(natural.audible_end, take.audible_end, speed)
    return TimeMap(tuple(inputs), tuple(outputs))


def _moment(take: Take, offset: int, *, is_end: bool) -> float:
    """Return when a place in the text is spoken; between words, the nearer side of the gap."""
    for word in take.words:
        if word.text_start <= offset <= word.text_end and not (
            (is_end and offset == word.text_start) or (not is_end and offset == word.text_end)
        ):
            share = (offset - word.text_start) / (word.text_end - word.text_start)
            return word.sample_start + share * (word.sample_end - word.sample_start)
    if is_end:
        ends = [word.sample_end for word in take.words if word.text_end <= offset]
        return max(ends, default=float(take.onset))
    starts = [word.sample_start for word in take.words if word.text_start >= offset]
    return min(starts, default=float(take.audible_end))
