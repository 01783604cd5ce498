"""The engine: requests in, windows of speech out. Start reading here.

In: a `SynthesisRequest`. Out: `PcmChunk` after `PcmChunk`. Invariant: the same request gives the
same samples, and one ``next()`` does one window's work.

The way of a sentence: `reading` (text → sentences of words, each with what is said for it),
`phonemes`, `prosody` (→ tokens), `graphs.TextGraph` (→ frames), `graphs.CurveGraph` (→ curves),
`source_filter` (→ samples). `windows` says how much at a time.
"""

import logging
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from hoarfrost import espeak
from hoarfrost.engines.natural.graphs import CurveGraph, Frames, TextGraph
from hoarfrost.engines.natural.limiter import limit
from hoarfrost.engines.natural.package import MANIFEST, Package, read_package
from hoarfrost.engines.natural.phonemes import Phonemizer, Pronunciation
from hoarfrost.engines.natural.prosody import NO_WORD, TokenPlan, plan
from hoarfrost.engines.natural.reading import Word, read_sentences
from hoarfrost.engines.natural.source_filter import Noise, SourceFilter
from hoarfrost.engines.natural.speakers import Speaker, speakers_of
from hoarfrost.engines.natural.windows import STREAMED, Schedule
from hoarfrost.errors import VoiceFault
from hoarfrost.synthesis.engine import PcmChunk, SynthesisRequest, WordMark
from hoarfrost.synthesis.voice import Voice
from hoarfrost.units import Milliseconds, Speed, duration_of, samples_in

_LOG = logging.getLogger(__name__)

_BUILT_IN: Final = Path(__file__).parent / "kathleen"
_SENTENCE_PAUSE_MS: Final[Milliseconds] = 300
"""From the last sound of a sentence to the first of the next, at speed 1."""
_SHORTEST_PAUSE_MS: Final[Milliseconds] = 50
_LEAD_FRAMES: Final = 1
"""Frames of silence kept before the first sound: 12 ms."""
_SPEEDS: Final = (0.1, 10.0)
_HZ: Final = (55.0, 480.0)
"""Pitch is kept inside these: nobody's voice leaves them in speech."""
_SEED_STEP: Final = 0x9E3779B1
"""Spreads neighbouring seeds over the noise (golden ratio hashing)."""


class NaturalEngine:
    """Speaks voice packages: the one that ships with hoarfrost, and those of a folder.

    Thread-safe: the graphs are shared, everything else belongs to one request.

    Args:
        voices_dir: Folder of package folders to add. One that cannot be used is logged and left
            out; `refusals` keeps the reasons.
        phonemize: What turns words into IPA; espeak-ng, by default.
        schedule: How much of a sentence is made at a time.

    Attributes:
        refusals: One line for each package that was left out.
    """

    name: Final = "natural"

    def __init__(
        self,
        voices_dir: str | None = None,
        *,
        phonemize: Phonemizer | None = None,
        schedule: Schedule = STREAMED,
    ) -> None:
        self.refusals: list[str] = []
        self._schedule = schedule
        self._speakers: dict[str, _SpeakerModel] = {}
        folders = (_BUILT_IN, *_packages_in(voices_dir))
        self._owner = None if phonemize else espeak.acquire()
        for folder in folders:
            try:
                self._add(folder, phonemize or _phonemize)
            except VoiceFault as fault:
                self.refusals.append(str(fault))
                _LOG.warning("left out: %s", fault)

    def voices(self) -> Sequence[Voice]:
        """Return the speakers of every package that could be read."""
        return [model.voice for model in self._speakers.values()]

    def synthesize(self, request: SynthesisRequest) -> Generator[PcmChunk, None, None]:
        """Speak.

        Raises:
            VoiceFault: If the voice is not one of this engine's, or fails.
        """
        model = self._speakers.get(request.voice.name)
        if model is None:
            raise VoiceFault(f"natural: expected one of its voices, got {request.voice.name}")
        return _speak(model, request)

    def close(self) -> None:
        """Release the graphs and the phonemizer."""
        self._speakers.clear()
        if self._owner is not None:
            self._owner.release()
            self._owner = None

    def _add(self, folder: Path, phonemize: Phonemizer) -> None:
        package = read_package(folder)
        text, curves, noise = TextGraph(package), CurveGraph(package), Noise(package)
        pronunciation = Pronunciation(package.phonemes, phonemize)
        noise.spectra(0, 1)  # made at the first call: now, not in somebody's first sentence
        for speaker in speakers_of(package):
            if speaker.name in self._speakers:
                raise VoiceFault(
                    f"voice package {folder.name}: expected a new name, got {speaker.name} again"
                )
            self._speakers[speaker.name] = _SpeakerModel(
                voice=speaker.voice(self.name, package),
                speaker=speaker,
                package=package,
                schedule=self._schedule,
                pronunciation=pronunciation,
                text=text,
                curves=curves,
                sound=SourceFilter(package, speaker.shape, noise),
            )


