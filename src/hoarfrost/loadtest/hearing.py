"""Raw audio as a listener takes it: how long it lasts, and where the first sound is.

In: bytes of headerless PCM or µ-law, cut anywhere. Out: durations. Invariant: however the bytes are
cut, the durations add up to the whole samples among them.
"""

import re
from dataclasses import dataclass
from typing import Final, Literal, get_args

import numpy as np

from hoarfrost.audio.mulaw import MulawEncoder
from hoarfrost.units import Milliseconds, SampleRate, duration_of

WireFormat = Literal["pcm", "mulaw"]
FORMATS: Final[tuple[WireFormat, ...]] = get_args(WireFormat)

AUDIBLE: Final = 104
"""The least 16-bit value that counts as sound: -50 dB of full scale, above the noise and ringing
that codecs and neural voices leave in silence, below any speech."""

_SAMPLE_BYTES: Final[dict[WireFormat, int]] = {"pcm": 2, "mulaw": 1}
_SILENT_CODES: Final = set(
    MulawEncoder().feed(np.arange(1 - AUDIBLE, AUDIBLE).astype(np.float32) / np.float32(32768))
)
_AUDIBLE_CODE: Final = re.compile(b"[^" + re.escape(bytes(sorted(_SILENT_CODES))) + b"]")


@dataclass(frozen=True, slots=True)
class Heard:
    """What a piece of audio is.

    Attributes:
        duration_ms: How long it lasts.
        audible_after_ms: Where in it the first audible sample of all lies; None if it lay earlier,
            or is yet to come.
    """

    duration_ms: Milliseconds
    audible_after_ms: Milliseconds | None


class Ear:
    """Takes the audio of one turn.

    Args:
        audio_format: How the audio is encoded.
        rate_hz: Its sample rate.

    Attributes:
        n_split: Pieces that ended inside a sample, which clients play as noise.
    """

    def __init__(self, audio_format: WireFormat, rate_hz: SampleRate) -> None:
        self.n_split = 0
        self._format = audio_format
        self._rate_hz = rate_hz
        self._rest = b""
        self._has_heard = False

    def feed(self, data: bytes) -> Heard:
        """Take the next bytes."""
        data = self._rest + data
        width = _SAMPLE_BYTES[self._format]
        n_samples = len(data) // width
        self._rest = data[n_samples * width :]
        self.n_split += bool(self._rest)
        onset = None if self._has_heard else self._find_onset(data[: n_samples * width])
        self._has_heard = self._has_heard or onset is not None
        return Heard(
            duration_of(n_samples, self._rate_hz),
            None if onset is None else duration_of(onset, self._rate_hz),
        )

    def _find_onset(self, data: bytes) -> int | None:
        """Return the index of the first audible sample."""
        if self._format == "mulaw":
            found = _AUDIBLE_CODE.search(data)
            return None if found is None else found.start()
        samples = np.frombuffer(data, dtype="<i2")
        loud = (samples >= AUDIBLE) | (samples <= -AUDIBLE)
        return int(loud.argmax()) if loud.any() else None


def bytes_per_second(audio_format: WireFormat, rate_hz: SampleRate) -> int:
    """Return how many bytes carry a second of audio."""
    return _SAMPLE_BYTES[audio_format] * rate_hz
