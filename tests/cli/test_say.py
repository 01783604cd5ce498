"""``hoarfrost say``: speech in files and pipes, from this process and from a server."""

import math
import os
import signal
import struct
import subprocess
import sys
import wave
from pathlib import Path

import numpy as np
import pytest

from hoarfrost.cli.riff import wav_header
from hoarfrost.engines.tone import GAP_MS, LETTER_MS
from hoarfrost.units import samples_in
from tests.cli.conftest import Run
from tests.support.programs import write_program
from tests.support.server import RealServer

HELLO_MS = 5 * LETTER_MS

MISUSES = [
    (
        ["-o", "x.wav", "--sampling-rate", "99", "--speed", "-1", "Hi"],
        [
            "--sampling-rate: expected a whole number from 4000 to 96000, got '99'",
            "--speed: expected a number above 0, got '-1'",
        ],
    ),
    (
        ["-o", "x.wav", "--lang", "tlh", "Hi"],
        ["--lang: expected a language of `hoarfrost voices`, got 'tlh'"],
    ),
    (["-o", "x.wav", "--segment", "often", "Hi"], ["--segment: expected one of"]),
    (
        ["--speed", "nan", "--sampling-rate", "1", "--lang", "xx", "--segment", "foo", "Hi"],
        [
            "--lang: expected a language of `hoarfrost voices`, got 'xx'",
            "--sampling-rate: expected a whole number from 4000 to 96000, got '1'",
            "--speed: expected a number above 0, got 'nan'",
            "--segment: expected one of bySentence, immediate, never, got 'foo'",
        ],
    ),
    (
        ["-o", "x.wav", "--speaker", "tome", "Hi"],
        [
            "--speaker: expected the name of a voice (close to it: tone; "
            "`hoarfrost voices` lists all), got 'tome'"
        ],
    ),
    (
        ["-o", "x.wav", "--url", "ws://h/ws", "-s", "a", "--sampling-rate", "1e9", "Hi"],
        ["--sampling-rate: expected a whole number from 4000 to 96000, got '1e9'"],
    ),
    (["-o", "x.wav", "--format", "mp3", "Hi"], ["--format: expected pcm or mulaw for .wav"]),
    (["-o", "x.wav", "--url", "http://h/ws", "-s", "a", "Hi"], ["--url: expected ws://HOST"]),
    (
        ["-o", "x.wav", "--url", "ws://h/ws", "-s", "a", "--key", "a b", "Hi"],
        ["--key: expected printable ASCII characters without spaces"],
    ),
    (["-o", "x.wav", "Hi \udcff"], ["TEXT: expected UTF-8"]),
    (["-o", "x.wav", "--config", "none.toml", "Hi"], ["none.toml: expected a file to read"]),
]


def read_wav(path: Path) -> tuple[int, "np.ndarray[tuple[int], np.dtype[np.int16]]"]:
    """Return rate and samples of a mono 16-bit file."""
    with wave.open(str(path)) as file:
        assert (file.getnchannels(), file.getsampwidth()) == (1, 2)
        samples = np.frombuffer(file.readframes(file.getnframes()), dtype="<i2")
        return file.getframerate(), samples


def test_a_text_becomes_a_wav_file(run: Run, folder: Path) -> None:
    """The file has the rate, the length and the level that the voice gives the words."""
    result = run("say", "-o", "hello.wav", "Hello", "hello")
    assert result.exit_code == 0, result.stderr
    rate_hz, samples = read_wav(folder / "hello.wav")
    assert rate_hz == 22050
    assert len(samples) == samples_in(2 * HELLO_MS + GAP_MS, 22050)
    assert math.isclose(np.abs(samples).max() / 32768, 0.5, abs_tol=0.01)
    gap = samples[samples_in(HELLO_MS + 5, rate_hz) : samples_in(HELLO_MS + GAP_MS - 5, rate_hz)]
    assert not gap.any()
    assert result.stdout == ""
    assert result.stderr.startswith("hello.wav: 0.64 s of speech, first audio after ")
    assert result.stderr.endswith("× real time\n")


def test_quiet_says_nothing(run: Run, folder: Path) -> None:
    """With -q the file is all there is."""
    result = run("say", "-q", "-o", "hello.wav", "Hello")
    assert (result.exit_code, result.output) == (0, "")
    assert (folder / "hello.wav").stat().st_size > 44


