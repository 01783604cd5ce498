"""What a voice package of this family says about itself: its manifest, read and checked.

In: a folder. Out: a `Package`. Invariant: a package that was read holds every number that the
engine needs, in range; whether its graphs fit those numbers is checked where they are opened.

A package is a folder with a manifest, ``voice.json``, and two graphs: ``text.onnx`` (tokens →
frames and durations) and ``dec.onnx`` (frames → curves of the source-filter vocoder).
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from hoarfrost.engines.natural.manifest import FORMAT, MANIFEST, Fields, read_manifest
from hoarfrost.errors import VoiceFault
from hoarfrost.units import SampleRate

FAMILY: Final = "source-filter"


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
        VoiceFault: If the folder is no package, or one that this family cannot run; says why.
    """
    fields = read_manifest(folder)
    try:
        return _checked(folder, fields)
    except ValueError as error:
        raise VoiceFault(f"voice package {folder.name}: {MANIFEST}: {error}") from error


def _checked(folder: Path, fields: Fields) -> Package:
    if fields.raw("format") != FORMAT:
        raise ValueError(f"format: expected {FORMAT}, got {fields.raw('format')!r:.40}")
    pitch = fields.inner("pitch")
    n_fft = fields.integer("n_fft", 64, 8192)
    package = Package(
        folder=folder,
        name=fields.word("name"),
        licence=fields.word("licence"),
        languages=fields.words("languages"),
        rate_hz=fields.integer("rate_hz", 8000, 48_000),
        hop=fields.integer("hop", 16, 1024),
        n_fft=n_fft,
        noise_n_fft=fields.integer("noise_n_fft", 32, 8192, default=n_fft),
        context_frames=fields.integer("context_frames", 4, 1024),
        mean_log_hz=pitch.number("mean_log_hz", 3.5, 6.5),
        std_log_hz=pitch.number("std_log_hz", 0.01, 1.0),
        phonemes=fields.words("phonemes"),
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
