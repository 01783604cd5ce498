"""Train the mel decoder and the vocoder together, against the sound they make.

Comes in: a checkpoint of `train_acoustic` (which holds the vocoder) or an earlier voice. Durations,
pitch and the token encoder stay; random windows of recordings are rendered twice and compared.

Every step seeds itself from the run's seed and its own number: a resumed run takes the same steps
as one that was never stopped.
"""

import argparse
import copy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from training import checkpoint, losses
from training.acoustic import Acoustic
from training.comparison import compare
from training.dataset import Corpus
from training.discriminators import Discriminators
from training.optimisation import follow, rate_factor, set_rate
from training.progress import Progress
from training.rendering import Filters
from training.vocoder import Vocoder
from training.windows import (
    DECODER_MARGIN,
    VOCODER_MARGIN,
    WIDE,
    WINDOW,
    Windows,
    WindowSource,
)


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run is told.

    Attributes:
        steps: In all, earlier runs of the same checkpoint included.
        batch: Windows a step.
        rate: Learning rate of decoder and vocoder, at its highest.
        discriminator_rate: Of the discriminators.
        phase: Weight of the phase distance.
        mel: Weight of the mel distance.
        adversarial: Weight of the discriminators' scores.
        matching: Weight of the distance of their features.
        averaging: Share of the old in the running mean of weights.
        seed: Of everything random.
    """

    steps: int = 4000
    batch: int = 8
    rate: float = 4e-4
    discriminator_rate: float = 8e-4
    phase: float = 0.5
    mel: float = 0.3
    adversarial: float = 1.0
    matching: float = 1.5
    averaging: float = 0.998
    seed: int = 1


class Generator(nn.Module):
    """Mel decoder and vocoder as one: windows in, filters and mel out."""

    def __init__(self, acoustic: Acoustic, vocoder: Vocoder) -> None:
        super().__init__()
        self.acoustic, self.vocoder = acoustic, vocoder

    def forward(self, w: Windows) -> tuple[Tensor, Filters]:
        """Log mel (wide) and the filters of the compared frames."""
        mel = self.acoustic.decode(w.states, w.pitch, w.voiced, w.mask)
        near = slice(DECODER_MARGIN - VOCODER_MARGIN, WIDE - DECODER_MARGIN + VOCODER_MARGIN)
        filters: Filters = self.vocoder(mel[:, near], w.log_f0[:, near], w.voiced[:, near])
        return mel, filters.frames(VOCODER_MARGIN, VOCODER_MARGIN + WINDOW)

    def moving(self) -> list[nn.Parameter]:
        """The weights that joint training changes."""
        return [*self.acoustic.decoder_parameters(), *self.vocoder.parameters()]


class JointTraining:
    """The state of a run: networks, their running mean, optimisers, step."""

    def __init__(self, plan: Plan, start: dict[str, Any]) -> None:
        self.plan, self.step = plan, 0
        acoustic = Acoustic(len(start["symbols"]))
        acoustic.load_state_dict(start["acoustic"])
        vocoder = Vocoder()
        vocoder.load_state_dict(start["vocoder"])
        self.symbols: list[str] = start["symbols"]
        self.generator = Generator(acoustic, vocoder)
        self.average = copy.deepcopy(self.generator).eval().requires_grad_(requires_grad=False)
        torch.manual_seed(plan.seed)
        self.discriminators = Discriminators()
        if "discriminators" in start:
            self.discriminators.load_state_dict(start["discriminators"])
        self._generator_steps = torch.optim.AdamW(
            self.generator.moving(), lr=plan.rate, betas=(0.8, 0.98), weight_decay=1e-3
        )
        self._discriminator_steps = torch.optim.AdamW(
            self.discriminators.parameters(),
            lr=plan.discriminator_rate,
            betas=(0.8, 0.98),
            weight_decay=1e-3,
        )
        if "generator_steps" in start:
            self.step = start["step"]
            self.average.load_state_dict(start["average"])
            self._generator_steps.load_state_dict(start["generator_steps"])
            self._discriminator_steps.load_state_dict(start["discriminator_steps"])

    def advance(self, source: WindowSource) -> dict[str, float]:
        """Take one step and return its losses."""
        plan = self.plan
        rng = np.random.default_rng([plan.seed, self.step])
        torch.manual_seed(plan.seed * 1_000_003 + self.step)
        set_rate(self._generator_steps, plan.rate * rate_factor(self.step, plan.steps))
        slower = rate_factor(self.step, plan.steps, floor=0.2)
        set_rate(self._discriminator_steps, plan.discriminator_rate * slower)
        windows = source.draw(rng, plan.batch)
        self.generator.train()
        mel, filters = self.generator(windows)
        parts, rendering = self._distances(windows, mel, filters)
        real, fake = self.discriminators(windows.samples), self.discriminators(rendering)
        told_apart = losses.discriminator_loss(real, fake)
        parts["fooled"], parts["matching"] = losses.adversarial_losses(real, fake)
        norm = self._update(parts, told_apart)
        self.step += 1
        share = min(plan.averaging, self.step / (self.step + 20))
        follow(self.average, self.generator, share)
        figures = {name: value.item() for name, value in parts.items()}
        return {**figures, "discriminator": told_apart.item(), "gradient": norm}

    def validate(self, source: WindowSource, batches: int = 4) -> dict[str, float]:
        """Distances of the mean network on fixed windows of held-out recordings."""
        sums: dict[str, float] = {}
        for i in range(batches):
            torch.manual_seed(i)
            windows = source.draw(np.random.default_rng(i), 10, held_out=True)
            with torch.no_grad():
                mel, filters = self.average(windows)
                parts, _ = self._distances(windows, mel, filters)
            for name, value in parts.items():
                sums[name] = sums.get(name, 0.0) + value.item() / batches
        return sums

    def state(self) -> dict[str, Any]:
        """All that resuming needs; "acoustic" and "vocoder" are the latest, not the mean."""
        return {
            "symbols": self.symbols,
            "acoustic": self.generator.acoustic.state_dict(),
            "vocoder": self.generator.vocoder.state_dict(),
            "average": self.average.state_dict(),
            "discriminators": self.discriminators.state_dict(),
            "generator_steps": self._generator_steps.state_dict(),
            "discriminator_steps": self._discriminator_steps.state_dict(),
            "step": self.step,
        }

    def voice(self) -> dict[str, Any]:
        """The mean network alone: what `export` takes."""
        return {
            "symbols": self.symbols,
            "acoustic": self.average.acoustic.state_dict(),
            "vocoder": self.average.vocoder.state_dict(),
            "step": self.step,
        }

    def _update(self, parts: dict[str, Tensor], told_apart: Tensor) -> float:
        """Step both sides from one pass through the discriminators; returns the gradient's norm."""
        weights = {
            "spectral": 1.0,
            "phase": self.plan.phase,
            "mel": self.plan.mel,
            "fooled": self.plan.adversarial,
            "matching": self.plan.matching,
        }
        loss = torch.stack([weights[name] * value for name, value in parts.items()]).sum()
        judges, makers = list(self.discriminators.parameters()), self.generator.moving()
        # Both gradients before either step: a step would change weights that the other still needs.
        judging = torch.autograd.grad(told_apart, judges, retain_graph=True)
        making = torch.autograd.grad(loss, makers)
        for parameters, gradients in ((judges, judging), (makers, making)):
            for parameter, gradient in zip(parameters, gradients, strict=True):
                parameter.grad = gradient
        nn.utils.clip_grad_norm_(judges, 2.0)
        norm = nn.utils.clip_grad_norm_(makers, 1.0)
        self._discriminator_steps.step()
        self._generator_steps.step()
        return norm.item()

    def _distances(
        self, w: Windows, mel: Tensor, filters: Filters
    ) -> tuple[dict[str, Tensor], Tensor]:
        distances, rendering = compare(w, filters)
        error = ((mel - w.mel) / self.generator.acoustic.mel_std).abs() * w.mask
        distances["mel"] = error.sum() / (w.mask.sum() * mel.shape[-1])
        return distances, rendering


