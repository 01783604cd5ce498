"""The engine: requests in, windows of speech out. Start reading here.

In: a `SynthesisRequest`. Out: `PcmChunk` after `PcmChunk`. Invariant: the same request gives the
same samples, and one ``next()`` does one window's work.

The way of a sentence: `hoarfrost.text.reading` (text → sentences of words, each with what is said
for it), `utterance` (tokens → frames → samples, as `windows` says how much at a time). What a
family of voices does at each step lies in its own folder: `hibari` (the English voices of the
package `hibari-tts`), `piper` (Piper voices). `voice_cache` knows which voices there are.
"""

import threading
from collections.abc import Generator, Mapping, Sequence
from pathlib import Path
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from hoarfrost import espeak
from hoarfrost.engines.natural.folder import VoiceFolder
from hoarfrost.engines.natural.phonemes import Phonemizer, espeak_phonemizer
from hoarfrost.engines.natural.piper.packages import installed_models
from hoarfrost.engines.natural.piper.speaker import LEAD_MS
from hoarfrost.engines.natural.utterance import AnySpeaker, Utterance, mark_of
from hoarfrost.engines.natural.voice_cache import VoiceCache
from hoarfrost.engines.natural.windows import Schedule
from hoarfrost.errors import VoiceFault
from hoarfrost.synthesis.engine import PcmChunk, SynthesisRequest
from hoarfrost.synthesis.voice import Voice
from hoarfrost.text.reading.sentences import Break, Word, begins_paragraph
from hoarfrost.units import Milliseconds, Speed, duration_of, samples_in

_BUILT_IN: Final = Path(__file__).parent / "hibari" / "heart"
SENTENCE_PAUSE_MS: Final[Milliseconds] = 360
"""From the last sound of a sentence to the first of the next, at speed 1: more than the networks
make of a comma (55 to 310 ms), and no more than 450 ms, after which a turn seems to be over."""
CLAUSE_PAUSE_MS: Final[Milliseconds] = 265
"""After a comma that a text breaks off at: what the networks make of one inside of a sentence."""
PARAGRAPH_PAUSE_MS: Final[Milliseconds] = 700
_SHORTEST_PAUSE_MS: Final[Milliseconds] = 50
_MAX_PAUSE_MS: Final[Milliseconds] = 5000
_SPEEDS: Final = (0.1, 10.0)
_SEED_STEP: Final = 0x9E3779B1
"""Spreads neighbouring seeds over the noise (golden ratio hashing)."""
_SENTENCE_STEP: Final = 4093
"""Frames of noise between the beginnings of two sentences: more than a sentence has."""
_MEBIBYTE: Final = 1 << 20
_MAX_MEMORY_MB: Final = 1 << 20
_MAX_LEAD_MS: Final[Milliseconds] = 1000

_Pauses: TypeAlias = Mapping[Break, Milliseconds]


