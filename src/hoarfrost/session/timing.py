"""Time to the first audio of an utterance, and its parts."""

from hoarfrost.dialogue.outputs import FirstAudioTiming
from hoarfrost.units import Seconds


class Timing:
    """The times of one utterance after the other.

    Attributes:
        utterance: Number of the utterance that was started last.
        text_at: When the last text was received.
        work: Worker time since `begin_work`; added to on worker threads, one at a time.
    """

    def __init__(self) -> None:
        self.utterance = 0
        self.text_at: Seconds = 0.0
        self.work: Seconds = 0.0
        self.reset()

    def reset(self) -> None:
        """Forget the utterance: it is done, or dropped."""
        self._asked_at: Seconds | None = None
        self._held: Seconds = 0.0
        self._work_ahead: Seconds = 0.0
        self._told: FirstAudioTiming | None = None
        self.work = 0.0

    def begin_work(self) -> None:
        """Count work from now on: something is begun ahead."""
        self.work = 0.0

    def release(self, now: Seconds) -> None:
        """Note that the text of an utterance was released."""
        self._asked_at = now
        self._held = now - self.text_at
        self._work_ahead = self.work

    def note_first_audio(self, now: Seconds) -> Seconds | None:
        """Note that audio was sent; return how long it took if it was an utterance's first."""
        if self._asked_at is None:
            return None
        after, self._asked_at = now - self._asked_at, None
        waited = max(0.0, after - (self.work - self._work_ahead))
        self._told = FirstAudioTiming(
            first_audio_ms=after * 1000,
            held_ms=self._held * 1000,
            synthesis_ms=self.work * 1000,
            waited_ms=waited * 1000,
        )
        return after

    def told(self) -> FirstAudioTiming | None:
        """Return the timing of the utterance's first audio; None if there was none yet."""
        return self._told
