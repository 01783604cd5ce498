"""One sentence on its way from tokens to samples, whatever family of voice says it.

In: a `TokenPlan` and the `Speaker` it was made by. Out: `PcmChunk` after `PcmChunk`, each one step
of bounded work. Invariant: the samples depend on the plan and the speaker's schedule alone, not on
how they are fetched.

What a family of voices brings is said by the three protocols here: it lays a sentence out as
tokens, turns tokens into frames (`Speaker`), and frames into samples (`Voicing`).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count
from typing import Any, Final, Generic, Protocol, Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from hoarfrost.audio.stage import Samples
from hoarfrost.engines.natural.limiter import limit
from hoarfrost.engines.natural.windows import Schedule, Stretch
from hoarfrost.synthesis.engine import PcmChunk, WordMark
from hoarfrost.text.reading.sentences import Sentence, Word
from hoarfrost.units import Milliseconds, SampleRate, Speed

NO_WORD: Final = -1
"""The owner of a token that belongs to no word."""
_NOTHING: Final = np.zeros(0, np.float32)


class Row(Protocol):
    """Tokens or frames: a row of things that can be cut."""

    def __len__(self) -> int: ...

    def part(self, start: int, stop: int) -> Self:
        """Return those from ``start`` to ``stop``."""
        ...


class FrameRow(Row, Protocol):
    """Frames, which can be joined as well."""

    def then(self, more: Self) -> Self:
        """Return these followed by ``more``."""
        ...


TokensT = TypeVar("TokensT", bound=Row)
FramesT = TypeVar("FramesT", bound=FrameRow)
_FramesT_contra = TypeVar("_FramesT_contra", bound=FrameRow, contravariant=True)


@dataclass(frozen=True, slots=True)
class TokenPlan(Generic[TokensT]):
    """A sentence, ready for a text graph.

    Attributes:
        tokens: Its tokens; the first ones and the last ones belong to no word.
        speed: float32, shape (n,), factor on each token's rate.
        owners: int64, shape (n,), index in ``words`` of each token, or `NO_WORD`.
        breaks: Places where a stretch of tokens may begin, rising.
        words: Its words, those without a sound included.
    """

    tokens: TokensT
    speed: NDArray[np.float32]
    owners: NDArray[np.int64]
    breaks: tuple[int, ...]
    words: tuple[Word, ...]


class Voicing(Protocol[_FramesT_contra]):
    """The sound of one sentence, made window by window."""

    def feed(self, frames: _FramesT_contra, *, is_last: bool) -> Samples:
        """Take the next frames; return the samples that are final now, all of them at the end."""
        ...


class Speaker(Protocol[TokensT, FramesT]):
    """A voice with its graphs loaded: what says a sentence."""

    @property
    def rate_hz(self) -> SampleRate:
        """Samples a second."""
        ...

    @property
    def hop(self) -> int:
        """Samples a frame."""
        ...

    @property
    def lookahead(self) -> int:
        """Frames that a `Voicing` has taken and not yet answered."""
        ...

    @property
    def lead_frames(self) -> int:
        """Frames of silence kept before the first sound of a sentence."""
        ...

    @property
    def tail_ms(self) -> Milliseconds:
        """How long a sentence's last word is inaudible already when its tokens end."""
        ...

    @property
    def schedule(self) -> Schedule:
        """How much is done at a time."""
        ...

    def read(self, text: str) -> list[Sentence]:
        """Split a text into sentences."""
        ...

    def plan(
        self, sentence: Sentence, speed_of: Callable[[Word], Speed], seed: int
    ) -> TokenPlan[TokensT] | None:
        """Lay a sentence out as tokens; None if nothing of it has a sound."""
        ...

    def frames(self, tokens: TokensT) -> tuple[FramesT, NDArray[np.int64]]:
        """Return the frames of tokens, and how many each of them lasts: int64, shape (n,)."""
        ...

    def voicing(self, seed: int) -> Voicing[FramesT]:
        """Start a sentence."""
        ...


AnySpeaker = Speaker[Any, Any]
"""A speaker of any family: tokens and frames go from it to itself."""


