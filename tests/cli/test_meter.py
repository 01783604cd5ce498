"""The figures: from a clock that is told the time."""

import pytest

from hoarfrost.cli.meter import Meter


class Clock:
    """A clock that stands still until it is moved."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_the_figures_count_from_the_first_text() -> None:
    """Time to first audio, duration and speed are those of the whole utterance."""
    clock = Clock()
    meter = Meter(clock=clock)
    meter.audio(10, 1.0)  # audio without a text has no time
    meter.text()
    clock.now += 0.05
    meter.audio(0, 0.0)
    meter.text()
    meter.audio(2000, 1000.0)
    clock.now += 0.15
    meter.audio(4000, 3000.0)
    assert (meter.n_bytes, meter.speech_ms) == (6000, 4000.0)
    assert meter.figures() == "4.00 s of speech, first audio after 50 ms, 20× real time"


def test_what_is_not_known_is_not_told() -> None:
    """Without a duration there are bytes; without a meaning there is no speed."""
    clock = Clock()
    meter = Meter(clock=clock, shows_speed=False)
    assert meter.figures() == "0 bytes of audio"
    meter.text()
    clock.now += 0.1
    meter.audio(7, 0.0)
    assert meter.figures() == "7 bytes of audio, first audio after 100 ms"
    meter.audio(7, 500.0)
    assert meter.figures() == "0.50 s of speech, first audio after 100 ms"


def test_the_last_line_goes_to_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    """The summary is for people; quiet, there is none."""
    with Meter() as meter:
        meter.conclude("a.wav")
    with Meter(is_quiet=True) as meter:
        meter.conclude("a.wav")
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == ("", "a.wav: 0 bytes of audio\n")


def test_on_a_terminal_the_figures_are_live(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A person sees the figures while the speech is made."""
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    monkeypatch.setenv("TERM", "xterm")
    clock = Clock()
    with Meter(clock=clock) as meter:
        meter.text()
        clock.now += 0.05
        meter.audio(2000, 1000.0)
    assert "1.00 s of speech, first audio after 50 ms" in capsys.readouterr().err
