"""Train the prosody predictor: durations and pitch of tokens, several members of different seeds.

Comes in: a prepared, aligned corpus. Each member learns from all training sentences but a twentieth
of its own, by which it picks its best epoch: no held-out recording has a say.
"""

import argparse
import copy
import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pad_sequence

from training import checkpoint
from training.config import ProsodySize
from training.dataset import Corpus, Utterance
from training.optimisation import follow, rate_factor, set_rate
from training.progress import say
from training.prosody import Prosody, ProsodyMember

PITCH_WEIGHT = 0.3
_UNVOICED_WEIGHT = 0.05
"""What the pitch of a token without voice counts: nearly nothing, but it must not run away."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run is told.

    Attributes:
        epochs: Passes over the sentences.
        batch: Sentences a step.
        rate: Learning rate at its highest.
        decay: Weight decay.
        averaging: Share of the old in the running mean of weights.
        blanks: Share of tokens whose symbol is hidden in training.
        seed: Of the first member.
    """

    epochs: int = 24
    batch: int = 24
    rate: float = 2e-3
    decay: float = 0.05
    averaging: float = 0.99
    blanks: float = 0.05
    seed: int = 1


@dataclass(frozen=True, slots=True)
class Sentences:
    """A padded batch.

    Attributes:
        symbols: int64, shape (batch, tokens).
        stress: int64, likewise.
        features: float32, shape (batch, tokens, N_FEATURES).
        mask: 1 where a token is real, shape (batch, tokens, 1).
        durations: Log(frames + 1), shape (batch, tokens).
        pitch: In standard deviations, likewise.
        weight: How much each pitch counts, likewise.
    """

    symbols: Tensor
    stress: Tensor
    features: Tensor
    mask: Tensor
    durations: Tensor
    pitch: Tensor
    weight: Tensor


def rows_of(corpus: Corpus, u: Utterance) -> tuple[Tensor, ...]:
    """One utterance as the fields of `Sentences`, without a batch dimension."""
    symbols, stress, features = (x[0] for x in corpus.inputs(u))
    pitch, share = corpus.token_pitch(u)
    return (
        symbols,
        stress,
        features,
        torch.ones(len(symbols), 1),
        torch.log(torch.from_numpy(u.durations).float() + 1),
        torch.from_numpy(pitch),
        torch.from_numpy(share) + _UNVOICED_WEIGHT,
    )


def batch_of(rows: list[tuple[Tensor, ...]]) -> Sentences:
    """Pad utterances to one length."""
    return Sentences(*(pad_sequence(list(c), batch_first=True) for c in zip(*rows, strict=True)))


def errors(predicted: Tensor, b: Sentences) -> tuple[Tensor, Tensor]:
    """Mean squared errors of log duration and of pitch, over real tokens."""
    mask = b.mask[..., 0]
    duration = ((predicted[..., 0] - b.durations).square() * mask).sum() / mask.sum()
    weight = b.weight * mask
    pitch = ((predicted[..., 1] - b.pitch).square() * weight).sum() / weight.sum()
    return duration, pitch


