"""What a listener would measure of a voice: pitch, colour, pace and level.

Every figure is a median or mean over the loud part of the speech, so that silence, pauses and the
words themselves weigh little.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np

from hoarfrost.audio.stage import Samples
from hoarfrost.engines.espeak import EspeakEngine
from hoarfrost.synthesis.engine import SynthesisRequest, WordMark
from hoarfrost.synthesis.voice import Voice
from hoarfrost.text.script import SpeedSpan

RATE_HZ = 22050
_FRAME = 1024
_LOWEST_HZ, _HIGHEST_HZ = 55, 400
_BANDS_HZ = (100, 300, 600, 1000, 1600, 2600, 4200, 8000)

SENTENCES = {
    "en": "The quick brown fox jumps over the lazy dog, and then it runs into the dark forest.",
    "es": "El perro corre por la calle, y después vuelve a casa muy cansado.",
    "de": "Der braune Fuchs springt über den Hund und läuft dann in den dunklen Wald.",
    "fr": "Le petit chien court dans la rue, puis il rentre à la maison très fatigué.",
    "hi": "आज मौसम बहुत अच्छा है, और हम बाहर घूमने जा रहे हैं।",
    "pt": "O cachorro corre pela rua, e depois volta para casa muito cansado.",
    "it": "Il cane corre per la strada, e poi torna a casa molto stanco.",
    "nl": "De bruine vos springt over de hond en loopt dan het donkere bos in.",
    "pl": "Pies biegnie ulicą, a potem wraca do domu bardzo zmęczony.",
    "ru": "Собака бежит по улице, а потом возвращается домой очень усталая.",
    "tr": "Köpek sokakta koşuyor, sonra çok yorgun olarak eve dönüyor.",
    "sv": "Hunden springer längs gatan och kommer sedan hem mycket trött.",
    "cmn": "今天天气很好，我们一起去公园散步吧。",
    "ar": "الطقس جميل اليوم وسنذهب إلى الحديقة معا.",
    "uk": "Собака біжить вулицею, а потім повертається додому дуже втомлений.",
    "cs": "Pes běží po ulici a potom se vrací domů velmi unavený.",
    "el": "Ο σκύλος τρέχει στον δρόμο και μετά γυρίζει στο σπίτι κουρασμένος.",
    "fi": "Koira juoksee kadulla ja palaa sitten kotiin hyvin väsyneenä.",
    "da": "Hunden løber langs gaden og kommer så hjem meget træt.",
    "nb": "Hunden løper langs gata og kommer så hjem veldig trøtt.",
    "ro": "Câinele aleargă pe stradă, apoi se întoarce acasă foarte obosit.",
    "hu": "A kutya végigfut az utcán, aztán nagyon fáradtan hazatér.",
    "id": "Anjing itu berlari di jalan, lalu pulang ke rumah dengan sangat lelah.",
    "ca": "El gos corre pel carrer, i després torna a casa molt cansat.",
}
"""A sentence in each language, of about 4 s."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """A request's audio, whole, and its marks."""

    samples: Samples
    marks: tuple[WordMark, ...]

    @property
    def seconds(self) -> float:
        return len(self.samples) / RATE_HZ


@dataclass(frozen=True, slots=True)
class Figures:
    """A voice in numbers.

    Attributes:
        pitch_hz: Median fundamental.
        colour: How far the centre of the spectrum lies, in Hz.
        bands_db: Share of each band in the spectrum.
        seconds: How long the sentence lasts.
        hiss: Power above 6000 Hz over power from 100 to 3000 Hz.
        level_db: RMS of what is louder than a twentieth of the loudest 20 ms, in dBFS.
        peak: Largest amplitude.
    """

    pitch_hz: float
    colour: float
    bands_db: tuple[float, ...]
    seconds: float
    hiss: float
    level_db: float
    peak: float


def speak(
    engine: EspeakEngine,
    voice: Voice,
    text: str,
    *,
    speed: float = 1.0,
    spans: tuple[SpeedSpan, ...] = (),
) -> Spoken:
    """Speak a text in the voice's own language."""
    request = SynthesisRequest(voice, text, voice.language, speed=speed, spans=spans)
    chunks = list(engine.synthesize(request))
    samples = np.concatenate([np.zeros(0, np.float32), *(chunk.samples for chunk in chunks)])
    return Spoken(samples, tuple(mark for chunk in chunks for mark in chunk.marks))


