"""Building blocks of every network here: a depthwise convolution that is fast on CPUs, one block.

Tensors are `float32, shape (batch, time, channels)`: channels last, so that all else is a matrix
product, the one thing that CPUs do quickly.
"""

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional


class _ShiftedSum(torch.autograd.Function):
    """Depthwise convolution as a sum of shifted products, in place.

    Three to five times as fast, forward and backward, as `conv1d` with groups on two CPU cores at
    these sizes, because no copy of the input is made per tap.
    """

    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
        half, n = weight.shape[0] // 2, x.shape[1]
        y = torch.addcmul(bias, x, weight[half])
        for tap in range(weight.shape[0]):
            if tap != half:
                out, source = _overlap(n, tap - half)
                y[:, out].addcmul_(x[:, source], weight[tap])
        ctx.save_for_backward(x, weight)
        return y

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        x, weight = ctx.saved_tensors
        (grad,) = grads
        half, n = weight.shape[0] // 2, x.shape[1]
        grad_x, grad_weight = grad * weight[half], torch.empty_like(weight)
        for tap in range(weight.shape[0]):
            out, source = _overlap(n, tap - half)
            if tap != half:
                grad_x[:, source].addcmul_(grad[:, out], weight[tap])
            grad_weight[tap] = (x[:, source] * grad[:, out]).sum((0, 1))
        return grad_x, grad_weight, grad.sum((0, 1))


def _overlap(n: int, shift: int) -> tuple[slice, slice]:
    """The output and input ranges of one tap that lie inside a signal of n steps."""
    if shift >= 0:
        return slice(0, max(n - shift, 0)), slice(min(shift, n), n)
    return slice(min(-shift, n), n), slice(0, max(n + shift, 0))


class DepthwiseConv(nn.Module):
    """Convolution of each channel with its own kernel, zero-padded to keep the length."""

    def __init__(self, channels: int, width: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(width, channels) / width**0.5)
        self.bias = nn.Parameter(torch.zeros(channels))
        self.exporting = False
        """Set while a graph is traced: ONNX knows a convolution, not our sum."""

    def forward(self, x: Tensor) -> Tensor:
        """Convolve `x` along time."""
        if self.exporting or x.is_cuda:
            # A picture of one line: onnxruntime has a layout for depthwise convolutions of pictures
            # that makes them three times as fast as those of sequences.
            y = functional.conv2d(
                x[:, None].permute(0, 3, 1, 2),
                self.weight.t()[:, None, None],
                self.bias,
                padding=(0, self.weight.shape[0] // 2),
                groups=self.weight.shape[1],
            )
            return y.permute(0, 2, 3, 1).squeeze(1)
        result: Tensor = _ShiftedSum.apply(  # type: ignore[no-untyped-call]  # torch
            x, self.weight, self.bias
        )
        return result


class Block(nn.Module):
    """One ConvNeXt block: depthwise convolution, norm, two products, scaled and added.

    Liu et al., *A ConvNet for the 2020s* (2022), with SiLU and a start scale of 0.3.
    """

    def __init__(self, channels: int, width: int, growth: int, dropout: float = 0.0) -> None:
        super().__init__()
        self.conv = DepthwiseConv(channels, width)
        self.norm = nn.LayerNorm(channels)
        self.up = nn.Linear(channels, channels * growth)
        self.down = nn.Linear(channels * growth, channels)
        self.scale = nn.Parameter(torch.full((channels,), 0.3))
        self.dropout = dropout
        self.is_folded = False

    @torch.no_grad()
    def fold(self) -> None:
        """Move the scale into the second product: one step less in a graph that only speaks."""
        self.down.weight.mul_(self.scale[:, None])
        self.down.bias.mul_(self.scale)
        self.scale.fill_(1.0)
        self.is_folded = True

    def forward(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        """Refine `x`; `mask` (batch, time, 1) keeps the steps that are padding at zero."""
        y: Tensor = functional.silu(self.up(self.norm(self.conv(x))))
        y = functional.dropout(y, self.dropout, self.training)
        y = self.down(y)
        y = x + (y if self.is_folded else self.scale * y)
        return y if mask is None else y * mask
