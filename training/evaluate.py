"""Measure voice packages against the recordings: figures, spectrograms, and sounds to listen to.

Three ways of speaking are told apart:

* read along: the reader's own durations, pitch and voicing, so that frames can be compared;
* prosody: the package's durations and pitch against the reader's;
* on its own: everything predicted, from text; judged by a recogniser.

Several packages are measured side by side; the one to keep is the one with the better figures.
"""

import argparse
import json
import wave
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import torch

from hoarfrost.engines.natural.source_filter.graphs import Frames, Tokens
from training import checkpoint, listening, measures, recogniser
from training.acoustic import Acoustic
from training.config import RATE_HZ
from training.dataset import Corpus, Utterance, layout_of
from training.features import Array
from training.phonemes import GAPS, token_features
from training.progress import say
from training.rendering import render_at
from training.sentences import EVERYDAY
from training.speaking import PackageVoice
from training.vocoder import Vocoder

NATURAL: Final = "natural"
_PITCHED: Final = 0.5
"""Only the pitch of tokens with at least this share of voice is compared."""


@dataclass(frozen=True, slots=True)
class ReadAlong:
    """The frames of a sentence as the reader timed and intoned it."""

    utterance: Utterance
    frames: Frames


def read_along(corpus: Corpus, utterance: Utterance, acoustic: Acoustic) -> ReadAlong:
    """Frame states by the text side of a checkpoint, with the reader's timing and pitch."""
    with torch.no_grad():
        states = acoustic.encode(*corpus.inputs(utterance))
        pitch = torch.from_numpy(corpus.token_pitch(utterance)[0])[None]
        hidden = acoustic.spread(states, pitch, layout_of(utterance.durations))[0].numpy()
    pitch_of_frames = corpus.pitch(utterance.frames)
    return ReadAlong(utterance, Frames(hidden, pitch_of_frames, corpus.voiced[utterance.frames]))


def sound_figures(corpus: Corpus, u: Utterance, samples: Array) -> dict[str, float]:
    """Figures of one reading, ours or the reader's own."""
    natural, voiced = corpus.recording(u), corpus.voiced[u.frames]
    return {
        "mel_cepstral_distortion_db": measures.mel_cepstral_distortion(natural, samples),
        "spread": measures.spread(samples),
        "detail_above_1500_hz": measures.detail(samples),
        "burst_rise_db": measures.burst_rise(samples),
        "harmonic_contrast_db": measures.harmonic_contrast(
            samples, corpus.log_f0[u.frames], voiced
        ),
        "pulse_crest_db": measures.pulse_crest(samples, voiced),
        "pulse_shape": measures.pulse_shape(natural, samples, voiced),
    }


def prosody_figures(corpus: Corpus, voice: PackageVoice) -> dict[str, float]:
    """Errors of predicted durations and pitch on held-out recordings."""
    lengths, pitches, ours_pitch, totals = [], [], [], []
    index = {symbol: i for i, symbol in enumerate(voice.package.phonemes)}
    for u in corpus.held_out:
        n = len(u.tokens)
        spoken = voice.run(
            Tokens(
                ids=np.array([index[t] for t in u.tokens], np.int64),
                stress=np.array(u.stress, np.int64),
                features=token_features(u.tokens),
                speed=np.ones(n, np.float32),
                pitch=np.zeros(n, np.float32),
            )
        )
        is_sound = np.array([t not in GAPS and t != "^" for t in u.tokens])
        difference = np.log(spoken.durations + 1) - np.log(u.durations + 1)
        lengths.append(np.square(difference[is_sound]))
        totals.append((spoken.durations.sum(), u.n_frames))
        wanted, share = corpus.token_pitch(u)
        got = _token_means(spoken.frames.pitch, spoken.durations)
        counted = (share > _PITCHED) & is_sound
        pitches.append(np.square(got - wanted)[counted])
        ours_pitch.append(np.stack([got[counted], wanted[counted]]))
    ours, theirs = np.concatenate(ours_pitch, 1)
    predicted, natural = np.sum(totals, 0)
    return {
        "log_duration_mse": float(np.concatenate(lengths).mean()),
        "pitch_mse": float(np.concatenate(pitches).mean()),
        "pitch_correlation": float(np.corrcoef(ours, theirs)[0, 1]),
        "pitch_spread_ratio": float(ours.std() / theirs.std()),
        "duration_ratio": float(predicted / natural),
    }


def _token_means(track: Array, durations: np.ndarray) -> Array:
    ends = np.cumsum(durations)
    means = [
        track[end - n : end].mean() if n else 0.0 for end, n in zip(ends, durations, strict=True)
    ]
    return np.array(means, np.float32)


