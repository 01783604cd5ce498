"""Reads words back from the audio of the tone engine, at any rate and after any wire format.

Meant for every test that asks what was spoken, in which order, by which voice and for how long.
MP3 has to be decoded first.
"""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np

from hoarfrost.audio.stage import Samples
from hoarfrost.engines.tone import frequency_of
from hoarfrost.units import Milliseconds, SampleRate, duration_of, samples_in

_SILENT_BELOW = 0.01
_SHORTEST_GAP_MS = 8.0
_TOLERANCE_HZ = 6.0
_CLOSEST_HZ = 2.0


@dataclass(frozen=True, slots=True)
class HeardWord:
    """A word and when it was heard, in milliseconds from the beginning of the audio."""

    word: str
    start_ms: Milliseconds
    end_ms: Milliseconds


def samples_of_pcm(data: bytes) -> Samples:
    """Return the samples of 16-bit PCM bytes."""
    return np.frombuffer(data, dtype="<i2").astype(np.float32) / 32768


def hear(
    samples: Samples, rate_hz: SampleRate, vocabulary: Collection[str], *, voice: str = "tone"
) -> list[HeardWord]:
    """Return the words in the audio, in order.

    A word is a stretch between silences of 8 ms or more; which one is told by its frequency alone.

    Raises:
        AssertionError: If two words of the vocabulary are closer than 2 Hz, or a tone is further
            than 6 Hz from every word.
    """
    frequencies = {word: frequency_of(word, voice=voice) for word in vocabulary}
    ordered = np.sort(list(frequencies.values()))
    assert np.all(np.diff(ordered) >= _CLOSEST_HZ), "expected a vocabulary of distinct tones"
    words = []
    for start, end in _stretches(samples, rate_hz):
        heard_hz = measure_frequency(samples[start:end], rate_hz)
        word = min(frequencies, key=lambda word: abs(frequencies[word] - heard_hz))
        off_hz = abs(frequencies[word] - heard_hz)
        assert off_hz <= _TOLERANCE_HZ, f"expected a known word, got a tone of {heard_hz:.1f} Hz"
        words.append(HeardWord(word, duration_of(start, rate_hz), duration_of(end, rate_hz)))
    return words


def measure_frequency(tone: Samples, rate_hz: SampleRate) -> float:
    """Return the frequency of a single tone of 40 ms or more, in Hz, to about 1 Hz."""
    windowed = tone * np.hanning(tone.size)
    n_bins = 1 << max(16, tone.size.bit_length())
    spectrum = np.abs(np.fft.rfft(windowed, n_bins))
    return float(np.argmax(spectrum)) * rate_hz / n_bins


def _stretches(samples: Samples, rate_hz: SampleRate) -> list[tuple[int, int]]:
    """Return where sound begins and ends."""
    loud = np.flatnonzero(np.abs(samples) > _SILENT_BELOW)
    if not loud.size:
        return []
    breaks = np.flatnonzero(np.diff(loud) > samples_in(_SHORTEST_GAP_MS, rate_hz))
    starts = loud[np.concatenate([[0], breaks + 1])]
    ends = loud[np.concatenate([breaks, [-1]])] + 1
    return list(zip(starts.tolist(), ends.tolist(), strict=True))
