"""The library as one caller sees it: one call after the other, each from the same state.

In: a `SpeechCall`, or text to phonemize. Out: `SpeechBuffer` values, or `Clause` values. Invariant:
what a call gives depends on the call alone, never on those before it.

The library keeps more over calls than it should: the phase of its pitch flutter and roughness
(never reset, so variants must turn both off), random numbers, resonators, and half a command after
a stop. Loading the voice and seeding before every call resets the rest; measured, 0.1 ms for
English, up to 7 ms for Russian (an 8 MB dictionary), on a 2.8 GHz Xeon core.
"""

import ctypes
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from hoarfrost.errors import VoiceFault
from hoarfrost.espeak.data_folder import DataFolder
from hoarfrost.espeak.library import (
    AudioCallback,
    Event,
    EventKind,
    Library,
    Parameter,
    SynthFlag,
)
from hoarfrost.units import SampleRate

RATE_HZ: SampleRate = 22050
"""What every language of the library speaks at."""

SLOWEST_WPM, FASTEST_WPM = 80, 449
"""Words a minute that the library itself reaches; from 450 on it squeezes its own output."""

_BUFFER_MS = 1000
# About 1 ms of work: soon enough for the first sample, and few enough callbacks that a busy
# interpreter lock (5 ms a switch) does not slow the library down.

_SEED = 1
_STEADY = "flutter 0\nroughness 8"
"""Variant lines that turn off the two effects whose phase the library never resets."""


@dataclass(frozen=True, slots=True)
class VoiceSetting:
    """What to speak with.

    Attributes:
        language: A language of the library, by its name there (``en-us``, ``fr-be``).
        variant: A variant of the library (``f3``), by its name there; nothing for none.
        tuning: Lines of a variant file that outrank those of ``variant``, as espeak-ng's
            ``docs/voices.md`` describes them; ``flutter`` and ``roughness`` have no effect.
        pitch: 0 to 100; 50 is the variant's own.
        pitch_range: 0 to 99; 50 is the variant's own.
        volume: 0 to 200; 100 is the library's own.
        word_gap: Extra pause between words, in 10 ms at the default rate.
    """

    language: str
    variant: str = ""
    tuning: str = ""
    pitch: int = 50
    pitch_range: int = 50
    volume: int = 100
    word_gap: int = 0


@dataclass(frozen=True, slots=True)
class SpeechCall:
    """One call to the library.

    Attributes:
        setting: What to speak with.
        text: What to speak: a `Reading`'s text or a part of it.
        words_per_minute: `SLOWEST_WPM` to `FASTEST_WPM`; the library's default is 175.
        has_end_pause: Whether the pause that the last mark of the text asks for is added.
        has_phonemes: Whether ``[[h@l'oU]]`` in the text is phonemes.
    """

    setting: VoiceSetting
    text: str
    words_per_minute: int = 175
    has_end_pause: bool = True
    has_phonemes: bool = False


@dataclass(frozen=True, slots=True)
class WordEvent:
    """The library begins to speak something.

    Attributes:
        position: Offset of its first character in the call's text (code points).
        sample: Where it begins, in samples from the start of the call's audio.
    """

    position: int
    sample: int


@dataclass(frozen=True, slots=True)
class SpeechBuffer:
    """Some of a call's audio.

    Attributes:
        samples: int16, shape (n,), mono, at `RATE_HZ`.
        words: What begins in these samples, in order. A number or a compound begins several times.
    """

    samples: NDArray[np.int16]
    words: tuple[WordEvent, ...]


@dataclass(frozen=True, slots=True)
class Clause:
    """A stretch of text that is spoken in one breath.

    Attributes:
        start: Offset of its first character in the text (code points).
        end: Offset after its last character, the white space that follows included.
        ipa: Its phonemes in the International Phonetic Alphabet, words separated by spaces.
        terminator: The mark that ends it, or nothing where the text ends without one.
    """

    start: int
    end: int
    ipa: str
    terminator: str


Sink: TypeAlias = Callable[[SpeechBuffer], bool]
"""Takes audio; says whether more is wanted."""