class Evaluation:
    """One run: what is measured, and where sounds go."""

    def __init__(self, corpus: Corpus, acoustic: Acoustic, out: Path) -> None:
        self.corpus, self.out = corpus, out
        self.read = [read_along(corpus, u, acoustic) for u in corpus.held_out]

    def measure(self, name: str, voice: PackageVoice, *, with_words: bool) -> dict[str, float]:
        """All figures of one package; its sounds are written below `out`."""
        along = [voice.sound(r.frames) for r in self.read]
        figures = self._mean(along)
        figures.update(prosody_figures(self.corpus, voice))
        for r, samples in zip(self.read, along, strict=True):
            write_wave(self.out / name / f"{r.utterance.name}-along.wav", samples)
        figures.update(self._alone(name, voice.say, with_words=with_words))
        if with_words:
            pairs = [(s, r.utterance.text) for r, s in zip(self.read, along, strict=True)]
            figures["word_errors_read_along"] = recogniser.word_errors(pairs).rate
        return figures

    def measure_recordings(self, *, with_words: bool) -> dict[str, float]:
        """The same figures of the recordings: what to aim at."""
        own = [self.corpus.recording(r.utterance) for r in self.read]
        figures = self._mean(own)
        for r, samples in zip(self.read, own, strict=True):
            write_wave(self.out / NATURAL / f"{r.utterance.name}.wav", samples)
        if with_words:
            pairs = [(s, r.utterance.text) for r, s in zip(self.read, own, strict=True)]
            figures["word_errors_held_out"] = recogniser.word_errors(pairs).rate
        return figures

    def write_copies(self, vocoder: Vocoder) -> None:
        """Copy-synthesis: the recordings' own spectra through the vocoder, the best it can do."""
        for r in self.read:
            u = r.utterance
            mel = torch.from_numpy(self.corpus.mel[u.frames].astype(np.float32))[None]
            log_f0 = self.corpus.log_f0[u.frames]
            pitch = (torch.from_numpy(log_f0)[None], torch.from_numpy(r.frames.voiced)[None])
            with torch.no_grad():
                samples = render_at(vocoder(mel, *pitch), log_f0)
            write_wave(self.out / listening.COPY / f"{u.name}.wav", samples)

    def measure_formant(self, *, with_words: bool) -> dict[str, float]:
        """The same sentences by the formant voice; only words can be compared."""
        return self._alone(listening.FORMANT, listening.formant_speaker(), with_words=with_words)

    def write_page(self, packages: list[str], pictures: int = 4) -> None:
        """The page, and spectrograms of the first few sentences."""
        for r in self.read[:pictures]:
            name = r.utterance.name
            files = {NATURAL: self.out / NATURAL / f"{name}.wav"}
            files[listening.COPY] = self.out / listening.COPY / f"{name}.wav"
            for package in packages:
                files[f"{package}, read along"] = self.out / package / f"{name}-along.wav"
                files[f"{package}, on its own"] = self.out / package / f"{name}.wav"
            sounds = [(label, listening.read_samples(path)) for label, path in files.items()]
            listening.draw_spectrograms(self.out / "spectrograms" / f"{name}.png", sounds)
        texts = {r.utterance.name: r.utterance.text for r in self.read}
        listening.write_page(self.out, texts, packages)

    def _alone(
        self, name: str, say: Callable[[str], Array], *, with_words: bool
    ) -> dict[str, float]:
        texts = [r.utterance.text for r in self.read]
        spoken = {text: say(text) for text in (*texts, *EVERYDAY)}
        for i, text in enumerate(EVERYDAY):
            write_wave(self.out / name / f"everyday-{i:02d}.wav", spoken[text])
        for r in self.read:
            write_wave(self.out / name / f"{r.utterance.name}.wav", spoken[r.utterance.text])
        if not with_words:
            return {}
        return {
            "word_errors_held_out": recogniser.word_errors((spoken[t], t) for t in texts).rate,
            "word_errors_everyday": recogniser.word_errors((spoken[t], t) for t in EVERYDAY).rate,
        }

    def _mean(self, sounds: list[Array]) -> dict[str, float]:
        each = [
            sound_figures(self.corpus, r.utterance, s)
            for r, s in zip(self.read, sounds, strict=True)
        ]
        return {key: float(np.mean([figures[key] for figures in each])) for key in each[0]}


def write_wave(path: Path, samples: Array) -> None:
    """Write 16-bit mono."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE_HZ)
        file.writeframes((np.clip(samples, -1, 1) * 32_767).astype("<i2").tobytes())


def table(figures: dict[str, dict[str, float]]) -> str:
    """Figures as a Markdown table, one column a voice."""
    rows = list(dict.fromkeys(key for column in figures.values() for key in column))
    lines = ["| | " + " | ".join(figures) + " |", "|---" * (len(figures) + 1) + "|"]
    for row in rows:
        cells = [f"{column[row]:.3f}" if row in column else "" for column in figures.values()]
        lines.append(f"| {row} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def main() -> None:
    """Read the command line and measure."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("prepared", type=Path, help="folder written by training.prepare and .align")
    parser.add_argument(
        "acoustic",
        type=Path,
        help="a voice saved by train_joint, whose text side the packages share",
    )
    parser.add_argument("out", type=Path, help="folder for figures and sounds")
    parser.add_argument(
        "packages", type=Path, nargs="+", help="packages to measure, best known first"
    )
    parser.add_argument(
        "--no-words", action="store_true", help="skip the recogniser (2 minutes each)"
    )
    told = parser.parse_args()
    torch.set_num_threads(1)
    state = checkpoint.load(told.acoustic)
    acoustic = Acoustic(len(state["symbols"])).eval()
    acoustic.load_state_dict(state["acoustic"])
    told.out.mkdir(parents=True, exist_ok=True)
    evaluation = Evaluation(Corpus.load(told.prepared), acoustic, told.out)
    with_words = not told.no_words
    figures = {NATURAL: evaluation.measure_recordings(with_words=with_words)}
    for folder in told.packages:
        voice = PackageVoice(folder)
        figures[folder.name] = evaluation.measure(folder.name, voice, with_words=with_words)
        (told.out / "figures.json").write_text(json.dumps(figures, indent=1), encoding="utf-8")
    figures[listening.FORMANT] = evaluation.measure_formant(with_words=with_words)
    (told.out / "figures.json").write_text(json.dumps(figures, indent=1), encoding="utf-8")
    vocoder = Vocoder().eval()
    vocoder.load_state_dict(state["vocoder"])
    evaluation.write_copies(vocoder)
    evaluation.write_page([folder.name for folder in told.packages])
    text = table(figures)
    (told.out / "figures.md").write_text(text + "\n", encoding="utf-8")
    say(text)


if __name__ == "__main__":
    main()