@pytest.mark.parametrize("written", ["24000", "24000.0", "2.4e4", " 24000 ", "+24000"])
@pytest.mark.parametrize("through_a_server", [False, True])
def test_the_header_has_the_rate_of_the_audio(
    run: Run,
    folder: Path,
    server: RealServer,
    written: str,
    through_a_server: bool,
) -> None:
    """However the rate is written, the header says the one that the audio has."""
    there = ["--url", f"ws://{server.address}", "--key", server.key] if through_a_server else []
    result = run("say", "-o", "r.wav", "-s", "tone", "--sampling-rate", written, *there, "Hello")
    assert result.exit_code == 0, result.stderr
    rate_hz, samples = read_wav(folder / "r.wav")
    assert (rate_hz, len(samples)) == (24000, samples_in(HELLO_MS, 24000))
    assert "0.30 s of speech" in result.stderr


def test_every_option_of_the_protocol_is_a_flag(run: Run, folder: Path) -> None:
    """Speaker, language, rate, speeds, pauses and segmentation do what they do over a socket."""
    options = "--speaker tone --lang eng --sampling-rate 16000 --model-id mistv3 --segment never"
    result = run(
        *("say", "-o", "a.wav", *options.split(), "--pauses", "--speed", "2"),
        *("--inline-speeds", "0.5", "[Hello] <500> hello"),
    )
    assert result.exit_code == 0, result.stderr
    rate_hz, samples = read_wav(folder / "a.wav")
    assert rate_hz == 16000
    plain = run("say", "-o", "b.wav", *options.split(), "Hello <500> hello")
    assert plain.exit_code == 0
    slow = run("say", "-o", "c.wav", *options.split(), "--time-scale-factor", "2", "Hello hello")
    assert slow.exit_code == 0
    n_plain = len(read_wav(folder / "b.wav")[1])
    n_slow = len(read_wav(folder / "c.wav")[1])
    assert math.isclose(n_slow, 2 * n_plain, rel_tol=0.05)
    spoken_ms = len(samples) / 16 - 500
    assert math.isclose(spoken_ms, HELLO_MS + HELLO_MS / 2, abs_tol=2 * GAP_MS)


@pytest.mark.parametrize(
    ("name", "arguments", "start"),
    [
        ("a.ulaw", [], b""),
        ("a.raw", ["--format", "mulaw"], b""),
        ("a.wav", ["--format", "mulaw"], b"RIFF"),
    ],
)
def test_mulaw_has_a_byte_a_sample(
    run: Run, folder: Path, name: str, arguments: list[str], start: bytes
) -> None:
    """µ-law goes into raw files as it is, and into WAV files under its own tag."""
    result = run("say", "-o", name, *arguments, "--sampling-rate", "8000", "Hello")
    assert result.exit_code == 0, result.stderr
    data = (folder / name).read_bytes()
    n_samples = samples_in(HELLO_MS, 8000)
    header = wav_header("mulaw", 8000, n_samples) if start else b""
    assert data.startswith(header)
    assert len(data) == len(header) + n_samples
    assert "0.30 s of speech" in result.stderr


def test_mp3_is_written_without_a_header(run: Run, folder: Path) -> None:
    """An MP3 file begins with a frame."""
    assert run("say", "-o", "a.mp3", "Hello").exit_code == 0
    (word,) = struct.unpack(">I", (folder / "a.mp3").read_bytes()[:4])
    assert word >> 21 == 0x7FF


def test_standard_input_is_spoken(run: Run, folder: Path) -> None:
    """Without TEXT, what comes in is spoken like arguments; no speed is told: it says nothing."""
    run("say", "-o", "a.wav", "Hello hello")
    result = run("say", "-o", "b.wav", stdin="Hello hello\n")
    assert (folder / "a.wav").read_bytes() == (folder / "b.wav").read_bytes()
    assert "real time" not in result.stderr


