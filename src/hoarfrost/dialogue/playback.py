"""How much the listener still has to hear.

In: durations of audio sent, with the moment they were sent. Out: what is left of them. Invariant:
never negative. Real players buffer a little on top; the clock is a lower bound.
"""

from hoarfrost.units import Milliseconds, Seconds


class PlaybackClock:
    """A listener who plays whatever arrives, at once and without gaps.

    Attributes:
        ends_at: When all that was sent will have been played; minus infinity before anything was.
    """

    def __init__(self) -> None:
        self.ends_at: Seconds = float("-inf")

    def hear(self, duration_ms: Milliseconds, now: Seconds) -> None:
        """Note that audio of this length was sent just now."""
        self.ends_at = max(self.ends_at, now) + duration_ms / 1000

    def ahead_ms(self, now: Seconds) -> Milliseconds:
        """Return how much of the audio sent has not been played yet."""
        return max(0.0, self.ends_at - now) * 1000

    def clear(self) -> None:
        """Forget what was sent: the listener has dropped it."""
        self.ends_at = float("-inf")
