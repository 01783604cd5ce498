"""Files and standard output: which format, and what is there when."""

import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from hoarfrost.cli.failures import Misuse
from hoarfrost.cli.riff import wav_header
from hoarfrost.cli.sinks import FileSink, Shape, choose_shape

SHAPES = [
    (None, None, Shape("pcm", is_wav=False)),
    (None, "pcm", Shape("pcm", is_wav=False)),
    (None, "wav", Shape("pcm", is_wav=False)),
    ("-", None, Shape("pcm", is_wav=True)),
    ("-", "wav", Shape("pcm", is_wav=True)),
    ("-", "pcm", Shape("pcm", is_wav=False)),
    ("-", "mulaw", Shape("mulaw", is_wav=False)),
    ("-", "mp3", Shape("mp3", is_wav=False)),
    ("a.wav", None, Shape("pcm", is_wav=True)),
    ("a.WAV", "wav", Shape("pcm", is_wav=True)),
    ("a.wav", "pcm", Shape("pcm", is_wav=True)),
    ("a.wav", "mulaw", Shape("mulaw", is_wav=True)),
    ("a.mp3", None, Shape("mp3", is_wav=False)),
    ("dir.wav/a.mp3", "mp3", Shape("mp3", is_wav=False)),
    ("a.raw", None, Shape("pcm", is_wav=False)),
    ("a.raw", "mulaw", Shape("mulaw", is_wav=False)),
    ("a.pcm", None, Shape("pcm", is_wav=False)),
    ("a.ulaw", None, Shape("mulaw", is_wav=False)),
    ("a.mulaw", "mulaw", Shape("mulaw", is_wav=False)),
    ("a.bin", "mulaw", Shape("mulaw", is_wav=False)),
    ("a.bin", "wav", Shape("pcm", is_wav=True)),
    ("noname", "mp3", Shape("mp3", is_wav=False)),
]

MISUSES = [
    (None, "mp3", "--format: expected pcm for playing, got mp3; or give -o FILE"),
    (None, "mulaw", "--format: expected pcm for playing, got mulaw; or give -o FILE"),
    ("a.wav", "mp3", "--format: expected pcm or mulaw for .wav, got mp3"),
    ("a.mp3", "pcm", "--format: expected mp3 for .mp3, got pcm"),
    ("a.mp3", "wav", "--format: expected mp3 for .mp3, got wav"),
    ("a.pcm", "wav", "--format: expected pcm for .pcm, got wav"),
    ("a.ulaw", "pcm", "--format: expected mulaw for .ulaw, got pcm"),
    ("a.wav", "ogg", "--format: expected wav, pcm, mulaw or mp3, got ogg"),
    (
        "a.ogg",
        None,
        "-o: expected a name that ends in .wav, .mp3, .pcm, .raw, .ulaw, .mulaw, or - or "
        "--format, got a.ogg",
    ),
]


@pytest.mark.parametrize(("output", "asked", "shape"), SHAPES)
def test_the_name_and_the_format_say_what_is_written(
    output: str | None, asked: str | None, shape: Shape
) -> None:
    """The suffix decides; --format decides what the suffix leaves open."""
    assert choose_shape(output, asked) == shape


@pytest.mark.parametrize(("output", "asked", "message"), MISUSES)
def test_a_name_and_a_format_that_do_not_fit_are_refused(
    output: str | None, asked: str | None, message: str
) -> None:
    """A contradiction is told with what would do."""
    with pytest.raises(Misuse) as caught:
        choose_shape(output, asked)
    assert caught.value.message == message


def test_a_file_is_touched_by_the_first_audio(tmp_path: Path) -> None:
    """Without audio an older file stays; with it, the file is complete after `finish`."""
    path = tmp_path / "a.wav"
    path.write_bytes(b"older")
    sink = FileSink(str(path), Shape("pcm", is_wav=True), 8000)
    sink.abandon()
    sink.finish()
    assert path.read_bytes() == b"older"
    sink.write(b"ab")
    sink.write(b"cd")
    sink.finish()
    assert path.read_bytes() == wav_header("pcm", 8000, 4) + b"abcd"


def test_an_abandoned_file_can_be_played(tmp_path: Path) -> None:
    """What was written before a failure has a header that is right for it."""
    path = tmp_path / "a.wav"
    sink = FileSink(str(path), Shape("pcm", is_wav=True), 8000)
    sink.write(b"abcd")
    sink.abandon()
    sink.abandon()
    assert path.read_bytes() == wav_header("pcm", 8000, 4) + b"abcd"


def test_raw_audio_is_written_as_it_is(tmp_path: Path) -> None:
    """A format without a container gets no header."""
    path = tmp_path / "a.mp3"
    sink = FileSink(str(path), Shape("mp3", is_wav=False), 8000)
    sink.write(b"frame")
    sink.finish()
    assert path.read_bytes() == b"frame"


def test_a_pipe_gets_each_piece_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is written to - can be read from the other side before the end, and it stays open."""
    reading, writing = os.pipe()
    with os.fdopen(reading, "rb") as other_side, os.fdopen(writing, "w") as stdout:
        monkeypatch.setattr(sys, "stdout", stdout)
        sink = FileSink("-", Shape("pcm", is_wav=True), 8000)
        sink.write(b"ab")
        assert other_side.read(46) == wav_header("pcm", 8000, None) + b"ab"
        sink.finish()
        print("still open", flush=True)  # noqa: T201 -- what is tested
        assert other_side.readline() == b"still open\n"


@pytest.mark.parametrize("ends", [FileSink.finish, FileSink.abandon])
def test_standard_output_that_is_a_file_is_completed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ends: Callable[[FileSink], None]
) -> None:
    """The lengths go where the audio began, and what follows goes behind the audio."""
    path = tmp_path / "a.wav"
    with path.open("w") as stdout:
        monkeypatch.setattr(sys, "stdout", stdout)
        print("before", flush=True)  # noqa: T201 -- what is tested
        sink = FileSink("-", Shape("pcm", is_wav=True), 8000)
        sink.write(b"abcd")
        ends(sink)
        print("after", flush=True)  # noqa: T201 -- what is tested
    assert path.read_bytes() == b"before\n" + wav_header("pcm", 8000, 4) + b"abcdafter\n"


def test_audio_is_not_written_to_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Bytes would make a mess of a terminal, so it is refused."""
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    with pytest.raises(Misuse, match=r"^-o: expected a file or a pipe for audio, got the terminal"):
        FileSink("-", Shape("pcm", is_wav=True), 8000)
