"""What a voice package says about itself: its manifest, read and checked.

In: a folder. Out: a `Package`. Invariant: a package that was read holds every number that the
engine needs, in range; whether its graphs fit those numbers is checked where they are opened.

A package is a folder with a manifest, ``voice.json``, and two graphs: ``text.onnx`` (tokens →
frames and durations) and ``dec.onnx`` (frames → curves of the source-filter vocoder).
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from hoarfrost.errors import VoiceFault
from hoarfrost.units import SampleRate

MANIFEST: Final = "voice.json"
FORMAT: Final = 1
FAMILY: Final = "source-filter"
"""The only family of graphs that this engine runs; what a manifest that names none means."""
_MAX_MANIFEST_BYTES: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Package:
    """A voice package's manifest.

    Attributes:
        folder: Where it lies.
        name: Of the package, and of the speaker who was recorded.
        licence: SPDX identifier of the recordings' and the weights' licence.
        languages: BCP 47 tags.
        rate_hz: Sample rate of the audio.
        hop: Samples a frame.
        n_fft: Window of the harmonic branch, in samples.
        noise_n_fft: Window of the noise branch: ``n_fft``, or shorter to keep bursts short.
        context_frames: Frames on each side of a window after which its curves are exact.
        mean_log_hz: Natural log of the pitch that the graphs call 0.
        std_log_hz: What they call 1 above it.
        phonemes: Symbols in the order of the text graph's ids.
    """

    folder: Path
    name: str
    licence: str
    languages: tuple[str, ...]
    rate_hz: SampleRate
    hop: int
    n_fft: int
    noise_n_fft: int
    context_frames: int
    mean_log_hz: float
    std_log_hz: float
    phonemes: tuple[str, ...]

    @property
    def noise_bins(self) -> int:
        """Noise gains a frame: one spectrum, or two or more of a shorter window."""
        return self.noise_spectra * (self.noise_n_fft // 2 + 1)

    @property
    def noise_spectra(self) -> int:
        """Noise spectra a frame; a short window advances by half its length."""
        return 1 if self.noise_n_fft == self.n_fft else self.hop // (self.noise_n_fft // 2)


def read_package(folder: Path) -> Package:
    """Read a package's manifest.

    Raises:
        VoiceFault: If the folder is no package, or one that this engine cannot run; says why.
    """
    try:
        with (folder / MANIFEST).open("rb") as file:
            raw = file.read(_MAX_MANIFEST_BYTES + 1)
        if len(raw) > _MAX_MANIFEST_BYTES:
            raise ValueError(f"expected at most {_MAX_MANIFEST_BYTES} bytes of manifest, got more")
        fields = json.loads(raw.decode())
        if not isinstance(fields, dict):
            raise TypeError(f"expected an object, got {type(fields).__name__}")
        return _checked(folder, fields)
    except FileNotFoundError as error:
        raise VoiceFault(f"voice package {folder.name}: expected {MANIFEST}, got none") from error
    except (OSError, UnicodeDecodeError, ValueError, TypeError, RecursionError) as error:
        raise VoiceFault(f"voice package {folder.name}: {MANIFEST}: {error}") from error


def _checked(folder: Path, fields: Mapping[str, Any]) -> Package:
    if fields.get("format") != FORMAT:
        raise ValueError(f"format: expected {FORMAT}, got {fields.get('format')!r:.40}")
    family = fields.get("family", FAMILY)
    if family != FAMILY:
        raise ValueError(f"family: expected {FAMILY!r}, got {family!r:.40}")
    pitch = fields.get("pitch")
    if not isinstance(pitch, dict):
        raise TypeError(f"pitch: expected an object, got {type(pitch).__name__}")
    n_fft = _integer(fields, "n_fft", 64, 8192)
    package = Package(
        folder=folder,
        name=_word(fields, "name"),
        licence=_word(fields, "licence"),
        languages=_words(fields, "languages"),
        rate_hz=_integer(fields, "rate_hz", 8000, 48_000),
        hop=_integer(fields, "hop", 16, 1024),
        n_fft=n_fft,
        noise_n_fft=_integer(fields, "noise_n_fft", 32, 8192, default=n_fft),
        context_frames=_integer(fields, "context_frames", 4, 1024),
        mean_log_hz=_number(pitch, "mean_log_hz", 3.5, 6.5),
        std_log_hz=_number(pitch, "std_log_hz", 0.01, 1.0),
        phonemes=_words(fields, "phonemes"),
    )
    if package.n_fft % (2 * package.hop) or package.n_fft < 4 * package.hop:
        raise ValueError(f"n_fft: expected an even multiple, 4 or more, of hop, got {n_fft}")
    if package.noise_n_fft not in (n_fft, 2 * package.hop, package.hop):
        raise ValueError(f"noise_n_fft: expected n_fft, 2 hop or hop, got {package.noise_n_fft}")
    if len(set(package.phonemes)) < len(package.phonemes):
        raise ValueError("phonemes: expected every symbol once")
    missing = [symbol for symbol in (" ", ",", ".", "^") if symbol not in package.phonemes]
    if missing:
        raise ValueError(f"phonemes: expected {missing} among them")
    return package


def _integer(
    fields: Mapping[str, Any], key: str, low: int, high: int, default: int | None = None
) -> int:
    value = fields.get(key, default)
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise ValueError(f"{key}: expected an integer from {low} to {high}, got {value!r:.40}")
    return value


def _number(fields: Mapping[str, Any], key: str, low: float, high: float) -> float:
    value = fields.get(key)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not low <= value <= high:
        raise ValueError(f"pitch.{key}: expected a number from {low} to {high}, got {value!r:.40}")
    return float(value)


def _word(fields: Mapping[str, Any], key: str) -> str:
    value = fields.get(key)
    if not isinstance(value, str) or not value.strip() or len(value) > 100:
        raise ValueError(f"{key}: expected a short text, got {value!r:.40}")
    return value


def _words(fields: Mapping[str, Any], key: str) -> tuple[str, ...]:
    value = fields.get(key)
    if not isinstance(value, list) or not value or not all(isinstance(v, str) and v for v in value):
        raise ValueError(f"{key}: expected a list of texts, got {type(value).__name__}")
    return tuple(value)
