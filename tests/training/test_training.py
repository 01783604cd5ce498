"""The whole way from recordings to a package that speaks: a few steps, a synthetic reader."""

import json
import wave
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="training needs the extra `training` (torch)")
pytest.importorskip("onnx", reason="export needs the extra `training` (onnx)")

from training.acoustic import Acoustic  # noqa: E402
from training.config import HOP, ProsodySize  # noqa: E402
from training.dataset import Corpus  # noqa: E402
from training.speaking import PackageVoice  # noqa: E402
from training.vocoder import Vocoder  # noqa: E402
from training.windows import WindowSource  # noqa: E402

from hoarfrost.engines.espeak import EspeakEngine  # noqa: E402 - after the skips
from hoarfrost.synthesis.engine import SynthesisRequest  # noqa: E402
from training import (  # noqa: E402
    align,
    calibration,
    checkpoint,
    export,
    prepare,
    train_acoustic,
    train_joint,
    train_prosody,
    train_vocoder,
)

SENTENCES = (
    "Good morning, thank you for calling.",
    "How can I help you today?",
    "Your order will arrive on Thursday morning.",
    "Please stay on the line.",
    "The meeting has moved to Friday, at ten.",
    "Have a nice day, and goodbye.",
)


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A corpus read by the formant voice, prepared and aligned."""
    folder = tmp_path_factory.mktemp("voice")
    (folder / "wavs").mkdir()
    engine = EspeakEngine()
    voice = next(v for v in engine.voices() if "en-US" in v.languages)
    lines = []
    for i, text in enumerate(SENTENCES):
        request = SynthesisRequest(voice=voice, text=text, language="en-US")
        samples = np.concatenate([chunk.samples for chunk in engine.synthesize(request)])
        with wave.open(str(folder / "wavs" / f"s{i}.wav"), "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(voice.rate_hz)
            file.writeframes((np.clip(samples, -1, 1) * 32_767).astype("<i2").tobytes())
        lines.append(f"s{i}|{text}")
    engine.close()
    (folder / "metadata.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    prepare.prepare(folder, folder / "prepared")
    align.align(folder / "prepared", passes=(1, 1, 1))
    torch.set_num_threads(1)
    return folder / "prepared"


def start_state(corpus: Corpus) -> dict[str, object]:
    torch.manual_seed(0)
    acoustic = Acoustic(len(corpus.symbols)).state_dict()
    return {"symbols": corpus.symbols, "acoustic": acoustic, "vocoder": Vocoder().state_dict()}


def test_corpus_is_whole(prepared: Path) -> None:
    """Durations of tokens add up to the frames of each recording, and one sentence is held out."""
    corpus = Corpus.load(prepared)
    assert [u.text for u in corpus.utterances] == list(SENTENCES)
    assert len(corpus.held_out) == 1
    assert sum(u.n_frames for u in corpus.utterances) == len(corpus.log_f0)
    assert len(corpus.samples) == len(corpus.log_f0) * HOP


def test_from_recordings_to_speech(prepared: Path, tmp_path: Path) -> None:
    """Every stage runs, and the package that comes out speaks with finite samples."""
    corpus = Corpus.load(prepared)
    train_vocoder.train(corpus, train_vocoder.Plan(steps=2, batch=2), tmp_path / "vocoder.pt")
    train_acoustic.train(
        corpus,
        train_acoustic.Plan(steps=2, frames=800),
        tmp_path / "acoustic.pt",
        tmp_path / "vocoder.pt",
    )
    train_prosody.train(
        corpus,
        ProsodySize(channels=16, blocks=1, members=2),
        train_prosody.Plan(epochs=1, batch=2),
        tmp_path / "prosody.pt",
    )
    train_joint.train(
        corpus,
        train_joint.Plan(steps=2, batch=2),
        tmp_path / "acoustic.pt",
        tmp_path / "joint.pt",
    )
    state = checkpoint.load(tmp_path / "joint-000002-voice.pt")
    networks = export.networks_of(state, checkpoint.load(tmp_path / "prosody.pt"))
    gains = calibration.calibrate(corpus, networks[0], networks[1])
    calibration.apply_gains(networks[1], gains, networks[0].mel_mean)
    labels = export.Labels(name="tiny", licence="CC0-1.0", source="a formant voice")
    export.write_package(tmp_path / "tiny", networks, corpus.symbols, labels)
    samples = PackageVoice(tmp_path / "tiny").say("Good morning.")
    assert len(samples) % HOP == 0
    assert len(samples) > 0
    assert np.isfinite(samples).all()
    manifest = json.loads((tmp_path / "tiny" / "voice.json").read_text(encoding="utf-8"))
    assert manifest["phonemes"] == corpus.symbols


def test_stopping_changes_nothing(prepared: Path, tmp_path: Path) -> None:
    """A joint training that was stopped and resumed ends with the weights of one that was not."""
    corpus = Corpus.load(prepared)
    plan = train_joint.Plan(steps=2, batch=1)
    state = start_state(corpus)
    whole = train_joint.JointTraining(plan, state)
    source = WindowSource(corpus, whole.generator.acoustic)
    whole.advance(source)
    checkpoint.save(tmp_path / "half.pt", whole.state())
    whole.advance(source)
    resumed = train_joint.JointTraining(plan, checkpoint.load(tmp_path / "half.pt"))
    resumed.advance(source)
    for a, b in zip(whole.generator.parameters(), resumed.generator.parameters(), strict=True):
        torch.testing.assert_close(a, b, rtol=0, atol=0)


def test_text_side_does_not_move(prepared: Path) -> None:
    """Joint training leaves the token encoder and the contour head as they were."""
    corpus = Corpus.load(prepared)
    state = start_state(corpus)
    run = train_joint.JointTraining(train_joint.Plan(steps=1, batch=1), state)
    before = {k: v.clone() for k, v in run.generator.acoustic.state_dict().items()}
    run.advance(WindowSource(corpus, run.generator.acoustic))
    after = run.generator.acoustic.state_dict()
    moved = {key for key in before if not torch.equal(before[key], after[key])}
    assert moved
    assert all(key.startswith("decoder_") for key in moved)