class Utterance(Generic[TokensT, FramesT]):
    """One sentence being said.

    Args:
        speaker: Who says it.
        plan: What is said, by the same speaker.
        seed: For what is random in the sound.
        at: Its first sample, in samples of the request.
    """

    def __init__(
        self,
        speaker: Speaker[TokensT, FramesT],
        plan: TokenPlan[TokensT],
        *,
        seed: int,
        at: int,
    ) -> None:
        self._speaker = speaker
        self._plan = plan
        self._voicing = speaker.voicing(seed)
        self._at = at
        self._marked = 0  # words whose marks are out
        self._begun: int | None = None  # where the word begins that a stretch broke off
        sounding = np.flatnonzero(plan.owners != NO_WORD)
        self._n_leading, self._n_trailing = int(sounding[0]), len(plan.owners) - sounding[-1] - 1
        self._stretches = speaker.schedule.stretches(plan.breaks, len(plan.tokens))
        self.n_frames = 0
        """Frames of it that are laid out; all, when it has been said."""
        self.n_stop_frames = 0
        """Frames of silence after its last word, once it has been said."""

    def chunks(self) -> Iterator[PcmChunk]:
        """Sound the sentence, step by step: a chunk without samples is one of the text graph."""
        lookahead, schedule = self._speaker.lookahead, self._speaker.schedule
        waiting: FramesT | None = None
        held = 0  # frames that the voicing has taken and not yet answered
        for index in count():
            wanted = schedule.window(index)
            # One frame more than is fed: there has to be something to feed at the end.
            while self._stretches and (
                waiting is None or len(waiting) + held <= wanted + lookahead
            ):
                frames, marks = self._next_stretch()
                waiting = frames if waiting is None else waiting.then(frames)
                yield PcmChunk(_NOTHING, tuple(marks))
            if waiting is None:
                return
            if not self._stretches:
                wanted = schedule.window(index, len(waiting) + held, n_last=lookahead + 1)
            n = min(wanted + lookahead - held, len(waiting))
            is_last = not self._stretches and n == len(waiting)
            samples = self._voicing.feed(waiting.part(0, n), is_last=is_last)
            waiting, held = waiting.part(n, len(waiting)), lookahead
            yield PcmChunk(limit(samples))
            if is_last:
                return

    def _next_stretch(self) -> tuple[FramesT, list[WordMark]]:
        """Run the text graph on the next tokens; return their frames and the words now timed."""
        stretch = self._stretches.pop(0)
        tokens = self._plan.tokens.part(stretch.low, stretch.high)
        frames, durations = self._speaker.frames(tokens)
        ends = np.cumsum(durations)
        low = int(ends[stretch.start - stretch.low - 1]) if stretch.start > stretch.low else 0
        high = int(ends[stretch.stop - stretch.low - 1])
        if stretch.start == 0:
            low += max(0, int(ends[self._n_leading - 1]) - self._speaker.lead_frames)
        wanted = slice(stretch.start - stretch.low, stretch.stop - stretch.low)
        stops = self.n_frames + ends[wanted] - low
        marks = self._marks(stretch, stops - durations[wanted], stops)
        self.n_frames += high - low
        after_words = max(0, len(self._plan.tokens) - self._n_trailing - stretch.start)
        self.n_stop_frames += int(durations[wanted][after_words:].sum())
        if not self._stretches:
            marks += self._silent_marks(len(self._plan.words), self.n_frames)
        return frames.part(low, high), marks

    def _marks(
        self, stretch: Stretch, begins: NDArray[np.int64], stops: NDArray[np.int64]
    ) -> list[WordMark]:
        """Return the marks of the words whose last tokens lie in a stretch.

        Args:
            stretch: Which tokens.
            begins: int64, shape (n,), the frame at which each of them begins.
            stops: The frame after each of them.
        """
        marks: list[WordMark] = []
        owners = self._plan.owners[stretch.start : stretch.stop]
        going_on = self._plan.owners[stretch.stop :]
        for index in sorted(set(owners[owners != NO_WORD].tolist())):
            places = np.flatnonzero(owners == index)
            first = self._begun if self._begun is not None else int(begins[places[0]])
            if index in going_on:
                self._begun = first
                break
            self._begun = None
            marks += self._silent_marks(index, first)
            marks += self._mark(index, first, int(stops[places[-1]]))
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
        hop = self._speaker.hop
        return mark_of(self._plan.words[index], self._at + first * hop, self._at + after * hop)


def mark_of(word: Word, start: int, end: int) -> list[WordMark]:
    """Return the mark of a word from sample ``start`` to ``end``; none for a lone sign."""
    if not any(map(str.isalnum, word.written)):
        return []
    return [WordMark(word.start, word.end, start, end)]


def nearest_owners(owners: NDArray[np.int64]) -> NDArray[np.int64]:
    """Give tokens of no word the word before them, and those at the start the first word."""
    places = np.where(owners != NO_WORD, np.arange(len(owners)), 0)
    filled = owners[np.maximum.accumulate(places)]
    filled[filled == NO_WORD] = owners[owners != NO_WORD][0]
    return filled
