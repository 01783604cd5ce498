"""The espeak-ng library, in this process: spoken text, word times and phonemes.

In: text in one of the library's languages. Out: samples with the words they hold (`Owner.speak`),
or phonemes (`phonemize`). Invariant: one thread of the process calls the library, and every call
starts from the same state, so that a result depends on its request alone.

Read `library` (the C functions), then `synthesizer` (one call after the other), then `owner` (the
thread that all callers share). Any engine may use this package; what makes a *speaker* of it is the
business of ``hoarfrost.engines.espeak``.

espeak-ng is free software under the GPL, version 3 or later; it comes in the ``espeakng-loader``
wheel.
"""

from hoarfrost.espeak.owner import Owner, SpeechJob, acquire
from hoarfrost.espeak.phonemes import phonemize
from hoarfrost.espeak.synthesizer import (
    FASTEST_WPM,
    RATE_HZ,
    SLOWEST_WPM,
    Clause,
    SpeechBuffer,
    SpeechCall,
    VoiceSetting,
    WordEvent,
)

__all__ = [
    "FASTEST_WPM",
    "RATE_HZ",
    "SLOWEST_WPM",
    "Clause",
    "Owner",
    "SpeechBuffer",
    "SpeechCall",
    "SpeechJob",
    "VoiceSetting",
    "WordEvent",
    "acquire",
    "phonemize",
]
