"""Opus in Ogg and WebM, FLAC, AAC: streams by FFmpeg's libraries, through PyAV.

In: samples. Out: bytes, page by page. Invariant: the joined bytes do not depend on how the samples
were cut, and PyAV is not imported before a stream is asked for: it is an extra, and large.

After `flush` a stream is complete; what follows is a new one behind it (for Ogg, a chained stream).
"""

import io
from dataclasses import dataclass
from fractions import Fraction
from importlib.util import find_spec
from typing import Any, Final

import numpy as np

from hoarfrost.audio.resample import Resampler
from hoarfrost.audio.stage import Samples
from hoarfrost.units import SampleRate

OPUS_RATE_HZ: Final[SampleRate] = 48_000
"""Of Opus, whatever goes in."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """How a stream is made.

    Attributes:
        container: FFmpeg's name of the format.
        codec: FFmpeg's name of the encoder.
        sample_format: What the encoder takes.
        n_frame: Samples that it takes at a time.
        options: Of the container.
        bit_rate: Bits a second; 0 where there is no choice.
    """

    container: str
    codec: str
    sample_format: str
    n_frame: int
    options: dict[str, str]
    bit_rate: int = 0


RECIPES: Final[dict[str, Recipe]] = {
    "ogg": Recipe("ogg", "libopus", "flt", 960, {"page_duration": "40000"}, 64_000),
    "webm": Recipe(
        "webm", "libopus", "flt", 960, {"live": "1", "cluster_time_limit": "100"}, 64_000
    ),
    "flac": Recipe("flac", "flac", "s16", 1152, {}),
    "aac": Recipe("adts", "aac", "fltp", 1024, {}, 96_000),
}
"""By the name of the format. Pages last 40 ms and clusters 100: nothing waits long in them."""


def is_available() -> bool:
    """Return whether PyAV is installed."""
    return find_spec("av") is not None


class _Sink(io.RawIOBase):
    """A file that cannot seek, and hands out what was written."""

    def __init__(self) -> None:
        super().__init__()
        self._parts: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._parts.append(bytes(data))
        return len(data)

    def take(self) -> bytes:
        taken = b"".join(self._parts)
        self._parts.clear()
        return taken


class ContainerEncoder:
    """An `Encoder` that writes one stream after the other.

    Args:
        recipe: What to write.
        rate_hz: Sample rate of what goes in; Opus is at 48,000 whatever that is.
    """

    def __init__(self, recipe: Recipe, rate_hz: SampleRate) -> None:
        self._recipe = recipe
        is_opus = recipe.codec == "libopus"
        self._rate_hz = OPUS_RATE_HZ if is_opus else rate_hz
        self._resampler = Resampler(rate_hz, self._rate_hz)
        self._held: Samples = np.zeros(0, np.float32)
        self._sink = _Sink()
        self._container: Any = None
        self._stream: Any = None
        self._n_encoded = 0

    def feed(self, samples: Samples) -> bytes:
        """Take samples: float32, shape (n,), in [-1, 1]; return the bytes that are settled."""
        self._take(self._resampler.feed(samples))
        return self._sink.take()

    def _take(self, samples: Samples) -> None:
        held = np.concatenate([self._held, samples])
        n_frame = self._recipe.n_frame
        n_whole = len(held) // n_frame * n_frame
        for start in range(0, n_whole, n_frame):
            self._encode(held[start : start + n_frame])
        self._held = held[n_whole:]

    def flush(self) -> bytes:
        """End the stream; return its last bytes."""
        self._take(self._resampler.flush())
        if self._held.size:
            self._encode(self._held)
            self._held = np.zeros(0, np.float32)
        if self._container is not None:
            self._mux(None)
            self._container.close()
            self._container = None
            self._n_encoded = 0
        return self._sink.take()

    def _encode(self, samples: Samples) -> None:
        import av  # noqa: PLC0415 -- an extra, and large

        if self._container is None:
            self._open()
        clipped = np.clip(samples, -1, 1)
        is_whole = self._recipe.sample_format == "s16"
        scaled = np.round(clipped * 32767).astype(np.int16) if is_whole else clipped
        frame = av.AudioFrame.from_ndarray(
            scaled[None, :], format=self._recipe.sample_format, layout="mono"
        )
        frame.sample_rate = self._rate_hz
        frame.time_base = Fraction(1, self._rate_hz)
        frame.pts = self._n_encoded
        self._n_encoded += len(samples)
        self._mux(frame)

    def _open(self) -> None:
        import av  # noqa: PLC0415 -- as above

        recipe = self._recipe
        self._container = av.open(
            self._sink, "w", format=recipe.container, options=dict(recipe.options)
        )
        self._stream = self._container.add_stream(recipe.codec, rate=self._rate_hz, layout="mono")
        if recipe.bit_rate:
            self._stream.bit_rate = recipe.bit_rate
        # Neither version nor random numbers: the same samples give the same bytes.
        self._container.flags |= 0x400  # AVFMT_FLAG_BITEXACT

    def _mux(self, frame: Any) -> None:
        for packet in self._stream.encode(frame):
            self._container.mux(packet)