class NaturalEngine:
    """Speaks voice packages: the one that ships with hoarfrost, and those of a folder.

    Thread-safe: the graphs are shared, everything else belongs to one request.

    Args:
        voices_dir: Folder of voices to add: packages, and stock Piper models, which are cut into
            packages when they are found. It is looked at while the engine runs. A voice that cannot
            be used is logged and left out; `refusals` keeps the reasons.
        packages: Whether Piper voices of installed Python packages are added to the folder's.
        memory_mb: Loaded graphs of those voices beyond so many MiB are unloaded, the least recently
            used voice first.
        lead_ms: Silence kept before the first sound of a sentence of a Piper voice, whose models
            make 100 ms and more of it.
        sentence_pause_ms: Silence between two sentences, and after the last of a text that ends in
            one, at speed 1.
        paragraph_pause_ms: The same between paragraphs, which a blank line parts.
        phonemize: What turns words into IPA, whatever the language, for voices without a front end
            of their own; by default espeak-ng, which is loaded with the first of them.
        schedule: How much of a sentence is made at a time; None for what suits each voice.

    Raises:
        VoiceFault: If the folder is none, or a number is out of its range.
    """

    name: Final = "natural"

    def __init__(  # noqa: PLR0913 -- options that people set in a file
        self,
        voices_dir: str | None = None,
        *,
        packages: bool = False,
        memory_mb: float = 1024,
        lead_ms: Milliseconds = LEAD_MS,
        sentence_pause_ms: Milliseconds = SENTENCE_PAUSE_MS,
        paragraph_pause_ms: Milliseconds = PARAGRAPH_PAUSE_MS,
        phonemize: Phonemizer | None = None,
        schedule: Schedule | None = None,
    ) -> None:
        if not isinstance(voices_dir, str | None):
            raise VoiceFault(f"voices_dir: expected a path, got {voices_dir!r:.40}")
        _check("memory_mb", memory_mb, 0, _MAX_MEMORY_MB)
        _check("lead_ms", lead_ms, 0, _MAX_LEAD_MS)
        _check("sentence_pause_ms", sentence_pause_ms, 0, _MAX_PAUSE_MS)
        _check("paragraph_pause_ms", paragraph_pause_ms, 0, _MAX_PAUSE_MS)
        self._pauses: _Pauses = {
            Break.CLAUSE: min(CLAUSE_PAUSE_MS, sentence_pause_ms),
            Break.SENTENCE: sentence_pause_ms,
            Break.PARAGRAPH: max(sentence_pause_ms, paragraph_pause_ms),
        }
        models = installed_models() if packages else []
        folder = None if voices_dir is None else VoiceFolder(Path(voices_dir), models)
        self._owner: espeak.Owner | None = None
        self._acquiring = threading.Lock()
        self._cache = VoiceCache(
            [_BUILT_IN],
            folder,
            phonemize=(lambda _language: phonemize) if phonemize else self._phonemizer,
            engine=self.name,
            schedule=schedule,
            lead_ms=lead_ms,
            budget_bytes=round(memory_mb * _MEBIBYTE),
        )

    @property
    def refusals(self) -> list[str]:
        """One line for each package that is left out."""
        return list(self._cache.refusals.values())

    def voices(self) -> Sequence[Voice]:
        """Return the voices of every package that there is now and that could be read."""
        return self._cache.voices()

    def is_loaded(self, voice: Voice) -> bool:
        """Return whether a voice's graphs are in memory."""
        return self._cache.is_loaded(voice.name)

    def load(self, voice: Voice) -> None:
        """Read a voice's graphs into memory.

        Raises:
            VoiceFault: If there is no such voice, or it cannot be loaded.
        """
        self._cache.speaker(voice.name)

    def synthesize(self, request: SynthesisRequest) -> Generator[PcmChunk, None, None]:
        """Speak.

        Raises:
            VoiceFault: If the voice is not one of this engine's, or fails.
        """
        return _speak(self._cache.speaker(request.voice.name), request, self._pauses)

    def close(self) -> None:
        """Release the graphs and the phonemizer."""
        self._cache.close()
        if self._owner is not None:
            self._owner.release()
            self._owner = None

    def _phonemizer(self, language: str) -> Phonemizer:
        """Return espeak-ng's phonemizer of a language.

        Raises:
            VoiceFault: If espeak-ng is not installed, or cannot be loaded.
        """
        with self._acquiring:
            self._owner = self._owner or espeak.acquire()
        return espeak_phonemizer(language)


def _check(name: str, value: object, low: float, high: float) -> None:
    """See that an option is a number in a range: it comes from a file that people write.

    Raises:
        VoiceFault: If it is not.
    """
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        raise VoiceFault(f"{name}: expected a number from {low} to {high}, got {value!r:.40}")


def _speak(
    speaker: AnySpeaker, request: SynthesisRequest, pauses: _Pauses
) -> Generator[PcmChunk, None, None]:
    """Speak sentence after sentence, each with its pause: also the last, whatever comes next."""
    at = 0
    if begins_paragraph(request.text):
        silence = (pauses[Break.PARAGRAPH] - pauses[Break.SENTENCE]) / request.speed
        yield PcmChunk(_silence(samples_in(silence, speaker.rate_hz)))
        at = samples_in(silence, speaker.rate_hz)
    for number, sentence in enumerate(speaker.read(request.text)):
        # Not by what was said before: at another speed the same sentence draws the same numbers.
        seed = request.seed * _SEED_STEP % 2**32 + number * _SENTENCE_STEP
        laid_out = speaker.plan(sentence, lambda word: _speed(word, request), seed)
        if laid_out is None:
            words = (word for clause in sentence.clauses for word in clause)
            marks = tuple(mark for word in words for mark in mark_of(word, at, at))
            yield PcmChunk(_silence(0), marks)
            continue
        utterance = Utterance(speaker, laid_out, seed=seed, at=at)
        for chunk in utterance.chunks():
            at += len(chunk.samples)
            yield chunk
        pause = pauses.get(sentence.after)
        if pause is None:
            continue
        n_quiet = utterance.n_stop_frames + speaker.lead_frames
        quiet = duration_of(n_quiet * speaker.hop, speaker.rate_hz)
        quiet += speaker.tail_ms / float(laid_out.speed[-1])
        least = 0 if sentence.after is Break.CLAUSE else _SHORTEST_PAUSE_MS
        rest = max(least, pause / float(laid_out.speed[-1]) - quiet) if pause else 0
        silence_after = _silence(samples_in(rest, speaker.rate_hz))
        at += len(silence_after)
        yield PcmChunk(silence_after)


def _speed(word: Word, request: SynthesisRequest) -> Speed:
    speed = request.speed
    for span in request.spans:
        if span.start < word.end and word.start < span.end:
            speed *= span.speed
    return min(max(speed, _SPEEDS[0]), _SPEEDS[1])


def _silence(n: int) -> NDArray[np.float32]:
    return np.zeros(n, np.float32)
