"""``hoarfrost demo``: a server, a client and a file, with nothing set up."""

import wave
from pathlib import Path

from hoarfrost.cli import demo
from hoarfrost.units import samples_in
from tests.cli.conftest import Run


def test_the_demo_speaks_while_it_is_written(run: Run, folder: Path) -> None:
    """A few tokens become a WAV file, and the time to the first audio is told."""
    result = run("demo", "-o", "d.wav", "Hello hello. Hello!")
    assert result.exit_code == 0, result.stderr
    with wave.open(str(folder / "d.wav")) as file:
        assert file.getframerate() == 22050
        assert file.getnframes() > samples_in(3 * 300, 22050)
    assert "3 tokens, one every 40 ms, to tone at ws://127.0.0.1:" in result.stderr
    last = result.stderr.splitlines()[-1]
    assert last.startswith("d.wav: ")
    assert "s of speech, first audio after " in last


def test_the_paragraph_is_sent_whole() -> None:
    """Cut into tokens and joined again, nothing of the paragraph is lost."""
    assert "".join(demo.tokens_of(demo.PARAGRAPH)) == demo.PARAGRAPH


def test_the_demo_needs_a_wav_file(run: Run) -> None:
    """Another kind of file is refused before anything starts."""
    result = run("demo", "-o", "d.mp3")
    assert result.exit_code == 2
    assert result.stderr == "hoarfrost: -o: expected a name that ends in .wav, got d.mp3\n"


def test_a_server_that_does_not_start_is_told(run: Run, folder: Path) -> None:
    """If the server ends at once, its own line tells why, and ours what follows from it."""
    (folder / "c.toml").write_text("workers = 'many'")
    result = run("demo", "-s", "tone", "--config", "c.toml")
    assert result.exit_code == 1
    assert result.stderr == (
        "hoarfrost: expected a server to start, but it ended before it listened\n"
    )
    assert not (folder / "demo.wav").exists()
