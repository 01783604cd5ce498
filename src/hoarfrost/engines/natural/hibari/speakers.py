"""The cast: what each speaker changes about the voice that was trained.

In: a `Package`. Out: `Member` values. Invariant: a speaker changes pitch, envelope and tempo only,
so that every speaker is as exact, as quick and as streamable as the first.

The decoder is told the speaker's pitch, which it was trained to follow. A longer vocal tract is an
envelope compressed along frequency (vocal tract length normalisation, reversed).
"""

from dataclasses import dataclass, replace
from typing import Final

from hoarfrost.engines.natural.hibari.package import Package
from hoarfrost.engines.natural.hibari.sound import RATE_HZ, Shape
from hoarfrost.synthesis.voice import Gender, Voice

_LEVEL: Final = Shape(gain_db=0.0)


@dataclass(frozen=True, slots=True)
class Member:
    """One member of a cast.

    Attributes:
        name: What clients call it.
        gender: As heard.
        description: One sentence of character.
        tags: Words to search by.
        semitones: Added to the pitch.
        liveliness: Factor on how far the pitch moves about its mean.
        tempo: Factor on the rate of speech.
        shape: Its spectral envelope.
    """

    name: str
    gender: Gender
    description: str
    tags: tuple[str, ...] = ()
    semitones: float = 0.0
    liveliness: float = 1.0
    tempo: float = 1.0
    shape: Shape = _LEVEL

    def voice(self, engine: str, package: Package) -> Voice:
        """Return the speaker as the catalogue knows it."""
        return Voice(
            name=self.name,
            engine=engine,
            languages=package.languages,
            gender=self.gender,
            description=self.description,
            rate_hz=RATE_HZ,
            licence=package.licence,
            tags=("natural", *self.tags),
        )


HEART: Final = (
    Member("heart", Gender.FEMALE, "A warm and attentive woman.", ("warm", "clear")),
    Member(
        "hester",
        Gender.FEMALE,
        "A low, composed woman who takes her time.",
        ("calm", "low", "mature"),
        semitones=-2.5,
        liveliness=0.8,
        tempo=0.93,
        shape=Shape(formants=0.96, tilt_db=-0.5),
    ),
    Member(
        "tamsin",
        Gender.FEMALE,
        "A friendly woman with a light voice.",
        ("friendly", "light"),
        semitones=1.5,
        liveliness=1.15,
        shape=Shape(formants=1.04),
    ),
    Member(
        "linnea",
        Gender.FEMALE,
        "A bright young woman, quick and attentive.",
        ("bright", "lively", "young"),
        semitones=2.5,
        liveliness=1.3,
        tempo=1.06,
        shape=Shape(formants=1.06, tilt_db=0.4),
    ),
    Member(
        "wren",
        Gender.FEMALE,
        "A high, gentle voice that takes its time.",
        ("high", "gentle", "calm"),
        semitones=3.0,
        liveliness=0.85,
        tempo=0.96,
        shape=Shape(formants=1.09),
    ),
    Member(
        "isaura",
        Gender.FEMALE,
        "A dark and even voice, sure of itself.",
        ("dark", "even"),
        semitones=-4.0,
        liveliness=0.9,
        shape=Shape(formants=0.93),
    ),
    Member(
        "fenn",
        Gender.MALE,
        "A light, eager young man.",
        ("lively", "young"),
        semitones=-5.0,
        liveliness=1.3,
        tempo=1.05,
        shape=Shape(formants=0.92),
    ),
    Member(
        "corin",
        Gender.MALE,
        "A plain-spoken man of middle age.",
        ("neutral", "clear"),
        semitones=-6.2,
        shape=Shape(formants=0.90),
    ),
    Member(
        "bram",
        Gender.MALE,
        "A warm, settled man with a soft edge.",
        ("warm", "calm"),
        semitones=-7.2,
        liveliness=0.85,
        tempo=0.96,
        shape=Shape(formants=0.88, tilt_db=-0.5),
    ),
    Member(
        "alder",
        Gender.MALE,
        "A deep, grave man who does not rush.",
        ("deep", "calm", "mature"),
        semitones=-8.2,
        liveliness=0.9,
        tempo=0.92,
        shape=Shape(formants=0.87),
    ),
)
"""The speakers made of the voice that the package ships with."""


def members_of(package: Package) -> tuple[Member, ...]:
    """Return the speakers of a package: a cast if it is the one it was made for, else itself."""
    itself = Member(package.name.lower(), package.gender, package.description, ("added",))
    if package.name != HEART[0].name:
        return (itself,)
    return (replace(HEART[0], description=package.description), *HEART[1:])
