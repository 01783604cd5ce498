"""Train the acoustic model alone: tokens with the reader's durations and pitch → contour and mel.

Comes in: a prepared, aligned corpus. Durations and token pitch are learned by `train_prosody`. The
checkpoint it writes holds the vocoder too, so that `train_joint` can start from it.
"""

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils.rnn import pad_sequence

from training import checkpoint
from training.acoustic import Acoustic
from training.dataset import Corpus, Utterance, layout_of
from training.optimisation import rate_factor, set_rate
from training.progress import Progress

WEIGHTS = {"mel": 1.0, "over_time": 0.3, "over_bands": 0.3, "contour": 0.3, "voicing": 0.2}


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run is told.

    Attributes:
        steps: In all, earlier runs of the same checkpoint included.
        frames: In a batch, padding included.
        rate: Learning rate at its highest.
        dropout: In encoder and contour head; half of it in the decoder.
        seed: Of everything random.
    """

    steps: int = 4500
    frames: int = 2400
    rate: float = 2e-3
    dropout: float = 0.1
    seed: int = 1


@dataclass(frozen=True, slots=True)
class Batch:
    """Padded utterances; tokens have shape (batch, tokens, …), frames (batch, frames, …)."""

    symbols: Tensor
    stress: Tensor
    features: Tensor
    token_mask: Tensor
    token_pitch: Tensor
    token: Tensor
    place: Tensor
    length: Tensor
    pitch: Tensor
    voiced: Tensor
    mel: Tensor
    mask: Tensor


def batch_of(corpus: Corpus, utterances: list[Utterance]) -> Batch:
    """Pad utterances to one length."""
    rows = []
    for u in utterances:
        token, place, length = (x[0] for x in layout_of(u.durations))
        inputs = [x[0] for x in corpus.inputs(u)]
        rows.append(
            (
                *inputs,
                torch.ones(len(u.tokens), 1),
                torch.from_numpy(corpus.token_pitch(u)[0]),
                token,
                place,
                length,
                torch.from_numpy(corpus.pitch(u.frames)),
                torch.from_numpy(corpus.voiced[u.frames]),
                torch.from_numpy(corpus.mel[u.frames].astype(np.float32)),
                torch.ones(u.n_frames, 1),
            )
        )
    return Batch(*(pad_sequence(list(c), batch_first=True) for c in zip(*rows, strict=True)))


def losses_of(acoustic: Acoustic, b: Batch) -> dict[str, Tensor]:
    """Errors of mel (also of its differences over time and bands), contour and voicing."""
    states = acoustic.encode(b.symbols, b.stress, b.features, b.token_mask)
    frames = acoustic.spread(states, b.token_pitch, (b.token, b.place, b.length))
    relative, voicing = acoustic.contour(frames, b.mask)
    contour = relative + torch.gather(b.token_pitch, 1, b.token)
    mel = acoustic.decode(frames, b.pitch, b.voiced, b.mask)
    mask = b.mask[..., 0]
    n_frames = mask.sum()
    error = (mel - b.mel) / acoustic.mel_std * b.mask
    n_values = n_frames * mel.shape[-1]
    voiced = mask * b.voiced
    weight = voiced + 0.05 * mask
    return {
        "mel": error.abs().sum() / n_values,
        "over_time": error.diff(dim=1).abs().sum() / n_values,
        "over_bands": error.diff(dim=2).abs().sum() / n_values,
        "contour": ((contour - b.pitch).abs() * weight).sum() / (voiced.sum() + 1),
        "voicing": (
            functional.binary_cross_entropy_with_logits(voicing, b.voiced, reduction="none") * mask
        ).sum()
        / n_frames,
    }


class AcousticTraining:
    """The state of a run."""

    def __init__(self, corpus: Corpus, plan: Plan, state: dict[str, Any] | None = None) -> None:
        self.corpus, self.plan, self.step = corpus, plan, 0
        torch.manual_seed(plan.seed)
        self.acoustic = Acoustic(len(corpus.symbols), dropout=plan.dropout)
        mel = np.concatenate([corpus.mel[u.frames] for u in corpus.training]).astype(np.float32)
        self.acoustic.mel_mean.copy_(torch.from_numpy(mel.mean(0)))
        self.acoustic.mel_std.copy_(torch.from_numpy(mel.std(0)))
        self.acoustic.pitch_mean.fill_(corpus.pitch_mean)
        self.acoustic.pitch_std.fill_(corpus.pitch_std)
        self._steps = torch.optim.AdamW(
            self.acoustic.parameters(), lr=plan.rate, betas=(0.9, 0.98), weight_decay=1e-2
        )
        if state is not None:
            self.step = state["step"]
            self.acoustic.load_state_dict(state["acoustic"])
            self._steps.load_state_dict(state["steps"])

    def batches(self) -> Iterator[Batch]:
        """The batches from the current step on; which they are depends on seed and step alone."""
        epoch, passed = 0, 0
        while True:
            grouped = self._grouped(np.random.default_rng([self.plan.seed, epoch]))
            for group in grouped:
                passed += 1
                if passed > self.step:
                    yield batch_of(self.corpus, group)
            epoch += 1

    def advance(self, b: Batch) -> dict[str, float]:
        """Take one step and return its losses."""
        torch.manual_seed(self.plan.seed * 1_000_003 + self.step)
        set_rate(self._steps, self.plan.rate * rate_factor(self.step, self.plan.steps, warm=150))
        self.acoustic.train()
        parts = losses_of(self.acoustic, b)
        self._steps.zero_grad()
        torch.stack([WEIGHTS[name] * value for name, value in parts.items()]).sum().backward()  # type: ignore[no-untyped-call]  # torch
        nn.utils.clip_grad_norm_(self.acoustic.parameters(), 1.0)
        self._steps.step()
        self.step += 1
        return {name: value.item() for name, value in parts.items()}

    def validate(self) -> dict[str, float]:
        """The losses on held-out recordings."""
        self.acoustic.eval()
        held = self.corpus.held_out
        with torch.no_grad():
            each = [
                losses_of(self.acoustic, batch_of(self.corpus, held[i : i + 8]))
                for i in range(0, len(held), 8)
            ]
        return {name: float(np.mean([e[name].item() for e in each])) for name in each[0]}

    def state(self) -> dict[str, Any]:
        """All that resuming needs."""
        return {
            "symbols": self.corpus.symbols,
            "acoustic": self.acoustic.state_dict(),
            "steps": self._steps.state_dict(),
            "step": self.step,
        }

    def _grouped(self, rng: np.random.Generator) -> list[list[Utterance]]:
        """All utterances in groups of similar length, in random order."""
        pool = self.corpus.training
        noise = rng.uniform(0, 60, len(pool))
        order = sorted(range(len(pool)), key=lambda i: pool[i].n_frames + noise[i])
        groups: list[list[Utterance]] = [[]]
        for i in order:
            longest = max(u.n_frames for u in (*groups[-1], pool[i]))
            if groups[-1] and longest * (len(groups[-1]) + 1) > self.plan.frames:
                groups.append([])
            groups[-1].append(pool[i])
        return [groups[i] for i in rng.permutation(len(groups))]


def train(corpus: Corpus, plan: Plan, out: Path, vocoder: Path, *, save_every: int = 100) -> None:
    """Run to the end of the plan; resumes from `out` if it is there."""
    run = AcousticTraining(corpus, plan, checkpoint.load(out) if out.exists() else None)
    progress = Progress()
    for batch in run.batches():
        if run.step >= plan.steps:
            break
        figures = run.advance(batch)
        if run.step % 50 == 0:
            progress.report(run.step, "training", figures)
        if run.step % save_every == 0 or run.step == plan.steps:
            state = run.state()
            if vocoder.exists():
                state["vocoder"] = checkpoint.load(vocoder)["vocoder"]
            checkpoint.save(out, state)
            progress.report(run.step, "held out", run.validate())


def main() -> None:
    """Read the command line and train."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("prepared", type=Path, help="folder written by training.prepare and .align")
    parser.add_argument("vocoder", type=Path, help="checkpoint of training.train_vocoder to put in")
    parser.add_argument("out", type=Path, help="checkpoint to write, or to resume if it exists")
    parser.add_argument("--steps", type=int, default=Plan().steps)
    parser.add_argument("--seed", type=int, default=Plan().seed)
    parser.add_argument("--threads", type=int, default=1)
    told = parser.parse_args()
    torch.set_num_threads(told.threads)
    plan = Plan(steps=told.steps, seed=told.seed)
    train(Corpus.load(told.prepared), plan, told.out, told.vocoder)


if __name__ == "__main__":
    main()
