"""WAV files: the header's every field, and lengths that are right when they can be."""

import io
import os
import struct
import wave
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hoarfrost.cli.riff import WavFormat, WavWriter, wav_header

HEADERS: list[tuple[WavFormat, int, int | None, str]] = [
    (
        "pcm",
        22050,
        1000,
        "52494646 0c040000 57415645 666d7420 10000000 0100 0100 22560000 44ac0000 0200 1000"
        "64617461 e8030000",
    ),
    (
        "pcm",
        8000,
        None,
        "52494646 ffffffff 57415645 666d7420 10000000 0100 0100 401f0000 803e0000 0200 1000"
        "64617461 ffffffff",
    ),
    (
        "mulaw",
        8000,
        3,
        "52494646 36000000 57415645 666d7420 12000000 0700 0100 401f0000 401f0000 0100 0800 0000"
        "66616374 04000000 03000000 64617461 03000000",
    ),
    (
        "mulaw",
        8000,
        None,
        "52494646 ffffffff 57415645 666d7420 12000000 0700 0100 401f0000 401f0000 0100 0800 0000"
        "66616374 04000000 ffffffff 64617461 ffffffff",
    ),
]


class Pipe(io.BytesIO):
    """What can be written only once."""

    def seekable(self) -> bool:
        return False


@pytest.mark.parametrize(("audio_format", "rate_hz", "n_bytes", "expected"), HEADERS)
def test_a_header_says_format_rate_and_length(
    audio_format: WavFormat, rate_hz: int, n_bytes: int | None, expected: str
) -> None:
    """Each field is at its place, to the byte."""
    assert wav_header(audio_format, rate_hz, n_bytes).hex() == expected.replace(" ", "")


@pytest.mark.parametrize(
    ("n_bytes", "lengths"),
    [
        (0xFFFFFFFE - 36, (0xFFFFFFFE, 0xFFFFFFFE - 36)),
        (0xFFFFFFFF - 36, (0xFFFFFFFF, 0xFFFFFFFF)),
        (5 << 30, (0xFFFFFFFF, 0xFFFFFFFF)),
    ],
)
def test_what_32_bits_cannot_say_is_unknown(n_bytes: int, lengths: tuple[int, int]) -> None:
    """From 4 GiB on, the lengths are those of a stream."""
    header = wav_header("pcm", 8000, n_bytes)
    assert (*struct.unpack_from("<I", header, 4), *struct.unpack_from("<I", header, 40)) == lengths


@given(pieces=st.lists(st.binary(max_size=50).map(lambda data: data[: len(data) // 2 * 2])))
def test_a_file_is_read_back_however_it_was_cut(pieces: list[bytes]) -> None:
    """The standard library reads the samples and the rate back."""
    file = io.BytesIO()
    writer = WavWriter(file, "pcm", 24000)
    for piece in pieces:
        writer.write(piece)
    writer.finish()
    file.seek(0)
    with wave.open(file) as read:
        assert (read.getnchannels(), read.getsampwidth(), read.getframerate()) == (1, 2, 24000)
        assert read.readframes(read.getnframes()) == b"".join(pieces)


def test_an_odd_length_is_padded() -> None:
    """A chunk of odd length is followed by a zero that the length does not count."""
    file = io.BytesIO()
    writer = WavWriter(file, "mulaw", 8000)
    writer.write(b"abc")
    writer.finish()
    assert file.getvalue() == wav_header("mulaw", 8000, 3) + b"abc\0"
    assert len(file.getvalue()) % 2 == 0


def test_a_pipe_keeps_the_unknown_length() -> None:
    """What cannot be rewound is left as it was written."""
    pipe = Pipe()
    writer = WavWriter(pipe, "pcm", 8000)
    writer.write(b"abcd")
    writer.finish()
    assert pipe.getvalue() == wav_header("pcm", 8000, None) + b"abcd"


@pytest.mark.skipif(os.name != "posix", reason="elsewhere no file is opened so")
def test_a_file_that_only_grows_keeps_the_unknown_length(tmp_path: Path) -> None:
    """Where every write goes to the end (`>>`), the header is not written a second time."""
    path = tmp_path / "a.wav"
    with path.open("ab") as file:
        writer = WavWriter(file, "pcm", 8000)
        writer.write(b"abcd")
        writer.finish()
    assert path.read_bytes() == wav_header("pcm", 8000, None) + b"abcd"
