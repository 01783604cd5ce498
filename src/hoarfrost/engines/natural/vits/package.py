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

FAMILY: Final = "vits"
CUT_FOLDER: Final = ".cut"
"""Where packages of stock models lie, beside the models."""
PAD, START, END = "_", "^", "$"
"""Symbols that stand between all others, before them and after them."""


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
        noise_scale: Of what is random in the sound.
        noise_width: Of what is random in the durations.
        length_scale: Factor on the durations.
        speakers: Ids by name; empty for a voice with one speaker.
        gains_db: Brings each speaker to the level of all voices; one number for all if only one.
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
    noise_scale: float
    noise_width: float
    length_scale: float
    speakers: Mapping[str, int]
    gains_db: tuple[float, ...]
    whole_because: str

    def gain_db(self, speaker: int) -> float:
        """Return the gain of a speaker."""
        return self.gains_db[speaker if speaker < len(self.gains_db) else 0]


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
    gains = fields.raw("gains_db")
    if not isinstance(gains, list) or not gains:
        raise ValueError(f"gains_db: expected a list of numbers, got {type(gains).__name__}")
    return Package(
        folder=folder,
        name=fields.word("name"),
        licence=fields.word("licence"),
        languages=fields.words("languages"),
        description=str(fields.raw("description") or ""),
        quality=str(fields.raw("quality") or ""),
        rate_hz=fields.integer("rate_hz", 8000, 48_000),
        hop=fields.integer("hop", 16, 4096),
        espeak_voice=str(fields.raw("espeak_voice") or ""),
        phonemes=_phonemes(fields.raw("phonemes")),
        noise_scale=fields.number("noise_scale", 0.0, 4.0),
        noise_width=fields.number("noise_width", 0.0, 4.0),
        length_scale=fields.number("length_scale", 0.05, 20.0),
        speakers=_speakers(fields.raw("speakers")),
        gains_db=tuple(min(max(float(gain), -30.0), 30.0) for gain in gains),
        whole_because=str(fields.raw("whole_because") or ""),
    )


def _phonemes(value: object) -> Mapping[str, tuple[int, ...]]:
    if not isinstance(value, dict) or not value:
        raise ValueError(f"phonemes: expected ids by symbol, got {type(value).__name__}")
    for symbol, ids in value.items():
        if not isinstance(ids, list) or not all(type(id_) is int and id_ >= 0 for id_ in ids):
            raise ValueError(f"phonemes: expected a list of ids for {symbol!r:.10}, got another")
    missing = [symbol for symbol in (PAD, START, END) if symbol not in value]
    if missing:
        raise ValueError(f"phonemes: expected {missing} among them")
    return {symbol: tuple(ids) for symbol, ids in value.items()}


def _speakers(value: object) -> Mapping[str, int]:
    if value is None:
        return {}
    if not isinstance(value, dict) or not all(type(id_) is int for id_ in value.values()):
        raise ValueError(f"speakers: expected ids by name, got {type(value).__name__}")
    return dict(value)
