"""Train the vocoder alone, on the spectra of recordings.

Comes in: a prepared, aligned corpus. Every step seeds itself, see `train_joint`.
"""

import argparse
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from training import checkpoint
from training.comparison import compare
from training.dataset import Corpus
from training.optimisation import rate_factor, set_rate
from training.progress import Progress
from training.vocoder import Vocoder
from training.windows import DECODER_MARGIN, VOCODER_MARGIN, WIDE, WINDOW, WindowSource


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run is told.

    Attributes:
        steps: In all, earlier runs of the same checkpoint included.
        batch: Windows a step.
        rate: Learning rate at its highest.
        phase: Weight of the phase distance.
        seed: Of everything random.
    """

    steps: int = 8000
    batch: int = 12
    rate: float = 1.5e-3
    phase: float = 0.5
    seed: int = 1


class VocoderTraining:
    """The state of a run."""

    def __init__(self, plan: Plan, state: dict[str, Any] | None = None) -> None:
        self.plan, self.step = plan, 0
        torch.manual_seed(plan.seed)
        self.vocoder = Vocoder()
        self._steps = torch.optim.AdamW(
            self.vocoder.parameters(), lr=plan.rate, betas=(0.9, 0.98), weight_decay=1e-3
        )
        if state is not None:
            self.step = state["step"]
            self.vocoder.load_state_dict(state["vocoder"])
            self._steps.load_state_dict(state["steps"])

    def advance(self, source: WindowSource) -> dict[str, float]:
        """Take one step and return its losses."""
        plan = self.plan
        torch.manual_seed(plan.seed * 1_000_003 + self.step)
        w = source.draw(np.random.default_rng([plan.seed, self.step]), plan.batch)
        set_rate(self._steps, plan.rate * rate_factor(self.step, plan.steps))
        near = slice(DECODER_MARGIN - VOCODER_MARGIN, WIDE - DECODER_MARGIN + VOCODER_MARGIN)
        filters = self.vocoder(w.mel[:, near], w.log_f0[:, near], w.voiced[:, near])
        distances, _ = compare(w, filters.frames(VOCODER_MARGIN, VOCODER_MARGIN + WINDOW))
        self._steps.zero_grad()
        (distances["spectral"] + plan.phase * distances["phase"]).backward()  # type: ignore[no-untyped-call]  # torch
        nn.utils.clip_grad_norm_(self.vocoder.parameters(), 1.0)
        self._steps.step()
        self.step += 1
        return {name: value.item() for name, value in distances.items()}

    def state(self) -> dict[str, Any]:
        """All that resuming needs."""
        return {
            "vocoder": self.vocoder.state_dict(),
            "steps": self._steps.state_dict(),
            "step": self.step,
        }


def train(corpus: Corpus, plan: Plan, out: Path, *, save_every: int = 100) -> None:
    """Run to the end of the plan; resumes from `out` if it is there."""
    run = VocoderTraining(plan, checkpoint.load(out) if out.exists() else None)
    source = WindowSource(corpus)
    progress = Progress()
    while run.step < plan.steps:
        figures = run.advance(source)
        if run.step % 50 == 0:
            progress.report(run.step, "training", figures)
        if run.step % save_every == 0 or run.step == plan.steps:
            checkpoint.save(out, run.state())


def main() -> None:
    """Read the command line and train."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("prepared", type=Path, help="folder written by training.prepare and .align")
    parser.add_argument("out", type=Path, help="checkpoint to write, or to resume if it exists")
    parser.add_argument("--steps", type=int, default=Plan().steps)
    parser.add_argument("--seed", type=int, default=Plan().seed)
    parser.add_argument("--threads", type=int, default=1)
    told = parser.parse_args()
    torch.set_num_threads(told.threads)
    train(Corpus.load(told.prepared), Plan(steps=told.steps, seed=told.seed), told.out)


if __name__ == "__main__":
    main()
