"""What a Piper voice says about itself once it is a package: its manifest, read and checked.

In: a folder that `making` wrote. Out: a `Package`. Invariant: a package that was read holds every
number that the engine needs, in range.

A package is a folder with a manifest, ``voice.json``, and either ``text.onnx`` and ``sound.onnx``,
cut from the model by `cutting`, or ``whole.onnx``, a model that could not be cut.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from hoarfrost.engines.natural.manifest import FORMAT, MANIFEST, Fields, read_manifest
from hoarfrost.errors import VoiceFault
from hoarfrost.units import SampleRate

FAMILY: Final = "piper"
CUT_FOLDER: Final = ".cut"
"""Where packages of stock models lie, beside the models."""
PAD, START, END = "_", "^", "$"
"""Symbols that stand between all others, before them and after them."""
ONLY: Final = 0
"""The id of the speaker of a voice that has one."""


GAIN_DB: Final = 24.0
"""What needs more than this to be heard like the others is no speech but noise."""


@dataclass(frozen=True, slots=True)
class Package:
    """A Piper voice's manifest.

    Attributes:
        folder: Where it lies.
        name: What clients call it, and its first speaker.
        licence: Of the voice, as its model card says.
        languages: BCP 47 tags.
        description: One sentence.
        quality: ``low``, ``medium`` and so on.
        rate_hz: Sample rate of the audio.
        hop: Samples a frame.
        espeak_voice: The language of espeak-ng that its phonemes come from; "" if it reads letters.
        phonemes: Ids of each symbol.
        clusters: Symbols of several code points that it was trained on.
        noise_scale: Of what is random in the sound.
        noise_width: Of what is random in the durations.
        length_scale: Factor on the durations.
        speakers: Ids by name; empty for a voice with one speaker.
        default_speaker: Id of the one that the voice's own name means.
        gains_db: By a speaker's id, what brings it to the level of all voices.
        whole_because: Why it could not be cut; "" if it was.
    """

    folder: Path
    name: str
    licence: str
    languages: tuple[str, ...]
    description: str
    quality: str
    rate_hz: SampleRate
    hop: int
    espeak_voice: str
    phonemes: Mapping[str, tuple[int, ...]]
    clusters: tuple[str, ...]
    noise_scale: float
    noise_width: float
    length_scale: float
    speakers: Mapping[str, int]
    default_speaker: int
    gains_db: Mapping[int, float]
    whole_because: str


def read_package(folder: Path) -> Package:
    """Read a package's manifest.

    Raises:
        VoiceFault: If the folder is no package, or one that this family cannot run; says why.
    """
    fields = read_manifest(folder)
    try:
        return _checked(folder, fields)
    except (ValueError, TypeError) as error:
        raise VoiceFault(f"voice package {folder.name}: {MANIFEST}: {error}") from error


def _checked(folder: Path, fields: Fields) -> Package:
    if fields.raw("format") != FORMAT:
        raise ValueError(f"format: expected {FORMAT}, got {fields.raw('format')!r:.40}")
    speakers = _speakers(fields.raw("speakers"))
    ids = sorted(speakers.values()) or [ONLY]
    default_speaker = fields.integer("default_speaker", 0, ids[-1], default=ids[0])
    if default_speaker not in ids:
        raise ValueError(f"default_speaker: expected one of speakers, got {default_speaker}")
    gains = fields.inner("gains_db")
    return Package(
        folder=folder,
        name=_name(fields.word("name")),
        licence=fields.word("licence"),
        languages=fields.words("languages"),
        description=str(fields.raw("description") or ""),
        quality=str(fields.raw("quality") or ""),
        rate_hz=fields.integer("rate_hz", 8000, 48_000),
        hop=fields.integer("hop", 16, 4096),
        espeak_voice=str(fields.raw("espeak_voice") or ""),
        phonemes=_phonemes(fields.raw("phonemes")),
        clusters=fields.words("clusters") if fields.raw("clusters") else (),
        noise_scale=fields.number("noise_scale", 0.0, 4.0),
        noise_width=fields.number("noise_width", 0.0, 4.0),
        length_scale=fields.number("length_scale", 0.05, 20.0),
        speakers=speakers,
        default_speaker=default_speaker,
        gains_db={id_: gains.number(str(id_), -GAIN_DB, GAIN_DB) for id_ in ids},
        whole_because=str(fields.raw("whole_because") or ""),
    )


def _name(name: str) -> str:
    if name != name.lower() or any(map(str.isspace, name)):
        raise ValueError(f"name: expected lower case without spaces, got {name!r:.40}")
    return name


def _phonemes(value: object) -> Mapping[str, tuple[int, ...]]:
    if not isinstance(value, dict) or not value:
        raise ValueError(f"phonemes: expected ids by symbol, got {type(value).__name__}")
    for symbol, ids in value.items():
        if not isinstance(ids, list) or not all(type(id_) is int and id_ >= 0 for id_ in ids):
            raise ValueError(f"phonemes: expected a list of ids for {symbol!r:.10}, got another")
    missing = [symbol for symbol in (PAD, START, END) if not value.get(symbol)]
    if missing:
        raise ValueError(f"phonemes: expected {missing} among them")
    return {symbol: tuple(ids) for symbol, ids in value.items()}


def _speakers(value: object) -> Mapping[str, int]:
    if value is None:
        return {}
    if not isinstance(value, dict) or not all(
        type(id_) is int and id_ >= 0 for id_ in value.values()
    ):
        raise ValueError(f"speakers: expected ids by name, got {type(value).__name__}")
    return dict(value)
