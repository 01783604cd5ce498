"""The prosody predictor: how long each token lasts and how high it lies.

Small, much regularised and several of a kind: 1,142 sentences are few for it, and the mean of
networks that differ only in their seed errs less than any of them.
"""

from dataclasses import asdict

import torch
from torch import Tensor, nn
from torch.nn import functional

from training.config import N_FEATURES, VOWEL_STRESSES, ProsodySize
from training.layers import Block


class ProsodyMember(nn.Module):
    """One network: tokens → log duration and pitch."""

    def __init__(self, n_symbols: int, size: ProsodySize) -> None:
        super().__init__()
        c = size.channels
        self.symbol = nn.Embedding(n_symbols, c)
        self.stress = nn.Embedding(VOWEL_STRESSES, c)
        self.feature = nn.Linear(N_FEATURES, c)
        nn.init.normal_(self.symbol.weight, std=0.5)
        nn.init.normal_(self.stress.weight, std=0.3)
        self.blocks = nn.ModuleList(Block(c, 7, 2, size.dropout) for _ in range(size.blocks))
        self.norm = nn.LayerNorm(c)
        self.head = nn.Linear(c, 2)
        self.dropout = size.dropout

    def forward(
        self, symbols: Tensor, stress: Tensor, features: Tensor, mask: Tensor | None = None
    ) -> Tensor:
        """Shape (batch, tokens, 2): log(frames + 1), pitch in standard deviations."""
        x = self.symbol(symbols) + self.stress(stress) + self.feature(features)
        x = functional.dropout(x, self.dropout / 2, self.training)
        x = x if mask is None else x * mask
        for block in self.blocks:
            x = block(x, mask)
        result: Tensor = self.head(self.norm(x))
        return result


class Prosody(nn.Module):
    """The mean of several members."""

    def __init__(self, n_symbols: int, size: ProsodySize | None = None) -> None:
        super().__init__()
        self.size = size = size or ProsodySize()
        self.members = nn.ModuleList(ProsodyMember(n_symbols, size) for _ in range(size.members))

    def settings(self) -> dict[str, int | float]:
        """The sizes, to be stored beside the weights."""
        return asdict(self.size)

    def forward(
        self, symbols: Tensor, stress: Tensor, features: Tensor, mask: Tensor | None = None
    ) -> tuple[Tensor, Tensor]:
        """Log(frames + 1) and pitch of each token; arguments as for `Acoustic.encode`."""
        each = torch.stack([m(symbols, stress, features, mask) for m in self.members])
        mean = each.mean(0)
        return mean[..., 0], mean[..., 1]