@dataclass(frozen=True, slots=True)
class _SpeakerModel:
    """All that speaks for one speaker; graphs and noise are shared by a package's speakers."""

    voice: Voice
    speaker: Speaker
    package: Package
    schedule: Schedule
    pronunciation: Pronunciation
    text: TextGraph
    curves: CurveGraph
    sound: SourceFilter

    def hz(self, pitch: NDArray[np.float32]) -> NDArray[np.float64]:
        """Return the recorded pitch and the speaker's, float64, shape (2, n), Hz."""
        mean, spread = self.package.mean_log_hz, pitch.astype(np.float64) * self.package.std_log_hz
        shifted = mean + self.speaker.semitones * np.log(2) / 12
        logs = np.stack([mean + spread, shifted + spread * self.speaker.liveliness])
        hz: NDArray[np.float64] = np.clip(np.exp(logs), *_HZ)
        return hz


def _phonemize(text: str) -> str:
    return " ".join(clause.ipa for clause in espeak.phonemize(text, "en-us"))


def _packages_in(voices_dir: str | None) -> list[Path]:
    if voices_dir is None:
        return []
    try:
        return sorted(p for p in Path(voices_dir).iterdir() if (p / MANIFEST).exists())
    except OSError as error:
        raise VoiceFault(f"voices_dir: expected a folder, got {type(error).__name__}") from error


def _speak(model: _SpeakerModel, request: SynthesisRequest) -> Generator[PcmChunk, None, None]:
    """Speak sentence after sentence, with pauses between."""
    rate_hz, hop = model.package.rate_hz, model.package.hop
    at = n_frames = 0
    pause: Milliseconds = 0
    for sentence in read_sentences(request.text):
        laid_out = plan(
            sentence,
            model.pronunciation,
            model.package.phonemes,
            lambda word: _speed(word, request, model.speaker.tempo),
        )
        if laid_out is None:
            words = (word for clause in sentence.clauses for word in clause)
            marks = (WordMark(w.start, w.end, at, at) for w in words if _is_word(w))
            yield PcmChunk(_silence(0), tuple(marks))
            continue
        if n_frames:
            silence = _silence(samples_in(pause, rate_hz))
            at += len(silence)
            yield PcmChunk(silence)
        noise_start = request.seed * _SEED_STEP % 2**32 + n_frames
        utterance = _Utterance(model, laid_out, noise_start, at)
        for chunk in utterance.chunks():
            at += len(chunk.samples)
            yield chunk
        n_frames += utterance.n_frames
        speed = float(laid_out.tokens.speed[-1])
        quiet = duration_of((utterance.n_stop_frames + _LEAD_FRAMES) * hop, rate_hz)
        pause = max(_SHORTEST_PAUSE_MS, _SENTENCE_PAUSE_MS / speed - quiet)


def _speed(word: Word, request: SynthesisRequest, tempo: float) -> Speed:
    speed = request.speed * tempo
    for span in request.spans:
        if span.start < word.end and word.start < span.end:
            speed *= span.speed
    return min(max(speed, _SPEEDS[0]), _SPEEDS[1])


def _is_word(word: Word) -> bool:
    return any(map(str.isalnum, word.written))


def _silence(n: int) -> NDArray[np.float32]:
    return np.zeros(n, np.float32)


