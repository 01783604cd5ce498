"""How much of the audio sent a listener has heard.

In: durations of audio sent, with the moment they were sent. Out: what is left of them, and where in
which utterance the listener is. Invariant: never negative. Real players buffer a little on top; the
clock is a lower bound of what is left, and an upper one of what was heard.
"""

from collections import deque

from hoarfrost.units import Milliseconds, Seconds


class PlaybackClock:
    """A listener who plays whatever arrives, at once and without gaps.

    Attributes:
        ends_at: When all that was sent will have been played; minus infinity before anything was.
    """

    def __init__(self) -> None:
        self.ends_at: Seconds = float("-inf")
        # Utterances that are not heard to the end, and the last one: number, audio sent.
        self._sent: deque[tuple[int, Milliseconds]] = deque()

    def hear(self, duration_ms: Milliseconds, now: Seconds, *, utterance: int = 0) -> None:
        """Note that audio of an utterance, of this length, was sent just now."""
        self.ends_at = max(self.ends_at, now) + duration_ms / 1000
        if self._sent and self._sent[-1][0] == utterance:
            self._sent[-1] = (utterance, self._sent[-1][1] + duration_ms)
            return
        while self._sent and self._left_of_first(now, but=duration_ms) <= 0:
            self._sent.popleft()
        self._sent.append((utterance, duration_ms))

    def ahead_ms(self, now: Seconds) -> Milliseconds:
        """Return how much of the audio sent has not been played yet."""
        return max(0.0, self.ends_at - now) * 1000

    def position(self, now: Seconds) -> tuple[int, Milliseconds, Milliseconds]:
        """Return the utterance being heard, else the last one, its audio sent and that heard."""
        while len(self._sent) > 1 and self._left_of_first(now) <= 0:
            self._sent.popleft()
        if not self._sent:
            return 0, 0.0, 0.0
        utterance, sent_ms = self._sent[0]
        heard_ms = sent_ms - self._left_of_first(now)
        return utterance, sent_ms, min(max(heard_ms, 0.0), sent_ms)

    def clear(self) -> None:
        """Forget what was sent: the listener has dropped it."""
        self.ends_at = float("-inf")
        self._sent.clear()

    def _left_of_first(self, now: Seconds, *, but: Milliseconds = 0.0) -> Milliseconds:
        """Return how much of the first utterance is not heard; maybe less than none."""
        later_ms = sum(sent_ms for _, sent_ms in self._sent) - self._sent[0][1]
        return self.ahead_ms(now) - but - later_ms
