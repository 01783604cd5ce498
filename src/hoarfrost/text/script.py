"""What is to be said: a segment of the client's text, and the script read from it.

In: nothing but values. Invariant: every character of a script knows the character of the client's
text it came from, so that word times can be told in terms of what the client sent.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

from hoarfrost.units import Milliseconds, Speed


class Cut(StrEnum):
    """Why text was cut where it was."""

    SENTENCE = "sentence"
    """Its end is certain."""
    HELD = "held"
    """A mark might have gone on, and no text came."""
    CLAUSE = "clause"
    """A clause is long enough, and the listener has nothing to hear."""
    COMMA = "comma"
    """A short clause, since the listener has waited for long."""
    FLUSH = "flush"
    """The client asked."""
    IMMEDIATE = "immediate"
    """Whatever is there, as the option says."""
    LENGTH = "length"
    """There was no better place."""


@dataclass(frozen=True, slots=True)
class Segment:
    """A piece of the client's text, cut where speech may pause.

    Attributes:
        text: The text as it was sent, markup included.
        start: Offset of its first character in all the text that the connection has received
            (Unicode code points, commands not counted).
        begins_paragraph: Whether a blank line parts it from what was said before.
        cut: Why it ends where it ends; says nothing of what is to be said.
    """

    text: str
    start: int = 0
    begins_paragraph: bool = False
    cut: Cut | None = field(default=None, compare=False)

    def __post_init__(self) -> None:
        if self.start < 0:
            raise ValueError(f"start: expected an offset of 0 or more, got {self.start}")


@dataclass(frozen=True, slots=True)
class SpeedSpan:
    """A stretch of a text with a speed of its own.

    Attributes:
        start: Offset of its first character in the text.
        end: Offset after its last character.
        speed: Factor on the speed of the text around it; above 1.0 is faster.
    """

    start: int
    end: int
    speed: Speed

    def __post_init__(self) -> None:
        if not 0 <= self.start < self.end:
            raise ValueError(f"expected 0 <= start < end, got {self.start} and {self.end}")
        if not 0 < self.speed < float("inf"):
            raise ValueError(f"speed: expected a number above 0, got {self.speed}")


@dataclass(frozen=True, slots=True)
class Speech:
    """Words to be spoken in one breath, as far as markup goes.

    Attributes:
        text: Plain text without any markup; has at least one letter or digit. A line break in it
            ends a sentence, two a paragraph; two before the first word begin one.
        spans: Stretches with a speed of their own, in order, not overlapping.
        sources: For each character of ``text``, the offset in the client's text of the character
            it stands for (the same unit as `Segment.start`); never decreasing.
    """

    text: str
    spans: tuple[SpeedSpan, ...] = ()
    sources: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        if self.sources and len(self.sources) != len(self.text):
            raise ValueError(
                f"sources: expected one for each of {len(self.text)} characters, "
                f"got {len(self.sources)}"
            )
        end = 0
        for span in self.spans:
            if span.start < end or span.end > len(self.text):
                raise ValueError("spans: expected ordered, disjoint spans inside the text")
            end = span.end

    def source_span(self, start: int, end: int) -> tuple[int, int]:
        """Return where ``text[start:end]`` stands in the client's text, as (start, end)."""
        if not self.sources:
            return start, end
        return self.sources[start], self.sources[end - 1] + 1


@dataclass(frozen=True, slots=True)
class Pause:
    """Silence of an exact length.

    Attributes:
        duration_ms: Its length, whatever the speed of the speech around it.
    """

    duration_ms: Milliseconds

    def __post_init__(self) -> None:
        if not 0 <= self.duration_ms < float("inf"):
            raise ValueError(f"duration_ms: expected 0 or more, got {self.duration_ms}")


Script: TypeAlias = tuple[Speech | Pause, ...]
"""What one segment says, in order. Empty when the segment has nothing speakable in it."""