def train(corpus: Corpus, plan: Plan, start: Path, out: Path, *, save_every: int = 100) -> None:
    """Run to the end of the plan; resumes from `out` if it is there."""
    state = checkpoint.load(out if out.exists() else start)
    run = JointTraining(plan, state)
    source = WindowSource(corpus, run.generator.acoustic)
    progress = Progress()
    recent: list[dict[str, float]] = []
    while run.step < plan.steps:
        recent.append(run.advance(source))
        if run.step % 50 == 0:
            mean = {name: sum(f[name] for f in recent) / len(recent) for name in recent[0]}
            progress.report(run.step, "training", mean)
            recent.clear()
        if run.step % save_every == 0 or run.step == plan.steps:
            checkpoint.save(out, run.state())
            checkpoint.save(out.with_name(f"{out.stem}-{run.step:06d}-voice.pt"), run.voice())
            progress.report(run.step, "held out", run.validate(source))


def main() -> None:
    """Read the command line and train."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("prepared", type=Path, help="folder written by training.prepare and .align")
    parser.add_argument("start", type=Path, help="checkpoint with an acoustic model and a vocoder")
    parser.add_argument("out", type=Path, help="checkpoint to write, or to resume if it exists")
    parser.add_argument("--threads", type=int, default=1)
    for name, value in Plan.__dataclass_fields__.items():
        parser.add_argument(
            f"--{name.replace('_', '-')}", type=type(value.default), default=value.default
        )
    told = vars(parser.parse_args())
    torch.set_num_threads(told.pop("threads"))
    corpus = Corpus.load(told.pop("prepared"))
    start, out = told.pop("start"), told.pop("out")
    train(corpus, Plan(**told), start, out)


if __name__ == "__main__":
    main()
