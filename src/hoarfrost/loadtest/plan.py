"""What a run is to be: how many callers, for how long, doing what.

In: what was asked for. Out: a `Plan` that can be carried out. Invariant: every plan ends: callers,
seconds and trials have caps that no option lifts.
"""

from dataclasses import dataclass, field
from enum import Enum
from typing import Final

from hoarfrost.loadtest.hearing import FORMATS, WireFormat
from hoarfrost.loadtest.speakable import SEGMENT_MODES
from hoarfrost.loadtest.texts import Texts
from hoarfrost.units import Milliseconds, SampleRate, Seconds

MAX_CALLERS: Final = 1000
"""As many as one process may simulate; whether it keeps up it says itself."""

MAX_DURATION: Seconds = 3600.0
RAMP: Seconds = 5.0
"""Within this time all callers start, unless a rate is given; fast enough for 1000 of them."""

LONGEST_RAMP: Seconds = 600.0
"""Within this time they start at any rate."""


class Scenario(Enum):
    """What callers do."""

    CONVERSATION = "conversation"
    """Turns written as a language model writes, with pauses for thought between them, and
    interruptions."""

    CONTINUOUS = "continuous"
    """Listening without pause, as to an audiobook: text is sent so that it never runs out."""

    BURST = "burst"
    """All callers send a whole text at the same moment, and again when all have been answered."""


class InterruptBy(Enum):
    """How a listener breaks in."""

    CLEAR = "clear"
    """``<CLEAR>`` on the open connection."""

    RECONNECT = "reconnect"
    """``<EOS>``, a close, and a new connection: what pipecat does."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How to load a server.

    Attributes:
        scenario: What the callers do.
        callers: How many there are.
        duration_s: How long is measured, after the ramp.
        arrivals: How many callers start a second; None for all within `RAMP`. A server that learns
            from those it has how many more it can carry does so at the rate of real callers.
        seed: All that is random follows from it.
        audio_format: What the server was asked to send.
        rate_hz: At which sample rate.
        segment: When the server was asked to release text.
        tokens_per_second: How fast the language model writes.
        talking: Share of a conversation in which the caller listens to speech.
        interrupted: Share of turns that the caller interrupts.
        interrupt_by: How.
        jitter_ms: How much audio a player lets gather before it begins.
        tolerance_ms: How long its buffer may be empty in a turn, in all, unnoticed.
        texts: What is said.
    """

    scenario: Scenario = Scenario.CONVERSATION
    callers: int = 10
    duration_s: Seconds = 30.0
    arrivals: float | None = None
    seed: int = 1
    audio_format: WireFormat = "pcm"
    rate_hz: SampleRate = 22050
    segment: str = "bySentence"
    tokens_per_second: float = 30.0
    talking: float = 0.3
    interrupted: float = 0.2
    interrupt_by: InterruptBy = InterruptBy.CLEAR
    jitter_ms: Milliseconds = 40.0
    tolerance_ms: Milliseconds = 20.0
    texts: Texts = field(default_factory=Texts)

    def __post_init__(self) -> None:
        bounds = (
            ("callers", self.callers, 1, MAX_CALLERS),
            ("duration", self.duration_s, 0.2, MAX_DURATION),
            ("arrivals", 1.0 if self.arrivals is None else self.arrivals, 0.01, 1000),
            ("sampling-rate", self.rate_hz, 4000, 48000),
            ("tokens-per-second", self.tokens_per_second, 1, 1000),
            ("talking", self.talking, 0.05, 0.95),
            ("interrupted", self.interrupted, 0, 1),
            ("jitter-ms", self.jitter_ms, 0, 1000),
            ("tolerance-ms", self.tolerance_ms, 0, 1000),
        )
        for name, value, least, most in bounds:
            if not least <= value <= most:
                raise ValueError(f"{name}: expected {least:g} to {most:g}, got {value:g}")
        if self.audio_format not in FORMATS:
            raise ValueError(f"format: expected one of {', '.join(FORMATS)}")
        if self.segment not in SEGMENT_MODES:
            raise ValueError(f"segment: expected one of {', '.join(SEGMENT_MODES)}")

    @property
    def ramp_s(self) -> Seconds:
        """Within how long the callers start."""
        if self.scenario is Scenario.BURST:
            return 0.0
        if self.arrivals is None:
            return min(RAMP, self.duration_s / 2)
        return min(self.callers / self.arrivals, LONGEST_RAMP)

    def measures(self, name: str) -> bool:
        """Whether a run gives a figure of this name of the targets."""
        if name == "rtf":  # of text that is held back until it is needed it would say nothing
            return self.scenario is not Scenario.CONTINUOUS
        return name != "stale" or self.probes_clear

    @property
    def probes_clear(self) -> bool:
        """Whether what comes after a ``<CLEAR>`` is compared."""
        return (
            self.scenario is Scenario.CONVERSATION
            and self.interrupted > 0
            and self.interrupt_by is InterruptBy.CLEAR
        )
