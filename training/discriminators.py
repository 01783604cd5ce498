"""Networks that learn to tell recordings from renderings, by spectra at four resolutions.

They see log magnitudes in bands, one matrix product a band: no two-dimensional convolution, which
is slow on CPUs.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional

from training.layers import DepthwiseConv
from training.rendering import magnitude

RESOLUTIONS = ((2048, 8), (1024, 8), (512, 8), (256, 4))
"""(n_fft, bands) of each."""
_SLOPE = 0.1


class BandDiscriminator(nn.Module):
    """Scores every band of every frame at one resolution; hop n_fft / 4."""

    window: Tensor

    def __init__(self, n_fft: int, n_bands: int, channels: int = 96, depth: int = 3) -> None:
        super().__init__()
        self.n_fft, self.n_bands = n_fft, n_bands
        self.register_buffer("window", torch.hann_window(n_fft), persistent=False)
        self.entry = nn.Linear(3 * (n_fft // 2 // n_bands), channels)
        self.band = nn.Parameter(torch.randn(n_bands, channels) * 0.1)
        self.convs = nn.ModuleList(DepthwiseConv(channels, 3) for _ in range(depth))
        self.mixes = nn.ModuleList(nn.Linear(2 * channels, channels) for _ in range(depth))
        self.head = nn.Linear(channels, 1)

    def forward(self, samples: Tensor) -> tuple[Tensor, list[Tensor]]:
        """Scores (1 for a recording) and the features of each layer."""
        spectrum = magnitude(samples, self.n_fft, self.n_fft // 4, self.window)
        logs = torch.log(spectrum[..., : self.n_fft // 2].clamp_min(1e-3)) * 0.4
        batch, frames, bins = logs.shape
        bands = logs.view(batch, frames, self.n_bands, bins // self.n_bands).transpose(1, 2)
        triples = torch.cat([bands[:, :, :-2], bands[:, :, 1:-1], bands[:, :, 2:]], -1)
        x = functional.leaky_relu(self.entry(triples) + self.band[:, None], _SLOPE)
        features = [x]
        for conv, mix in zip(self.convs, self.mixes, strict=True):
            y = conv(x.flatten(0, 1)).view(x.shape)
            above, below = (
                functional.pad(y[:, 1:], (0, 0, 0, 0, 0, 1)),
                functional.pad(y[:, :-1], (0, 0, 0, 0, 1, 0)),
            )
            x = x + functional.leaky_relu(mix(torch.cat([y, above + below], -1)), _SLOPE)
            features.append(x)
        return self.head(x), features


class Discriminators(nn.Module):
    """One `BandDiscriminator` a resolution."""

    def __init__(self, channels: int = 96) -> None:
        super().__init__()
        self.each = nn.ModuleList(BandDiscriminator(n, b, channels) for n, b in RESOLUTIONS)

    def forward(self, samples: Tensor) -> list[tuple[Tensor, list[Tensor]]]:
        """Scores and features of each resolution."""
        return [d(samples) for d in self.each]
