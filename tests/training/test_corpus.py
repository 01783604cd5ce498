"""Reading a folder of recordings."""

import wave
from pathlib import Path

import numpy as np
import pytest
from training.config import HOP, RATE_HZ
from training.corpus import Recording, held_out_names, recordings_of, sentences_of
from training.prepare import clean


def write_wave(path: Path, samples: np.ndarray, rate: int, channels: int = 1) -> None:
    path.parent.mkdir(exist_ok=True)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes((np.repeat(samples, channels) * 32_767).astype("<i2").tobytes())


@pytest.mark.parametrize(
    ("line", "message"),
    [("a", "expected name|sentence"), ("a|", "expected name|sentence"), ("x|again", "a new name")],
)
def test_metadata_errors(tmp_path: Path, line: str, message: str) -> None:
    """A line that is no recording is an error that names its number."""
    (tmp_path / "metadata.csv").write_text(f"x|One.\n{line}\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"line 2: .*" + message.replace("|", r"\|")):
        sentences_of(tmp_path)


def test_folder_without_recordings(tmp_path: Path) -> None:
    """A folder with sentences but no sounds says what was expected."""
    (tmp_path / "metadata.csv").write_text("x|One.\n", encoding="utf-8")
    with pytest.raises(FileNotFoundError, match=r"wavs/ or pack\.ogg"):
        list(recordings_of(tmp_path))


@pytest.mark.parametrize(("rate", "channels"), [(RATE_HZ, 1), (44_100, 2), (16_000, 1)])
def test_any_rate(tmp_path: Path, rate: int, channels: int) -> None:
    """Recordings of any rate come out mono, at the training rate, with their tone at its level."""
    tone = 0.25 * np.sin(2 * np.pi * 440 * np.arange(rate) / rate)
    write_wave(tmp_path / "wavs" / "x.wav", tone, rate, channels)
    (tmp_path / "metadata.csv").write_text("x|raw|One.\n", encoding="utf-8")
    (recording,) = recordings_of(tmp_path)
    assert recording.text == "One."
    assert abs(len(recording.samples) - RATE_HZ) <= 1
    spectrum = np.abs(np.fft.rfft(recording.samples))
    assert spectrum.argmax() == 440
    assert spectrum[440] / (RATE_HZ / 2) == pytest.approx(0.25, abs=0.01)


def test_readings_of_one_sentence_stay_together() -> None:
    """No held-out sentence has a reading among those that are learned from."""
    sentences = {f"{i}": f"Sentence {i // 3}." for i in range(600)}
    held = held_out_names(Path("nowhere"), sentences)
    texts = {sentences[name] for name in held}
    assert 0 < len(held) <= 15
    assert held == {name for name, text in sentences.items() if text in texts}


def test_clean_trims_and_levels() -> None:
    """Silence around speech goes, but for a breath; the level of speech becomes -23 dB."""
    rng = np.random.default_rng(0)
    quiet = 1e-4 * rng.standard_normal(RATE_HZ)
    speech = 0.01 * rng.standard_normal(RATE_HZ)
    samples = np.concatenate([quiet, speech, quiet]).astype(np.float32)
    kept = clean(Recording("x", "One.", samples))
    assert len(kept) % HOP == 0
    assert RATE_HZ <= len(kept) <= 1.2 * RATE_HZ
    middle = kept[len(kept) // 4 : -len(kept) // 4]
    assert 20 * np.log10(np.sqrt(np.mean(middle**2))) == pytest.approx(-23, abs=0.5)


def test_silence_is_refused() -> None:
    """A recording of nothing is an error that names it."""
    with pytest.raises(ValueError, match=r"x: expected speech"):
        clean(Recording("x", "One.", np.zeros(RATE_HZ, np.float32)))
