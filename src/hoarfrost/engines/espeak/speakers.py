"""The table of speakers, read.

In: ``speakers.toml`` beside this file; what its keys mean stands at its top. Out: a `Speaker` each.
Invariant: names are unique, and every language of a speaker is one that the table names.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from hoarfrost.errors import VoiceFault
from hoarfrost.espeak import RATE_HZ, VoiceSetting
from hoarfrost.synthesis.voice import Gender, Voice

_ENGINE = "espeak"
_LICENCE = "GPL-3.0-or-later"
"""The library's: a voice is made of its code and data."""

_N_FORMANTS = 9
_DRY = "echo 0 0"
"""Some variants of the library come with a room around them; a call has one already."""

_VOLUME = 60
"""Of 100, so that no sample meets the library's limiter, whose state outlives a call."""


@dataclass(frozen=True, slots=True)
class Speaker:
    """A voice, and how the library is made to sound like it.

    Attributes:
        voice: What the rest of the server knows of it.
        languages: The library's name for each of the voice's languages.
        variant: The library's variant it starts from.
        tuning: Lines of a variant file on top of that.
        pitch_range: 0 to 99, 50 as the variant has it: flat to singing.
        word_gap: Extra pause between words, in 10 ms.
        words_per_minute: Its natural rate.
        gain: Factor that brings it to the level of the others.
    """

    voice: Voice
    languages: Mapping[str, str]
    variant: str
    tuning: str
    pitch_range: int
    word_gap: int
    words_per_minute: int
    gain: float

    def setting(self, language: str) -> VoiceSetting:
        """Return what the library needs to speak as this speaker.

        Raises:
            VoiceFault: If the speaker does not speak the language.
        """
        name = self.languages.get(language)
        if name is None:
            spoken = ", ".join(self.languages)
            raise VoiceFault(f"voice {self.voice.name}: expected one of {spoken}, got {language!r}")
        return VoiceSetting(
            name,
            self.variant,
            self.tuning,
            pitch_range=self.pitch_range,
            volume=_VOLUME,
            word_gap=self.word_gap,
        )


@cache
def load_speakers() -> tuple[Speaker, ...]:
    """Return all speakers, in the order of the table."""
    return read_speakers(files(__package__).joinpath("speakers.toml").read_text(encoding="utf-8"))


def read_speakers(document: str) -> tuple[Speaker, ...]:
    """Read a table of speakers.

    Args:
        document: TOML with ``[languages]`` and a ``[speakers.NAME]`` table for each speaker.

    Raises:
        ValueError: If it is not TOML, or a speaker has a key, a gender or a language that is not
            known, or lacks one that must be there.
    """
    # TOML's types are the author's; a wrong one shows in the tests of the file.
    tables: dict[str, Any] = tomllib.loads(document)
    return tuple(
        _read_speaker(name, dict(table), tables["languages"])
        for name, table in tables["speakers"].items()
    )


def _read_speaker(name: str, table: dict[str, Any], languages: Mapping[str, str]) -> Speaker:
    try:
        own, *others = table.pop("languages")
        dialect = table.pop("dialect", languages[own])
        voice = Voice(
            name=name,
            engine=_ENGINE,
            languages=(own, *others),
            gender=Gender(table.pop("gender")),
            description=table.pop("description"),
            rate_hz=RATE_HZ,
            licence=_LICENCE,
            tags=tuple(table.pop("tags")),
        )
        speaker = Speaker(
            voice=voice,
            languages={own: dialect, **{tag: languages[tag] for tag in others}},
            variant=table.pop("variant"),
            tuning=_tuning(table.pop("pitch", None), table.pop("tract", None)),
            pitch_range=table.pop("range", 50),
            word_gap=table.pop("gap", 0),
            words_per_minute=table.pop("rate", 175),
            gain=10 ** (table.pop("gain_db") / 20),
        )
    except KeyError as error:
        raise ValueError(f"speaker {name}: expected {error.args[0]}, got none") from error
    if table:
        raise ValueError(f"speaker {name}: expected no further keys, got {', '.join(table)}")
    return speaker


def _tuning(pitch: list[int] | None, tract: int | None) -> str:
    """Return variant lines for a pitch, from and to in about Hz, and a vocal tract in percent."""
    lines = [_DRY]
    if pitch is not None:
        low, high = pitch
        lines.append(f"pitch {low} {high}")
    if tract is not None:
        # A shorter tract has higher resonances. -1 leaves their heights and widths alone.
        lines += [f"formant {n} {10_000 // tract} -1 -1" for n in range(_N_FORMANTS)]
    return "\n".join(lines)
