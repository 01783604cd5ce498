"""Opus in Ogg and in WebM, FLAC, and AAC in ADTS, through FFmpeg (PyAV, an extra).

In: float samples at a rate that the codec has. Out: bytes that leave at least every 200 ms of
audio. Invariant: what lies between two flushes is a whole stream of its own; streams of Ogg (a
chain of logical streams, RFC 3533) and of ADTS can be joined.

PyAV is imported when the first sample of such a format comes: it takes 0.1 s.
"""

from dataclasses import dataclass, field
from enum import Enum
from fractions import Fraction
from functools import cache
from importlib.util import find_spec
from typing import TYPE_CHECKING, Final

from hoarfrost.audio.pcm import quantize
from hoarfrost.audio.stage import Samples
from hoarfrost.units import SampleRate

if TYPE_CHECKING:
    from av.audio.stream import AudioStream
    from av.container import OutputContainer
    from av.packet import Packet

EXTRA: Final = "hoarfrost[formats]"
"""What to install for these formats."""

OPUS_RATE_HZ: Final[SampleRate] = 48_000
"""The rate at which Opus is decoded, whatever the rate of the voice (RFC 7845, 5.1)."""

AAC_RATES: Final[tuple[SampleRate, ...]] = (
    7350, 8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000, 64000, 88200, 96000,
)  # fmt: skip
"""The only rates that an ADTS header can name (ISO/IEC 14496-3, table 1.18), ascending."""

_BUFFER_BYTES: Final = 4096  # FFmpeg gathers this much at most; it is flushed with each page

# Each stream of bytes is to be the same whatever the time and the machine's random numbers.
_REPRODUCIBLE: Final = {"fflags": "+bitexact", "flush_packets": "1"}


@dataclass(frozen=True, slots=True)
class _Form:
    """How FFmpeg is told to write a format.

    Attributes:
        muxer: The container, by FFmpeg's name.
        codec: By FFmpeg's name.
        bit_rate: Bits a second; 0 where the codec loses nothing.
        options: Of the container.
    """

    muxer: str
    codec: str
    bit_rate: int
    options: dict[str, str] = field(default_factory=dict)


class Compressed(Enum):
    """A codec in a container."""

    # Pages and clusters of 40 ms: two frames of Opus, and 28 bytes of page for some 240 of audio.
    OGG = _Form("ogg", "libopus", 48_000, {"page_duration": "40000"})
    WEBM = _Form("webm", "libopus", 48_000, {"cluster_time_limit": "40", "live": "1"})
    FLAC = _Form("flac", "flac", 0)
    AAC = _Form("adts", "aac", 64_000)


@cache
def is_installed() -> bool:
    """Return whether these formats can be written: whether PyAV is there."""
    return find_spec("av") is not None


def aac_rate(rate_hz: SampleRate) -> SampleRate:
    """Return the lowest rate of ADTS that is not below ``rate_hz``, or the highest."""
    return next((rate for rate in AAC_RATES if rate >= rate_hz), AAC_RATES[-1])


class _Sink:
    """A file that can be written and not wound back, so that no muxer waits for its end."""

    def __init__(self) -> None:
        self._held = bytearray()

    def write(self, data: bytes) -> int:
        self._held += data
        return len(data)

    def take(self) -> bytes:
        data = bytes(self._held)
        self._held.clear()
        return data


class CompressedEncoder:
    """An `Encoder` for one of the compressed formats but MP3.

    Audio leaves a page, a cluster or a frame at a time: of Opus within 80 ms after it came, of FLAC
    within 210 ms, of AAC within 3 frames of 1024 samples. A flush ends the stream, and the next
    sample opens another. One encoder serves one thread at a time.

    Args:
        form: What to write.
        rate_hz: 48000 for Opus, one of `AAC_RATES` for AAC, any for FLAC.

    Raises:
        ValueError: If the codec does not have the rate.
    """

    def __init__(self, form: Compressed, rate_hz: SampleRate) -> None:
        if form in (Compressed.OGG, Compressed.WEBM) and rate_hz != OPUS_RATE_HZ:
            raise ValueError(f"rate_hz: expected {OPUS_RATE_HZ} for Opus, got {rate_hz}")
        if form is Compressed.AAC and rate_hz not in AAC_RATES:
            raise ValueError(f"rate_hz: expected one of {AAC_RATES} for AAC, got {rate_hz}")
        self._form = form.value
        self._rate_hz = rate_hz
        self._n_streams = 0
        self._n_samples = 0
        self._sink = _Sink()
        self._open: tuple[OutputContainer, AudioStream] | None = None

    def feed(self, samples: Samples) -> bytes:
        """Return the pages that are complete."""
        if not samples.size:
            return b""
        import av  # noqa: PLC0415 -- an extra, and large

        container, stream = self._open = self._open or self._open_stream()
        frame = av.AudioFrame.from_ndarray(
            quantize(samples).reshape(1, -1), format="s16", layout="mono"
        )
        frame.sample_rate = self._rate_hz
        frame.time_base = Fraction(1, self._rate_hz)
        frame.pts = self._n_samples
        self._n_samples += samples.size
        self._mux(container, stream.encode(frame))
        return self._sink.take()

    def flush(self) -> bytes:
        """Return the rest of the stream, its end included."""
        if self._open is None:
            return b""
        container, stream = self._open
        self._mux(container, stream.encode(None))
        container.close()
        self._open = None
        self._n_samples = 0
        self._n_streams += 1
        return self._sink.take()

    def _open_stream(self) -> "tuple[OutputContainer, AudioStream]":
        import av  # noqa: PLC0415 -- an extra, and large

        form = self._form
        options = _REPRODUCIBLE | form.options
        if form.muxer == "ogg":
            options["serial_offset"] = str(self._n_streams)  # streams of a chain differ in it
        container = av.open(
            self._sink, "w", format=form.muxer, options=options, buffer_size=_BUFFER_BYTES
        )
        stream = container.add_stream(form.codec, rate=self._rate_hz)
        stream.layout = "mono"
        stream.codec_context.flags |= av.codec.context.Flags.bitexact
        if form.bit_rate:
            stream.bit_rate = form.bit_rate
        return container, stream

    @staticmethod
    def _mux(container: "OutputContainer", packets: "list[Packet]") -> None:
        for packet in packets:
            container.mux(packet)
