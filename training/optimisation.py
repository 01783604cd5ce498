"""What all trainings share: how learning rates move, and running means of weights."""

import math

import torch
from torch import nn


def rate_factor(step: int, steps: int, *, warm: int = 100, floor: float = 0.03) -> float:
    """Share of the highest learning rate: a short rise, then half a cosine down to `floor`."""
    falling = 0.5 * (1 + math.cos(math.pi * min(1.0, step / max(1, steps))))
    return min(1.0, (step + 1) / warm) * max(floor, falling)


def set_rate(optimiser: torch.optim.Optimizer, rate: float) -> None:
    """Set the learning rate of all parameters."""
    for group in optimiser.param_groups:
        group["lr"] = rate


def follow(mean: nn.Module, latest: nn.Module, share: float) -> None:
    """Move a running mean of weights: `share` of the old, the rest of the latest."""
    with torch.no_grad():
        for a, b in zip(mean.parameters(), latest.parameters(), strict=True):
            a.lerp_(b, 1 - share)
