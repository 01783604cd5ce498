"""Words as tones: an engine whose audio can be read back, for tests and as an example.

A word is a sine. Its frequency tells which word it is (`frequency_of`), its length how many letters
it has (`length_of`); words are 40 ms apart. Everything is exact and the same each time. It is also
the shortest complete engine: ``docs/engines.md`` says what each part is for.
"""

import re
from collections.abc import Generator, Iterator, Sequence
from typing import Final

import numpy as np

from hoarfrost.audio.stage import Samples
from hoarfrost.errors import VoiceFault
from hoarfrost.synthesis.engine import PcmChunk, SynthesisRequest, WordMark
from hoarfrost.synthesis.voice import Gender, Voice
from hoarfrost.units import Milliseconds, SampleRate, Speed, samples_in

LETTER_MS: Final[Milliseconds] = 60.0
GAP_MS: Final[Milliseconds] = 40.0
RAMP_MS: Final[Milliseconds] = 5.0
STEP_MS: Final[Milliseconds] = 200.0
LEVEL: Final = 0.5

# 601 frequencies, 4 Hz apart: all below 4 kHz, where a telephone ends, and few words in common.
_LOWEST_HZ, _SPACING_HZ, _N_FREQUENCIES = 400.0, 4.0, 601


def _voice(
    name: str, description: str, *, languages: tuple[str, ...], rate_hz: SampleRate = 22050
) -> Voice:
    return Voice(
        name=name,
        engine="tone",
        languages=languages,
        gender=Gender.NEUTRAL,
        description=description,
        rate_hz=rate_hz,
        licence="CC0-1.0",
        tags=("test",),
    )


VOICES: Final = {
    voice.name: voice
    for voice in (
        _voice(
            "tone",
            "A sine for every word: not for listeners.",
            languages=("en-US", "en-GB", "es", "fr", "de", "hi", "pt", "it", "nl", "ja", "ar"),
        ),
        _voice("tone-low", "The same, an octave lower.", languages=("en-US",)),
        _voice("tone-16k", "The same, at 16 kHz.", languages=("hi", "en-US"), rate_hz=16000),
    )
}
"""By name. They differ in octave, rate and languages, so that mixing them up is noticed."""


def letters_of(word: str) -> str:
    """Return the letters and digits of a word, lower case: ``"Don't!"`` gives ``"dont"``."""
    return "".join(filter(str.isalnum, word)).casefold()


def frequency_of(word: str, *, voice: str = "tone") -> float:
    """Return the frequency of a word, in Hz, from 400 to 2800 (``tone-low``: 200 to 1400).

    Its letters are digits of a number to the base 31, whose remainder by 601 counts steps of 4 Hz.
    """
    code = 0
    for letter in letters_of(word):
        code = (31 * code + ord(letter)) % _N_FREQUENCIES
    octave = 0.5 if voice == "tone-low" else 1.0
    return octave * (_LOWEST_HZ + _SPACING_HZ * code)


def length_of(word: str, *, rate_hz: SampleRate, speed: Speed = 1.0) -> int:
    """Return how many samples a word lasts: 60 ms a letter, divided by the speed."""
    return samples_in(len(letters_of(word)) * LETTER_MS / speed, rate_hz)


class ToneEngine:
    """An `Engine` that plays a tone for each word: what white space sets apart, if it has a letter.

    ``speed`` shortens words and gaps, a `SpeedSpan` the words whose first letter is inside.
    """

    def voices(self) -> Sequence[Voice]:
        """Return all three: there is nothing to load."""
        return tuple(VOICES.values())

    def synthesize(self, request: SynthesisRequest) -> Generator[PcmChunk, None, None]:
        """Play the words; a chunk is a gap, or at most 200 ms of a word.

        Raises:
            VoiceFault: If the voice is not one of `VOICES`.
        """
        if VOICES.get(request.voice.name) != request.voice:
            raise VoiceFault(f"expected one of {', '.join(VOICES)}, got {request.voice.name}")
        rate_hz = request.voice.rate_hz
        n_gap = samples_in(GAP_MS / request.speed, rate_hz)
        position = 0
        for word in re.finditer(r"\S+", request.text):
            if not letters_of(word[0]):
                continue
            if position:
                yield PcmChunk(np.zeros(n_gap, dtype=np.float32))
                position += n_gap
            n_samples = length_of(word[0], rate_hz=rate_hz, speed=_speed_at(word, request))
            mark = WordMark(word.start(), word.end(), position, position + n_samples)
            tone = _play(frequency_of(word[0], voice=request.voice.name), n_samples, rate_hz)
            yield PcmChunk(next(tone), (mark,))
            yield from map(PcmChunk, tone)
            position += n_samples

    def close(self) -> None:
        """Do nothing: there is nothing to release."""


def _speed_at(word: re.Match[str], request: SynthesisRequest) -> Speed:
    first = word.start() + next(i for i, char in enumerate(word[0]) if char.isalnum())
    for span in request.spans:
        if span.start <= first < span.end:
            return request.speed * span.speed
    return request.speed


def _play(frequency_hz: float, n_samples: int, rate_hz: SampleRate) -> Iterator[Samples]:
    """Yield a sine in steps, at least one; raised cosines lift and lower it without a click."""
    n_ramp = samples_in(RAMP_MS, rate_hz)
    n_step = samples_in(STEP_MS, rate_hz)
    for start in range(0, max(n_samples, 1), n_step):
        n = np.arange(start, min(start + n_step, n_samples))
        from_edge = np.minimum(n + 1, n_samples - n)
        gain = 0.5 - 0.5 * np.cos(np.pi * np.minimum(from_edge / (n_ramp + 1), 1))
        wave = LEVEL * gain * np.sin(2 * np.pi * frequency_hz * n / rate_hz)
        yield wave.astype(np.float32)
