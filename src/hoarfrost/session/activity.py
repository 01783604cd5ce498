"""How much of its time a caller's listener has something to hear.

In: what was sent, cleared and worked, as it happens. Out: a share of the time, from 0 to 1.
Invariant: how often one looks does not change what one sees.

That share, and not the cores in use, is what a caller demands: speech comes in bursts, as fast as
the cores allow, but nobody is harmed if what is not yet due is made later. A listener can hear one
second of speech a second at most.
"""

import math
from collections.abc import Callable
from typing import Final

from hoarfrost.session.costs import VoiceCost
from hoarfrost.session.events import Interrupted, Sent, SessionEvent, StepDone
from hoarfrost.units import Milliseconds, Seconds

MEMORY: Final[Seconds] = 60.0
"""Time after which what a caller did counts 1/e: several turns of a conversation."""


class TalkShare:
    """How much of some time was talk; what is longer ago counts less.

    Args:
        memory: Time after which it counts 1/e.
        talked: Talk to begin with.
        lasted: The time that it is part of.

    Attributes:
        talked: Talk of late, at most ``memory``.
        lasted: The time that it is part of, likewise.
    """

    def __init__(self, memory: Seconds, *, talked: Seconds = 0.0, lasted: Seconds = 0.0) -> None:
        self._memory = memory
        self.talked = talked
        self.lasted = lasted

    def note(self, *, talked: Seconds, lasted: Seconds) -> None:
        """Note a stretch of time that began with talk."""
        faded = math.exp(-lasted / self._memory)
        silence_faded = math.exp(-(lasted - talked) / self._memory)
        self.talked = self.talked * faded + self._memory * (silence_faded - faded)
        self.lasted = self.lasted * faded + self._memory * (1 - faded)

    def blend(self, prior: float, *, strength: Seconds) -> float:
        """Return the share, with a prior belief that counts as much as so much time."""
        return (prior * strength + self.talked) / (strength + self.lasted)


class Caller:
    """What is known of one caller.

    Args:
        cost: What its voice costs.
        everybody: The talk of all callers, to which it adds its own.
        meter: Told of each step.
        clock: Gives the time.

    Attributes:
        talk: Its own talk of late.
        began_at: When it came.
        has_spoken: Whether it was ever sent any audio.
    """

    def __init__(
        self,
        cost: VoiceCost,
        everybody: TalkShare,
        *,
        meter: Callable[[Seconds, Milliseconds], None],
        clock: Callable[[], Seconds],
    ) -> None:
        self.cost = cost
        self.talk = TalkShare(MEMORY)
        self.has_spoken = False
        self._everybody = everybody
        self._clock = clock
        self._meter = meter
        self.began_at = self._seen_at = self._hears_until = clock()

    def listen(self, event: SessionEvent) -> None:
        """Note what its session tells: steps of work, audio sent, and interruptions."""
        match event:
            case StepDone(_, work, audio_ms):
                self.worked(work, audio_ms)
            case Sent(_, audio_ms):
                self.sent(audio_ms)
            case Interrupted():
                self.cleared()
            case _:
                pass

    def worked(self, work: Seconds, audio_ms: Milliseconds) -> None:
        """Note a step of work and the audio it gave, on a worker thread."""
        self._meter(work, audio_ms)

    def sent(self, audio_ms: Milliseconds) -> None:
        """Note that audio of this length was sent just now."""
        now = self._clock()
        self.look(now)
        self._hears_until = max(self._hears_until, now) + audio_ms / 1000
        self.has_spoken = self.has_spoken or audio_ms > 0
        self.cost.sent += audio_ms / 1000

    def cleared(self) -> None:
        """Note that what the listener has not heard yet was dropped."""
        now = self._clock()
        self.look(now)
        self._hears_until = now

    def look(self, now: Seconds) -> None:
        """Take the time that has passed into account."""
        lasted = now - self._seen_at
        if lasted <= 0:
            return
        talked = min(max(self._hears_until - self._seen_at, 0.0), lasted)
        self.talk.note(talked=talked, lasted=lasted)
        self._everybody.note(talked=talked, lasted=lasted)
        self._seen_at = now

    def hears(self, now: Seconds) -> bool:
        """Return whether its listener has something to hear."""
        return self._hears_until > now