class _Utterance:
    """One sentence on its way from tokens to samples."""

    def __init__(
        self, model: _SpeakerModel, laid_out: TokenPlan, noise_start: int, at: int
    ) -> None:
        self._model = model
        self._plan = laid_out
        self._voicing = model.sound.voicing(noise_start)
        self._at = at  # the sentence's first sample, in samples of the request
        self._marked = 0  # words whose marks are out
        self.n_frames = 0
        self.n_stop_frames = 0
        gaps = np.flatnonzero(laid_out.owners == NO_WORD)
        breaks = [int(gap) + 1 for gap in gaps]
        self._stretches = model.schedule.stretches(breaks, len(laid_out.tokens))

    def chunks(self) -> Iterator[PcmChunk]:
        """Sound the sentence, window by window."""
        stream, hz = self._model.curves.stream(), np.zeros((2, 0))
        lookahead, schedule = self._model.curves.lookahead, self._model.schedule
        waiting: Frames | None = None
        held = 0  # frames that the stream has taken and not yet answered
        for index in count():
            marks: list[WordMark] = []
            wanted = schedule.window(index)
            while self._stretches and (waiting is None or len(waiting) + held < wanted + lookahead):
                frames, known = self._next_stretch()
                marks += known
                hz = np.concatenate([hz, self._model.hz(frames.pitch)], axis=1)
                waiting = frames if waiting is None else waiting.then(frames)
            if waiting is None:
                return
            if not self._stretches:
                wanted = schedule.window(index, len(waiting) + held)
            n = min(wanted + lookahead - held, len(waiting))
            is_last = not self._stretches and len(waiting) - n < wanted // 4
            if is_last:
                n = len(waiting)
            curves = stream.feed(waiting.part(0, n), is_last=is_last)
            waiting, held = waiting.part(n, len(waiting)), lookahead
            if len(curves) or marks:
                samples = self._voicing.render(curves, hz[0], hz[1], is_last=is_last)
                yield PcmChunk(limit(samples), tuple(marks))
            if is_last:
                return

    def _next_stretch(self) -> tuple[Frames, list[WordMark]]:
        """Run the text graph on the next tokens; return their frames and the words now timed."""
        stretch = self._stretches.pop(0)
        tokens = self._plan.tokens.part(stretch.low, stretch.high)
        frames, durations = self._model.text.run(tokens)
        ends = np.cumsum(durations)
        low = int(ends[stretch.start - stretch.low - 1]) if stretch.start > stretch.low else 0
        high = int(ends[stretch.stop - stretch.low - 1])
        if stretch.start == 0:
            low += max(0, int(durations[0]) - _LEAD_FRAMES)
        begins = self.n_frames + ends - durations - low
        marks = self._marks(stretch.start, stretch.stop, begins[stretch.start - stretch.low :])
        self.n_frames += high - low
        if not self._stretches:
            self.n_stop_frames = int(durations[-1])
            marks += self._silent_marks(len(self._plan.words), self.n_frames)
        return frames.part(low, high), marks

    def _marks(self, start: int, stop: int, begins: NDArray[np.int64]) -> list[WordMark]:
        """Return the marks of the words whose tokens lie from ``start`` to ``stop``."""
        marks: list[WordMark] = []
        owners = self._plan.owners[start:stop]
        for index in sorted(set(owners[owners != NO_WORD].tolist())):
            if index < self._marked:
                continue
            places = np.flatnonzero(owners == index)
            first, after = int(begins[places[0]]), int(begins[places[-1] + 1])
            marks += self._silent_marks(index, first)
            marks += self._mark(index, first, after)
            self._marked = index + 1
        return marks

    def _silent_marks(self, until: int, frame: int) -> list[WordMark]:
        """Return marks of no length for words without a sound before word ``until``."""
        marks = [
            mark for index in range(self._marked, until) for mark in self._mark(index, frame, frame)
        ]
        self._marked = max(self._marked, until)
        return marks

    def _mark(self, index: int, first: int, after: int) -> list[WordMark]:
        word, hop = self._plan.words[index], self._model.package.hop
        if not _is_word(word):
            return []
        return [WordMark(word.start, word.end, self._at + first * hop, self._at + after * hop)]