class MemberTraining:
    """The training of one member, from its seed to its best epoch."""

    def __init__(self, corpus: Corpus, size: ProsodySize, plan: Plan, seed: int) -> None:
        self.plan, self.rng = plan, np.random.default_rng(seed)
        torch.manual_seed(seed)
        self.member = ProsodyMember(len(corpus.symbols), size)
        texts = sorted({u.text for u in corpus.training})
        chosen = set(self.rng.permutation(texts)[: max(1, len(texts) // 20)])
        self.pool = [rows_of(corpus, u) for u in corpus.training if u.text not in chosen]
        tested = [rows_of(corpus, u) for u in corpus.training if u.text in chosen]
        self.tests = [batch_of(tested[i : i + 16]) for i in range(0, len(tested), 16)]

    def run(self) -> tuple[dict[str, Tensor], float]:
        """Train; return the weights of the best epoch and their error."""
        plan = self.plan
        mean = copy.deepcopy(self.member).eval()
        optimiser = torch.optim.AdamW(
            self.member.parameters(), lr=plan.rate, weight_decay=plan.decay
        )
        best, kept, step = math.inf, copy.deepcopy(mean.state_dict()), 0
        for epoch in range(plan.epochs):
            self.member.train()
            for chosen in self._batches():
                warm = min(1.0, (step + 1) / 50)
                falling = rate_factor(epoch, plan.epochs, warm=1, floor=0.05)
                set_rate(optimiser, plan.rate * warm * falling)
                self._step(optimiser, chosen)
                step += 1
                follow(mean, self.member, plan.averaging if step > 50 else 0.5)
            error = self.test(mean)
            if error < best:
                best, kept = error, copy.deepcopy(mean.state_dict())
        return kept, best

    def test(self, member: nn.Module) -> float:
        """The weighted error on the sentences kept back."""
        with torch.no_grad():
            each = [errors(member(b.symbols, b.stress, b.features, b.mask), b) for b in self.tests]
        duration, pitch = (torch.stack(column).mean().item() for column in zip(*each, strict=True))
        return duration + PITCH_WEIGHT * pitch

    def _batches(self) -> Iterator[Sentences]:
        order = self.rng.permutation(len(self.pool))
        for at in range(0, len(order), self.plan.batch):
            yield batch_of([self.pool[i] for i in order[at : at + self.plan.batch]])

    def _step(self, optimiser: torch.optim.Optimizer, b: Sentences) -> None:
        hidden = torch.rand(b.symbols.shape) < self.plan.blanks
        symbols = torch.where(hidden, torch.zeros_like(b.symbols), b.symbols)
        duration, pitch = errors(self.member(symbols, b.stress, b.features, b.mask), b)
        optimiser.zero_grad()
        (duration + PITCH_WEIGHT * pitch).backward()  # type: ignore[no-untyped-call]  # torch
        nn.utils.clip_grad_norm_(self.member.parameters(), 1.0)
        optimiser.step()


def train(corpus: Corpus, size: ProsodySize, plan: Plan, out: Path) -> None:
    """Train the members one by one, saving after each; resumes from `out` if it is there."""
    state: dict[str, Any] = {"symbols": corpus.symbols, "members": []}
    if out.exists():
        state = checkpoint.load(out)
    prosody = Prosody(len(corpus.symbols), size)
    for i in range(len(state["members"]), size.members):
        weights, error = MemberTraining(corpus, size, plan, plan.seed + i).run()
        state["members"].append(weights)
        checkpoint.save(out, state)
        say(f"member {i + 1} of {size.members}: error {error:.4f}")
    for member, weights in zip(prosody.members, state["members"], strict=True):
        member.load_state_dict(weights)
    state.update(prosody=prosody.state_dict(), size=prosody.settings())
    checkpoint.save(out, state)
    say(f"held out: {held_out_errors(corpus, prosody.eval())}")


def held_out_errors(corpus: Corpus, prosody: Prosody) -> dict[str, float]:
    """Mean squared errors on held-out recordings."""
    held = corpus.held_out
    each = []
    for at in range(0, len(held), 16):
        b = batch_of([rows_of(corpus, u) for u in held[at : at + 16]])
        with torch.no_grad():
            predicted = torch.stack(prosody(b.symbols, b.stress, b.features, b.mask), -1)
        each.append(errors(predicted, b))
    duration, pitch = (torch.stack(column).mean().item() for column in zip(*each, strict=True))
    return {"log_duration": duration, "pitch": pitch}


def main() -> None:
    """Read the command line and train."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("prepared", type=Path, help="folder written by training.prepare and .align")
    parser.add_argument("out", type=Path, help="checkpoint to write, or to resume if it exists")
    parser.add_argument("--members", type=int, default=ProsodySize().members)
    parser.add_argument("--epochs", type=int, default=Plan().epochs)
    parser.add_argument("--threads", type=int, default=1)
    told = parser.parse_args()
    torch.set_num_threads(told.threads)
    size = ProsodySize(members=told.members)
    train(Corpus.load(told.prepared), size, Plan(epochs=told.epochs), told.out)


if __name__ == "__main__":
    main()