def test_audio_comes_out_before_the_text_has_ended() -> None:
    """Through a pipe, a first sentence is spoken while the second one is not yet written."""
    command = [sys.executable, "-m", "hoarfrost", "say", "-q", "-o", "-"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin
        assert process.stdout
        process.stdin.write(b"Hello. Hello")
        process.stdin.flush()
        header = wav_header("pcm", 22050, None)
        assert process.stdout.read(len(header)) == header
        first = process.stdout.read(2 * samples_in(HELLO_MS / 2, 22050))
        assert any(first)
        process.stdin.close()
        rest = process.stdout.read()
        assert len(first + rest) == 2 * samples_in(2 * HELLO_MS, 22050)
    assert process.returncode == 0


def test_standard_output_into_a_file_is_completed(folder: Path) -> None:
    """Redirected into a file, the lengths are right; added to a file, they stay unknown."""
    command = [sys.executable, "-m", "hoarfrost", "say", "-q", "-o", "-", "Hello"]
    n_bytes = 2 * samples_in(HELLO_MS, 22050)
    with (folder / "a.wav").open("wb") as file:
        subprocess.run(command, stdout=file, check=True)
    assert (folder / "a.wav").read_bytes().startswith(wav_header("pcm", 22050, n_bytes))
    assert len(read_wav(folder / "a.wav")[1]) == n_bytes // 2
    (folder / "b.wav").write_bytes(b"older")
    with (folder / "b.wav").open("ab") as file:
        subprocess.run(command, stdout=file, check=True)
    data = (folder / "b.wav").read_bytes()
    assert data.startswith(b"older" + wav_header("pcm", 22050, None))
    assert len(data) == len(b"older" + wav_header("pcm", 22050, None)) + n_bytes


@pytest.mark.parametrize(("arguments", "faults"), MISUSES)
def test_what_is_wrong_is_told_by_the_flag(
    run: Run, folder: Path, arguments: list[str], faults: list[str]
) -> None:
    """Each fault is a line with the flag's own name, and no file is made."""
    result = run("say", *arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    lines = result.stderr.splitlines()
    assert len(lines) == len(faults)
    for line, fault in zip(lines, faults, strict=True):
        assert line.startswith(f"hoarfrost: {fault}")
    assert not (folder / "x.wav").exists()


def test_a_text_without_words_is_told(run: Run, folder: Path) -> None:
    """Marks alone make no speech, and an older file stays."""
    (folder / "x.wav").write_bytes(b"older")
    result = run("say", "-o", "x.wav", "... !")
    assert result.exit_code == 1
    assert result.stderr == "hoarfrost: expected something to speak, got no letter and no digit\n"
    assert (folder / "x.wav").read_bytes() == b"older"


def test_input_that_is_not_utf8_is_told(run: Run) -> None:
    """Text in another encoding is a usage error, not noise."""
    result = run("say", "-o", "x.wav", stdin=b"Hello \xe4\n")
    assert result.exit_code == 2
    assert result.stderr.startswith("hoarfrost: standard input: expected UTF-8 text")


def test_a_folder_that_is_not_there_is_told(run: Run) -> None:
    """A file that cannot be written is named."""
    result = run("say", "-o", "none/x.wav", "Hello")
    assert result.exit_code == 1
    assert result.stderr == "hoarfrost: none/x.wav: No such file or directory\n"


@pytest.mark.skipif(os.name != "posix", reason="the player here is a shell script")
def test_without_a_file_it_is_played(
    run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The samples go to the player that is found, at their rate."""
    monkeypatch.setenv("PATH", str(folder))
    result = run("say", "Hello")
    assert result.exit_code == 1
    assert "found none; write a file with -o hello.wav" in result.stderr
    player = folder / "aplay"
    write_program(
        player,
        "import pathlib, sys\n"
        f"pathlib.Path({str(folder / 'heard')!r}).write_bytes(sys.stdin.buffer.read())\n"
        f"pathlib.Path({str(folder / 'how')!r}).write_text(sys.argv[-1])\n",
    )
    result = run("say", "--sampling-rate", "16000", "Hello")
    assert result.exit_code == 0, result.stderr
    assert result.stderr.startswith("played: 0.30 s of speech, first audio after ")
    assert (folder / "how").read_text() == "16000"
    assert (folder / "heard").stat().st_size == 2 * samples_in(HELLO_MS, 16000)


def test_a_server_gives_the_same_audio(run: Run, folder: Path, server: RealServer) -> None:
    """Through a server the file is the same, byte for byte."""
    there = ["--url", f"ws://{server.address}/ws", "--key", server.key, "--speaker", "tone"]
    for name, texts, stdin in (
        ("arguments", ["Hello hello. And hello!"], b""),
        ("input", [], b"Hello hello. And hello!"),
    ):
        here = run("say", "-o", "here.wav", "--speaker", "tone", *texts, stdin=stdin)
        through = run("say", "-o", "there.wav", *there, *texts, stdin=stdin)
        assert (here.exit_code, through.exit_code) == (0, 0), through.stderr
        assert (folder / "here.wav").read_bytes() == (folder / "there.wav").read_bytes(), name
        figures = through.stderr.removeprefix("there.wav: ")
        assert figures.startswith(here.stderr.removeprefix("here.wav: ").partition(",")[0])


def test_the_key_and_the_speaker_can_be_settings(
    run: Run, server: RealServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """HOARFROST_API_KEY and the default speaker spare two flags."""
    monkeypatch.setenv("HOARFROST_API_KEY", server.key)
    monkeypatch.setenv("HOARFROST_DEFAULT_SPEAKER", "tone")
    result = run("say", "-o", "a.mp3", "--url", f"ws://{server.address}", "Hello")
    assert result.exit_code == 0, result.stderr
    assert "bytes of audio, first audio after" in result.stderr


def test_what_a_server_refuses_is_told(run: Run, server: RealServer) -> None:
    """A refused key is a failure; refused options are told by their flags; nobody there is 3."""
    url = ["--url", f"ws://{server.address}/ws", "-o", "x.wav"]
    result = run("say", *url, "-s", "tone", "Hello")
    assert result.exit_code == 1
    assert "401" in result.stderr
    assert result.stderr.endswith("; give a key with --key or HOARFROST_API_KEY\n")
    result = run("say", *url, "-s", "tone", "--key", "hf_wrong", "Hello")
    assert result.exit_code == 1
    assert "hf_wrong" not in result.stderr
    result = run("say", *url, "-s", "tone", "--key", server.key, "--speed", "0", "Hello")
    assert result.exit_code == 2
    assert result.stderr.startswith("hoarfrost: --speed: expected a number above 0")
    result = run("say", *url, "-s", "nobody", "--key", server.key, "Hello")
    assert result.exit_code == 2
    assert f"http://{server.address}/voices lists all" in result.stderr
    nope = ["--url", f"ws://{server.address}/nope", "-o", "x.wav"]
    result = run("say", *nope, "-s", "tone", "--key", server.key, "Hello")
    assert result.exit_code == 1
    assert "404" in result.stderr
    assert result.stderr.endswith("; expected the path /ws, got /nope\n")
    result = run("say", "--url", "ws://127.0.0.1:1/ws", "-o", "x.wav", "-s", "a", "Hello")
    assert result.exit_code == 3
    assert result.stderr.startswith("hoarfrost: 127.0.0.1:1: expected a WebSocket server, got")


def test_bad_input_ends_a_conversation_with_a_server(run: Run, server: RealServer) -> None:
    """What goes wrong while the text is read is told, although the server still waits."""
    arguments = ["--url", f"ws://{server.address}", "--key", server.key, "-s", "tone"]
    result = run("say", "-o", "x.wav", *arguments, stdin=b"Hello \xe4\n")
    assert result.exit_code == 2
    assert result.stderr.startswith("hoarfrost: standard input: expected UTF-8 text")


def say_there(server: RealServer) -> "subprocess.Popen[bytes]":
    """Speak standard input through a server, as a user does."""
    arguments = ["-q", "-o", "-", "--url", f"ws://{server.address}", "-s", "tone"]
    return subprocess.Popen(
        [sys.executable, "-m", "hoarfrost", "say", *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=os.environ | {"HOARFROST_API_KEY": server.key},
    )


def test_it_ends_while_standard_input_is_still_open(server: RealServer) -> None:
    """After <EOS> the program ends with status 0, although more could still be typed."""
    with say_there(server) as process:
        assert process.stdin
        assert process.stdout
        assert process.stderr
        process.stdin.write(b"Hello <EOS>")
        process.stdin.flush()
        audio = process.stdout.read()
        assert len(audio) == len(wav_header("pcm", 22050, None)) + 2 * samples_in(HELLO_MS, 22050)
        assert (process.stderr.read(), process.wait()) == (b"", 0)


@pytest.mark.skipif(os.name != "posix", reason="interrupts by a signal")
def test_ctrl_c_ends_it_while_standard_input_is_still_open(server: RealServer) -> None:
    """Interrupted while it waits for more text, the program ends its line, with status 130."""
    with say_there(server) as process:
        assert process.stdin
        assert process.stdout
        assert process.stderr
        process.stdin.write(b"Hello. Hello")
        process.stdin.flush()
        process.stdout.read(100)  # it is in the midst of the conversation
        process.send_signal(signal.SIGINT)
        assert (process.stderr.read(), process.wait()) == (b"\n", 130)
