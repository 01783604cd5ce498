"""The cast: what each speaker changes about the voice that was trained.

In: a `Package`. Out: `Member` values. Invariant: a speaker changes pitch, envelope and tempo only,
so that every speaker is as exact, as quick and as streamable as the first.

The decoder is told the speaker's pitch, which it was trained to follow. A longer vocal tract is
another sample rate: speech that was made for 24 000 samples a second and is played at 21 600 comes
from a mouth that is longer by a ninth; pitch and tempo are set so that they come out as meant. That
leaves what the decoder made as it is; stretching its spectra costs half a point of DistillMOS.
"""

from dataclasses import dataclass, replace
from typing import Final

from hoarfrost.engines.natural.hibari.package import Package
from hoarfrost.engines.natural.hibari.sound import RATE_HZ, Shape
from hoarfrost.synthesis.voice import Gender, Voice
from hoarfrost.units import SampleRate, Speed

_LEVEL: Final = Shape(gain_db=4.6)
"""Brings speech to -20 dBFS."""


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
        formants: Factor on the frequencies of the vocal tract's resonances: below 1 a longer one.
        shape: Its spectral tilt, breath and level.
    """

    name: str
    gender: Gender
    description: str
    tags: tuple[str, ...] = ()
    semitones: float = 0.0
    liveliness: float = 1.0
    tempo: float = 1.0
    formants: float = 1.0
    shape: Shape = _LEVEL

    @property
    def rate_hz(self) -> SampleRate:
        """Samples a second at which its speech is played."""
        return round(RATE_HZ * self.formants)

    @property
    def speed(self) -> Speed:
        """Factor on the rate of speech before it is played at another sample rate."""
        return self.tempo / self.formants

    @property
    def pitch(self) -> float:
        """Factor on the pitch before it is played at another sample rate."""
        return float(2 ** (self.semitones / 12)) / self.formants

    def voice(self, engine: str, package: Package) -> Voice:
        """Return the speaker as the catalogue knows it."""
        return Voice(
            name=self.name,
            engine=engine,
            languages=package.languages,
            gender=self.gender,
            description=self.description,
            rate_hz=self.rate_hz,
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
        formants=0.96,
        shape=Shape(tilt_db=-0.5, gain_db=5.6),
    ),
    Member(
        "tamsin",
        Gender.FEMALE,
        "A friendly woman with a light voice.",
        ("friendly", "light"),
        semitones=1.5,
        liveliness=1.15,
        formants=1.04,
        shape=Shape(gain_db=4.7),
    ),
    Member(
        "linnea",
        Gender.FEMALE,
        "A bright young woman, quick and attentive.",
        ("bright", "lively", "young"),
        semitones=2.5,
        liveliness=1.3,
        tempo=1.06,
        formants=1.06,
        shape=Shape(tilt_db=0.4, gain_db=3.9),
    ),
    Member(
        "wren",
        Gender.FEMALE,
        "A high, gentle voice that takes its time.",
        ("high", "gentle", "calm"),
        semitones=3.0,
        liveliness=0.85,
        tempo=0.96,
        formants=1.09,
        shape=Shape(gain_db=4.2),
    ),
    Member(
        "isaura",
        Gender.FEMALE,
        "A dark and even voice, sure of itself.",
        ("dark", "even"),
        semitones=-4.0,
        liveliness=0.9,
        tempo=0.98,
        formants=0.93,
        shape=Shape(gain_db=5.4),
    ),
    Member(
        "fenn",
        Gender.MALE,
        "A light, eager young man.",
        ("lively", "young"),
        semitones=-5.0,
        liveliness=1.3,
        tempo=1.05,
        formants=0.92,
        shape=Shape(gain_db=4.7),
    ),
    Member(
        "corin",
        Gender.MALE,
        "A plain-spoken man of middle age.",
        ("neutral", "clear"),
        semitones=-6.2,
        formants=0.90,
        shape=Shape(gain_db=5.2),
    ),
    Member(
        "bram",
        Gender.MALE,
        "A warm, settled man with a soft edge.",
        ("warm", "calm"),
        semitones=-7.0,
        liveliness=0.75,
        tempo=0.95,
        formants=0.88,
        shape=Shape(tilt_db=-0.5, gain_db=4.8),
    ),
    Member(
        "alder",
        Gender.MALE,
        "A deep, grave man who does not rush.",
        ("deep", "calm", "mature"),
        semitones=-7.8,
        liveliness=0.9,
        tempo=0.9,
        formants=0.86,
        shape=Shape(gain_db=3.4),
    ),
)
"""The speakers made of the voice that the package ships with."""


def members_of(package: Package) -> tuple[Member, ...]:
    """Return the speakers of a package: a cast if it is the one it was made for, else itself."""
    itself = Member(package.name.lower(), package.gender, package.description, ("added",))
    if package.name != HEART[0].name:
        return (itself,)
    return (replace(HEART[0], description=package.description), *HEART[1:])
