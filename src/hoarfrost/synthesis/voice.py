"""A voice as everything outside its engine knows it."""

from dataclasses import dataclass, field
from enum import StrEnum

from hoarfrost.units import SampleRate


class Gender(StrEnum):
    """How a voice is heard by most listeners."""

    FEMALE = "female"
    MALE = "male"
    NEUTRAL = "neutral"


@dataclass(frozen=True, slots=True)
class Voice:
    """One speaker.

    Attributes:
        name: What clients send as ``speaker``: lower case letters, digits and ``_ . -``.
        engine: Name of the engine that speaks it, as registered.
        languages: BCP 47 tags (``en-US``, ``hi``) it speaks; the first is its own.
        gender: How it sounds.
        description: One sentence for a list of voices: character, not technique.
        rate_hz: Sample rate of the engine's chunks for this voice.
        licence: SPDX identifier, or the name under which the voice may be used.
        tags: Words to search by.
    """

    name: str
    engine: str
    languages: tuple[str, ...]
    gender: Gender
    description: str
    rate_hz: SampleRate
    licence: str
    tags: tuple[str, ...] = field(default=())

    def __post_init__(self) -> None:
        if not self.name or self.name != self.name.lower() or any(c.isspace() for c in self.name):
            raise ValueError(f"name: expected lower case without spaces, got {self.name!r}")
        if not self.languages:
            raise ValueError(f"voice {self.name}: expected at least one language, got none")
        if self.rate_hz <= 0:
            raise ValueError(f"voice {self.name}: expected a positive rate_hz, got {self.rate_hz}")

    @property
    def language(self) -> str:
        """The voice's own language."""
        return self.languages[0]
