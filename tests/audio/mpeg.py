"""MPEG audio frames read from their headers (ISO/IEC 11172-3, 13818-3, and MPEG-2.5)."""

from collections.abc import Iterator
from dataclasses import dataclass

_SAMPLE_RATES = {
    0b00: (11025, 12000, 8000),
    0b10: (22050, 24000, 16000),
    0b11: (44100, 48000, 32000),
}
_LAYER_III = 0b01
_MONO = 0b11
_KBPS_MPEG_1 = (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
_KBPS_MPEG_2 = (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame of mono layer III.

    Attributes:
        main_data_begin: How many bytes before the frame its audio begins (the bit reservoir).
    """

    rate_hz: int
    kbps: int
    n_samples: int
    main_data_begin: int
    data: bytes


def walk(stream: bytes) -> Iterator[Frame]:
    """Yield the frames of a stream that must be frames and nothing else.

    Raises:
        ValueError: At the first byte that is not part of a frame of mono layer III.
    """
    position = 0
    while position < len(stream):
        frame = _read_frame(stream, position)
        yield frame
        position += len(frame.data)


def _read_frame(stream: bytes, position: int) -> Frame:
    header = int.from_bytes(stream[position : position + 4], "big")
    version, layer = header >> 19 & 0b11, header >> 17 & 0b11
    if header >> 21 != 0x7FF or version not in _SAMPLE_RATES or layer != _LAYER_III:
        raise ValueError(f"byte {position}: expected a layer III header, got {header:08x}")
    if header >> 6 & 0b11 != _MONO:
        raise ValueError(f"byte {position}: expected mono, got {header:08x}")
    is_mpeg_1 = version == 0b11
    rate_hz = _SAMPLE_RATES[version][header >> 10 & 0b11]
    kbps = (_KBPS_MPEG_1 if is_mpeg_1 else _KBPS_MPEG_2)[(header >> 12 & 0b1111) - 1]
    n_samples = 1152 if is_mpeg_1 else 576
    n_bytes = n_samples // 8 * kbps * 1000 // rate_hz + (header >> 9 & 1)
    data = stream[position : position + n_bytes]
    if len(data) < n_bytes:
        raise ValueError(f"byte {position}: expected a frame of {n_bytes}, got {len(data)}")
    side_information = data[4 if header >> 16 & 1 else 6 :]  # a checksum may come before it
    main_data_begin = int.from_bytes(side_information[:2], "big") >> (7 if is_mpeg_1 else 8)
    return Frame(rate_hz, kbps, n_samples, main_data_begin, data)
