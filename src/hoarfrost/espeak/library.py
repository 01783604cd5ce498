"""The C functions and types of libespeak-ng that hoarfrost uses, and nothing else.

In and out: what ``speak_lib.h`` and ``espeak_ng.h`` of espeak-ng 1.52 say. Invariant: nothing here
keeps state of its own except whether the library is initialised; the library itself is one global,
so only `hoarfrost.espeak.synthesizer` may call it.
"""

import ctypes
from collections.abc import Callable
from enum import IntEnum, IntFlag
from pathlib import Path

from hoarfrost.errors import VoiceFault
from hoarfrost.espeak.loader import loader
from hoarfrost.units import Milliseconds, SampleRate


class EventKind(IntEnum):
    """``espeak_EVENT_TYPE``: those of its values that are looked at."""

    LIST_TERMINATED = 0
    WORD = 1


class Parameter(IntEnum):
    """``espeak_PARAMETER``."""

    RATE = 1
    VOLUME = 2
    PITCH = 3
    RANGE = 4
    WORD_GAP = 7


class SynthFlag(IntFlag):
    """Flags of ``espeak_Synth``. SSML is left out: a text is only ever text."""

    CHARS_UTF8 = 1
    PHONEMES = 0x100
    """``[[h@l'oU]]`` is read as phonemes."""
    END_PAUSE = 0x1000


class Event(ctypes.Structure):
    """``espeak_EVENT``: something that happens at a sample."""

    _fields_ = (
        ("type", ctypes.c_int),
        ("unique_identifier", ctypes.c_uint),
        ("text_position", ctypes.c_int),
        ("length", ctypes.c_int),
        ("audio_position", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("id", ctypes.c_char * 8),
    )


AudioCallback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_int, ctypes.POINTER(Event))
"""``t_espeak_callback``: samples, their number, events; returns 1 to stop the synthesis."""

_OUTPUT_SYNCHRONOUS = 2  # AUDIO_OUTPUT_SYNCHRONOUS: espeak_Synth returns when all is spoken
_DONT_EXIT = 0x8000  # espeakINITIALIZE_DONT_EXIT: report missing data, do not end the process
_IPA = 0x02  # espeakPHONEMES_IPA
_STOPPED = 1  # what the callback returned; not an error


class Library:
    """The loaded library.

    Raises:
        VoiceFault: If it cannot be loaded.
    """

    def __init__(self) -> None:
        try:
            library = ctypes.CDLL(loader().get_library_path())
        except OSError as error:
            raise VoiceFault(f"espeak-ng: the library cannot be loaded: {error}") from error
        self._is_initialised = False
        self._terminate = _declare(library.espeak_Terminate)
        self._initialize = _declare(
            library.espeak_Initialize, ctypes.c_int, ctypes.c_int, ctypes.c_char_p, ctypes.c_int
        )
        self._set_callback = _declare(library.espeak_SetSynthCallback, AudioCallback)
        self._set_voice = _declare(library.espeak_SetVoiceByName, ctypes.c_char_p)
        self._set_parameter = _declare(
            library.espeak_SetParameter, ctypes.c_int, ctypes.c_int, ctypes.c_int
        )
        self._seed = _declare(library.espeak_ng_SetRandSeed, ctypes.c_long)
        self._synth = _declare(
            library.espeak_Synth,
            ctypes.c_char_p,
            ctypes.c_size_t,
            ctypes.c_uint,
            ctypes.c_int,
            ctypes.c_uint,
            ctypes.c_uint,
            ctypes.c_void_p,
            ctypes.c_void_p,
        )
        self._text_to_phonemes = library.espeak_TextToPhonemes
        self._text_to_phonemes.restype = ctypes.c_char_p
        self._text_to_phonemes.argtypes = (
            ctypes.POINTER(ctypes.c_void_p),
            ctypes.c_int,
            ctypes.c_int,
        )

    def initialize(self, data_folder: Path, buffer_ms: Milliseconds) -> SampleRate:
        """Bring the library into its first state, from whatever state it is in.

        Args:
            data_folder: The ``espeak-ng-data`` to read voices and dictionaries from.
            buffer_ms: The most audio that one call of the audio callback gets.

        Raises:
            VoiceFault: If the data cannot be read.
        """
        self.terminate()
        path = str(data_folder).encode()
        rate_hz = self._initialize(_OUTPUT_SYNCHRONOUS, round(buffer_ms), path, _DONT_EXIT)
        if rate_hz <= 0:
            raise VoiceFault(f"espeak-ng: expected a data folder, got error {rate_hz} reading it")
        self._is_initialised = True
        return rate_hz

    def terminate(self) -> None:
        """Free all that the library holds. Harmless when it holds nothing."""
        if self._is_initialised:
            self._is_initialised = False
            self._terminate()

    def set_callback(self, callback: Callable[..., int]) -> None:
        """Name the `AudioCallback` that `speak` calls. The caller keeps it alive."""
        self._set_callback(callback)

    def set_voice(self, name: str) -> None:
        """Load a language and a variant, ``en-us+variant``.

        Raises:
            VoiceFault: If there is no such voice.
        """
        status = self._set_voice(name.encode())
        if status != 0:
            raise VoiceFault(f"espeak-ng: expected a voice of the library, got {name!r}")

    def set_parameter(self, parameter: Parameter, value: int) -> None:
        """Set an absolute value."""
        self._set_parameter(parameter, value, 0)

    def seed(self, seed: int) -> None:
        """Set the random numbers that breath noise is made of."""
        self._seed(seed)

    def speak(self, text: str, flags: SynthFlag) -> None:
        """Synthesise; the callback gets the audio. Returns when all is spoken or it stopped.

        Raises:
            VoiceFault: If the library reports an error.
        """
        data = text.encode()
        status = self._synth(data, len(data) + 1, 0, 1, 0, flags | SynthFlag.CHARS_UTF8, None, None)
        if status not in {0, _STOPPED}:
            raise VoiceFault(f"espeak-ng: expected status 0, got {status}")

    def translate(self, text: str) -> list[tuple[int, str]]:
        """Turn text into phonemes, clause by clause.

        Returns:
            For each clause, how many code points of the text were read when it was done (the
            library looks one or two characters ahead), and its phonemes in IPA.
        """
        data = text.encode()
        buffer = ctypes.create_string_buffer(data)
        start = ctypes.addressof(buffer)
        cursor = ctypes.c_void_p(start)
        clauses: list[tuple[int, str]] = []
        n_bytes = -1
        # Nothing guarantees that the library gets on, so a cursor that stands still ends it too.
        while cursor.value is not None and cursor.value - start > n_bytes:
            n_bytes = cursor.value - start
            ipa = self._text_to_phonemes(ctypes.byref(cursor), SynthFlag.CHARS_UTF8, _IPA)
            n_read_bytes = len(data) if cursor.value is None else cursor.value - start
            n_read = len(data[:n_read_bytes].decode(errors="ignore"))
            clauses.append((n_read, (ipa or b"").decode(errors="replace")))
        return clauses


def _declare(function: Callable[..., int], *arguments: object) -> Callable[..., int]:
    """Give a C function that returns an int its argument types."""
    function.argtypes = arguments  # type: ignore[attr-defined]  # a ctypes function pointer
    function.restype = ctypes.c_int  # type: ignore[attr-defined]  # likewise
    return function