class Synthesizer:
    """The library, initialised. Not to be called by two threads at a time.

    Raises:
        VoiceFault: If the library or its data cannot be loaded.
    """

    def __init__(self) -> None:
        self._library = _loaded_library()
        self._folder = DataFolder()
        self._callback = AudioCallback(self._on_audio)
        self._sink: Sink = _refuse
        self._error: BaseException | None = None
        try:
            self._initialize()
        except BaseException:
            self._folder.close()
            raise

    def speak(self, call: SpeechCall, sink: Sink) -> None:
        """Synthesise a call into ``sink``, until it is spoken or the sink wants no more.

        Raises:
            VoiceFault: If the voice cannot be loaded or the library reports an error.
        """
        self._set_voice(call.setting)
        self._library.set_parameter(Parameter.RATE, call.words_per_minute)
        self._sink, self._error, self._is_stopped = sink, None, False
        flags = SynthFlag.END_PAUSE if call.has_end_pause else SynthFlag(0)
        if call.has_phonemes:
            flags |= SynthFlag.PHONEMES
        try:
            self._library.speak(call.text, flags)
        finally:
            self._sink = _refuse
            if self._is_stopped:
                self._initialize()  # 0.6 ms: forgets half a command, and a character looked ahead
        if self._error is not None:
            raise self._error

    def phonemize(self, text: str, language: str) -> list[tuple[int, str]]:
        """Return what `Library.translate` does, for a language of the library.

        Raises:
            VoiceFault: If the language is unknown.
        """
        self._set_voice(VoiceSetting(language))
        try:
            return self._library.translate(text)
        finally:
            self._settle()

    def close(self) -> None:
        """Free what the library holds, and remove its data folder."""
        self._library.terminate()
        self._folder.close()

    def _initialize(self) -> None:
        rate_hz = self._library.initialize(self._folder.path, _BUFFER_MS)
        if rate_hz != RATE_HZ:
            raise VoiceFault(f"espeak-ng: expected {RATE_HZ} Hz, got {rate_hz}")
        self._library.set_callback(self._callback)
        self._settle()

    def _settle(self) -> None:
        """Forget what a call has left behind; one space spoken into the void is enough.

        After a stopped call, a character that it had looked ahead; after phonemes, what shifts the
        next call by some milliseconds, and 1.4 kB: a voice that is loaded is handed to the part
        that makes sound, which alone frees it.
        """
        self._sink = _accept
        self._library.speak(" ", SynthFlag(0))
        self._sink = _refuse

    def _set_voice(self, setting: VoiceSetting) -> None:
        variant = self._folder.name_of(setting.variant, f"{setting.tuning}\n{_STEADY}")
        self._library.set_voice(f"{setting.language}+{variant}")
        self._library.seed(_SEED)
        self._library.set_parameter(Parameter.VOLUME, setting.volume)
        self._library.set_parameter(Parameter.PITCH, setting.pitch)
        self._library.set_parameter(Parameter.RANGE, setting.pitch_range)
        self._library.set_parameter(Parameter.WORD_GAP, setting.word_gap)

    # ctypes prints and forgets what a callback raises, so it is kept and raised by `speak`.
    def _on_audio(self, address: int | None, n_samples: int, events: "ctypes.Array[Event]") -> int:
        try:
            words = []
            index = 0
            while (event := events[index]).type != EventKind.LIST_TERMINATED:
                if event.type == EventKind.WORD:
                    words.append(WordEvent(event.text_position - 1, event.sample))
                index += 1
            data = ctypes.string_at(address, 2 * n_samples) if address and n_samples else b""
            buffer = SpeechBuffer(np.frombuffer(data, np.int16), tuple(words))
            self._is_stopped = not self._sink(buffer)
        except BaseException as error:  # noqa: BLE001
            self._error = error
            self._is_stopped = True
        return int(self._is_stopped)


_library: Library | None = None


def _loaded_library() -> Library:
    """Return the library, loading it once: it is one global in the process anyway."""
    global _library  # noqa: PLW0603  # it mirrors a C global
    if _library is None:
        _library = Library()
    return _library


def _accept(_: SpeechBuffer) -> bool:
    return True


def _refuse(_: SpeechBuffer) -> bool:
    return False
