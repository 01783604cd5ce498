"""The family: what each speaker of a voice package changes about the voice that was recorded.

In: a `Package`. Out: `Member` values. Invariant: a speaker changes pitch, envelope and tempo only,
after the networks, so that every speaker is as exact, as quick and as streamable as the first.

The networks always hear the recorded pitch, which they know; the pulses get the speaker's. A longer
vocal tract is an envelope compressed along frequency (vocal tract length normalisation, reversed).
"""

from dataclasses import dataclass
from typing import Final

from hoarfrost.engines.natural.source_filter.package import Package
from hoarfrost.engines.natural.source_filter.sound import Shape
from hoarfrost.synthesis.voice import Gender, Voice

_AS_RECORDED: Final = Shape()


@dataclass(frozen=True, slots=True)
class Member:
    """One member of the family.

    Attributes:
        name: What clients call it.
        gender: As heard.
        description: One sentence of character.
        tags: Words to search by.
        semitones: Added to the recorded mean pitch.
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
    shape: Shape = _AS_RECORDED

    def voice(self, engine: str, package: Package) -> Voice:
        """Return the speaker as the catalogue knows it."""
        return Voice(
            name=self.name,
            engine=engine,
            languages=package.languages,
            gender=self.gender,
            description=self.description,
            rate_hz=package.rate_hz,
            licence=package.licence,
            tags=("natural", *self.tags),
        )


KATHLEEN: Final = (
    Member(
        "kathleen",
        Gender.FEMALE,
        "An even, unhurried reader, as recorded.",
        ("calm", "clear"),
        shape=Shape(gain_db=2.2),
    ),
    Member(
        "hester",
        Gender.FEMALE,
        "A low, composed woman who takes her time.",
        ("calm", "low", "mature"),
        semitones=-2.0,
        liveliness=0.8,
        tempo=0.94,
        shape=Shape(moves_envelope=True, formants=0.965, tilt_db=-0.5, gain_db=2.2),
    ),
    Member(
        "tamsin",
        Gender.FEMALE,
        "A warm and friendly woman with some colour in her voice.",
        ("warm", "friendly"),
        semitones=2.0,
        liveliness=1.3,
        shape=Shape(moves_envelope=True, formants=1.04, gain_db=2.2),
    ),
    Member(
        "linnea",
        Gender.FEMALE,
        "A bright young woman, quick and attentive.",
        ("bright", "lively", "young"),
        semitones=3.5,
        liveliness=1.4,
        tempo=1.04,
        shape=Shape(moves_envelope=True, formants=1.06, tilt_db=0.4, gain_db=2.2),
    ),
    Member(
        "wren",
        Gender.FEMALE,
        "A high, light voice, gentle rather than loud.",
        ("high", "gentle", "young"),
        semitones=5.0,
        liveliness=1.1,
        tempo=0.96,
        shape=Shape(moves_envelope=True, formants=1.09, gain_db=2.2),
    ),
    Member(
        "corin",
        Gender.MALE,
        "A plain-spoken man of middle age.",
        ("neutral", "clear"),
        semitones=-6.0,
        shape=Shape(moves_envelope=True, formants=0.90, gain_db=1.8),
    ),
    Member(
        "fenn",
        Gender.MALE,
        "A light, eager young man.",
        ("lively", "young"),
        semitones=-4.0,
        liveliness=1.4,
        tempo=1.06,
        shape=Shape(moves_envelope=True, formants=0.92, tilt_db=0.4, gain_db=2.2),
    ),
    Member(
        "bram",
        Gender.MALE,
        "A warm, settled man with a soft edge.",
        ("warm", "calm"),
        semitones=-8.0,
        liveliness=0.9,
        tempo=0.97,
        shape=Shape(moves_envelope=True, formants=0.88, tilt_db=-0.5, breath_db=1.0, gain_db=1.5),
    ),
    Member(
        "alder",
        Gender.MALE,
        "A deep, grave man who does not rush.",
        ("deep", "calm", "mature"),
        semitones=-10.0,
        liveliness=0.85,
        tempo=0.94,
        shape=Shape(moves_envelope=True, formants=0.86, tilt_db=-0.5, gain_db=1.8),
    ),
)
"""The speakers of the voice in the package; ``gain_db`` brings each to -20 dBFS RMS of speech."""


def members_of(package: Package) -> tuple[Member, ...]:
    """Return the speakers of a package: a family if it is ours, else the one recorded."""
    if package.name == KATHLEEN[0].name:
        return KATHLEEN
    return (
        Member(
            package.name.lower(),
            Gender.NEUTRAL,
            "A voice from a package that was added to this server.",
            ("added",),
        ),
    )
