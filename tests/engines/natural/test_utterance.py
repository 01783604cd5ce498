"""A sentence on its way from tokens to samples, with a speaker whose frames can be counted."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from hoarfrost.audio.stage import Samples
from hoarfrost.engines.natural.utterance import NO_WORD, TokenPlan, Utterance, nearest_owners
from hoarfrost.engines.natural.windows import ONE_SHOT, Schedule
from hoarfrost.synthesis.engine import PcmChunk
from hoarfrost.text.reading.sentences import Sentence, Word

HOP = 4
AT = 1000
"""Where the sentence begins in its request."""


@dataclass(frozen=True)
class Places:
    """Tokens or frames that are their own places in the sentence."""

    values: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.values)

    def part(self, start: int, stop: int) -> "Places":
        return Places(self.values[start:stop])

    def then(self, more: "Places") -> "Places":
        return Places(np.concatenate([self.values, more.values]))


@dataclass
class Counting:
    """A speaker whose samples say which frame they are of; token ``n`` lasts ``lasting[n]``."""

    lasting: list[int]
    schedule: Schedule
    lookahead: int = 0
    lead_frames: int = 1
    tail_ms: float = 0
    rate_hz: int = 8000
    hop: int = HOP
    given: list[tuple[int, int]] = field(default_factory=list)

    def read(self, text: str) -> list[Sentence]:
        raise NotImplementedError(text)

    def plan(
        self, sentence: Sentence, speed_of: Callable[[Word], float], seed: int
    ) -> TokenPlan[Places] | None:
        raise NotImplementedError(sentence, speed_of, seed)

    def frames(self, tokens: Places) -> tuple[Places, NDArray[np.int64]]:
        self.given.append((int(tokens.values[0]), len(tokens)))
        starts = np.cumsum([0, *self.lasting])
        lasts = np.array([self.lasting[token] for token in tokens.values])
        rows = [np.arange(starts[t], starts[t + 1]) for t in tokens.values]
        return Places(np.concatenate([np.zeros(0, np.int64), *rows])), lasts

    def voicing(self, seed: int) -> "Counter":
        del seed
        return Counter(self.lookahead)


@dataclass
class Counter:
    """Gives the frames it gets back as samples, ``lookahead`` of them later."""

    lookahead: int
    held: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))

    def feed(self, frames: Places, *, is_last: bool) -> Samples:
        assert len(frames) > 0
        self.held = np.concatenate([self.held, frames.values])
        n = len(self.held) if is_last else len(self.held) - self.lookahead
        assert n > 0
        out, self.held = self.held[:n], self.held[n:]
        return np.repeat(out / 2048, HOP).astype(np.float32)


def plan_of(owners: list[int], breaks: tuple[int, ...]) -> TokenPlan[Places]:
    words = tuple(
        Word(3 * n, 3 * n + 2, "ab", "ab") for n in range(max([*owners, 0]) + 1)
    )  # fmt: skip
    n = len(owners)
    return TokenPlan(Places(np.arange(n)), np.ones(n, np.float32), np.array(owners), breaks, words)


def run(speaker: Counting, plan: TokenPlan[Places]) -> tuple[list[PcmChunk], Utterance]:  # type: ignore[type-arg]
    utterance = Utterance(speaker, plan, seed=0, at=AT)
    return list(utterance.chunks()), utterance


OWNERS = [NO_WORD, 0, 0, NO_WORD, 1, 1, 1, 1, NO_WORD, 3, NO_WORD, NO_WORD]
LASTING = [5, 2, 3, 1, 4, 4, 4, 4, 1, 6, 2, 3]
N_FRAMES = sum(LASTING) - 4  # of the five before the first word one is kept


@st.composite
def schedules(draw: st.DrawFn) -> Schedule:
    frames = sorted(draw(st.lists(st.integers(1, 12), min_size=1, max_size=4)))
    whole, first, more = (draw(st.integers(1, 12)) for _ in range(3))
    at_first, at_last = (draw(st.integers(0, 3)) for _ in range(2))
    return Schedule(tuple(frames), whole, first, at_first, more, token_context=at_last)


@given(schedule=schedules(), lookahead=st.integers(0, 15), breaks=st.sets(st.integers(1, 11)))
def test_no_schedule_changes_samples_or_marks(
    schedule: Schedule, lookahead: int, breaks: set[int]
) -> None:
    """Each frame is heard once, each word is marked once and to the frame, however it is cut."""
    plan = plan_of(OWNERS, tuple(sorted(breaks)))
    chunks, utterance = run(Counting(LASTING, schedule, lookahead), plan)
    samples = np.concatenate([chunk.samples for chunk in chunks])
    heard = np.round(samples[::HOP] * 2048).astype(int)
    assert heard.tolist() == list(range(4, sum(LASTING)))
    assert utterance.n_frames == N_FRAMES
    assert utterance.n_stop_frames == 5
    marks = [mark for chunk in chunks for mark in chunk.marks]
    assert [(mark.text_start, mark.text_end) for mark in marks] == [(0, 2), (3, 5), (6, 8), (9, 11)]
    assert [((m.sample_start - AT) // HOP, (m.sample_end - AT) // HOP) for m in marks] == [
        (1, 6), (7, 23), (24, 24), (24, 30),
    ]  # fmt: skip


def test_one_shot_is_two_steps() -> None:
    """One of the text graph, which brings the marks, and one of sound."""
    chunks, _ = run(Counting(LASTING, ONE_SHOT, lookahead=7), plan_of(OWNERS, ()))
    assert [len(chunk.samples) for chunk in chunks] == [0, N_FRAMES * HOP]
    assert [len(chunk.marks) for chunk in chunks] == [4, 0]


def test_text_is_read_as_it_is_needed() -> None:
    """The text graph gets the next stretch when the windows come near its end, not before."""
    schedule = Schedule((4,), 4, first_tokens=4, first_context=1, more_tokens=4, token_context=1)
    speaker = Counting(LASTING, schedule)
    chunks = Utterance(speaker, plan_of(OWNERS, (4, 8)), seed=0, at=AT).chunks()
    next(chunks), next(chunks)
    assert speaker.given == [(0, 5)]
    list(chunks)
    assert speaker.given == [(0, 5), (3, 6), (6, 6)]


def test_a_word_is_marked_when_its_end_is_known() -> None:
    """A word in two stretches gets its mark with the second, from where the first one has it."""
    schedule = Schedule((4,), 4, first_tokens=6, first_context=0, more_tokens=6, token_context=0)
    chunks, _ = run(Counting(LASTING, schedule), plan_of(OWNERS, (6,)))
    steps = [chunk for chunk in chunks if not chunk.samples.size]
    assert [[mark.text_start for mark in chunk.marks] for chunk in steps] == [[0], [3, 6, 9]]
    assert steps[1].marks[0].sample_start == AT + 7 * HOP


@pytest.mark.parametrize(
    ("lead_frames", "kept"), [(0, 0), (1, 1), (5, 5), (9, 5)]
)  # fmt: skip
def test_silence_before_the_first_word_is_trimmed(lead_frames: int, kept: int) -> None:
    """So many frames of it are kept, or all there are."""
    speaker = Counting(LASTING, ONE_SHOT, lead_frames=lead_frames)
    chunks, _ = run(speaker, plan_of(OWNERS, ()))
    assert chunks[0].marks[0].sample_start == AT + kept * HOP


def test_tokens_of_no_word_follow_the_word_before_them() -> None:
    """Those at the start follow the first word."""
    owners = np.array([NO_WORD, NO_WORD, 2, NO_WORD, 2, 5, NO_WORD, NO_WORD])
    assert nearest_owners(owners).tolist() == [2, 2, 2, 2, 2, 5, 5, 5]