def named(engine: EspeakEngine, name: str) -> Voice:
    """Return a voice by its name."""
    return next(voice for voice in engine.voices() if voice.name == name)


def speaking(engine: EspeakEngine, language: str) -> Voice:
    """Return the first voice of a language."""
    return next(voice for voice in engine.voices() if voice.language.partition("-")[0] == language)


def sentence(voice: Voice) -> str:
    """Return the sentence in the voice's language."""
    return SENTENCES[voice.language.partition("-")[0]]


@cache
def figures(engine: EspeakEngine, voice: Voice) -> Figures:
    """Measure a voice by its sentence."""
    spoken = speak(engine, voice, sentence(voice))
    spectrum = power_spectrum(spoken.samples)
    frequencies = np.fft.rfftfreq(_FRAME, 1 / RATE_HZ)
    edges = np.searchsorted(frequencies, _BANDS_HZ)
    bands = np.add.reduceat(spectrum, edges)[:-1] / spectrum.sum()
    return Figures(
        pitch_hz=pitch(spoken.samples),
        colour=float((spectrum * frequencies).sum() / spectrum.sum()),
        bands_db=tuple(10 * np.log10(bands)),
        seconds=spoken.seconds,
        hiss=float(spectrum[280:].sum() / spectrum[5:140].sum()),
        level_db=level_db(spoken.samples),
        peak=float(np.abs(spoken.samples).max()),
    )


def pitch(samples: Samples) -> float:
    """Return the median fundamental of the voiced frames, in Hz, by autocorrelation."""
    window = np.hanning(_FRAME)
    shortest, longest = RATE_HZ // _HIGHEST_HZ, RATE_HZ // _LOWEST_HZ
    frames = _loud_frames(samples)
    frames -= frames.mean(axis=1, keepdims=True)
    likeness = _autocorrelation(frames * window)[:, : longest + 1]
    likeness = likeness / _autocorrelation(window)[: longest + 1]
    likeness = likeness / likeness[:, :1]
    inner = likeness[:, 1:-1]
    is_peak = (inner >= likeness[:, :-2]) & (inner >= likeness[:, 2:])
    is_peak[:, : shortest - 1] = False
    best = np.where(is_peak, inner, 0).max(axis=1, keepdims=True)
    # The shortest period that is about as good: its multiples fit as well.
    periods = np.argmax(is_peak & (inner > 0.85 * best), axis=1) + 1
    return float(np.median(RATE_HZ / periods[best[:, 0] > 0.5]))


def power_spectrum(samples: Samples) -> np.ndarray:
    """Return the mean power spectrum of the loud frames."""
    spectra = np.fft.rfft(_loud_frames(samples) * np.hanning(_FRAME))
    return (np.abs(spectra) ** 2).mean(axis=0)


def level_db(samples: Samples) -> float:
    """Return the RMS level of the speech without its pauses, in dBFS."""
    size = RATE_HZ // 50
    frames = samples[: len(samples) // size * size].astype(float).reshape(-1, size)
    levels = np.sqrt((frames**2).mean(axis=1))
    loud = levels[levels > levels.max() / 20]
    return float(20 * np.log10(np.sqrt((loud**2).mean())))


def difference(one: Figures, other: Figures) -> float:
    """Return how far apart two voices are: 1 and more is heard by anyone, in units of one sense.

    8 % of pitch (more than a semitone), 8 % of pace, or 3 dB in the colour of the bands on average.
    """
    pitches = abs(np.log(one.pitch_hz / other.pitch_hz)) / np.log(1.08)
    paces = abs(np.log(one.seconds / other.seconds)) / np.log(1.08)
    bands = np.abs(np.subtract(one.bands_db, other.bands_db)).mean() / 3
    return float(max(pitches, paces, bands))


def _loud_frames(samples: Samples) -> np.ndarray:
    frames = np.lib.stride_tricks.sliding_window_view(samples, _FRAME)[:: _FRAME // 2].astype(float)
    levels = np.sqrt((frames**2).mean(axis=1))
    return frames[levels > levels.max() / 5]


def _autocorrelation(frames: np.ndarray) -> np.ndarray:
    return np.fft.irfft(np.abs(np.fft.rfft(frames, 2 * _FRAME)) ** 2)
