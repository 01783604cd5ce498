"""The buffer between a listener's socket and ear.

In: durations of audio, with the moment each arrived. Out: when it is played, and the gaps between.
Invariant: no sample is played before it has arrived, and all are played in order.
"""

from dataclasses import dataclass

from hoarfrost.units import Milliseconds, Seconds


@dataclass(frozen=True, slots=True)
class Gap:
    """A stretch in which the buffer was empty while more audio of the same turn was to come.

    Attributes:
        at: When the buffer had run empty.
        lasted: How long it was so.
    """

    at: Seconds
    lasted: Seconds


class Playback:
    """A player that begins a little after the first audio, and resumes at once after a gap.

    Args:
        jitter_ms: How long it lets audio gather before it begins.

    Attributes:
        begins_at: When the first sample is played; None before there is any.
        ends_at: When all that has arrived will have been played; None likewise.
    """

    def __init__(self, jitter_ms: Milliseconds = 0.0) -> None:
        self.begins_at: Seconds | None = None
        self.ends_at: Seconds | None = None
        self._jitter: Seconds = jitter_ms / 1000

    def hear(self, duration_ms: Milliseconds, now: Seconds) -> tuple[Seconds, Gap | None]:
        """Take audio that arrived just now; return when it is played, and a gap before it.

        A player of telephony keeps its speed: what it missed it plays later, all of it.
        """
        gap = None
        if self.ends_at is None:
            starts_at = self.begins_at = now + self._jitter
        elif now > self.ends_at:
            gap = Gap(self.ends_at, now - self.ends_at)
            starts_at = now
        else:
            starts_at = self.ends_at
        self.ends_at = starts_at + duration_ms / 1000
        return starts_at, gap


class Underruns:
    """Tells gaps that a listener notices from those that a player conceals.

    A player can conceal ``tolerance_ms`` in all before it has to stop: short gaps add up, and each
    time they have come to more than the tolerance there is an underrun. So there is none in a turn
    if, and only if, its gaps last no longer than the tolerance together.

    Args:
        tolerance_ms: 20 ms is one packet of telephony, which every decoder conceals.

    Attributes:
        count: Underruns.
        dry_ms: How long all gaps lasted together.
        noticed: The gap at which each underrun was reached, the first `N_KEPT` of them.
    """

    N_KEPT = 100

    def __init__(self, tolerance_ms: Milliseconds) -> None:
        self.count = 0
        self.dry_ms: Milliseconds = 0.0
        self.noticed: list[Gap] = []
        self._tolerance_ms = tolerance_ms
        self._concealed_ms: Milliseconds = 0.0

    def note(self, gap: Gap) -> None:
        """Take in a gap."""
        self.dry_ms += gap.lasted * 1000
        self._concealed_ms += gap.lasted * 1000
        if self._concealed_ms > self._tolerance_ms:
            self.count += 1
            self._concealed_ms = 0.0
            if len(self.noticed) < self.N_KEPT:
                self.noticed.append(gap)
