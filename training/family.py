"""Measure the family of speakers: is each as intelligible as the recorded one, how do they differ?

    python -m training.family

In: the voices of the natural engine, as the server runs them, and the everyday sentences. Out: a
table of word errors, pitch, formants and level by speaker, the first being the recorded one. Needs
the extra `training`.
"""

from contextlib import closing

import numpy as np

from hoarfrost.engines.natural import NaturalEngine
from hoarfrost.synthesis.engine import SynthesisRequest
from hoarfrost.synthesis.voice import Voice
from training.config import HOP, RATE_HZ
from training.features import Array, frames_of
from training.pitch import track_pitch
from training.recogniser import word_errors
from training.sentences import EVERYDAY

_WINDOW = 1024
_LOWEST_HZ, _HIGHEST_HZ = 300.0, 5000.0
"""Where formants are: below lies the pitch, above little that belongs to one vowel."""
_WARPS = np.arange(0.80, 1.2501, 0.005)


def speak(engine: NaturalEngine, voice: Voice) -> list[Array]:
    """Return the everyday sentences as the voice speaks them, each float32 at RATE_HZ."""
    return [
        np.concatenate(
            [c.samples for c in engine.synthesize(SynthesisRequest(voice, text, voice.language))]
        )
        for text in EVERYDAY
    ]


def pitch_of(sentences: list[Array]) -> tuple[float, float]:
    """Return the geometric mean of the pitch, in Hz, and its spread, in semitones."""
    tracks = [track_pitch(samples[: len(samples) // HOP * HOP]) for samples in sentences]
    log_f0 = np.concatenate([f0[voiced > 0] for f0, voiced in tracks])
    return float(np.exp(log_f0.mean())), float(log_f0.std() * 12 / np.log(2))


def envelope_of(sentences: list[Array]) -> Array:
    """Return the mean log spectrum of all speech, smoothed over harmonics, shape (513,)."""
    window = np.hanning(_WINDOW)
    spectra = np.concatenate(
        [np.abs(np.fft.rfft(frames_of(s, _WINDOW) * window, axis=1)) ** 2 for s in sentences]
    )
    power = spectra.sum(1)
    spoken = spectra[power > 0.01 * np.percentile(power, 95)]
    width = int(250 / (RATE_HZ / _WINDOW))
    smooth = np.apply_along_axis(np.convolve, 1, spoken, np.ones(width) / width, "same")
    return np.asarray(np.log(smooth + 1e-9).mean(0))


def formant_factor(envelope: Array, recorded: Array) -> float:
    """Return by what factor formants lie higher: what stretch fits one envelope to the other."""
    hz = np.linspace(0, RATE_HZ / 2, len(recorded))
    band = (hz > _LOWEST_HZ) & (hz < _HIGHEST_HZ)

    def misfit(warp: float) -> float:
        difference = envelope[band] - np.interp(hz[band] / warp, hz, recorded)
        return float(difference.std())

    return float(min(_WARPS, key=misfit))


def main() -> None:
    """Print a table in Markdown."""
    print("| speaker | gender | WER | mean F0 | F0 spread | formants | level |")  # noqa: T201 -- output
    print("|---|---|---|---|---|---|---|")  # noqa: T201 -- output
    recorded: Array | None = None
    with closing(NaturalEngine()) as engine:
        for voice in engine.voices():
            sentences = speak(engine, voice)
            errors = word_errors(zip(sentences, EVERYDAY, strict=True))
            mean_hz, spread_st = pitch_of(sentences)
            envelope = envelope_of(sentences)
            recorded = envelope if recorded is None else recorded
            joined = np.concatenate(sentences)
            level = 20 * np.log10(np.sqrt(np.mean(joined**2)))
            print(  # noqa: T201 -- output
                f"| `{voice.name}` | {voice.gender} | {errors.rate:.1%} | {mean_hz:.0f} Hz "
                f"| {spread_st:.1f} st | × {formant_factor(envelope, recorded):.2f} "
                f"| {level:.1f} dBFS |",
                flush=True,
            )


if __name__ == "__main__":
    main()
