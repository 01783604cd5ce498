"""Players: real programs, written for the test, that keep what they are given."""

import os
from pathlib import Path

import pytest

from hoarfrost.cli.failures import Failure
from hoarfrost.cli.players import PLAYERS, open_player
from hoarfrost.cli.riff import wav_header
from tests.support.programs import write_program

pytestmark = pytest.mark.skipif(os.name != "posix", reason="the players here are shell scripts")

RAW_ARGUMENTS = {
    "paplay": "--raw --format=s16le --channels=1 --rate=8000",
    "aplay": "-q -t raw -f S16_LE -c 1 -r 8000",
    "play": "-q -t raw -e signed-integer -b 16 -L -c 1 -r 8000 -",
    "pw-play": "--raw --format s16 --channels 1 --rate 8000 -",
}
WAV_ARGUMENTS = {
    "ffplay": "-nodisp -autoexit -loglevel error -i -",
    "mpv": "--no-terminal --no-video -",
}


@pytest.fixture(autouse=True)
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of programs that is the only one."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setenv("HEARD", str(tmp_path / "heard"))
    return folder


def install(programs: Path, name: str, body: str) -> None:
    write_program(programs / name, f"import os, pathlib, shutil, sys\n{body}\n")


KEEP_STDIN = """
heard = pathlib.Path(os.environ["HEARD"])
heard.write_bytes(" ".join(sys.argv[1:]).encode() + b"|" + sys.stdin.buffer.read())
"""
KEEP_FILE = """
heard = pathlib.Path(os.environ["HEARD"])
heard.write_bytes(pathlib.Path(sys.argv[1]).read_bytes())
"""


@pytest.mark.parametrize(("name", "arguments"), RAW_ARGUMENTS.items())
def test_raw_players_get_the_samples(
    programs: Path, tmp_path: Path, name: str, arguments: str
) -> None:
    """A player that takes raw PCM is told the rate, and given the bytes."""
    install(programs, name, KEEP_STDIN)
    sink = open_player(8000)
    sink.write(b"ab")
    sink.write(b"cd")
    sink.finish()
    assert (tmp_path / "heard").read_bytes() == arguments.encode() + b"|abcd"


@pytest.mark.parametrize(("name", "arguments"), WAV_ARGUMENTS.items())
def test_wav_players_get_a_stream(
    programs: Path, tmp_path: Path, name: str, arguments: str
) -> None:
    """A player that wants a container is given a WAV stream of unknown length."""
    install(programs, name, KEEP_STDIN)
    sink = open_player(8000)
    sink.write(b"abcd")
    sink.finish()
    expected = arguments.encode() + b"|" + wav_header("pcm", 8000, None) + b"abcd"
    assert (tmp_path / "heard").read_bytes() == expected


def test_file_players_get_a_whole_file(programs: Path, tmp_path: Path) -> None:
    """The player of macOS gets a complete WAV file, which is removed afterwards."""
    install(programs, "afplay", KEEP_FILE)
    sink = open_player(8000)
    sink.write(b"abcd")
    sink.finish()
    assert (tmp_path / "heard").read_bytes() == wav_header("pcm", 8000, 4) + b"abcd"
    sink = open_player(8000)
    sink.write(b"unheard")
    sink.abandon()


def test_without_a_player_the_error_says_what_to_do() -> None:
    """All players looked for are named, and the way without one."""
    with pytest.raises(Failure) as caught:
        open_player(8000)
    assert all(name in caught.value.message for name in PLAYERS)
    assert caught.value.message.endswith("write a file with -o hello.wav instead")


@pytest.mark.parametrize("name", ["aplay", "afplay"])
def test_a_player_that_fails_is_told(programs: Path, name: str) -> None:
    """A player's own failure is ours: nobody has heard the speech."""
    install(programs, name, "sys.stdin.buffer.read(); sys.exit(3)")
    sink = open_player(8000)
    sink.write(b"abcd")
    with pytest.raises(Failure, match=rf"^{name} failed with status 3; try -o hello\.wav$"):
        sink.finish()
    sink.abandon()


def test_a_player_that_gives_up_early_is_told(programs: Path) -> None:
    """A player that stops reading ends the speech."""
    install(programs, "aplay", "sys.stdin.close(); sys.exit(1)")
    sink = open_player(8000)
    with pytest.raises(Failure, match=r"^aplay ended before the speech did"):
        sink.write(bytes(1024 * 1024))  # more than a pipe holds
    sink.abandon()


def test_abandoning_falls_silent(programs: Path, tmp_path: Path) -> None:
    """A player that still has audio is stopped, and has no time to end in peace."""
    install(programs, "aplay", KEEP_STDIN)
    sink = open_player(8000)
    sink.write(b"abcd")
    sink.abandon()
    assert not (tmp_path / "heard").exists()


def test_nothing_is_started_for_no_audio(programs: Path, tmp_path: Path) -> None:
    """Without audio no player is run, of whichever kind."""
    for name, body in (("afplay", KEEP_FILE), ("aplay", KEEP_STDIN)):
        install(programs, name, body)
        open_player(8000).finish()
        open_player(8000).abandon()
    assert not (tmp_path / "heard").exists()
