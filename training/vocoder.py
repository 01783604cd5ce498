"""The vocoder's network: mel spectrum, pitch and voicing → the filters of `rendering`."""

import numpy as np
import torch
from torch import Tensor, nn

from training.config import (
    GAIN_MAX,
    GAIN_MIN,
    N_BINS,
    N_FFT,
    N_MELS,
    NOISE_BINS,
    NOISE_N_FFT,
    NOISE_PER_FRAME,
    RATE_HZ,
    VocoderSize,
)
from training.features import mel_matrix
from training.layers import Block, DepthwiseConv
from training.rendering import Filters, minimum_phase_matrix

_N_NOISE = NOISE_PER_FRAME * NOISE_BINS


class Vocoder(nn.Module):
    """Learns corrections to gains that the mel spectrum itself already gives.

    So it speaks, hoarsely, before its first step.
    """

    bin_matrix: Tensor
    bin_offset: Tensor
    minimum_phase: Tensor
    voiced_noise_gain: Tensor
    voiced_noise_taper: Tensor

    def __init__(self, size: VocoderSize | None = None) -> None:
        super().__init__()
        self.size = size = size or VocoderSize()
        c = size.channels
        self.entry = nn.Linear(N_MELS + 2, c)
        self.entry_conv = DepthwiseConv(c, 5)
        self.entry_norm = nn.LayerNorm(c)
        self.blocks = nn.ModuleList(Block(c, 5, 2) for _ in range(size.blocks))
        self.norm = nn.LayerNorm(c)
        self.harmonic_head = nn.Linear(c, N_BINS)
        self.noise_head = nn.Linear(c, _N_NOISE)
        self.phase_head = nn.Linear(c, N_BINS)
        for head in (self.harmonic_head, self.noise_head, self.phase_head):
            nn.init.normal_(head.weight, std=0.004)
            nn.init.zeros_(head.bias)
        nn.init.constant_(self.noise_head.bias, -1.5)
        self.register_buffer("bin_matrix", mel_to_bins())
        self.register_buffer("bin_offset", torch.zeros(N_BINS))
        self.register_buffer("voiced_noise_gain", torch.zeros(()), persistent=False)
        taper = torch.clamp((8000 - torch.arange(NOISE_BINS) * RATE_HZ / NOISE_N_FFT) / 4000, 0, 1)
        self.register_buffer("voiced_noise_taper", taper.repeat(NOISE_PER_FRAME), persistent=False)
        self.frozen: tuple[Tensor, Tensor, Tensor] | None = None
        """`noise_map` as constants, set before a graph is traced: `carry` knows products only."""
        self.register_buffer("minimum_phase", minimum_phase_matrix(), persistent=False)

    def curves(self, mel: Tensor, log_f0: Tensor, voiced: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Harmonic gain, noise gain and phase correction: what the decoder graph gives.

        Args:
            mel: Log mel, shape (batch, frames, N_MELS).
            log_f0: Natural log of Hz, continuous, shape (batch, frames).
            voiced: 0 or 1, same shape.
        """
        x = torch.cat([(mel + 5) / 2.5, ((log_f0 - 5.25) * 4)[..., None], voiced[..., None]], -1)
        x = self.entry_norm(self.entry_conv(self.entry(x)))
        for block in self.blocks:
            x = block(x)
        x = self.norm(x)
        base = mel @ self.bin_matrix + self.bin_offset
        noise_matrix, noise_offset, voiced_noise = self.frozen or self.noise_map()
        noise_base = mel @ noise_matrix + noise_offset
        harmonic = torch.clamp(base + self.harmonic_head(x), GAIN_MIN, GAIN_MAX)
        noise = torch.clamp(noise_base + self.noise_head(x), GAIN_MIN, GAIN_MAX)
        # Calibration's gain, fading out from 4 to 8 kHz, where voices are noise anyway.
        noise = noise + voiced[..., None] * voiced_noise
        return harmonic, noise, self.phase_head(x)

    def noise_map(self) -> tuple[Tensor, Tensor, Tensor]:
        """Mel bands → noise bins (matrix, offset), and what voiced frames add to their noise."""
        step = N_FFT // NOISE_N_FFT
        return (
            self.bin_matrix[:, ::step].repeat(1, NOISE_PER_FRAME),
            self.bin_offset[::step].repeat(NOISE_PER_FRAME),
            self.voiced_noise_gain * self.voiced_noise_taper,
        )

    def forward(self, mel: Tensor, log_f0: Tensor, voiced: Tensor) -> Filters:
        """The filters of every frame; arguments as for `curves`."""
        harmonic, noise, phase = self.curves(mel, log_f0, voiced)
        # Detached: what is learned about phase must not bend the gains.
        return Filters(harmonic, noise, phase + harmonic.detach() @ self.minimum_phase)


def mel_to_bins() -> Tensor:
    """Interpolation from the centres of the mel bands to the bins, shape (N_MELS, N_BINS)."""
    bands = mel_matrix()
    centres = (bands * np.arange(N_BINS)).sum(1) / bands.sum(1)
    matrix = [np.interp(np.arange(N_BINS), centres, row) for row in np.eye(N_MELS)]
    return torch.from_numpy(np.stack(matrix).astype(np.float32))
