"""What speech costs, by voice: worker time per second of audio, from every step that is done.

In: how long steps of work took, and the audio they gave. Out: `VoiceCost`. Invariant: whatever the
steps' sizes and their order, a voice that always costs the same is known to cost exactly that.

Wall time is what counts, not processor time: if neighbours take the machine's cores, speech takes
longer and fewer callers fit, whoever's fault that is.
"""

import math
import threading
from collections.abc import Callable
from typing import Final

from hoarfrost.synthesis.voice import Voice
from hoarfrost.units import Milliseconds, Seconds

MEMORY: Final[Seconds] = 20.0
"""Audio after which an observation counts 1/e: some ten sentences, first windows among them. With
20 callers who listen it is made in a second, so a slower machine is noticed at once."""

GUESS: Final = 0.1
"""The cost of a voice of which nothing is known: a large model on a slow core."""

ENOUGH: Final[Seconds] = 1.0
"""Audio after which nothing is left of a guess."""

LOADING: Final[Seconds] = 0.5
"""A step that is longer, and twice as long as its audio, loads a model rather than speaks; no more
than this of it is taken for speaking."""


class VoiceCost:
    """What one voice costs. Noted on worker threads, read on any.

    Args:
        voice: Whose it is.
        guess: What to take it for until it has spoken.

    Attributes:
        value: Seconds of a worker's time per second of audio, of late.
        work: Seconds that workers have spent on it, in all.
        audio: Seconds of audio that came of it, in all.
        sent: Seconds of audio that were sent to listeners, in all.
    """

    def __init__(self, voice: Voice, *, guess: float) -> None:
        self.voice = voice
        self.value = guess
        self.work: Seconds = 0.0
        self.audio: Seconds = 0.0
        self.sent: Seconds = 0.0
        self._guess = guess
        self._recent_audio = 0.0
        self._recent_work = 0.0
        self._noting = threading.Lock()

    @property
    def is_measured(self) -> bool:
        """Whether it has spoken enough for its cost to be more than a guess."""
        return self._recent_audio >= ENOUGH

    def note(self, work: Seconds, audio_ms: Milliseconds, *, busy: float = 1.0) -> None:
        """Note a step of work.

        Args:
            work: How long it took.
            audio_ms: The audio that it gave, maybe none.
            busy: Share of the workers that were at work. A step that had the machine for itself
                tells little of what one costs when all are busy (cores share caches, memory and
                clock rate), so it makes less of the rest forgotten: by the square, as both its
                share of the time and what it shared were less.
        """
        audio = audio_ms / 1000
        weight = busy * busy if self.is_measured else 1.0
        speaking = min(work, max(LOADING, 2 * audio))
        fade = math.exp(-audio * weight / MEMORY)
        # The same for a step and for its parts: the integral of what fades meanwhile.
        fresh = -MEMORY * math.expm1(-audio * weight / MEMORY)
        with self._noting:
            self.work += work
            self.audio += audio
            self._recent_audio = self._recent_audio * fade + fresh
            self._recent_work *= fade
            self._recent_work += speaking * (fresh / audio if audio else weight)
            guessed = max(ENOUGH - self._recent_audio, 0.0)
            self.value = (self._recent_work + guessed * self._guess) / (
                self._recent_audio + guessed
            )


class VoiceCosts:
    """The costs of all voices that were asked for.

    Args:
        busy: Gives the share of the workers that are at work, from 0 to 1.
    """

    def __init__(self, busy: Callable[[], float] = lambda: 1.0) -> None:
        self._busy = busy
        self._costs: dict[tuple[str, str], VoiceCost] = {}

    def of(self, voice: Voice) -> VoiceCost:
        """Return the cost of a voice; of one that never spoke, that of its engine's dearest."""
        key = (voice.engine, voice.name)
        if key not in self._costs:
            related = [each.value for each in self.measured() if each.voice.engine == voice.engine]
            self._costs[key] = VoiceCost(voice, guess=max(related, default=GUESS))
        return self._costs[key]

    def meter(self, voice: Voice) -> Callable[[Seconds, Milliseconds], None]:
        """Return what is to be told of each step done for a voice, on any thread."""
        cost = self.of(voice)

        def note(work: Seconds, audio_ms: Milliseconds) -> None:
            cost.note(work, audio_ms, busy=self._busy())

        return note

    def all(self) -> list[VoiceCost]:
        """Return all of them, in the order in which they were asked for."""
        return list(self._costs.values())

    def measured(self) -> list[VoiceCost]:
        """Return those that are more than guesses."""
        return [cost for cost in self._costs.values() if cost.is_measured]
