"""From an engine's samples to the bytes on the wire: resampled, encoded, with exact pauses.

In: speech at the voice's rate, and pauses. Out: `Encoded` bytes at the client's rate. Invariant:
the joined bytes do not depend on how the speech was cut into chunks, and a pause lasts exactly
``samples_in(duration_ms, rate_hz)`` samples.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final, assert_never

from hoarfrost.audio.alaw import AlawEncoder
from hoarfrost.audio.compressed import (
    OPUS_RATE_HZ,
    Compressed,
    CompressedEncoder,
    aac_rate,
    is_installed,
)
from hoarfrost.audio.mp3 import MPEG_RATES, Mp3Encoder, mpeg_rate
from hoarfrost.audio.mulaw import MulawEncoder
from hoarfrost.audio.pcm import PcmEncoder
from hoarfrost.audio.resample import Resampler
from hoarfrost.audio.silence import silence
from hoarfrost.audio.stage import Encoder, Samples
from hoarfrost.audio.wav import WavEncoder
from hoarfrost.units import Milliseconds, SampleRate, samples_in


class AudioFormat(StrEnum):
    """How samples are written on the wire; the value is what clients send as ``audioFormat``."""

    PCM = "pcm"
    MULAW = "mulaw"
    MP3 = "mp3"
    WAV = "wav"
    ALAW = "alaw"
    OGG = "ogg"
    WEBM = "webm"
    FLAC = "flac"
    AAC = "aac"

    @property
    def alignment_bytes(self) -> int:
        """Whatever is cut from a stream must be a multiple of this, or samples are torn apart.

        2 for PCM and WAV. 1 for µ-law and A-law, and for what is compressed, whose decoders take
        any pieces.
        """
        return 2 if self in (AudioFormat.PCM, AudioFormat.WAV) else 1

    @property
    def is_available(self) -> bool:
        """Whether this installation can write it: Opus, FLAC and AAC need an extra."""
        return self not in _COMPRESSED or is_installed()

    def rate_for(self, rate_hz: SampleRate) -> SampleRate:
        """Return the rate at which the format is written in place of ``rate_hz``.

        MP3 and AAC have certain rates only: the next above, or the highest. Opus has 48 kHz.
        """
        match self:
            case AudioFormat.MP3:
                return mpeg_rate(min(rate_hz, MPEG_RATES[-1]))
            case AudioFormat.AAC:
                return aac_rate(rate_hz)
            case AudioFormat.OGG | AudioFormat.WEBM:
                return OPUS_RATE_HZ
            case _:
                return rate_hz


_COMPRESSED: Final = {
    AudioFormat.OGG: Compressed.OGG,
    AudioFormat.WEBM: Compressed.WEBM,
    AudioFormat.FLAC: Compressed.FLAC,
    AudioFormat.AAC: Compressed.AAC,
}


@dataclass(frozen=True, slots=True)
class Encoded:
    """What one call brought forth.

    Attributes:
        data: Bytes of the wire format, maybe none; whole samples, MP3 frames, pages.
        n_samples: Samples at the chain's ``rate_hz`` that went into the encoder with this call. An
            MP3 encoder lags behind: these are not the samples in ``data``, but over a stream the
            sums agree, save for the padding of the last frames.
    """

    data: bytes
    n_samples: int


def _make_encoder(audio_format: AudioFormat, rate_hz: SampleRate, *, begins: bool) -> Encoder:
    match audio_format:
        case AudioFormat.PCM:
            return PcmEncoder()
        case AudioFormat.MULAW:
            return MulawEncoder()
        case AudioFormat.MP3:
            return Mp3Encoder(rate_hz)
        case AudioFormat.WAV:
            return WavEncoder(rate_hz, begins=begins)
        case AudioFormat.ALAW:
            return AlawEncoder()
        case AudioFormat.OGG | AudioFormat.WEBM | AudioFormat.FLAC | AudioFormat.AAC:
            return CompressedEncoder(_COMPRESSED[audio_format], rate_hz)
        case _:
            assert_never(audio_format)


class OutputChain:
    """Everything between an engine and the socket, for one stream of one voice.

    Cheap to make (1 µs): resampler and MP3 encoder open when the first sample comes. To drop audio
    that was not sent yet, drop the chain. One chain serves one thread at a time.

    Args:
        source_hz: The voice's rate.
        rate_hz: The client's rate; one that the format has (`AudioFormat.rate_for`).
        audio_format: What to write.
        begins: Whether what the listener hears begins with this stream: a file's header goes first.

    Raises:
        ValueError: If a rate is not positive, or the format does not have it.
    """

    def __init__(
        self,
        *,
        source_hz: SampleRate,
        rate_hz: SampleRate,
        audio_format: AudioFormat,
        begins: bool = True,
    ) -> None:
        self._rate_hz = rate_hz
        self._resampler = Resampler(source_hz, rate_hz)
        self._encoder = _make_encoder(audio_format, rate_hz, begins=begins)

    def feed(self, samples: Samples) -> Encoded:
        """Take speech: float32, shape (n,), in [-1, 1] (beyond is clipped), at ``source_hz``."""
        return self._encode(self._resampler.feed(samples))

    def end_speech(self) -> Encoded:
        """Return what the resampler held back: the speech so far is complete."""
        return self._encode(self._resampler.flush())

    def pause(self, duration_ms: Milliseconds) -> Encoded:
        """End the speech, then add exactly ``samples_in(duration_ms, rate_hz)`` zeros.

        Raises:
            ValueError: If ``duration_ms`` is negative.
        """
        zeros = silence(n_zeros := samples_in(duration_ms, self._rate_hz))
        speech = self.end_speech()
        data = b"".join([speech.data, *map(self._encoder.feed, zeros)])
        return Encoded(data, speech.n_samples + n_zeros)

    def flush(self) -> Encoded:
        """End the speech and the stream: everything has been delivered, a new stream may begin.

        Calls that follow each other make one sound only within a stream: an MP3 encoder pads its
        last frame. So flush at the end, and use `end_speech` in between.
        """
        speech = self.end_speech()
        return Encoded(speech.data + self._encoder.flush(), speech.n_samples)

    def _encode(self, samples: Samples) -> Encoded:
        return Encoded(self._encoder.feed(samples), samples.size)
